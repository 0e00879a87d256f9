"""Every message that the SCRIPT channel writes, held against the simulated PBMs' own strict guide, which knows nothing
of the channel."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.script_epa import ADAPTER
from adapters.script_epa.settings import PayerSettings
from conformance.simulators.pbm.envelope import Received, Unacceptable, read
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.outcome import Reference, ReferenceKind
from gateway.model.questions import QuestionAnswer, QuestionKind
from gateway.model.request import Attachment, PARequest
from tests.benchmarks.epa_documents import answers_to, asked
from tests.strategies import Json, requests, text
from tests.unit.script_material import CASE, LATER, STAMP, destination, heard, order, request
from tests.unit.test_script_epa_said import for_a_drug

TO = destination(to="BIRCHRX", **{"from": "PAYERGW"})
UNSOLICITED = TO.model_copy(update={"payer_settings": PayerSettings(payer_id="ROWAN", unsolicited=True)})
ASKED = asked()
CASES = (Reference(kind=ReferenceKind.REVIEW, value=CASE),)


@cache
def answers() -> Answers:
    questions = heard(ASKED).questions
    assert questions is not None
    return answers_to(questions)


def judged(exchange: Exchange) -> Received | None:
    """What the PBM takes it for; None where the channel refuses to say it."""
    try:
        document = first_frame(exchange).document
    except CannotExpress as refused:
        # A bound that only the writer of messages knows is a fault of the channel.
        if "" in {item.pointer for item in refused.items}:
            raise AssertionError(refused) from None
        return None
    assert document is not None
    try:
        received = read(document)
    except Unacceptable as refused:
        raise AssertionError([(fault.path, fault.says) for fault in refused.faults]) from None
    assert not {"DEANumber", "SocialSecurity", "SSN"} & {str(each.tag) for each in received.element.iter()}
    return received


def drugs() -> st.SearchStrategy[PARequest]:
    return requests(payer="rowan_rx").map(_parsed)


def _parsed(value: Json) -> PARequest:
    return PARequest.model_validate(for_a_drug(value))


fewer = settings(max_examples=settings().max_examples // 2)


@fewer
@given(drugs(), st.booleans())
def test_a_pbm_takes_any_initiation(wanted: PARequest, unsolicited: bool) -> None:
    received = judged(ADAPTER.submit(wanted, UNSOLICITED if unsolicited else TO, STAMP))
    assert received is None or received.kind == ("PARequest" if unsolicited else "PAInitiationRequest")


@fewer
@given(drugs(), text(300), st.sampled_from((ChangeKind.CANCEL, ChangeKind.APPEAL)))
def test_a_pbm_takes_any_cancellation_and_any_appeal(wanted: PARequest, reason: str, kind: ChangeKind) -> None:
    filed = Filed(request=wanted, stamp=STAMP, references=CASES)
    received = judged(ADAPTER.amend(filed, Change(kind=kind, reason=reason), TO, LATER))
    assert received is None or received.kind == f"PA{kind.value.title()}Request"


@fewer
@given(drugs(), text(300), st.binary(min_size=1, max_size=50), st.data())
def test_a_pbm_takes_any_answers(wanted: PARequest, words: str, content: bytes, data: st.DataObject) -> None:
    filed = Filed(request=wanted, stamp=STAMP, references=CASES, asked=ASKED)
    said = [each if each.text is None else QuestionAnswer(question=each.question, text=words) for each in _some(data)]
    media = data.draw(st.sampled_from(("application/pdf", "image/png", "image/jpeg")))
    document = Attachment(id="d1", kind="other", title="Notes", media_type=media, content=b64encode(content))
    told = answers().model_copy(update={"questions": tuple(said), "attachments": (document,), "note": words})
    received = judged(ADAPTER.answer(filed, told, TO, LATER))
    assert received is None or len(received.element.findall(".//Answer")) == len(said)


def _some(data: st.DataObject) -> list[QuestionAnswer]:
    given = answers().questions
    return data.draw(st.lists(st.sampled_from(given), unique_by=lambda each: each.question, max_size=len(given)))


@pytest.mark.parametrize("to", [TO, UNSOLICITED])
def test_a_plain_order_is_taken(to: Destination) -> None:
    assert judged(ADAPTER.submit(request(), to, STAMP)) is not None


def test_all_kinds_of_answers_are_taken() -> None:
    received = judged(ADAPTER.answer(Filed(request=request(), stamp=STAMP, asked=ASKED), answers(), TO, LATER))
    assert received is not None
    assert {each.kind for each in answers().questions} == set(QuestionKind) - {QuestionKind.MOMENT}
    assert len(received.element.findall(".//Answer")) == 30


def test_nothing_is_asked_first_of_a_payer_that_takes_what_it_did_not_ask_for() -> None:
    received = judged(ADAPTER.submit(request(), UNSOLICITED, STAMP))
    assert received is not None
    [model] = received.element.find("Request")
    assert model.tag == "UnSolicitedModel"
    assert received.element.find(".//PACaseID") is None
    assert "UnSolicitedModel" not in _written(TO)


def _written(to: Destination) -> str:
    return (first_frame(ADAPTER.submit(request(), to, STAMP)).document or b"").decode()


def test_a_cardholder_without_a_first_name_is_not_named() -> None:
    person = {**order()["patient"], "first_name": None}
    coverage = {**order()["coverages"][0], "relationship": "child"}
    frame = first_frame(ADAPTER.submit(request(coverages=[coverage], subscriber=person), TO, STAMP))
    assert etree.fromstring(frame.document or b"").find(".//CardHolderName") is None
    assert "/subscriber/last_name" in {loss.pointer for loss in frame.losses}


def test_several_documents_are_refused_with_what_to_do() -> None:
    documents = tuple(
        Attachment(
            id=f"d{number}", kind="other", title="Notes", media_type="application/pdf", content=b64encode(b"%PDF")
        )
        for number in (1, 2)
    )
    filed = Filed(request=request(), stamp=STAMP, asked=ASKED)
    with pytest.raises(CannotExpress) as refused:
        first_frame(ADAPTER.answer(filed, answers().model_copy(update={"attachments": documents}), TO, LATER))
    assert [(item.pointer, item.fix) for item in refused.value.items] == [
        ("/attachments/1", "Put all documents into one PDF.")
    ]
