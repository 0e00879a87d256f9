"""The floor of `journey`: three chained jobs of PgQueuer per journey, each with one state write, and nothing else.

Every job writes its state and enqueues the next in one transaction, as the gateway's do. PgQueuer and asyncpg's pool
are as they come, the tables durable, the batch sizes the gateway's.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvloop
from pgqueuer import Queries, QueueManager
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.models import Job

_TABLE = "CREATE TABLE IF NOT EXISTS journeys (id uuid PRIMARY KEY, hop int NOT NULL)"
_HOPS = 3


async def run(url: str, journeys: int) -> dict[str, Any]:
    """Let so many journeys hop; how many of them ended per second."""
    async with (
        asyncpg.create_pool(url) as pool,
        asyncpg.create_pool(url, min_size=2, max_size=4) as jobs,
    ):
        async with pool.acquire() as connection:
            queries = Queries(AsyncpgDriver(connection))
            if not await queries.schema_is_installed():
                await queries.install()
                await queries.optimize_autovacuum()
            await connection.execute(_TABLE)
            ids = [uuid4() for _ in range(journeys)]
            await connection.executemany("INSERT INTO journeys VALUES ($1, 0)", [(name,) for name in ids])
            await queries.enqueue(["hop-1"] * journeys, [name.bytes for name in ids], [0] * journeys)

        runner = QueueManager(Queries(AsyncpgPoolDriver(jobs)))
        left = journeys

        def hop(number: int) -> None:
            @runner.entrypoint(f"hop-{number}", accepts_context=False)
            async def work(job: Job) -> None:
                nonlocal left
                name = UUID(bytes=job.payload)
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute("UPDATE journeys SET hop = $2 WHERE id = $1", name, number)
                    if number < _HOPS:
                        await Queries(AsyncpgDriver(connection)).enqueue(f"hop-{number + 1}", job.payload)
                if number == _HOPS:
                    left -= 1
                    if left == 0:
                        runner.shutdown.set()

        for number in range(1, _HOPS + 1):
            hop(number)
        began, used = time.perf_counter(), time.process_time()
        await runner.run(batch_size=16, max_concurrent_tasks=64, dequeue_timeout=timedelta(seconds=5))
        took, used = time.perf_counter() - began, time.process_time() - used
        return {"per_second": journeys / took, "cpu_seconds": used}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
