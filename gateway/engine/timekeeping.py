"""The payer's time to decide, of a submission: its clocks now, and what is written when it is over.

Pure. How time is measured is the business of ``gateway.clocks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic_core import to_json

from gateway.clocks.course import Filed, clocks_of
from gateway.model.clock import Clock, State, Timing
from gateway.model.recommendation import recommended
from gateway.model.status import Delivery
from gateway.model.story import Heard
from gateway.profiles.deadlines import Rule
from gateway.store.records import Case, EntryKind, NewEntry, Submission, Verb

_ARRIVED = frozenset({Delivery.APP_ACKED, Delivery.RECONCILED})


def read(
    case: Case, submission: Submission, heard: Sequence[Heard], rules: Sequence[Rule], now: datetime
) -> Submission:
    """The submission with its clocks as they stand."""
    filing = submission.filing
    if filing is None or filing.sent_at is None:
        return submission
    filed = Filed(
        request=case.request,
        payer=submission.payer,
        benefit=submission.benefit,
        line_ids=submission.line_ids,
        sent_at=filing.sent_at,
        heard=[recommended(item) for item in heard] if submission.recommends else heard,
        given=[
            attempt.sent_at
            for attempt in submission.attempts
            if attempt.verb is Verb.ANSWER and attempt.delivery in _ARRIVED and attempt.sent_at
        ],
    )
    return submission.timed(clocks_of(filed, rules, now))


def newly_over(before: Submission, after: Submission) -> tuple[Clock, ...]:
    """The clocks whose time is over, and was not known to be."""
    known = {(clock.rule, clock.lines) for clock in before.clocks if clock.state is State.OVERDUE}
    return tuple(
        clock for clock in after.clocks if clock.state is State.OVERDUE and (clock.rule, clock.lines) not in known
    )


def evidence_of(submission: Submission, over: Iterable[Clock], heard: Iterable[Heard]) -> tuple[NewEntry, ...]:
    """What shows that the payer's time is over: the rule, what was sent when, and what was heard when. The messages
    themselves stand in the journal before it."""
    found = tuple(over)
    if not found:
        return ()
    record = {
        "clocks": [clock.model_dump(mode="json") for clock in found],
        "payer": submission.payer,
        "connection": submission.connection,
        "sent": [
            {"attempt": attempt.id, "verb": attempt.verb, "at": attempt.sent_at, "delivery": attempt.delivery}
            for attempt in submission.attempts
            if attempt.sent_at
        ],
        "heard": [
            {
                "at": item.at,
                "answer": item.outcome.answer,
                "said_at": item.outcome.effective_at,
                "entries": sorted({source.entry for source in item.outcome.sources.values() if source.entry}),
            }
            for item in heard
        ],
    }
    return (NewEntry(EntryKind.NOTE, to_json(record), submission.id, meta={"note": "overdue"}),)


def told(submissions: Iterable[Submission]) -> tuple[Timing, ...]:
    """For events: the clocks of each submission that has any."""
    return tuple(
        Timing(submission=held.id, payer=held.payer, channel=held.channel, benefit=held.benefit, clocks=held.clocks)
        for held in submissions
        if held.clocks
    )


def why_over(submission: Submission) -> str | None:
    """By when the payer had to decide, for an operator; None while no clock is over."""
    over = [clock for clock in submission.clocks if clock.state is State.OVERDUE]
    if not over:
        return None
    [first, *_] = over
    until = first.due_at.isoformat(timespec="seconds").replace("+00:00", "Z") if first.due_at else ""
    return (
        f"by {until}, as it had to ({first.limit} from its receipt, {first.source}): ask it for the decision. The "
        "journal's note overdue has what shows it"
    )
