"""A case with several authorizations: which number names it to the payer, and what a word that names one of them is of.

Numbers come from answers that are read, and go into what is said next, as they do in the gateway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, ChangeKind, Filed
from gateway.contract.errors import CannotExpress
from gateway.contract.mailbox import Letter, Saying
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.unit.x12_authorizations import (
    BESIDE,
    DIFFERENT,
    EXTENDED,
    ONE,
    ONE_SPLIT,
    REPLACED,
    SOME,
    SPLIT,
    STRANGER,
    TRACE,
    TWO,
    answered,
    cancelled,
    cancelling,
    granted,
    halves,
    known,
    named,
    of_services,
)
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    INFUSION,
    LATER,
    MORE,
    STAMP,
    destination,
    filed,
    of_line,
    outcome_of,
    request,
    response,
    service,
    words,
)

CERTIFIED, CANCELLED, UNKNOWN = LineOutcome.CERTIFIED, LineOutcome.CANCELLED, LineOutcome.UNKNOWN


# What is said


@pytest.mark.parametrize(
    "before",
    [SPLIT, REPLACED, BESIDE, DIFFERENT, SOME, EXTENDED, ONE_SPLIT],
    ids=["split", "replaced", "beside", "different", "some", "extended", "one_split"],
)
def test_of_several_authorizations_without_one_of_the_event_none_is_named(before: Filed) -> None:
    assert named(cancelling(before)) == [TRACE]
    assert named(ADAPTER.inquire(before, destination(), LATER)) == []


@pytest.mark.parametrize("first", [True, False])
def test_the_number_of_the_event_is_named_beside_those_of_services(first: bool) -> None:
    services = granted("AU2", "AU3", of=(INFUSION, MORE))
    whole = response(EVENT, "HCR*A1*AU1", services=[service(DRUG), *services])
    before = known(
        *([whole, response(EVENT, services=services)] if first else [response(EVENT, services=services), whole])
    )
    assert named(cancelling(before)) == ["REF*BB*AU1"]
    change = Change(kind=ChangeKind.REVISE, request=request())
    assert named(ADAPTER.amend(before, change, destination(), LATER)) == ["REF*BB*AU1", "REF*BB*AU2", "REF*BB*AU3"]


def test_the_one_number_of_every_line_is_the_cases() -> None:
    assert named(cancelling(of_services(*granted("AU1", "AU1", "AU1")))) == ["REF*BB*AU1"]
    assert named(cancelling(of_services(*halves("AU1", "AU1"), of=ONE))) == ["REF*BB*AU1"]
    stranger = [STRANGER[0].replace("AU10", "AU1"), STRANGER[1]]
    assert named(cancelling(of_services(service(DRUG, "HCR*A1*AU1"), stranger, of=ONE))) == ["REF*BB*AU1"]


def test_a_review_number_is_named_where_it_is_the_only_one_of_the_event() -> None:
    pended = response(EVENT, "HCR*A4*RV1", services=[service(DRUG), ["HCR*A4*RV2", "SV1*HC:Q5103"]])
    assert named(cancelling(known(pended))) == ["REF*NT*RV1"]
    assert named(cancelling(of_services(["HCR*A4*RV2", "SV1*HC:Q5103"]))) == [TRACE]
    assert named(cancelling(known(pended, response(EVENT, "HCR*A4*RV3")))) == [TRACE]


def test_a_change_names_each_line_by_its_own_number_alone() -> None:
    def revised(before: Filed, **over: Any) -> list[str]:
        change = Change(kind=ChangeKind.REVISE, request=request(**over))
        return named(ADAPTER.amend(before, change, destination(), LATER))

    assert revised(DIFFERENT) == ["REF*BB*AU1", "REF*BB*AU2", "REF*BB*AU3"]
    later = outcome_of(response(EVENT, services=[service(DRUG, "HCR*A1*AU1")]), numbers={}).references
    again = filed(references=(*SPLIT.references, *later))
    for before, numbers in ((SPLIT, ["AU3", "AU3"]), (again, ["AU3", "AU3"]), (REPLACED, ["AU20", "AU30"])):
        with pytest.raises(CannotExpress):
            revised(before)
        told = revised(before, previous_authorization="PHONED1")
        assert told == ["REF*BB*PHONED1", *(f"REF*BB*{number}" for number in numbers)]


def test_words_that_stand_beside_a_number_are_not_said_to_the_payer() -> None:
    assert named(cancelling(known(response(EVENT, "HCR*A1*PENDING 20260301")))) == [TRACE]
    assert named(cancelling(known(response(EVENT, "HCR*A1*SEE LETTER 2026")))) == [TRACE]


# What a cancellation comes to


@pytest.mark.parametrize(
    ("before", "event", "services"),
    [
        (SPLIT, ["HCR*C*AU2", "REF*BB*AU2"], []),
        (SPLIT, ["HCR*C", "REF*BB*AU3"], []),
        (SPLIT, ["HCR*C*AU1", "REF*BB*AU2"], []),
        (SPLIT, ["HCR*C*NEW1"], []),
        (SPLIT, [], [service(DRUG, "HCR*C*AU1"), service(INFUSION, "HCR*C*AU3"), service(MORE, "HCR*C*AU3")]),
        (SPLIT, ["HCR*C"], [service(DRUG, "HCR*C*AU1")]),
        (REPLACED, ["HCR*C*AU10", "REF*BB*AU10"], []),
        (BESIDE, ["HCR*C*AU20"], []),
        (BESIDE, [], [service(DRUG, "HCR*C*AU20")]),
        (DIFFERENT, ["HCR*C*AU1"], []),
        (EXTENDED, ["HCR*C*AU2"], []),
        (ONE_SPLIT, ["HCR*C*AU2"], []),
        # The payer writes the number of one service at the event as well.
        (known(response(EVENT, "HCR*A1*AU1", services=granted("AU1", "AU2", "AU2"))), ["HCR*C*AU1"], []),
        # The number of one service beside that of the event.
        (known(response(EVENT, "HCR*A1*AU1", services=[service(DRUG, "HCR*A1*AU2")])), ["HCR*C*AU2"], []),
        # Certified cancellations are no other.
        (SPLIT, ["HCR*A1*AU2"], []),
    ],
)
def test_a_cancellation_that_is_confirmed_for_a_part_does_not_cancel_the_whole(
    before: Filed, event: list[str], services: list[list[str]]
) -> None:
    outcome = cancelled(before, *(["UM*HS*3", *event]), services=services)
    assert (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())
    # Nor is the number that it named that of the whole from then on.
    after = filed(before.request, references=tuple(dict.fromkeys((*before.references, *outcome.references))))
    assert named(cancelling(after)) == named(cancelling(before))


@pytest.mark.parametrize(
    ("before", "event", "services"),
    [
        (SPLIT, ["HCR*C"], []),
        (SPLIT, ["HCR*C*AU1", "REF*BB*AU2", "REF*BB*AU3"], []),
        (SPLIT, ["HCR*C"], [service(DRUG), service(INFUSION)]),
        (SPLIT, [], [service(each, "HCR*C") for each in (DRUG, INFUSION, MORE)]),
        (DIFFERENT, [], [service(each, f"HCR*C*AU{n}") for n, each in enumerate((DRUG, INFUSION, MORE), start=1)]),
        (SOME, ["HCR*C*AU1"], []),
        (filed(), ["HCR*C*NEW1"], []),
        (known(response(EVENT, "HCR*A1*AU1")), ["HCR*C*AU1"], []),
        (known(response(EVENT, "HCR*A1*AU1")), ["HCR*C*NEW1"], []),
        (known(response(EVENT, "HCR*A1*AU1", services=[service(DRUG, "HCR*A1*AU2")])), ["HCR*C*AU1"], []),
        (known(response(EVENT, "HCR*A1*AU1", "REF*NT*RV1")), ["HCR*C*RV1"], []),
        (known(response(EVENT, "HCR*A4*RV1"), response(EVENT, services=halves("AU1", "AU2"))), ["HCR*C*RV1"], []),
    ],
)
def test_a_cancellation_of_the_whole_is_one(before: Filed, event: list[str], services: list[list[str]]) -> None:
    outcome = cancelled(before, *(["UM*HS*3", *event]), services=services)
    assert (outcome.answer, outcome.attention) == (Answer.CANCELLED, Attention.NONE)


def test_a_cancellation_of_one_of_the_services_of_a_line_leaves_that_line_open() -> None:
    outcome = cancelled(SPLIT, "UM*HS*3", services=[service(DRUG, "HCR*C*AU1"), service(INFUSION, "HCR*C*AU3")])
    assert (outcome.answer, outcome.attention) == (Answer.REVIEWED, Attention.OPERATOR)
    assert words(outcome) == {"drug": UNKNOWN, "infusion": CANCELLED, "more": UNKNOWN}


# What other words that name a part come to


def found(before: Filed, *event: str, services: Sequence[Sequence[str]] = ()) -> Outcome:
    """What an inquiry brings."""
    exchange = ADAPTER.inquire(before, destination(), LATER)
    return answered(exchange, f"TRN*2*{traces.event(STAMP)}*{COMPANY}", *event, services=services, guide="005010X215")


def told(before: Filed, *event: str) -> Outcome:
    """What the payer says in a file, unasked."""
    body = response(EVENT, *event)
    [outcome] = ADAPTER.hear([Letter("278", "1", frozenset(), body)], Saying(before, before.stamp, None), destination())
    return outcome


@pytest.mark.parametrize("word", ["HCR*C*AU2", "HCR*A3*AU2*0V", "HCR*A1*AU2"])
def test_a_word_of_the_event_that_names_a_part_decides_no_line(word: str) -> None:
    for outcome in (found(ONE_SPLIT, word), told(ONE_SPLIT, word)):
        assert (words(outcome), outcome.attention) == ({"drug": UNKNOWN}, Attention.OPERATOR)
        assert of_line(outcome, "drug").authorization_number is None
        assert {each.part for each in outcome.references if each.value == "AU2"} == {True}


@pytest.mark.parametrize("word", ["HCR*C*AU2", "HCR*A3*AU2*0V", "HCR*A1*AU2"])
def test_a_word_of_one_service_of_several_that_are_a_line_does_not_decide_it(word: str) -> None:
    assert words(found(ONE_SPLIT, services=[service(DRUG, word)])) == {"drug": UNKNOWN}


def test_all_the_services_of_a_line_decide_it_again() -> None:
    assert words(found(ONE_SPLIT, services=halves("AU1", "AU2")))["drug"] is CERTIFIED
    both = [[part.replace("A1", "C") for part in each] for each in halves("AU1", "AU2")]
    assert words(found(ONE_SPLIT, services=both))["drug"] is CANCELLED


def test_the_number_of_a_service_at_the_event_is_no_number_of_another_line() -> None:
    before = of_services(*granted("AU1", "AU2", of=(DRUG, INFUSION)), of=TWO)
    outcome = found(before, "HCR*A2*AU1", services=[service(DRUG, "HCR*A1"), service(INFUSION, "HCR*A1*AU2")])
    numbers = {result.line: result.authorization_number for result in outcome.lines}
    assert numbers == {"drug": None, "infusion": "AU2"}


def test_each_line_is_heard_by_its_own_number_as_ever() -> None:
    outcome = found(DIFFERENT, services=[service(DRUG, "HCR*C*AU1"), *granted("AU2", "AU3", of=(INFUSION, MORE))])
    assert words(outcome) == {"drug": CANCELLED, "infusion": CERTIFIED, "more": CERTIFIED}
    assert outcome.attention is Attention.NONE
    assert words(found(EXTENDED, "HCR*A1*AU2")) == dict.fromkeys(("drug", "infusion", "more"), CERTIFIED)


# What numbers are of


def kinds(outcome: Outcome) -> set[tuple[ReferenceKind, str, str | None, bool]]:
    trace = ReferenceKind.TRACE
    return {(each.kind, each.value, each.line, each.part) for each in outcome.references if each.kind is not trace}


def test_a_number_is_told_with_what_it_is_of() -> None:
    authorization = ReferenceKind.AUTHORIZATION
    services = [*halves("AU1", "AU2"), service(INFUSION, "HCR*A1*AU3"), STRANGER]
    assert kinds(outcome_of(response(EVENT, "HCR*A2*AU9", services=services))) == {
        (authorization, "AU9", None, False),
        (authorization, "AU1", "drug", True),
        (authorization, "AU2", "drug", True),
        (authorization, "AU3", "infusion", False),
        (authorization, "AU10", None, True),
    }


def test_a_service_of_a_cancellation_names_its_line_by_its_trace() -> None:
    refused = cancelled(DIFFERENT, "UM*HS*3", services=[service(DRUG, "HCR*A3*AU1"), ["HCR*A3*AU7", "SV1*HC:J9271"]])
    assert kinds(refused) == {
        (ReferenceKind.AUTHORIZATION, "AU1", "drug", False),
        (ReferenceKind.REVIEW, "AU7", None, True),
    }
