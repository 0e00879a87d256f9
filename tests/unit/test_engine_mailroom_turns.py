"""Whose turn it is at a mailbox: for as long as the work lasts, and no longer than it is ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.engine import mailroom
from gateway.engine.tenure import Tenure
from gateway.store.database import Database
from gateway.store.mailroom import Hold, keep, leave_mailbox, renew_mailbox, take_mailbox
from tests.post_material import CONNECTION, Office, open_office
from tests.unit.store_cases import opened

LEASE = timedelta(seconds=0.9)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def office(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path) as made:
        deadline = made.library.connection(CONNECTION).deadline_seconds
        monkeypatch.setattr(mailroom, "_MARGIN", LEASE.total_seconds() - deadline)
        await made.file()
        yield made


def slow(office: Office, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[UUID]:
    """What is opened, in order, each for so long."""
    begun: list[UUID] = []

    async def sort(arrival_id: UUID, channel: str) -> None:
        begun.append(arrival_id)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(office.mailroom._sorter, "sort", sort)
    return begun


async def visit(office: Office) -> bool:
    profile = office.library.connection(CONNECTION)
    assert profile.mailbox is not None
    return await office.mailroom.visit(profile, profile.mailbox.look_seconds, asyncio.Event())


async def put(office: Office, count: int) -> None:
    for number in range(count):
        await keep(office.database, CONNECTION, str(number), str(number), b"no X12 %d" % number)


async def test_a_mailbox_stays_ours_while_many_files_are_sorted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slow(office, monkeypatch, 0.4)
    await put(office, 4)
    work = asyncio.create_task(visit(office))
    others = []
    while not work.done():
        await asyncio.sleep(0.1)
        others.append(work.done() or not await visit(office))
    assert await work
    assert len(others) > 10
    assert all(others), "nobody else had a turn meanwhile"
    assert len(begun) == len(set(begun)) == 4


async def test_one_that_is_somebody_elses_by_now_is_let_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = slow(office, monkeypatch, 0.4)
    await put(office, 5)
    work = asyncio.create_task(visit(office))
    await asyncio.sleep(0.2)
    assert len(begun) == 1
    theirs = office.database.now() + timedelta(hours=1)
    await office.database.fetch("UPDATE mailboxes SET leased_until = $1", theirs)
    assert await work
    assert len(begun) < 4, "the others are for whoever has it"
    [row] = await office.database.fetch("SELECT leased_until, looked_at FROM mailboxes")
    assert tuple(row) == (theirs, None)


async def test_a_turn_that_is_over_is_neither_renewed_nor_left(database: Database, office: Office) -> None:
    now = database.now()
    first = await take_mailbox(database, CONNECTION, now)
    second = await take_mailbox(database, CONNECTION, now + timedelta(minutes=1))
    assert first is not None
    assert second is not None
    assert await renew_mailbox(database, first, now + timedelta(minutes=2)) is None
    await leave_mailbox(database, first, now)
    assert await take_mailbox(database, CONNECTION, now + timedelta(minutes=3)) is None
    assert await renew_mailbox(database, second, now + timedelta(minutes=2)) is not None


async def test_a_worker_that_stalled_begins_nothing_more(database: Database) -> None:
    late = Hold(CONNECTION, database.now() - timedelta(seconds=1))
    assert not Tenure(database, late, LEASE, asyncio.Event()).goes_on()
