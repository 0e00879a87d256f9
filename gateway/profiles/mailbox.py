"""Where a connection's other side puts files for us, how often to look there, and what to do with what was fetched."""

from __future__ import annotations

import posixpath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.profiles.payer import Seconds

Directory = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,200}$")]


class MailboxProfile(Record):
    """``names`` are patterns with * and ? of the names of files to take; others are left alone. ``tidy``: a file that
    is stored here is left, deleted, or moved to ``move_to``."""

    directories: Annotated[tuple[Directory, ...], Bounds(1, 20)]
    names: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._*?-]{1,100}$")], ...], Bounds(1, 20)] = ("*",)
    look_seconds: Seconds = 60.0
    max_file_bytes: Annotated[int, Field(strict=True, ge=1024, le=100_000_000)] = 20_000_000
    tidy: Literal["leave", "delete", "move"] = "leave"
    move_to: Directory | None = None

    @model_validator(mode="after")
    def _with_a_place(self) -> Self:
        if (self.tidy == "move") is not (self.move_to is not None):
            refuse("move_to", "Files are moved where move_to says, and nowhere else.", "Write tidy: move with move_to.")
        if self.move_to is not None and any(is_one(self.move_to, each) for each in self.directories):
            refuse("move_to", "Files would be moved to where they are looked for.", "Name another directory.")
        return self


def is_one(directory: str, other: str) -> bool:
    """True where two ways to write a directory may mean one: a login mostly begins at the root."""
    return _plain(directory) == _plain(other)


def may_meet(pattern: str, other: str) -> bool:
    """True where a name can match both patterns with * and ?."""
    reached = {0}
    for sign in pattern:
        reached = _along(other, reached)
        if sign == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else reached
        else:
            kept = {at for at in reached if other[at : at + 1] == "*"}
            reached = kept | {at + 1 for at in reached if _is_like(sign, other[at : at + 1])}
    return len(other) in _along(other, reached)


def _along(pattern: str, places: set[int]) -> set[int]:
    """These places of a pattern, and those behind the * that begin at one of them."""
    found = set(places)
    for at, sign in enumerate(pattern):
        if at in found and sign == "*":
            found.add(at + 1)
    return found


def _is_like(sign: str, other: str) -> bool:
    return bool(other) and other != "*" and (sign == other or "?" in (sign, other))


def _plain(directory: str) -> str:
    return posixpath.normpath(f"/{directory}").strip("/")
