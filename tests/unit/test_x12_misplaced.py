"""What stands behind an NM1 without being part of a party counts for its level; a decision above an event is none."""

from __future__ import annotations

import pytest

from adapters.x12_278 import traces
from adapters.x12_278.hearing.loops import tree_of
from adapters.x12_278.interchange import read
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, STAMP, of_line, outcome_of, request, response, trn
from tests.x12_material import line as asked_line

ONE = request(lines=[asked_line(id="drug")])
PARTY = "NM1*SJ*2*SAMPLE INFUSION CENTER*****XX*1245319599"
SERVICE = [trn(1), "SV1*HC:J9271**UN*200"]


def told(outcome: Outcome) -> tuple[LineOutcome, Attention]:
    return of_line(outcome, "drug").outcome, outcome.attention


def behind(*service: str, event: tuple[str, ...] = ()) -> Outcome:
    """An event that is certified, and a service with these segments, where the party may stand before any."""
    return outcome_of(response(EVENT, "HCR*A1*AUTH1", *event, services=[list(service)]), of=ONE)


@pytest.mark.parametrize(
    ("segments", "outcome"),
    [
        ([*SERVICE, PARTY, "HCR*A3**0F", "MSG*NOT MET"], LineOutcome.NOT_CERTIFIED),
        ([PARTY, *SERVICE, "HCR*A3**0F"], LineOutcome.NOT_CERTIFIED),
        ([trn(1), PARTY, "SV1*HC:J9271**UN*20"], LineOutcome.CERTIFIED_MODIFIED),
        ([trn(1), PARTY, "SV1*HC:Q5103**UN*200"], LineOutcome.UNKNOWN),
        ([*SERVICE, PARTY, "DTP*036*D8*20260401"], LineOutcome.CERTIFIED_MODIFIED),
        ([*SERVICE, PARTY, "REF*EI*123456789", "UM*HS*I**11:B"], LineOutcome.CERTIFIED_MODIFIED),
        ([*SERVICE, PARTY, "PER*IC*DESK*TE*2155550100", "HCR*A4**0U", "PWK*M1*EL"], LineOutcome.INFO_REQUESTED),
        ([*SERVICE, PARTY, "HCR*A4**0W", "HI*LOI:11502-2"], LineOutcome.INFO_REQUESTED),
    ],
)
def test_what_stands_behind_a_party_of_a_service_is_said_of_the_service(
    segments: list[str], outcome: LineOutcome
) -> None:
    assert of_line(behind(*segments), "drug").outcome is outcome


def test_what_stands_behind_a_party_of_an_event_is_said_of_the_event() -> None:
    refused = outcome_of(response(EVENT, PARTY, "HCR*A3**0F", services=[SERVICE]), of=ONE)
    assert told(refused) == (LineOutcome.NOT_CERTIFIED, Attention.NONE)
    expired = behind(*SERVICE, event=(PARTY, "DTP*036*D8*20260401"))
    assert told(expired) == (LineOutcome.CERTIFIED_MODIFIED, Attention.NONE)
    against = outcome_of(response(EVENT, PARTY, "HCR*A3*X1*0F", services=[[*SERVICE, "HCR*A1"]]), of=ONE)
    assert told(against) == (LineOutcome.CERTIFIED, Attention.OPERATOR)


def test_a_second_decision_behind_a_party_contradicts_the_first() -> None:
    assert told(behind(*SERVICE, "HCR*A1", PARTY, "HCR*A3**0F")) == (LineOutcome.UNKNOWN, Attention.OPERATOR)


def test_traces_numbers_and_messages_behind_a_party_are_those_of_its_level() -> None:
    outcome = behind("HCR*A3**0F", "SV1*HC:J9271", PARTY, trn(1), "REF*BB*OLD7", "REF*NT*ADM8", "MSG*SEE POLICY")
    assert of_line(outcome, "drug").outcome is LineOutcome.NOT_CERTIFIED
    kinds = {(reference.kind, reference.value) for reference in outcome.references}
    assert {(ReferenceKind.PREVIOUS_AUTHORIZATION, "OLD7"), (ReferenceKind.REVIEW, "ADM8")} <= kinds
    assert outcome.messages == ("SEE POLICY",)


def test_the_numbers_and_dates_of_a_party_are_not_those_of_its_level() -> None:
    # 598 is when another reviewer denied.
    outcome = behind(*SERVICE, "NM1*00*2*OTHER REVIEWER", "REF*ZZ*0F", "DTP*598*D8*20260401", "PRV*PE*PXC*207RX0202X")
    assert told(outcome) == (LineOutcome.CERTIFIED, Attention.NONE)
    assert {reference.value for reference in outcome.references} == {"AUTH1", trn(1).split("*")[2], traces.event(STAMP)}


@pytest.mark.parametrize("level", ["payer", "requester", "member"])
@pytest.mark.parametrize("below", ["HCR*A1*AUTH1", "HCR*A3**0F", None])
def test_a_decision_where_nothing_is_decided_calls_a_person(level: str, below: str | None) -> None:
    above = {level: ["HCR*A3**0F"]}
    services = [[*SERVICE, below]] if below else [SERVICE]
    outcome = outcome_of(response(EVENT, services=services, **above), of=ONE)  # type: ignore[arg-type]
    assert outcome.attention is Attention.OPERATOR
    assert "where nothing is decided" in (outcome.attention_why or "")
    assert outcome.answer is (Answer.REVIEWED if below else Answer.UNMAPPED)


def test_a_code_that_stands_at_the_event_calls_a_person() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", PARTY, "SV1*HC:Q5103**UN*200"), of=ONE)
    assert told(outcome) == (LineOutcome.CERTIFIED, Attention.OPERATOR)


def test_the_message_behind_a_partys_refusal_says_why() -> None:
    alone = outcome_of(response(member=["AAA*N**72*C", "MSG*ID IS OF LAST YEAR"]))
    assert [reason.text for reason in alone.reasons] == ["ID IS OF LAST YEAR"]
    assert alone.messages == ("ID IS OF LAST YEAR",)
    two = outcome_of(response(member=["AAA*N**72*C", "AAA*N**73*C", "MSG*WHICH OF THEM"]))
    assert [reason.text for reason in two.reasons] == [None, None]
    assert two.messages == ("WHICH OF THEM",)
    before = outcome_of(response("MSG*NOT OF IT", PARTY, "AAA*N**43*C"))
    assert [reason.text for reason in before.reasons] == [None]


def test_a_date_of_another_reviewers_denial_is_that_partys() -> None:
    document = response(EVENT, "NM1*00*2*OTHER REVIEWER", "DTP*598*D8*20260401", "DTP*036*D8*20260401")
    event = tree_of(next(read(document).transactions())).events[0].loop
    assert [[dtp.text(1) for dtp in loop.all("DTP")] for loop in (event, *event.parties)] == [["036"], ["598"]]
