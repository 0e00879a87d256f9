"""A request that is cancelled while its filing is under way: once nothing is on file, nothing goes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.errors import ExchangeError, MaybeSent, NotSent
from gateway.engine import agenda, attempts, recording
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Attempt, EntryKind, Step, Submission, Verb
from tests.unit.engine_material import CANCEL, LEASE, NOW, RHYTHM, a_submission, an_attempt
from tests.unit.test_engine_recording import REPLY, a_case, standing_of


def ended(
    attempt: Attempt, *others: Attempt, outcome: Outcome | None = None, error: ExchangeError | None = None
) -> tuple[Step, Submission]:
    """The end of an attempt of a submission whose cancellation was asked for and is not sent yet."""
    cancel = an_attempt(Verb.AMEND, work=CANCEL)
    before = a_submission(*others, attempt, cancel, status=CaseStatus.CANCEL_PENDING, cancelling=True)
    before = replace(before, line_ids=("1", "2", "3"))
    told = Told(attempt, REPLY if outcome else None, outcome, error, effect=attempt.verb is not Verb.INQUIRE)
    return recording.answered(a_case(before), before, told, [], [], NOW, RHYTHM, ())


def lost_and_not_found() -> tuple[Step, Submission]:
    lost = an_attempt(delivery=Delivery.LOST, sent=60, planned=60)
    inquiry = an_attempt(Verb.INQUIRE, Delivery.SENT, sent=1, planned=1)
    return ended(inquiry, lost, outcome=Outcome(answer=Answer.NOT_FOUND))


@pytest.mark.parametrize(
    "end",
    [
        lambda: ended(an_attempt(delivery=Delivery.SENT, sent=1), error=NotSent("no connection in time")),
        lambda: ended(an_attempt(delivery=Delivery.SENT, sent=1), outcome=Outcome(answer=Answer.UNAVAILABLE)),
        lambda: ended(an_attempt(delivery=Delivery.SENT, sent=1), outcome=Outcome(answer=Answer.NUMBER_USED)),
        lost_and_not_found,
    ],
    ids=["not sent", "refused for now", "number used", "lost and not found"],
)
def test_what_is_not_on_file_is_taken_back_and_neither_filed_nor_cancelled_at_the_payer(end: object) -> None:
    step, after = end()  # type: ignore[operator]
    assert (after.status, after.cancelling, after.due_at) == (CaseStatus.CANCELLED, False, None)
    assert (standing_of(step).status, standing_of(step).attention) == (CaseStatus.CANCELLED, Attention.NONE)
    assert [event.type for event in step.events] == ["case.cancelled"]
    for due in (None, agenda.Due.RETRY, agenda.Due.POLL, agenda.Due.RECONCILE):
        later = NOW + timedelta(days=1)
        assert agenda.next_of(after, due, later, LEASE) == agenda.Rest()
    kept = [Outcome.model_validate_json(entry.body) for entry in step.entries if entry.kind is EntryKind.OUTCOME]
    assert kept[-1].answer is Answer.CANCELLED
    [cancel] = [attempt for attempt in after.attempts if attempt.verb is Verb.AMEND]
    assert (cancel.delivery, cancel.error) == (Delivery.REFUSED, attempts.TAKEN_BACK)
    assert (Delivery.PLANNED, Delivery.REFUSED) in [(move.before, move.after) for move in step.moves]


@pytest.mark.parametrize("error", [MaybeSent("the line broke"), None])
def test_what_may_be_on_file_is_cancelled_at_the_payer(error: ExchangeError | None) -> None:
    filing = an_attempt(delivery=Delivery.SENT, sent=1)
    _, after = ended(filing, outcome=None if error else Outcome(answer=Answer.RECEIVED), error=error)
    assert after.cancelling
    assert attempts.unsent(after)


def test_a_filing_that_the_payer_refused_for_good_stays_refused_and_nothing_is_said_of_it() -> None:
    step, after = ended(an_attempt(delivery=Delivery.SENT, sent=1), outcome=Outcome(answer=Answer.REJECTED))
    assert (after.status, after.cancelling) == (CaseStatus.REJECTED, False)
    assert standing_of(step).attention is Attention.PROVIDER
    assert agenda.next_of(after, agenda.Due.RETRY, NOW, LEASE) == agenda.Rest()


def test_a_cancellation_that_was_not_asked_for_changes_nothing() -> None:
    filing = an_attempt(delivery=Delivery.SENT, sent=1)
    before = replace(a_submission(filing), status=CaseStatus.SUBMITTING)
    told = Told(filing, None, None, NotSent("no connection"), effect=True)
    _, after = recording.answered(a_case(before), before, told, [], [], NOW, RHYTHM, ())
    assert after.status is CaseStatus.QUEUED
