"""A process that looks into the mailbox of a test's post office, and kills itself at a chosen step of it.

Its words are the database's URL, the folder and the point. Production code has no such hooks.
"""

from __future__ import annotations

import asyncio
import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.engine import clerk, mailroom, sorting
from tests.post_material import Visit, open_office
from tests.unit.store_cases import opened


class Point(StrEnum):
    FETCHED = "a file is fetched and not kept"
    KEPT = "it is kept and not tidied"
    UNCOMMITTED = "its case is told, and that is not committed"
    TOLD = "one of two cases is told"
    HEARD = "both cases are told, and the file waits still"


def doom(point: Point) -> None:
    """Make this process kill itself there."""

    def around(owner: Any, name: str, here: Point, *, after: bool = True) -> None:
        if here is not point:
            return
        real = getattr(owner, name)

        async def wrapped(*given: Any, **named: Any) -> Any:
            if not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = await real(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, wrapped)

    around(Visit, "fetch", Point.FETCHED)
    around(mailroom, "keep", Point.KEPT)
    around(clerk.Clerk, "record", Point.UNCOMMITTED)
    around(sorting.Sorter, "_tell", Point.TOLD)
    around(sorting, "settle_arrival", Point.HEARD, after=False)


async def look(url: str, root: Path) -> None:
    async with opened(url) as database, open_office(database, url, root, tidy="delete") as office:
        await office.look(2)


def main(words: list[str]) -> int:
    url, root, point = words
    doom(Point(point))
    asyncio.run(look(url, Path(root)))
    return 0
