"""JSON Schema (2020-12) of what goes in and what comes out, with examples that parse.

``python -m gateway.model.schema request`` prints one. Knows the models; decides nothing about them.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import Any, Literal, get_args

from gateway.model.outcome import Outcome
from gateway.model.record import Record
from gateway.model.request import PARequest

Kind = Literal["request", "outcome"]
_MODELS: dict[Kind, type[Record]] = {"request": PARequest, "outcome": Outcome}


def schema(kind: Kind) -> dict[str, Any]:
    """The schema of a request as it is sent, or of an outcome as it is journaled."""
    mode: Literal["validation", "serialization"] = "validation" if kind == "request" else "serialization"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:payer-gateway:schema:{kind}",
        **_MODELS[kind].model_json_schema(mode=mode),
        "examples": list(examples(kind).values()),
    }


def examples(kind: Kind) -> dict[str, Any]:
    """The examples of a kind by name, as parsed JSON. The people in them do not exist."""
    folder = files("gateway.model") / "examples" / kind
    found = {item.name.removesuffix(".json"): item for item in folder.iterdir() if item.name.endswith(".json")}
    return {name: json.loads(found[name].read_text()) for name in sorted(found)}


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in get_args(Kind):
        sys.exit("usage: python -m gateway.model.schema request|outcome")
    print(json.dumps(schema("request" if kind == "request" else "outcome"), indent=2))


if __name__ == "__main__":
    main()
