"""Processes that die over a message that came by itself, or over answers to its questions. For tests only.

As ``doomed`` does it: wrapped in the new process before its command, it kills itself there, for one member.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from gateway.engine import clerk, collecting, desk, mailroom, reception, sorting
from gateway.store.records import Verb
from tests.durability.doomed import hurry


class Point(StrEnum):
    """Where a process dies."""

    UNKEPT = "a message came and is not kept"
    KEPT = "it is kept and not acknowledged"
    UNOPENED = "it is acknowledged and not opened"
    UNCOMMITTED = "its case is told and that is not committed"
    TOLD = "its case is told and the message waits still"
    UNTAKEN = "answers are written and not committed"
    TAKEN = "answers are taken and their sender is not told"
    UNFETCHED = "a message is fetched and not kept"
    FETCHED = "it is kept and its receipt did not go back"


def hasten() -> None:
    """Wait for seconds only until others are taken for dead, and what they had for its own."""
    hurry()
    mailroom._MARGIN = 1.0
    sorting._AGAIN_AFTER = timedelta(seconds=2)


def doom(point: Point, member: str, nth: int) -> None:
    """Make this process kill itself over the ``nth`` message about this member, or over answers about it."""
    hasten()
    left = [nth]

    def around(owner: Any, name: str, here: Point, mine: Callable[..., bool], *, before: bool = False) -> None:
        if here is not point:
            return
        real = getattr(owner, name)

        async def wrapped(*given: Any, **named: Any) -> Any:
            if before:
                reach(mine(None, *given))
            result = await real(*given, **named)
            if not before:
                reach(mine(result, *given))
            return result

        setattr(owner, name, wrapped)

    def reach(mine: bool) -> None:
        left[0] -= mine
        if mine and not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def of_body(_result: Any, *given: Any) -> bool:
        return member.encode() in given[3]

    def of_arrival(_result: Any, *given: Any) -> bool:
        return member.encode() in given[1].body

    def is_mine(case: Any) -> bool:
        return bool(case.request.coverages[0].member_id == member)

    around(reception, "keep_message", Point.UNKEPT, of_body, before=True)
    around(reception, "keep_message", Point.KEPT, of_body)
    around(collecting, "keep_message", Point.UNFETCHED, of_body, before=True)
    around(collecting, "keep_message", Point.FETCHED, of_body)
    around(sorting, "read_arrival", Point.UNOPENED, lambda found, *_: member.encode() in getattr(found, "body", b""))
    around(
        clerk.Clerk,
        "record",
        Point.UNCOMMITTED,
        lambda *given: given[4].arrival is not None and is_mine(given[3]),
    )
    around(sorting.Sorter, "_tell", Point.TOLD, of_arrival)
    around(
        desk.Desk,
        "_ask",
        Point.UNTAKEN,
        lambda *given: given[5] is Verb.ANSWER and is_mine(given[3]),
    )
    around(desk.Desk, "answer", Point.TAKEN, lambda *_: True)
