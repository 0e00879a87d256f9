"""What the gateway made of an answer, held against the profile and against what the payer published of its members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.live.fixtures import Expected
from conformance.live.talk import Talk
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, Unreadable
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import LineOutcome

_GRANTED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
_PENDED = frozenset({LineOutcome.PENDING, LineOutcome.INFO_REQUESTED})
_DENIED = frozenset({LineOutcome.NOT_CERTIFIED})
_NOT_FILED = frozenset({Answer.REJECTED, Answer.UNAVAILABLE, Answer.NUMBER_USED})
_STATUSES: Mapping[str, str] = {"HCR01": "x12_hcr01", "statusCode": "service_review_status"}
"""The tables of status codes, by the last name on the way to where one was read."""
_LINES: Mapping[Expected, frozenset[LineOutcome]] = {
    "approved": frozenset({LineOutcome.CERTIFIED, LineOutcome.NOT_REQUIRED}),
    "modified": frozenset({LineOutcome.CERTIFIED_MODIFIED}),
    "denied": _DENIED,
    "pended": _PENDED,
}


def understood(talk: Talk, to: Destination) -> Iterator[Check]:
    """PP-03, RE-04 and PP-07."""
    number = talk.said[-1].number if talk.said else 0
    if talk.outcome is None:
        verdict = Verdict.FAIL if isinstance(talk.error, Unreadable) else Verdict.ERROR
        yield Check("PP-03", verdict, talk.step, _named(talk.error), number)
        return
    lost = talk.outcome.answer is Answer.UNMAPPED
    why = f"nobody knows what it means: {talk.outcome.attention_why or 'no reason given'}" if lost else ""
    yield Check("PP-03", Verdict.FAIL if lost else Verdict.PASS, talk.step, why, number)
    unknown = sorted(set(_unknown(talk.outcome, to)))
    why = f"on no list: {', '.join(unknown)}" if unknown else ""
    yield Check("RE-04", Verdict.FAIL if unknown else Verdict.PASS, talk.step, why, number)
    granted = [line for line in talk.outcome.lines if line.outcome in _GRANTED]
    if granted:
        bare = sum(line.authorization_number is None for line in granted)
        why = f"{bare} of {len(granted)} granted services have no number that could go on a claim" if bare else ""
        yield Check("PP-07", Verdict.FAIL if bare else Verdict.PASS, talk.step, why, number)


def _unknown(outcome: Outcome, to: Destination) -> Iterator[str]:
    """The codes that their tables do not have. What a known code leaves open is no fault of its payer's."""
    for reason in (*outcome.reasons, *(reason for line in outcome.lines for reason in line.reasons)):
        table = reason.code_system or ""
        if reason.code and table in to.tables and to.entry(table, reason.code) is None:
            yield f"reason {reason.code}"
    for at, source in outcome.sources.items():
        table = _STATUSES.get(source.path.rpartition("/")[2], "")
        if table in to.tables and (at == "/answer" or at.endswith("/outcome")):
            code = (outcome.document or b"")[source.start : source.end].decode("latin-1").strip('"')
            if to.entry(table, code) is None:
                yield f"status {code}"


def expected(talk: Talk, wanted: Expected) -> Iterator[Check]:
    """PP-04."""
    number = talk.said[-1].number if talk.said else 0
    if wanted == "anything":
        yield Check("PP-04", Verdict.OMIT, talk.step, "The payer did not publish what it answers.", number)
    elif talk.outcome is None:
        yield Check("PP-04", Verdict.SKIP, talk.step, "No answer came that could be compared.", number)
    else:
        right = _answers(talk.outcome, wanted)
        lines = ", ".join(sorted({line.outcome for line in talk.outcome.lines}))
        came = f"{talk.outcome.answer}{f' ({lines})' if lines else ''}"
        why = "" if right else f"{wanted} is published, and {came} came"
        yield Check("PP-04", Verdict.PASS if right else Verdict.FAIL, talk.step, why, number)


def _answers(outcome: Outcome, wanted: Expected) -> bool:
    if wanted == "rejected":
        return outcome.answer in (Answer.REJECTED, Answer.CLOSED)
    if wanted == "pended" and outcome.answer is Answer.RECEIVED:
        return True
    outcomes = {line.outcome for line in outcome.lines}
    return outcome.answer is Answer.REVIEWED and bool(outcomes) and outcomes <= _LINES[wanted]


def may_be_on_file(talk: Talk) -> bool:
    """Whether what answered a filing leaves it open that the payer has it."""
    if talk.outcome is not None:
        return talk.outcome.answer not in _NOT_FILED
    return isinstance(talk.error, MaybeSent | Unreadable)


def cancelled(talk: Talk, step: str, last: Outcome | None, offered: bool) -> Check:
    """PP-06. ``offered`` is false where the payer says that it takes no cancellations. One that it only has, or has
    pended, has taken nothing back."""
    number = talk.said[-1].number if talk.said else 0
    if isinstance(talk.error, CannotExpress):
        return Check("PP-06", Verdict.OMIT, step, "This channel cannot say it.", number)
    if talk.outcome is not None and talk.outcome.answer is Answer.CANCELLED:
        return Check("PP-06", Verdict.PASS, step, "", number)
    if not offered:
        return Check("PP-06", Verdict.OMIT, step, "The payer says that it takes none.", number)
    refused = talk.outcome is not None and talk.outcome.answer is Answer.CANCEL_REFUSED
    if refused and last is not None and last.lines and {line.outcome for line in last.lines} <= _DENIED:
        return Check("PP-06", Verdict.OMIT, step, "It was denied, and nothing is left to take back.", number)
    why = _named(talk.error) if talk.outcome is None else f"the answer to a cancellation is {talk.outcome.answer}"
    return Check("PP-06", Verdict.FAIL, step, f"{why}: it may still be on file", number)


def _named(error: ExchangeError | None) -> str:
    return f"{type(error).__name__}: {error}"
