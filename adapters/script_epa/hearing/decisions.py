"""Reads what a payer decided: approved, approved for less, denied. A denial has no code: its words are passed on."""

from __future__ import annotations

from adapters.script_epa.codec.parties import Case
from adapters.script_epa.codec.verdicts import Approved, Denied, PartiallyDenied
from adapters.script_epa.hearing.parts import Parts, reviewed
from adapters.script_epa.hearing.reading import amount, day, written_in
from adapters.script_epa.hearing.terms import limits_of, meets, number_of, period_of, reference_of, tell_processor
from gateway.model.outcome import FollowUp, LineResult, Outcome
from gateway.model.reasons import NextAction, Reason, Scope, Word
from gateway.model.status import LineOutcome

_SHOWN = 2000


def decide(parts: Parts, status: Approved) -> Outcome:
    quantity = limits_of(parts, status)
    number, period = number_of(parts, status), period_of(parts, status)
    partly = isinstance(status, PartiallyDenied)
    note = parts.reading.place(status, "note")
    reasons: tuple[Reason, ...] = ()
    if partly and note is not None:
        parts.reading.keep("/lines/0/reasons/0", note)
        reasons = (Reason(word=Word.UNMAPPED, text=note.text[:_SHOWN], scope=Scope.LINE),)
    elif not partly:
        parts.reading.tell(note)
        if status.limits:
            partly = True
            parts.reading.doubt("an approval names limits, which this version has for a partial one only")
    tell_processor(parts, status)
    if _repeats_another_quantity(parts):
        partly = True
        parts.reading.doubt("the payer repeats another quantity than was asked for")
    if not meets(parts, period):
        partly = True
    line = LineResult(
        line=parts.line,
        outcome=LineOutcome.CERTIFIED_MODIFIED if partly else LineOutcome.CERTIFIED,
        quantity=quantity,
        period=period,
        authorization_number=number,
        reasons=reasons,
    )
    follow_up = _appeal(parts, status)
    if not partly:
        # Nobody appeals against what was granted as it was asked for.
        follow_up = ()
        for place in ("/follow_up/0", "/follow_up/0/until"):
            parts.reading.sources.pop(place, None)
    return reviewed(parts, status, line, references=reference_of(parts, number), follow_up=follow_up)


def _repeats_another_quantity(parts: Parts) -> bool:
    """A payer mirrors what it was asked, and may not approve another quantity by that."""
    drug = parts.content.drug if isinstance(parts.content, Case) else None
    told = written_in(drug.quantity) if drug is not None and drug.quantity is not None else None
    value = amount(told)
    if told is not None and value is None:
        parts.reading.doubt("the payer repeats a quantity that cannot be read")
    return value not in (None, parts.said.filed.request.lines[0].quantity.value)


def deny(parts: Parts, status: Denied) -> Outcome:
    note = parts.reading.place(status, "note")
    reasons: tuple[Reason, ...] = ()
    appeal = _appeal(parts, status)
    if note is not None:
        parts.reading.keep("/lines/0/reasons/0", note)
        appealed = parts.message.kind == "PAAppealResponse"
        reasons = (
            Reason(
                word=Word.APPEAL_UPHELD if appealed else Word.UNMAPPED,
                text=note.text[:_SHOWN],
                scope=Scope.LINE,
                suggested=NextAction.APPEAL if any(not each.elsewhere for each in appeal) else None,
            ),
        )
    tell_processor(parts, status)
    line = LineResult(line=parts.line, outcome=LineOutcome.NOT_CERTIFIED, reasons=reasons)
    return reviewed(parts, status, line, follow_up=appeal)


def _appeal(parts: Parts, status: Approved | Denied) -> tuple[FollowUp, ...]:
    """Whether the payer takes an appeal this way, and until when it can be filed."""
    appeal, reading = status.appeal, parts.reading
    if appeal is None:
        return ()
    until = day(appeal.until)
    if until is not None:
        reading.tell(reading.place(appeal, "until"), "An appeal can be filed until ")
    reading.tell(reading.place(appeal, "note"))
    if appeal.supported not in ("Y", "N"):
        if appeal.supported is not None:
            reading.doubt("whether the payer takes an appeal this way cannot be read")
        return ()
    reading.keep("/follow_up/0", reading.place(appeal, "supported"))
    if until is not None:
        reading.keep("/follow_up/0/until", reading.place(appeal, "until"))
    elsewhere = appeal.supported == "N"
    return (FollowUp(action=NextAction.APPEAL, line=parts.line, until=until, elsewhere=elsewhere),)
