"""Documents as a 275: each tied to what the payer asked for, or to what the request announced."""

from __future__ import annotations

import base64
import email
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278 import ADAPTER, traces
from adapters.x12_278.asking import attach
from adapters.x12_278.interchange import read
from adapters.x12_278.segment import Segment
from gateway.contract.adapter import Answers, Filed
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Https
from gateway.model.outcome import RequestedItem
from gateway.model.questions import QuestionAnswer
from gateway.model.request import Attachment
from tests.x12_material import LATER, STAMP, destination, filed, request


def document(name: str = "path-1", content: bytes = b"%PDF-1.7 ~*:^ obj", **over: Any) -> Attachment:
    return Attachment.model_validate(
        {
            "id": name,
            "kind": "pathology_report",
            "title": "Pathology report",
            "media_type": "application/pdf",
            "content": base64.b64encode(content).decode(),
        }
        | over
    )


NUMBERED = Answers(attachments=(document(),), control_numbers={"path-1": "PAYER-7"})
ASKED = (RequestedItem(kind="pathology_report", code="P4", control_number="PAYER-7"),)


def sent(answers: Answers, about: Filed | None = None) -> Https:
    frame = first_frame(ADAPTER.answer(about or filed(requested=ASKED), answers, destination(), LATER))
    assert isinstance(frame, Https)
    return frame


def segments(frame: Https) -> list[Segment]:
    (transaction,) = read(frame.document or b"").transactions()
    assert (transaction.kind, transaction.guide) == ("275", "006020X316")
    return list(transaction.body)


def texts(frame: Https, *tags: str) -> list[str]:
    whole = (frame.document or b"").decode().split("~")
    return [segment for segment in whole if segment.partition("*")[0] in tags]


def test_a_document_that_was_asked_for_carries_the_payers_number() -> None:
    frame = sent(Answers(attachments=(document(),), control_numbers={"path-1": "PAYER-9"}))
    assert frame.effect
    assert texts(frame, "BGN")[0].startswith("BGN*11*")
    assert texts(frame, "LX", "TRN") == ["LX*1", "TRN*2*PAYER-9"]
    assert texts(frame, "REF") == [f"REF*EJ*{traces.event(STAMP)}"]
    assert texts(frame, "GS")[0].startswith("GS*PI*")
    assert texts(frame, "NM1") == [
        "NM1*1P*1*Testdoctor*Able****XX*1234567893",
        "NM1*X3*2*Evergreen Health*****PI*EGH01",
        "NM1*QC*1*Sampleton*Ada****MI*EGH100001",
    ]


def test_an_announced_document_carries_the_number_it_was_announced_with() -> None:
    other = document("other").model_dump(mode="json")
    about = filed(request(attachments=[other, document().model_dump(mode="json")]))
    frame = sent(Answers(attachments=(document(),)), about)
    assert texts(frame, "BGN")[0].startswith("BGN*02*")
    assert texts(frame, "TRN") == [f"TRN*1*{traces.attachment(STAMP, 2)}"]


def test_what_the_payer_asks_for_changes_nothing_of_a_document_that_is_sent_as_announced() -> None:
    about = filed(request(attachments=[document().model_dump(mode="json")]), requested=ASKED)
    assert texts(sent(Answers(attachments=(document(),)), about), "TRN") == [f"TRN*1*{traces.attachment(STAMP, 1)}"]


def test_another_document_under_the_id_of_an_announced_one_is_not_that_one() -> None:
    about = filed(request(attachments=[document().model_dump(mode="json")]), requested=ASKED)
    with pytest.raises(CannotExpress, match="/attachments/0"):
        sent(Answers(attachments=(document(content=b"another"),)), about)


def test_no_275_holds_both_what_was_asked_for_and_what_was_announced() -> None:
    about = filed(request(attachments=[document().model_dump(mode="json")]), requested=ASKED)
    both = Answers(attachments=(document(), document("b")), control_numbers={"b": "PAYER-7"})
    with pytest.raises(CannotExpress, match="asked for, or documents that were announced"):
        sent(both, about)


def test_documents_asked_for_without_a_number_are_tied_to_the_event() -> None:
    about = filed(requested=(RequestedItem(kind="other", code="11502-2", code_system="loinc"),))
    answers = Answers(attachments=(document(),), codes={"path-1": "11502-2"})
    assert texts(sent(answers, about), "TRN") == [f"TRN*2*{traces.event(STAMP)}"]


def test_a_document_that_nobody_asked_for_or_announced_cannot_be_sent() -> None:
    with pytest.raises(CannotExpress) as caught:
        sent(Answers(attachments=(document(), document("b"))), filed())
    assert [item.pointer for item in caught.value.items] == ["/attachments/0", "/attachments/1"]


def test_answers_to_questions_are_refused_and_not_left_out() -> None:
    said = (QuestionAnswer(question="1", text="Since last spring."),)
    for answers in (Answers(round="5" * 32, questions=said), NUMBERED.model_copy(update={"questions": said})):
        with pytest.raises(CannotExpress) as refused:
            sent(answers)
        assert [item.pointer for item in refused.value.items] == ["/questions"]


def test_a_number_that_nobody_named_is_never_guessed() -> None:
    with pytest.raises(CannotExpress, match="/attachments/0"):
        sent(Answers(attachments=(document(),)), filed(requested=ASKED))


def test_a_payer_that_takes_none_gets_none() -> None:
    with pytest.raises(CannotExpress, match="takes no documents"):
        first_frame(
            ADAPTER.answer(
                filed(requested=ASKED),
                Answers(attachments=(document(),)),
                destination(payer={"attachments": "none"}),
                LATER,
            )
        )


def test_a_document_beyond_what_core_asks_payers_to_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "LARGEST", 10)
    with pytest.raises(CannotExpress, match="larger than 10 bytes"):
        sent(NUMBERED)


def test_a_note_without_a_document_cannot_be_sent() -> None:
    with pytest.raises(CannotExpress) as caught:
        sent(Answers(attachments=(), note="see the chart"))
    assert [item.pointer for item in caught.value.items] == ["/attachments", "/note"]


def test_a_note_beside_a_document_is_refused_and_not_dropped() -> None:
    with pytest.raises(CannotExpress, match="no place for a note") as caught:
        sent(NUMBERED.model_copy(update={"note": "see page 2"}))
    assert [item.pointer for item in caught.value.items] == ["/note"]


def test_a_title_that_is_rewritten_is_reported() -> None:
    frame = sent(NUMBERED.model_copy(update={"attachments": (document(title="Befund für Ada"),)}))
    assert [(loss.pointer, loss.kept) for loss in frame.losses] == [("/attachments/0/title", "transliterated")]


def test_a_name_that_is_rewritten_or_shortened_is_reported_as_in_the_request() -> None:
    patient = request().patient.model_dump(mode="json") | {"last_name": "ß" * 40, "first_name": "Zoë"}
    requester = request().requester.model_dump(mode="json") | {"last_name": "Müller", "first_name": "Æ" * 35}
    asked = filed(request(patient=patient, requester=requester), requested=ASKED)
    frame = sent(NUMBERED, asked)
    assert [(loss.pointer, loss.kept) for loss in frame.losses] == [
        ("/requester/last_name", "transliterated"),
        ("/requester/first_name", "shortened"),
        ("/patient/last_name", "shortened"),
        ("/patient/first_name", "transliterated"),
    ]


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=3))
def test_the_payer_gets_the_very_bytes(contents: list[bytes]) -> None:
    held = tuple(document(f"doc-{place}", content) for place, content in enumerate(contents))
    answers = Answers(attachments=held, control_numbers={each.id: "PAYER-7" for each in held})
    found = [segment for segment in segments(sent(answers)) if segment.tag == "BDS"]
    assert [segment.text(1) for segment in found] == ["B64"] * len(contents)
    for segment, content in zip(found, contents, strict=True):
        assert int(segment.text(2)) == len(segment.raw(3))
        entity = email.message_from_bytes(base64.b64decode(segment.raw(3), validate=True))
        assert entity.get_content_type() == "application/pdf"
        assert entity.get_payload(decode=True) == content
