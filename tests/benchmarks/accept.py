"""`accept`: requests taken per second and the slowest of a hundred, against a bare insert on the same PostgreSQL.

The gateway is a `payer-gateway serve` with GATEWAY_CONCURRENCY=0, an API that leaves all jobs to other processes, of
which there are none: so the figure is that of accepting alone, its first job among what is committed. The floor
(accept_floor.py) commits the same body into one table and says 202. One client measures both in turns.
"""

from __future__ import annotations

from statistics import median

from tests.benchmarks.processes import Meter, Running, cluster, make_database, postmaster, result_of, running
from tests.benchmarks.result import Result

CONNECTIONS = 32
ROUNDS = 8
SECONDS = 2.0


async def measure() -> Result:
    """Run both in turns."""
    with cluster() as server:
        floor_url = await make_database(server, "floor")
        env = {"GATEWAY_CONCURRENCY": "0"}
        async with (
            running("gateway.main", "serve", "--port", "0", "--data", str(server.data_dir), env=env) as gateway,
            running("tests.benchmarks.accept_floor", floor_url) as floor,
        ):
            key = (server.data_dir / "test.key").read_text().strip()
            meter = Meter(gateway=gateway.pid, postgresql=postmaster(server))
            floor_meter = Meter(handler=floor.pid, postgresql=postmaster(server))
            ours: list[dict[str, float]] = []
            theirs: list[dict[str, float]] = []
            await _load(gateway, key, 0, 1.5)
            await _load(floor, key, 0, 1.5)
            for turn in range(1, ROUNDS + 1):
                with meter:
                    ours.append(await _load(gateway, key, turn, SECONDS))
                with floor_meter:
                    theirs.append(await _load(floor, key, turn, SECONDS))
    return Result(
        name="accept",
        unit="requests/s",
        rounds=[(our["per_second"], their["per_second"]) for our, their in zip(ours, theirs, strict=True)],
        goal="ratio >= 0.6",
        more={
            "p99_ms": median(turn["p99_ms"] for turn in ours),
            "floor_p99_ms": median(turn["p99_ms"] for turn in theirs),
            **meter.milliseconds(sum(turn["count"] for turn in ours)),
            **floor_meter.milliseconds(sum(turn["count"] for turn in theirs), of="floor_"),
        },
    )


async def _load(target: Running, key: str, turn: int, seconds: float) -> dict[str, float]:
    return await result_of(
        "tests.benchmarks.accept_load",
        url=f"{target.address}/v1/requests",
        key=key,
        connections=CONNECTIONS,
        seconds=seconds,
        first=turn * 1_000_000,
    )
