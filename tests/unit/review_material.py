"""What tests of the service-review channel are made of: a destination, a request, and reviews as the API gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from adapters.rest_review import ADAPTER
from adapters.rest_review.settings import ConnectionSettings, PayerSettings
from gateway.contract.adapter import Change, ChangeKind, Filed, Stamp
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.contract.drive import drive, first_frame
from gateway.contract.frames import Reply
from gateway.model.outcome import Outcome, Reference, ReferenceKind
from gateway.model.request import PARequest
from tests.running.requests import compose

CODES = Path(__file__).parents[2] / "mappings" / "codes"
ENDPOINT = "https://network.example/v2/service-reviews"
STAMP = Stamp(at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC), number=7, seed="0123456789abcdef" * 2)
ID = "0" * 60 + "1234"


@cache
def tables() -> dict[str, CodeTable]:
    found = (CodeTable.model_validate(yaml.safe_load(path.read_text())) for path in CODES.glob("*.yaml"))
    return {table.table: table for table in found if table.table in ADAPTER.code_tables}


def destination(mode: Mode = Mode.TEST, **settings: Any) -> Destination:
    return Destination(
        payer="fernbrook_health",
        payer_name="Fernbrook Health",
        connection="demo_reviews",
        mode=mode,
        endpoint=ENDPOINT,
        payer_settings=PayerSettings(payer_id="FERN", max_lines=3),
        connection_settings=ConnectionSettings(**settings),
        tables=tables(),
    )


TO = destination()


def request(lines: int = 2, **over: Any) -> PARequest:
    return PARequest.model_validate(compose("SIMCASE01", payer="fernbrook_health", lines=lines) | over)


REQUEST = request()
FILED = Filed(request=REQUEST, stamp=STAMP, references=(Reference(kind=ReferenceKind.REVIEW, value=ID),))


def reply(value: Any = None, status: int = 200, kind: str = "application/json", **headers: str) -> Reply:
    body = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
    return Reply(status, (("content-type", kind), *((k.replace("_", "-"), v) for k, v in headers.items())), body)


def submitted(heard: Reply) -> Outcome:
    return drive(ADAPTER.submit(REQUEST, TO, STAMP), lambda frame: heard)


def inquired(heard: Reply, filed: Filed = FILED, to: Destination = TO) -> Outcome:
    return drive(ADAPTER.inquire(filed, to, STAMP), lambda frame: heard)


def cancelled(heard: Reply) -> Outcome:
    return drive(ADAPTER.amend(FILED, Change(kind=ChangeKind.CANCEL), TO, STAMP), lambda frame: heard)


def procedures(*over: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the request as the API gives them back, each with more."""
    [frame] = [first_frame(ADAPTER.submit(REQUEST, TO, STAMP))]
    told = json.loads(frame.redacted())["procedures"]
    return [{**said, **more} for said, more in zip(told, over, strict=False)]


def review(status: str | None = "A1", *over: dict[str, Any], **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"id": ID, "subscriber": {"memberId": "SIMCASE01"}, **more}
    if status is not None:
        told["statusCode"] = status
    return told | ({"procedures": procedures(*over)} if over else {})


def outcomes(outcome: Outcome) -> list[str]:
    return [line.outcome.value for line in outcome.lines]


def with_lines(lines: list[dict[str, Any]]) -> PARequest:
    return PARequest.model_validate(compose("SIMCASE01", payer="fernbrook_health") | {"lines": lines})
