"""The folder of an embedded PostgreSQL: where it lies, whose it is, and how its database cluster is made.

It knows accounts, permissions and initdb. It knows nothing of running servers (gateway/store/server.py) and nothing
of what is stored.

Layout of a home: cluster/ (PostgreSQL's data), socket/ (or a link to it), postgres.log, pg_hba.conf,
pg_ident.conf and lock files.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.store.binaries import OTHERWISE, CannotStart, open_roots_store

# User ids that neither distributions nor systemd give away (its docs/UIDS-GIDS.md, 'Unused'), below 65535 so
# that they exist in containers too.
SPARE_IDS = range(60706, 61184)
SOCKET_PATH_BYTES = 103  # sun_path less its NUL on macOS and the BSDs; Linux has 107 (unix(7))

# Written into postgresql.conf once; the operator may tune them there.
TUNABLE = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling a plan costs more than our short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Account:
    """The user and group PostgreSQL runs as: ourselves, or the one that root steps down to."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(
        self,
        command: Sequence[str | Path],
        home: Path,
        *,
        stdin: str = "",
        log: IO[bytes] | None = None,
        keep: Sequence[int] = (),
    ) -> str:
        """Run a PostgreSQL program in `home` and return what it printed (nothing where `log` takes it).

        `keep` are descriptors it inherits. It is given no environment: PGOPTIONS and the like would bend it,
        and our secrets are none of its business. Raises CannotStart if it fails.
        """
        root = os.geteuid() == 0
        try:
            done = subprocess.run(  # noqa: S603
                [os.fspath(part) for part in command],
                input=stdin.encode(),
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=home,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                user=self.uid if root else None,
                group=self.gid if root else None,
                extra_groups=[] if root else None,
                pass_fds=keep,
                check=False,
            )
        except OSError as error:
            raise CannotStart(
                f"cannot run {command[0]} as user id {self.uid} ({error.strerror}). {OTHERWISE}"
            ) from error
        printed = (done.stdout or b"").decode(errors="replace")
        if done.returncode:
            raise CannotStart(f"{Path(command[0]).name} failed ({done.returncode}): {printed[-2000:].strip()}")
        return printed


def settle(data_dir: Path) -> Path:
    """Find or make the home of `data_dir`'s server: its folder postgres/, or where that link leads.

    As root, where others may not pass through `data_dir`, the home is made under /var/lib/payer-gateway.
    """
    place = data_dir / "postgres"
    if place.is_dir():
        return place.resolve()
    if place.is_symlink():
        raise CannotStart(
            f"the database that {place} points to is gone ({os.readlink(place)}). Bring it back, "
            f"or remove the link to begin with an empty database."
        )
    if os.geteuid() == 0 and not _passable(data_dir.resolve()):
        home = Path(tempfile.mkdtemp(prefix="data-", dir=open_roots_store()))
        place.symlink_to(home)
        sync_folder(home.parent)
    else:
        place.mkdir(mode=0o700)
        home = place.resolve()
    sync_folder(data_dir)
    return home


def is_made(data_dir: Path) -> bool:
    """Whether `data_dir` has a database. One out of reach counts: whoever starts its server says what to do."""
    place = data_dir / "postgres"
    try:
        return place.is_symlink() or (place / "cluster").exists()
    except PermissionError:
        return True


def _passable(folder: Path) -> bool:
    """Whether a user unknown to the system may pass through this folder and all its parents."""
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents))


def choose_account(home: Path) -> Account:
    """Say who runs the server of `home`: ourselves, or for root a user id that nobody else has."""
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise CannotStart(f"{home} belongs to user id {owner}: run as that user, or use another data folder.")
    if owner != 0:
        return Account(owner, os.getegid())
    if (home / "cluster").exists():
        made = (home / "cluster").stat()
        return Account(made.st_uid, made.st_gid)
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()}
    first = zlib.crc32(os.fsencode(home)) % len(SPARE_IDS)
    spare = next(uid for uid in (*SPARE_IDS[first:], *SPARE_IDS[:first]) if uid not in taken)
    return Account(spare, spare)


def initialise(home: Path, account: Account, binaries: Path, *, role: str, database: str, keep: Sequence[int]) -> None:
    """Make the cluster of `home` with one ordinary role that owns one database.

    Whole or not at all: it is made aside and renamed. About 1.5 s. initdb inherits the descriptors `keep`.
    """
    maker = _find_maker(account)
    if os.geteuid() == 0:
        # Only the account's group passes, and no account is in it: not even another process of the maker's
        # user id reaches the cluster while that one owns it.
        os.chown(home, 0, account.gid)
        home.chmod(0o710)
    fresh = home / "cluster.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    maker.own(fresh)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    auth = ("--username=postgres", "--auth-local=peer", "--auth-host=reject")
    tuned = [f"--set={name}={value}" for name, value in TUNABLE.items()]
    maker.run([binaries / "initdb", "-D", fresh.name, *auth, *locale, *tuned, "--no-instructions"], home, keep=keep)
    maker.run(
        [binaries / "postgres", "--single", "-D", fresh.name, "-c", "exit_on_error=on", "postgres"],
        home,
        keep=keep,
        stdin=f"CREATE ROLE {role} LOGIN CREATEDB;\nCREATE DATABASE {database} OWNER {role};\n",
    )
    for folder, _, files in os.walk(fresh):
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            account.own(path)
    fresh.rename(home / "cluster")
    sync_folder(home)


def _find_maker(account: Account) -> Account:
    """Say who runs initdb, which insists on a user id that has an account (get_id in its source)."""
    named = sorted(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0)
    if account.uid in named:
        return account
    if os.geteuid() != 0:
        raise CannotStart(f"user id {account.uid} has no account, which PostgreSQL needs. {OTHERWISE}")
    if not named:
        raise CannotStart(f"no account here but root's, and PostgreSQL refuses root. {OTHERWISE}")
    return Account(named[-1], account.gid)


def write_access(home: Path, account: Account, role: str) -> tuple[Path, Path]:
    """Write pg_hba.conf and pg_ident.conf: by the socket, as `role`, for ourselves and root; nothing else."""
    names = [entry.pw_name for entry in pwd.getpwall() if entry.pw_uid in (0, os.geteuid())]
    rules, people = home / "pg_hba.conf", home / "pg_ident.conf"
    rules.write_text(f"local all {role} peer map=gateway\n")
    people.write_text("".join(f'gateway "{name}" {role}\n' for name in names))
    for path in (rules, people):
        account.own(path)
        path.chmod(0o600)
    return rules, people


def open_socket_dir(home: Path, account: Account) -> Path:
    """Make or find the folder of the socket, which only the account may enter, and empty it after a crash.

    It is home/socket, unless that makes a path too long for a socket, or one that PostgreSQL or a client
    would take for a list (',') : then home/socket is a link to a folder with a random name under /tmp.
    """
    inside = home / "socket"
    plain = re.fullmatch(r"[\w./-]+", str(inside), re.ASCII)
    fits = plain and len(f"{inside}/.s.PGSQL.5432") <= SOCKET_PATH_BYTES
    if inside.is_symlink() == bool(fits) or not inside.exists() or not _private(inside.resolve(), account):
        if inside.is_symlink():
            inside.unlink()
        elif inside.exists():
            shutil.rmtree(inside)
        if fits:
            inside.mkdir(mode=0o700)
        else:
            inside.symlink_to(tempfile.mkdtemp(prefix="payer-gateway-", dir="/tmp"))
        account.own(inside.resolve())
    for left in inside.iterdir():
        left.unlink()
    return inside.resolve()


def _private(folder: Path, account: Account) -> bool:
    found = folder.lstat()
    return found.st_uid == account.uid and not found.st_mode & 0o077


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
