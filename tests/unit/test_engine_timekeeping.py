"""A payer that lets its time to decide go by: an operator is told once, with what shows it, and a decision ends it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.contract.destination import Mode
from gateway.engine.queue import Walk
from gateway.engine.walk import Walker
from gateway.model.clock import State
from gateway.model.status import Attention, CaseStatus
from gateway.notify.payload import describe
from gateway.profiles.library import Library
from gateway.profiles.reference import Reference, read_reference
from gateway.profiles.shelf import Shelf
from gateway.store.cases import claim_overdue
from gateway.store.database import Database
from gateway.store.events import read_case_events
from gateway.store.journal import read_entries
from gateway.store.records import Case, Due, Entry, EntryKind
from tests.unit.paging_material import Site, Time, a_walker, pages, routed
from tests.unit.store_cases import TENANT, load, opened

KNOWN: Shelf[Any] = Shelf({}, {}, (), frozenset({"cedar_valley"}))
RULES = read_reference(Path(__file__).parents[2] / "mappings", KNOWN, []).deadlines


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def timed_pages(patience: timedelta | None = None) -> Library:
    """The parrot's house as a site, with the deadlines that come with the gateway."""
    site = pages(patience=patience)
    site.reference = Reference(deadlines=RULES)
    return site


async def filed(database: Database, url: str) -> tuple[Case, Walker]:
    case_id, submission_id = await routed(database)
    walker = a_walker(database, url, Site(), timed_pages())
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    return await load(database, case_id), walker


async def ring_overdue(database: Database, walker: Walker, case: Case) -> Case:
    async with database.transaction() as connection:
        rung = await claim_overdue(database, connection, 9)
    for case_id, submission_id in rung:
        await walker.walk(Walk(case_id, submission_id, Due.DECIDED_BY))
    return await load(database, case.id)


async def told(database: Database, case_id: UUID) -> list[str]:
    return [event.type for event in await read_case_events(database, TENANT, Mode.TEST, case_id)]


async def test_time_begins_when_the_payer_has_it(database: Database, database_url: str) -> None:
    Time(database)
    case, _ = await filed(database, database_url)
    [held] = case.submissions
    [clock] = held.clocks
    assert case.status is CaseStatus.RECEIVED
    assert (clock.state, clock.rule, clock.lines) == (State.RUNNING, "claims_procedure_pre_service", held.line_ids)
    assert held.decide_by == clock.due_at
    assert clock.due_at is not None
    assert timedelta(days=15) < clock.due_at - clock.received_at < timedelta(days=16, hours=13)
    [*_, event] = await read_case_events(database, TENANT, Mode.TEST, case.id)
    shown = describe(event.id, event.type, event.at, case.id, event.sequence, False, event.data)
    assert [(one.submission, one.clocks) for one in shown.data.clocks] == [(held.id, (clock,))]


async def test_an_operator_is_called_once_for_a_time_that_is_over_with_what_shows_it(
    database: Database, database_url: str
) -> None:
    time = Time(database)
    case, walker = await filed(database, database_url)
    assert await ring_overdue(database, walker, case) == case, "nothing rings before its time"
    [held] = case.submissions
    assert held.decide_by is not None
    time.pass_until(held.decide_by)
    case = await ring_overdue(database, walker, case)
    [held] = case.submissions
    assert [clock.state for clock in held.clocks] == [State.OVERDUE]
    assert (case.status, case.attention) == (CaseStatus.RECEIVED, Attention.OPERATOR)
    assert "29 CFR 2560.503-1(f)(2)(iii)(A)" in (case.attention_why or "")
    assert (await told(database, case.id)).count("case.overdue") == 1
    entries = await read_entries(database, TENANT, Mode.TEST, case.id)
    [note] = [
        entry
        for entry in entries
        if isinstance(entry, Entry) and entry.kind is EntryKind.NOTE and entry.meta.get("note") == "overdue"
    ]
    record = json.loads(note.body)
    [attempt] = held.attempts
    assert attempt.sent_at is not None
    assert [one["attempt"] for one in record["sent"]] == [str(attempt.id)]
    assert datetime.fromisoformat(record["sent"][0]["at"]) == attempt.sent_at
    assert [one["answer"] for one in record["heard"]] == ["received"]
    assert record["clocks"][0]["source"].startswith("29 CFR")
    time.gone += timedelta(days=3)
    assert await ring_overdue(database, walker, case) == case, "it was told"


async def test_an_older_case_without_rules_has_no_clock(database: Database, database_url: str) -> None:
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, Site()).walk(Walk(case_id, submission_id, Due.RETRY))
    [held] = (await load(database, case_id)).submissions
    assert (held.clocks, held.decide_by) == ((), None)
