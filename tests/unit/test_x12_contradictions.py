"""What is not taken at its word: answers about another member, another filing, another drug, or against themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer, ReferenceKind
from gateway.model.standing import Heard, settle
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome, of_lines
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    LATER,
    MORE,
    acknowledgement,
    line,
    of_line,
    outcome_of,
    request,
    response,
    service,
    ta1,
    trn,
    words,
)

ONE = request(lines=[line(id="drug")])
SAME = ["HCR*A3**0F", "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271"]


def not_understood(outcome: Any) -> bool:
    return (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())


# Found by an inquiry


def found(*event: str, services: Any = (), trace: str | None = None, **over: Any) -> Any:
    document = response(EVENT, *event, services=services, trace=trace, bht=traces.submission(LATER), purpose="49")
    return outcome_of(document, verb="inquire", **{"of": ONE} | over)


@pytest.mark.parametrize(
    ("event", "services"),
    [
        ([], [SAME]),
        (["TRN*2*CASE-7*9555555555", "HCR*A3*OLD7*0F", "REF*BB*OLD6"], [SAME]),
        (["HCR*A1*OLD7"], []),
        (["HCR*A4*OLD7"], [["SV1*HC:J9271"], ["SV1*HC:J0897"]]),
        ([], [["SV1*HC:J9271"]]),
        (["HCR*A3", "AAA*N**NC*N"], [SAME]),
    ],
)
@pytest.mark.parametrize("trace", [None, traces.event(LATER)])
def test_an_inquiry_that_finds_the_same_services_without_our_trace_is_for_a_person(
    event: list[str], services: list[list[str]], trace: str | None
) -> None:
    outcome = found(*event, services=services, trace=trace)
    assert not_understood(outcome)
    assert outcome.attention_why == "the payer holds a filing like this one that does not carry our trace"


def test_an_inquiry_that_finds_other_services_says_so() -> None:
    outcome = found(services=[["HCR*A1", "SV1*HC:J0897"]])
    assert not_understood(outcome)
    assert "like this one" not in (outcome.attention_why or "")


def test_an_inquiry_that_is_refused_above_an_event_is_refused_and_finds_nothing() -> None:
    for refusal, answer in [("AAA*N**42*P", Answer.UNAVAILABLE), ("AAA*N**75*C", Answer.REJECTED)]:
        document = response(EVENT, payer=[refusal], trace=None, bht=traces.submission(LATER), purpose="49")
        assert outcome_of(document, verb="inquire").answer is answer


def test_an_inquiry_finds_our_filing_by_its_trace_or_by_a_number_we_know() -> None:
    assert found(services=[[trn(1), *SAME]]).answer is Answer.REVIEWED
    assert found("HCR*A3*REV7", numbers={"REV7": ReferenceKind.REVIEW}).answer is Answer.REVIEWED


# The event against its services


@pytest.mark.parametrize("above", ["A3", "A4", "C", "CT", "NA"])
@pytest.mark.parametrize("below", ["A1", "A6"])
def test_a_granted_service_in_an_event_that_is_not_granted_is_for_a_person(above: str, below: str) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*{above}*R1", services=[service(DRUG, f"HCR*{below}*AUTH1")]), of=ONE)
    assert outcome.attention is Attention.OPERATOR
    assert "does not grant the event" in (outcome.attention_why or "")


@pytest.mark.parametrize("above", ["A4", "A3", "C", "CT", "NA"])
@pytest.mark.parametrize("other", ["its own word", "no word"])
def test_a_granted_service_beside_one_that_has_the_events_word_contradicts_nothing(above: str, other: str) -> None:
    own = [f"HCR*{above}"] if other == "its own word" else []
    services = [service(DRUG, *own), service(INFUSION, "HCR*A1*AUTH1"), service(MORE, "HCR*A6*AUTH1")]
    outcome = outcome_of(response(EVENT, f"HCR*{above}*R1", services=services))
    assert words(outcome)["infusion"] is LineOutcome.CERTIFIED
    assert words(outcome)["more"] is LineOutcome.CERTIFIED_MODIFIED
    assert (outcome.attention, outcome.attention_why) == (Attention.NONE, None)


@pytest.mark.parametrize(
    ("above", "other"),
    [("A3", ["HCR*A4"]), ("A4", ["HCR*A3"]), ("C", ["HCR*A3"]), ("A3", ["AAA*N**33*C"]), ("CT", ["HCR*A4"])],
)
def test_a_granted_service_beside_one_that_says_something_else_than_the_event_is_for_a_person(
    above: str, other: list[str]
) -> None:
    services = [service(DRUG, *other), service(INFUSION, "HCR*A1"), service(MORE, "HCR*A1")]
    outcome = outcome_of(response(EVENT, f"HCR*{above}*R1", services=services))
    assert "does not grant the event" in (outcome.attention_why or "")


def test_documents_that_a_service_asks_for_are_the_providers_task_where_the_others_are_granted() -> None:
    waits = service(DRUG, "HCR*A4**0U", "PWK*M1*EL***AC*CTRL1")
    services = [waits, service(INFUSION, "HCR*A1*AUTH1"), service(MORE, "HCR*A1*AUTH1")]
    outcome = outcome_of(response(EVENT, "HCR*A4*R1", services=services))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    standing = settle(["drug", "infusion", "more"], Delivery.SENT, [Heard(outcome, at)])
    assert (standing.status, standing.attention) == (CaseStatus.NEEDS_INFORMATION, Attention.PROVIDER)
    assert [item.line for item in standing.requested] == ["drug"]


def test_services_granted_in_an_event_that_is_changed_are_changed() -> None:
    services = [service(part, "HCR*A1*AUTH1") for part in (DRUG, INFUSION, MORE)]
    outcome = outcome_of(response(EVENT, "HCR*A6*AUTH1", services=services))
    assert set(words(outcome).values()) == {LineOutcome.CERTIFIED_MODIFIED}
    assert outcome.sources["/lines/0/outcome"].path == "2000E/HCR01"


def test_where_a_service_says_itself_that_it_is_changed_the_others_are_not() -> None:
    services = [service(DRUG, "HCR*A6*AUTH1"), service(INFUSION, "HCR*A1"), service(MORE, "HCR*A1")]
    outcome = outcome_of(response(EVENT, "HCR*A6*AUTH1", services=services))
    assert words(outcome) == {
        "drug": LineOutcome.CERTIFIED_MODIFIED,
        "infusion": LineOutcome.CERTIFIED,
        "more": LineOutcome.CERTIFIED,
    }


def test_where_a_service_is_denied_the_others_are_not_what_is_changed() -> None:
    services = [service(DRUG, "HCR*A1*AUTH1"), service(INFUSION, "HCR*A3**0F"), service(MORE)]
    outcome = outcome_of(response(EVENT, "HCR*A6*AUTH1", services=services))
    assert words(outcome) == {
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.NOT_CERTIFIED,
        # It has no word but the event's.
        "more": LineOutcome.CERTIFIED_MODIFIED,
    }
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize("event", [["HCR*A4*R1", "PWK*LA*EL***AC*CTRL1"], ["HCR*A4*R1*0U"]])
@pytest.mark.parametrize("last", ["HCR*A1", "HCR*A3"])
def test_documents_that_a_pended_event_asks_for_are_wanted_although_its_services_are_granted(
    event: list[str], last: str
) -> None:
    services = [service(DRUG, "HCR*A1*AUTH1"), service(INFUSION, "HCR*A1*AUTH1"), service(MORE, last)]
    outcome = outcome_of(response(EVENT, *event, services=services))
    assert len(outcome.requested) == 1
    assert of_lines(result.outcome for result in outcome.lines) == "needs_information"
    assert of_line(outcome, "drug").authorization_number is None
    assert outcome.attention is Attention.OPERATOR


def test_a_granted_service_stays_granted_where_another_is_what_the_documents_are_for() -> None:
    services = [service(DRUG, "HCR*A1*AUTH1"), service(INFUSION, "HCR*A4"), service(MORE, "HCR*A4")]
    outcome = outcome_of(response(EVENT, "HCR*A4*R1*0U", services=services))
    assert words(outcome) == {
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.INFO_REQUESTED,
        "more": LineOutcome.INFO_REQUESTED,
    }


# Another drug


@pytest.mark.parametrize("event", [[], ["HCR*A1*AUTH1"]])
@pytest.mark.parametrize("trace", [[trn(1)], []])
def test_another_drug_in_place_of_ours_does_not_certify_ours(event: list[str], trace: list[str]) -> None:
    services = [[*trace, "HCR*A1*AUTH1", "SV1*HC:Q5103**UN*200"], service(INFUSION, "HCR*A1"), service(MORE, "HCR*A1")]
    outcome = outcome_of(response(EVENT, *event, services=services))
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN
    stranger = of_line(outcome, None)
    assert (stranger.code and stranger.code.code, stranger.outcome) == ("Q5103", LineOutcome.CERTIFIED)
    assert of_line(outcome, "infusion").outcome is LineOutcome.CERTIFIED
    assert outcome.attention is Attention.OPERATOR


def test_another_drug_beside_ours_under_our_trace_leaves_ours_unknown() -> None:
    services = [service(DRUG, "HCR*A1"), [trn(1), "HCR*A1", "SV1*HC:Q5103"]]
    outcome = outcome_of(response(EVENT, services=services), of=ONE)
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN


def test_our_drug_by_the_number_of_its_package_is_ours() -> None:
    of = request(lines=[line(id="drug", ndc="00006302602")])
    outcome = outcome_of(response(EVENT, services=[[trn(1), "HCR*A1*AUTH1", "SV1*N4:00006302602"]]), of=of)
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}


# A refusal beside an answer

AK2 = "AK2*278*0001*005010X217"
YES = acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1")
NO = acknowledgement(AK2, "IK5*R*5", "AK9*R*1*1*0")
ANSWER = response(EVENT, "HCR*A1*AUTH1")


def segment_of(document: bytes) -> bytes:
    return document[document.index(b"TA1*") : document.index(b"IEA*")]


def beside(document: bytes, other: bytes) -> bytes:
    """The first, with the other's TA1 before its group or the other's group behind it."""
    if b"TA1*" in other:
        return document.replace(b"GS*", segment_of(other) + b"GS*", 1)
    group = other[other.index(b"GS*") : other.index(b"IEA*")]
    return document.replace(b"IEA*1*", group + b"IEA*2*")


@pytest.mark.parametrize(
    ("document", "other"),
    [
        (ANSWER, ta1("R", "006")),
        (ANSWER, ta1("R", "025")),
        (ANSWER, ta1("Z")),
        (ANSWER, NO),
        (ANSWER, acknowledgement(AK2, "IK5*A", "AK9*R*1*1*0")),
        (YES, ta1("R", "006")),
        (YES, ta1("R", "025")),
    ],
)
def test_an_answer_beside_a_refusal_of_what_it_answers_is_not_understood(document: bytes, other: bytes) -> None:
    assert not_understood(outcome_of(beside(document, other)))


@pytest.mark.parametrize(
    ("document", "other", "answer"),
    [
        (ANSWER, ta1("A"), Answer.REVIEWED),
        (ANSWER, YES, Answer.REVIEWED),
        (YES, ta1("A"), Answer.RECEIVED),
        (NO, ta1("R", "006"), Answer.REJECTED),
    ],
)
def test_an_answer_beside_what_says_the_same_counts(document: bytes, other: bytes, answer: Answer) -> None:
    assert outcome_of(beside(document, other)).answer is answer
