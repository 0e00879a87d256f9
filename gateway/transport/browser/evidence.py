"""What a page looked like, for people: a picture with its data covered, and its outline without its values.

Both go into the encrypted journal. They are what a person sees first, so they hold as little of a patient as can be
while they still say which page it was and what it said.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal

from playwright.async_api import Page

from gateway.contract.landmarks import CONTROLS, masked, nodes_of, pattern_of
from gateway.contract.pieces import Evidence

_COVERED = (
    "input:not([type=button]):not([type=submit]):not([type=reset]):not([type=file]), textarea, select, output, td, dd, "
    "[contenteditable=''], [contenteditable=true], [role=textbox], [role=combobox], [role=cell], [role=gridcell], "
    "[role=listbox], [role=option], data, address"
)
"""What holds data on a page. Styles would cover more, but a page's policy may keep them out (CSP, measured)."""
_COVER = "#8a8f98"
_QUALITY = 70
"""Of 100. Headings and fields read well; a PNG takes twice the processor's time, and is larger."""
_SECONDS = 5.0
_LONGEST = 50_000
_TOLD = CONTROLS | {
    "alert",
    "alertdialog",
    "dialog",
    "form",
    "heading",
    "iframe",
    "main",
    "navigation",
    "region",
    "status",
}
"""Roles whose names are told: what a site calls its parts. Those of cells, rows, items and options are data."""
_DATA = frozenset({"table", "grid", "treegrid", "list", "listbox", "option", "row"})
"""In these nothing is named but what can be pressed."""
_PRESSED = frozenset({"button"})


async def seen(what: str, page: Page, words: frozenset[str], snapshot: str | None = None) -> tuple[Evidence, ...]:
    """The page at this moment, as far as it can still be seen. ``words`` are those of the request; ``snapshot`` is that
    of its body where it was taken just now."""
    picture, told = await asyncio.gather(covered_picture_of(page, words), _snapshot(page, snapshot))
    pictures = (Evidence(what, "image/jpeg", picture),) if picture else ()
    return (*pictures, *outlined(what, told, words))


def outlined(what: str, snapshot: str, words: frozenset[str]) -> tuple[Evidence, ...]:
    """A page of which no picture is taken, by the snapshot of its body; nothing of one that could not be taken."""
    return (Evidence(what, "text/plain", outline_of(snapshot, words).encode()),) if snapshot else ()


async def covered_picture_of(page: Page, words: frozenset[str], kind: Literal["jpeg", "png"] = "jpeg") -> bytes:
    """What is to be seen of a page, with its data covered, and each text that holds one of the ``words``, wherever it
    stands. Empty where it cannot be seen."""
    with suppress(Exception):  # what cannot be seen is not told, whatever keeps it
        covered = [frame.locator(_COVERED) for frame in page.frames]
        if words:
            covered += [frame.get_by_text(pattern_of(words)) for frame in page.frames]
        return await page.screenshot(
            type=kind,
            quality=_QUALITY if kind == "jpeg" else None,
            mask=covered,
            mask_color=_COVER,
            timeout=1000 * _SECONDS,
        )
    return b""


async def _snapshot(page: Page, taken: str | None) -> str:
    if taken is not None:
        return taken
    with suppress(Exception):  # what cannot be seen is not told, whatever keeps it
        return await page.aria_snapshot(timeout=1000 * _SECONDS)
    return ""


def outline_of(snapshot: str, words: frozenset[str]) -> str:
    """Roles, and the names that the site gives its parts; of data nothing."""
    lines: list[str] = []
    within, size = -1, 0
    for depth, role, name in nodes_of(snapshot):
        if size > _LONGEST:
            break
        if within >= 0 and depth <= within:
            within = -1
        roles = _PRESSED if within >= 0 else _TOLD
        shown = f' "{masked(name, words)}"' if name and role in roles else ""
        lines.append(f"{'  ' * depth}- {role}{shown}")
        size += len(lines[-1]) + 1
        if within < 0 and role in _DATA:
            within = depth
    return "\n".join(lines)[:_LONGEST]
