"""Rounds of questions in the engine: open until answered, until when they are looked at, and who must act on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.api.examples import ANSWERS, REQUEST
from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.engine import agenda, recording, rounds
from gateway.engine.asking import asked_by
from gateway.engine.attention import attention_of
from gateway.engine.queue import Walk
from gateway.model.outcome import Answer, LineResult, Outcome, RequestedItem
from gateway.model.questions import CodedReference, QuestionAnswer, QuestionSet
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing, roll_up_standings
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store.cases import load_case
from gateway.store.records import Attempt, Due, Submission, Verb
from tests.unit.api_house import House, open_house
from tests.unit.engine_material import NOW, RHYTHM, a_submission, an_attempt
from tests.unit.questions_material import ROUND, a_set, choice, select, text
from tests.unit.test_api_questions import case_asked

DEADLINE = NOW + timedelta(days=3)
SET = a_set(text("1", 1), deadline=DEADLINE)
NEXT = SET.model_copy(update={"round": "6" * 32})
GIVEN = Answers(round=ROUND, questions=(QuestionAnswer(question="1", text="So."),))
APPEAL = Change(kind=ChangeKind.APPEAL, reason="It was tried.")
APPEALED = ((Verb.AMEND, APPEAL), (Verb.ANSWER, GIVEN), (Verb.AMEND, APPEAL))
FILING = an_attempt(delivery=Delivery.APP_ACKED, sent=3600, planned=3600)


def heard(asked: QuestionSet | None = SET, outcome: LineOutcome = LineOutcome.INFO_REQUESTED, **more: object) -> Heard:
    lines = (LineResult(line="1", outcome=outcome),)
    said = Outcome.model_validate({"answer": Answer.REVIEWED, "lines": lines, "questions": asked, **more})
    return Heard(said, NOW + timedelta(seconds=asked is not SET), asked=NOW - timedelta(hours=1))


def asked_of(*attempts: Attempt) -> Submission:
    return a_submission(FILING, *attempts, status=CaseStatus.NEEDS_INFORMATION)


def stand(submission: Submission, *said: Heard, now: datetime = NOW) -> Standing:
    return recording.stand(submission, said or (heard(),), RHYTHM, now)


def rounds_of(standing: Standing) -> list[tuple[str, bool]]:
    return [(one.round, one.overdue) for one in standing.rounds]


def answering(delivery: Delivery, error: str | None = None) -> Attempt:
    return an_attempt(Verb.ANSWER, delivery, sent=60, work=GIVEN, error=error)


def test_a_round_is_open_from_the_message_that_asks_it_and_asks_for_no_document() -> None:
    standing = stand(asked_of())
    assert rounds_of(standing) == [(ROUND, False)]
    assert standing.rounds[0].payer == "evergreen_health"
    assert standing.requested == ()
    assert standing.status is CaseStatus.NEEDS_INFORMATION


@pytest.mark.parametrize("delivery", [d for d in Delivery if d is not Delivery.REFUSED])
def test_a_round_is_closed_once_its_answers_are_to_be_sent_whatever_becomes_of_them(delivery: Delivery) -> None:
    assert rounds_of(stand(asked_of(answering(delivery)))) == []


def test_answers_that_were_refused_for_good_leave_the_round_open_and_those_refused_for_now_do_not() -> None:
    assert rounds_of(stand(asked_of(answering(Delivery.REFUSED, "rejected")))) == [(ROUND, False)]
    assert rounds_of(stand(asked_of(answering(Delivery.REFUSED, "unavailable: later")))) == []


def test_documents_answer_no_round() -> None:
    documents = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, sent=60, work=Answers(note="See the chart."))
    assert rounds_of(stand(asked_of(documents))) == [(ROUND, False)]


def test_the_latest_round_is_the_open_one_until_the_payer_says_something_else() -> None:
    submission = asked_of(answering(Delivery.APP_ACKED))
    assert rounds_of(stand(submission, heard(), heard(NEXT))) == [(NEXT.round, False)]
    assert rounds_of(stand(asked_of(), heard(), heard(None))) == [(ROUND, False)], "it still wants information"
    assert rounds_of(stand(asked_of(), heard(), heard(None, LineOutcome.PENDING))) == []
    assert rounds_of(stand(asked_of(), heard(), Heard(Outcome(answer=Answer.CLOSED), DEADLINE))) == []


def asked_again(about: Attempt, after: float, **more: object) -> Heard:
    """The same questions, in a message that the payer wrote so long after that was sent."""
    said = heard(effective_at=NOW + timedelta(seconds=after), **more)
    return replace(said, at=NOW + timedelta(seconds=after), asked=about.sent_at, answers=about.id)


def test_the_same_questions_asked_again_in_answer_to_their_answers_are_open_again_until_those_are_answered() -> None:
    first, again = answering(Delivery.APP_ACKED), answering(Delivery.APP_ACKED)
    opening = asked_again(FILING, 0)
    assert rounds_of(stand(asked_of(first), opening)) == []
    once_more = asked_again(first, 30)
    standing = stand(asked_of(first), opening, once_more)
    assert rounds_of(standing) == [(ROUND, False)]
    assert call(asked_of(first), opening, once_more)[0] is Attention.PROVIDER
    assert rounds_of(stand(asked_of(first, again), opening, once_more)) == []
    third = asked_again(again, 60)
    assert rounds_of(stand(asked_of(first, again), opening, once_more, third)) == [(ROUND, False)]
    of_the_first = asked_again(first, 90)
    assert rounds_of(stand(asked_of(first, again), opening, once_more, of_the_first)) == [], "it was answered since"


def test_the_same_questions_are_asked_again_whatever_a_clock_says_whose_zone_nobody_knows() -> None:
    given = answering(Delivery.APP_ACKED)
    opening = asked_again(FILING, -5 * 3600, zone_unknown=True)
    again = asked_again(given, -5 * 3600 + 60, zone_unknown=True)
    assert rounds_of(stand(asked_of(given), opening, again)) == [(ROUND, False)]
    copy = replace(opening, at=NOW, asked=given.sent_at, answers=given.id)
    assert rounds_of(stand(asked_of(given), opening, copy)) == [], "the same message twice"


def test_a_copy_of_questions_that_were_answered_asks_nothing_anew() -> None:
    given = answering(Delivery.APP_ACKED)
    opening = asked_again(FILING, -3600)
    of_the_filing = asked_again(FILING, 60)
    copy = replace(opening, at=NOW, asked=given.sent_at, answers=given.id)
    written_before = asked_again(given, -1800)
    for said in (of_the_filing, copy, written_before):
        assert rounds_of(stand(asked_of(given), opening, said)) == [], said


def test_a_later_appeal_that_asks_what_an_earlier_one_did_is_answered_too() -> None:
    first, given, second = (an_attempt(verb, Delivery.APP_ACKED, sent=60, work=work) for verb, work in APPEALED)
    submission = replace(asked_of(first, given, second), status=CaseStatus.DENIED)
    opening = replace(asked_again(first, 0), appeal=True)
    assert rounds_of(stand(submission, opening)) == []
    assert rounds_of(stand(submission, opening, replace(asked_again(second, 30), appeal=True))) == [(ROUND, False)]


@pytest.mark.parametrize(
    ("attempt", "lapses"),
    [
        (answering(Delivery.PLANNED, "not_sent: no connection"), True),
        (answering(Delivery.PLANNED), True),
        (answering(Delivery.REFUSED, "unavailable: later"), True),
        (answering(Delivery.LOST, "maybe_sent: it broke"), False),
        (answering(Delivery.APP_ACKED), False),
        (an_attempt(Verb.ANSWER, Delivery.PLANNED, work=Answers(note="See the chart.")), False),
    ],
)
def test_answers_that_never_reached_the_payer_are_not_said_once_its_deadline_is_over(
    attempt: Attempt, lapses: bool
) -> None:
    assert rounds.lapsed(attempt, [heard()], DEADLINE - timedelta(seconds=1)) is None
    assert rounds.lapsed(attempt, [heard(SET.model_copy(update={"deadline": None}))], DEADLINE) is None
    found = rounds.lapsed(attempt, [heard(), heard(NEXT)], DEADLINE)
    assert (found is not None) is lapses
    if found is not None:
        ended = replace(attempt, delivery=Delivery.REFUSED, error=f"cannot_express: {found}")
        assert rounds_of(stand(asked_of(ended), now=DEADLINE)) == [(ROUND, True)]
        who, why = call(asked_of(ended), now=DEADLINE)
        assert (who, "took answers until 2026-03-12T12:00:00Z" in (why or "")) == (Attention.PROVIDER, True)


def test_a_payer_that_asks_questions_and_for_documents_waits_for_both() -> None:
    item = RequestedItem(kind="pathology_report", control_number="ACN-1")
    standing = stand(asked_of(), heard(requested=(item,)))
    assert ([one.control_number for one in standing.requested], len(standing.rounds)) == (["ACN-1"], 1)


def test_a_case_has_the_rounds_of_all_its_submissions() -> None:
    other = replace(stand(asked_of(), heard(NEXT)), lines={})
    assert rounds_of(roll_up_standings([stand(asked_of()), other])) == [(ROUND, False), (NEXT.round, False)]


def call(submission: Submission, *said: Heard, now: datetime = NOW) -> tuple[Attention, str | None]:
    return attention_of(submission, stand(submission, *said, now=now), now, RHYTHM)


def test_the_practice_must_answer_by_the_deadline_and_is_told_when_it_has_passed() -> None:
    who, why = call(asked_of())
    assert (who, why) == (
        Attention.PROVIDER,
        "the payer asks questions that must be answered by 2026-03-12T12:00:00Z",
    )
    who, why = call(asked_of(), now=DEADLINE)
    assert (who, why) == (
        Attention.PROVIDER,
        "the payer's questions were to be answered by 2026-03-12T12:00:00Z, and were not: submit the request anew",
    )
    assert rounds_of(stand(asked_of(), now=DEADLINE)) == [(ROUND, True)]
    without = heard(SET.model_copy(update={"deadline": None}))
    assert call(asked_of(), without)[1] == "the payer asks questions that must be answered"


def test_answers_that_wait_are_the_gateways_and_answers_that_arrived_the_payers() -> None:
    assert call(asked_of(answering(Delivery.PLANNED)))[0] is Attention.GATEWAY
    assert call(asked_of(answering(Delivery.APP_ACKED))) == (
        Attention.PAYER,
        "the answers were sent, and the payer has them",
    )
    assert call(asked_of(answering(Delivery.REFUSED, "the payer says no")))[0] is Attention.PROVIDER
    assert call(asked_of(answering(Delivery.APP_ACKED)), heard(), heard(NEXT))[0] is Attention.PROVIDER


def test_a_payer_that_waits_for_answers_is_not_said_to_have_forgotten_its_decision() -> None:
    later = NOW + timedelta(days=2)
    assert call(asked_of(), now=later)[0] is Attention.PROVIDER
    assert call(asked_of(answering(Delivery.APP_ACKED)), now=later)[0] is Attention.OPERATOR


def test_a_decision_that_comes_with_questions_asks_the_practice() -> None:
    submission = replace(asked_of(), status=CaseStatus.DENIED)
    assert call(submission, heard(outcome=LineOutcome.NOT_CERTIFIED))[0] is Attention.PROVIDER


def timer(submission: Submission, now: datetime) -> tuple[datetime | None, Due | None]:
    return agenda.timer_of(submission, stand(submission, now=now), now, RHYTHM, None)


def test_a_submission_is_looked_at_when_its_deadline_passes() -> None:
    soon = DEADLINE - timedelta(seconds=20)
    assert timer(asked_of(), soon) == (DEADLINE + timedelta(seconds=1), Due.POLL)
    at, due = timer(asked_of(), NOW)
    assert at is not None
    assert (at < DEADLINE, due) == (True, Due.POLL), "it is still asked what the payer decided"
    forgotten = DEADLINE - timedelta(hours=1)
    assert timer(asked_of(), forgotten) == (DEADLINE + timedelta(seconds=1), Due.POLL)
    at, _ = timer(asked_of(), DEADLINE)
    assert at is None


def test_a_payer_that_is_not_asked_is_looked_at_again_when_the_deadline_passes() -> None:
    submission, late = asked_of(), NOW + timedelta(hours=23, minutes=30)
    assert agenda.awaited_until(submission, stand(submission, now=late), late, RHYTHM) == DEADLINE + timedelta(
        seconds=1
    )
    done = asked_of(answering(Delivery.APP_ACKED))
    assert agenda.awaited_until(done, stand(done, now=late), late, RHYTHM) == NOW + timedelta(seconds=86341)


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


async def test_a_deadline_that_passes_is_an_event_and_told_once(house: House) -> None:
    soon = datetime.now(NOW.tzinfo) - timedelta(seconds=1)
    case_id = await case_asked(house, a_set(text("1", 1), deadline=soon + timedelta(days=1)))
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    place = UUID(shown["submissions"][0]["id"])
    before = await _events(house, case_id)
    clerk = house.desk._walker.clerk
    clerk._clock = lambda: soon + timedelta(days=1, seconds=2)
    for _ in range(2):
        await clerk.postpone(case_id, place, Due.POLL, None, silent=True)
    after = await _events(house, case_id)
    assert len(after) == len(before) + 1
    assert after[-1]["data"]["attention"] == "provider"
    assert "submit the request anew" in after[-1]["data"]["attention_why"]
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert [one["overdue"] for one in shown["questions"]] == [True]


async def test_answers_that_wait_when_the_deadline_passes_never_leave_and_the_practice_is_told(house: House) -> None:
    soon = datetime.now(NOW.tzinfo) + timedelta(hours=1)
    case_id = await case_asked(house, a_set(text("1", 1), deadline=soon))
    given = {**GIVEN.model_dump(mode="json", include={"round"}), "questions": [{"question": "1", "text": "So."}]}
    taken = await house.call("POST", f"/v1/requests/{case_id}/answers", {**given, "submit": True})
    assert taken.status == 202, await taken.text()
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    place, walker = UUID(shown["submissions"][0]["id"]), house.desk._walker
    walker._clock = walker.clerk._clock = lambda: soon + timedelta(seconds=1)
    await walker._follow(Walk(case_id, place), place)
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id)
    assert case is not None
    last = case.submissions[0].attempts[-1]
    assert (last.verb, last.delivery, last.sent_at) == (Verb.ANSWER, Delivery.REFUSED, None)
    told = await _events(house, case_id)
    assert (told[-1]["data"]["attention"], "took answers until" in told[-1]["data"]["attention_why"]) == (
        "provider",
        True,
    )


async def test_a_payer_whose_channel_announces_no_documents_is_sent_none_by_itself(house: House) -> None:
    case_id = await case_asked(house, attachments=ANSWERS["attachments"])
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id)
    assert case is not None
    walker = house.desk._walker
    assert walker._next(case, case.submissions[0], None) == agenda.Plan(Verb.ANSWER)
    walker.scripts._adapters["parrot"].announces = False  # type: ignore[misc]
    assert walker._next(case, case.submissions[0], None) == agenda.Rest()


async def _events(house: House, case_id: UUID) -> list[dict[str, Any]]:
    told = await (await house.call("GET", f"/v1/requests/{case_id}/events")).json()
    return list(told["data"])


def test_only_the_diagnoses_that_the_submissions_own_lines_are_for_are_proposed() -> None:
    lines = [{**REQUEST["lines"][0], "id": str(place), "diagnoses": [place]} for place in (1, 2, 3)]
    codes = ("C50.911", "R11.0", "C34.11")
    wanted = PARequest.model_validate({**REQUEST, "diagnoses": [{"code": code} for code in codes], "lines": lines})
    choices = [choice(code, codes=(CodedReference(system="icd10", code=code),)) for code in codes]
    diagnosis = (CodedReference(system="loinc", code="29308-4"),)
    asked = SET.model_copy(update={"questions": (select("1", 1, *choices, multiple=True, codes=diagnosis),)})
    said = heard(asked)
    for line_ids, expected in ((("2",), ["R11.0"]), (("1", "3"), ["C50.911", "C34.11"])):
        submission = replace(asked_of(), line_ids=line_ids)
        [one] = asked_by(submission, stand(submission, said), [said])
        [answer] = one.proposals(wanted).answers
        assert [chosen.choice for chosen in answer.chosen] == expected
