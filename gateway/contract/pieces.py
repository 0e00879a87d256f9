"""What frames of every kind are made of: secrets by name, and what a rendering does not carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gateway.model.record import Record


@dataclass(frozen=True)
class Secret:
    """A credential by name. ``escape`` says how its characters are written where it stands."""

    name: str
    escape: Literal["none", "xml"] = "none"


Piece = bytes | Secret


class Loss(Record):
    """Something of the request that the rendering does not carry, and where it went instead.

    ``pointer`` is a JSON Pointer into the request. ``kept`` says where the value went (``note``, ``attachment``,
    ``shortened``), or ``dropped``.
    """

    pointer: str
    what: str
    kept: Literal["note", "attachment", "shortened", "transliterated", "dropped"] = "dropped"


@dataclass(frozen=True)
class Evidence:
    """What the transport saw beside the reply, for people: a picture of a page, say. ``what`` is a word of ours."""

    what: str
    media_type: str
    body: bytes = field(repr=False)
