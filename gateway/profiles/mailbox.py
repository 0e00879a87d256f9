"""Where a connection's other side puts files for us, how often to look there, and what to do with what was fetched."""

from __future__ import annotations

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
        return self
