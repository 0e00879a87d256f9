"""The worksheet of a visit: every fact of a request is in a field, in a note, or told as lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.request import PARequest
from tests.strategies import requests
from tests.unit.portal_material import bench, cases

_CARRIED = re.compile(
    r"/(reference|intent|review)"
    r"|/patient/(last_name|first_name|birth_date)|/requester/(npi|contact/phone)|/site/place_of_service|/urgency/level"
    r"|/coverages/[0-9]/(payer|member_id)|/diagnoses/[0-9]+/code|/servicing/[0-9]+/(npi|role)"
    r"|/lines/[0-9]/(id|role|code/.*|quantity/.*|dates/.*)|/attachments/[0-9]/.*"
)
"""What a field of either site may hold."""


def leaves(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, f"{at}/{name}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, f"{at}/{place}")
    else:
        yield at


def filled(name: str, request: PARequest) -> tuple[dict[str, str], set[str]]:
    """The fields by their names, and pointers to what is told as lost or noted."""
    case = cases()[name]
    stamp = case.file.stamp
    assert stamp is not None
    frame = first_frame(bench().adapter("portal").submit(request, bench().destination(case), stamp))
    fields = {each["field"]: each["value"] for each in json.loads(frame.document or b"")["fields"]}
    return fields, {loss.pointer for loss in frame.losses}


@pytest.mark.parametrize("name", ["ironwood_filed", "juniper_filed"])
def test_every_fact_of_any_request_is_carried_or_told(name: str) -> None:
    """Any request, but for the lines and documents, which the sites are particular about."""
    sample = cases()[name].request
    assert sample is not None
    plain = sample.model_dump(mode="json", exclude_defaults=True)
    kept = {field: plain[field] for field in ("lines", "attachments", "site")}
    said = 0

    @settings(max_examples=settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(requests(payer=cases()[name].file.payer))
    def holds(value: dict[str, Any]) -> None:
        nonlocal said
        requester = {
            **value["requester"],
            "contact": {**(value["requester"].get("contact") or {}), "phone": "5705550142"},
        }
        try:
            first = {"requester": requester, "intent": "initial", "previous_decision": None}
            request = PARequest.model_validate({**value, **kept, **first})
            _, lost = filled(name, request)
        except (CannotExpress, ValidationError):
            return
        said += 1
        for leaf in leaves(request.model_dump(mode="json", exclude_defaults=True, exclude_none=True)):
            parts = leaf.split("/")
            above = {"/".join(parts[:depth]) for depth in range(2, len(parts) + 1)}
            assert above & lost or _CARRIED.fullmatch(leaf), leaf

    holds()
    assert said > 10


def test_what_has_no_field_is_noted_as_long_as_there_is_room() -> None:
    request = cases()["ironwood_filed"].request
    assert request is not None
    for note, kept in (("short", "note"), ("x" * 1200, "dropped")):
        case = cases()["ironwood_filed"]
        assert case.file.stamp is not None
        changed = request.model_copy(update={"note": note})
        frame = first_frame(bench().adapter("portal").submit(changed, bench().destination(case), case.file.stamp))
        assert {loss.kept for loss in frame.losses if loss.pointer == "/note"} == {kept}


def test_the_member_id_is_written_as_the_site_has_it_and_the_dates_too() -> None:
    request = cases()["ironwood_filed"].request
    assert request is not None
    fields, _ = filled("ironwood_filed", request)
    assert fields["Member ID"] == "SIMAPPROVE01"
    assert fields["Date of birth"] == "07/22/1971"
    assert fields["Service dates"] == "12/01/2026 to 03/31/2027"
