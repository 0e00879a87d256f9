"""What a payer's own words add to the reasons of an outcome. Lines keep what was decided of them. Pure."""

from __future__ import annotations

from gateway.denials.read import Reader, Verdict
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.reasons import Reason, Scope, Word
from gateway.model.status import LineOutcome

_NOTHING_SAID = (Word.UNMAPPED, Word.OTHER)
_GENERAL = (Word.MEDICAL_NECESSITY,)
_REFUSING = (LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED_MODIFIED)


def refine(outcome: Outcome, reader: Reader) -> Outcome:
    """The outcome with reasons read where the payer wrote them and no code said them. Only of a denial or of less than
    was asked: other answers steer what the gateway does next, and no text does that."""
    if outcome.answer is not Answer.REVIEWED or not any(line.outcome in _REFUSING for line in outcome.lines):
        return outcome
    lines = tuple(_line(line, reader) for line in outcome.lines)
    return outcome.model_copy(update={"lines": lines, "reasons": _refined(outcome.reasons, reader)})


def _line(line: LineResult, reader: Reader) -> LineResult:
    if line.outcome not in _REFUSING:
        return line
    return line.model_copy(update={"reasons": _refined(line.reasons, reader)})


def _refined(reasons: tuple[Reason, ...], reader: Reader) -> tuple[Reason, ...]:
    """Each in its place, for journals point at them by number; what a text says beside comes behind them."""
    placed: list[Reason] = []
    more: list[Reason] = []
    for reason in reasons:
        read = _read(reason, reader)
        if reason.word in _NOTHING_SAID and read:
            placed.append(read[0])
            more += read[1:]
        else:
            placed.append(reason)
            more += read
    known = {reason.word for reason in placed}
    return (*placed, *{each.word: each for each in more if each.word not in known}.values())


def _read(reason: Reason, reader: Reader) -> list[Reason]:
    """Reasons in its text; none where its word is a specific one already."""
    if reason.text is None or reason.rule is not None or reason.word not in (*_NOTHING_SAID, *_GENERAL):
        return []
    reading = reader.read(reason.text)
    if reading.verdict is Verdict.APPROVAL:
        return []
    return [
        reason.model_copy(
            update={
                "word": found.word,
                "rule": found.rule,
                "scope": found.scope if found.scope is not Scope.CASE else reason.scope,
                "suggested": reason.suggested or found.suggested,
            }
        )
        for found in reading.reasons
        if found.word is not reason.word
    ]
