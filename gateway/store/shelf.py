"""A small shelf of parsed requests, the least lately used falling off: a case's request never changes, and parsing
one costs more than everything else of loading the case.

Knows only ids and sizes.
"""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from gateway.model.request import PARequest


class Shelf:
    """Holds requests of at most ``room`` bytes together (as JSON; in memory they take a few times that)."""

    def __init__(self, room: int = 4_000_000) -> None:
        self._room = room
        self._held: OrderedDict[UUID, tuple[PARequest, int]] = OrderedDict()
        self._used = 0

    def get(self, case_id: UUID) -> PARequest | None:
        """The request of a case, if it is here."""
        found = self._held.get(case_id)
        if found is None:
            return None
        self._held.move_to_end(case_id)
        return found[0]

    def put(self, case_id: UUID, request: PARequest, size: int) -> None:
        """Keep a request. One larger than the whole shelf is not kept."""
        if size > self._room or case_id in self._held:
            return
        self._held[case_id] = (request, size)
        self._used += size
        while self._used > self._room:
            _, (_, freed) = self._held.popitem(last=False)
            self._used -= freed
