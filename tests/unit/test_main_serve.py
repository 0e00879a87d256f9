"""`payer-gateway serve` as a process: what it says of itself, and what it refuses to start with."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.main.client import caller
from gateway.main.config import BadConfig, Config
from gateway.main.house import open_house
from tests.unit.store_cases import connected

PATIENCE = 60.0


@asynccontextmanager
async def serving(data: Path, database_url: str, **environment: str) -> AsyncIterator[str]:
    """A gateway on this database; its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.main", "serve", "--port", "0", "--data", str(data)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "DATABASE_URL": database_url, "GATEWAY_MASTER_KEY": "A" * 43 + "=", **environment},
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        yield line.decode().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE)


async def until(url: str, status: int) -> dict[str, Any]:
    """What /readyz says once it answers with this status."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{url}/readyz") as response:
                said: dict[str, Any] = await response.json()
                if response.status == status:
                    return said
            await asyncio.sleep(0.1)


async def test_a_dead_queue_is_not_ready_until_it_lives_again(tmp_path: Path, database_url: str) -> None:
    async with connected(database_url) as connection, serving(tmp_path, database_url) as url:
        ready = await until(url, 200)
        assert ready["checks"] == dict.fromkeys(
            ("database", "migrated", "master_key", "queue", "timers", "webhooks"), True
        )
        await connection.execute("ALTER TABLE pgqueuer RENAME TO gone")
        broken = await until(url, 503)
        assert {name for name, good in broken["checks"].items() if not good} == {"queue"}
        await connection.execute("ALTER TABLE gone RENAME TO pgqueuer")
        await until(url, 200)


async def test_a_server_leaves_its_port_while_it_runs_and_the_command_line_finds_it(
    tmp_path: Path, database_url: str
) -> None:
    async with serving(tmp_path, database_url) as url:
        await until(url, 200)
        assert caller(Config.read({"GATEWAY_API_KEY": "x"}, data=tmp_path))[0] == url
    assert not (tmp_path / "port").exists()


async def test_what_never_comes_to_the_door_is_a_problem_document_too(tmp_path: Path, database_url: str) -> None:
    async with (
        serving(tmp_path, database_url) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/healthz", headers={"Expect": "Quetzalperson"}) as response,
    ):
        assert (response.status, response.content_type) == (417, "application/problem+json")
        assert "Quetzalperson" not in await response.text()


async def test_a_process_that_leaves_all_work_to_others_answers_for_the_database_only(
    tmp_path: Path, database_url: str
) -> None:
    async with serving(tmp_path, database_url, GATEWAY_CONCURRENCY="0") as url:
        assert (await until(url, 200))["checks"] == {"database": True, "migrated": True, "master_key": True}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_CONCURRENCY", "1"),
        ("GATEWAY_CONCURRENCY", "2.5"),
        ("GATEWAY_CONCURRENCY", "-2"),
        ("GATEWAY_SWEEP_SECONDS", "0"),
        ("GATEWAY_HEARTBEAT_SECONDS", "nan"),
        ("GATEWAY_PORT", "8080.7"),
        ("GATEWAY_PORT", "65536"),
    ],
)
def test_a_number_it_cannot_work_with_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadConfig, match=name):
        Config.read({name: value})


async def test_a_setting_of_private_webhooks_that_is_none_is_refused_before_anything_starts(tmp_path: Path) -> None:
    config = Config.read({"GATEWAY_WEBHOOK_ALLOW_PRIVATE": "yes"}, data=tmp_path)
    with pytest.raises(BadConfig, match="GATEWAY_WEBHOOK_ALLOW_PRIVATE"):
        async with open_house(config):
            pass
    assert not os.listdir(tmp_path)
