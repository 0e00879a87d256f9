"""Writes MSG, the one free text of a loop: clauses that fit, whole, and then prose of the caller's own.

Everything that comes here has no place of its own in a 278, so everything is reported as a loss: told, or not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from adapters.x12_278.asking.draft import REWRITTEN, Draft, beginning
from gateway.model.clauses import Clause

LONGEST = 264
"""MSG01. One MSG in 2000E and one in each 2000F."""
_BETWEEN = "; "
_NO_ROOM = "a 278 has no place for it, and its message no room"
_WORTH_READING = 40
"""Characters of the beginning of a text below which it is left out."""


class Prose(NamedTuple):
    """A text in the caller's words, and where it stands in what the caller sent."""

    text: str
    pointer: str


def write_message(draft: Draft, clauses: Iterable[Clause], prose: Iterable[Prose] = ()) -> None:
    """Clauses in their order, each whole or not at all; a later, shorter one may fit where an earlier did not.

    A clause with a letter that cannot be written is not whole: a result of two question marks is no result.
    """
    told: list[str] = []
    room = LONGEST
    for clause in clauses:
        text, changed, lost = draft.writing(clause.text)
        fits = not lost and len(text) <= room
        if fits:
            told.append(text)
            room -= len(text) + len(_BETWEEN)
        for pointer in clause.pointers:
            if fits:
                _report(draft, pointer, changed)
            elif lost:
                draft.lose(pointer, "a 278 has no place for it, and its message no such letters")
            else:
                draft.lose(pointer, _NO_ROOM)
    for item in prose:
        text = _prose(draft, item, room)
        if text:
            told.append(text)
            room -= len(text) + len(_BETWEEN)
    if told:
        draft.add("MSG", _BETWEEN.join(told))


def _prose(draft: Draft, prose: Prose, room: int) -> str:
    """As much of the text as there is room for, if that is worth reading."""
    written, changed, _ = draft.writing(" ".join(prose.text.split()))
    if not written:
        draft.lose(prose.pointer, "none of its characters can be written in X12")
        return ""
    if len(written) <= room:
        _report(draft, prose.pointer, changed)
        return written
    cut = beginning(written[: max(room - 4, 0)].rpartition(" ")[0], room)
    if len(cut) >= _WORTH_READING:
        what = "its beginning told as text; the message has no more room"
        draft.lose(prose.pointer, f"{what}, and {REWRITTEN}" if changed else what, "shortened")
        return f"{cut} ..."
    draft.lose(prose.pointer, _NO_ROOM)
    return ""


def _report(draft: Draft, pointer: str, changed: bool) -> None:
    if changed:
        draft.lose(pointer, f"told as text, in which {REWRITTEN}", "transliterated")
    else:
        draft.lose(pointer, "told as text", "note")
