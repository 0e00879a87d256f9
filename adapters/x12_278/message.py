"""Writes MSG, the one free text of a loop: clauses that fit, whole, and then prose of the caller's own.

Everything that comes here has no place of its own in a 278, so everything is reported as a loss: told, or not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from adapters.x12_278.draft import Draft
from adapters.x12_278.narrative import Clause

LONGEST = 264
"""MSG01. One MSG in 2000E and one in each 2000F."""
_BETWEEN = "; "
_WORTH_READING = 40
"""Characters of the beginning of a text below which it is left out."""


class Prose(NamedTuple):
    """A text in the caller's words, and where it stands in what the caller sent."""

    text: str
    pointer: str


def write_message(draft: Draft, clauses: Iterable[Clause], prose: Iterable[Prose] = ()) -> None:
    """Clauses in their order, each whole or not at all; a later, shorter one may fit where an earlier did not."""
    told: list[str] = []
    room = LONGEST
    for clause in clauses:
        text = draft.written(clause.text)
        fits = bool(text) and len(text) <= room
        if fits:
            told.append(text)
            room -= len(text) + len(_BETWEEN)
        for pointer in clause.pointers:
            if fits:
                draft.lose(pointer, "told as text", "note")
            else:
                draft.lose(pointer, "a 278 has no place for it, and its message no room")
    for item in prose:
        text = _beginning(draft, item, room)
        if text:
            told.append(text)
            room -= len(text) + len(_BETWEEN)
    if told:
        draft.add("MSG", _BETWEEN.join(told))


def _beginning(draft: Draft, prose: Prose, room: int) -> str:
    """As much of the text as there is room for, if that is worth reading."""
    written = draft.written(" ".join(prose.text.split()))
    if written and len(written) <= room:
        draft.lose(prose.pointer, "told as text", "note")
        return written
    cut = written[: max(room - 4, 0)].rpartition(" ")[0]
    if len(cut) >= _WORTH_READING:
        draft.lose(prose.pointer, "its beginning told as text; the message has no more room", "shortened")
        return f"{cut} ..."
    draft.lose(prose.pointer, "a 278 has no place for it, and its message no room")
    return ""
