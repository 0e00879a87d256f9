"""The circumstances of a request: what is ambiguous or contradicts itself is told at its place, with the fix."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model.faults import faults_of
from gateway.model.request import PARequest
from tests.x12_material import line, request

STAY = {"admitted_on": "2026-03-01"}
HOME = {"started_on": "2026-03-01"}
SURGEON = {"role": "operating", "npi": "1245319599", "last_name": "Mockford"}


def document(**over: Any) -> dict[str, Any]:
    return request().model_dump(mode="json") | over


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"admission": STAY}, "/admission"),
        ({"review": "admission", "admission": STAY | {"discharged_on": "2026-02-28"}}, "/admission/discharged_on"),
        ({"home_care": HOME}, "/facts/prognosis"),
        ({"accident": {"occurred_on": "2026-02-01", "causes": []}}, "/accident/causes"),
        ({"accident": {"occurred_on": "2026-02-01", "causes": ["work", "work"]}}, "/accident/causes"),
        ({"accident": {"occurred_on": "2026-02-01", "causes": ["auto"]}}, "/accident/state"),
        ({"accident": {"occurred_on": "2026-02-01", "causes": ["auto"], "state": "ZZ"}}, "/accident/state"),
        ({"diagnoses": [{"code": "M17.11", "kind": "admitting"}, {"code": "E11.9"}]}, "/diagnoses/0/kind"),
        ({"intent": "appeal"}, "/previous_authorization"),
        ({"lines": [line("0120", "revenue", revenue_code="0120")]}, "/lines/0/revenue_code"),
        ({"lines": [line("27447", "cpt", teeth=[{"number": "3"}])]}, "/lines/0/teeth"),
        ({"lines": [line("D7140", "cdt", teeth=[{"number": "3"}, {"number": "3"}])]}, "/lines/0/teeth"),
        ({"lines": [line("D7140", "cdt", teeth=[{"number": "33"}])]}, "/lines/0/teeth/0/number"),
        ({"lines": [line("7140", "cdt")]}, "/lines/0/code/code"),
        (
            {"lines": [line(frequency={"times": 2, "period": "week", "weekdays": ["monday", "monday"]})]},
            "/lines/0/frequency/weekdays",
        ),
        ({"lines": [line(servicing=[SURGEON] * 11)]}, "/lines/0/servicing"),
    ],
)
def test_what_cannot_be_is_one_fault_at_its_place(over: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PARequest.model_validate(document(**over))
    [fault] = faults_of(caught.value)
    assert fault.pointer == pointer
    assert fault.message.endswith(".")
    assert fault.fix.endswith(".")


@pytest.mark.parametrize(
    "over",
    [
        {"review": "admission", "admission": STAY},
        {"review": "admission"},
        {"home_care": HOME, "facts": {"prognosis": "good"}},
        {"accident": {"occurred_on": "2026-02-01", "causes": ["work"]}},
        {"intent": "appeal", "previous_review": "RV-1"},
        {"lines": [line("J9271", revenue_code="0636", servicing=[SURGEON])]},
        {"lines": [line("d7140", "cdt", teeth=[{"number": "A", "surfaces": ["mesial"]}])]},
    ],
)
def test_what_can_be_is_taken(over: dict[str, Any]) -> None:
    PARequest.model_validate(document(**over))


def test_weekdays_come_out_in_the_order_of_the_week() -> None:
    frequency = {"times": 2, "period": "week", "weekdays": ["friday", "monday"]}
    wanted = request(lines=[line(frequency=frequency)])
    assert wanted.lines[0].frequency is not None
    assert wanted.lines[0].frequency.weekdays == ("monday", "friday")


def test_a_request_kept_before_there_were_circumstances_reads_as_it_was() -> None:
    new = {"care", "admission", "home_care", "accident", "late_because", "previous_review"}
    kept = {name: part for name, part in document().items() if name not in new}
    kept["lines"] = [
        {name: part for name, part in each.items() if name not in {"revenue_code", "servicing", "teeth"}}
        for each in kept["lines"]
    ]
    assert PARequest.model_validate(kept) == request()
