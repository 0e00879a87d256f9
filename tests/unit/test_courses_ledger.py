"""The ledger of authorizations: what is booked, what is told apart, and that nothing is drawn that was not granted."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.courses.grant import Grant
from gateway.courses.ledger import Ledger, Misfit, Wanted, keep
from gateway.courses.measure import Amount, measured, same_service
from gateway.courses.treatment import KEPT, Treatment
from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.model.line import CodeSystem, ServiceCode
from gateway.profiles.library import Library
from tests.courses import DRUG, FIRST, NOTHING_KNOWN, OTHER, day, given, grant, terms

LATELY = date(2026, 12, 1)


def booked(ledger: Ledger) -> dict[str, tuple[str, str]]:
    """By event, the case and line it is booked on."""
    return {
        held.event: (str(account.grant.case_id), account.grant.line_id)
        for account in ledger.accounts
        for held in account.bookings
    }


@st.composite
def grants(draw: st.DrawFn, versions: int = 3) -> list[Grant]:
    found = []
    for n in range(1, draw(st.integers(1, 3)) + 1):
        start, length = draw(st.integers(0, 300)), draw(st.integers(10, 300))
        decided = []
        for since in sorted(draw(st.sets(st.integers(0, 500), min_size=1, max_size=versions))):
            quantity = draw(st.one_of(st.none(), st.integers(1, 1500)))
            fields: dict[str, Any] = {
                "granted": bool(not decided or draw(st.integers(0, 4))),
                "place_of_service": draw(st.sampled_from(("11", "22", None))),
                "number": f"AUTH-{n}",
                "start": day(start),
                "end": day(start + length),
            }
            decided.append(terms(quantity, since=since, **fields))
        found.append(grant(*decided, n=n))
    return found


@st.composite
def uses(draw: st.DrawFn) -> list[Treatment]:
    numbers = st.tuples(
        st.integers(0, 540), st.integers(1, 500), st.sampled_from(("11", "22")), st.sampled_from((DRUG, OTHER))
    )
    return [
        given(f"E{n}", on, quantity, place_of_service=place, code=code)
        for n, (on, quantity, place, code) in enumerate(draw(st.lists(numbers, max_size=25)))
    ]


@over(grants(), uses())
def test_nothing_is_drawn_that_no_terms_of_the_authorization_grant(
    granted: list[Grant], events: list[Treatment]
) -> None:
    ledger = keep(granted, events, NOTHING_KNOWN)
    by_id = {event.id: event for event in events}
    for account in ledger.accounts:
        versions = account.grant.versions
        total = sum((held.amount.value for held in account.bookings), Decimal(0))
        assert total <= max(one.quantity or 0 for one in versions)
        for held in account.bookings:
            event = by_id[held.event]
            assert event.code == account.grant.terms.code
            assert any(
                one.granted
                and one.start <= event.on <= one.end
                and one.place_of_service in (None, event.place_of_service)
                for one in versions
                if one.start and one.end
            )
        left = account.left(NOTHING_KNOWN)
        assert left is None or left >= 0


@over(grants(), uses())
def test_every_use_is_booked_once_or_told_apart(granted: list[Grant], events: list[Treatment]) -> None:
    ledger = keep(granted, events, NOTHING_KNOWN)
    names = [held.event for account in ledger.accounts for held in account.bookings]
    assert sorted([*names, *ledger.apart]) == sorted(event.id for event in events)


@over(grants(), uses(), st.randoms(use_true_random=False))
def test_the_order_and_number_of_tellings_do_not_count(
    granted: list[Grant], events: list[Treatment], dice: Any
) -> None:
    told = [*events, *dice.choices(events, k=len(events) // 2)] if events else []
    dice.shuffle(told)
    mixed = list(granted)
    dice.shuffle(mixed)
    assert booked(keep(mixed, told, NOTHING_KNOWN)) == booked(keep(granted, events, NOTHING_KNOWN))


@over(grants(versions=1), uses(), st.integers(0, 500), st.one_of(st.none(), st.integers(1, 2000)), st.booleans())
def test_a_superseding_decision_changes_the_grant_and_never_what_was_used(
    granted: list[Grant], events: list[Treatment], since: int, quantity: int | None, stays: bool
) -> None:
    [first, *others] = granted
    decided = (first.terms.since.date() - FIRST).days + 1 + since
    later = terms(quantity, since=decided, granted=stays, end=day(600), number="AUTH-NEW")
    changed = Grant(**{**vars(first), "versions": (*first.versions, later)})
    used = booked(keep(granted, [event for event in events if event.on < day(decided)], NOTHING_KNOWN))
    after = booked(keep([changed, *others], events, NOTHING_KNOWN))
    assert {name: after.get(name) for name in used} == used


def why(granted: Grant, event: Treatment, *earlier: Treatment) -> Misfit | None:
    ledger = keep([granted], earlier, NOTHING_KNOWN)
    return ledger.misfit(ledger.accounts[0], Wanted.of(event), event.place)


@pytest.mark.parametrize(
    ("versions", "event", "misfit"),
    [
        ([terms(600)], given("E", 5), None),
        ([terms(600)], given("E", 5, 601), Misfit.USED_UP),
        ([terms(600)], given("E", 541), Misfit.AFTER_ITS_END),
        ([terms(600, start=day(9))], given("E", 5), Misfit.BEFORE_ITS_START),
        ([terms(600)], given("E", 5, place_of_service="22"), Misfit.OTHER_PLACE),
        ([terms(600, provider_npi="1234567893")], given("E", 5, provider_npi="1982000006"), Misfit.OTHER_PROVIDER),
        ([terms(600, unit="visits")], given("E", 5), Misfit.UNITS_DIFFER),
        ([terms(None)], given("E", 5), Misfit.QUANTITY_NOT_KNOWN),
        ([terms(600), terms(600, since=3, granted=False)], given("E", 5), Misfit.WITHDRAWN),
    ],
)
def test_what_does_not_fit_says_why(versions: list[Any], event: Treatment, misfit: Misfit | None) -> None:
    assert why(grant(*versions), event) is misfit
    ledger = keep([grant(*versions)], [event], NOTHING_KNOWN)
    assert (event.id in ledger.apart) is (misfit is not None)


def test_what_happened_first_is_booked_first_whenever_it_was_told() -> None:
    events = [given("A", 40, 400), given("B", 10, 300)]
    for told in (events, events[::-1]):
        assert set(keep([grant(terms(600))], told, NOTHING_KNOWN).apart) == {"A"}


def test_what_was_cut_short_leaves_nothing_and_keeps_what_was_used() -> None:
    events = [given("A", 10, 200), given("B", 40, 200), given("C", 70, 200)]
    cut = grant(terms(600), terms(300, since=60))
    [account] = keep([cut], events, NOTHING_KNOWN).accounts
    assert [held.event for held in account.bookings] == ["A", "B"]
    assert account.left(NOTHING_KNOWN) == 0


def test_what_was_too_much_on_its_day_is_booked_once_more_is_granted() -> None:
    events = [given("A", 10, 400), given("B", 40, 300)]
    assert set(keep([grant(terms(600))], events, NOTHING_KNOWN).apart) == {"B"}
    more = keep([grant(terms(600), terms(900, since=60))], events, NOTHING_KNOWN)
    assert not more.apart
    assert more.accounts[0].left(NOTHING_KNOWN) == 200


def test_the_case_that_an_event_names_goes_first_then_what_ends_first() -> None:
    early, late = grant(terms(600, end=day(100)), n=1), grant(terms(600, number="AUTH-2"), n=2)
    named = given("A", 5, case_id=late.case_id)
    found = booked(keep([early, late], [named, given("B", 6)], NOTHING_KNOWN))
    assert found == {"A": (str(late.case_id), "1"), "B": (str(early.case_id), "1")}


def test_units_are_converted_where_a_crosswalk_says_exactly_how_many() -> None:
    library = Library.load(PROJECT / "mappings", load_adapters())
    found = library.reference.crosswalk(LATELY)
    assert found is not None
    pieces = next(row for row in found[1].products if row.size == 1 and row.units_per_item > 1)
    product = ServiceCode(system=CodeSystem.NDC, code=pieces.ndc)
    three = Amount(product, Decimal(3), "units")
    units = measured(three, pieces.code, "units", library.reference, LATELY)
    assert units == 3 * pieces.units_per_item
    assert measured(Amount(pieces.code, units, "units"), product, "units", library.reference, LATELY) == 3
    assert measured(Amount(pieces.code, units + 1, "units"), product, "units", library.reference, LATELY) is None
    assert measured(three, pieces.code, "visits", library.reference, LATELY) is None
    assert same_service(product, pieces.code, None, library.reference, LATELY)
    liquid = next((row for row in found[1].products if row.size != 1), None)
    if liquid is not None:
        vial = Amount(ServiceCode(system=CodeSystem.NDC, code=liquid.ndc), Decimal(1), "units")
        assert measured(vial, liquid.code, "units", library.reference, LATELY) is None


def test_an_event_that_was_taken_by_the_rules_of_before_is_still_read() -> None:
    old = {"id": "E", "kind": "drug_swapped", "on": "2026-01-01", "code": OTHER.model_dump()}
    body = json.dumps({**old, "instead_of": DRUG.model_dump()})
    assert Treatment.model_validate_json(body, context=KEPT).quantity is None
    with pytest.raises(ValidationError):
        Treatment.model_validate_json(body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "dose_changed", "quantity": None}, "quantity"),
        ({"place_of_service": None}, "place_of_service"),
        ({"cycle": 2}, "cycle"),
        ({"kind": "cycle_started"}, "cycle"),
        ({"kind": "drug_swapped"}, "instead_of"),
        ({"kind": "drug_swapped", "instead_of": OTHER, "quantity": None}, "quantity"),
        ({"kind": "drug_swapped", "instead_of": DRUG}, "instead_of"),
        ({"until": FIRST}, "until"),
    ],
)
def test_an_event_that_is_not_whole_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        given("E", 5, **changes)
    assert refused.value.errors()[0]["type"] == field
