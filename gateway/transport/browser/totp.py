"""One-time codes by time (RFC 6238): SHA-1, 6 digits, 30 seconds, as portals use them."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime

SECONDS = 30
_DIGITS = 6


def step_of(now: datetime) -> int:
    """The time step T."""
    return int(now.timestamp()) // SECONDS


def code(secret: str, step: int) -> str:
    """The code of a time step. ``secret`` is base32 as portals show it: blanks and case do not matter, and it may be
    shorter than the RFC asks for, as 16 characters are usual. Raises ValueError for what is not base32."""
    bare = "".join(secret.split()).rstrip("=").upper()
    try:
        key = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except binascii.Error:
        raise ValueError("not base32") from None
    if not key:
        raise ValueError("empty")
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"
