"""The processes of the demonstration: a simulated payer and a gateway, each as anybody would start it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from gateway.main.config import PROJECT


@asynccontextmanager
async def run_payer(data: Path) -> AsyncIterator[str]:
    """A simulated payer; its address. Its clock runs 20 times as fast, so that a review ends while somebody watches."""
    async with _process(
        "conformance.simulators.core_payer", "--port", "0", "--clock-factor", "20", env={}, data=data
    ) as process:
        yield await _address(process)


@asynccontextmanager
async def run_gateway(payer: str, data: Path) -> AsyncIterator[tuple[str, str]]:
    """A gateway that reaches this payer; its address and an API key."""
    env = {
        "GATEWAY_ENDPOINT_DEMO_CLEARINGHOUSE": f"{payer}/core",
        "GATEWAY_SECRET_CORE_USERNAME": "gateway",
        "GATEWAY_SECRET_CORE_PASSWORD": "demo-password",
        "GATEWAY_WEBHOOK_ALLOW_PRIVATE": "1",
        "GATEWAY_SWEEP_SECONDS": "0.25",
    }
    async with _process("gateway.main", "serve", "--port", "0", "--data", str(data), env=env, data=data) as process:
        address = await _address(process)
        yield address, (data / "test.key").read_text().strip()


def _log_file(data: Path, module: str) -> BinaryIO:
    data.mkdir(parents=True, exist_ok=True)
    return (data / f"{module}.log").open("ab")


@asynccontextmanager
async def _process(
    module: str, *arguments: str, env: Mapping[str, str], data: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with _log_file(data, module) as log:
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
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """The address a process prints when it is ready."""
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    if "http" not in line:
        raise RuntimeError("a process did not start; its log in build/demo says why")
    return line.split()[-1]
