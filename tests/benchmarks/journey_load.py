"""The client of `journey`, in a process of its own: so many cases under way, each followed by the next when decided.

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
from tests.benchmarks.wire import Caller, Receiver, connect, post

_LONGEST = 30.0
_DECISIONS = ["case.approved", "case.partially_approved", "case.denied", "case.rejected", "case.failed"]


class Arrivals:
    """Cases of which the webhook said approved. It may be here before the answer to the submit is read."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def take(self, body: bytes) -> None:
        event = json.loads(body)
        if event["type"] == "case.approved":
            self.of(event["data"]["case_id"]).set_result(None)

    def of(self, case_id: str) -> asyncio.Future[None]:
        return self._waiting.setdefault(case_id, asyncio.get_running_loop().create_future())

    def forget(self, case_id: str) -> None:
        del self._waiting[case_id]


async def run(url: str, key: str, in_flight: int, seconds: float, first: int) -> dict[str, Any]:
    """Travel for some seconds. Raises RuntimeError when a request is refused, TimeoutError when a case is lost."""
    arrivals = Arrivals()
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(arrivals.take), "127.0.0.1", 0)
    hook = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    operator = await connect(url)
    endpoint = json.dumps({"url": hook, "types": _DECISIONS}).encode()
    status, made = await operator.ask(post(f"{url}/v1/webhooks", headers, endpoint))
    if status != 201:
        raise RuntimeError(f"no endpoint: answered {status}")

    text, numbers = requests.body(), count(first)
    waits: list[float] = []
    ended: list[float] = []
    deadline = time.perf_counter() + seconds

    async def travel(caller: Caller) -> None:
        while (began := time.perf_counter()) < deadline:
            body, reference = requests.fresh(text, next(numbers))
            status, answer = await caller.ask(
                post(f"{url}/v1/requests", headers | {"Idempotency-Key": reference}, body.encode())
            )
            if status != 202:
                raise RuntimeError(f"answered {status}")
            case_id = json.loads(answer)["id"]
            await asyncio.wait_for(arrivals.of(case_id), _LONGEST)
            arrivals.forget(case_id)
            ended.append(time.perf_counter())
            waits.append(ended[-1] - began)

    callers = [await connect(url) for _ in range(in_flight)]
    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(travel(caller) for caller in callers))
    used = time.process_time() - used
    await operator.ask(_delete(f"/v1/webhooks/{json.loads(made)['id']}", key))
    waits.sort()
    return {
        "count": len(waits),
        "per_second": sum(moment <= deadline for moment in ended) / (deadline - began),
        "p50_ms": waits[len(waits) // 2] * 1000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1000,
        "cpu_seconds": used,
    }


def _delete(path: str, key: str) -> bytes:
    return f"DELETE {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
