"""Payers that delegate as real ones do, each a copy of one that is shipped, but for its rules of benefits."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.running.house import write_mappings
from tests.running.requests import compose
from tests.unit.api_house import House

Json = dict[str, Any]
HOLDS: Json = {"effective": {"start": "2026-01-01"}, "source": "a test"}
ONCOLOGY = [{"system": "hcpcs", "first": "J9000", "last": "J9999"}]
CANCER = {"first": "C00", "last": "D49"}
VENDOR = "oncology_vendor"


def delegation(name: str, payer: str = VENDOR, **over: Any) -> Json:
    return {"delegation": name, "benefit": "medical", "payer": payer, **HOLDS} | over


def write_payers(folder: Path, payers: Mapping[str, Json], *, like: str = "evergreen_health") -> None:
    """Adds payers to a copy of the profiles, or replaces parts of one that is there."""
    for payer, over in payers.items():
        path = folder / "payers" / f"{payer}.yaml"
        origin = path if path.exists() else path.with_name(f"{like}.yaml")
        # A value that stands twice would be written as an alias, which profiles may not have.
        made = copy.deepcopy(yaml.safe_load(origin.read_text()) | {"payer": payer} | over)
        path.write_text(yaml.dump(made, Dumper=_Plain))


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def written(folder: Path, payers: Mapping[str, Json]) -> Path:
    """A copy of the profiles that come with the gateway, with these payers."""
    write_mappings(folder, {})
    write_payers(folder, payers)
    return folder


def wanted(payer: str, *more: Json, **over: Any) -> Json:
    """A request for an infused cancer drug, with ``more`` lines."""
    request = compose("EVGROUTES", payer=payer) | over
    first = request["lines"][0]
    request["lines"] += [{**first, **line, "id": str(number)} for number, line in enumerate(more, start=2)]
    return request


async def previewed(house: House, request: Json) -> Json:
    answer = await house.call("POST", "/v1/preview", request)
    assert answer.status == 200, await answer.text()
    shown: Json = await answer.json()
    again = await (await house.call("POST", "/v1/preview", request)).json()
    assert again["decision"] == shown["decision"], "it is decided the same again"
    return shown


async def asked(house: House, request: Json) -> dict[str, str]:
    """Who is asked, by line."""
    decision = (await previewed(house, request))["decision"]
    assert decision["unrouted"] == [], decision["unrouted"]
    return {line: plan["payer"] for plan in decision["plans"] for line in plan["line_ids"]}


async def question(house: House, request: Json) -> tuple[str, str]:
    """What is asked of the practice before anything goes anywhere: the field, and what to send."""
    decision = (await previewed(house, request))["decision"]
    assert decision["plans"] == []
    [why] = {(gap["why"]["pointer"], gap["why"]["fix"]) for gap in decision["unrouted"]}
    return why


async def step(house: House, request: Json) -> Json:
    """What the rule of delegations found for the first line."""
    decision = (await previewed(house, request))["decision"]
    [found] = [one for one in decision["sides"][0]["steps"] if one["rule"] == "delegated"]
    return dict(found)
