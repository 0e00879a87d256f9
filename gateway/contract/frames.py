"""What an adapter says (frames) and hears (replies). Values only; the gateway moves the bytes.

A frame never holds a credential: where one belongs stands a ``Secret``, which the transport replaces on the wire
and the journal keeps as its name.
"""

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
class Https:
    """One HTTP exchange.

    ``effect`` is true when sending it twice could file, change or cancel something twice. ``document`` is the
    business document inside the body (the X12 interchange), for previews and the journal's reader. ``deadline`` is
    how many seconds to wait for the whole reply.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str
    effect: bool
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[Piece, ...] = field(default=(), repr=False)
    document: bytes | None = field(default=None, repr=False)
    document_type: str | None = None
    losses: tuple[Loss, ...] = ()
    deadline: float = 60.0

    def redacted(self) -> bytes:
        """The body with each secret written as its name: what the journal keeps."""
        return b"".join(piece if isinstance(piece, bytes) else f"[secret {piece.name}]".encode() for piece in self.body)


Frame = Https
"""Every kind of frame. A browser's turn will be the second."""


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the headers (names in lower case) and the whole body.

    ``stale_token`` is the transport's word on a 401: the other side called the access token invalid, and it was one
    kept from before. The next frame has a new one. Where no answer stands beside, nothing was applied.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    stale_token: bool = False

    def header(self, name: str) -> str:
        """The first header of that name (lower case), or an empty string."""
        return next((value for key, value in self.headers if key == name), "")
