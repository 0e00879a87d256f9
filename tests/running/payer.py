"""The simulated payers in a process of their own, and their operators' door: what was filed, how often, what was sent.

Tests count filings here and nowhere else: what the gateway believes of itself proves nothing.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.running.processes import PATIENCE, PAYER, Running, running


@dataclass(frozen=True)
class Payer:
    """``url`` is the simulator's. Filings are counted by member id: give every request one of its own."""

    running: Running
    url: str
    files: str = ""
    """The URL of its SFTP server, where it was started with one."""

    async def filings(self) -> Counter[str]:
        """How often each member's request was filed, at either payer, whatever trace it came under."""
        async with ClientSession() as session, session.get(f"{self.url}/sim/filings") as response:
            told = await response.json()
        counted: Counter[str] = Counter()
        for filing in told["filings"]:
            counted[filing["member"]] += filing["count"]
        assert counted.total() == told["total"]
        return counted

    async def until_filed(self, member: str) -> None:
        """Wait until a request of this member is on file."""
        deadline = time.monotonic() + PATIENCE
        while (await self.filings())[member] == 0:
            assert time.monotonic() < deadline, "it was never filed"
            await asyncio.sleep(0.05)

    async def exchanges(self) -> list[dict[str, Any]]:
        """What came and went, oldest first, ``received`` and ``sent`` as bytes."""
        async with ClientSession() as session, session.get(f"{self.url}/sim/log") as response:
            told = (await response.json())["exchanges"]
        return [
            {**entry, "received": base64.b64decode(entry["received"]), "sent": base64.b64decode(entry["sent"])}
            for entry in told
        ]

    async def order(self, kind: str, **order: Any) -> None:
        """Make it misbehave; conformance/simulators/README.md lists how."""
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/sim/behaviour", json={"kind": kind, **order}) as response,
        ):
            assert response.status == 200, await response.text()

    async def reset(self) -> None:
        """Forget orders and filings."""
        async with ClientSession() as session, session.post(f"{self.url}/sim/reset") as response:
            assert response.status == 200

    async def tokens(self, *, forget: bool = False) -> int:
        """How many access tokens it gave; ``forget`` makes all of them invalid."""
        method = "POST" if forget else "GET"
        async with ClientSession() as session, session.request(method, f"{self.url}/sim/tokens") as response:
            given: int = (await response.json())["given"]
        return given

    async def post(self, **change: Any) -> dict[str, Any]:
        """What lies in its mailboxes and who logged in, after this change of how it takes and lets in."""
        async with ClientSession() as session:
            method = session.post if change else session.get
            async with method(f"{self.url}/sim/post", **({"json": change} if change else {})) as response:
                assert response.status == 200, await response.text()
                told: dict[str, Any] = await response.json()
                return told

    async def advance(self, seconds: float) -> None:
        """Move its clock."""
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/sim/clock", json={"advance_seconds": seconds}) as response,
        ):
            assert response.status == 200


@contextmanager
def open_payer(log: Path, *options: str, **environment: str) -> Iterator[Payer]:
    """A simulator for as long as the context lasts.

    It files an interchange it has seen before once more, unless told otherwise: the most dangerous of payers, behind
    which nothing hides that the gateway said something twice.
    """
    chosen = options if "--duplicates" in options else (*options, "--duplicates", "accept")
    arguments = ["--port", "0", "--log-size", "100000", *chosen]
    with running(PAYER, arguments, {"PATH": os.environ["PATH"], **environment}, log) as process:
        url = process.address()
        files = process.until(r"files at (sftp://\S+)")[1] if "--sftp-port" in options else ""
        yield Payer(process, url, files)
