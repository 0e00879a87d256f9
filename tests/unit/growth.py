"""How much work and memory a call takes, counted, so that what is measured does not hang on the machine.

Work is what the interpreter does step by step; what is done inside of C (sorting, copying) shows in memory if at all.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

_TWICE = 2.7
"""Twice as much of what comes should cost twice as much, and somewhat more; four times where it is quadratic."""


def work(call: Callable[[], object]) -> int:
    """Steps of the interpreter."""
    count = 0

    def step(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def memory(call: Callable[[], object]) -> int:
    """Bytes, at the most."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def grows_as_its_input(measure: Callable[[Callable[[], object]], int], call: Callable[[int], object], n: int) -> bool:
    """Whether twice as much takes no more than about twice. ``call`` makes nothing that is its own affair."""
    call(n // 4)  # what is worked out once is worked out here
    once, twice = measure(lambda: call(n)), measure(lambda: call(2 * n))
    return twice < _TWICE * once
