"""A filing through a payer's web site: by the adapter's turns through the driver, against the same steps in plain
Playwright, one after the other; and how many a minute, in how much memory, with 1, 2 and 4 at once.

The site is the simulated portal of Ironwood, in a process of its own on the same machine.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from adapters.portal import ADAPTER
from conformance.bench import CASES
from conformance.shelf import read_shelf
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Reply, Turn
from gateway.main.house import load_adapters
from gateway.model.outcome import Answer
from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.transport.browser.challenges import MemoryChallenges
from gateway.transport.browser.find import find_chromium
from gateway.transport.browser.launching import launch, open_playwright
from gateway.transport.browser.transport import BrowserTransport
from gateway.transport.browser.vault import MemoryVault
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from tests.benchmarks import portal_plain
from tests.benchmarks.processes import PROJECT, running
from tests.benchmarks.result import Result

ROUNDS = 9
_CONNECTION = "demo_ironwood"
_SECRETS = {
    "GATEWAY_SECRET_PORTAL_USERNAME": "portal",
    "GATEWAY_SECRET_PORTAL_PASSWORD": "demo-portal-password",
    "GATEWAY_SECRET_PORTAL_TOTP": "GEZDGNBVGY3TQOJQ",
}
_FLOWS = 4


@dataclass
class Flows:
    """Filings for one member after the other."""

    transport: BrowserTransport
    link: Link
    to: Destination
    wanted: PARequest
    members: Iterator[int] = field(default_factory=lambda: count(1))

    def member(self) -> str:
        return f"SIMAPPROVE{next(self.members):03d}"

    async def run(self) -> list[Turn]:
        """One filing; the turns that it took."""
        number = next(self.members)
        coverage = self.wanted.coverages[0].model_copy(update={"member_id": f"SIMAPPROVE{number:03d}"})
        request = self.wanted.model_copy(update={"coverages": (coverage,)})
        stamp = Stamp(at=datetime.now(UTC), number=number, seed=f"{number:032x}")
        turns: list[Turn] = []
        hold = await self.transport.open(self.link)
        try:
            exchange = ADAPTER.submit(request, self.to, stamp)
            frame = next(exchange)
            while True:
                assert isinstance(frame, Turn)
                turns.append(frame)
                heard: Reply | ExchangeError
                try:
                    heard = await hold.turn(frame)
                except ExchangeError as error:
                    heard = error
                frame = exchange.send(heard) if isinstance(heard, Reply) else exchange.throw(heard)
        except StopIteration as end:
            if end.value.answer is not Answer.RECEIVED:
                raise RuntimeError(f"the filing came to {end.value.answer}") from None
            return turns
        finally:
            await hold.close()


async def measure() -> Result:
    async with running("gateway.main", "sim", "--port", "0", "--portal-port", "0") as simulator:
        library = Library.load(PROJECT / "mappings", load_adapters(), {_CONNECTION: f"{simulator.address}/ironwood/"})
        [wanted] = [slot.case.request for slot in read_shelf(CASES) if slot.case and slot.name == "ironwood_filed"]
        assert wanted is not None
        link = Link.of(library.connection(_CONNECTION))
        assert link.browser is not None
        link = replace(link, browser=link.browser.model_copy(update={"sessions": 4}))
        to = library.destination("ironwood_plan", _CONNECTION, None, datetime.now(UTC).date())
        vault = MemoryVault()
        transport = BrowserTransport(Secrets(_SECRETS), vault, MemoryChallenges(), os.environ)
        try:
            flows = Flows(transport, link, to, wanted)
            await flows.run()  # signs in
            turns = await flows.run()
            session = await vault.load(_CONNECTION)
            assert session is not None
            rounds = await _rounds(flows, turns, dict(session.state))
            more = {"turns": float(len(turns))}
            for at_once in (1, 2, 4):
                more |= await _together(flows, at_once)
        finally:
            await transport.close()
    return Result("portal_flow", "s/filing", rounds, "at most 1.15 times the same steps in plain Playwright", more)


async def _rounds(flows: Flows, turns: list[Turn], state: dict[str, object]) -> list[tuple[float, float]]:
    rounds = []
    with TemporaryDirectory() as downloads:
        async with open_playwright() as playwright:
            browser = await launch(playwright, find_chromium(os.environ), downloads=Path(downloads))
            await portal_plain.run(browser, state, turns, flows.member())
            for place in range(ROUNDS):
                times = {}
                for ours in (True, False) if place % 2 else (False, True):  # who is second finds a warmer site
                    started = time.perf_counter()
                    if ours:
                        await flows.run()
                    else:
                        await portal_plain.run(browser, state, turns, flows.member())
                    times[ours] = time.perf_counter() - started
                rounds.append((times[True], times[False]))
            await browser.close()
    return rounds


async def _together(flows: Flows, at_once: int) -> dict[str, float]:
    """Filings a minute, and the most memory (PSS) of driver and browser meanwhile."""
    left = [None] * _FLOWS
    most = [0.0]

    async def work() -> None:
        while left:
            left.pop()
            await flows.run()

    async def watch() -> None:
        while True:
            most[0] = max(most[0], await asyncio.to_thread(_memory))
            await asyncio.sleep(0.5)

    watching = asyncio.ensure_future(watch())
    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    minutes = (time.perf_counter() - started) / 60
    watching.cancel()
    return {f"filings_a_minute_with_{at_once}": _FLOWS / minutes, f"memory_MiB_with_{at_once}": most[0]}


def _memory() -> float:
    """Of the driver's process and all that came of it, in MiB; pages they share are counted once."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if not any("gateway.main" in word for word in process.cmdline()):
                total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended just now
    return total / 2**20
