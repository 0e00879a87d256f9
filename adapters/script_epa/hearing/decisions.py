"""Reads what a payer decided: approved, approved for less, denied. A denial has no code: its words are passed on."""

from __future__ import annotations

from adapters.script_epa.codec.tree import Node
from adapters.script_epa.hearing.parts import Parts, reviewed
from adapters.script_epa.hearing.reading import amount, day
from adapters.script_epa.hearing.terms import limits_of, number_of, period_of, reference_of
from gateway.model.outcome import FollowUp, LineResult, Outcome
from gateway.model.reasons import NextAction, Reason, Scope, Word
from gateway.model.status import LineOutcome

_SHOWN = 2000


def decide(parts: Parts, status: Node) -> Outcome:
    if status.name == parts.tags["Denied"]:
        return _denied(parts, status)
    quantity = limits_of(parts, status)
    number, period = number_of(parts, status), period_of(parts, status)
    partly = status.name == parts.tags["PartiallyDenied"]
    note = status.word(parts.tags["PANote"])
    reasons: tuple[Reason, ...] = ()
    if partly and note is not None:
        parts.reading.keep("/lines/0/reasons/0", note)
        reasons = (Reason(word=Word.UNMAPPED, text=note.text[:_SHOWN], scope=Scope.LINE),)
    elif not partly:
        parts.reading.tell(note)
        if status.all(parts.tags["AuthorizationDetail"]):
            partly = True
            parts.reading.doubt("an approval names limits, which this version has for a partial one only")
    if _repeats_another_quantity(parts):
        partly = True
        parts.reading.doubt("the payer repeats another quantity than was asked for")
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
        parts.reading.sources.pop("/follow_up/0", None)
    return reviewed(parts, status, line, references=reference_of(parts, number), follow_up=follow_up)


def _repeats_another_quantity(parts: Parts) -> bool:
    """A payer mirrors what it was asked, and may not approve another quantity by that."""
    tags = parts.tags
    told = parts.message.content.get(tags["MedicationPrescribed"], tags["Quantity"], tags["Value"])
    return told is not None and amount(told) not in (None, parts.said.filed.request.lines[0].quantity.value)


def _denied(parts: Parts, status: Node) -> Outcome:
    note = status.word(parts.tags["PANote"])
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
                suggested=NextAction.APPEAL if appeal else None,
            ),
        )
    line = LineResult(line=parts.line, outcome=LineOutcome.NOT_CERTIFIED, reasons=reasons)
    return reviewed(parts, status, line, follow_up=appeal)


def _appeal(parts: Parts, status: Node) -> tuple[FollowUp, ...]:
    """That the payer takes an appeal this way, and until when."""
    node = status.get(parts.tags["Appeal"])
    if node is None:
        return ()
    until, taken = node.get(parts.tags["ExpirationDate"]), node.word(parts.tags["IsEAppealSupported"])
    if until is not None and day(until) is not None:
        parts.reading.tell(until, "An appeal can be filed until ")
    parts.reading.tell(node.word(parts.tags["PANote"]))
    if taken is None or taken.text != "Y":
        return ()
    parts.reading.keep("/follow_up/0", taken)
    return (FollowUp(action=NextAction.APPEAL, line=parts.line),)
