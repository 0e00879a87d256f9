"""Certified in total, and yet for less than was asked for: in whatever unit, segment or frequency the payer says it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, of_line, outcome_of, request, response, trn

CERTIFIED, MODIFIED = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED


def certified(*service: str, event: tuple[str, ...] = (), **asked: Any) -> Outcome:
    """What became of a request of one line, 200 units unless told, that was certified in total with this answer."""
    of = request(lines=[line(id="drug", **asked)])
    return outcome_of(response(EVENT, "HCR*A1*AUTH1", *event, services=[[trn(1), *service]]), of=of)


def result(found: Outcome) -> tuple[LineOutcome, Attention]:
    return of_line(found, "drug").outcome, found.attention


@pytest.mark.parametrize("unit", ["UN", "un", "Un", "EA", "ea"])
def test_a_unit_is_known_in_any_case_and_by_its_other_name(unit: str) -> None:
    found = certified(f"SV1*HC:J9271**{unit}*5")
    assert result(found) == (MODIFIED, Attention.NONE)
    quantity = of_line(found, "drug").quantity
    assert quantity is not None
    assert (str(quantity.value), quantity.unit) == ("5", "units")


@pytest.mark.parametrize("segment", ["SV1*HC:J9271***5***1", "SV2*0636*HC:J9271***5", "HSD**5", "HSD**201"])
def test_another_number_without_a_unit_calls_a_person(segment: str) -> None:
    found = certified("SV1*HC:J9271", segment) if segment.startswith("HSD") else certified(segment)
    assert result(found) == (CERTIFIED, Attention.OPERATOR)
    assert "not in the unit asked for" in (found.attention_why or "")
    # Five of nobody knows what is no quantity.
    assert of_line(found, "drug").quantity is None


@pytest.mark.parametrize("number", ["100", "200", "1000"])
@pytest.mark.parametrize("unit", ["ME", "XX", "MJ", "F2", "DA"])
def test_any_number_in_another_unit_than_asked_for_calls_a_person(unit: str, number: str) -> None:
    found = certified(f"SV1*HC:J9271**{unit}*{number}")
    assert result(found) == (CERTIFIED, Attention.OPERATOR)
    assert "not in the unit asked for" in (found.attention_why or "")


@pytest.mark.parametrize("segment", ["SV1*HC:J9271**UN*3", "SV1*HC:J9271**UN*6", "SV2*0636*HC:J9271**DA*6"])
def test_units_or_days_where_visits_were_asked_for_call_a_person(segment: str) -> None:
    found = certified(segment, quantity={"value": 6, "unit": "visits"})
    assert result(found) == (CERTIFIED, Attention.OPERATOR)


def test_visits_beside_the_units_asked_for_call_a_person_unless_the_frequency_adds_up_to_them() -> None:
    assert result(certified("SV1*HC:J9271**UN*200", "HSD*VS*6")) == (CERTIFIED, Attention.OPERATOR)
    found = certified("SV1*HC:J9271**UN*200", "HSD*VS*6", frequency=EVERY_THIRD_WEEK)
    assert result(found) == (CERTIFIED, Attention.NONE)


@pytest.mark.parametrize("segment", ["SV2*0636*HC:J9271**DA*6", "HSD*DY*6", "HSD*DA*6"])
def test_a_unit_with_two_codes_is_the_same_by_either(segment: str) -> None:
    assert result(certified(segment, quantity={"value": 6, "unit": "days"})) == (CERTIFIED, Attention.NONE)


@pytest.mark.parametrize(
    "answer",
    [
        ["SV1*HC:J9271**UN*200", "SV1*HC:J9271**UN*100"],
        ["SV1*HC:J9271**UN*100", "SV1*HC:J9271**UN*200"],
        ["SV1*HC:J9271**UN*200", "SV2*0636***UN*200", "SV2*0636***UN*100"],
    ],
)
def test_of_several_amounts_in_a_service_the_least_counts(answer: list[str]) -> None:
    found = certified(*answer)
    assert result(found)[0] is MODIFIED
    quantity = of_line(found, "drug").quantity
    assert quantity is not None
    assert quantity.value == 100


def test_of_several_hsd_in_a_service_the_least_counts() -> None:
    found = certified("SV1*HC:J9271", "HSD*VS*6", "HSD*VS*2", quantity={"value": 6, "unit": "visits"})
    assert result(found)[0] is MODIFIED


def test_a_second_amount_that_cannot_be_read_leaves_the_line_unknown() -> None:
    found = certified("SV1*HC:J9271**UN*200", "SV1*HC:J9271**UN*1,100")
    assert result(found) == (LineOutcome.UNKNOWN, Attention.OPERATOR)


EVERY_THIRD_WEEK = {"times": 1, "every": 3, "period": "week", "count": 6}
"""Sent as ``HSD*VS*1*WK*3*35*18``."""


@pytest.mark.parametrize(
    "hsd",
    [
        "HSD*VS*1*WK*3*35*3",
        "HSD*vs*1*wk*3*35*17",
        # Fewer in all of the time is seldomer, and so is once in every fourth week.
        "HSD*VS*1*WK*4*35*18",
        "HSD*VS*1*WK*4",
        "HSD*VS*.5*WK*3*35*18",
    ],
)
@pytest.mark.parametrize("unit", ["units", "visits"])
def test_a_frequency_below_the_one_sent_is_a_modification_and_a_person_looks(hsd: str, unit: str) -> None:
    asked = {"value": 6, "unit": unit}
    found = certified("SV1*HC:J9271", hsd, quantity=asked, frequency=EVERY_THIRD_WEEK)
    assert result(found) == (MODIFIED, Attention.OPERATOR)
    assert "less often, or for a shorter time" in (found.attention_why or "")


@pytest.mark.parametrize(
    "hsd",
    ["HSD*VS*1*WK*3*35*18", "HSD*VS*01*WK*3*35*18", "HSD*VS*1*WK*2*35*20", "HSD*VS*2*WK*3*35*18", "HSD*VS*1*WK*3"],
)
def test_the_frequency_sent_or_a_higher_one_is_certified(hsd: str) -> None:
    found = certified("SV1*HC:J9271**UN*200", hsd, frequency=EVERY_THIRD_WEEK)
    assert result(found) == (CERTIFIED, Attention.NONE)


@pytest.mark.parametrize(
    "hsd",
    [
        "HSD*VS*1*MO*1*34*4",
        "HSD*DY*1*WK*3*35*18",
        "HSD*VS*1*WK*3*34*3",
        "HSD*VS*1*WK*3*35*SOME",
        "HSD*VS*1*WK*3**3",
        "HSD***WK*3*35*3",
        "HSD*VS*1*WK*3*35*18*A",
    ],
)
def test_a_frequency_of_another_shape_than_the_one_sent_is_a_modification_and_a_person_looks(hsd: str) -> None:
    found = certified("SV1*HC:J9271**UN*200", hsd, frequency=EVERY_THIRD_WEEK)
    assert result(found) == (MODIFIED, Attention.OPERATOR)


def test_fewer_visits_than_the_frequency_adds_up_to_call_a_person() -> None:
    found = certified("SV1*HC:J9271**UN*200", "HSD*VS*3", frequency=EVERY_THIRD_WEEK)
    assert result(found) == (CERTIFIED, Attention.OPERATOR)


def test_so_many_in_a_week_are_no_quantity() -> None:
    visits = {"value": 6, "unit": "visits"}
    found = certified("SV1*HC:J9271", "HSD*VS*1*WK*3*35*18", quantity=visits, frequency=EVERY_THIRD_WEEK)
    assert of_line(found, "drug").quantity is None
    after = certified("SV1*HC:J9271", "HSD*VS*1*WK*3*35*18", "HSD*VS*6", quantity=visits, frequency=EVERY_THIRD_WEEK)
    quantity = of_line(after, "drug").quantity
    assert quantity is not None
    assert (str(quantity.value), quantity.unit) == ("6", "visits")


def test_a_length_of_time_that_nobody_asked_for_is_a_modification_and_a_person_looks() -> None:
    open_ended = {"times": 2, "period": "week"}
    for hsd in ("HSD*VS*2*WK**35*4", "HSD*VS*2*WK**  *4"):
        found = certified("SV1*HC:J9271**UN*200", hsd, frequency=open_ended)
        assert result(found) == (MODIFIED, Attention.OPERATOR)


def test_a_lower_frequency_at_the_event_of_one_service_counts_for_it() -> None:
    found = certified("SV1*HC:J9271**UN*200", event=("HSD*VS*1*WK*3*35*3",), frequency=EVERY_THIRD_WEEK)
    assert result(found)[0] is MODIFIED
