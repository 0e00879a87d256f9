"""The processes of the demonstration: simulated payers and a gateway, each as anybody would start it on a machine on
which nothing is set for either."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import aiohttp

from gateway.main.config import PROJECT

_SECONDS = 60


class NotStarted(Exception):
    """A process did not come up; the text says where it told why."""


def is_setting(name: str) -> bool:
    """Whether a variable of the environment is for a gateway or a simulated payer. Those of the demo take none but
    their own: what is set is set for others."""
    return name == "DATABASE_URL" or name.startswith(("GATEWAY_", "SIM_"))


@dataclass(frozen=True)
class Payers:
    """Where the simulated payers are, the simulated managers of pharmacy benefits, and the web sites."""

    core: str
    pbm: str
    portal: str


@asynccontextmanager
async def run_payers(data: Path) -> AsyncIterator[Payers]:
    """Simulated payers. Their clock runs 20 times as fast, so that a review ends while somebody watches."""
    options = ("--port", "0", "--pbm-port", "0", "--portal-port", "0", "--clock-factor", "20")
    async with _process("conformance.simulators.core_payer", *options, env={}, data=data, addresses=3) as addresses:
        pbm, portal, core = addresses
        yield Payers(core, pbm, portal)


async def lead_to(gateway: str, payers: Payers) -> None:
    """Tell the pharmacy managers where the gateway's door for them is: they answer there, by themselves."""
    door = {"url": f"{gateway}/v1/inbound/demo_{{pbm}}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{payers.pbm}/sim/callback", json=door) as response,
    ):
        response.raise_for_status()


@asynccontextmanager
async def run_gateway(payers: Payers, data: Path) -> AsyncIterator[tuple[str, str]]:
    """A gateway that reaches these payers; its address and an API key."""
    env = {
        "GATEWAY_ENDPOINT_DEMO_CLEARINGHOUSE": f"{payers.core}/core",
        "GATEWAY_ENDPOINT_DEMO_BATCH": f"{payers.core}/batch",
        "GATEWAY_ENDPOINT_DEMO_MIME": f"{payers.core}/mime",
        "GATEWAY_ENDPOINT_DEMO_REST_X12": f"{payers.core}/x12",
        "GATEWAY_ENDPOINT_DEMO_REVIEWS": f"{payers.core}/v2/service-reviews",
        "GATEWAY_ENDPOINT_DEMO_BIRCH_RX": f"{payers.pbm}/script",
        "GATEWAY_ENDPOINT_DEMO_IRONWOOD": f"{payers.portal}/ironwood/",
        "GATEWAY_SECRET_PORTAL_USERNAME": "portal",
        "GATEWAY_SECRET_PORTAL_PASSWORD": "demo-portal-password",
        "GATEWAY_SECRET_PORTAL_TOTP": "GEZDGNBVGY3TQOJQ",
        "GATEWAY_SECRET_REST_CLIENT_SECRET": "demo-client-secret",
        "GATEWAY_SECRET_CORE_USERNAME": "gateway",
        "GATEWAY_SECRET_CORE_PASSWORD": "demo-password",
        "GATEWAY_SECRET_PBM_USERNAME": "pbm",
        "GATEWAY_SECRET_PBM_PASSWORD": "demo-pbm-password",
        "GATEWAY_WEBHOOK_ALLOW_PRIVATE": "1",
        "GATEWAY_SWEEP_SECONDS": "0.25",
    }
    async with _process("gateway.main", "serve", "--port", "0", "--data", str(data), env=env, data=data) as (address,):
        yield address, (data / "test.key").read_text().strip()


def _log_file(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


@asynccontextmanager
async def _process(
    module: str, *arguments: str, env: Mapping[str, str], data: Path, addresses: int = 1
) -> AsyncIterator[list[str]]:
    """A module that runs; the addresses it prints until it is ready. Its log is a file in the data directory."""
    inherited = {name: value for name, value in os.environ.items() if not is_setting(name)}
    path = data / f"{module}.log"
    with _log_file(path) as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**inherited, **env},
            cwd=PROJECT,
        )
    try:
        yield [await _address(process, path) for _ in range(addresses)]
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    line = b""
    with suppress(TimeoutError):
        line = await asyncio.wait_for(process.stdout.readline(), _SECONDS)
    if b"http" not in line:
        raise NotStarted(f"a process of the demonstration did not start; {log} says why.")
    return line.decode().split()[-1]
