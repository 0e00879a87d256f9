"""The processes of a benchmark: the gateway, floors and clients, each started as a user would start it.

Knows how to start them, where they listen and how much processor time they used; knows no figure.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from gateway.store.server import EmbeddedServer

PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0


@dataclass(frozen=True)
class Running:
    """A process that is ready. ``address`` is the last word it said then: where it listens, if it does."""

    pid: int
    address: str


@contextmanager
def cluster() -> Iterator[EmbeddedServer]:
    """A fresh embedded PostgreSQL with its durable settings, in a data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-bench-"))
    folder.chmod(0o711)  # as root the server runs as another user, who must get in
    server = EmbeddedServer(folder / "data")
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.home)
        shutil.rmtree(folder)


async def make_database(server: EmbeddedServer, name: str) -> str:
    """A database of its own on the same server; its address."""
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return server.url().replace("/payer_gateway?", f"/{name}?")


@asynccontextmanager
async def running(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Running]:
    """A process of ours, once it says that it is ready; terminated at the end."""
    process = await _start(module, *arguments, env=env)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), _PATIENCE)).decode()
        if not line:
            raise RuntimeError(f"{module} did not start")
        yield Running(process.pid, line.split()[-1])
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), _PATIENCE)


async def result_of(module: str, **parameters: Any) -> dict[str, Any]:
    """Run a process to its end, with its parameters as JSON on its standard input; the JSON it prints."""
    process = await _start(module)
    out, _ = await asyncio.wait_for(process.communicate(json.dumps(parameters).encode()), _PATIENCE)
    if process.returncode != 0:
        raise RuntimeError(f"{module} failed")
    found: dict[str, Any] = json.loads(out)
    return found


async def _start(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    inherited = {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("GATEWAY_")
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None if os.environ.get("BENCH_VERBOSE") else asyncio.subprocess.DEVNULL,
        env={**inherited, **(env or {})},
        cwd=PROJECT,
    )


class Meter:
    """Processor time of processes, by name, over the spans in which it is entered."""

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before: dict[str, float] = {}
        self._used = dict.fromkeys(pids, 0.0)

    def __enter__(self) -> None:
        self._before = {name: _processor_seconds(pid) for name, pid in self._pids.items()}

    def __exit__(self, *_: object) -> None:
        for name, pid in self._pids.items():
            self._used[name] += _processor_seconds(pid) - self._before[name]

    def milliseconds(self, count: float, of: str = "") -> dict[str, float]:
        """For each of ``count`` things that were done in those spans; named for a result's ``more``."""
        return {f"{of}{name}_cpu_ms": seconds / count * 1000 for name, seconds in self._used.items()}


def _processor_seconds(pid: int) -> float:
    """What a process and its children have used, those that ended among them."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def postmaster(server: EmbeddedServer) -> int:
    """The process id of the cluster's PostgreSQL."""
    return int((server.home / "cluster" / "postmaster.pid").read_text().split()[0])
