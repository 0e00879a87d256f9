"""Control numbers for what is written at a terminal, where no database keeps count: seconds, and a counter beside it.

The counter is one for each user of a machine. There no number is taken twice, whatever the clock says, whichever folder
is written to and however many at once are at it. Two users, or two machines, may take the same.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.main.config import BadConfig

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Nine digits of seconds from here on last until 2057."""


def counter(environment: Mapping[str, str]) -> Path:
    """Where the last number that was taken is kept: where the XDG base directories say that state is."""
    state = Path(environment.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        state = Path(environment.get("HOME", "/")) / ".local" / "state"
    return state / "payer-gateway" / "control-number"


def take_numbers(environment: Mapping[str, str], count: int, at: datetime) -> Sequence[int]:
    """So many control numbers, the first of them the seconds since 2026, or what follows the last one taken."""
    kept = counter(environment)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(kept, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = int(file.read() or 0)
            first = max(int((at - _BEGINNING).total_seconds()), last + 1)
            file.seek(0)
            file.truncate()
            file.write(f"{first + count - 1}\n")
    except OSError as error:
        raise BadConfig(
            f"{kept} cannot be written ({type(error).__name__}), so no control number is kept. Name a folder that can"
            " be in XDG_STATE_HOME, or give --number."
        ) from None
    except ValueError:
        raise BadConfig(f"{kept} holds no number. Write the last control number into it, or remove it.") from None
    return range(first, first + count)
