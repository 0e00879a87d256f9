"""Starts commands of the project as processes of their own, keeps what they print, and kills them.

Starting Python and importing the gateway costs more CPU than most tests, so commands are forked off a server that has
imported it (multiprocessing's): every one is still a process with its own memory, loop, sockets and pid.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PATIENCE = 120.0
"""Seconds until a test gives up waiting. Generous: it is only ever spent by a test that fails."""

_ADDRESS = re.compile(r"listening on (https?://\S+)")
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "pytest",
        "alembic.context",
        "pgqueuer",
        "gateway.main.serve",
        "conformance.simulators.core_payer",
        "tests.running.warmed",
        __name__,
    ]
)

GATEWAY = "gateway.main"
PAYER = "conformance.simulators.core_payer"


@dataclass(frozen=True)
class Running:
    """A started command. ``log`` holds everything it printed, on standard output and standard error."""

    process: ForkServerProcess
    log: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if one ended it."""
        return self.process.exitcode

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, says: str) -> re.Match[str]:
        """Wait until it has printed this (a regular expression)."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = re.search(says, self.said())
            if found:
                return found
            if self.exit_code is not None:
                raise AssertionError(f"it ended with {self.exit_code} before it said {says!r}:\n{self.said()[-3000:]}")
            time.sleep(0.02)
        raise AssertionError(f"it never said {says!r}:\n{self.said()[-3000:]}")

    def address(self) -> str:
        """Where it listens."""
        return self.until(_ADDRESS.pattern)[1]

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.join()

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.process.is_alive():
            self.process.terminate()
        return self.join()

    def join(self, seconds: float = PATIENCE) -> int:
        """Wait for its end."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise AssertionError(f"it did not end by itself:\n{self.said()[-3000:]}")
        return self.process.exitcode


def start(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    first: Callable[[], None] | None = None,
) -> Running:
    """Start ``main`` of a module. ``first`` is called in the new process before it."""
    log.touch(0o600)
    process = _FORKING.Process(target=_run, args=(module, list(arguments), dict(environment), log, first), daemon=True)
    process.start()
    return Running(process, log)


@contextmanager
def running(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    first: Callable[[], None] | None = None,
) -> Iterator[Running]:
    """A command for as long as the context lasts; however the test ends, the process goes."""
    started = start(module, arguments, environment, log, first)
    try:
        yield started
    finally:
        if started.exit_code is None:
            started.kill()


def _run(
    module: str, arguments: list[str], environment: dict[str, str], log: Path, first: Callable[[], None] | None
) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(environment)
    code = 1
    try:
        if first is not None:
            first()
        code = import_module(module).main(arguments)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # as Python itself ends a program; multiprocessing would print it all
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
