"""What an adapter says (frames) and hears (replies). Values only; the gateway moves the bytes.

A frame never holds a credential: where one belongs stands a ``Secret``, which the transport replaces on the wire
and the journal keeps as its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from gateway.contract.pieces import Evidence as Evidence
from gateway.contract.pieces import Loss as Loss
from gateway.contract.pieces import Piece as Piece
from gateway.contract.pieces import Secret as Secret
from gateway.contract.turns import Turn as Turn
from gateway.model.outcome import Outcome


@dataclass(frozen=True)
class Https:
    """One HTTP exchange.

    ``effect`` is true when sending it twice could file, change or cancel something twice. ``document`` is the
    business document inside the body (the X12 interchange), for previews and the journal's reader. ``deadline`` is
    how many seconds to wait for the whole reply.

    ``known`` is what the exchange comes to already, whatever becomes of this frame: it is written down before the frame
    leaves. So goes what may make the other side forget what it said, as the confirmation that it was heard.
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
    known: Outcome | None = field(default=None, repr=False)

    def redacted(self) -> bytes:
        """The body with each secret written as its name: what the journal keeps."""
        return b"".join(piece if isinstance(piece, bytes) else f"[secret {piece.name}]".encode() for piece in self.body)


@dataclass(frozen=True)
class Drop:
    """A file that is put into a directory of the other side: under its temporary name first, and renamed once its size
    was seen there, so that nobody ever takes half of it. What is said is ``body``; it holds no secret.

    The reply is 201 without a body, once it is renamed and was seen with its size.
    """

    directory: str
    name: str
    temporary: str
    body: bytes = field(repr=False)
    document: bytes | None = field(default=None, repr=False)
    document_type: str | None = None
    losses: tuple[Loss, ...] = ()
    deadline: float = 60.0
    effect: bool = True
    method: ClassVar[str] = "DROP"
    known: ClassVar[None] = None
    headers: ClassVar[tuple[tuple[str, str], ...]] = ()

    @property
    def url(self) -> str:
        """Where it lies in the end, on the other side."""
        return f"{self.directory}/{self.name}"

    def redacted(self) -> bytes:
        """The body: what the journal keeps."""
        return self.body


@dataclass(frozen=True)
class Look:
    """What lies in a directory of the other side under these names. The reply is 200, with a JSON object of the names
    that are there and their sizes. It has no effect."""

    directory: str
    names: tuple[str, ...]
    document: bytes | None = field(default=None, repr=False)
    document_type: str | None = None
    losses: tuple[Loss, ...] = ()
    deadline: float = 60.0
    effect: bool = False
    method: ClassVar[str] = "LOOK"
    known: ClassVar[None] = None
    headers: ClassVar[tuple[tuple[str, str], ...]] = ()

    @property
    def url(self) -> str:
        """Where it looks, on the other side."""
        return self.directory

    def redacted(self) -> bytes:
        """The names: what the journal keeps."""
        return "\n".join(self.names).encode()


Frame = Https | Drop | Look | Turn
"""Every kind of frame. Each has a method, an address (``url``) and headers, and the body that the journal keeps."""


@dataclass(frozen=True)
class Reply:
    """What came back: the status (that of HTTP, or 201 and 200 of a ``Drop`` and a ``Look``, and 200 of a ``Turn``),
    the headers (names in lower case) and the whole body (of a ``Turn`` its ``SettledPage``). ``evidence`` is for
    people.

    ``stale_token`` is the transport's word on a 401: the other side called the access token invalid, and it was one
    kept from before. The next frame has a new one. Where no answer stands beside, nothing was applied.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    stale_token: bool = False
    evidence: tuple[Evidence, ...] = ()

    def header(self, name: str) -> str:
        """The first header of that name (lower case), or an empty string."""
        return next((value for key, value in self.headers if key == name), "")
