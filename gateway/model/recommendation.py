"""What a delegate's answer says where its yes is a recommendation, and the payer's own authorization is outstanding."""

from __future__ import annotations

from dataclasses import replace

from gateway.model.outcome import LineResult, Outcome, Reference, ReferenceKind
from gateway.model.status import LineOutcome
from gateway.model.story import Heard
from gateway.model.whole import CERTIFIED


def recommended(item: Heard) -> Heard:
    """The message as a recommendation: nothing in it is granted, and no number goes on a claim. Its number is that of
    the determination."""
    outcome = item.outcome
    codes = [
        Reference(kind=ReferenceKind.DETERMINATION, value=result.authorization_number, line=result.line)
        for result in outcome.lines
        if result.outcome in CERTIFIED and result.authorization_number
    ]
    of_lines = {code.value for code in codes}
    references = [
        each.model_copy(update={"kind": ReferenceKind.DETERMINATION})
        if each.kind is ReferenceKind.AUTHORIZATION
        else each
        for each in outcome.references
        if not (each.kind is ReferenceKind.AUTHORIZATION and each.value in of_lines)  # told with its line
    ]
    said: Outcome = outcome.model_copy(
        update={
            "lines": tuple(_line(result) for result in outcome.lines),
            "references": tuple(dict.fromkeys((*references, *codes))),
        }
    )
    return replace(item, outcome=said)


def _line(result: LineResult) -> LineResult:
    if result.outcome not in CERTIFIED:
        return result
    return result.model_copy(update={"outcome": LineOutcome.RECOMMENDED, "authorization_number": None})
