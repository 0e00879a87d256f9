"""What is next for a submission, decided from rows alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from gateway.contract.adapter import Change, ChangeKind
from gateway.engine import agenda
from gateway.engine.attention import UNTOLD, attention_of
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Due, Submission, Verb
from tests.unit.engine_material import LABS, LEASE, NOW, RHYTHM, a_submission, an_attempt, next_of, standing


def test_a_fresh_submission_is_filed() -> None:
    assert next_of(a_submission()) == agenda.Plan(Verb.SUBMIT)


def test_a_planned_attempt_is_said() -> None:
    attempt = an_attempt()
    assert next_of(a_submission(attempt)) == agenda.Speak(attempt)


def test_an_attempt_in_flight_is_left_alone_until_its_lease_ends() -> None:
    flying = an_attempt(delivery=Delivery.SENT, sent=64)
    assert next_of(a_submission(flying, status=CaseStatus.SUBMITTING), Due.RECONCILE) == agenda.Rest()
    overdue = an_attempt(delivery=Delivery.SENT, sent=66)
    assert next_of(a_submission(overdue, status=CaseStatus.SUBMITTING)) == agenda.CallLost(overdue)


@pytest.mark.proves("RT-17")
def test_a_lost_filing_is_never_sent_again_without_an_inquiry() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=600)
    uncertain = a_submission(lost, status=CaseStatus.UNCERTAIN)
    for due in (None, Due.RETRY, Due.POLL):
        assert next_of(uncertain, due) == agenda.Rest()
    assert next_of(uncertain, Due.RECONCILE) == agenda.Plan(Verb.INQUIRE)


def test_what_was_not_sent_waits_for_its_timer_and_then_goes_with_the_same_stamp() -> None:
    attempt = an_attempt(error="not_sent: no connection")
    assert next_of(a_submission(attempt)) == agenda.Rest()
    assert next_of(a_submission(attempt), Due.RETRY) == agenda.Speak(attempt)


def test_a_payer_that_could_not_take_it_gets_a_new_filing_only_when_the_timer_rings() -> None:
    refused = an_attempt(delivery=Delivery.REFUSED, sent=10)
    assert next_of(a_submission(refused)) == agenda.Rest()
    assert next_of(a_submission(refused), Due.RETRY) == agenda.Plan(Verb.SUBMIT)


def test_a_rejected_filing_is_not_sent_again() -> None:
    refused = an_attempt(delivery=Delivery.REFUSED, sent=10)
    assert next_of(a_submission(refused, status=CaseStatus.REJECTED), Due.RETRY) == agenda.Rest()


def test_a_cancellation_waits_while_the_filing_is_uncertain() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=600)
    cancel = an_attempt(Verb.AMEND, work=Change(kind=ChangeKind.CANCEL))
    assert next_of(a_submission(lost, cancel, status=CaseStatus.UNCERTAIN)) == agenda.Rest()


def test_an_open_case_is_polled_when_its_timer_rings() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=100)
    pended = a_submission(filed, status=CaseStatus.PENDED)
    assert next_of(pended) == agenda.Rest()
    assert next_of(pended, Due.POLL) == agenda.Plan(Verb.INQUIRE)
    assert next_of(replace(pended, status=CaseStatus.APPROVED), Due.POLL) == agenda.Rest()


def test_announced_documents_follow_a_filing_that_is_under_review_once() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=1)
    pended = a_submission(filed, status=CaseStatus.PENDED)
    labs = LABS.attachments
    assert agenda.next_of(pended, None, NOW, LEASE, announced=labs) == agenda.Plan(Verb.ANSWER)
    assert agenda.next_of(pended, None, NOW, LEASE) == agenda.Rest()
    for status in (CaseStatus.UNCERTAIN, CaseStatus.REJECTED, CaseStatus.DENIED, CaseStatus.APPROVED):
        other = a_submission(filed, status=status)
        assert agenda.next_of(other, None, NOW, LEASE, announced=labs) == agenda.Rest()
    sent = a_submission(filed, an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, LABS), status=CaseStatus.PENDED)
    assert agenda.next_of(sent, None, NOW, LEASE, announced=labs) == agenda.Rest()


def test_uncertainty_is_asked_about_in_the_payers_rhythm_and_then_at_its_slowest() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1)
    waits = []
    for asked in range(5):
        inquiries = [an_attempt(Verb.INQUIRE, Delivery.REFUSED, 1) for _ in range(asked)]
        submission = a_submission(lost, *inquiries, status=CaseStatus.UNCERTAIN)
        due_at, due_for = agenda.timer_of(submission, standing(CaseStatus.UNCERTAIN), NOW, RHYTHM, None)
        assert due_at is not None
        assert due_for is Due.RECONCILE
        waits.append((due_at - NOW).total_seconds())
    assert waits == [10, 20, 40, 600, 600]


def test_inquiries_about_an_earlier_filing_do_not_count_for_a_later_one() -> None:
    earlier = [replace(an_attempt(Verb.INQUIRE, Delivery.REFUSED), planned_at=NOW - timedelta(1)) for _ in range(9)]
    lost = an_attempt(delivery=Delivery.LOST, sent=1)
    assert agenda.inquiries(a_submission(*earlier, lost, status=CaseStatus.UNCERTAIN)) == 0


@pytest.mark.proves("RE-02")
def test_a_payer_that_cannot_take_a_filing_is_tried_ever_more_slowly() -> None:
    waits = []
    submission = a_submission(an_attempt(delivery=Delivery.REFUSED, sent=1), status=CaseStatus.SUBMITTING)
    for _ in range(6):
        submission = replace(submission, tries=agenda.tries_after(submission, CaseStatus.QUEUED))
        due_at, _ = agenda.timer_of(submission, standing(CaseStatus.QUEUED), NOW, RHYTHM, None)
        assert due_at is not None
        waits.append((due_at - NOW).total_seconds())
    assert waits == [10, 20, 40, 60, 60, 60]


@pytest.mark.proves("RE-02")
@pytest.mark.parametrize(
    ("delivery", "status", "own"),
    [(Delivery.REFUSED, CaseStatus.QUEUED, 10), (Delivery.APP_ACKED, CaseStatus.PENDED, 60)],
)
def test_what_was_refused_at_one_moment_does_not_come_back_at_one_moment(
    delivery: Delivery, status: CaseStatus, own: float
) -> None:
    def wait(seed: str, tries: int, told: float | None = None) -> float:
        attempt = an_attempt(delivery=delivery, sent=1)
        attempt = replace(attempt, stamp=attempt.stamp.model_copy(update={"seed": seed}))
        submission = a_submission(attempt, status=status, tries=tries)
        due_at, _ = agenda.timer_of(submission, standing(status), NOW, RHYTHM, told)
        assert due_at is not None
        return (due_at - NOW).total_seconds()

    seeds = [sha256(bytes([number])).hexdigest()[:32] for number in range(50)]
    waits = [wait(seed, tries=1) for seed in seeds]
    usual = wait("0" * 32, tries=1)
    assert usual >= own
    assert all(usual <= each < usual * 1.25 for each in waits)
    assert len(set(waits)) > 45
    assert max(waits) - min(waits) > usual / 5
    assert waits == [wait(seed, tries=1) for seed in seeds]
    asked = [wait(seed, tries=1, told=900) for seed in seeds]
    assert all(900 <= each < 900 + usual / 4 for each in asked)
    assert len(set(asked)) > 45
    parts = [wait(seeds[0], tries) / wait("0" * 32, tries) for tries in range(4)]
    assert len(set(parts)) == 4


def test_tries_begin_anew_when_the_status_moves() -> None:
    submission = a_submission(an_attempt(), status=CaseStatus.SUBMITTING, tries=7)
    assert agenda.tries_after(submission, CaseStatus.PENDED) == 0
    assert agenda.tries_after(replace(submission, status=CaseStatus.PENDED), CaseStatus.PENDED) == 8


def test_a_person_is_asked_when_a_payer_has_taken_nothing_for_too_long_and_trying_goes_on() -> None:
    first = replace(an_attempt(delivery=Delivery.REFUSED), planned_at=NOW - timedelta(seconds=3601))
    submission = a_submission(first, an_attempt(delivery=Delivery.REFUSED, sent=1))
    assert attention_of(submission, standing(CaseStatus.QUEUED), NOW, RHYTHM)[0] is Attention.OPERATOR
    assert agenda.timer_of(submission, standing(CaseStatus.QUEUED), NOW, RHYTHM, None)[1] is Due.RETRY


def test_an_approval_without_its_number_is_asked_about_until_the_number_comes() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=10)
    approved = a_submission(filed, status=CaseStatus.APPROVED)
    pending = replace(standing(CaseStatus.APPROVED), reference_pending=True)
    due_at, due_for = agenda.timer_of(approved, pending, NOW, RHYTHM, None)
    assert due_for is Due.POLL
    assert next_of(replace(approved, due_at=due_at, due_for=due_for), Due.POLL) == agenda.Plan(Verb.INQUIRE)


@pytest.mark.proves("RE-05")
def test_polling_stops_and_asks_a_person_when_the_payer_took_too_long() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=86401)
    submission = a_submission(filed, status=CaseStatus.PENDED)
    pended = Standing(CaseStatus.PENDED, {}, Attention.PAYER)
    assert agenda.timer_of(submission, pended, NOW, RHYTHM, None) == (None, None)
    assert attention_of(submission, pended, NOW, RHYTHM)[0] is Attention.OPERATOR


def test_a_decided_submission_has_no_timer() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=10)
    submission = a_submission(filed, status=CaseStatus.DENIED)
    assert agenda.timer_of(submission, standing(CaseStatus.DENIED), NOW, RHYTHM, None) == (None, None)


def test_a_payers_own_waiting_time_comes_first() -> None:
    refused = an_attempt(delivery=Delivery.REFUSED, sent=1)
    due_at, due_for = agenda.timer_of(a_submission(refused), standing(CaseStatus.QUEUED), NOW, RHYTHM, 900)
    assert (due_at, due_for) == (NOW + timedelta(seconds=900), Due.RETRY)


@pytest.mark.parametrize(("give_up", "longest"), [(3600, 86400), (2 * 86400, 2 * 86400)])
@pytest.mark.parametrize("status", [CaseStatus.QUEUED, CaseStatus.PENDED])
def test_a_payer_cannot_have_us_wait_for_ever(status: CaseStatus, give_up: float, longest: float) -> None:
    rhythm = RHYTHM.model_copy(update={"retry": RHYTHM.retry.model_copy(update={"give_up_seconds": give_up})})
    delivery = Delivery.REFUSED if status is CaseStatus.QUEUED else Delivery.APP_ACKED
    submission = a_submission(an_attempt(delivery=delivery, sent=1), status=status)
    due_at, _ = agenda.timer_of(submission, standing(status), NOW, rhythm, 999_999)
    assert due_at == NOW + timedelta(seconds=longest)


@pytest.mark.proves("RE-02")
@pytest.mark.parametrize("told", [0, 3])
@pytest.mark.parametrize(
    ("delivery", "status", "own"),
    [
        (Delivery.REFUSED, CaseStatus.QUEUED, 60),
        (Delivery.PLANNED, CaseStatus.QUEUED, 60),
        (Delivery.APP_ACKED, CaseStatus.PENDED, 600),
    ],
)
def test_a_payer_cannot_have_us_hammer_it(delivery: Delivery, status: CaseStatus, own: float, told: float) -> None:
    filing = an_attempt(delivery=delivery, sent=1, error="not_sent: HTTP 429")
    submission = a_submission(filing, status=status, tries=9)
    due_at, _ = agenda.timer_of(submission, standing(status), NOW, RHYTHM, told)
    assert due_at == NOW + timedelta(seconds=own)


def test_nor_with_documents_that_it_does_not_take_now() -> None:
    filing = an_attempt(delivery=Delivery.APP_ACKED, sent=9)
    documents = an_attempt(Verb.ANSWER, work=LABS, error="not_sent: HTTP 429", sent=1)
    submission = a_submission(filing, documents, status=CaseStatus.PENDED, tries=9)
    assert agenda.timer_of(submission, standing(CaseStatus.PENDED), NOW, RHYTHM, 1) == (
        NOW + timedelta(seconds=60),
        Due.RETRY,
    )


def test_the_payer_is_asked_about_a_change_that_may_have_arrived_whatever_became_of_the_request() -> None:
    filed = an_attempt(delivery=Delivery.REFUSED, sent=100)
    change = an_attempt(Verb.AMEND, Delivery.LOST, sent=50, work=Change(kind=ChangeKind.REVISE))
    rejected = a_submission(filed, change, status=CaseStatus.REJECTED)
    due_at, due_for = agenda.timer_of(rejected, standing(CaseStatus.REJECTED), NOW, RHYTHM, None)
    assert (due_at, due_for) == (NOW + timedelta(seconds=10), Due.RECONCILE)
    assert next_of(rejected, due_for) == agenda.Plan(Verb.INQUIRE)
    assert next_of(a_submission(filed, status=CaseStatus.REJECTED), due_for) == agenda.Rest()


def _untold(why: str | None = None, **over: bool) -> Submission:
    """One whose payer could not be told of a cancellation, as it is called for then."""
    filed = a_submission(an_attempt(delivery=Delivery.APP_ACKED, sent=60), status=CaseStatus.PENDED, **over)
    says = f"{UNTOLD.format(filed.payer)}. It takes no change without a number. Wait for its first answer."
    return replace(filed, attention=Attention.PROVIDER, attention_why=f"{why}; {says}" if why else says)


NOT_TOLD = "the case is cancelled, and evergreen_health could not be told: cancel it again, or call the payer"


@pytest.mark.parametrize("before", [None, "Look."])
def test_a_cancellation_that_could_not_be_told_is_not_forgotten_over_what_comes_next(before: str | None) -> None:
    untold = _untold(before)
    for status in (CaseStatus.PENDED, CaseStatus.RECEIVED, CaseStatus.APPROVED, CaseStatus.APPROVED_MODIFIED):
        who, why = attention_of(untold, standing(status), NOW, RHYTHM)
        assert (who, why) == (Attention.PROVIDER, NOT_TOLD), status
        again = attention_of(replace(untold, attention=who, attention_why=why), standing(status), NOW, RHYTHM)
        assert again == (who, why), "told again it is the same"
    wanting = replace(standing(CaseStatus.PENDED), attention=Attention.OPERATOR, attention_why="Look here.")
    assert attention_of(untold, wanting, NOW, RHYTHM) == (Attention.OPERATOR, f"Look here.; {NOT_TOLD}")


def test_a_cancellation_that_is_told_at_last_or_has_no_object_any_more_calls_nobody() -> None:
    for status in (CaseStatus.CANCELLED, CaseStatus.DENIED, CaseStatus.CLOSED_BY_PAYER):
        assert NOT_TOLD not in str(attention_of(_untold(), standing(status), NOW, RHYTHM)[1]), status
    assert attention_of(_untold(cancelling=True), standing(CaseStatus.PENDED), NOW, RHYTHM)[1] is None
