"""`journey`: whole journeys per second, from submit to the webhook that says approved, against three bare queue hops.

The gateway is two processes, one for each core: `serve` (API and workers) and `work` (workers only). Beside them run
the simulated payer, the client that submits and receives webhooks (of decisions only), and PostgreSQL. The floor
(journey_floor.py) is PgQueuer alone on the same PostgreSQL: three chained jobs, each with one state write. In turns.
"""

from __future__ import annotations

from statistics import median

from tests.benchmarks.processes import Meter, cluster, make_database, postmaster, result_of, running
from tests.benchmarks.result import Result

IN_FLIGHT = 48
ROUNDS = 8
SECONDS = 4.0
FLOOR_JOURNEYS = 400


async def measure() -> Result:
    """Run both in turns."""
    with cluster() as server:
        floor_url = await make_database(server, "floor")
        async with running("conformance.simulators.core_payer", "--port", "0") as payer:
            env = {
                "GATEWAY_ENDPOINT_DEMO_CLEARINGHOUSE": f"{payer.address}/core",
                "GATEWAY_SECRET_CORE_USERNAME": "gateway",
                "GATEWAY_SECRET_CORE_PASSWORD": "demo-password",
                "GATEWAY_WEBHOOK_ALLOW_PRIVATE": "1",
            }
            data = ("--data", str(server.data_dir))
            async with (
                running("gateway.main", "serve", "--port", "0", *data, env=env) as serve,
                running("gateway.main", "work", *data, env=env) as work,
            ):
                key = (server.data_dir / "test.key").read_text().strip()
                meter = Meter(serve=serve.pid, work=work.pid, payer=payer.pid, postgresql=postmaster(server))
                floor_meter = Meter(postgresql=postmaster(server))
                ours: list[dict[str, float]] = []
                theirs: list[dict[str, float]] = []
                await _travel(serve.address, key, 0, 3.0)
                await _hop(floor_url)
                for turn in range(1, ROUNDS + 1):
                    with meter:
                        ours.append(await _travel(serve.address, key, turn, SECONDS))
                    with floor_meter:
                        theirs.append(await _hop(floor_url))
    travelled, hopped = sum(turn["count"] for turn in ours), ROUNDS * FLOOR_JOURNEYS
    return Result(
        name="journey",
        unit="journeys/s",
        rounds=[(our["per_second"], their["per_second"]) for our, their in zip(ours, theirs, strict=True)],
        goal="ratio >= 0.4, value >= 61",
        more={
            "p50_ms": median(turn["p50_ms"] for turn in ours),
            "p99_ms": median(turn["p99_ms"] for turn in ours),
            **meter.milliseconds(travelled),
            "client_cpu_ms": sum(turn["cpu_seconds"] for turn in ours) / travelled * 1000,
            **floor_meter.milliseconds(hopped, of="floor_"),
            "floor_worker_cpu_ms": sum(turn["cpu_seconds"] for turn in theirs) / hopped * 1000,
        },
    )


async def _travel(url: str, key: str, turn: int, seconds: float) -> dict[str, float]:
    return await result_of(
        "tests.benchmarks.journey_load",
        url=url,
        key=key,
        in_flight=IN_FLIGHT,
        seconds=seconds,
        first=turn * 1_000_000,
    )


async def _hop(url: str) -> dict[str, float]:
    return await result_of("tests.benchmarks.journey_floor", url=url, journeys=FLOOR_JOURNEYS)
