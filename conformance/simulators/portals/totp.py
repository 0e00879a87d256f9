"""One-time codes by time (RFC 6238 over RFC 4226): HMAC-SHA-1, six digits, 30 seconds. Knows no account."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

STEP = 30
_DIGITS = 6
_SKEW = 1
"""Windows before the present one whose code is still taken, for a device that is a little late."""


def code(secret: str, window: int) -> str:
    """The code of a window (seconds since 1970 // 30). Raises ValueError where the secret is no base32."""
    digest = hmac.new(_key(secret), window.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def window_of(secret: str, given: str, seconds: float) -> int | None:
    """The window whose code was given, the present one or the one before; None for no code of either."""
    now = int(seconds) // STEP
    for window in range(now, max(0, now - _SKEW) - 1, -1):
        if hmac.compare_digest(code(secret, window), given):
            return window
    return None


def _key(secret: str) -> bytes:
    plain = secret.replace(" ", "").upper()
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise ValueError("The secret of one-time codes is base32.") from None
