"""Cases: what is written comes back, one worker at a time, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from gateway.contract.adapter import Answers, Change, ChangeKind, Stamp
from gateway.contract.destination import Mode
from gateway.engine.entries import entries_of
from gateway.model.request import Attachment
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.cases import DUE_LEASE, claim_due, load_case, outcomes_of, write
from gateway.store.database import Database
from gateway.store.events import read_case_events
from gateway.store.journal import verify
from gateway.store.records import Case, DeliveryMove, Due, EntryKind, NewEntry, NewEvent, Stale, Step, Verb
from gateway.store.webhooks import add_endpoint
from tests.unit.store_cases import (
    SEED,
    TENANT,
    answered_step,
    approval,
    attempt,
    do,
    load,
    made_up,
    opened,
    sent_step,
    standing_of,
    submission,
    take,
)

NOTE = NewEntry(EntryKind.NOTE, b"{}")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def test_submissions_and_attempts_come_back_as_they_were_written(database: Database) -> None:
    case_id = await take(database)
    moment = datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC)
    first = submission(
        ("2", "1"),
        attention=Attention.OPERATOR,
        attention_why="a new certificate is needed",
        due_at=moment,
        due_for=Due.POLL,
        tries=3,
        cancelling=True,
    )
    second = submission((), place=2)
    document = Attachment(id="a1", kind="other", title="T", media_type="text/plain", content=b"bm90ZQ==")
    attempts = (
        attempt(first),
        attempt(first, Verb.AMEND, work=Change(kind=ChangeKind.REVISE, reason="dose", request=made_up())),
        attempt(first, Verb.ANSWER, work=Answers(attachments=(document,), control_numbers={"a1": "N1"}), error="no"),
        attempt(first, Verb.INQUIRE, sent_at=moment, ended_at=moment + timedelta(seconds=2)),
    )
    await do(database, Step(case_id, submissions=(second, first), attempts=attempts))
    case = await load(database, case_id)
    assert case.submissions == (replace(first, attempts=attempts), second)
    assert case.submission(first.id).filing == attempts[0]


async def test_a_submission_written_again_is_replaced(database: Database) -> None:
    case_id = await take(database)
    filed = submission(due_at=datetime(2026, 3, 2, tzinfo=UTC), due_for=Due.RETRY)
    await do(database, Step(case_id, submissions=(filed,)))
    after = replace(filed, status=CaseStatus.PENDED, due_at=None, due_for=None, tries=2, line_ids=("1",))
    await do(database, Step(case_id, submissions=(after,)))
    assert (await load(database, case_id)).submissions == (after,)


async def test_an_attempt_written_again_keeps_verb_stamp_delivery_and_work(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, Step(case_id, submissions=(filed,), attempts=(said,)))
    moment = datetime(2026, 3, 3, tzinfo=UTC)
    again = replace(
        said,
        verb=Verb.INQUIRE,
        stamp=Stamp(at=moment, number=99, seed="f" * 32),
        delivery=Delivery.LOST,
        work=Change(kind=ChangeKind.CANCEL),
        sent_at=moment,
        ended_at=moment,
        error="not_sent: refused",
    )
    await do(database, Step(case_id, attempts=(again,)))
    [kept] = (await load(database, case_id)).submissions[0].attempts
    assert kept == replace(said, sent_at=moment, ended_at=moment, error="not_sent: refused")


async def test_a_stamp_in_another_time_zone_is_refused(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    local = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    said = replace(attempt(filed), stamp=Stamp(at=local, number=1, seed=SEED))
    with pytest.raises(ValueError, match="UTC"):
        await do(database, Step(case_id, submissions=(filed,), attempts=(said,)))


async def test_a_step_moves_the_case_its_lines_and_its_attempt(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    assert (await do(database, sent_step(case_id, filed, said))).entry_numbers == (2,)
    [sent] = (await load(database, case_id)).submissions[0].attempts
    assert sent.delivery is Delivery.SENT
    assert sent.sent_at is not None
    assert (await do(database, answered_step(case_id, filed, said))).entry_numbers == (3, 4)
    case = await load(database, case_id)
    assert (case.status, case.attention, case.journal_count) == (CaseStatus.APPROVED, Attention.NONE, 4)
    assert case.standing == standing_of(approval())
    assert case.updated_at > case.created_at
    [ended] = case.submissions[0].attempts
    assert (ended.delivery, ended.sent_at, ended.ended_at is None) == (Delivery.APP_ACKED, sent.sent_at, False)
    lines = await database.fetch("SELECT outcome FROM lines")
    assert {line["outcome"] for line in lines} == {"certified"}
    types = [event.type for event in await read_case_events(database, TENANT, Mode.TEST, case_id)]
    assert types == ["case.queued", "case.submitting", "case.approved"]


async def test_a_standing_keeps_everything_it_says(database: Database) -> None:
    case_id = await take(database)
    contradicted = replace(
        standing_of(approval()),
        attention=Attention.OPERATOR,
        attention_why="the payer said pended after approved",
        contradictions=(approval("AUTH-78"),),
        reference_pending=True,
    )
    await do(database, Step(case_id, standing=contradicted))
    case = await load(database, case_id)
    assert case.standing == contradicted
    assert case.attention_why == contradicted.attention_why
    await do(database, Step(case_id, entries=(NOTE,)))
    assert (await load(database, case_id)).standing == contradicted


@pytest.mark.parametrize("end", [Delivery.REFUSED, Delivery.LOST, Delivery.RECONCILED, Delivery.APP_ACKED])
@pytest.mark.parametrize("new", [True, False])
async def test_a_move_sets_the_times_and_the_error(database: Database, end: Delivery, new: bool) -> None:
    """The same whether the attempt is written in the same step or was there before."""
    case_id = await take(database)
    filed = submission()
    said = attempt(filed, error="not_sent: refused")
    if not new:
        await do(database, Step(case_id, submissions=(filed,), attempts=(said,)))
    begin = Step(case_id, moves=(DeliveryMove(said.id, Delivery.PLANNED, Delivery.SENT),))
    await do(database, replace(begin, submissions=(filed,), attempts=(said,)) if new else begin)
    [sent] = (await load(database, case_id)).submissions[0].attempts
    assert sent.sent_at is not None
    assert (sent.delivery, sent.ended_at, sent.error) == (Delivery.SENT, None, None)
    await do(database, Step(case_id, moves=(DeliveryMove(said.id, Delivery.SENT, end, "maybe_sent: gone"),)))
    [ended] = (await load(database, case_id)).submissions[0].attempts
    assert ended.ended_at is not None
    assert (ended.delivery, ended.sent_at, ended.error) == (end, sent.sent_at, "maybe_sent: gone")
    await do(database, Step(case_id, moves=(DeliveryMove(said.id, end, Delivery.PLANNED),)))
    [again] = (await load(database, case_id)).submissions[0].attempts
    assert (again.delivery, again.ended_at, again.error) == (Delivery.PLANNED, None, None)


async def test_a_step_says_how_it_leaves_the_case(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    for step in (
        sent_step(case_id, filed, said),
        Step(case_id, submissions=(submission(place=2), submission(place=0))),
        answered_step(case_id, filed, said),
        Step(case_id, attempts=(replace(said, error="odd", verb=Verb.INQUIRE, sent_at=None),)),
    ):
        written = await do(database, step)
        assert written.case == await load(database, case_id)
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        assert case is not None
        await write(database, connection, case, Step(case_id, submissions=(submission(place=3),), entries=(NOTE,)))
        written = await write(database, connection, case, Step(case_id, entries=(NOTE,)))
    assert written.case == await load(database, case_id)


@pytest.mark.parametrize("between", ["an entry", "a timer", "a move"])
async def test_a_step_upon_a_case_not_held_is_written_only_if_nothing_changed(database: Database, between: str) -> None:
    """Each statement by itself, without a transaction to roll back."""
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, Step(case_id, submissions=(filed,), attempts=(said,)))
    seen = await load(database, case_id)
    step = Step(case_id, moves=(DeliveryMove(said.id, Delivery.PLANNED, Delivery.SENT),), entries=(NOTE,))
    change = {
        "an entry": Step(case_id, entries=(NOTE,)),
        "a timer": Step(case_id, submissions=(replace(filed, tries=1),)),
        "a move": Step(case_id, moves=(DeliveryMove(said.id, Delivery.PLANNED, Delivery.LOST),)),
    }[between]
    after = (await do(database, change)).case
    async with database.connection() as connection:
        with pytest.raises(Stale):
            await write(database, connection, seen, step, held=False)
        assert await load(database, case_id) == after
        if between != "a move":
            written = await write(database, connection, after, step, held=False)
            assert written.case == await load(database, case_id)


async def test_of_many_steps_upon_one_view_of_a_case_one_is_written(database: Database) -> None:
    case_id = await take(database)
    seen = await load(database, case_id)
    timer = Step(case_id, submissions=(submission(),), events=(NewEvent("case.pended", {}),))

    async def try_write() -> object:
        async with database.connection() as connection:
            return await write(database, connection, seen, timer, held=False)

    results = await asyncio.gather(*(try_write() for _ in range(10)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Stale"] * 9 + ["Written"]
    assert len((await load(database, case_id)).submissions) == 1
    assert len(await read_case_events(database, TENANT, Mode.TEST, case_id)) == 2


async def test_a_move_from_another_delivery_is_stale_and_nothing_of_its_step_stays(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, sent_step(case_id, filed, said))
    before = await load(database, case_id)
    with pytest.raises(Stale):
        await do(database, replace(sent_step(case_id, filed, said), attempts=()))
    assert await load(database, case_id) == before
    with pytest.raises(Stale):
        await do(database, Step(case_id, moves=(DeliveryMove(uuid4(), Delivery.PLANNED, Delivery.SENT),)))
    other = attempt(filed, Verb.INQUIRE)
    with pytest.raises(Stale):
        await do(
            database,
            Step(case_id, attempts=(other,), moves=(DeliveryMove(other.id, Delivery.SENT, Delivery.LOST),)),
        )
    assert await load(database, case_id) == before


async def test_of_two_workers_with_one_attempt_one_is_stale(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, Step(case_id, submissions=(filed,), attempts=(said,)))
    step = Step(case_id, moves=(DeliveryMove(said.id, Delivery.PLANNED, Delivery.SENT),), entries=(NOTE,))
    results = await asyncio.gather(*(do(database, step) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, Stale) for result in results) == 7
    assert (await load(database, case_id)).journal_count == 2


async def test_a_locked_load_that_waited_sees_what_it_waited_for(database: Database) -> None:
    case_id = await take(database)
    filed = submission()
    said = attempt(filed)
    async with database.transaction() as holder:
        case = await load_case(database, holder, case_id, lock=True)
        assert case is not None
        waiting = asyncio.create_task(do(database, Step(case_id, entries=(NOTE,))))
        loading = asyncio.create_task(_locked(database, case_id))
        await asyncio.sleep(0.2)
        assert not loading.done()
        await write(database, holder, case, sent_step(case_id, filed, said))
    seen = await loading
    assert [held.id for held in seen.submissions] == [filed.id]
    assert [held.delivery for held in seen.submissions[0].attempts] == [Delivery.SENT]
    assert (await waiting).entry_numbers == (3,)


async def _locked(database: Database, case_id: UUID) -> Case:
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
    assert case is not None
    return case


async def test_steps_written_at_once_make_one_chain(database: Database) -> None:
    case_id = await take(database)
    written = await asyncio.gather(*(do(database, Step(case_id, entries=(NOTE, NOTE))) for _ in range(20)))
    numbers = sorted(number for step in written for number in step.entry_numbers)
    assert numbers == list(range(2, 42))
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert verdict.whole


async def test_several_steps_may_be_written_from_one_load(database: Database) -> None:
    case_id = await take(database)
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        assert case is not None
        first = await write(database, connection, case, Step(case_id, entries=(NOTE,)))
        second = await write(database, connection, case, Step(case_id, entries=(NOTE, NOTE)))
    assert (first.entry_numbers, second.entry_numbers) == ((2,), (3, 4))
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert verdict.whole


async def test_a_step_of_another_case_is_refused(database: Database) -> None:
    one, two = await take(database), await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, sent_step(one, filed, said))
    async with database.transaction() as connection:
        case = await load_case(database, connection, two, lock=True)
        assert case is not None
        with pytest.raises(ValueError, match="another case"):
            await write(database, connection, case, Step(one))
    with pytest.raises(Stale):
        await do(database, Step(two, submissions=(replace(filed, status=CaseStatus.DENIED),), entries=(NOTE,)))
    with pytest.raises(Stale):
        await do(database, Step(two, moves=(DeliveryMove(said.id, Delivery.SENT, Delivery.LOST),)))
    assert (await load(database, one)).submissions[0].status is CaseStatus.QUEUED
    assert (await load(database, two)).journal_count == 1


async def test_nobody_loads_anothers_case(database: Database) -> None:
    case_id = await take(database)
    async with database.transaction() as connection:
        for lock in (False, True):
            assert await load_case(database, connection, case_id, tenant=TENANT, mode=Mode.TEST, lock=lock)
            assert not await load_case(database, connection, case_id, tenant="clinic-two", lock=lock)
            assert not await load_case(database, connection, case_id, tenant=TENANT, mode=Mode.LIVE, lock=lock)
            assert not await load_case(database, connection, uuid4(), lock=lock)


async def test_a_request_is_read_from_the_journal_by_a_process_that_never_saw_it(
    database: Database, database_url: str
) -> None:
    request = made_up(note="made up " * 400)
    case_id = await take(database, request)
    async with opened(database_url) as other:
        assert (await load(other, case_id)).request == request
        assert (await load(other, case_id)).request == request


async def test_outcomes_come_back_with_their_sources(database: Database) -> None:
    case_id = await take(database)
    filed, other = submission(), submission(place=2)
    said = attempt(filed)
    await do(database, sent_step(case_id, filed, said))
    await do(database, answered_step(case_id, filed, said))
    await do(database, Step(case_id, submissions=(other,)))
    case = await load(database, case_id)
    async with database.transaction() as connection:
        [heard] = await outcomes_of(database, connection, case, filed.id)
        assert await outcomes_of(database, connection, case, other.id) == []
    assert heard.outcome == approval()
    assert heard.at == case.updated_at or heard.at < case.updated_at
    assert heard.asked is None


async def test_an_outcome_comes_back_with_the_time_when_what_it_answers_was_sent(database: Database) -> None:
    case_id, filed = await take(database), submission()
    said = attempt(filed)
    await do(database, sent_step(case_id, filed, said))
    [held] = (await load(database, case_id)).submission(filed.id).attempts
    entries = entries_of(filed, held, None, approval(), None)
    await do(database, Step(case_id, entries=entries))
    async with database.transaction() as connection:
        [heard] = await outcomes_of(database, connection, await load(database, case_id), filed.id)
    assert heard.asked == held.sent_at
    assert heard.asked is not None


@pytest.mark.parametrize("verb", Verb)
async def test_an_outcome_comes_back_with_what_it_answers(database: Database, verb: Verb) -> None:
    case_id, filed = await take(database), submission()
    said = attempt(filed)
    await do(database, sent_step(case_id, filed, said))
    [held] = (await load(database, case_id)).submission(filed.id).attempts
    entries = entries_of(filed, replace(held, verb=verb), None, approval(), None)
    await do(database, Step(case_id, entries=entries))
    async with database.transaction() as connection:
        [heard] = await outcomes_of(database, connection, await load(database, case_id), filed.id)
    assert (heard.filing, heard.change) == (verb is Verb.SUBMIT, verb is Verb.AMEND)


async def test_events_of_a_step_go_to_the_endpoints_that_want_them(database: Database) -> None:
    await add_endpoint(database, TENANT, Mode.TEST, "https://receiver.example/", ["case.approved"], "whsec_x")
    case_id = await take(database)
    events = (NewEvent("case.pended", {}), NewEvent("case.approved", {}), NewEvent("case.approved", {}))
    assert len((await do(database, Step(case_id, events=events))).delivery_ids) == 2


async def test_a_timer_that_rings_is_claimed_once_and_rings_again_if_nothing_came_of_it(database: Database) -> None:
    case_id = await take(database)
    now = database.now()
    due = [submission(place=1, due_at=now - timedelta(seconds=s), due_for=Due.POLL) for s in (3, 2, 1)]
    later = submission(due_at=now + timedelta(hours=1), due_for=Due.RETRY)
    await do(database, Step(case_id, submissions=(*due, later)))
    async with database.transaction() as one, database.transaction() as two:
        first = await claim_due(database, one, 2)
        second = await claim_due(database, two, 10)
        third = await claim_due(database, one, 10)
    assert sorted(first) == sorted((case_id, held.id, Due.POLL) for held in due[:2])
    assert second == [(case_id, due[2].id, Due.POLL)]
    assert third == []
    async with database.transaction() as connection:
        assert await claim_due(database, connection, 10) == []
        again = await claim_due(database, connection, 10, now=now + DUE_LEASE + timedelta(seconds=5))
    assert len(again) == 3


async def test_timers_are_claimed_while_their_case_is_locked(database: Database) -> None:
    case_id = await take(database)
    await do(database, Step(case_id, submissions=(submission(due_at=database.now(), due_for=Due.RETRY),)))
    async with database.transaction() as holder:
        await load_case(database, holder, case_id, lock=True)
        async with asyncio.timeout(5), database.transaction() as sweeper:
            assert len(await claim_due(database, sweeper, 10)) == 1
