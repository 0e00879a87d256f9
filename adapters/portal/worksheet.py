"""The worksheet of a verb: which field of the site gets what. What it has no field for is told, never dropped unsaid.

Whatever of a request no field and no note carries comes out as a loss by itself (``settled``). Knows no site.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adapters.portal.visit import Sheet
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Loss
from gateway.model.record import Record

_OURS = ("/reference", "/review", "/intent")
"""What is no fact about the patient or the service: our own name for it, and what was refused where the site has no
word for it."""
_OF_A_LINE = frozenset({"id", "role", "benefit", "evidence"})
_OF_A_DOCUMENT = frozenset({"id", "title", "media_type", "content", "kind"})


class Worksheet:
    """``task`` is the verb; ``about`` what was handed in; ``room`` how many characters of notes the site takes."""

    def __init__(self, site: str, task: str, about: Record, *, room: int = 0) -> None:
        self._site = site
        self._task = task
        self._about: dict[str, Any] = about.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        self._room = room
        self._fields: list[dict[str, str]] = []
        self._notes: list[str] = []
        self._carried: set[str] = set()
        self._losses: list[Loss] = []
        self._faults: list[Inexpressible] = []

    def enter(self, page: str, field: str, value: str, *pointers: str) -> str:
        """The value goes into the field; what stands at the pointers is carried by it."""
        self._fields.append({"page": page, "field": field, "value": value})
        self._carried.update(pointers)
        return value

    def carry(self, *pointers: str) -> None:
        """What stands there is in a field by another way, or is known to the site."""
        self._carried.update(pointers)

    def note(self, sentence: str, *pointers: str) -> None:
        """Say it to a person at the payer, where the site takes notes and as long as there is room."""
        if len(sentence) + 1 > self._room:
            return
        self._room -= len(sentence) + 1
        self._notes.append(sentence)
        for pointer in pointers:
            self._carried.add(pointer)
            self.lose(pointer, "the site has no field for it: it stands in the notes", kept=True)

    def lose(self, pointer: str, what: str, *, kept: bool = False) -> None:
        self._carried.add(pointer)
        self._losses.append(Loss(pointer=pointer, what=what, kept="note" if kept else "dropped"))

    def refuse(self, pointer: str, why: str, fix: str) -> None:
        self._faults.append(Inexpressible(pointer, why, fix))

    @property
    def notes(self) -> str:
        return " ".join(self._notes)

    def refused(self) -> CannotExpress | None:
        return CannotExpress(*self._faults) if self._faults else None

    def settled(self) -> Sheet:
        """Once nothing more is entered. Raises CannotExpress for all faults at once."""
        if refused := self.refused():
            raise refused
        for pointer in _uncarried(self._about, "", self._carried):
            if pointer not in _OURS and not _is_ours(pointer):
                self._losses.append(Loss(pointer=pointer, what="the site has no field for it"))
        told = {"site": self._site, "task": self._task, "fields": self._fields}
        if self._notes:
            told["notes"] = self._notes
        return Sheet(json.dumps(told, ensure_ascii=False, indent=1).encode(), tuple(self._losses))


def _uncarried(value: Any, at: str, carried: set[str]) -> Iterator[str]:
    """Pointers to what nothing carries: the highest below which nothing is carried."""
    if at in carried:
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    children = [(f"{at}/{name}", each) for name, each in inner]
    whole = at.count("/") > 1 or not isinstance(value, dict | list)
    if at and whole and not any(pointer.startswith(f"{at}/") for pointer in carried):
        yield at
        return
    for pointer, each in children:
        yield from _uncarried(each, pointer, carried)


def _is_ours(pointer: str) -> bool:
    """True for what names a line or document here, and is no part of what is asked for."""
    parts = pointer.split("/")
    return len(parts) == 4 and (
        (parts[1] == "lines" and parts[3] in _OF_A_LINE) or (parts[1] == "attachments" and parts[3] in _OF_A_DOCUMENT)
    )
