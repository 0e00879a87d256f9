"""The walk on a real database: what stands between a journaled frame and the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.frames import Frame, Reply
from gateway.engine.leases import Begun, Calls
from gateway.engine.links import Busy
from gateway.engine.queue import Queue, Walk
from gateway.engine.scripts import Departure
from gateway.engine.walk import Walker
from gateway.model.request import PARequest
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.library import Library
from gateway.store.cases import claim_due
from gateway.store.database import Database
from gateway.store.records import Case, Due
from tests.unit.api_house import PAYER, Parrot, library
from tests.unit.store_cases import do, load, made_up, opened, routed_step, submission, take

HOUSE = "parrot_house"


class Wire:
    """Stands for the links, and keeps what would have left."""

    def __init__(self) -> None:
        self.said: list[Frame] = []

    @asynccontextmanager
    async def place(self, connection: str, mode: Mode, *, wait: bool = True, whose: str = "") -> AsyncIterator[Any]:
        async def say(frame: Frame) -> Reply:
            self.said.append(frame)
            raise OSError

        yield SimpleNamespace(say=say)


class Slow(Walker):
    """Stalls for a while between a frame's journal entry and its leaving."""

    stalled = timedelta(0)

    async def _begin(
        self, calls: Calls, seen: Case, submission_id: UUID, due: Due | None, departure: Departure | None = None
    ) -> Begun | None:
        begun = await super()._begin(calls, seen, submission_id, due, departure)
        self.stalled = timedelta(seconds=6)
        return begun


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def a_walker(
    database: Database,
    url: str,
    wire: Wire,
    profiles: Library,
    kind: type[Walker] = Walker,
    adapter: type[Parrot] = Parrot,
) -> Walker:
    def now() -> datetime:
        return database.now() + (made.stalled if isinstance(made, Slow) else timedelta(0))

    made = kind(database, Queue(url), profiles, {"parrot": adapter()}, wire, now)  # type: ignore[arg-type]
    return made


async def routed(database: Database) -> tuple[UUID, UUID]:
    """A case, and its one submission, which waits to be filed."""
    case_id = await take(database, made_up())
    made = replace(submission(), payer=PAYER, connection=HOUSE, channel="parrot", due_at=database.now())
    await do(database, routed_step(case_id, replace(made, due_for=Due.RETRY)))
    return case_id, made.id


async def test_a_frame_whose_worker_stalled_since_its_entry_does_not_leave(
    database: Database, database_url: str
) -> None:
    case_id, submission_id = await routed(database)
    wire = Wire()
    await a_walker(database, database_url, wire, library(), Slow).walk(Walk(case_id, submission_id))
    assert wire.said == []
    [filing] = (await load(database, case_id)).submissions[0].attempts
    assert (filing.delivery, filing.error) == (Delivery.PLANNED, "not_sent: the worker stalled before it could send")
    await a_walker(database, database_url, wire, library()).walk(Walk(case_id, submission_id, Due.RETRY))
    assert len(wire.said) == 1


def without(payer: str | None = None, connection: str | None = None, route: str | None = None) -> Library:
    known = library()
    return Library(
        {one.payer: one for one in known.payers() if one.payer != payer},
        {one.connection: one for one in known.connections() if one.connection != connection},
        {(one.payer, HOUSE): known.destination(one.payer, HOUSE) for one in known.payers() if one.payer != route},
    )


def with_house(**changes: Any) -> Library:
    known = library()
    connections = {one.connection: one for one in known.connections()}
    connections[HOUSE] = connections[HOUSE].model_copy(update=changes)
    reached = {(one.payer, HOUSE): known.destination(one.payer, HOUSE) for one in known.payers()}
    return Library({one.payer: one for one in known.payers()}, connections, reached)


CHANGED = {
    "payer": (without(payer=PAYER), f"the payer {PAYER} has no profile any more"),
    "connection": (without(connection=HOUSE), f"the connection {HOUSE} has no profile any more"),
    "route": (without(route=PAYER), f"the payer {PAYER} has no route over the connection {HOUSE} any more"),
    "channel": (with_house(channel="other"), f"the connection {HOUSE} is of the channel other now, and was of parrot"),
    "mode": (with_house(mode=Mode.LIVE), f"the connection {HOUSE} is a live one now, and this is a test request"),
}


@pytest.mark.parametrize("where", CHANGED)
async def test_what_was_routed_by_profiles_that_are_gone_waits_calls_an_operator_once_and_goes_on(
    database: Database, database_url: str, where: str
) -> None:
    changed, says = CHANGED[where]
    case_id, submission_id = await routed(database)
    wire = Wire()
    walker = a_walker(database, database_url, wire, changed)
    for _ in range(3):
        await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert wire.said == []
    assert (case.status, case.attention) == (CaseStatus.QUEUED, Attention.OPERATOR)
    assert (case.attention_why or "").startswith(f"profile_missing: {says}. ")
    [held] = case.submissions
    assert held.attempts == ()
    assert held.due_at is not None
    assert timedelta(minutes=4) < held.due_at - database.now() <= timedelta(minutes=5)
    events = await database.fetch("SELECT data::text FROM events WHERE case_id = $1", case_id)
    assert sum('"operator"' in event["data"] for event in events) == 1
    async with database.transaction() as connection:
        later = database.now() + timedelta(minutes=6)
        assert await claim_due(database, connection, 9, now=later) == [(case_id, submission_id, Due.RETRY)]
    await a_walker(database, database_url, wire, library()).walk(Walk(case_id, submission_id, Due.RETRY))
    assert len(wire.said) == 1
    case = await load(database, case_id)
    assert "profile_missing" not in str(case.attention_why), "that is done"


async def test_what_needs_nothing_more_of_its_payer_calls_nobody(database: Database, database_url: str) -> None:
    case_id = await take(database, made_up())
    made = replace(submission(), payer=PAYER, connection=HOUSE, channel="parrot", status=CaseStatus.DENIED)
    await do(database, routed_step(case_id, made))
    await a_walker(database, database_url, Wire(), without(payer=PAYER, connection=HOUSE)).walk(Walk(case_id))
    [held] = (await load(database, case_id)).submissions
    assert (held.attention, held.due_at) == (Attention.NONE, None)


class Broken(Parrot):
    """A fault of a channel's that nobody has thought of."""

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        raise LookupError("a value of the request")
        yield


@pytest.mark.parametrize("whole", [False, True], ids=["a submission", "a whole case"])
async def test_a_person_is_told_once_of_what_fails_for_ever_and_it_is_tried_again(
    database: Database, database_url: str, whole: bool
) -> None:
    case_id, submission_id = await routed(database)
    job = Walk(case_id) if whole else Walk(case_id, submission_id, Due.RETRY)
    walker = a_walker(database, database_url, Wire(), library(), adapter=Broken)
    for failed in range(5):
        with pytest.raises(LookupError):
            await walker.walk(replace(job, failed=failed))
    assert (await load(database, case_id)).attention is not Attention.OPERATOR
    for _ in range(2):
        await walker.walk(replace(job, failed=5))
    case = await load(database, case_id)
    assert case.attention is Attention.OPERATOR
    assert case.attention_why == ("the gateway itself fails over it again and again (LookupError): its log says where")
    events = await database.fetch("SELECT data::text FROM events WHERE case_id = $1", case_id)
    assert sum('"operator"' in event["data"] for event in events) == 1
    async with database.transaction() as connection:
        later = database.now() + timedelta(minutes=6)
        assert await claim_due(database, connection, 9, now=later) == [(case_id, submission_id, Due.RETRY)]
    wire = Wire()
    await a_walker(database, database_url, wire, library()).walk(Walk(case_id, submission_id, Due.RETRY))
    assert len(wire.said) == 1


@pytest.mark.parametrize("busy", [False, True])
async def test_a_person_is_told_once_of_a_case_that_cannot_be_routed_and_no_more_when_it_can(
    database: Database, database_url: str, busy: bool
) -> None:
    case_id = await take(database, made_up())
    walker = a_walker(database, database_url, Wire(), library(), adapter=Broken)
    for failed in range(8):
        with pytest.raises(LookupError):  # the queue tries again
            await walker.walk(Walk(case_id, failed=failed))
        called = (await load(database, case_id)).attention is Attention.OPERATOR
        assert called is (failed >= 5)
    case = await load(database, case_id)
    assert (case.status, case.submissions) == (CaseStatus.QUEUED, ())
    assert case.attention_why == "the gateway itself fails over it again and again (LookupError): its log says where"
    events = await database.fetch("SELECT data::text FROM events WHERE case_id = $1", case_id)
    assert sum('"operator"' in event["data"] for event in events) == 1
    wire = Full() if busy else Wire()
    mended = a_walker(database, database_url, wire, library())
    await mended.walk(Walk(case_id))
    case = await load(database, case_id)
    assert (len(wire.said), len(case.submissions)) == (not busy, 1)
    assert "the gateway itself" not in (case.attention_why or ""), "that is done"


class Full(Wire):
    """All places of the connection are taken."""

    @asynccontextmanager
    async def place(self, connection: str, mode: Mode, *, wait: bool = True, whose: str = "") -> AsyncIterator[Any]:
        raise Busy
        yield


async def test_a_job_knows_how_often_it_failed(database: Database, database_url: str) -> None:
    queue, seen, done = Queue(database_url), list[int](), asyncio.Event()

    async def fail_twice(walk: Walk) -> None:
        seen.append(walk.failed)
        if len(seen) == 3:
            done.set()
            return
        raise LookupError

    async with queue.transaction(database) as connection:
        await queue.put_walks(connection, [Walk(uuid4())])
    async with asyncio.TaskGroup() as group:
        group.create_task(queue.run(database, fail_twice, NoLines()))
        async with asyncio.timeout(30):
            await done.wait()
        queue.stop()
    assert seen == [0, 1, 2]


class NoLines:
    """No connections."""

    def places(self) -> dict[str, int]:
        return {}

    def busy(self, connection: str) -> bool:
        raise AssertionError("there is none")
