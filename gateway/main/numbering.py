"""Control numbers for what is written at a terminal, where no database keeps count: seconds, and a counter beside it.

A number is never taken twice in a folder, whatever the clock says and however many at once are at it. In two folders it
may be, within as many seconds as numbers were taken at once.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.main.config import BadConfig

COUNTER = ".payer-gateway-control-number"
"""The file beside what is written: the last number that was taken."""
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Nine digits of seconds from here on last until 2057."""


def take_numbers(beside: Path, count: int, at: datetime) -> Sequence[int]:
    """So many control numbers, the first of them the seconds since 2026, or what follows the last one taken here."""
    counter = beside.parent / COUNTER
    try:
        with os.fdopen(os.open(counter, os.O_RDWR | os.O_CREAT, 0o666), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = int(file.read() or 0)
            first = max(int((at - _BEGINNING).total_seconds()), last + 1)
            file.seek(0)
            file.truncate()
            file.write(f"{first + count - 1}\n")
    except OSError as error:
        raise BadConfig(
            f"{counter} cannot be written ({type(error).__name__}), so no control number is kept. Write to another"
            " folder, or give --number."
        ) from None
    except ValueError:
        raise BadConfig(f"{counter} holds no number. Write the last control number into it, or remove it.") from None
    return range(first, first + count)
