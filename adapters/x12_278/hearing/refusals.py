"""Reads AAA: at some level the payer could not process what it was sent. A refusal is not a denial.

AAA03 says why, AAA04 what to do next. Meanings: tables ``x12_aaa03``, ``x12_aaa04``; ``x12_aaa03_inquiry`` for the few
that, in the answer to an inquiry, prove that the payer holds no such filing; ``x12_aaa03_filing`` for those that, in
the answer to anything else, do not prove that nothing was filed: who gave up waiting knows nothing of the payer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Given, Reading, messages_in
from adapters.x12_278.segment import Value
from adapters.x12_278.tables import Proof
from gateway.model.outcome import Answer
from gateway.model.reasons import NextAction, Reason, Scope, Word

_WAITS = {"W": 30 * 86400, "X": 10 * 86400}
"""AAA04 codes that name how long to wait (in seconds here) before sending again."""
_AGAIN = "R"
"""AAA04: sending again is allowed. With a payer that cannot answer an inquiry now it means later, else corrected."""


class Refusal(NamedTuple):
    """One AAA: its reason, and AAA04 (``follow``, as written) with what it means."""

    loop: str
    given: Given
    follow: str
    advice: NextAction | None


class Judgement(NamedTuple):
    answer: Answer
    value: Value
    loop: str
    retry_after: int | None = None


def refusals_in(loops: Iterable[Loop], reading: Reading) -> list[Refusal]:
    """Every AAA of these loops and of the parties in them."""
    found = []
    for loop in loops:
        parts = [part for part in (loop, *loop.parties) if part.first("AAA")]
        messages = list(messages_in(loop)) if parts else []
        for part in parts:
            told = messages
            if part is not loop:
                # A party has no MSG of its own: what is said of its refusal stands behind it, and is the level's.
                behind = (message for message in messages if message.segment > part.segments[0].number)
                told = list(behind) if len(parts) == 1 else []
            found.extend(_refusals_of(part, told, reading))
    return found


def _refusals_of(loop: Loop, messages: Sequence[Value], reading: Reading) -> list[Refusal]:
    found = []
    segments = loop.all("AAA")
    # Payers put the real reason into MSG; it belongs to the refusal where there is one of each.
    told = messages[0] if len(messages) == len(segments) == 1 else None
    scope = Scope.LINE if loop.name[4:5] == "F" else Scope.CASE
    for aaa in segments:
        code, follow = aaa.value(3), aaa.value(4)
        value = code or follow or aaa.value(1)
        if value is None:
            reading.doubt(f"segment {aaa.number} refuses without a word")
            continue
        entry = reading.entry("x12_aaa04", follow) if follow else None
        advice = NextAction(entry.means) if entry else None
        if code:
            given = reading.give("x12_aaa03", code, scope, told, advice, follow)
        else:
            reading.doubt(f"segment {aaa.number} refuses without a reason")
            reason = Reason(word=Word.UNMAPPED, text=told.text if told else None, scope=scope, suggested=advice)
            given = Given(reason, value, told, follow)
        found.append(Refusal(loop.name, given, follow.text if follow else "", advice))
    return found


def judge(refusals: Sequence[Refusal], reading: Reading) -> Judgement:
    """What refusals of a request, with no decision beside them, add up to.

    Where one says that the answer will follow, the payer holds the request: it must not be sent again, whatever the
    others say. Otherwise one that wants something changed decides over those that only want patience.
    """
    for refusal in refusals:
        if refusal.advice is NextAction.WAIT:
            if any(other.advice is not NextAction.WAIT for other in refusals):
                reading.doubt("the payer refuses the request and says that its answer will follow")
            return Judgement(Answer.RECEIVED, refusal.given.code, refusal.loop)
    for refusal in refusals:
        if not _passing(refusal):
            return Judgement(Answer.REJECTED, refusal.given.code, refusal.loop)
    waits = [_WAITS[refusal.follow] for refusal in refusals if refusal.follow in _WAITS]
    first = refusals[0]
    return Judgement(Answer.UNAVAILABLE, first.given.code, first.loop, max(waits, default=None))


def judge_inquiry(refusals: Sequence[Refusal], reading: Reading) -> Judgement:
    """What refusals of an inquiry add up to. They speak of the inquiry: the filing stands where it stood, unless the
    payer says at the event or service that it holds no such thing."""
    first = refusals[0]
    if all(_proves_absence(refusal, reading) for refusal in refusals):
        return Judgement(Answer.NOT_FOUND, first.given.code, first.loop)
    judged = judge(refusals, reading)
    if judged.answer is Answer.RECEIVED:
        return judged._replace(answer=Answer.UNAVAILABLE)
    if judged.answer is Answer.REJECTED:
        reading.doubt("the payer refused the inquiry")
    return judged


def _passing(refusal: Refusal) -> bool:
    """True when the same request may go again, later."""
    if refusal.advice is NextAction.RESUBMIT_LATER:
        return True
    return refusal.given.reason.word is Word.PAYER_UNAVAILABLE and refusal.follow in (_AGAIN, "")


def proves_nothing(refusals: Sequence[Refusal], reading: Reading) -> bool:
    """True when these refusals of something with an effect leave open whether the payer has it. Not where the payer
    says that its answer follows: it has it then."""
    if any(refusal.advice is NextAction.WAIT for refusal in refusals):
        return False
    return any(_leaves_open(refusal, reading) for refusal in refusals)


def _leaves_open(refusal: Refusal, reading: Reading) -> bool:
    code = refusal.given.reason.code
    entry = reading.to.entry("x12_aaa03_filing", code) if code else None
    if entry is None:
        return False
    return Proof(entry.means) is Proof.NEVER or refusal.advice is not NextAction.RESUBMIT_LATER


def _proves_absence(refusal: Refusal, reading: Reading) -> bool:
    if refusal.loop not in ("2000E", "2000F") or refusal.given.reason.code is None:
        return False
    entry = reading.to.entry("x12_aaa03_inquiry", refusal.given.reason.code)
    return entry is not None and Answer(entry.means) is Answer.NOT_FOUND
