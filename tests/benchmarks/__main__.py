"""`make bench`: measures against floors on this machine (``ONLY=name`` for one part), in one run and in turns.

The machine may be busy with other things: a value says little, its ratio to a floor measured beside it says much.
Prints a table and appends a JSON line per part to build/bench.jsonl.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from tests.benchmarks import accept, epa_codec, journey, policy_check, portal_flow, x12_check, x12_codec
from tests.benchmarks.result import Result, keep, show

PROJECT = Path(__file__).resolve().parents[2]
PARTS: dict[str, Callable[[], Result]] = {
    "x12_codec": x12_codec.measure,
    "epa_codec": epa_codec.measure,
    "x12_check_segments": x12_check.segments,
    "x12_check_transaction": x12_check.transaction,
    "x12_check_split": x12_check.split,
    "policy_check": policy_check.measure,
    "accept": lambda: uvloop.run(accept.measure()),
    "portal_flow": lambda: uvloop.run(portal_flow.measure()),
    "journey": lambda: uvloop.run(journey.measure()),
}


def main() -> int:
    """Exit code 0 when every part could be measured; the goals are told, not enforced."""
    only = os.environ.get("ONLY", "").strip()
    if only and only not in PARTS:
        print(f"There is no part {only}: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    results = [part() for name, part in PARTS.items() if only in ("", name)]
    keep(results, PROJECT / "build" / "bench.jsonl")
    show(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
