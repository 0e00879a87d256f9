"""Work that reads what a payer wrote, beside everybody else where that is long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_LARGE = 1 << 16
"""Bytes of what is not read while everybody else waits: most messages have a few thousand."""
T = TypeVar("T")


async def read_aside(length: int, work: Callable[[], T]) -> T:
    """What comes of work that reads so many bytes; on a thread of its own where they are many."""
    return await asyncio.to_thread(work) if length > _LARGE else work()
