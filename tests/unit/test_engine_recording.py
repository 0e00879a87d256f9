"""What each step of a walk writes, made from values alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.contract.adapter import Change, ChangeKind, Stamp
from gateway.contract.destination import Mode
from gateway.contract.errors import CannotExpress, ExchangeError, Inexpressible, MaybeSent, NotSent
from gateway.contract.frames import Https, Reply, Secret
from gateway.engine import agenda, recording
from gateway.engine.attention import attention_of
from gateway.engine.told import Told
from gateway.model.outcome import Answer, LineResult, Outcome, Source
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.profiles.payer import Backoff, Rhythm
from gateway.routing.decision import Decision
from gateway.store.records import Attempt, Case, Due, EntryKind, Step, Submission, Verb

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
RHYTHM = Rhythm(
    settle_seconds=30,
    reconcile=(10, 20, 40),
    poll=Backoff(first_seconds=60, longest_seconds=600, give_up_seconds=86400),
    retry=Backoff(first_seconds=5, longest_seconds=60, give_up_seconds=3600),
)
REGIMEN = PARequest.model_validate_json(
    (Path(__file__).parents[2] / "gateway/main/demo_requests/carboplatin_pemetrexed_pembrolizumab.json").read_bytes()
)
NO_PLAN = Decision(sides=(), plans=(), tried=(), unrouted=())
REPLY = Reply(200, (("content-type", "application/soap+xml; charset=utf-8"),), b"<reply/>")


def a_submission(*attempts: Attempt, lines: tuple[str, ...] = ("1", "2", "3"), place: int = 1) -> Submission:
    filed = any(attempt.delivery is Delivery.SENT for attempt in attempts)
    return Submission(
        id=uuid4(),
        place=place,
        payer="evergreen_health",
        connection="demo_clearinghouse",
        channel="x12_278",
        benefit="medical",
        line_ids=lines,
        status=CaseStatus.SUBMITTING if filed else CaseStatus.QUEUED,
        attempts=attempts,
    )


def an_attempt(delivery: Delivery = Delivery.SENT, verb: Verb = Verb.SUBMIT) -> Attempt:
    stamp = Stamp(at=NOW, number=7, seed="0" * 32)
    return Attempt(uuid4(), uuid4(), verb, stamp, delivery, planned_at=NOW, sent_at=NOW)


def a_case(*submissions: Submission, status: CaseStatus = CaseStatus.QUEUED, journal_count: int = 3) -> Case:
    return Case(
        id=uuid4(),
        tenant="clinic",
        mode=Mode.TEST,
        request=REGIMEN,
        status=status,
        attention=Attention.GATEWAY,
        attention_why=None,
        standing=None,
        created_at=NOW,
        updated_at=NOW,
        journal_head=bytes(32),
        journal_count=journal_count,
        submissions=submissions,
    )


def decided(*outcomes: LineOutcome) -> Outcome:
    lines = tuple(
        LineResult(line=str(place), outcome=word, authorization_number="A1" if word == LineOutcome.CERTIFIED else None)
        for place, word in enumerate(outcomes, start=1)
    )
    source = Source(path="2000F/HCR01", segment=20, start=3, end=5)
    return Outcome(answer=Answer.REVIEWED, lines=lines, sources={"/lines/0/outcome": source}, document=b"ISA...")


def answered(
    outcome: Outcome | None = None, error: ExchangeError | None = None, effect: bool = True
) -> tuple[Step, Submission]:
    attempt = an_attempt()
    submission = a_submission(attempt)
    case = a_case(submission, status=CaseStatus.SUBMITTING)
    reply = REPLY if outcome else None
    told = Told(attempt, reply, outcome, error, effect)
    return recording.answered(case, submission, told, [], [], NOW, RHYTHM, ())


def standing_of(step: Step) -> Standing:
    assert step.standing is not None
    return step.standing


def test_a_decision_becomes_the_status_its_lines_add_up_to() -> None:
    step, after = answered(decided(LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED_MODIFIED))
    assert after.status is CaseStatus.PARTIALLY_APPROVED
    assert standing_of(step).status is CaseStatus.PARTIALLY_APPROVED
    assert [event.type for event in step.events] == ["case.partially_approved"]
    assert after.due_at is None


def test_sources_name_the_journal_entry_that_holds_the_document() -> None:
    step, _ = answered(decided(*[LineOutcome.CERTIFIED] * 3))
    kinds = [entry.kind for entry in step.entries]
    assert kinds == [EntryKind.REPLY, EntryKind.DOCUMENT, EntryKind.OUTCOME]
    kept = Outcome.model_validate_json(step.entries[2].body)
    # The case had 3 entries: the reply is the 4th, the document the 5th.
    assert kept.sources["/lines/0/outcome"].entry == 5


def test_a_broken_line_after_sending_is_uncertain_and_asked_about() -> None:
    step, after = answered(error=MaybeSent("the line broke"))
    assert after.status is CaseStatus.UNCERTAIN
    assert after.due_for is Due.RECONCILE
    assert [(move.before, move.after) for move in step.moves] == [(Delivery.SENT, Delivery.LOST)]


def test_what_was_not_sent_is_queued_and_goes_again_with_its_stamp() -> None:
    step, after = answered(error=NotSent("no connection"))
    assert after.status is CaseStatus.QUEUED
    assert after.due_for is Due.RETRY
    assert [(move.before, move.after) for move in step.moves] == [(Delivery.SENT, Delivery.PLANNED)]
    assert len(after.attempts) == 1


def test_a_payer_that_cannot_answer_now_leaves_the_case_queued() -> None:
    _, after = answered(Outcome(answer=Answer.UNAVAILABLE, retry_after=900))
    assert (after.status, after.due_for) == (CaseStatus.QUEUED, Due.RETRY)
    assert after.due_at is not None
    assert (after.due_at - NOW).total_seconds() == 900


def test_an_answer_nobody_understands_leaves_the_filing_uncertain_and_asks_a_person() -> None:
    step, after = answered(Outcome(answer=Answer.UNMAPPED, attention=Attention.OPERATOR, attention_why="unknown"))
    assert after.status is CaseStatus.UNCERTAIN
    assert standing_of(step).attention is Attention.OPERATOR


def test_a_filing_its_channel_cannot_say_has_failed_and_stays_so() -> None:
    error = CannotExpress(Inexpressible("/lines/0", "no place for it", "Send another code."))
    attempt = an_attempt(Delivery.PLANNED)
    submission = a_submission(attempt)
    told = Told(attempt, None, None, error, effect=False)
    _, after = recording.answered(a_case(submission), submission, told, [], [], NOW, RHYTHM, ())
    assert (after.status, after.attention) == (CaseStatus.FAILED, Attention.PROVIDER)
    assert recording.stand(after, ()).status is CaseStatus.FAILED


def test_a_rejected_inquiry_takes_nothing_back() -> None:
    filing = an_attempt(Delivery.APP_ACKED)
    inquiry = an_attempt(verb=Verb.INQUIRE)
    submission = a_submission(filing, inquiry)
    told = Told(inquiry, REPLY, Outcome(answer=Answer.REJECTED), None, effect=False)
    _, after = recording.answered(a_case(submission), submission, told, [], [], NOW, RHYTHM, ())
    assert after.status is CaseStatus.RECEIVED


def test_lines_no_route_could_carry_never_look_approved() -> None:
    filed = a_submission(an_attempt(), lines=("1", "2"))
    step = recording.routed(a_case(), NO_PLAN, (filed,))
    assert standing_of(step).status is CaseStatus.FAILED
    assert standing_of(step).attention is Attention.PROVIDER
    case = a_case(filed, status=CaseStatus.FAILED)
    told = Told(filed.attempts[0], REPLY, decided(*[LineOutcome.CERTIFIED] * 2), None, effect=True)
    step, after = recording.answered(case, filed, told, [], [], NOW, RHYTHM, ())
    assert after.status is CaseStatus.APPROVED
    assert standing_of(step).status is CaseStatus.FAILED
    assert standing_of(step).lines["1"].outcome is LineOutcome.CERTIFIED
    assert standing_of(step).lines["3"].outcome is LineOutcome.PENDING


def test_a_case_without_any_route_asks_the_provider() -> None:
    step = recording.routed(a_case(), NO_PLAN, ())
    assert (standing_of(step).status, standing_of(step).attention) == (CaseStatus.FAILED, Attention.PROVIDER)
    assert [event.type for event in step.events] == ["case.failed"]


def test_the_journal_keeps_a_frames_secrets_by_name_only() -> None:
    attempt = an_attempt(Delivery.PLANNED)
    submission = a_submission()
    frame = Https("POST", "https://payer.test/core", True, body=(b"<u>", Secret("core-username", "xml"), b"</u>"))
    step = recording.sent(a_case(submission), submission, attempt, frame, NOW, NOW)
    assert step.entries[0].body == b"<u>[secret core-username]</u>"
    assert "payer.test" not in json.dumps(dict(step.entries[0].meta))


def test_nothing_new_is_no_event() -> None:
    attempt = an_attempt(Delivery.APP_ACKED)
    inquiry = an_attempt(verb=Verb.INQUIRE)
    submission = a_submission(attempt, inquiry)
    pending = decided(*[LineOutcome.PENDING] * 3)
    told = Told(inquiry, REPLY, pending, None, effect=False)
    step, _ = recording.answered(a_case(submission), submission, told, [], [], NOW, RHYTHM, ())
    seen = standing_of(step)
    case = a_case(submission, status=seen.status)
    case = replace(case, standing=seen, attention=seen.attention)
    step, after = recording.answered(case, submission, told, [], [], NOW, RHYTHM, ())
    assert step.events == ()
    assert after.status is CaseStatus.PENDED


def test_a_filing_refused_for_its_number_is_queued_and_goes_again_as_a_new_attempt() -> None:
    step, after = answered(Outcome(answer=Answer.NUMBER_USED))
    assert (after.status, after.due_for) == (CaseStatus.QUEUED, Due.RETRY)
    assert [(move.after, move.error is not None) for move in step.moves] == [(Delivery.REFUSED, True)]
    assert agenda.next_of(after, Due.RETRY, NOW, timedelta(seconds=65)) == agenda.Plan(Verb.SUBMIT)
    assert (standing_of(step).attention, standing_of(step).attention_why) == (Attention.GATEWAY, step.moves[0].error)


@pytest.mark.parametrize("answer", [Answer.NUMBER_USED, Answer.UNAVAILABLE])
@pytest.mark.parametrize(
    ("held", "after"), [(Delivery.SENT, [(Delivery.SENT, Delivery.LOST)]), (Delivery.APP_ACKED, [])]
)
def test_a_late_refusal_of_what_was_sent_again_since_is_asked_about_unless_the_payer_said_that_it_has_it(
    held: Delivery, after: list[tuple[Delivery, Delivery]], answer: Answer
) -> None:
    """The payer may have it from the second sending: whoever filed under another number would file twice."""
    attempt = an_attempt()
    since = replace(attempt, delivery=held, sent_at=NOW + timedelta(seconds=90))
    submission = a_submission(since)
    told = Told(attempt, REPLY, Outcome(answer=answer), None, effect=True)
    step, left = recording.answered(a_case(submission), submission, told, [], [], NOW, RHYTHM, ())
    assert [(move.before, move.after) for move in step.moves] == after
    assert agenda.next_of(left, Due.RETRY, NOW, timedelta(seconds=65)) == agenda.Rest()
    assert step.entries[0].kind is EntryKind.REPLY


CANCEL = Change(kind=ChangeKind.CANCEL)


def messaged(told_of: Outcome | ExchangeError) -> tuple[Step, Submission]:
    """A cancellation of a pended filing ended like this."""
    cancel = replace(an_attempt(verb=Verb.AMEND), work=CANCEL)
    submission = replace(a_submission(an_attempt(Delivery.APP_ACKED), cancel), cancelling=True)
    pended = Heard(decided(*[LineOutcome.PENDING] * 3), NOW)
    outcome, error = (told_of, None) if isinstance(told_of, Outcome) else (None, told_of)
    told = Told(cancel, REPLY if outcome else None, outcome, error, effect=True)
    return recording.answered(a_case(submission), submission, told, [pended], [], NOW, RHYTHM, ())


@pytest.mark.parametrize(("verb", "status"), [(Verb.AMEND, CaseStatus.APPROVED), (Verb.INQUIRE, CaseStatus.DENIED)])
def test_a_denied_change_leaves_the_filing_granted_and_a_denial_that_is_found_does_not(
    verb: Verb, status: CaseStatus
) -> None:
    said = an_attempt(verb=verb)
    submission = a_submission(an_attempt(Delivery.APP_ACKED), said)
    granted = Heard(decided(*[LineOutcome.CERTIFIED] * 3), NOW - timedelta(days=40))
    told = Told(said, REPLY, decided(*[LineOutcome.NOT_CERTIFIED] * 3), None, effect=verb is Verb.AMEND)
    _, after = recording.answered(a_case(submission), submission, told, [granted], [], NOW, RHYTHM, ())
    assert after.status is status


@pytest.mark.parametrize("answer", [Answer.UNAVAILABLE, Answer.NUMBER_USED])
def test_a_cancellation_that_was_refused_for_now_stays_pending_and_is_said_again(answer: Answer) -> None:
    step, after = messaged(Outcome(answer=answer))
    assert (after.status, after.cancelling, after.due_for) == (CaseStatus.CANCEL_PENDING, True, Due.RETRY)
    [move] = step.moves
    assert (move.before, move.after) == (Delivery.SENT, Delivery.REFUSED)
    assert standing_of(step).attention is Attention.GATEWAY
    assert (move.error or "?") in (standing_of(step).attention_why or "")


def test_a_cancellation_that_was_not_sent_goes_again_and_one_that_was_lost_is_asked_about() -> None:
    unsent = messaged(NotSent("no connection", 17))[1]
    assert (unsent.status, unsent.due_for) == (CaseStatus.CANCEL_PENDING, Due.RETRY)
    assert unsent.due_at == NOW + timedelta(seconds=17)
    lost = messaged(MaybeSent("the line broke"))[1]
    assert (lost.status, lost.due_for) == (CaseStatus.CANCEL_PENDING, Due.RECONCILE)


def test_a_cancellation_its_channel_cannot_say_is_over_and_the_practice_is_told() -> None:
    error = CannotExpress(Inexpressible("/reason", "no place for it", "Leave it out."))
    step, after = messaged(error)
    assert (after.status, after.cancelling) == (CaseStatus.PENDED, False)
    assert standing_of(step).attention is Attention.PROVIDER


@pytest.mark.parametrize(("waited", "called"), [(3599, False), (3601, True)])
def test_behind_a_shut_connection_an_operator_is_called_in_time(waited: float, called: bool) -> None:
    planned = NOW - timedelta(seconds=waited)
    cancel = replace(an_attempt(Delivery.PLANNED, Verb.AMEND), work=CANCEL, planned_at=planned, sent_at=None)
    pending = CaseStatus.CANCEL_PENDING
    submission = replace(a_submission(an_attempt(Delivery.APP_ACKED), cancel), cancelling=True, status=pending)
    case = a_case(submission, status=pending)
    standing = recording.stand(submission, ())
    step = recording.postponed(case, submission, standing, [], attention_of(submission, standing, NOW, RHYTHM))
    assert (step.submissions[0].attention is Attention.OPERATOR) is called
    assert [event.data["attention"] for event in step.events] == [Attention.OPERATOR] * called


def test_behind_a_connection_that_rests_for_refused_credentials_an_operator_is_called_at_once_and_once() -> None:
    submission = a_submission(an_attempt(Delivery.PLANNED))
    case, standing = a_case(submission), recording.stand(submission, ())
    call = Attention.OPERATOR, "needs_person: refused"
    step = recording.postponed(case, submission, standing, [], call)
    [after] = step.submissions
    assert (after.attention, after.attention_why) == (Attention.OPERATOR, "needs_person: refused")
    assert [event.data["attention"] for event in step.events] == [Attention.OPERATOR]
    assert recording.postponed(case, after, standing, [], call).events == ()


def test_a_fresh_request_behind_such_a_connection_calls_an_operator_in_the_step_that_routes_it() -> None:
    waiting = replace(a_submission(), attention=Attention.OPERATOR, attention_why="needs_person: refused")
    step = recording.routed(a_case(), NO_PLAN, [waiting])
    assert [(event.data["attention"], event.data["status"]) for event in step.events] == [
        (Attention.OPERATOR, CaseStatus.QUEUED)
    ]
    assert standing_of(step).attention_why == "needs_person: refused"


def test_the_answer_to_a_cancellation_is_not_older_than_what_was_heard_before_it_was_sent() -> None:
    approved = decided(*[LineOutcome.CERTIFIED] * 3).model_copy(update={"effective_at": NOW - timedelta(minutes=1)})
    cancel = replace(an_attempt(verb=Verb.AMEND), work=CANCEL, sent_at=NOW)
    submission = replace(a_submission(an_attempt(Delivery.APP_ACKED), cancel), cancelling=True)
    cancelled = Outcome(answer=Answer.CANCELLED, effective_at=NOW - timedelta(hours=1))
    told = Told(cancel, REPLY, cancelled, None, effect=True)
    heard = [Heard(approved, NOW - timedelta(seconds=30))]
    step, after = recording.answered(
        a_case(submission), submission, told, heard, [], NOW + timedelta(seconds=9), RHYTHM, ()
    )
    assert after.status is CaseStatus.CANCELLED
    [entry] = [entry for entry in step.entries if entry.kind is EntryKind.OUTCOME]
    assert entry.meta["asked"] == NOW.isoformat(), "or the order would be another when it is read again"
