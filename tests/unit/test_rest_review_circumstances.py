"""The service-review API has no members for the circumstances of a request: each is told to a person, and reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.rest_review import ADAPTER
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from tests.unit.review_material import REQUEST, STAMP, TO, request, with_lines
from tests.x12_material import line

SUPPLIER = {"role": "supplier", "npi": "1245319599", "last_name": "Sample Pharmacy"}


def said(asked: Any) -> tuple[str, dict[str, str]]:
    """The notes to the payer's people, and the losses by pointer."""
    frame = first_frame(ADAPTER.submit(asked, TO, STAMP))
    notes = json.loads(frame.redacted()).get("providerNotes", [])
    return " ".join(note["message"] for note in notes), {loss.pointer: loss.kept for loss in frame.losses}


@pytest.mark.parametrize(
    ("over", "pointer", "words"),
    [
        ({"care": "chemotherapy"}, "/care", "Care: chemotherapy."),
        ({"late_because": "natural_disaster"}, "/late_because", "Late because: natural disaster."),
        ({"previous_review": "RV-1"}, "/previous_review", "Earlier review: RV-1."),
        (
            {"accident": {"occurred_on": "2026-02-01", "causes": ["auto", "work"], "state": "PA"}},
            "/accident",
            "occurred on 2026-02-01; causes auto, work; state PA",
        ),
        (
            {"review": "admission", "admission": {"admitted_on": "2026-03-01", "kind": "elective"}},
            "/admission",
            "admitted on 2026-03-01; kind elective",
        ),
        (
            {"home_care": {"started_on": "2026-03-01"}, "facts": {"prognosis": "good"}},
            "/home_care",
            "started on 2026-03-01",
        ),
        ({"diagnoses": [{"code": "M17.11"}, {"code": "E11.9", "kind": "visit_reason"}]}, "/diagnoses/1/kind", "E11.9"),
    ],
)
def test_a_circumstance_is_told_to_a_person_and_reported(over: dict[str, Any], pointer: str, words: str) -> None:
    notes, losses = said(request(**over))
    assert words in notes
    assert losses[pointer] == "note"


def test_what_only_a_line_has_is_reported_at_the_line() -> None:
    frequency = {"times": 2, "period": "week", "weekdays": ["monday", "friday"], "time_of_day": "morning"}
    notes, losses = said(with_lines([line(revenue_code="0636", frequency=frequency)]))
    assert "revenue code 0636" in notes
    assert "on monday, friday, morning" in notes
    assert losses["/lines/0/revenue_code"] == losses["/lines/0/frequency"] == "note"


def test_a_place_or_a_provider_that_is_not_the_requests_is_refused_at_the_line() -> None:
    with pytest.raises(CannotExpress) as caught:
        said(with_lines([line(), line("J9035", place_of_service="12", servicing=[SUPPLIER])]))
    assert [item.pointer for item in caught.value.items] == ["/lines/1/place_of_service", "/lines/1/servicing/0"]
    assert all(item.fix for item in caught.value.items)
    own = REQUEST.servicing[0].model_dump(mode="json", exclude_none=True)
    _, losses = said(with_lines([line(place_of_service=REQUEST.site.place_of_service, servicing=[own])]))
    assert losses["/lines/0/servicing/0"] == "dropped"


def test_a_dental_code_is_refused_at_its_place() -> None:
    with pytest.raises(CannotExpress) as caught:
        said(with_lines([line("D7140", "cdt", teeth=[{"number": "3"}])]))
    assert [item.pointer for item in caught.value.items] == ["/lines/0/code"]
