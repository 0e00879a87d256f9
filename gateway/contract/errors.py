"""Errors named by what happens next. None of them may carry PHI in its text.

CannotExpress  the channel cannot say this       -> the next route
Unreadable     the payer's bytes make no sense   -> a person looks
NotSent        nothing reached the payer         -> send again, same stamp
MaybeSent      it may have reached the payer     -> inquire, never resend blindly
NeedsPerson    a person must act first           -> ask, then resume
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.contract.pieces import Evidence


class ExchangeError(Exception):
    """One of the five. The text is our own words: codes, places and counts, never a value from a message. ``evidence``
    is what the transport saw, for people."""

    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Inexpressible:
    """One thing a channel cannot say. ``pointer`` is a JSON Pointer into the request."""

    pointer: str
    why: str
    fix: str


class CannotExpress(ExchangeError):
    """Raised before the first frame: this destination cannot be told this request."""

    def __init__(self, *items: Inexpressible) -> None:
        super().__init__("; ".join(f"{item.pointer}: {item.why}" for item in items))
        self.items = items


class Unreadable(ExchangeError):
    """The reply is not what the protocol allows: ``what`` is not. ``at`` is a byte offset into the reply or document,
    if known."""

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what if at is None else f"{what} (byte {at})")
        self.what = what
        self.at = at


class TooLong(Unreadable):
    """The reply is longer than may be. ``head`` is as much of it as was read."""

    def __init__(self, what: str, status: int, head: bytes) -> None:
        super().__init__(what)
        self.status = status
        self.head = head


class NotSent(ExchangeError):
    """Nothing reached the payer's application. ``retry_after`` in seconds, where somebody said so."""

    def __init__(self, what: str, retry_after: int | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class MaybeSent(ExchangeError):
    """The request may have reached the payer and no usable answer came back."""


class NeedsPerson(ExchangeError):
    """A person must act before this connection or case can go on (a refused credential, a new certificate).

    An adapter that raises it stops its connection for a while, lest an account be locked; with ``only_this``, which is
    for what is wrong with one message alone, the others go on.
    """

    def __init__(self, what: str, *, only_this: bool = False) -> None:
        super().__init__(what)
        self.only_this = only_this


class Challenged(NeedsPerson):
    """The other side wants a person: to read a picture, or to approve the sign-in on a device of the account's owner.
    The page waits for ``seconds``; then it is given up. ``picture`` shows what must be read."""

    def __init__(self, kind: Literal["captcha", "approval"], says: str, seconds: int) -> None:
        super().__init__(says)
        self.kind = kind
        self.seconds = seconds
        self.picture: Evidence | None = None
