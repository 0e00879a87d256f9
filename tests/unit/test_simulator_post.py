"""The simulated payers' post: what is taken and what is put out, and how strict their SFTP server is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncssh
import pytest
import pytest_asyncio

from conformance.simulators.clock import Clock
from conformance.simulators.envelope import Credentials
from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.payers import HAWTHORN
from conformance.simulators.post import IN, OUT, File, Post
from conformance.simulators.reception import Reception
from conformance.simulators.sftp import SftpDoor, host_key
from tests.unit.sftp_payer import open_door
from tests.unit.simulator_messages import Wrapper, request_278

# what is taken, and what it comes to


@pytest.fixture
def post() -> Post:
    return Post(Reception(Clock(0), Credentials("gateway", "demo-password", required=True)))


def filing(member: str = "SIMAPPROVE01", number: int = 1) -> bytes:
    segments = request_278(member, receiver=HAWTHORN.receiver, trace=f"TRACE{number:04}")
    return Wrapper(receiver=HAWTHORN.receiver, control=f"{number:09}").wrap(segments).encode("latin-1")


def put(post: Post, name: str = "a.x12", member: str = "SIMAPPROVE01", number: int = 1) -> None:
    post.files[f"{IN}/{name}"] = File(filing(member, number), post.now)


def later(post: Post, seconds: float) -> list[str]:
    """What was put out by then, by kind."""
    post.reception.clock.advance(seconds)
    post.tick()
    return [name.partition("_")[0] for name in post.names(OUT)]


def order(post: Post, kind: Kind, verb: str = "results") -> None:
    post.reception.orders.give(Order(kind, count=1, verb=verb))


def test_a_file_is_taken_after_a_while_acknowledged_and_then_answered(post: Post) -> None:
    put(post)
    assert (later(post, 0.1), post.names(IN)) == ([], ["a.x12"])
    assert (later(post, 0.5), post.names(IN)) == ([], [])
    assert later(post, 1) == ["999"]
    assert later(post, 2) == ["999", "278"]
    assert len(list(post.reception.desk.filings)) == 1


def test_what_has_a_temporary_name_is_left_alone(post: Post) -> None:
    put(post, "a.x12.tmp")
    assert (later(post, 9), post.names(IN)) == ([], ["a.x12.tmp"])


def test_a_decision_that_changes_is_put_out_again(post: Post) -> None:
    put(post, member="SIMPEND01")
    assert [later(post, seconds) for seconds in (1, 5, 60, 60)][1:] == [
        ["999", "278"],
        ["999", "278", "278"],
        ["999", "278", "278"],
    ]


def test_two_interchanges_in_one_file_and_files_for_nobody_come_to_nothing(post: Post) -> None:
    post.files[f"{IN}/two.x12"] = File(filing() + filing(), post.now)
    post.files[f"{IN}/none.x12"] = File(b"hello", post.now)
    assert later(post, 9) == []
    assert sorted(post.refused) == ["none.x12", "two.x12"]
    assert not list(post.reception.desk.filings)


@pytest.mark.parametrize(
    ("kind", "verb", "out"),
    [
        (Kind.RESULTS_FIRST, "results", ["278", "999"]),
        (Kind.RESULTS_TWICE, "results", ["999", "278", "278"]),
        (Kind.ORPHAN, "results", ["999", "278", "278"]),
        (Kind.NO_FILE, "acknowledgement", ["278"]),
        (Kind.NO_FILE, "results", ["999"]),
    ],
)
def test_it_misbehaves_as_it_is_ordered(post: Post, kind: Kind, verb: str, out: list[str]) -> None:
    order(post, kind, verb)
    put(post)
    for _ in range(40):
        seen = later(post, 0.5)
    assert seen == out


def test_two_answers_share_a_file(post: Post) -> None:
    order(post, Kind.MIXED_RESULTS)
    put(post, "a.x12", "SIMAPPROVE01", 1)
    put(post, "b.x12", "SIMDENY01", 2)
    for _ in range(10):
        later(post, 1)
    [mixed] = [file.body for path, file in post.files.items() if path.startswith(f"{OUT}/278")]
    assert (mixed.count(b"ISA*"), mixed.count(b"HCR*A1"), mixed.count(b"HCR*A3")) == (2, 2, 2)


def test_a_file_that_grows_is_whole_in_the_end(post: Post) -> None:
    order(post, Kind.GROWING)
    put(post)
    sizes = []
    for _ in range(60):
        later(post, 0.2)
        sizes += [len(file.body) for path, file in post.files.items() if path.startswith(f"{OUT}/278")]
    assert len(set(sizes)) > 10
    assert sizes == sorted(sizes)
    assert next(file for path, file in post.files.items() if path.startswith(f"{OUT}/278")).body.endswith(b"~\n")


# the server


@pytest_asyncio.fixture
async def door() -> AsyncIterator[SftpDoor]:
    async with open_door() as made:
        yield made


@pytest_asyncio.fixture
async def files(door: SftpDoor) -> AsyncIterator[asyncssh.SFTPClient]:
    async with (
        asyncssh.connect(
            "127.0.0.1",
            int(door.url.rpartition(":")[2]),
            config=None,
            known_hosts=([host_key().convert_to_public()], [], []),
            username="gateway",
            password="demo-password",
            client_keys=None,
            agent_path=None,
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


async def write(files: asyncssh.SFTPClient, path: str, mode: str = "wb") -> None:
    async with files.open(path, mode) as file:
        await file.write(b"x")


async def test_a_caller_writes_into_one_directory_and_under_temporary_names(
    door: SftpDoor, files: asyncssh.SFTPClient
) -> None:
    for path in ("in/a.x12", "out/a.tmp", "done/a.tmp"):
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await write(files, path)
    for path in ("a.tmp", "nowhere/a.tmp", "in/deeper/a.tmp"):
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await write(files, path)
    await write(files, "in/a.tmp")
    assert {path: file.body for path, file in door.post.files.items()} == {"in/a.tmp": b"x"}


async def test_nothing_is_replaced_and_nothing_goes_where_it_does_not_belong(
    door: SftpDoor, files: asyncssh.SFTPClient
) -> None:
    for path in ("in/a.tmp", "in/b.tmp", "out/c.x12", "done/d.x12"):
        door.post.files[path] = File(path.encode(), 0)
    await files.rename("in/a.tmp", "in/a.x12")
    await files.rename("out/c.x12", "done/c.x12")
    with pytest.raises(asyncssh.SFTPFailure):
        await files.rename("in/b.tmp", "in/a.x12")
    with pytest.raises(asyncssh.SFTPError):
        await files.posix_rename("in/b.tmp", "in/a.x12")
    for new in ("out/b.x12", "done/b.x12"):
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await files.rename("in/b.tmp", new)
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        await files.remove("done/d.x12")
    assert set(door.post.files) == {"in/a.x12", "in/b.tmp", "done/c.x12", "done/d.x12"}


async def test_nothing_but_its_three_directories_can_be_seen(files: asyncssh.SFTPClient) -> None:
    assert sorted(await files.listdir("in")) == [".", ".."]
    for path in ("etc/passwd", "../etc/passwd", "in/../../etc/passwd"):
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await files.stat(path)
    with pytest.raises(asyncssh.SFTPError):
        await files.symlink("/etc/passwd", "in/link")
