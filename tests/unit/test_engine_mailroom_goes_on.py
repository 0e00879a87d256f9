"""What holds up nothing else: files that cannot be taken, put away or read, and profiles that are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.model.status import CaseStatus
from gateway.store.database import Database
from gateway.store.mailroom import State, keep, list_mailboxes
from gateway.transport.mailbox import Lying
from tests.post_material import CONNECTION, Office, Visit, accepts, answer, open_office
from tests.unit.store_cases import opened as opened_store
from tests.x12_material import request, ta1


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened_store(database_url) as store:
        yield store


@pytest.fixture
async def office(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path, max_file_bytes=20_000) as made:
        yield made


async def box(office: Office) -> Any:
    [row] = await list_mailboxes(office.database)
    return row


async def test_files_that_can_never_be_taken_hold_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = await office.file()
    fetch = Visit.fetch

    async def fetched(visit: Visit, lying: Lying, most: int) -> bytes:
        if lying.name.startswith("a"):
            raise NotSent("not for us")
        return await fetch(visit, lying, most)

    monkeypatch.setattr(Visit, "fetch", fetched)
    for number in range(4):
        office.put(f"a{number}.278", b"x")
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(3)
    assert [each.state for each in await office.arrivals()] == [State.HEARD]
    assert (await box(office))["trouble"] == "not_sent: not for us"


async def test_what_was_seen_stays_seen_when_the_look_breaks_off(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    filing, fetch = await office.filing(case_id), Visit.fetch
    office.put("a.999", accepts(filing, 501))
    await office.look()

    async def torn(*_: Any) -> bytes:
        raise MaybeSent("the line broke")

    monkeypatch.setattr(Visit, "fetch", torn)
    office.put("b.278", answer(filing, "A1", 502))
    await office.look()
    assert (await box(office))["trouble"] == "maybe_sent: the line broke"
    monkeypatch.setattr(Visit, "fetch", fetch)
    await office.look()
    assert [each.state for each in await office.arrivals()] == [State.HEARD, State.HEARD]


async def test_what_cannot_be_put_away_is_heard_and_so_is_what_lies_behind_it(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(database, database_url, tmp_path, tidy="move", move_to="done") as office:
        case_id = await office.file()
        filing = await office.filing(case_id)

        async def untidy(*_: Any) -> None:
            raise NeedsPerson("there is no such directory")

        monkeypatch.setattr(Visit, "tidy", untidy)
        office.put("a.999", accepts(filing, 501))
        office.put("b.278", answer(filing, "A1", 502))
        await office.look(3)
        assert [each.state for each in await office.arrivals()] == [State.HEARD, State.HEARD]
        assert (await office.case(case_id)).status is CaseStatus.APPROVED
        assert (await box(office))["trouble"] == "needs_person: there is no such directory"


@dataclass
class Refusing:
    """A payer's server that lets nothing be put away while it ``refuses``; what was fetched, and asked to go."""

    monkeypatch: pytest.MonkeyPatch
    refusal: Exception | None
    fetched: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        fetch, tidy = Visit.fetch, Visit.tidy

        async def fetched(visit: Visit, lying: Lying, most: int) -> bytes:
            self.fetched.append(lying.name)
            return await fetch(visit, lying, most)

        async def tidied(visit: Visit, lying: Lying) -> None:
            self.asked.append(lying.name)
            if self.refusal is not None:
                raise self.refusal
            await tidy(visit, lying)

        self.monkeypatch.setattr(Visit, "fetch", fetched)
        self.monkeypatch.setattr(Visit, "tidy", tidied)


@pytest.mark.parametrize("refusal", [NeedsPerson("it is not for us"), NotSent("the server refused")])
async def test_what_cannot_be_put_away_is_fetched_once_and_told_once(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    async with open_office(database, database_url, tmp_path, tidy="delete") as office:
        filing = await office.filing(await office.file())
        server = Refusing(monkeypatch, refusal)
        path = office.put("a.999", accepts(filing, 501))
        with capture_logs() as logs:
            await office.look(2)
            async with open_office(database, database_url, tmp_path, tidy="delete") as another:
                await another.look(2)  # a process that was started since
        assert server.fetched == ["a.999"]
        assert [each["event"] for each in logs].count("file_not_put_away") == 1
        assert str(refusal) in (await box(office))["trouble"]
        server.refusal = None
        await office.look()
        assert (server.fetched, path.exists()) == (["a.999"], False)
        assert (await box(office))["trouble"] is None
        office.put("a.999", accepts(filing, 501))
        await office.look(2)
        assert server.fetched == ["a.999"] * 2, "what comes again under its name is another file"


async def test_of_many_that_cannot_be_put_away_some_are_tried_at_each_look(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(database, database_url, tmp_path, tidy="delete") as office:
        await office.file()
        server = Refusing(monkeypatch, NeedsPerson("it is not for us"))
        names = [f"{number}.x" for number in range(7)]
        for name in names:
            office.put(name, ta1("A", number=int(name[0]) + 900))
        await office.look(2)
        assert server.asked == server.fetched == names, "what lies behind is kept all the same"
        server.asked.clear()
        await office.look(3)
        assert server.asked == [*names[:3], *names[3:6], names[6], *names[:2]]
        assert server.fetched == names


async def test_where_nobody_says_when_files_were_written_each_look_fetches_what_could_not_be_put_away(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(database, database_url, tmp_path, tidy="delete") as office:
        case_id = await office.file()
        filing = await office.filing(case_id)
        server, listed = Refusing(monkeypatch, NeedsPerson("it is not for us")), Visit.list

        async def timeless(visit: Visit) -> tuple[Lying, ...]:
            return tuple(replace(each, modified=0) for each in await listed(visit))

        monkeypatch.setattr(Visit, "list", timeless)
        office.put("a", answer(filing, "A4", 501))
        with capture_logs() as logs:
            await office.look(3)
            assert len(server.fetched) == 2
            office.put("a", answer(filing, "A3", 502, moment="1012"))
            assert (office.out / "a").stat().st_size == len(answer(filing, "A4", 501))
            await office.look()
        assert (await office.case(case_id)).status is CaseStatus.DENIED, "the same name and size, and another file"
        assert [each["event"] for each in logs].count("file_not_put_away") == 1


async def test_a_file_that_breaks_its_reader_is_opened_again_later_and_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    sorter, opened = office.mailroom._sorter, list[UUID]()
    sort = sorter.sort

    async def breaking(arrival_id: UUID, channel: str) -> None:
        opened.append(arrival_id)
        if len(opened) == 1:
            raise MemoryError
        await sort(arrival_id, channel)

    monkeypatch.setattr(sorter, "sort", breaking)
    office.put("a.999", accepts(filing, 501))
    office.put("b.278", answer(filing, "A1", 502))
    await office.look(2)
    for _ in range(3):
        await sorter.sort_all(CONNECTION, "x12_278", lambda: True)
    assert len(opened) == 2
    assert (await office.case(case_id)).status is CaseStatus.APPROVED
    await office.look()
    assert [each.state for each in await office.arrivals()] == [State.HEARD, State.HEARD]


async def test_workers_share_what_waits_and_open_nothing_twice(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await keep(database, CONNECTION, str(number), str(number), b"no X12 %d" % number)
    sorter, opened = office.mailroom._sorter, list[UUID]()

    async def slow(arrival_id: UUID, channel: str) -> None:
        opened.append(arrival_id)
        await asyncio.sleep(0.01)

    monkeypatch.setattr(sorter, "sort", slow)
    await asyncio.gather(*(sorter.sort_all(CONNECTION, "x12_278", lambda: True) for _ in range(3)))
    assert len(opened) == len(set(opened)) == 4


async def test_one_whose_profile_is_gone_keeps_no_other_from_its_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await office.file(), await office.file(request(reference="case-2"))
    hindrance, gone = office.walker.scripts.hindrance, [first]
    monkeypatch.setattr(
        office.walker.scripts, "hindrance", lambda case, way: "gone" if case.id in gone else hindrance(case, way)
    )
    office.put("a.278", answer(await office.filing(first), "A1", 501), answer(await office.filing(second), "A1", 502))
    await office.look(2)
    assert [each.state for each in await office.arrivals()] == [State.STORED]
    assert (await office.case(second)).status is CaseStatus.APPROVED
    gone.clear()
    await office.look()
    assert [each.state for each in await office.arrivals()] == [State.HEARD]
    assert (await office.case(first)).status is CaseStatus.APPROVED
    assert await office.heard(second) == ["reviewed"]
