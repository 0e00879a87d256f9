"""The processes of a browser, as the system lists them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_LOOK_SECONDS = 0.05
_STARTED = 17
"""When it started, in /proc/PID/stat behind name, state and parent (proc(5), field 22)."""


def children(pid: int) -> list[int]:
    """Those that a process started and that live, youngest last."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                _, _, rest = (folder / "stat").read_text().rpartition(")")
                state, parent, *more = rest.split()
                if int(parent) == pid and state != "Z":
                    found.append((int(more[_STARTED]), int(folder.name)))
    return [each for _, each in sorted(found)]  # numbers begin again at some time


def tree(pid: int) -> list[int]:
    """All that came of a process, itself first."""
    return [pid, *(each for child in children(pid) for each in tree(child))]


def drivers() -> list[int]:
    """Playwright's drivers of this process."""
    return [pid for pid in children(os.getpid()) if b"run-driver" in _command(pid)]


def _command(pid: int) -> bytes:
    """Empty of a process that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Raises TimeoutError where it does not become true."""
    for _ in range(int(seconds / _LOOK_SECONDS)):
        if true():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise TimeoutError
