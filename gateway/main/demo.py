"""`payer-gateway demo`: real requests travel to simulated payers in processes of their own, and back by webhook.

It is a caller like any other: it speaks HTTP to the gateway, receives signed webhooks, and asks the payer simulator
how often each request was filed. It exits 0 only when every case ended as expected, every webhook's signature held
and nothing was filed twice.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.live import Live

from gateway.main.config import PROJECT
from gateway.main.demo_hooks import Receiver, listening
from gateway.main.demo_journeys import Journey, journeys
from gateway.main.demo_practice import Practice
from gateway.main.demo_processes import is_setting, lead_to, run_gateway, run_payers
from gateway.main.demo_screen import answers, decisions, under_way, verdict

_RUNS = PROJECT / "build" / "demo"
_PATIENCE = 50.0
_CLOSER = ("trastuzumab", "carboplatin_pemetrexed_inventinib", "bevacizumab")
"""Whose walk is worth a closer look: a filing whose answer was lost, one that went two ways, one page by page."""


async def demo(console: Console) -> int:
    """Run it and say how it went. Exit code 0 only when everything held."""
    started = time.monotonic()
    travelling = journeys()
    receiver = Receiver(travelling)
    async with AsyncExitStack() as stack:
        console.print("Starting simulated payers and the gateway ...")
        data = _place()
        payers = await stack.enter_async_context(run_payers(data))
        hooks = await stack.enter_async_context(listening(receiver))
        gateway, key = await stack.enter_async_context(run_gateway(payers, data))
        headers = {"Authorization": f"Bearer {key}"}
        session = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        async with session.post(f"{gateway}/v1/webhooks", json={"url": hooks}) as made:
            made.raise_for_status()
            endpoint = await made.json()
        receiver.secret = endpoint["secret"]
        await lead_to(gateway, payers)
        console.print(f"Gateway {gateway} (docs at /docs)")
        console.print(f"Payers {payers.core}, pharmacy managers {payers.pbm}, web sites {payers.portal}\n")
        practice = Practice(session, gateway)
        for journey in travelling:
            await practice.submit(journey)
        ended = await _watch(practice, travelling, console)
        for journey in travelling:
            await practice.read_decision(journey)
        for table in (answers(travelling), decisions(travelling)):
            console.print()
            console.print(table)
        await session.delete(f"{gateway}/v1/webhooks/{endpoint['id']}")
        doors = (f"{payers.core}/sim", f"{payers.pbm}/sim", f"{payers.portal}/sim/portals/ironwood")
        filings = [filing for door in doors for filing in await _filings(session, door)]
    good = verdict(console, travelling, receiver, filings, ended, time.monotonic() - started)
    console.print("\nLook closer:")
    for journey in travelling:
        if journey.name in _CLOSER:
            command = explain_command(journey.case_id, data, Path.cwd(), os.environ)
            console.print(command, soft_wrap=True, markup=False, highlight=False)
    return 0 if good else 1


def _place() -> Path:
    """A directory for this run: in the checkout, or where temporary files go when that is not ours to write in."""
    place = _RUNS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    try:
        place.mkdir(parents=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="payer-gateway-demo-"))
    return place


def explain_command(case_id: str, data: Path, here: Path, environment: Mapping[str, str]) -> str:
    """What to type to see a case's whole walk: runs as it stands, for whoever is ``here`` with this environment."""
    program = Path(sys.executable).with_name("payer-gateway")
    found = shutil.which(program.name, path=environment.get("PATH"))
    if found is not None and Path(found).samefile(program):
        words = [program.name]
    elif program.exists():
        words = [_from(here, program)]
    else:
        words = [sys.executable, "-m", "gateway.main"]
    # The demo's gateway ran on its own data directory and nothing else, whatever the environment says.
    unset = [word for name in sorted(environment) if is_setting(name) for word in ("-u", name)]
    bare = ["env", *unset] if unset else []
    return shlex.join([*bare, *words, "explain", case_id, "--data", _from(here, data)])


def _from(here: Path, path: Path) -> str:
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


async def _watch(practice: Practice, travelling: list[Journey], console: Console) -> bool:
    """Show the states until all arrived or patience ends. Gives payers what they ask for on the way."""
    helped: set[str] = set()
    deadline = time.monotonic() + _PATIENCE
    with Live(under_way(travelling), console=console, refresh_per_second=8) as live:
        while time.monotonic() < deadline:
            for journey in travelling:
                if "needs_information" in journey.trail[-1:] and journey.case_id not in helped:
                    helped.add(journey.case_id)
                    await practice.help(journey)
            live.update(under_way(travelling))
            if all(journey.right() for journey in travelling):
                return True
            await asyncio.sleep(0.1)
        live.update(under_way(travelling))
    return False


async def _filings(session: aiohttp.ClientSession, door: str) -> list[dict[str, Any]]:
    """What is on file there. A web site counts the requests that came for each, as ``posts``."""
    async with session.get(f"{door}/filings") as response:
        found: list[dict[str, Any]] = (await response.json())["filings"]
        return [{"count": filing.get("posts"), **filing} for filing in found]
