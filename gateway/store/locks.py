"""Lock files: private ones, and whether anybody holds one. The kernel lets go of a lock when its last holder ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def open_lock(path: Path, flags: int = 0) -> int:
    """A descriptor of a file, made if need be, that no other user can open, and so not hold the lock of."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)


def is_held(path: Path) -> bool:
    """Whether any process holds this lock; nobody does where there is no file.

    Only for who holds the turn to take it: it takes it to find out.
    """
    if not path.exists():
        return False
    lock = open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
