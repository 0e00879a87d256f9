"""A folder of this process for what driver and browser put on a disk: files that a page hands over, while they come,
and profiles.

They may be about patients, and a process that is killed takes nothing away. So each process has a folder of its own,
held by a lock, and takes away those of processes that are gone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_LOCK = ".held"


class Scratch:
    """``base`` is shared by the processes of one user; without one it lies with temporary files."""

    def __init__(self, base: Path | None = None) -> None:
        base = base or Path(tempfile.gettempdir(), f"payer-gateway-browser-{os.geteuid()}")
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        if base.is_symlink() or base.stat().st_uid != os.geteuid():
            raise PermissionError(f"{base} is somebody else's")
        base.chmod(0o700)
        _wipe(base)
        self._lock: int | None = None
        while self._lock is None:  # who wipes just now may take it for one that nobody holds yet
            self.path = Path(tempfile.mkdtemp(dir=base))
            self._lock = _hold(self.path)

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _wipe(base: Path) -> None:
    for folder in base.iterdir():
        lock = _hold(folder) if folder.is_dir() and (folder / _LOCK).exists() else None
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _hold(folder: Path) -> int | None:
    """The lock of a folder, for as long as it is open; None where its process lives."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
