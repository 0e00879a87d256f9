"""`payer-gateway demo`: real requests travel to simulated payers in processes of their own, and back by webhook.

It is a caller like any other: it speaks HTTP to the gateway, receives signed webhooks, and asks the payer simulator
how often each request was filed. It exits 0 only when every case ended as expected, every webhook's signature held
and nothing was filed twice.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gateway.main.config import PROJECT
from gateway.main.demo_processes import is_setting, run_gateway, run_payer

_REQUESTS = Path(__file__).parent / "demo_requests"
_RUNS = PROJECT / "build" / "demo"
_PATIENCE = 50.0


@dataclass
class Journey:
    """One request on its way: what it shows, how it must end, and what was seen of it."""

    name: str
    story: str
    ends: str
    passes: frozenset[str] = frozenset()
    case_id: str = ""
    heard: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """Events by their sequence: webhooks may come out of order."""
    said: str = ""

    @property
    def trail(self) -> list[str]:
        statuses = [self.heard[place]["status"] for place in sorted(self.heard)]
        return [status for place, status in enumerate(statuses) if place == 0 or status != statuses[place - 1]]

    @property
    def lines(self) -> Mapping[str, str]:
        return self.heard[max(self.heard)]["lines"] if self.heard else {}

    def arrived(self) -> bool:
        return bool(self.trail) and self.trail[-1] == self.ends

    def right(self) -> bool:
        return self.arrived() and self.passes <= set(self.trail)


def journeys() -> list[Journey]:
    """What the demo submits. Each is a file of demo_requests; its member id steers the simulated payer."""
    return [
        Journey("pembrolizumab", "J9271 for lung cancer", "approved"),
        Journey("infliximab", "J1745 for rheumatoid arthritis, one step drug short", "denied"),
        Journey(
            "rituximab", "J9312; the payer wants documents, gets them", "approved", frozenset({"needs_information"})
        ),
        Journey("carboplatin_pemetrexed_pembrolizumab", "three drugs, two allowed", "partially_approved"),
        Journey("denosumab", "J0897; the payer does not know the member", "rejected"),
        Journey(
            "trastuzumab",
            "J9355; the line drops after the payer filed it",
            "approved",
            frozenset({"uncertain"}),
        ),
        Journey("tocilizumab", "J3262 with the second payer; reviewed first", "approved", frozenset({"pended"})),
    ]


class Receiver:
    """A webhook receiver that verifies every signature, as a customer's would."""

    def __init__(self, travelling: list[Journey]) -> None:
        self._travelling = travelling
        self.secret = ""
        self.verified = 0
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            Webhook(self.secret).verify(body.decode(), dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=400)
        self.verified += 1
        event = json.loads(body)
        self._note(event["data"])
        return web.Response(status=204)

    def _note(self, data: Mapping[str, Any]) -> None:
        for journey in self._travelling:
            if journey.case_id == data["case_id"]:
                journey.heard[data["sequence"]] = data


def _place() -> Path:
    """A directory for this run: in the checkout, or where temporary files go when that is not ours to write in."""
    place = _RUNS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    try:
        place.mkdir(parents=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="payer-gateway-demo-"))
    return place


async def demo(console: Console) -> int:
    """Run it and say how it went. Exit code 0 only when everything held."""
    started = time.monotonic()
    travelling = journeys()
    receiver = Receiver(travelling)
    async with AsyncExitStack() as stack:
        console.print("Starting a simulated payer and the gateway ...")
        data = _place()
        payer = await stack.enter_async_context(run_payer(data))
        hooks = await stack.enter_async_context(_hooks(receiver))
        gateway, key = await stack.enter_async_context(run_gateway(payer, data))
        headers = {"Authorization": f"Bearer {key}"}
        session = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        async with session.post(f"{gateway}/v1/webhooks", json={"url": hooks}) as made:
            made.raise_for_status()
            endpoint = await made.json()
        receiver.secret = endpoint["secret"]
        console.print(f"Gateway {gateway}  (docs at {gateway}/docs), payer {payer}\n")
        for journey in travelling:
            await _submit(session, gateway, journey)
        ended = await _watch(session, gateway, travelling, console)
        for journey in travelling:
            await _read_answer(session, gateway, journey)
        console.print()
        console.print(_answers(travelling))
        await session.delete(f"{gateway}/v1/webhooks/{endpoint['id']}")
        filings = await _filings(session, payer)
    good = _verdict(console, travelling, receiver, filings, ended, time.monotonic() - started)
    console.print("\nLook closer:")
    command = explain_command(travelling[5].case_id, data, Path.cwd(), os.environ)
    console.print(command, soft_wrap=True, markup=False, highlight=False)
    return 0 if good else 1


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


async def _submit(session: aiohttp.ClientSession, gateway: str, journey: Journey) -> None:
    body = json.loads((_REQUESTS / f"{journey.name}.json").read_bytes())
    body["reference"] = f"{body['reference']}-{os.urandom(3).hex()}"
    async with session.post(
        f"{gateway}/v1/requests", json=body, headers={"Idempotency-Key": body["reference"]}
    ) as response:
        response.raise_for_status()
        journey.case_id = (await response.json())["id"]


async def _watch(session: aiohttp.ClientSession, gateway: str, travelling: list[Journey], console: Console) -> bool:
    """Show the states until all arrived or patience ends. Answers the payer's request for documents on the way."""
    answered: set[str] = set()
    deadline = time.monotonic() + _PATIENCE
    with Live(_table(travelling), console=console, refresh_per_second=8) as live:
        while time.monotonic() < deadline:
            for journey in travelling:
                if "needs_information" in journey.trail[-1:] and journey.case_id not in answered:
                    answered.add(journey.case_id)
                    await _send_documents(session, gateway, journey)
            live.update(_table(travelling))
            if all(journey.right() for journey in travelling):
                return True
            await asyncio.sleep(0.1)
        live.update(_table(travelling))
    return False


async def _send_documents(session: aiohttp.ClientSession, gateway: str, journey: Journey) -> None:
    """Send one synthetic document for each the payer gave a number to."""
    async with session.get(f"{gateway}/v1/requests/{journey.case_id}") as response:
        response.raise_for_status()
        requested = [item for item in (await response.json())["requested"] if item["control_number"]]
    attachments = [
        {
            "id": f"document-{place}",
            "kind": item["kind"],
            "title": f"Synthetic {item['kind'].replace('_', ' ')}",
            "media_type": "text/plain",
            "content": base64.b64encode(f"Synthetic {item['kind']}: no real person.".encode()).decode(),
        }
        for place, item in enumerate(requested, start=1)
    ]
    async with session.post(
        f"{gateway}/v1/requests/{journey.case_id}/answers", json={"attachments": attachments}
    ) as response:
        response.raise_for_status()


async def _read_answer(session: aiohttp.ClientSession, gateway: str, journey: Journey) -> None:
    """What the payer decided, as GET shows it: numbers, reasons in our words, and the payer's own."""
    async with session.get(f"{gateway}/v1/requests/{journey.case_id}") as response:
        response.raise_for_status()
        case = await response.json()
    numbers = {line["authorization_number"] for line in case["lines"]} - {None}
    reasons = {reason["word"] for holder in (case, *case["lines"]) for reason in holder["reasons"]}
    words = [f"authorization {', '.join(sorted(numbers))}"] if numbers else []
    words += sorted(reasons)
    words += [f'"{message}"' for message in case["messages"]]
    journey.said = "; ".join(words)


def _answers(travelling: list[Journey]) -> Table:
    table = Table(title="What the payers said", title_justify="left", pad_edge=False, show_header=False)
    for journey in travelling:
        table.add_row(journey.name.replace("_", ", "), escape(journey.said))
    return table


def _table(travelling: list[Journey]) -> Table:
    table = Table(title="Prior authorizations on their way", title_justify="left", pad_edge=False)
    # Words stay whole in 80 columns, the longest of them too: partially_approved, certified_modified.
    for name, width in (("request", 16), ("what it shows", 17), ("the way it went", 18), ("lines", 18)):
        table.add_column(name, overflow="fold", width=width)
    for journey in travelling:
        colour = "green" if journey.right() else "yellow"
        way = " > ".join(word for word in journey.trail if word not in ("queued", "submitting")) or "..."
        refused = journey.trail[-1:] == ["rejected"]
        lines = "" if refused else ", ".join(f"{line} {outcome}" for line, outcome in journey.lines.items())
        table.add_row(journey.name.replace("_", ", "), journey.story, f"[{colour}]{way}[/]", lines)
    return table


async def _filings(session: aiohttp.ClientSession, payer: str) -> list[dict[str, Any]]:
    async with session.get(f"{payer}/sim/filings") as response:
        found: list[dict[str, Any]] = (await response.json())["filings"]
        return found


def _verdict(
    console: Console,
    travelling: list[Journey],
    receiver: Receiver,
    filings: list[dict[str, Any]],
    ended: bool,
    seconds: float,
) -> bool:
    # Under one trace number, or as the same wish under another: every request here has a member of its own.
    twice = [filing for filing in filings if not filing["count"] == filing["alike"] == 1]
    console.print()
    for journey in travelling:
        if not journey.right():
            console.print(
                f"[red]{journey.name}: expected {journey.ends}, went {' > '.join(journey.trail) or 'nowhere'}[/]"
            )
    console.print(f"{sum(journey.right() for journey in travelling)} of {len(travelling)} cases ended as expected.")
    console.print(f"{len(filings)} filings at the payer, {len(twice)} of them filed twice.")
    console.print(f"{receiver.verified} webhooks verified, {receiver.refused} refused. {seconds:.0f} s in all.")
    return ended and not twice and not receiver.refused and receiver.verified > 0


@asynccontextmanager
async def _hooks(receiver: Receiver) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/hook"
    finally:
        await runner.cleanup()
