"""What a person was told of a payer's time: that it takes longer than it had to, as a letter or a call says.

Pure. How far it counts is the business of ``gateway.clocks``: as far as the payer's rule lets it take longer, and only
where it said so while its time ran.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.engine import recording
from gateway.engine.refusals import NotNow, Unfit
from gateway.model.clock import Clock
from gateway.model.faults import Finding
from gateway.model.outcome import Answer, Outcome
from gateway.model.standing import Heard, Standing
from gateway.profiles.deadlines import Rule
from gateway.profiles.payer import Rhythm
from gateway.store.records import Case, EntryKind, NewEntry, Step, Submission, Verb

_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
"""How far days begin before those of UTC, and end after them."""


@dataclass(frozen=True)
class Extended:
    """The payer decides on the day ``until`` at the latest, as it said ``told_on`` a day, today without one. ``by`` is
    the name of the key with which it was said."""

    until: date
    by: str
    told_on: date | None = None
    submission: UUID | None = None


def choose(case: Case, word: Extended) -> Submission:
    """What is meant. Raises NotNow where no payer's time runs, Unfit where what is named is none such, or several
    are."""
    running = [held for held in case.submissions if _open_clocks(held)]
    if not running:
        raise NotNow(
            f"No payer's time to decide runs for this case; it is {case.status}. It begins when the payer shows that "
            "it has the request, where a rule of its time is known."
        )
    if word.submission is not None:
        running = [held for held in running if held.id == word.submission]
        if not running:
            says = "No payer's time to decide runs for this submission."
            raise Unfit([Finding(("submission",), "not_running", says, "Leave it out, or name one whose time runs.")])
    if len(running) > 1:
        known = ", ".join(f"{held.id} ({held.payer})" for held in running)
        raise Unfit([Finding(("submission",), "several", "Several payers' time runs.", f"Send one of: {known}.")])
    return running[0]


def extended(
    case: Case,
    submission: Submission,
    word: Extended,
    heard: Sequence[Heard],
    others: Sequence[Standing],
    now: datetime,
    rhythm: Rhythm,
    rules: Sequence[Rule],
) -> tuple[Step, Submission]:
    """What the word writes, and the submission as it is then. Raises Unfit for a day that is no later than the payer's
    time ends as it is, and for one of being told that has not come or lies before the filing."""
    clocks = _open_clocks(submission)
    expected = max(_end_of(word.until, clock, rules) for clock in clocks)
    sent_at = min((attempt.sent_at for attempt in submission.attempts if attempt.sent_at), default=now)
    if faults := [*_of_until(clocks, expected), *_of_told_on(word.told_on, sent_at, now)]:
        raise Unfit(faults)
    outcome = Outcome(
        answer=Answer.RECEIVED,
        expected_by=expected,
        effective_at=_said_at(word.told_on, now),
        zone_unknown=word.told_on is not None,
    )
    meta = {"by": "person", "answer": outcome.answer, "verb": Verb.INQUIRE}
    note = json.dumps({"note": "extended", "by": word.by}).encode()
    entries = (
        NewEntry(EntryKind.OUTCOME, outcome.model_dump_json().encode(), submission.id, None, meta),
        NewEntry(EntryKind.NOTE, note, submission.id, None, {"note": "extended"}),
    )
    known = (*heard, Heard(outcome, now, filing=False))
    return recording.left(case, submission, known, others, now, rhythm, rules, Step(case.id, entries=entries))


def _open_clocks(submission: Submission) -> list[Clock]:
    return [clock for clock in submission.clocks if clock.decided_at is None]


def _end_of(day: date, clock: Clock, rules: Sequence[Rule]) -> datetime:
    """The last moment of a day, where the days of the clock's rule end."""
    zone = next((rule.zone for rule in rules if rule.deadline.id == clock.rule), "UTC")
    after = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return after.astimezone(UTC) - timedelta(seconds=1)


def _said_at(day: date | None, now: datetime) -> datetime | None:
    """The moment that a day of being told stands for: its beginning, wherever the payer is. None for just now."""
    return None if day is None else min(datetime.combine(day, time(), tzinfo=UTC), now)


def _of_until(clocks: Sequence[Clock], expected: datetime) -> list[Finding]:
    due = [clock.due_at for clock in clocks if clock.due_at is not None]
    if len(due) < len(clocks) or expected > min(due):
        return []
    ends = min(due).isoformat(timespec="seconds").replace("+00:00", "Z")
    return [
        Finding(
            ("until",),
            "not_later",
            f"The payer has until {ends} as it is.",
            "Send the last day of the time that it takes now.",
        )
    ]


def _of_told_on(day: date | None, sent_at: datetime, now: datetime) -> list[Finding]:
    if day is None:
        return []
    if day > (now.astimezone(UTC) + _EAST).date():
        return [Finding(("told_on",), "in_future", "This day has not come.", "Send the day of the letter or call.")]
    if day < (sent_at.astimezone(UTC) - _WEST).date():
        says = "The payer had nothing to decide on this day."
        return [Finding(("told_on",), "before_filing", says, "Send a day since the request was sent.")]
    return []
