"""Reads what may come in place of a 278 response: a 999 (syntax) or a TA1 (envelope). Neither is a decision.

Accepted, with or without remarks (A, E), means that the payer's systems hold what was sent. Refused means that they
do not, with the segment and element named. A refused inquiry, change or document leaves the filing where it was:
``gateway.model.hearing`` sees to that, knowing what was sent. A 999 that repeats our control number and names another
kind of group, transaction or guide than we sent is about something else that has the same number.

A control number that was seen before is special. TA1 025 says so of the interchange; AK905 19 and IK502 23 of group and
transaction (by their words within one interchange or group, of which ours hold one each: so it was in an earlier one).
It says that the number is used, and nothing of what came under it. To a filing that is all it proves: NUMBER_USED. The
payer has the number from some other message (numbers that began again after a restore, a sender id that others use
too), or from an earlier sending of these bytes, which it may have filed, or have refused for now (AAA 42 uses up a
number as well). Whoever knows whether they were sent before decides whether to ask. So it is with a change, documents
or an inquiry that was sent for the first time. A change or documents that may have been sent before most likely arrived
then: RECEIVED, with attention for the gateway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.x12_278 import traces
from adapters.x12_278.acknowledgement.group_reading import GroupReader
from adapters.x12_278.acknowledgement.told import Told, text_of
from adapters.x12_278.acknowledgement.verdicts import (
    GroupEnd,
    GroupVerdict,
    SegmentFault,
    TransactionEnd,
    TransactionVerdict,
)
from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.reading import Given, Reading, unmapped
from adapters.x12_278.hearing.taken import Verdict, element_of, is_number, outcome_of, sent_as, with_contexts
from adapters.x12_278.interchange import Transaction
from adapters.x12_278.segment import Segment, Value
from gateway.contract.destination import Destination
from gateway.model.outcome import Answer, Outcome, put_together
from gateway.model.reasons import NextAction, Reason, Scope, Word
from gateway.model.status import Attention

_TAKEN = frozenset({"A", "E"})
_REFUSED = frozenset({"R", "M", "W", "X"})
_SEEN_BEFORE = Word.DUPLICATE_IN_PROCESS
"""What both tables call the codes by which a control number was seen before (``tables.CODE_ANCHORS``)."""

_VERDICTS = frozenset({"IK5", "AK5", "AK9"})

_ELEMENTS_WRONG = "8"
"""Says only that IK4 follows; IK4 says what is wrong."""


def groups_in(transaction: Transaction) -> tuple[GroupVerdict, ...] | str:
    """The groups that a 999 speaks of, or why nobody can tell what it says of them."""
    reader = GroupReader()
    groups = reader.read(transaction.st, transaction.body)
    if not groups:
        return "the 999 names no group"
    if any(each.tag in _VERDICTS for each in reader.kept):
        return "the 999 gives a verdict where none belongs"
    return groups


def acknowledged_by_999(document: bytes, transaction: Transaction, asked: Asked, to: Destination) -> Outcome:
    """The outcome of a 999 that answers us. IK5 of our transaction counts, and AK9 where it is not named."""
    groups = groups_in(transaction)
    if isinstance(groups, str):
        return unmapped(document, groups)
    numbered = [each for each in groups if is_number(text_of(each.control), asked.stamp.number)]
    if not numbered:
        return unmapped(document, "the 999 acknowledges another group than ours")
    of_kind = [each for each in numbered if _is_ours(each, _group_kind(asked), asked)]
    if not of_kind:
        return unmapped(document, "the 999 acknowledges another kind of group than ours")
    if len(of_kind) > 1:
        return unmapped(document, "the 999 acknowledges several groups that could be ours")
    group = of_kind[0]
    responses = [each for each in group.transactions if each.end]
    ours = [each for each in responses if _is_our_transaction(each, asked)]
    if responses and not ours:
        return unmapped(document, "the 999 acknowledges another transaction than ours")
    return said_by_999(document, group, ours, asked, to)


def said_by_999(
    document: bytes, group: GroupVerdict, ours: Sequence[TransactionVerdict], asked: Asked | None, to: Destination
) -> Outcome:
    """What it says of a transaction, in all that it says of it (``ours``); else of the group that it stands in."""
    if len({text_of(each.end.verdict) for each in ours if each.end}) > 1:
        return unmapped(document, "the 999 gives two verdicts on one transaction")
    verdict = _verdict(ours[0].end if ours else group.end)
    if verdict is None:
        return unmapped(document, "the 999 neither accepts nor refuses")
    if verdict.taken and group.end and text_of(group.end.verdict) in _REFUSED:
        return unmapped(document, "the 999 accepts the transaction and refuses its group")
    reading = Reading(to)
    given = list(_reasons_999(ours[0] if ours else None, group, reading))
    number = group.control.value() if group.control else None
    if _is_seen_before(given):
        return _seen_before(document, verdict, given, number, asked, reading)
    guide = (ours[0].guide if ours else None) or group.version
    return outcome_of(document, verdict, given, number, asked, reading, text_of(guide))


def acknowledged_by_ta1(document: bytes, ta1: Segment, asked: Asked | None, to: Destination) -> Outcome:
    """The outcome of a TA1 that answers us."""
    if asked and not is_number(ta1.text(1), asked.stamp.number):
        return unmapped(document, "the TA1 acknowledges another interchange than ours")
    word, note = ta1.value(4), ta1.value(5)
    if word is None or word.text not in _TAKEN | {"R"}:
        return unmapped(document, "the TA1 neither accepts nor refuses")
    reading = Reading(to)
    given = []
    if note and note.text != "000":
        given.append(reading.give("x12_ta1", note, Scope.CASE))
    verdict = Verdict(word.text in _TAKEN, word, "TA1")
    if _is_seen_before(given):
        return _seen_before(document, verdict, given, ta1.value(1), asked, reading)
    outcome = outcome_of(document, verdict, given, ta1.value(1), asked, reading)
    if verdict.taken or outcome.attention is not Attention.NONE:
        return outcome
    # Ids, dates and control numbers of an envelope are the connection's, not the practice's.
    why = "the interchange was refused; the connection's settings need a look"
    return outcome.model_copy(update={"attention": Attention.OPERATOR, "attention_why": why})


def refuses(interchanges: Sequence[Segment], transactions: Sequence[Transaction]) -> bool:
    """True when one of these TA1 or 999 refuses something; a TA1 that is in no known words has not taken it."""
    if any(ta1.text(4) not in _TAKEN for ta1 in interchanges):
        return True
    words = (segment for each in transactions for segment in each.body if segment.tag in _VERDICTS)
    return any(segment.text(1) in _REFUSED for segment in words)


def _is_seen_before(given: Sequence[Given]) -> bool:
    return any(one.reason.word is _SEEN_BEFORE for one in given)


def _seen_before(
    document: bytes,
    verdict: Verdict,
    given: Sequence[Given],
    number: Value | None,
    asked: Asked | None,
    reading: Reading,
) -> Outcome:
    if not verdict.taken and (asked is None or asked.verb == "file" or not asked.stamp.again):
        return _number_used(document, verdict, given, reading)
    outcome = outcome_of(document, verdict._replace(taken=True), given, number, asked, reading)
    why = "the payer has seen this control number before: inquire, do not file again"
    return outcome.model_copy(update={"attention": Attention.GATEWAY, "attention_why": why})


def _number_used(document: bytes, verdict: Verdict, given: Sequence[Given], reading: Reading) -> Outcome:
    """The tables' word for such a code speaks of the request, of which the payer says nothing."""
    told = [
        one.reason.model_copy(update={"word": Word.OTHER, "suggested": NextAction.RESUBMIT_LATER})
        if one.reason.word is _SEEN_BEFORE
        else one.reason
        for one in given
    ]
    reading.keep("/answer", verdict.path, verdict.value)
    for count, one in enumerate(given):
        reading.keep_reason(f"/reasons/{count}", verdict.path, one)
    return Outcome(
        answer=Answer.NUMBER_USED,
        reasons=tuple(told),
        attention=Attention.OPERATOR if reading.doubts else Attention.NONE,
        sources=reading.sources(),
        document=document,
        **put_together(reading.doubts),
    )


def _group_kind(asked: Asked) -> str:
    return sent_as(asked)[0]


def _is_our_transaction(named: TransactionVerdict, asked: Asked) -> bool:
    kind = sent_as(asked)[1]
    return is_number(text_of(named.control), int(traces.TRANSACTION)) and _is_ours(named, kind, asked)


def _is_ours(named: GroupVerdict | TransactionVerdict, kind: str, asked: Asked) -> bool:
    """True when AK1 or AK2 names what we sent: the kind, and the guide where it says one. A guide that is cut short
    (``005010``), or has its errata (``E1``), is no other guide."""
    guide = sent_as(asked)[2]
    told = text_of(named.version if isinstance(named, GroupVerdict) else named.guide).upper()
    return text_of(named.kind).upper() == kind and (guide.startswith(told) or told.startswith(guide))


def _verdict(end: TransactionEnd | GroupEnd | None) -> Verdict | None:
    word = end.verdict if end else None
    if word is None or word.text not in _TAKEN | _REFUSED:
        return None
    return Verdict(word.text in _TAKEN, word.value(), "999")


def _reasons_999(ours: TransactionVerdict | None, group: GroupVerdict, reading: Reading) -> Iterator[Given]:
    """Each error, told with the place it is about. What the element held is left where it is: it may be PHI."""
    for segment in ours.segments if ours else ():
        place = _place(segment)
        for code in segment.codes:
            if code.text != _ELEMENTS_WRONG or not segment.elements:
                yield with_contexts(_located(reading, "IK304", code, place), segment.contexts)
        for element in segment.elements:
            if element.code:
                where = f"{place}, element {element_of(element.position)}"
                yield with_contexts(_located(reading, "IK403", element.code, where), element.contexts)
    if ours and ours.end:
        yield from (_located(reading, "IK502", code, "as a whole") for code in ours.end.codes)
    if group.end:
        yield from (_located(reading, "AK905", code, "as a whole") for code in group.end.codes)


def _located(reading: Reading, element: str, code: Told, place: str) -> Given:
    """A reason whose text is ours: what is wrong, and where. The table's keys carry the element: ``IK403.7``."""
    key = f"{element}.{code.text}"
    entry = reading.to.entry("x12_999", key)
    if entry is None:
        reading.doubt(f"{code.label} of segment {code.segment} is not in the table x12_999")
    word = Word(entry.means) if entry else Word.UNMAPPED
    says = entry.says if entry else "an error that is not in our table"
    reason = Reason(word=word, code=key, code_system="x12_999", text=f"{place}: {says}")
    return Given(reason, code.value())


def _place(fault: SegmentFault) -> str:
    """The segment's id, its position in the transaction, its loop."""
    loop = f" in loop {text_of(fault.loop)}" if fault.loop else ""
    return f"segment {text_of(fault.tag)} (number {text_of(fault.ordinal)}){loop}"
