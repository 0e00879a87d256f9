"""Lines of one code, answered without their traces, by a payer that changed what usually tells them apart."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.request import PARequest
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, outcome_of, request, response, words

CERTIFIED, MODIFIED, UNKNOWN = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN
DENIED = LineOutcome.NOT_CERTIFIED
CODE = "SV1*HC:J9271"
AMOUNTS = ({"quantity": {"value": 40}}, {"quantity": {"value": 50}})
DAYS = (
    {"dates": {"start": "2026-03-01", "end": "2026-05-31"}},
    {"dates": {"start": "2026-06-01", "end": "2026-08-31"}},
)
PLACES: tuple[dict[str, Any], dict[str, Any]] = ({"place_of_service": "11"}, {})
OFTEN = ({"frequency": {"times": 1, "period": "week"}}, {"frequency": {"times": 2, "period": "week"}})


def asked_for(*lines: dict[str, Any]) -> PARequest:
    return request(lines=[line(id=name, **over) for name, over in zip("abc", lines, strict=False)])


def told(lines: tuple[dict[str, Any], ...], *services: list[str], event: str = "HCR*A2*AUTH1") -> tuple[Any, Attention]:
    """What became of each line, and who is called, whichever service comes first."""
    of = asked_for(*lines)
    there, back = (
        outcome_of(response(EVENT, event, services=order), of=of) for order in (services, [*reversed(services)])
    )
    assert {name: word for name, word in words(there).items() if name} == {
        name: word for name, word in words(back).items() if name
    }
    return tuple(words(there)[each.id] for each in of.lines), there.attention


@pytest.mark.parametrize(
    ("lines", "one", "other"),
    [
        (AMOUNTS, ["HCR*A3**0F", f"{CODE}**UN*0"], ["HCR*A6", f"{CODE}**UN*40"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A6", f"{CODE}**UN*40"]),
        (AMOUNTS, ["HCR*A3**0F", f"{CODE}**UN*30"], ["HCR*A6", f"{CODE}**UN*40"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A1", f"{CODE}**UN*30"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A1", f"{CODE}***40"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A1", f"{CODE}**UN*40", "HSD*VS*3"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A2", f"{CODE}**UN*40"]),
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A1", "UM*HS*I**11:B", f"{CODE}**UN*40"]),
        (DAYS, ["HCR*A3**0F", CODE], ["HCR*A6", "DTP*472*RD8*20260601-20260831", CODE]),
        (DAYS, ["HCR*A3**0F", CODE], ["HCR*A1", "DTP*472*RD8*20260601-20260731", CODE]),
        (PLACES, ["HCR*A3**0F", CODE], ["HCR*A6", "UM*HS*I**11:B", CODE]),
        (OFTEN, ["HCR*A3**0F", CODE], ["HCR*A1", CODE, "HSD*VS*3*WK"]),
        # A decision that nobody knows might be one to change it.
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*ZZ", f"{CODE}**UN*40"]),
        # Two denials: which line is to be argued how, under which number?
        (AMOUNTS, ["HCR*A3**0F", CODE], ["HCR*A3**0V", CODE]),
        (AMOUNTS, ["HCR*A3*REVIEW1*0F", CODE], ["HCR*A3*REVIEW2*0F", CODE]),
    ],
)
def test_what_a_payer_may_have_changed_does_not_tell_lines_apart(
    lines: tuple[dict[str, Any], dict[str, Any]], one: list[str], other: list[str]
) -> None:
    assert told(lines, one, other) == ((UNKNOWN, UNKNOWN), Attention.OPERATOR)


@pytest.mark.parametrize(
    ("lines", "exact", "last", "outcomes"),
    [
        (AMOUNTS, ["HCR*A1", f"{CODE}**UN*50"], ["HCR*A6", f"{CODE}**UN*30"], (MODIFIED, CERTIFIED)),
        (AMOUNTS, ["HCR*A1", f"{CODE}**UN*50"], ["HCR*A3**0F", CODE], (DENIED, CERTIFIED)),
        (AMOUNTS, ["HCR*A3**0F", f"{CODE}**UN*50"], ["HCR*A6", f"{CODE}**UN*30"], (MODIFIED, DENIED)),
        (DAYS, ["HCR*A1", "DTP*472*D8*20260301", CODE], ["HCR*A3**0F", CODE], (CERTIFIED, DENIED)),
        (PLACES, ["HCR*A1", "UM*HS*I**22:B", CODE], ["HCR*A3**0F", CODE], (DENIED, CERTIFIED)),
        (OFTEN, ["HCR*A1", CODE, "HSD*VS*2*WK"], ["HCR*A3**0F", CODE], (DENIED, CERTIFIED)),
        # Other modifiers are another service: these tell lines apart although both were changed.
        (
            ({"modifiers": ["RT"]}, {"modifiers": ["LT"]}),
            ["HCR*A6", f"{CODE}:RT**UN*20"],
            ["HCR*A6", f"{CODE}:LT**UN*30"],
            (MODIFIED, MODIFIED),
        ),
    ],
)
def test_a_service_that_repeats_one_line_is_that_line_and_the_last_one_the_other(
    lines: tuple[dict[str, Any], dict[str, Any]],
    exact: list[str],
    last: list[str],
    outcomes: tuple[LineOutcome, LineOutcome],
) -> None:
    assert told(lines, exact, last) == (outcomes, Attention.NONE)


def test_one_service_of_two_lines_is_told_where_it_repeats_one_of_them_unchanged() -> None:
    for word, first in (("A3**0F", DENIED), ("A6", UNKNOWN)):
        (of_first, of_second), _ = told(AMOUNTS, [f"HCR*{word}", f"{CODE}**UN*40"], event="HCR*A1*AUTH1")
        assert (of_first, of_second) == (first, UNKNOWN if first is UNKNOWN else CERTIFIED)


def test_an_event_that_is_changed_may_have_changed_any_service_that_it_grants() -> None:
    services = [["HCR*A1", f"{CODE}**UN*40"], ["HCR*A3**0F", CODE]]
    assert told(AMOUNTS, *services, event="HCR*A6*AUTH1")[1] is Attention.OPERATOR
    assert told(AMOUNTS, *services)[0] == (CERTIFIED, DENIED)


def test_an_events_word_does_not_reach_lines_of_which_a_service_says_otherwise() -> None:
    services = [["HCR*A1", CODE], ["HCR*A3**0F", CODE]]
    for event in ("HCR*A3**0F", "HCR*A4", "HCR*A1*AUTH1"):
        assert told(AMOUNTS, *services, event=event) == ((UNKNOWN, UNKNOWN), Attention.OPERATOR)


def test_services_that_are_denied_alike_need_not_be_told_apart() -> None:
    service = ["HCR*A3**0F", f"{CODE}**UN*0"]
    assert told(AMOUNTS, service, service) == ((DENIED, DENIED), Attention.NONE)
    assert told(AMOUNTS, service, service, event="HCR*A1*AUTH1") == ((DENIED, DENIED), Attention.NONE)


def test_fewer_services_than_lines_are_told_apart_although_they_are_denied() -> None:
    assert told(AMOUNTS, ["HCR*A3**0F", CODE]) == ((UNKNOWN, UNKNOWN), Attention.OPERATOR)
