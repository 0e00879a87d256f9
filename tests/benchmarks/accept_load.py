"""The client of `accept`, in a process of its own: kept connections, each sending its next request when answered.

Parameters come as JSON on standard input, the figures go as JSON to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count
from typing import Any

import uvloop

from tests.benchmarks import requests
from tests.benchmarks.wire import Caller, connect, post


async def run(url: str, key: str, connections: int, seconds: float, first: int) -> dict[str, Any]:
    """Send for some seconds. Raises RuntimeError for any answer but 202."""
    text, numbers = requests.body(), count(first)
    waits: list[float] = []
    deadline = time.perf_counter() + seconds

    async def send(caller: Caller) -> None:
        while (began := time.perf_counter()) < deadline:
            body, reference = requests.fresh(text, next(numbers))
            headers = {
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
                "Idempotency-Key": reference,
            }
            status, _ = await caller.ask(post(url, headers, body.encode()))
            if status != 202:
                raise RuntimeError(f"answered {status}")
            waits.append(time.perf_counter() - began)

    callers = [await connect(url) for _ in range(connections)]
    began = time.perf_counter()
    await asyncio.gather(*(send(caller) for caller in callers))
    took = time.perf_counter() - began
    waits.sort()
    return {
        "count": len(waits),
        "per_second": len(waits) / took,
        "p50_ms": waits[len(waits) // 2] * 1000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
