"""A payer that takes longer, as a person was told: how far that counts, what is refused, and who is called when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from gateway.contract.destination import Mode
from gateway.engine.clearing import Act, Clearing
from gateway.engine.extending import Extended
from gateway.engine.queue import Queue, Walk
from gateway.engine.refusals import NotNow, Unfit
from gateway.engine.walk import Walker
from gateway.model.clock import State
from gateway.model.status import Attention, CaseStatus
from gateway.store.acceptance import Accepted
from gateway.store.cases import claim_overdue
from gateway.store.database import Database
from gateway.store.events import read_case_events
from gateway.store.journal import read_entries
from gateway.store.keys import Key, Scope
from gateway.store.records import Case, Due, Entry, EntryKind
from tests.unit.paging_material import Site, Time, a_walker, routed
from tests.unit.store_cases import TENANT, load, opened
from tests.unit.test_engine_timekeeping import timed_pages


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


class Desk:
    """A case with a payer that has fifteen days, by the rules as by its profile, and may take fifteen more."""

    def __init__(self, database: Database, url: str) -> None:
        self.database, self.time = database, Time(database)
        self.walker: Walker = a_walker(database, url, Site(), timed_pages(timedelta(days=15)))
        self.clearing = Clearing(database, Queue(url), self.walker, database.now)
        self.key = Key("0" * 12, TENANT, Mode.TEST, "night shift", frozenset(Scope), database.now())

    async def file(self) -> Case:
        case_id, submission_id = await routed(self.database)
        await self.walker.walk(Walk(case_id, submission_id, Due.RETRY))
        return await load(self.database, case_id)

    async def say(
        self, case_id: UUID, until: date, told_on: date | None = None, submission: UUID | None = None
    ) -> Case:
        word = Extended(until, self.key.name, told_on, submission)
        taken = await self.clearing.extend(self.key, case_id, word, Act(None, b"", b"{}"))
        assert isinstance(taken, Accepted)
        return await load(self.database, case_id)

    async def ring(self, case: Case) -> Case:
        async with self.database.transaction() as connection:
            rung = await claim_overdue(self.database, connection, 9)
        for case_id, submission_id in rung:
            await self.walker.walk(Walk(case_id, submission_id, Due.DECIDED_BY))
        return await load(self.database, case.id)


@pytest.fixture
def desk(database: Database, database_url: str) -> Desk:
    return Desk(database, database_url)


def due(case: Case) -> datetime:
    [held] = case.submissions
    [clock] = held.clocks
    assert clock.due_at is not None
    return clock.due_at


def last_day(case: Case) -> date:
    """The day with which the payer's time ends, where days end last on earth."""
    return (due(case) - timedelta(hours=12)).date()


async def test_a_payer_that_says_in_time_that_it_takes_longer_is_not_late_until_then(desk: Desk) -> None:
    case = await desk.file()
    first = due(case)
    desk.time.pass_until(first - timedelta(days=1))
    until = last_day(case) + timedelta(days=9)
    case = await desk.say(case.id, until)
    [clock] = case.submissions[0].clocks
    assert (clock.state, clock.extended_days, due(case) - first) == (State.RUNNING, 9, timedelta(days=9))
    assert case.standing is not None
    assert case.standing.expected_by == due(case)
    assert (case.status, case.attention) == (CaseStatus.RECEIVED, Attention.PAYER)
    desk.time.pass_until(first + timedelta(days=1))
    assert await desk.ring(case) == case, "its time runs"
    desk.time.pass_until(due(case))
    late = await desk.ring(case)
    assert (late.submissions[0].clocks[0].state, late.attention) == (State.OVERDUE, Attention.OPERATOR)


async def test_what_was_said_in_time_counts_when_it_is_written_down_late_and_nobody_waits_for_a_person_then(
    desk: Desk,
) -> None:
    case = await desk.file()
    first = due(case)
    desk.time.pass_until(first)
    case = await desk.ring(case)
    assert (case.attention, case.submissions[0].clocks[0].state) == (Attention.OPERATOR, State.OVERDUE)
    today, until = desk.database.now().astimezone(UTC).date(), last_day(case) + timedelta(days=9)
    case = await desk.say(case.id, until)
    assert case.submissions[0].clocks[0].state is State.OVERDUE, "it was said when its time was over"
    case = await desk.say(case.id, until, today - timedelta(days=4))
    assert (case.attention, case.submissions[0].clocks[0].state) == (Attention.PAYER, State.RUNNING)
    assert due(case) - first == timedelta(days=9)


async def test_a_payer_takes_no_longer_than_its_rule_lets_it(desk: Desk) -> None:
    case = await desk.file()
    first = due(case)
    case = await desk.say(case.id, last_day(case) + timedelta(days=60))
    assert (due(case) - first, case.submissions[0].clocks[0].extended_days) == (timedelta(days=15), 15)


async def test_the_word_stands_in_the_journal_with_whose_it_is_and_is_told_once(desk: Desk) -> None:
    case = await desk.file()
    before = await read_case_events(desk.database, TENANT, Mode.TEST, case.id)
    until = last_day(case) + timedelta(days=9)
    case = await desk.say(case.id, until)
    entries = await read_entries(desk.database, TENANT, Mode.TEST, case.id)
    notes = [one for one in entries if isinstance(one, Entry) and one.meta.get("note") == "extended"]
    assert [json.loads(one.body) for one in notes] == [{"note": "extended", "by": "night shift"}]
    [said] = [one for one in entries if isinstance(one, Entry) and one.meta.get("by") == "person"]
    assert said.kind is EntryKind.OUTCOME
    events = (await read_case_events(desk.database, TENANT, Mode.TEST, case.id))[len(before) :]
    assert [(one.type, one.data["expected_by"]) for one in events] == [("case.received", due(case).isoformat())]
    with pytest.raises(Unfit):
        await desk.say(case.id, until)
    assert await load(desk.database, case.id) == case


async def test_days_that_cannot_be_are_refused_by_their_names(desk: Desk) -> None:
    case = await desk.file()
    today, far = desk.database.now().date(), last_day(case) + timedelta(days=9)
    for until, told_on, field, code in (
        (last_day(case), None, "until", "not_later"),
        (far, today + timedelta(days=2), "told_on", "in_future"),
        (far, today - timedelta(days=2), "told_on", "before_filing"),
    ):
        with pytest.raises(Unfit) as refused:
            await desk.say(case.id, until, told_on)
        assert [(one.at, one.code) for one in refused.value.findings] == [((field,), code)]
    with pytest.raises(Unfit) as refused:
        await desk.say(case.id, far, None, case.id)
    assert [one.code for one in refused.value.findings] == ["not_running"]
    assert await load(desk.database, case.id) == case


async def test_of_a_case_for_which_no_payers_time_runs_nothing_is_written(desk: Desk) -> None:
    case_id, _ = await routed(desk.database)
    with pytest.raises(NotNow, match="No payer's time to decide runs"):
        await desk.say(case_id, date(2099, 1, 1))
