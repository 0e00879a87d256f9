"""`policy_check`: microseconds to hold a whole regimen against its payer's policy, with 500 rules loaded.

The floor writes the same answer as JSON.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from gateway.model.request import PARequest
from gateway.policy.book import Book
from gateway.policy.check import check
from gateway.profiles.policies import Policies, PolicyPack, load_policies
from tests.benchmarks import requests
from tests.benchmarks.result import Result

ROUNDS = 15
RULES = 500
_FILED = date(2026, 11, 23)
_MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"


def policies() -> Policies:
    """The packs that come with the gateway, and those of the payer again under other words until there are enough."""
    shipped = load_policies(_MAPPINGS)
    packs = list(shipped.packs)
    own = [pack for pack in packs if pack.payer == "evergreen_health"]
    number = 0
    while _count(packs) < RULES:
        number += 1
        pack = own[number % len(own)]
        packs.append(pack.model_copy(update={"pack": f"{pack.pack}_{number}"}))
    return Policies(tuple(packs), shipped.vocabularies)


def measure() -> Result:
    """Check and floor in turns; medians of microseconds."""
    loaded = policies()
    book = Book(loaded)
    request = PARequest.model_validate_json(requests.fresh(requests.body(), 1)[0])
    report = check(request, book, _FILED)
    turns = [
        (_microseconds(lambda: check(request, book, _FILED)), _microseconds(report.model_dump_json))
        for _ in range(ROUNDS)
    ]
    began = time.process_time()
    Book(loaded)
    return Result(
        name="policy_check",
        unit="us/request",
        rounds=turns,
        goal="under 5000 us with 500 rules",
        more={
            "rules": _count(loaded.packs),
            "findings": len(report.findings),
            "compile_once_ms": (time.process_time() - began) * 1e3,
        },
    )


def _count(packs: list[PolicyPack] | tuple[PolicyPack, ...]) -> int:
    return sum(len(pack.rules) for pack in packs)


def _microseconds(work: Callable[[], object], times: int = 20) -> float:
    """Processor time, so that a busy machine counts for little."""
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6
