"""What HTTP alone says of a reply that carries no answer, and when it asks to come again.

Knows statuses and two headers; knows no envelope. Only statuses that refuse by definition prove that a message was
not passed on.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

from adapters.x12_278.carriers.refusal import EnvelopeRefused
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply

REFUSALS = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 426, 431})
CREDENTIALS = frozenset({401, 403, 407})
_BUSY = 429
"""Refused unread, by its definition (RFC 6585)."""
_ASTRAY = frozenset({404, 421, 425})
"""What a front answers while the application behind it is being replaced, and no proof that it passed nothing on."""


def media(reply: Reply) -> str:
    """The reply's media type in small letters, without parameters."""
    return reply.header("content-type").partition(";")[0].strip().lower()


def refuse_compression(reply: Reply) -> None:
    """Raises Unreadable for a body that is compressed: nobody asked for it, and it could explode."""
    if reply.header("content-encoding").lower() not in ("", "identity"):
        raise Unreadable("the reply is compressed, which was not asked for")


def fail(
    reply: Reply, effect: bool, envelope: str, refusals: Set[int] = REFUSALS, words: str | None = None
) -> NoReturn:
    """``effect`` says whether the reply answers a frame with one, ``envelope`` what it should have held, and ``words``
    what the other side says of a refusal."""
    status = reply.status
    said = f"HTTP {status}"
    if reply.stale_token:
        raise NotSent(f"the access token had ended, and the next sending has a new one ({said})")
    if status in CREDENTIALS:
        raise NeedsPerson(f"the connection's credentials were refused ({said})")
    if status in _ASTRAY and effect:
        raise MaybeSent(f"nobody says whether it was passed on ({said})")
    if status == _BUSY or status in _ASTRAY:
        raise NotSent(f"refused for now ({said})", _wait(reply))
    if status in refusals:
        raise EnvelopeRefused(said, words)
    if status >= 500:
        raise MaybeSent(f"the payer's server failed ({said})")
    if status == 200:
        raise Unreadable(f"{said} without {envelope}")
    raise Unreadable(f"{said} is no answer to a real-time request")


def _wait(reply: Reply) -> int | None:
    """Retry-After in seconds, which may be a date too (RFC 9110, 10.2.3): from the reply's own Date, for there is no
    clock here. None where it cannot be read, or names no time to come."""
    said = reply.header("retry-after").strip()
    if said.isascii() and said.isdigit():
        return int(said) or None if len(said) < 7 else None
    until, now = _date(said), _date(reply.header("date"))
    if until is None or now is None or until <= now:
        return None
    return int((until - now).total_seconds())


def _date(said: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(said)
        # Naive where the zone is written -0000, which HTTP does not have.
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
