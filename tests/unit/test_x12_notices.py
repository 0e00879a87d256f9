"""The 278 as a notice (X216): an admission a payer is told of, and what a payer tells by itself."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    LATER,
    MORE,
    STAMP,
    acknowledgement,
    asked,
    destination,
    filed,
    outcome_of,
    request,
    response,
    segments,
    sent,
    service,
    words,
)

TOLD = destination(payer={"admissions": "notification"})
STAY = {"admitted_on": "2026-03-01", "kind": "emergency", "source": "home"}
NOTICE = "005010X216"


def admission(**over: Any) -> Any:
    return request(review="admission", admission=STAY, **over)


def test_an_admission_is_told_where_the_payer_wants_to_be_told() -> None:
    document = sent(admission(), TOLD)
    [group] = segments(document, "GS")
    assert group.endswith(NOTICE)
    assert f"BHT*0007*14*{traces.submission(STAMP)}*20260301*100405" in segments(document)
    assert [segment.split("*")[3] for segment in segments(document, "HL")][:4] == ["20", "21", "22", "EV"]
    assert [segment.split("*")[1] for segment in segments(document, "NM1")][:3] == ["1P", "X3", "IL"]
    assert {"DTP*435*D8*20260301", "CL1*1*1"} <= set(segments(document))


def test_a_payer_may_have_its_own_purpose_of_a_notice() -> None:
    to = destination(payer={"admissions": "notification", "notification_purpose": "CN"})
    assert segments(sent(admission(), to), "BHT")[0].startswith("BHT*0007*CN*")


@pytest.mark.parametrize("wanted", [request(), admission()])
def test_everything_else_is_asked_for(wanted: Any) -> None:
    to = destination() if wanted.admission else TOLD
    assert segments(sent(wanted, to), "GS")[0].endswith("005010X217")


@pytest.mark.parametrize("kind", [ChangeKind.CANCEL, ChangeKind.REVISE])
def test_a_notice_is_neither_changed_nor_asked_about(kind: ChangeKind) -> None:
    told = filed(admission())
    change = Change(kind=kind, request=admission() if kind is ChangeKind.REVISE else None)
    for said in (ADAPTER.amend(told, change, TOLD, LATER), ADAPTER.inquire(told, TOLD, LATER)):
        with pytest.raises(CannotExpress) as caught:
            first_frame(said)
        assert [item.pointer for item in caught.value.items] == ["/review"]


def test_a_notice_is_initial() -> None:
    with pytest.raises(CannotExpress) as caught:
        sent(admission(intent="renewal", previous_authorization="A1"), TOLD)
    assert [item.pointer for item in caught.value.items] == ["/intent"]


def heard(document: bytes, to: Destination = TOLD) -> Outcome:
    return outcome_of(document, to, of=admission(), notice=True)


@pytest.mark.parametrize("purpose", ["11", "08", "49", "53"])
def test_an_acknowledged_notice_is_received(purpose: str) -> None:
    outcome = heard(response("UM*AR*I", "REF*NT*RCPT1", guide=NOTICE, purpose=purpose))
    assert (outcome.answer, outcome.attention) == (Answer.RECEIVED, Attention.NONE)
    assert (ReferenceKind.REVIEW, "RCPT1") in [(item.kind, item.value) for item in outcome.references]


def test_a_refused_notice_is_rejected() -> None:
    assert heard(response("AAA*N**AM*C", guide=NOTICE)).answer is Answer.REJECTED


def test_a_999_about_a_notice_names_its_guide() -> None:
    taken = ("AK2*278*0001*005010X216", "IK5*A", "AK9*A*1*1*1")
    assert heard(acknowledgement(*taken, guide=NOTICE)).answer is Answer.RECEIVED
    assert heard(acknowledgement(*taken)).answer is Answer.UNMAPPED


@pytest.mark.parametrize("purpose", ["14", "22", "CN"])
def test_a_payers_notice_is_the_outcome_of_the_filing_it_names(purpose: str) -> None:
    services = [service(DRUG, "HCR*A1*AUTH1"), service(INFUSION, "HCR*A3**0F"), service(MORE, "HCR*A1*AUTH1")]
    outcome = outcome_of(response(EVENT, "HCR*A2", services=services, guide=NOTICE, purpose=purpose))
    assert outcome.answer is Answer.REVIEWED
    assert words(outcome)["infusion"] is LineOutcome.NOT_CERTIFIED


def test_a_payers_notice_may_name_the_filing_by_the_payers_own_number_alone() -> None:
    document = response(EVENT, "HCR*A1*AUTH1", "REF*NT*RV-7", trace=None, bht="PAYERS1", guide=NOTICE, purpose="14")
    assert outcome_of(document, numbers={"RV-7": ReferenceKind.REVIEW}).answer is Answer.REVIEWED
    assert outcome_of(document).answer is Answer.UNMAPPED
    other = response(EVENT, "HCR*A1*AUTH1", "REF*NT*RV-7", trace=None, bht="PAYERS1")
    assert outcome_of(other, numbers={"RV-7": ReferenceKind.REVIEW}).answer is Answer.UNMAPPED


def test_a_purpose_of_a_notice_under_another_guide_is_no_answer() -> None:
    assert outcome_of(response(EVENT, "HCR*A1*AUTH1", purpose="14")).answer is Answer.UNMAPPED
    assert asked().notice is False
