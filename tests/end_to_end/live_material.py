"""What the tests of live conformance share: a simulated payer, the doors to it, and what came of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import ClientSession

from conformance.live.verdicts import Run
from conformance.runner import main
from conformance.verdict import BAD
from tests.running.payer import Payer, open_payer

EVERGREEN = ("demo_clearinghouse", "evergreen_health", "/core")
CEDAR = ("demo_mime", "cedar_valley", "/mime")
DOGWOOD = ("demo_rest_x12", "dogwood_plan", "/x12")
FERNBROOK = ("demo_reviews", "fernbrook_health", "/v2/service-reviews")
BLUESTEM = ("demo_clearinghouse", "bluestem_mutual", "/core")
SECRETS = {
    "GATEWAY_SECRET_CORE_USERNAME": "gateway",
    "GATEWAY_SECRET_CORE_PASSWORD": "demo-password",
    "GATEWAY_SECRET_REST_CLIENT_SECRET": "demo-client-secret",
}
Door = tuple[str, str, str]
"""A connection, a payer, and where it is at the simulator."""


@contextmanager
def payer_that(folder: Path, *options: str) -> Iterator[Payer]:
    folder.mkdir(exist_ok=True)
    with open_payer(folder / "payer.log", *options) as payer:
        yield payer
        assert "simulator fault" not in payer.running.said()


def moved(door: Door, payer: Payer) -> dict[str, str]:
    return {f"GATEWAY_ENDPOINT_{door[0].upper()}": payer.url + door[2]}


def unkept(run: Run) -> set[str]:
    return {each.assertion.id for each in run.judgements if each.verdict in BAD}


async def on_a_thread(arguments: list[str]) -> int:
    """The command brings an event loop of its own."""
    return await asyncio.to_thread(main, arguments)


async def filed(payer: Payer) -> list[dict[str, str]]:
    async with ClientSession() as session, session.get(f"{payer.url}/sim/filings") as response:
        found: list[dict[str, str]] = (await response.json())["filings"]
    return found
