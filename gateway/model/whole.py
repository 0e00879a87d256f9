"""A word on the whole request, held against what was decided of a line itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.model.outcome import LineResult, Outcome, Reference
from gateway.model.status import UNDER_REVIEW, LineOutcome, of_line

CERTIFIED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
_MEANT = MappingProxyType(
    {
        LineOutcome.CERTIFIED: CERTIFIED,
        LineOutcome.CERTIFIED_MODIFIED: frozenset({LineOutcome.CERTIFIED_MODIFIED, LineOutcome.NOT_CERTIFIED}),
    }
)
"""Words on the whole request that say of a line that it is granted, maybe changed; or changed, maybe to nothing."""


def otherwise(own: LineResult, word: LineResult) -> bool:
    """True when a word on the whole request is not what was decided of the line: another outcome, or another change."""
    if word.outcome is not own.outcome:
        return True
    changed = word.outcome is LineOutcome.CERTIFIED_MODIFIED
    return changed and any(new is not None and new != old for old, new in zip(_terms(own), _terms(word), strict=True))


def _terms(result: LineResult) -> tuple[object, ...]:
    return result.quantity, result.period, result.place_of_service, result.provider_npi


def completed(own: LineResult, word: LineResult) -> LineResult:
    """A line's own decision after a word on the whole request: with a number for what had none, where they agree."""
    if own.authorization_number or own.outcome not in CERTIFIED or otherwise(own, word):
        return own
    return own.model_copy(update={"authorization_number": word.authorization_number})


def explained(word: LineResult, outcome: Outcome, lines: Mapping[str, LineResult]) -> bool:
    """True when the word on the whole request can be meant of another line: of one that the same answer names and that
    is so; or, where it leaves the request open, of any open line."""
    if of_line(word.outcome) in UNDER_REVIEW:
        return any(of_line(result.outcome) in UNDER_REVIEW for result in lines.values())
    meant = _MEANT.get(word.outcome, frozenset({word.outcome}))
    return any(result.named and result.line in lines and result.outcome in meant for result in outcome.lines)


def renumbered(
    own: LineResult, word: LineResult, before: Sequence[LineResult], references: Sequence[Reference]
) -> bool:
    """True when a word on the whole request grants what was decided of the line, under another number that nobody had
    heard when the line got its own, and that no line has itself (``before`` are those of the answer and of earlier)."""
    number, had = word.authorization_number, own.authorization_number
    if number is None or had is None or number == had or otherwise(own, word):
        return False
    if any(line.named and line.authorization_number == number for line in before):
        return False
    known = [reference.value for reference in references]
    return number not in (known[: known.index(had)] if had in known else known)
