"""Documents have one destination or none: as the caller said, else by kind; and what is not given stays wanting."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress
from gateway.engine import attempts, documents
from gateway.engine.documents import Asking
from gateway.model.outcome import Answer, Outcome, RequestedItem
from gateway.model.request import Attachment
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Attempt, Submission, Verb
from tests.unit.engine_material import NOW, RHYTHM, a_submission, an_attempt

LABS, NOTES, IMAGING, PATHOLOGY = "laboratory_results", "clinical_notes", "imaging_report", "pathology_report"


def document(name: str, kind: str = LABS, content: str = "synthetic") -> Attachment:
    return Attachment.model_validate(
        {
            "id": name,
            "kind": kind,
            "title": "Synthetic",
            "media_type": "text/plain",
            "content": base64.b64encode(content.encode()).decode(),
        }
    )


def item(kind: str, number: str | None = None, code: str | None = None, line: str | None = None) -> RequestedItem:
    return RequestedItem(kind=kind, control_number=number, code=code, line=line)


def asking(*items: RequestedItem, payer: str = "evergreen_health", sent: tuple[Attempt, ...] = ()) -> Asking:
    submission = a_submission(*sent, status=CaseStatus.NEEDS_INFORMATION)
    return Asking(Submission(**{**vars(submission), "id": uuid4(), "payer": payer}), items)


def answers(*held: Attachment, **more: Any) -> Answers:
    return Answers(attachments=held, **more)


def given(one: Asking, to: dict[Any, Answers]) -> dict[str, str]:
    """Under which number or code the submission gets each document."""
    work = to.get(one.submission.id, Answers(note="nothing"))
    return {**work.control_numbers, **work.codes}


def refused(answers: Answers, *asked: Asking) -> list[tuple[str, str]]:
    with pytest.raises(CannotExpress) as caught:
        documents.assign(answers, asked)
    return [(fault.pointer, fault.fix) for fault in caught.value.items]


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ([item(LABS, "CN1"), item("other", "CN2")], "CN1"),
        ([item("other", "CN2")], "CN2"),
        ([item("other", "CN2"), item(LABS, None, "LA")], "CN2"),
        ([item("other", "CN2", "77", "a"), item("other", "CN2", "77", "b")], "CN2"),
        ([item(LABS, None, "LA")], "LA"),
        ([item("other", None, "11502-2")], "11502-2"),
        ([item("other", None, "11502-2", "a"), item("other", None, "11502-2", "b")], "11502-2"),
        ([item(LABS, "CN1"), item("other", None, "11502-2")], "CN1"),
    ],
    ids=[
        "its kind",
        "the only one, of no kind",
        "a number and its code",
        "of two lines",
        "its kind, without a number",
        "a LOINC code",
        "a LOINC code of two lines",
        "as many codes as numbers",
    ],
)
def test_a_document_goes_where_only_it_can_be_meant(asked: list[RequestedItem], goes: str) -> None:
    one = asking(*asked)
    assert given(one, documents.assign(answers(document("d")), [one])) == {"d": goes}


@pytest.mark.parametrize(
    "asked",
    [
        [item("other", "CN2"), item("other", "CN3")],
        [item(LABS, "CN1"), item(LABS, "CN2")],
        [item(IMAGING, "CN3")],
        [item("other", None, "11502-2"), item("other", None, "24357-6")],
    ],
    ids=["two of no kind", "two of its kind", "another kind alone", "two codes"],
)
def test_a_document_that_could_be_meant_for_several_or_for_none_is_refused_with_their_names(
    asked: list[RequestedItem],
) -> None:
    [(pointer, fix)] = refused(answers(document("d")), asking(*asked))
    assert pointer == "/attachments/0"
    assert all((each.control_number or each.code or "") in fix for each in asked)


def test_all_documents_of_the_only_kind_go_together() -> None:
    one = asking(item(LABS, "CN1"), item(NOTES, "CN2"))
    to = documents.assign(answers(document("a"), document("b", content="page 2"), document("n", NOTES)), [one])
    assert given(one, to) == {"a": "CN1", "b": "CN1", "n": "CN2"}


def test_no_payer_gets_what_another_one_asked_for() -> None:
    delegate, payer = asking(item(IMAGING, "D1"), payer="bluestem_mutual"), asking(item(LABS, "P9"))
    for work in (answers(document("d", IMAGING)), answers(document("d", NOTES), control_numbers={"d": "D1"})):
        to = documents.assign(work, [delegate, payer])
        assert given(delegate, to) == {"d": "D1"}
        assert payer.submission.id not in to
    both = documents.assign(answers(document("i", IMAGING), document("l")), [delegate, payer])
    assert [[held.id for held in both[one.submission.id].attachments] for one in (delegate, payer)] == [["i"], ["l"]]


def test_a_number_that_no_payer_gave_is_refused_and_theirs_are_named() -> None:
    asked = asking(item(LABS, "CN1"), item(NOTES, "CN2"))
    [(pointer, fix)] = refused(answers(document("d"), control_numbers={"d": "CN-1"}), asked)
    assert pointer == "/control_numbers/d"
    assert "CN1, CN2" in fix
    assert [where for where, _ in refused(answers(document("d"), codes={"d": "1-8"}), asked)] == ["/codes/d"]


def test_two_of_one_kind_go_where_the_caller_says() -> None:
    one = asking(item(NOTES, "NURSING", "NN"), item(NOTES, "PHYSIO", "PN"))
    work = answers(document("n", NOTES), document("p", NOTES, "other"), control_numbers={"n": "NURSING", "p": "PHYSIO"})
    assert given(one, documents.assign(work, [one])) == {"n": "NURSING", "p": "PHYSIO"}


def test_what_was_asked_for_without_a_number_can_be_named_by_its_code() -> None:
    one = asking(item("other", None, "11502-2"), item("other", None, "24357-6"))
    assert given(one, documents.assign(answers(document("d"), codes={"d": "24357-6"}), [one])) == {"d": "24357-6"}
    doubled = asking(item(LABS, "CN1"), item("other", None, "11502-2"))
    assert given(doubled, documents.assign(answers(document("d"), codes={"d": "11502-2"}), [doubled])) == {"d": "CN1"}


def test_a_name_that_two_payers_use_is_told_apart_by_the_kind_or_by_the_payer() -> None:
    one, two = asking(item(LABS, "1")), asking(item(NOTES, "1"), payer="bluestem_mutual")
    named = answers(document("d", NOTES), control_numbers={"d": "1"})
    assert list(documents.assign(named, [one, two])) == [two.submission.id]
    unclear = answers(document("d", IMAGING), control_numbers={"d": "1"})
    assert [where for where, _ in refused(unclear, one, two)] == ["/control_numbers/d"]
    told = unclear.model_copy(update={"payer": "bluestem_mutual"})
    assert list(documents.assign(told, [one, two])) == [two.submission.id]
    stranger = unclear.model_copy(update={"payer": "nobody"})
    assert [where for where, _ in refused(stranger, one, two)] == ["/payer"]


def test_a_note_goes_to_one_payer_or_is_refused() -> None:
    one, two = asking(item(LABS, "1")), asking(item(NOTES, "2"), payer="bluestem_mutual")
    to = documents.assign(answers(document("d"), note="see page 2"), [one, two])
    assert to[one.submission.id].note == "see page 2"
    assert [where for where, _ in refused(answers(note="see page 2"), one, two)] == ["/note"]
    assert documents.assign(answers(note="see page 2"), [one])[one.submission.id].note == "see page 2"


# What is wanting


def sent(*held: Attachment, delivery: Delivery = Delivery.APP_ACKED, **names: Any) -> Attempt:
    return an_attempt(Verb.ANSWER, delivery, 100, Answers(attachments=held, **names), planned=100)


def wanting(submission: Submission, *asked: RequestedItem, heard: tuple[Heard, ...] = ()) -> list[str | None]:
    standing = Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PROVIDER, requested=asked)
    left = documents.wanting(submission, standing, heard, RHYTHM)
    return [each.control_number or each.code for each in left]


def under_review(*held: Attempt) -> Submission:
    return a_submission(*held, status=CaseStatus.NEEDS_INFORMATION)


def test_a_document_covers_what_it_was_given_for_and_nothing_else() -> None:
    numbered = under_review(sent(document("d"), control_numbers={"d": "CN1"}))
    assert wanting(numbered, item(LABS, "CN1"), item(NOTES, "CN2")) == ["CN2"]
    coded = under_review(sent(document("d"), codes={"d": "11502-2"}))
    assert wanting(coded, item("other", None, "11502-2"), item("other", None, "24357-6")) == ["24357-6"]
    announced = under_review(sent(document("d")))
    assert wanting(announced, item(LABS, "CN1"), item("other", None, "11502-2"), item(NOTES)) == [
        "CN1",
        "11502-2",
        None,
    ]
    doubled = under_review(sent(document("d"), control_numbers={"d": "CN1"}))
    asked = (item("other", None, "1-1"), item("other", None, "1-2"), item(LABS, "CN1"), item(NOTES, "CN2"))
    assert wanting(doubled, *asked) == ["1-2", "CN2"]


@pytest.mark.parametrize(
    ("delivery", "error", "covers"),
    [
        (Delivery.PLANNED, None, True),
        (Delivery.SENT, None, True),
        (Delivery.LOST, None, True),
        (Delivery.RECONCILED, None, True),
        (Delivery.REFUSED, f"{attempts.UNAVAILABLE}: now", True),
        (Delivery.REFUSED, None, False),
        (Delivery.APP_ACKED, f"{attempts.SEEN}: before", False),
    ],
)
def test_documents_that_the_payer_has_or_will_get_cover(delivery: Delivery, error: str | None, covers: bool) -> None:
    work = Answers(attachments=(document("d"),), control_numbers={"d": "CN1"})
    submission = under_review(an_attempt(Verb.ANSWER, delivery, 100, work, error))
    assert wanting(submission, item(LABS, "CN1")) == ([] if covers else ["CN1"])


def test_a_payer_that_asks_again_after_it_had_time_to_settle_wants_it_again() -> None:
    asked = item(LABS, "CN1")

    def inquired(seconds_ago: float) -> Heard:
        at = NOW - timedelta(seconds=seconds_ago)
        return Heard(Outcome(answer=Answer.REVIEWED, requested=(asked,)), at, filing=False, asked=at)

    submission = under_review(sent(document("d"), control_numbers={"d": "CN1"}))
    assert wanting(submission, asked, heard=(inquired(71),)) == []
    assert wanting(submission, asked, heard=(inquired(69),)) == ["CN1"]
    one = Asking(submission, (asked,))
    assert given(one, documents.assign(answers(document("d")), [one])) == {"d": "CN1"}


def test_a_payer_that_does_not_say_what_it_wants_can_be_given_any_document() -> None:
    standing = Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PROVIDER)
    wanted = documents.wanting(under_review(), standing, (), RHYTHM)
    one = Asking(under_review(), wanted)
    assert given(one, documents.assign(answers(document("d")), [one])) == {"d": "other"}
    assert documents.wanting(under_review(sent(document("d"), codes={"d": "other"})), standing, (), RHYTHM) == ()


def test_what_was_given_and_is_not_wanted_again_is_not_given_twice() -> None:
    held = sent(document("d"), control_numbers={"d": "CN1"})
    one = asking(item(NOTES, "CN2"), sent=(held,))
    assert documents.assign(answers(document("d")), [one]) == {}
    assert documents.assign(answers(document("d"), control_numbers={"d": "CN1"}), [one]) == {}
    more = documents.assign(answers(document("d", content="page 2"), control_numbers={"d": "CN1"}), [one])
    assert given(one, more) == {"d": "CN1"}


@pytest.mark.parametrize(
    ("status", "asks", "cancelling", "may"),
    [
        (CaseStatus.NEEDS_INFORMATION, False, False, True),
        (CaseStatus.APPROVED, True, False, True),
        (CaseStatus.APPROVED, False, False, False),
        (CaseStatus.PENDED, True, False, True),
        (CaseStatus.PENDED, False, False, False),
        (CaseStatus.NEEDS_INFORMATION, True, True, False),
        (CaseStatus.CANCELLED, True, False, False),
    ],
)
def test_documents_may_be_given_wherever_some_are_asked_for(
    status: CaseStatus, asks: bool, cancelling: bool, may: bool
) -> None:
    standing = Standing(status, {}, requested=(item(LABS, "CN1"),) if asks else ())
    assert documents.may_be_answered(a_submission(status=status, cancelling=cancelling), standing) is may


# Announced documents, unattended


def follow(submission: Submission, *asked: RequestedItem) -> list[tuple[list[str], dict[str, str]]]:
    """The messages that follow a filing with a pathology report and a plan, until all were to be sent."""
    announced = [document("path", PATHOLOGY), document("plan", "treatment_plan")]
    messages = []
    while documents.unsent(submission, announced):
        work = documents.following(submission, announced, asked)
        messages.append(([held.id for held in work.attachments], {**work.control_numbers, **work.codes}))
        held = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 1, work)
        submission = a_submission(*submission.attempts, held, status=submission.status)
    return messages


@pytest.mark.parametrize(
    ("asked", "messages"),
    [
        ([], [(["path", "plan"], {})]),
        ([item(LABS, "ACN-LAB")], [(["path", "plan"], {})]),
        ([item("other", "CN1")], [(["path", "plan"], {})]),
        ([item("other", None, "11502-2")], [(["path", "plan"], {})]),
        ([item(PATHOLOGY, "CN1"), item(PATHOLOGY, "CN2")], [(["path", "plan"], {})]),
        ([item(PATHOLOGY, "CN1"), item(LABS, "CN2")], [(["path"], {"path": "CN1"}), (["plan"], {})]),
        ([item("treatment_plan", None, "08")], [(["plan"], {"plan": "08"}), (["path"], {})]),
    ],
    ids=["nothing asked", "another kind", "no kind", "a code", "two of a kind", "its kind", "its kind, no number"],
)
def test_announced_documents_go_under_the_payers_number_only_where_they_are_the_one_thing_of_their_kind(
    asked: list[RequestedItem], messages: list[tuple[list[str], dict[str, str]]]
) -> None:
    assert follow(under_review(), *asked) == messages


def test_announced_documents_are_sent_by_themselves_once_and_told_by_their_content() -> None:
    announced = [document("labs")]
    given_by_hand = sent(document("labs"), control_numbers={"labs": "CN1"})
    assert documents.unsent(under_review(given_by_hand), announced) == ()
    another = sent(document("labs", content="another one"), control_numbers={"labs": "CN1"})
    assert list(documents.unsent(under_review(another), announced)) == announced
