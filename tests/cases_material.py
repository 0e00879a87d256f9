"""The project's conformance cases, read once for all tests of a process: reading them takes a second of its time."""

from __future__ import annotations

from functools import cache

from conformance.bench import CASES
from conformance.shelf import Slot, read_shelf


@cache
def shelf() -> tuple[Slot, ...]:
    return read_shelf(CASES)
