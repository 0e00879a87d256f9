"""What a payer's message says of what was asked: one drug, one line, one outcome."""

from __future__ import annotations

from adapters.script_epa.codec.envelope import Received
from adapters.script_epa.codec.form import several_in
from adapters.script_epa.codec.meaning import Illegible
from adapters.script_epa.codec.messages import Cancelled, Error, NotCancelled, PACancelResponse, content_of
from adapters.script_epa.codec.parties import Case
from adapters.script_epa.codec.questions import due, earliest_at, question_part, read_questions
from adapters.script_epa.codec.schema import check
from adapters.script_epa.codec.verdicts import Approved, Closed, Denied, InProcess, Open, StillOpen
from adapters.script_epa.hearing.closures import close
from adapters.script_epa.hearing.decisions import decide, deny
from adapters.script_epa.hearing.parts import Parts, reviewed
from adapters.script_epa.hearing.reading import Reading, day
from adapters.script_epa.hearing.replies import error_outcome, read_error
from adapters.script_epa.hearing.whose import case_numbers, doubts_of, why_not_ours
from adapters.script_epa.tables import CANCELLATION, Failure, Fault
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Saying
from gateway.model.outcome import Answer, LineResult, Outcome, PayerContact, RequestedItem
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention, LineOutcome

ANSWERS = frozenset({"PAInitiationResponse", "PAResponse", "PAAppealResponse", "PACancelResponse"})


def hear(message: Received, said: Saying, to: Destination) -> Outcome:
    """Raises Unreadable for a message that answers nothing."""
    if (fault := check(message.tree.body, to.xsd)) is not None:  # of the mailbox: nobody could be told so there
        return _unmapped(Reading(message), message, f"the payer's answer does not follow the schema ({fault})")
    if message.is_test and to.mode is Mode.LIVE:  # of the mailbox: the door refuses it
        return _unmapped(Reading(message), message, "a test message came over a live connection")
    content = content_of(message)
    if isinstance(content, Error):
        failure, faults = read_error(content, to)
        # A network that lost the reply, or time, does not say that the receiver refused.
        open_ = Fault.DUPLICATE in faults or set(faults) == {Fault.AGAIN}
        known = failure in (Failure.REFUSED, Failure.CONFIGURATION) and not open_
        if not known:
            why = "an Error came that does not say whether the message was refused"
            return error_outcome(message, content, Answer.UNMAPPED, to, why)
        return error_outcome(message, content, _refusal(said), to)
    if not isinstance(content, Case | PACancelResponse) or message.kind not in ANSWERS:
        raise Unreadable("the message is no answer to anything")
    parts = Parts(message, content, said, to)
    status = parts.status
    if status is None:
        return _unmapped(parts.reading, message, "the payer's answer says nothing that an answer of its kind can say")
    stranger = why_not_ours(message, content, said)
    if stranger is not None:
        return _unmapped(parts.reading, message, stranger)
    doubts = doubts_of(content, said, to)
    for doubt in doubts:
        parts.reading.doubt(doubt)
    if several := len(case_numbers(message)) > 1:
        parts.reading.doubt(_several("PACaseID"))
    parts.whose_doubted = several or bool(doubts)
    patient = content.patient if isinstance(content, Case) else None
    for word in (*content.several, *several_in(status), *(several_in(patient) if patient is not None else ())):
        parts.reading.doubt(_several(word))
    match status:
        case Open() | StillOpen():
            return _asked(parts, status)
        case Closed():
            return close(parts, status)
        case InProcess():
            return _in_process(parts, status)
        case Approved():
            return decide(parts, status)
        case Denied():
            return deny(parts, status)
        case Cancelled():
            return _cancelled(parts, status)
        case NotCancelled():
            return _not_cancelled(parts, status)
    raise TypeError("the status is none that there is")


def _refusal(said: Saying) -> Answer:
    cancels = isinstance(said.work, Change) and said.work.kind is ChangeKind.CANCEL
    return Answer.CANCEL_REFUSED if cancels else Answer.REJECTED


def _several(word: str) -> str:
    return f"the payer's answer has several {word}, and they are not alike"


def _unmapped(reading: Reading, message: Received, why: str) -> Outcome:
    return Outcome(
        answer=Answer.UNMAPPED,
        effective_at=reading.moment(),
        attention=Attention.OPERATOR,
        attention_why=why,
        sources=reading.sources,
        document=message.tree.body,
    )


def _in_process(parts: Parts, status: InProcess) -> Outcome:
    expected, by = parts.reading.place(status, "expected"), due(status.expected or "")
    if expected is not None:
        if by is None:
            parts.reading.doubt("the day on which the payer expects to answer cannot be read")
        else:
            parts.reading.keep("/expected_by", expected)
        parts.reading.tell(expected, "The payer expects to answer by ")
    parts.reading.tell(parts.reading.place(status, "note"))
    outcome = reviewed(parts, status, LineResult(line=parts.line, outcome=LineOutcome.PENDING), final=False)
    return outcome.model_copy(update={"expected_by": by})


def _asked(parts: Parts, status: Open | StillOpen) -> Outcome:
    """The payer wants answers."""
    if isinstance(status, Open):
        parts.reading.tell(parts.reading.place(status, "expiring_case"), "The payer names a case that expires: ")
        parts.reading.tell(parts.reading.place(status, "expires"), "It expires on ")
    parts.reading.tell(parts.reading.place(status, "note"))
    line = LineResult(line=parts.line, outcome=LineOutcome.INFO_REQUESTED)
    part, questions = question_part(parts.message), None
    if part is not None:
        try:
            questions = read_questions(parts.message, part, parts.reading.doubt)
        except Illegible as why:
            parts.reading.doubt(f"the payer asks, and its questions cannot be read: {why}")
        for word in part.several:
            parts.reading.doubt(_several(word))
    else:
        parts.reading.doubt("the payer asks, and there are no questions")
    outcome = reviewed(parts, status, line, final=False)
    if part is None or questions is None:
        return outcome
    sources, tags = dict(outcome.sources), parts.tags
    parts.reading.sources = sources
    parts.reading.keep("/questions/title", part.header)
    if part.deadline is not None and questions.deadline_as_written:
        parts.reading.keep("/questions/deadline_as_written", part.deadline)
        if questions.deadline is None:
            parts.reading.doubt("the day until which the payer waits cannot be read")
        else:
            parts.reading.keep("/questions/deadline", part.deadline)
    for place, node in enumerate(part.questions):
        parts.reading.keep(f"/questions/questions/{place}", node)
    requested: tuple[RequestedItem, ...] = ()
    required = part.header.word(tags["AttachmentRequired"])
    if questions.attachment_required and required is not None:
        parts.reading.keep("/requested/0", required)
        due_on = day(earliest_at(part.deadline)) if questions.deadline else None  # by the payer's own calendar
        requested = (RequestedItem(kind="other", text=questions.attachment_notes, line=parts.line, due_on=due_on),)
    contacts = outcome.contacts
    phone = part.header.get(tags["QuestionSetContactCommunicationNumber"])
    if questions.phone and phone is not None:
        parts.reading.keep(f"/contacts/{len(contacts)}", phone)
        contacts += (PayerContact(purpose="additional_information", line=parts.line, phone=questions.phone[:80]),)
    update = {"questions": questions, "requested": requested, "contacts": contacts, "sources": sources}
    return outcome.model_copy(update=update | parts.attention())


def _cancelled(parts: Parts, status: Cancelled) -> Outcome:
    moment = parts.reading.moment()
    parts.reading.tell(parts.reading.place(status, "note"))
    return Outcome(
        answer=Answer.CANCELLED,
        messages=tuple(parts.reading.messages),
        effective_at=moment,
        sources=parts.reading.sources,
        document=parts.message.tree.body,
        **parts.attention(),
    )


def _not_cancelled(parts: Parts, status: NotCancelled) -> Outcome:
    moment = parts.reading.moment()
    code, note = parts.reading.place(status, "reason"), parts.reading.place(status, "note")
    entry = parts.to.entry(CANCELLATION, code.text) if code is not None else None
    reasons: tuple[Reason, ...] = ()
    told = code if code is not None else note
    if told is not None:
        parts.reading.keep("/reasons/0", told)
        reasons = (
            Reason(
                word=Word(entry.means) if entry else Word.UNMAPPED,
                code=code.text[:80] if code is not None else None,
                code_system=CANCELLATION if code is not None else None,
                text=note.text[:2000] if note is not None else None,
                suggested=entry.next if entry else None,
            ),
        )
    return Outcome(
        answer=Answer.CANCEL_REFUSED,
        reasons=reasons,
        effective_at=moment,
        sources=parts.reading.sources,
        document=parts.message.tree.body,
        **parts.attention(),
    )
