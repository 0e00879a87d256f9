"""Names that were sent very often: what has one is found by its others, or quarantined; and quickly."""

from __future__ import annotations

import pytest

from adapters.x12_278.acknowledgement.arrived import Arrival
from adapters.x12_278.acknowledgement.correspondence import MOST_CANDIDATES, place
from adapters.x12_278.acknowledgement.findings import Basis, Known, Place, Quarantined, Reason
from adapters.x12_278.acknowledgement.sent import Sent
from tests.unit.growth import grows_as_its_input, work
from tests.unit.test_x12_acknowledgement_correspondence import answers, asks, came, found, group, sent

MANY = MOST_CANDIDATES + 1


def of_one_trace(count: int = MANY) -> Sent:
    """So many requests, all with one trace, each with a reference of its own."""
    return sent("a", group(*(asks(f"REF{each}", "SAME", control=f"{each:04d}") for each in range(1, count + 1))))


def of_one_reference(count: int = MANY) -> Sent:
    names = range(1, count + 1)
    return sent("a", group(*(asks("SAME", f"TRACE{each}", control=f"{each:04d}") for each in names)))


def the(number: int, by: Basis) -> tuple[Place, Basis]:
    return Place("a", 0, number - 1), by


@pytest.mark.parametrize("count", [2, MANY])
def test_a_trace_that_many_have_is_of_the_one_whose_reference_is_named(count: int) -> None:
    """The last of them is found as the first is."""
    for number in (1, count):
        answer = came(group(answers(f"REF{number}", "SAME")))
        assert found(answer, of_one_trace(count)) == [the(number, Basis.TRACE)]


@pytest.mark.parametrize("count", [2, MANY])
def test_a_reference_that_many_have_is_of_the_one_whose_trace_is_named(count: int) -> None:
    for number in (1, count):
        answer = came(group(answers("SAME", f"TRACE{number}")))
        assert found(answer, of_one_reference(count)) == [the(number, Basis.TRACE)]


@pytest.mark.parametrize("count", [2, MANY])
def test_a_name_that_many_have_is_no_match_by_itself(count: int) -> None:
    assert found(came(group(answers("OTHER", "SAME"))), of_one_trace(count)) == [Reason.AMBIGUOUS]
    assert found(came(group(answers("SAME"))), of_one_reference(count)) == [Reason.AMBIGUOUS]
    both = sent("a", group(*(asks("SAME", "TOO", control=f"{each:04d}") for each in range(1, count + 1))))
    assert found(came(group(answers("SAME", "TOO"))), both) == [Reason.AMBIGUOUS]


@pytest.mark.parametrize("count", [2, MANY])
def test_a_name_that_many_have_and_one_that_none_of_them_has_contradict_each_other(count: int) -> None:
    one = sent("b", group(asks("ALONE", "LONELY")))
    assert found(came(group(answers("ALONE", "SAME"))), of_one_trace(count), one) == [Reason.CONTRADICTION]
    assert found(came(group(answers("SAME", "LONELY"))), of_one_reference(count), one) == [Reason.CONTRADICTION]


def test_of_very_many_candidates_the_first_are_told() -> None:
    (finding,) = place(came(group(answers("OTHER", "SAME"))), Known((of_one_trace(2 * MANY),))).findings
    assert isinstance(finding, Quarantined)
    assert len(finding.candidates) == MOST_CANDIDATES


def test_an_answer_to_each_of_very_many_of_one_trace_costs_as_much_as_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.x12_278.acknowledgement.correspondence.MOST_CANDIDATES", 5)
    known: dict[int, tuple[Sent, Arrival]] = {}
    for count in (20, 80, 160):
        arrival = came(group(*(answers("OTHER", "SAME") for _ in range(count))))
        known[count] = of_one_trace(count), arrival
    assert grows_as_its_input(work, lambda count: place(known[count][1], Known((known[count][0],))), 80)
