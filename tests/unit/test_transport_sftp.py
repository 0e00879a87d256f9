"""Files put down over SFTP and looked for, against a server that is real and a payer that is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncssh
import pytest
import pytest_asyncio

from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.post import IN, File
from conformance.simulators.sftp import SftpDoor
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.transport import sftp_files
from gateway.transport.sftp import SftpTransport
from tests.unit.sftp_payer import BODY, a_drop, a_link, a_look, open_door, open_transport


@pytest_asyncio.fixture
async def door() -> AsyncIterator[SftpDoor]:
    async with open_door() as made:
        yield made


@pytest_asyncio.fixture
async def transport() -> AsyncIterator[SftpTransport]:
    async with open_transport() as made:
        yield made


def order(door: SftpDoor, kind: Kind, **over: float) -> None:
    door.post.reception.orders.give(Order(kind, count=1, verb="receipt", **over))  # type: ignore[arg-type]


def lying(door: SftpDoor) -> dict[str, bytes]:
    return {path: file.body for path, file in door.post.files.items()}


@pytest.mark.parametrize("body", [BODY, b"", b"x" * 3_000_000])
async def test_a_file_is_put_down_whole_under_its_name_and_nothing_else_is_left(
    door: SftpDoor, transport: SftpTransport, body: bytes
) -> None:
    reply = await transport.send(a_drop(body), a_link(door.url))
    assert (reply.status, reply.body) == (201, b"")
    assert lying(door) == {"in/one.x12": body}


@pytest.mark.proves("SF-01")
async def test_a_file_never_has_its_name_before_it_is_whole(
    door: SftpDoor, transport: SftpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_short(*_: object) -> None:
        door.post.files["in/one.x12.tmp"] = File(BODY[:5], 0)

    monkeypatch.setattr(sftp_files, "_write", cut_short)
    with pytest.raises(NotSent, match="another size"):
        await transport.send(a_drop(), a_link(door.url))
    assert lying(door) == {"in/one.x12.tmp": BODY[:5]}


async def test_what_was_put_down_before_is_put_down_once(door: SftpDoor, transport: SftpTransport) -> None:
    link = a_link(door.url)
    await transport.send(a_drop(), link)
    first = door.post.files["in/one.x12"]
    assert (await transport.send(a_drop(), link)).status == 201
    assert door.post.files == {"in/one.x12": first}
    assert door.logins == 1


@pytest.mark.proves("SF-01")
async def test_a_temporary_file_that_was_left_is_written_anew(door: SftpDoor, transport: SftpTransport) -> None:
    door.post.files["in/one.x12.tmp"] = File(b"half of something longer than the body" * 9, 0)
    await transport.send(a_drop(), a_link(door.url))
    assert lying(door) == {"in/one.x12": BODY}


@pytest.mark.parametrize(("left", "written"), [(BODY, False), (BODY[:-1] + b"?", True)])
async def test_a_temporary_file_is_written_anew_unless_it_is_whole(
    door: SftpDoor, transport: SftpTransport, monkeypatch: pytest.MonkeyPatch, left: bytes, written: bool
) -> None:
    seen: list[bytes] = []
    write = sftp_files._write

    async def watched(files: asyncssh.SFTPClient, path: bytes, body: bytes) -> None:
        seen.append(path)
        await write(files, path, body)

    monkeypatch.setattr(sftp_files, "_write", watched)
    door.post.files["in/one.x12.tmp"] = File(left, 0)
    await transport.send(a_drop(), a_link(door.url))
    assert (lying(door), bool(seen)) == ({"in/one.x12": BODY}, written)


async def test_a_file_of_another_size_under_our_name_may_be_ours_and_is_left_alone(
    door: SftpDoor, transport: SftpTransport
) -> None:
    door.post.files["in/one.x12"] = File(BODY + b"\n", 0)
    with pytest.raises(MaybeSent, match="another size"):
        await transport.send(a_drop(), a_link(door.url))
    assert lying(door) == {"in/one.x12": BODY + b"\n"}


@pytest.mark.proves("SF-01")
async def test_a_line_that_breaks_before_the_rename_was_done_may_have_done_it(
    door: SftpDoor, transport: SftpTransport
) -> None:
    order(door, Kind.LOST)
    with pytest.raises(MaybeSent):
        await transport.send(a_drop(), a_link(door.url))
    assert lying(door) == {"in/one.x12.tmp": BODY}
    told = await transport.send(a_look("one.x12", "one.x12.tmp"), a_link(door.url))
    assert json.loads(told.body) == {"one.x12.tmp": len(BODY)}


async def test_a_line_that_breaks_after_the_rename_is_looked_up(door: SftpDoor, transport: SftpTransport) -> None:
    order(door, Kind.DROP_AFTER_RECORDING)
    with pytest.raises(MaybeSent):
        await transport.send(a_drop(), a_link(door.url))
    told = await transport.send(a_look("one.x12", "one.x12.tmp"), a_link(door.url))
    assert (told.status, json.loads(told.body)) == (200, {"one.x12": len(BODY)})


async def test_a_rename_that_is_not_answered_in_time_may_have_been_done(
    door: SftpDoor, transport: SftpTransport
) -> None:
    order(door, Kind.SLOW, seconds=3)
    with pytest.raises(MaybeSent, match="in time"):
        await transport.send(a_drop(), a_link(door.url, deadline_seconds=0.5))


async def test_who_waits_too_long_for_one_file_logs_in_anew_and_harms_no_other(
    door: SftpDoor, transport: SftpTransport
) -> None:
    order(door, Kind.SLOW, seconds=1)
    slow = asyncio.create_task(transport.send(a_drop(name="slow.x12"), a_link(door.url)))
    await asyncio.sleep(0.3)
    with pytest.raises(NotSent):
        await transport.send(replace(a_drop(name="behind.x12"), deadline=0.3), a_link(door.url))
    assert (await transport.send(a_drop(name="other.x12"), a_link(door.url))).status == 201
    assert (await slow).status == 201
    assert door.logins == 2


@pytest.mark.proves("SF-01")
@pytest.mark.parametrize(
    ("refusal", "left"),
    [(asyncssh.SFTPFailure("not now"), BODY), (asyncssh.SFTPPermissionDenied("copied, not deleted"), b"")],
)
async def test_a_refused_rename_may_have_put_a_copy_down_and_a_forbidden_one_leaves_no_proof_of_the_contrary(
    door: SftpDoor, transport: SftpTransport, monkeypatch: pytest.MonkeyPatch, refusal: asyncssh.SFTPError, left: bytes
) -> None:
    """As where files are objects: a rename is a copy, which is taken at once, and a deletion."""
    taken = []

    async def rename(files: object, old: bytes, new: bytes) -> None:
        taken.append(door.post.files["in/one.x12.tmp"].body)
        raise refusal

    with monkeypatch.context() as patched:
        patched.setattr("conformance.simulators.sftp._Files.rename", rename)
        with pytest.raises(MaybeSent, match="refused to rename"):
            await transport.send(a_drop(), a_link(door.url))
    assert (taken, lying(door)) == ([BODY], {"in/one.x12.tmp": left})
    told = await transport.send(a_look("one.x12", "one.x12.tmp"), a_link(door.url))
    assert json.loads(told.body) == {"one.x12.tmp": len(left)}
    assert (await transport.send(a_drop(), a_link(door.url))).status == 201  # an operator may have it sent again
    assert lying(door) == {"in/one.x12": BODY}


@pytest.mark.parametrize("directory", ["out", "nowhere", "in/deeper"])
async def test_a_directory_that_is_not_there_or_not_for_us_needs_a_person(
    door: SftpDoor, transport: SftpTransport, directory: str
) -> None:
    with pytest.raises(NeedsPerson, match=directory):
        await transport.send(replace(a_drop(), directory=directory), a_link(door.url))


async def test_nothing_is_known_of_a_directory_that_cannot_be_seen(door: SftpDoor, transport: SftpTransport) -> None:
    with pytest.raises(NeedsPerson, match="nowhere"):
        await transport.send(replace(a_look("one.x12"), directory="nowhere"), a_link(door.url))


async def test_many_files_at_once_go_over_one_login(door: SftpDoor, transport: SftpTransport) -> None:
    link = a_link(door.url)
    await asyncio.gather(*(transport.send(a_drop(name=f"n{n}.x12"), link) for n in range(20)))
    assert len(door.post.names(IN)) == 20
    assert door.logins == 1


async def test_a_login_that_was_cut_is_made_anew(door: SftpDoor, transport: SftpTransport) -> None:
    link = a_link(door.url)
    await transport.send(a_drop(name="a.x12"), link)
    await door.be("payers")
    await asyncio.sleep(0.05)
    await transport.send(a_drop(name="b.x12"), link)
    assert (sorted(door.post.names(IN)), door.logins) == (["a.x12", "b.x12"], 2)


async def test_nobody_there_proves_that_nothing_was_put_down(transport: SftpTransport) -> None:
    with pytest.raises(NotSent):
        await transport.send(a_drop(), a_link("sftp://127.0.0.1:9"))


async def test_a_server_that_says_nothing_is_not_waited_for(transport: SftpTransport) -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(NotSent):
            await transport.send(a_drop(), a_link(f"sftp://127.0.0.1:{port}", connect_seconds=0.3))
    finally:
        server.close()
        await asyncio.sleep(0.05)
