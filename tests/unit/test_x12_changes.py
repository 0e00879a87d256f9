"""Cancelling, changing and asking about a filing: what is written, and what the payer's answers then mean."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import ADAPTER, traces
from conformance.envelope import core_soap
from gateway.contract.adapter import Change, ChangeKind, Exchange
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Https
from gateway.model.outcome import Answer, Reference, ReferenceKind
from gateway.model.reasons import Word
from gateway.model.request import PARequest
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import COMPANY, LATER, STAMP, destination, filed, outcome_of, request, response, trn

EVENT, FILED = "UM*HS*3", "UM*HS*I"
APPROVED = (
    Reference(kind=ReferenceKind.TRACE, value=traces.event(STAMP)),
    Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH1"),
    Reference(kind=ReferenceKind.REVIEW, value="RV7"),
    Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH2", line="infusion"),
    Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH1", line="drug"),
)


def written(exchange: Exchange) -> list[str]:
    frame = first_frame(exchange)
    assert frame.document is not None
    return frame.document.decode("ascii").split("~")


def amended(kind: ChangeKind, wanted: PARequest | None = None, **over: Any) -> list[str]:
    change = Change(kind=kind, request=wanted)
    return written(ADAPTER.amend(filed(**over), change, destination(), LATER))


def only(segments: list[str], *tags: str) -> list[str]:
    return [segment for segment in segments if segment.partition("*")[0] in tags]


def answer_to(verb: str, *event: str, **over: Any) -> Any:
    document = response(*event, trace=traces.event(LATER), bht=traces.submission(LATER), **over)
    return outcome_of(document, verb=verb)


# Cancelling


def test_a_cancellation_names_the_payers_numbers_and_no_services() -> None:
    segments = amended(ChangeKind.CANCEL, references=APPROVED)
    assert only(segments, "UM") == ["UM*HS*3*1*22:B"]
    assert only(segments, "REF") == ["REF*BB*AUTH1", "REF*NT*RV7"]
    assert only(segments, "TRN") == [f"TRN*1*{traces.event(LATER)}*{COMPANY}"]
    assert only(segments, "HL")[-1] == "HL*4*3*EV*0"


def test_a_filing_without_a_number_is_cancelled_by_its_trace() -> None:
    segments = amended(ChangeKind.CANCEL)
    assert only(segments, "REF") == []
    assert f"TRN*1*{traces.event(STAMP)}*{COMPANY}" in only(segments, "TRN")


def test_a_reason_is_told_and_a_long_one_shortened() -> None:
    change = Change(kind=ChangeKind.CANCEL, reason="the patient moved " * 30)
    frame = first_frame(ADAPTER.amend(filed(), change, destination(), LATER))
    assert [(loss.pointer, loss.kept) for loss in frame.losses] == [("/reason", "shortened")]
    assert frame.effect


@pytest.mark.parametrize(
    ("event", "answer", "attention"),
    [
        (["HCR*C*AUTH1"], Answer.CANCELLED, Attention.NONE),
        (["HCR*A3**0M"], Answer.CANCEL_REFUSED, Attention.NONE),
        (["HCR*A4"], Answer.RECEIVED, Attention.NONE),
        (["HCR*A1"], Answer.CANCELLED, Attention.NONE),
        (["HCR*A6"], Answer.UNMAPPED, Attention.OPERATOR),
        (["HCR*NA"], Answer.UNMAPPED, Attention.OPERATOR),
        (["HCR*ZZ"], Answer.UNMAPPED, Attention.OPERATOR),
        (["AAA*N**AA*C"], Answer.CANCEL_REFUSED, Attention.NONE),
        (["AAA*N**42*P"], Answer.UNAVAILABLE, Attention.NONE),
        (["AAA*N**42*Y"], Answer.RECEIVED, Attention.NONE),
    ],
)
def test_an_answer_to_a_cancellation(event: list[str], answer: Answer, attention: Attention) -> None:
    outcome = answer_to("cancel", EVENT, *event)
    assert (outcome.answer, outcome.attention, outcome.lines) == (answer, attention, ())


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("AUTH9", ReferenceKind.AUTHORIZATION),
        ("RV7", ReferenceKind.REVIEW),
        ("NEW1", ReferenceKind.REVIEW),
    ],
)
@pytest.mark.parametrize("verb", ["cancel", "inquire"])
def test_a_number_that_the_case_knows_keeps_its_kind_when_it_is_cancelled(
    verb: str, number: str, kind: ReferenceKind
) -> None:
    known = {"AUTH9": ReferenceKind.AUTHORIZATION, "RV7": ReferenceKind.REVIEW}
    document = response(EVENT, f"HCR*C*{number}", trace=traces.event(STAMP))
    outcome = outcome_of(document, verb=verb, numbers=known)
    assert [ref.kind for ref in outcome.references if ref.value == number] == [kind]


def test_the_adapter_knows_each_number_by_what_it_was_granted_to_be() -> None:
    """One that came with the review, was granted, and was named as a review's again."""
    kinds = (ReferenceKind.REVIEW, ReferenceKind.AUTHORIZATION, ReferenceKind.REVIEW)
    before = filed(references=tuple(Reference(kind=kind, value="AUTH9") for kind in kinds))
    exchange = ADAPTER.amend(before, Change(kind=ChangeKind.CANCEL), destination(), LATER)
    frame = next(exchange)
    assert isinstance(frame, Https)
    document = response(EVENT, "HCR*C*AUTH9", trace=traces.event(LATER), bht=traces.submission(LATER))
    with pytest.raises(StopIteration) as ended:
        exchange.send(core_soap(document, frame))
    assert [ref.kind for ref in ended.value.value.references if ref.value == "AUTH9"] == [ReferenceKind.AUTHORIZATION]


def test_services_that_are_all_cancelled_cancel_the_filing() -> None:
    assert answer_to("cancel", EVENT, services=[[trn(n), "HCR*C"] for n in (1, 2, 3)]).answer is Answer.CANCELLED
    assert answer_to("cancel", EVENT, services=[["HCR*C"], ["HCR*A3"]]).answer is Answer.UNMAPPED


# Changing


@pytest.mark.parametrize(
    ("kind", "code"), [(ChangeKind.REVISE, "S"), (ChangeKind.EXTEND, "4"), (ChangeKind.APPEAL, "2")]
)
def test_a_change_is_a_request_with_its_own_type_and_the_payers_numbers(kind: ChangeKind, code: str) -> None:
    segments = amended(kind, request(), references=APPROVED)
    assert only(segments, "UM")[0].startswith(f"UM*HS*{code}*")
    assert only(segments, "REF") == ["REF*BB*AUTH1", "REF*NT*RV7", "REF*BB*AUTH2"]
    assert f"TRN*1*{traces.line(LATER, 1)}*{COMPANY}" in segments


def test_one_number_that_all_lines_have_is_the_cases() -> None:
    of_lines = tuple(
        Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH9", line=name) for name in ("drug", "infusion", "more")
    )
    assert only(amended(ChangeKind.CANCEL, references=of_lines), "REF") == ["REF*BB*AUTH9"]


def test_a_number_the_practice_knows_is_used_where_the_payer_gave_none() -> None:
    segments = amended(ChangeKind.EXTEND, request(intent="extension", previous_authorization="PHONED-1"))
    assert only(segments, "REF") == ["REF*BB*PHONED-1"]


@pytest.mark.parametrize("wanted", [None, request()])
def test_a_change_without_its_wording_or_without_a_number_cannot_be_said(wanted: PARequest | None) -> None:
    with pytest.raises(CannotExpress):
        amended(ChangeKind.REVISE, wanted)


# Inquiring


def test_an_inquiry_asks_by_member_requester_dates_and_numbers_and_names_itself() -> None:
    frame = first_frame(ADAPTER.inquire(filed(references=APPROVED), destination(), LATER))
    assert not frame.effect
    assert frame.document is not None
    segments = frame.document.decode().split("~")
    assert only(segments, "ST") == ["ST*278*0001*005010X215"]
    assert segments[1].endswith("*X*005010X215")
    assert only(segments, "BHT")[0].startswith(f"BHT*0007*28*{traces.submission(LATER)}*")
    assert only(segments, "TRN") == [f"TRN*1*{traces.event(LATER)}*{COMPANY}"]
    assert only(segments, "REF") == ["REF*BB*AUTH1", "REF*NT*RV7"]
    assert only(segments, "DTP") == ["DTP*AAH*RD8*20260301-20260831"]
    assert "NM1*IL*1*Sampleton*Ada****MI*EGH100001" in segments
    # What only the filing is named by proves that the payer holds it, so long as we do not send it along.
    assert traces.submission(STAMP) not in frame.document.decode()
    assert only(segments, "SV1", "MSG") == []


def test_a_filing_that_is_found_is_read_like_a_response() -> None:
    services = [[trn(1), "HCR*A3**0F", "SV1*HC:J9271"], [trn(2), "HCR*A1*AUTH2", "SV1*HC:96413"], [trn(3), "HCR*A4"]]
    outcome = answer_to("inquire", FILED, services=services, purpose="49", guide="005010X215")
    assert outcome.answer is Answer.REVIEWED
    assert [result.outcome for result in outcome.lines] == [
        LineOutcome.NOT_CERTIFIED,
        LineOutcome.CERTIFIED,
        LineOutcome.PENDING,
    ]


def test_a_filing_that_is_found_and_not_decided_is_received() -> None:
    assert answer_to("inquire", f"TRN*2*{traces.event(STAMP)}*{COMPANY}", EVENT).answer is Answer.RECEIVED


def test_an_event_with_the_payers_number_is_ours() -> None:
    document = response(FILED, "HCR*A1*AUTH1", trace=traces.event(LATER), bht=traces.submission(LATER))
    assert (
        outcome_of(document, verb="inquire", numbers={"AUTH1": ReferenceKind.AUTHORIZATION}).answer is Answer.REVIEWED
    )
    assert (
        outcome_of(document, verb="inquire", numbers={"OTHER": ReferenceKind.AUTHORIZATION}).answer is Answer.UNMAPPED
    )


@pytest.mark.parametrize(
    ("where", "answer", "attention"),
    [
        ({"event": ["AAA*N**NC*N"]}, Answer.NOT_FOUND, Attention.NONE),
        ({"services": [["AAA*N**NC*C"]]}, Answer.NOT_FOUND, Attention.NONE),
        ({"member": ["AAA*N**NC*N"]}, Answer.REJECTED, Attention.OPERATOR),
        ({"member": ["AAA*N**75*C"]}, Answer.REJECTED, Attention.OPERATOR),
        ({"event": ["AAA*N**75*C"]}, Answer.REJECTED, Attention.OPERATOR),
        ({"event": ["AAA*N**AA*C"]}, Answer.REJECTED, Attention.OPERATOR),
        ({"event": ["AAA*N**NC*N", "AAA*N**42*P"]}, Answer.REJECTED, Attention.OPERATOR),
        ({"payer": ["AAA*N**42*P"]}, Answer.UNAVAILABLE, Attention.NONE),
        ({"payer": ["AAA*N**42*Y"]}, Answer.UNAVAILABLE, Attention.NONE),
        ({}, Answer.UNMAPPED, Attention.OPERATOR),
    ],
)
def test_only_the_payers_plain_word_proves_that_a_filing_is_absent(
    where: dict[str, Any], answer: Answer, attention: Attention
) -> None:
    outcome = answer_to("inquire", *where.pop("event", []), **where)
    assert (outcome.answer, outcome.attention) == (answer, attention)


def test_an_answer_to_another_inquiry_is_not_applied() -> None:
    document = response("AAA*N**NC*N", trace="SOMEBODY", bht="ELSE")
    assert outcome_of(document, verb="inquire").answer is Answer.UNMAPPED


def test_the_reason_of_an_absent_filing_is_kept() -> None:
    (reason,) = answer_to("inquire", "AAA*N**NC*N").reasons
    assert (reason.word, reason.code) == (Word.OTHER, "NC")
