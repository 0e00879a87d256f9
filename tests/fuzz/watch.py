"""Tries inputs in a process of their own, and watches it: how long it works on one, and how much memory it holds.

A worker that hangs or eats memory is killed, the input it was at is a finding, and the next worker goes on behind it.
Knows nothing of what is tried.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import SynchronizedBase
from pathlib import Path
from typing import Any, NamedTuple

import psutil

PROJECT = Path(__file__).resolve().parents[2]
Trial = Callable[[str, int], None]
"""Makes input ``index`` of a seed and tries it. Another process finds it by its name."""


@dataclass(frozen=True)
class Caps:
    """``seconds`` of work on one input (of the processor: others may be busy), ten times as much of the clock.
    ``bytes`` is what the worker may hold beyond what it held before its first input."""

    seconds: float = 10.0
    bytes: int = 512 << 20


class Finding(NamedTuple):
    """``kind`` and ``place`` say what broke; the same of another input is no news. ``says`` is for whoever looks."""

    index: int
    kind: str
    place: str
    says: str


class Slowest(NamedTuple):
    seconds: float
    index: int


class Tried(NamedTuple):
    """How far a run came, said now and then and at its end."""

    next: int
    findings: int
    slowest: Slowest
    most: int
    """Bytes that a worker held at most beyond its beginning."""


def watched(trial: Trial, seed: str, first: int, last: int, caps: Caps | None = None) -> Iterator[Finding | Tried]:
    """Inputs ``first`` up to, not with, ``last``: what was found as it is found, and how far it came."""
    caps = caps or Caps()
    context = multiprocessing.get_context("spawn")
    at, count, slowest, most = first, 0, Slowest(0.0, first), 0
    said: set[int] = set()
    while at < last:
        here, there = context.Pipe(duplex=False)
        place = context.Value("q", -1)
        worker = context.Process(target=work, args=(trial, seed, at, last, place, there, caps), daemon=True)
        worker.start()
        there.close()
        watch = _Watch(worker.pid or 0, place, caps)
        done = False
        try:
            while not done:
                reason = watch.reason()
                told = _told(here)
                for each in told if isinstance(told, list) else []:
                    if isinstance(each, Finding):
                        count += 1
                        said.add(each.index)
                        yield each
                    elif isinstance(each, Slowest):
                        slowest = max(slowest, each)
                most = max(most, watch.most)
                done = told is None
                # What it was at may have ended while it was looked at: then it broke by itself, or all was well.
                if reason and not done and place.value == watch.at:
                    worker.kill()
                    worker.join()
                    found = [each for each in _rest(here) if isinstance(each, Finding)]
                    count += len(found)
                    yield from found
                    said.update(each.index for each in found)
                    at = max(at, place.value) + 1
                    if at - 1 not in said:
                        count += 1
                        yield Finding(at - 1, reason, "", f"the worker was killed: {reason}")
                    break
                yield Tried(max(at, place.value), count, slowest, most)
            worker.join()
            if done and worker.exitcode == 0:
                at = last
            elif done and place.value < 0:
                raise ChildProcessError(f"a worker ended with {worker.exitcode} before its first input")
            elif done:
                at = max(at, place.value) + 1
                count += 1
                yield Finding(at - 1, "died", str(worker.exitcode), f"the worker died with exit code {worker.exitcode}")
        finally:
            worker.kill()
            worker.join()
            here.close()
    yield Tried(last, count, slowest, most)


def _told(pipe: Connection) -> list[Any] | None:
    """What the worker said within half a second; None when it says no more."""
    found: list[Any] = []
    until = time.monotonic() + 0.5
    try:
        while (left := until - time.monotonic()) > 0 and len(found) < 1000 and pipe.poll(left):
            found.append(pipe.recv())
    except (EOFError, ConnectionResetError):
        return found or None
    return found


def _rest(pipe: Connection) -> Iterator[Any]:
    """What a worker that was killed had still said; its last word may be cut short."""
    with suppress(EOFError, OSError):
        while pipe.poll():
            yield pipe.recv()


class _Watch:
    """What a worker has used for the input that it is at."""

    def __init__(self, pid: int, place: Any, caps: Caps) -> None:
        self._process = psutil.Process(pid)
        self._place = place
        self._caps = caps
        self.at = -1
        self._since = time.monotonic()
        self._worked = 0.0
        self._held = 0
        self.most = 0

    def reason(self) -> str:
        """Why the worker must be killed, or nothing."""
        try:
            times, held = self._process.cpu_times(), self._process.memory_info().rss
        except psutil.NoSuchProcess:
            return ""
        worked, now, at = times.user + times.system, time.monotonic(), self._place.value
        if at < 0:  # it is still reading what inputs are made of
            self._held, self._since = held, now
            return "never began" if now - self._since > 300 else ""
        if at != self.at:
            self.at, self._since, self._worked = at, now, worked
        self.most = max(self.most, held - self._held)
        if worked - self._worked > self._caps.seconds or now - self._since > 10 * self._caps.seconds:
            return "hangs"
        return "eats memory" if held - self._held > self._caps.bytes else ""


def work(
    trial: Trial, seed: str, first: int, last: int, place: SynchronizedBase[Any], pipe: Connection, caps: Caps
) -> None:
    """In the worker. A wall stands behind the watch: what the watch is too late for ends in a MemoryError."""
    at: Any = place
    with suppress(Exception):  # twice, so that what is read once is not taken for what an input needs
        trial(seed, first)
    wall = psutil.Process(os.getpid()).memory_info().vms + 2 * caps.bytes
    before_the_wall = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (wall, before_the_wall))
    slowest = 0.0
    for index in range(first, last):
        at.value = index
        before = time.process_time()
        try:
            trial(seed, index)
        except Exception as error:
            # Who has taken all there is has left nothing to tell of it with.
            resource.setrlimit(resource.RLIMIT_AS, (before_the_wall, before_the_wall))
            pipe.send(Finding(index, type(error).__name__, _place_of(error), _says(error)))
            resource.setrlimit(resource.RLIMIT_AS, (wall, before_the_wall))
        taken = time.process_time() - before
        if taken > slowest:
            slowest = taken
            pipe.send(Slowest(taken, index))
    pipe.close()


def _place_of(error: BaseException) -> str:
    """Where it broke: the innermost line of the project that is no test, else the innermost line."""
    lines = traceback.extract_tb(error.__traceback__)
    own = [line for line in lines if Path(line.filename).is_relative_to(PROJECT) and "/tests/" not in line.filename]
    line = (own or lines)[-1]
    return f"{os.path.relpath(line.filename, PROJECT)}:{line.lineno} {line.name}"


def _says(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-4000:]
