"""Appeals: what a payer's word does to a decision that is appealed, how an appeal stands, and that it is said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.engine import agenda, appeals
from gateway.engine.absence import is_absent
from gateway.engine.attempts import settled_by_inquiry
from gateway.engine.attention import attention_of
from gateway.engine.recording import stand
from gateway.engine.refusals import NotNow
from gateway.model.appeal import AppealState, after
from gateway.model.outcome import Answer, ApprovedQuantity, FollowUp, LineResult, Outcome
from gateway.model.people import Urgency
from gateway.model.questions import OpenRound
from gateway.model.reasons import NextAction
from gateway.model.standing import Heard, Standing, settle
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store.records import Attempt, Due, Submission, Verb
from tests.unit.engine_material import LABS, NOW, RHYTHM, a_submission, an_attempt, next_of
from tests.unit.test_engine_detours import a_case
from tests.unit.test_engine_rounds import GIVEN, SET

APPEAL = Change(kind=ChangeKind.APPEAL, reason="It failed.", lines=("1",))
FILED = an_attempt(delivery=Delivery.APP_ACKED, sent=500, planned=500)


ENDINGS = [Answer.CLOSED, Answer.CANCELLED, Answer.DUPLICATE]


def said(outcome: LineOutcome | Answer, at: float, *, appeal: bool = True, change: bool = True) -> Heard:
    """What the payer said so many seconds ago, of the appeal unless told."""
    if isinstance(outcome, Answer):
        spoken = Outcome(answer=outcome)
    else:
        spoken = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=outcome),))
    filing = not appeal
    return Heard(spoken, NOW - timedelta(seconds=at), filing, appeal=appeal, change=appeal and change)


def denied(*then: Heard, before: LineOutcome = LineOutcome.NOT_CERTIFIED) -> Standing:
    return settle(("1",), Delivery.APP_ACKED, [said(before, 400, appeal=False), *then])


OPEN = [LineOutcome.INFO_REQUESTED, LineOutcome.PENDING, LineOutcome.CONTACT_PAYER, LineOutcome.CANCELLED]


@pytest.mark.parametrize("word", OPEN)
@pytest.mark.parametrize("before", [LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED_MODIFIED])
def test_a_decision_stands_while_its_appeal_is_open(word: LineOutcome, before: LineOutcome) -> None:
    standing = denied(said(word, 10), before=before)
    assert (standing.status, standing.lines["1"].outcome) == (denied(before=before).status, before)
    assert standing.contradictions == ()


@pytest.mark.parametrize("answer", ENDINGS)
def test_an_appeal_that_is_closed_leaves_the_decision_and_the_practice_is_told(answer: Answer) -> None:
    standing = denied(said(answer, 10))
    assert (standing.status, standing.attention, standing.contradictions) == (
        CaseStatus.DENIED,
        Attention.PROVIDER,
        (),
    )
    assert denied(said(Answer.CLOSED, 10, appeal=False)).contradictions


@pytest.mark.parametrize(
    ("before", "word", "status"),
    [
        (LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED, CaseStatus.APPROVED),
        (LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, CaseStatus.APPROVED_MODIFIED),
        (LineOutcome.NOT_CERTIFIED, LineOutcome.NOT_CERTIFIED, CaseStatus.DENIED),
        (LineOutcome.CERTIFIED_MODIFIED, LineOutcome.CERTIFIED, CaseStatus.APPROVED),
        (LineOutcome.CERTIFIED_MODIFIED, LineOutcome.NOT_CERTIFIED, CaseStatus.APPROVED_MODIFIED),
    ],
)
def test_an_appeal_that_is_decided_changes_what_it_grants_and_takes_nothing_away(
    before: LineOutcome, word: LineOutcome, status: CaseStatus
) -> None:
    standing = denied(said(word, 10), before=before)
    assert (standing.status, standing.contradictions) == (status, ())


def first_request(outcome: LineOutcome, at: float, dated: float | None = None, **more: object) -> Heard:
    """What the payer said so many seconds ago of what was asked first, as an answer to that, dated as told."""
    result = LineResult(line="1", outcome=outcome).model_copy(update=more)
    when = None if dated is None else NOW - timedelta(seconds=dated)
    return Heard(
        Outcome(answer=Answer.REVIEWED, lines=(result,), effective_at=when), NOW - timedelta(seconds=at), False
    )


@pytest.mark.parametrize("late", [LineOutcome.NOT_CERTIFIED, LineOutcome.INFO_REQUESTED, LineOutcome.PENDING])
@pytest.mark.parametrize("granted", [LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED])
def test_what_an_appeal_granted_no_later_word_on_the_first_request_takes_back(
    late: LineOutcome, granted: LineOutcome
) -> None:
    won = denied(said(granted, 200))
    standing = denied(said(granted, 200), first_request(late, 10))
    assert (standing.status, standing.lines, standing.rounds) == (won.status, won.lines, won.rounds)
    assert (standing.attention, len(standing.contradictions)) == (Attention.OPERATOR, 1)


def test_an_old_partial_grant_that_is_told_again_does_not_replace_what_the_appeal_granted() -> None:
    less = ApprovedQuantity(value=Decimal(30), unit="UN")
    more = LineResult(
        line="1", outcome=LineOutcome.CERTIFIED_MODIFIED, quantity=less.model_copy(update={"value": Decimal(60)})
    )
    won = replace(said(LineOutcome.CERTIFIED, 200), outcome=Outcome(answer=Answer.REVIEWED, lines=(more,)))
    standing = denied(won, first_request(LineOutcome.CERTIFIED_MODIFIED, 10, quantity=less))
    assert (standing.lines["1"].quantity, standing.attention) == (more.quantity, Attention.OPERATOR)
    whole = denied(said(LineOutcome.CERTIFIED, 200), first_request(LineOutcome.CERTIFIED_MODIFIED, 10, quantity=less))
    assert (whole.status, whole.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)


def test_a_word_on_the_first_request_that_says_what_the_appeal_decided_tells_its_number_and_calls_nobody() -> None:
    number = {"authorization_number": "A-7"}
    standing = denied(said(LineOutcome.CERTIFIED, 200), first_request(LineOutcome.CERTIFIED, 10, **number))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)
    assert standing.lines["1"].authorization_number == "A-7"
    other = first_request(LineOutcome.CERTIFIED, 5, authorization_number="A-8")
    assert denied(said(LineOutcome.CERTIFIED, 200), first_request(LineOutcome.CERTIFIED, 10, **number), other).lines[
        "1"
    ].authorization_number == ("A-7")
    upheld = denied(said(LineOutcome.NOT_CERTIFIED, 200), first_request(LineOutcome.NOT_CERTIFIED, 10, dated=20))
    assert (upheld.status, upheld.attention) == (CaseStatus.DENIED, Attention.NONE)
    late = denied(said(LineOutcome.NOT_CERTIFIED, 200), first_request(LineOutcome.CERTIFIED, 10))
    assert (late.status, late.attention) == (CaseStatus.DENIED, Attention.OPERATOR)


def test_a_denial_dated_before_the_decision_of_the_appeal_changes_nothing_and_is_an_operators_too() -> None:
    standing = denied(said(LineOutcome.CERTIFIED, 200), first_request(LineOutcome.NOT_CERTIFIED, 10, dated=300))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)


def test_until_an_appeal_is_decided_the_first_request_may_be_decided_anew_and_of_other_lines_always() -> None:
    undecided = denied(said(LineOutcome.PENDING, 200), first_request(LineOutcome.CERTIFIED, 10))
    assert undecided.status is CaseStatus.APPROVED
    unaware = denied(said(LineOutcome.NOT_CERTIFIED, 200, change=False), first_request(LineOutcome.CERTIFIED, 10))
    assert unaware.status is CaseStatus.APPROVED, "it repeated the denial, and did not decide the appeal"
    both = first_request(LineOutcome.NOT_CERTIFIED, 400)
    lines = tuple(LineResult(line=line, outcome=LineOutcome.NOT_CERTIFIED) for line in "12")
    both = replace(both, outcome=both.outcome.model_copy(update={"lines": lines}))
    granted = (lines[0], lines[1].model_copy(update={"outcome": LineOutcome.CERTIFIED}))
    later = replace(both, at=NOW, outcome=both.outcome.model_copy(update={"lines": granted}))
    standing = settle(("1", "2"), Delivery.APP_ACKED, [both, said(LineOutcome.CERTIFIED, 200), later])
    assert [standing.lines[line].outcome for line in "12"] == [LineOutcome.CERTIFIED, LineOutcome.CERTIFIED]
    assert standing.attention is Attention.OPERATOR


def test_what_is_changed_or_cancelled_after_an_appeal_is_as_the_payer_says() -> None:
    won = said(LineOutcome.CERTIFIED, 200)
    changed = replace(first_request(LineOutcome.CERTIFIED_MODIFIED, 10), change=True)
    assert denied(won, changed).status is CaseStatus.APPROVED_MODIFIED
    assert denied(won, first_request(LineOutcome.CANCELLED, 10)).status is CaseStatus.CANCELLED
    assert denied(won, said(Answer.RESCINDED, 10, appeal=False)).status is CaseStatus.RESCINDED


def test_a_word_that_is_not_on_an_appeal_is_held_against_the_decision_as_before() -> None:
    pended = replace(said(LineOutcome.PENDING, 10), appeal=False, change=False)
    assert denied(pended).attention is Attention.OPERATOR


@pytest.mark.parametrize(
    ("state", "words", "on_itself", "comes_to"),
    [
        (AppealState.ASKED, [LineOutcome.NOT_CERTIFIED], True, AppealState.UPHELD),
        (AppealState.ASKED, [LineOutcome.NOT_CERTIFIED], False, AppealState.ASKED),
        (AppealState.UNDER_REVIEW, [LineOutcome.NOT_CERTIFIED], False, AppealState.UPHELD),
        (AppealState.ASKED, [LineOutcome.CERTIFIED], False, AppealState.OVERTURNED),
        (AppealState.ASKED, [LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED], True, AppealState.PARTLY_OVERTURNED),
        (AppealState.ASKED, [LineOutcome.PENDING, LineOutcome.CERTIFIED], True, AppealState.UNDER_REVIEW),
        (AppealState.ASKED, [LineOutcome.UNKNOWN], True, AppealState.ASKED),
        (AppealState.ASKED, [], True, AppealState.ASKED),
    ],
)
def test_a_denial_that_may_not_know_of_the_appeal_does_not_uphold_it(
    state: AppealState, words: list[LineOutcome], on_itself: bool, comes_to: AppealState
) -> None:
    assert after(state, words, on_itself=on_itself) is comes_to


def appealed(delivery: Delivery, error: str | None = None, sent: float | None = 100) -> tuple[Submission, Attempt]:
    attempt = an_attempt(Verb.AMEND, delivery, sent, APPEAL, error, planned=100)
    return a_submission(FILED, attempt, status=CaseStatus.DENIED), attempt


def standing_of(submission: Submission, *heard: Heard) -> Standing:
    return stand(submission, [said(LineOutcome.NOT_CERTIFIED, 400, appeal=False), *heard], RHYTHM, NOW)


def test_an_appeal_that_may_have_arrived_is_asked_about_and_never_planned_anew() -> None:
    submission, attempt = appealed(Delivery.LOST)
    assert next_of(submission, Due.RECONCILE) == agenda.Plan(Verb.INQUIRE)
    assert agenda.timer_of(submission, standing_of(submission), NOW, RHYTHM, None)[1] is Due.RECONCILE
    still_denied = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED),))
    for outcome in (still_denied, Outcome(answer=Answer.NOT_FOUND), Outcome(answer=Answer.RECEIVED)):
        assert is_absent(attempt, outcome) is None
        assert settled_by_inquiry(submission, NOW, outcome, RHYTHM) == ()
    [appeal] = standing_of(submission).appeals
    assert appeal.state is AppealState.UNCERTAIN
    for word in (LineOutcome.PENDING, LineOutcome.CERTIFIED):
        outcome = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=word),))
        assert settled_by_inquiry(submission, NOW, outcome, RHYTHM) == ((attempt, Delivery.RECONCILED),)


def test_where_messages_may_be_said_again_a_lost_appeal_is_said_again_with_its_own_stamp() -> None:
    submission, attempt = appealed(Delivery.LOST)
    lease = timedelta(seconds=65)
    again = agenda.next_of(submission, Due.RECONCILE, NOW, lease, asks=False, repeats=True)
    assert again == agenda.Speak(attempt)


def test_an_appeal_that_was_not_sent_is_sent_later_and_one_that_was_refused_for_now_goes_anew() -> None:
    unsent, attempt = appealed(Delivery.PLANNED, "not_sent: no connection", None)
    assert next_of(unsent, Due.RETRY) == agenda.Speak(attempt)
    refused, attempt = appealed(Delivery.REFUSED, "unavailable: not now")
    assert next_of(refused, Due.RETRY) == agenda.Plan(Verb.AMEND, attempt)
    approved = replace(refused, status=CaseStatus.APPROVED)
    assert next_of(approved, Due.RETRY) == agenda.Rest()


def test_the_payer_is_asked_on_while_an_appeal_is_under_way_and_then_no_more() -> None:
    submission, _ = appealed(Delivery.APP_ACKED)
    pended = standing_of(submission, said(LineOutcome.PENDING, 90))
    assert agenda.timer_of(submission, pended, NOW, RHYTHM, None)[1] is Due.POLL
    assert attention_of(submission, pended, NOW, RHYTHM) == (Attention.PAYER, "what it decided is appealed")
    upheld = standing_of(submission, said(LineOutcome.PENDING, 90), said(LineOutcome.NOT_CERTIFIED, 5, change=False))
    assert agenda.timer_of(submission, upheld, NOW, RHYTHM, None) == (None, None)
    assert upheld.appeals[0].state is AppealState.UPHELD


def test_an_appeal_that_nobody_decides_calls_an_operator() -> None:
    submission, _ = appealed(Delivery.APP_ACKED)
    later = NOW + timedelta(seconds=RHYTHM.poll.give_up_seconds)
    who, why = attention_of(submission, standing_of(submission, said(LineOutcome.PENDING, 90)), later, RHYTHM)
    assert (who, why) == (Attention.OPERATOR, "the payer has not decided the appeal in the time its profile allows")


def test_documents_of_an_appeal_follow_it_and_not_those_of_the_request() -> None:
    letter = LABS.attachments[0]
    submission, attempt = appealed(Delivery.APP_ACKED)
    with_letter = replace(attempt, work=APPEAL.model_copy(update={"attachments": (letter,)}))
    submission = replace(submission, attempts=(FILED, with_letter))
    follows = agenda.next_of(submission, None, NOW, timedelta(seconds=65), announced=(letter,))
    assert follows == agenda.Plan(Verb.ANSWER)
    sent = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 5, Answers(attachments=(letter,)))
    submission = replace(submission, attempts=(*submission.attempts, sent))
    assert agenda.next_of(submission, None, NOW, timedelta(seconds=65), announced=(letter,)) == agenda.Rest()


def test_what_is_heard_of_two_appeals_is_told_apart_by_its_time() -> None:
    submission, first = appealed(Delivery.APP_ACKED)
    second = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 20, APPEAL, planned=20)
    submission = replace(submission, attempts=(FILED, first, second))
    heard = [said(LineOutcome.NOT_CERTIFIED, 50), said(LineOutcome.PENDING, 10)]
    found = appeals.appeals_of(submission, heard)
    assert [one.state for one in found] == [AppealState.UPHELD, AppealState.UNDER_REVIEW]


def two_appeals() -> tuple[Submission, Attempt, Attempt]:
    """The first was asked for a hundred seconds ago and its questions were left; the second twenty seconds ago."""
    submission, first = appealed(Delivery.APP_ACKED)
    second = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 20, APPEAL, planned=20)
    return replace(submission, attempts=(FILED, first, second)), first, second


LATE = [LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING, LineOutcome.CANCELLED, *ENDINGS]


@pytest.mark.parametrize("word", LATE)
def test_a_late_answer_to_an_appeal_that_was_made_anew_leaves_the_new_one_under_way(
    word: LineOutcome | Answer,
) -> None:
    """Else the practice would appeal a third time while the second is with the payer."""
    submission, first, second = two_appeals()
    asking = said(LineOutcome.INFO_REQUESTED, 50)
    taken_up = replace(said(LineOutcome.INFO_REQUESTED, 15), answers=second.id)
    taken_up = replace(taken_up, outcome=taken_up.outcome.model_copy(update={"questions": SET}))
    late = replace(said(word, 5), answers=first.id)
    for on_second, state in ([], AppealState.ASKED), ([taken_up], AppealState.NEEDS_INFORMATION):
        standing = standing_of(submission, asking, *on_second, late)
        assert [one.state for one in standing.appeals][1] is state
        assert not standing.appeals[0].under_way
        assert len(standing.rounds) == len(on_second), "what the second asks is asked still"
        with pytest.raises(NotNow):
            appeals.choose(a_case(submission), [(submission, standing)], ())
        without = standing_of(submission, asking, *on_second)
        called = attention_of(submission, standing, NOW, RHYTHM)
        assert called == attention_of(submission, without, NOW, RHYTHM)


def test_what_a_late_answer_to_the_first_appeal_grants_is_granted_and_its_doubts_are_an_operators() -> None:
    submission, first, _ = two_appeals()
    standing = standing_of(submission, replace(said(LineOutcome.CERTIFIED, 5), answers=first.id))
    assert (standing.status, standing.appeals[0].state) == (CaseStatus.APPROVED, AppealState.OVERTURNED)
    assert standing.appeals[1].state is AppealState.ASKED
    doubtful = said(LineOutcome.NOT_CERTIFIED, 5).outcome.model_copy(update={"attention": Attention.OPERATOR})
    standing = standing_of(submission, replace(said(Answer.CLOSED, 5), answers=first.id, outcome=doubtful))
    assert standing.attention is Attention.OPERATOR


def test_an_answer_to_answers_is_on_the_appeal_that_asked_and_one_to_documents_on_the_latest_before_them() -> None:
    submission, first, second = two_appeals()
    to_first = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 30, LABS, planned=30)
    given = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 10, GIVEN, planned=10)
    submission = replace(submission, attempts=(FILED, first, to_first, second, given))
    asking = said(LineOutcome.INFO_REQUESTED, 50)
    asking = replace(asking, answers=first.id, outcome=asking.outcome.model_copy(update={"questions": SET}))
    for attempt in (to_first, given):
        denial = replace(said(LineOutcome.NOT_CERTIFIED, 5, change=False), answers=attempt.id)
        states = [one.state for one in appeals.appeals_of(submission, [asking, denial])]
        assert states == [AppealState.UPHELD, AppealState.ASKED]


def test_an_appeal_whose_questions_nobody_answered_in_time_is_asked_for_again_and_then_it_is_over() -> None:
    submission, first = appealed(Delivery.APP_ACKED)
    asking = said(LineOutcome.INFO_REQUESTED, 50)
    late = OpenRound(round="0" * 32, title="Appeal", deadline=NOW - timedelta(seconds=5), overdue=True)
    standing = replace(standing_of(submission, asking), rounds=(late,))
    case = a_case(submission)
    assert appeals.choose(case, [(submission, standing)], ()) == {submission.id: ("1",)}
    who, why = attention_of(submission, standing, NOW, RHYTHM)
    assert (who, (why or "").endswith("appeal again")) == (Attention.PROVIDER, True)
    in_time = replace(standing, rounds=(late.model_copy(update={"overdue": False}),))
    with pytest.raises(NotNow):
        appeals.choose(case, [(submission, in_time)], ())
    second = an_attempt(Verb.AMEND, Delivery.SENT, 2, APPEAL, planned=2)
    submission = replace(submission, attempts=(FILED, first, second))
    states = [one.state for one in appeals.appeals_of(submission, [asking])]
    assert states == [AppealState.CLOSED, AppealState.ASKED]
    asked = appeals.appeals_of(submission, [asking])
    assert (appeals.still_asked((late,), asked), appeals.still_asked((late,), asked[:1])) == ((), (late,))


def test_what_was_to_be_done_of_an_earlier_appeal_is_not_asked_of_anybody_while_a_new_one_is_on_its_way() -> None:
    submission, first = appealed(Delivery.APP_ACKED)
    closed = standing_of(submission, said(Answer.CLOSED, 50))
    assert attention_of(submission, closed, NOW, RHYTHM)[0] is Attention.PROVIDER
    second = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 20, APPEAL, planned=20)
    submission = replace(submission, attempts=(FILED, first, second))
    again = standing_of(submission, said(Answer.CLOSED, 50))
    assert attention_of(submission, again, NOW, RHYTHM)[0] is Attention.PAYER


def test_an_appeal_that_is_expedited_is_as_urgent_as_it_says_and_else_as_the_request() -> None:
    attested = Urgency(level="expedited", reason="It grows.", attested_by="Pat Testdoctor")
    request = a_case().request
    for level in (None, Urgency(), attested):
        submission, attempt = appealed(Delivery.APP_ACKED)
        work = APPEAL.model_copy(update={"urgency": level})
        submission = replace(submission, attempts=(FILED, replace(attempt, work=work)))
        open_, decided = standing_of(submission, said(LineOutcome.PENDING, 90)), denied()
        own = level.level if level else "standard"
        assert appeals.urgency_of(request, submission, open_) == own
        assert appeals.urgency_of(request, submission, decided) == "standard"
        urgent = request.model_copy(update={"urgency": attested})
        assert appeals.urgency_of(urgent, submission, open_) == (level or attested).level
        assert appeals.urgency_of(urgent, submission, decided) == "expedited"


def test_an_appeal_that_is_closed_for_another_to_be_asked_says_who_that_is() -> None:
    other = FollowUp(action=NextAction.REROUTE, code="610022/PCN/", code_system="bin/pcn/group")
    closed = said(Answer.CLOSED, 10)
    told = replace(closed, outcome=closed.outcome.model_copy(update={"follow_up": (other,)}))
    assert denied(told).follow_up == (other,)
    assert denied(told, said(Answer.CLOSED, 5)).follow_up == (other,)
    assert denied(told).status is CaseStatus.DENIED
