"""Letters: events on their way to one endpoint, what became of them, and what is asked of who keeps them.

Knows neither HTTP nor a database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from gateway.notify.payload import Event


class Bearing(StrEnum):
    """How an endpoint took a letter. Kept with the endpoint: all workers go by it, and a worker that starts anew."""

    GOOD = "good"
    """It said yes, and soon."""
    POOR = "poor"
    """It answered late, or something else than yes."""
    SILENT = "silent"


@dataclass(frozen=True)
class Letter:
    """A delivery that is due. ``secrets`` are those in force, the newest first; ``tries`` counts those that failed.

    Of its endpoint: when it was last changed, how it bore itself last (None: not known), and how many tries in a row
    it has left without an answer.
    """

    delivery_id: UUID
    endpoint_id: UUID
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    live: bool
    tries: int
    event: Event
    as_of: datetime
    bearing: Bearing | None = None
    silences: int = 0


@dataclass(frozen=True)
class Tried:
    """What became of a try: ``why`` it failed and when the next ``due_at`` is, if there is one. Without a ``why`` it
    arrived. ``rests_until``: nothing goes to its endpoint before."""

    letter: Letter
    bearing: Bearing
    http_status: int | None
    why: str | None = None
    due_at: datetime | None = None
    rests_until: datetime | None = None


@dataclass(frozen=True)
class Room:
    """How many letters may be taken: ``free`` in all, ``doubtful`` of them to endpoints not known to be good.

    To a good endpoint ``many`` may be under way at a time, to any other ``few``, and one to one that was silent; less
    those ``held`` already. An endpoint in ``slow`` is not good now, whatever it was.
    """

    free: int
    doubtful: int
    many: int
    few: int
    held: Mapping[UUID, int]
    slow: Collection[UUID]


class Ledger(Protocol):
    """What is kept of letters."""

    async def take(self, room: Room) -> Sequence[Letter]:
        """Letters that are due, fairly from all endpoints and tenants, none to one that rests or is disabled.

        One that was taken and of which nothing was said is due again after a while.
        """

    async def keep(self, tried: Sequence[Tried]) -> None:
        """Write down what became of letters that were taken, and how their endpoints bore themselves."""

    async def disable(self, letter: Letter, why: str) -> int | None:
        """Send nothing more to its endpoint; how many letters are given up with that, this one among them. None when
        it was changed since the letter was taken: then it is not the one that answered."""
