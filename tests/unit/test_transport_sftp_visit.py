"""Files picked up over SFTP: what is listed, what is fetched, and what becomes of it once it is stored."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncssh
import pytest
import pytest_asyncio

from conformance.simulators.post import OUT, File
from conformance.simulators.sftp import SftpDoor
from gateway.contract.errors import NeedsPerson, NotSent, Unreadable
from gateway.profiles.mailbox import MailboxProfile
from gateway.transport.link import Link
from gateway.transport.mailbox import Lying
from gateway.transport.sftp import SftpTransport
from tests.unit.sftp_payer import BODY, a_link, open_door, open_transport, put_out


@pytest_asyncio.fixture
async def door() -> AsyncIterator[SftpDoor]:
    async with open_door() as made:
        yield made


@pytest_asyncio.fixture
async def transport() -> AsyncIterator[SftpTransport]:
    async with open_transport() as made:
        yield made


def fetching(door: SftpDoor, **mailbox: object) -> Link:
    return a_link(door.url, mailbox=MailboxProfile.model_validate({"directories": (OUT,), **mailbox}))


async def test_the_files_are_listed_whose_names_the_profile_takes(door: SftpDoor, transport: SftpTransport) -> None:
    for name in ("a.x12", "b.x12.part", "c.txt", "d.X12", ".hidden.x12"):
        put_out(door, name)
    async with transport.visit(fetching(door, names=("*.x12", "c.?xt"))) as visit:
        listed = await visit.list()
    assert sorted(each.name for each in listed) == [".hidden.x12", "a.x12", "c.txt"]
    assert {(each.directory, each.size, each.modified) for each in listed} == {(OUT, len(BODY), 1000)}


async def test_a_name_that_is_no_text_can_be_fetched_all_the_same(door: SftpDoor, transport: SftpTransport) -> None:
    put_out(door, b"r\xe9sultat\xff.x12".decode("latin-1"))
    async with transport.visit(fetching(door)) as visit:
        (listed,) = await visit.list()
        assert await visit.fetch(listed, 1000) == BODY


async def test_a_mailbox_that_is_not_there_needs_a_person(door: SftpDoor, transport: SftpTransport) -> None:
    async with transport.visit(fetching(door, directories=("nowhere",))) as visit:
        with pytest.raises(NeedsPerson, match="nowhere"):
            await visit.list()


async def test_a_large_file_is_fetched_byte_for_byte(door: SftpDoor, transport: SftpTransport) -> None:
    body = bytes(range(256)) * 12_000
    put_out(door, "a.x12", body)
    async with transport.visit(fetching(door)) as visit:
        (listed,) = await visit.list()
        assert await visit.fetch(listed, len(body)) == body


@pytest.mark.parametrize(("told", "error"), [(len(BODY), Unreadable), (3, NotSent)])
async def test_no_more_is_fetched_than_is_allowed_whatever_the_list_said(
    door: SftpDoor, transport: SftpTransport, told: int, error: type[Exception]
) -> None:
    put_out(door, "a.x12", BODY)
    async with transport.visit(fetching(door)) as visit:
        (listed,) = await visit.list()
        with pytest.raises(error):
            await visit.fetch(replace(listed, size=told), 10)


async def test_a_file_that_has_grown_since_it_was_listed_is_not_taken(door: SftpDoor, transport: SftpTransport) -> None:
    put_out(door, "a.x12", BODY[:9])
    async with transport.visit(fetching(door)) as visit:
        (listed,) = await visit.list()
        put_out(door, "a.x12", BODY)
        with pytest.raises(NotSent, match="changed"):
            await visit.fetch(listed, 1000)


async def test_one_file_that_is_gone_does_not_end_the_visit(door: SftpDoor, transport: SftpTransport) -> None:
    put_out(door, "a.x12")
    async with transport.visit(fetching(door)) as visit:
        (listed,) = await visit.list()
        with pytest.raises(NotSent):
            await visit.fetch(replace(listed, name="b.x12"), 1000)
        assert await visit.fetch(listed, 1000) == BODY
    assert door.logins == 1


@pytest.mark.parametrize(
    ("tidy", "left"),
    [
        ({}, {"out/a.x12"}),
        ({"tidy": "delete"}, set()),
        ({"tidy": "move", "move_to": "done"}, {"done/a.x12"}),
    ],
)
async def test_what_is_stored_is_left_deleted_or_moved_as_the_profile_says(
    door: SftpDoor, transport: SftpTransport, tidy: dict[str, str], left: set[str]
) -> None:
    put_out(door, "a.x12")
    async with transport.visit(fetching(door, **tidy)) as visit:
        (listed,) = await visit.list()
        await visit.tidy(listed)
        await visit.tidy(listed)
    assert set(door.post.files) == left


@pytest.mark.parametrize("tidy", [{"tidy": "delete"}, {"tidy": "move", "move_to": "done"}])
@pytest.mark.proves("SF-02")
async def test_another_file_that_came_under_the_same_name_is_left_for_the_next_visit(
    door: SftpDoor, transport: SftpTransport, tidy: dict[str, str]
) -> None:
    put_out(door, "a.x12")
    async with transport.visit(fetching(door, **tidy)) as visit:
        (listed,) = await visit.list()
        put_out(door, "a.x12", BODY, modified=2000)
        await visit.tidy(listed)
    assert set(door.post.files) == {"out/a.x12"}


async def test_a_name_that_was_used_before_replaces_nothing_where_files_are_moved(
    door: SftpDoor, transport: SftpTransport
) -> None:
    door.post.files["done/a.x12"] = File(b"the earlier one", 5)
    put_out(door, "a.x12")
    async with transport.visit(fetching(door, tidy="move", move_to="done")) as visit:
        await visit.tidy(Lying(OUT, "a.x12", len(BODY), 1000))
    assert {path: file.body for path, file in door.post.files.items()} == {
        "done/a.x12": b"the earlier one",
        "done/a.x12.1000": BODY,
    }


async def test_a_place_to_move_to_that_is_not_there_needs_a_person(door: SftpDoor, transport: SftpTransport) -> None:
    put_out(door, "a.x12")
    async with transport.visit(fetching(door, tidy="move", move_to="nowhere")) as visit:
        with pytest.raises(NeedsPerson, match="nowhere"):
            await visit.tidy(Lying(OUT, "a.x12", len(BODY), 1000))
    assert set(door.post.files) == {"out/a.x12"}


async def test_a_line_that_breaks_in_a_visit_is_nothing_that_a_person_must_mend(
    door: SftpDoor, transport: SftpTransport
) -> None:
    put_out(door, "a.x12")
    async with transport.visit(fetching(door)) as visit:
        await visit.list()
        await door.be("payers")
        with pytest.raises(NotSent, match="broke"):
            await visit.list()
    async with transport.visit(fetching(door)) as visit:
        assert len(await visit.list()) == 1


def untimed(found: File) -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(size=len(found.body), permissions=stat.S_IFREG | 0o644)


@pytest.mark.parametrize("tidy", ["leave", "delete"])
async def test_where_files_have_no_time_none_may_be_left_for_one_that_replaces_it_looks_the_same(
    door: SftpDoor, transport: SftpTransport, monkeypatch: pytest.MonkeyPatch, tidy: str
) -> None:
    monkeypatch.setattr("conformance.simulators.sftp._attrs", untimed)
    put_out(door, "a.x12")
    async with transport.visit(fetching(door, tidy=tidy)) as visit:
        if tidy == "leave":
            with pytest.raises(NeedsPerson, match="tidy"):
                await visit.list()
            return
        (listed,) = await visit.list()
        await visit.tidy(listed)
    assert door.post.files == {}


async def test_a_name_that_is_longer_than_any_is_left_alone(door: SftpDoor, transport: SftpTransport) -> None:
    put_out(door, "a" * 255)
    put_out(door, "b" * 256)
    async with transport.visit(fetching(door)) as visit:
        assert [each.name for each in await visit.list()] == ["a" * 255]


async def test_of_names_no_more_is_read_than_a_mailbox_can_have(
    door: SftpDoor, transport: SftpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(4):
        put_out(door, f"{place}" * 300)
    async with transport.visit(fetching(door)) as visit:
        monkeypatch.setattr("gateway.transport.sftp_files._MOST_BYTES", 1300)
        assert await visit.list() == ()
        monkeypatch.setattr("gateway.transport.sftp_files._MOST_BYTES", 1000)
        with pytest.raises(Unreadable, match="1000 bytes"):
            await visit.list()
