"""A frequency that the payer grants where none was asked for: what it adds up to, over the days that are granted."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, of_line, outcome_of, request, response, trn

ENOUGH = (LineOutcome.CERTIFIED, Attention.NONE)
LESS = (LineOutcome.CERTIFIED_MODIFIED, Attention.OPERATOR)
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
"""Thirty-one days: five weeks begin in them."""
SUMMER = {"start": "2026-03-01", "end": "2026-08-31"}
VISITS = {"value": 12, "unit": "visits"}


def granted(
    hsd: str, *, dates: dict[str, str], quantity: dict[str, Any] | None = None, event: tuple[str, ...] = ()
) -> Outcome:
    """One line of 12 visits, unless told, certified in total with this HSD."""
    of = request(lines=[line("97110", "cpt", id="it", quantity=quantity or VISITS, dates=dates)])
    services = [[trn(1), "SV1*HC:97110", hsd]]
    return outcome_of(response(EVENT, "HCR*A1*AUTH1", *event, services=services), of=of)


def result(found: Outcome) -> tuple[LineOutcome, Attention]:
    return of_line(found, "it").outcome, found.attention


@pytest.mark.parametrize(
    ("hsd", "dates", "found"),
    [
        ("HSD*VS*1*WK", MARCH, LESS),
        ("HSD*VS*2*WK", MARCH, LESS),
        ("HSD*VS*3*WK", MARCH, ENOUGH),
        # Five weeks of which the last has two days only.
        ("HSD*VS*2.4*WK", {"start": "2026-03-01", "end": "2026-03-30"}, ENOUGH),
        ("HSD*VS*2.4*WK", {"start": "2026-03-01", "end": "2026-03-28"}, LESS),
        ("HSD*vs*2*mo", SUMMER, ENOUGH),
        ("HSD*VS*2*MO", {"start": "2026-03-01", "end": "2026-07-31"}, LESS),
        # Of a month that is begun as much can be had as of a whole one.
        ("HSD*VS*2*MO", {"start": "2026-03-15", "end": "2026-08-15"}, ENOUGH),
        ("HSD*VS*2*MO", {"start": "2026-03-15", "end": "2026-08-14"}, LESS),
        ("HSD*VS*1*DA", {"start": "2026-03-01", "end": "2026-03-12"}, ENOUGH),
        ("HSD*VS*1*DA", {"start": "2026-03-01", "end": "2026-03-11"}, LESS),
        # Every second week: three times in five weeks.
        ("HSD*VS*4*WK*2", MARCH, ENOUGH),
        ("HSD*VS*3*WK*2", MARCH, LESS),
        # For so long.
        ("HSD*VS*3*WK**35*4", MARCH, ENOUGH),
        ("HSD*VS*3*WK**35*3", MARCH, LESS),
        ("HSD*VS*3*WK**7*22", MARCH, ENOUGH),
        ("HSD*VS*3*WK**7*21", MARCH, LESS),
        ("HSD*VS*3*WK**34*1", MARCH, ENOUGH),
        ("HSD*VS*2*MO**34*6", SUMMER, ENOUGH),
        ("HSD*VS*2*MO**34*5", SUMMER, LESS),
        ("HSD*VS*6*MO**34*1", {"start": "2026-01-31", "end": "2026-08-31"}, LESS),
        # Longer than was asked for gives no more of it.
        ("HSD*VS*2*WK**35*6", MARCH, LESS),
        # A length alone bounds days that have no end.
        ("HSD*VS*2*WK**35*6", {"start": "2026-03-01"}, ENOUGH),
        ("HSD*VS*2*WK**35*5", {"start": "2026-03-01"}, LESS),
    ],
)
def test_a_frequency_nobody_asked_for_must_add_up_to_what_was_asked_for(
    hsd: str, dates: dict[str, str], found: tuple[LineOutcome, Attention]
) -> None:
    outcome = granted(hsd, dates=dates)
    assert result(outcome) == found
    assert ("adds up to less than was asked for" in (outcome.attention_why or "")) is (found == LESS)


@pytest.mark.parametrize(
    ("hsd", "dates"),
    [
        # No end, an unknown unit of time, another unit than visits, or no number.
        ("HSD*VS*9*WK", {"start": "2026-03-01"}),
        ("HSD*VS*99*YR", MARCH),
        ("HSD*VS*99*WK**21*1", MARCH),
        ("HSD*VS*99*WK**35", MARCH),
        ("HSD*VS*99*WK***4", MARCH),
        ("HSD*VS*99*WK**35*1.5", MARCH),
        ("HSD*VS*99***34*1", MARCH),
        ("HSD*UN*99*WK", MARCH),
        ("HSD*DY*99*WK", MARCH),
        ("HSD*ZZ*99*WK", MARCH),
        ("HSD***WK", MARCH),
        ("HSD*VS*99*WK*0", MARCH),
        ("HSD*VS*99*WK*SOME", MARCH),
        # On some days of the week only.
        ("HSD*VS*99*WK****A", MARCH),
        ("HSD*******G", MARCH),
        # Beyond the calendar.
        ("HSD*VS*99*MO**34*999", {"start": "9998-03-01"}),
        ("HSD*VS*99*DA**7*999", {"start": "9998-03-01"}),
    ],
)
def test_a_frequency_that_cannot_be_added_up_is_a_modification_and_a_person_looks(
    hsd: str, dates: dict[str, str]
) -> None:
    outcome = granted(hsd, dates=dates)
    assert result(outcome) == LESS
    assert "cannot be told what it adds up to" in (outcome.attention_why or "")


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ((), ENOUGH),
        (("DTP*007*RD8*20260201-20261231",), ENOUGH),
        # Fewer days are a modification by themselves; nobody need look for these.
        (("DTP*007*RD8*20260301-20260325",), (LineOutcome.CERTIFIED_MODIFIED, Attention.NONE)),
        (("DTP*007*RD8*20260301-20260321",), LESS),
        (("DTP*036*D8*20260321",), LESS),
        (("DTP*007*D8*20260311",), LESS),
        (("DTP*007*RD8*20250301-20250331",), LESS),
        # The day of an admission bounds nothing; a stay does.
        (("DTP*435*D8*20260301",), ENOUGH),
        (("DTP*435*RD8*20260301-20260302",), LESS),
    ],
)
def test_it_adds_up_over_the_days_that_are_both_asked_for_and_granted(
    event: tuple[str, ...], found: tuple[LineOutcome, Attention]
) -> None:
    assert result(granted("HSD*VS*3*WK", dates=MARCH, event=event)) == found


def test_units_are_added_up_like_visits_and_the_number_of_the_service_does_not_hide_it() -> None:
    of = request(lines=[line(id="it", dates=SUMMER)])
    for rate, found in (("HSD*UN*10*MO", LESS), ("HSD*UN*34*MO", ENOUGH), ("HSD*EA*34*MO", ENOUGH)):
        for services, above in ([[[trn(1), "SV1*HC:J9271**UN*200", rate]], ()], [[], (rate,)]):
            assert result(outcome_of(response(EVENT, "HCR*A1*AUTH1", *above, services=services), of=of)) == found


def test_a_rate_of_nothing_grants_nothing() -> None:
    assert result(granted("HSD*VS*0*WK", dates=MARCH)) == (LineOutcome.UNKNOWN, Attention.OPERATOR)
