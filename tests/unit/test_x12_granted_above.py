"""What an event of several lines grants or limits for all of them, where nobody asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, outcome_of, request, response, trn, words

CERTIFIED, MODIFIED, UNKNOWN = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN
OFTEN = {"frequency": {"times": 1, "every": 3, "period": "week", "count": 6}}
STAY = {"quantity": {"value": 3, "unit": "days"}}
VISITS = {"quantity": {"value": 6, "unit": "visits"}}


def granted(hsd: str, drug: dict[str, Any], infusion: dict[str, Any], services: list[list[str]]) -> Outcome:
    of = request(lines=[line(id="drug", **drug), line("96413", "cpt", id="infusion", **infusion)])
    return outcome_of(response(EVENT, "HCR*A1*AUTH1", hsd, services=services), of=of)


SERVICES = [[trn(1), "SV1*HC:J9271**UN*200"], [trn(2), "SV1*HC:96413**UN*200"]]


@pytest.mark.parametrize("services", [[], SERVICES[:1], SERVICES])
@pytest.mark.parametrize("hsd", ["HSD*VS*1", "HSD*VS*900", "HSD*UN*399", "HSD**400", "HSD*VS*1*WK*3", "HSD*VS***35*9"])
def test_what_was_not_asked_for_at_the_event_modifies_every_line(hsd: str, services: list[list[str]]) -> None:
    outcome = granted(hsd, {}, {}, services)
    assert words(outcome) == {"drug": MODIFIED, "infusion": MODIFIED}
    assert outcome.attention is Attention.OPERATOR


@pytest.mark.parametrize("services", [[], SERVICES[:1], SERVICES])
@pytest.mark.parametrize("hsd", ["HSD*VS*0", "HSD*VS*0*WK*3", "HSD*UN*0.0", "HSD*VS*MANY"])
def test_nothing_granted_at_the_event_grants_no_line(hsd: str, services: list[list[str]]) -> None:
    outcome = granted(hsd, {}, {}, services)
    assert words(outcome) == {"drug": UNKNOWN, "infusion": UNKNOWN}
    assert {(result.quantity, result.authorization_number) for result in outcome.lines} == {(None, None)}
    assert outcome.attention is Attention.OPERATOR


@pytest.mark.parametrize(
    ("hsd", "drug", "infusion"),
    [
        ("HSD*VS*1*WK*3*35*18", OFTEN, OFTEN),
        ("HSD*VS*6", VISITS, VISITS),
        ("HSD*VS*12", VISITS, VISITS),
        ("HSD*UN*400", {}, {}),
        # The days of the stay, which one line asked for.
        ("HSD*DY*3", STAY, {}),
        ("HSD*DY*4", STAY, {}),
    ],
)
def test_what_the_lines_asked_for_repeated_at_the_event_limits_nothing(
    hsd: str, drug: dict[str, Any], infusion: dict[str, Any]
) -> None:
    outcome = granted(hsd, drug, infusion, [])
    assert words(outcome) == {"drug": CERTIFIED, "infusion": CERTIFIED}
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize(
    ("hsd", "drug", "infusion"),
    [
        ("HSD*VS*1*WK*3*35*18", OFTEN, {}),
        ("HSD*VS*1*WK*3*35*9", OFTEN, OFTEN),
        ("HSD*VS*11", VISITS, VISITS),
        ("HSD*DY*2", STAY, {}),
    ],
)
def test_less_than_the_lines_asked_for_or_what_one_of_them_did_not_modifies_them(
    hsd: str, drug: dict[str, Any], infusion: dict[str, Any]
) -> None:
    outcome = granted(hsd, drug, infusion, [])
    assert words(outcome) == {"drug": MODIFIED, "infusion": MODIFIED}


def test_a_line_of_several_services_is_modified_by_its_event_too() -> None:
    of = request(lines=[line(id="drug")])
    half = [trn(1), "SV1*HC:J9271**UN*100"]
    for hsd, outcome in (("HSD*VS*1", MODIFIED), ("HSD*VS*0", UNKNOWN), ("HSD*UN*200", CERTIFIED)):
        found = outcome_of(response(EVENT, "HCR*A1*AUTH1", hsd, services=[half, half]), of=of)
        assert words(found)["drug"] is outcome


def test_what_is_not_granted_is_not_limited() -> None:
    denied = outcome_of(response(EVENT, "HCR*A3**0F", "HSD*VS*0"))
    assert set(words(denied).values()) == {LineOutcome.NOT_CERTIFIED}
    assert denied.attention is Attention.NONE
