"""Cursors: where a list goes on, sealed so that callers can neither read nor make one.

Knows no list; what a cursor says is bytes to it.
"""

from __future__ import annotations

import base64
import binascii

from gateway.store.errors import CannotOpen
from gateway.store.sealing import TenantKey, place


class BadCursor(ValueError):
    """The cursor is not one of ours, or belongs to another list, tenant or mode."""


def write_cursor(key: TenantKey, list_name: str, mode: str, position: bytes) -> str:
    """A cursor of one list of one tenant and mode, safe in a URL."""
    return (
        base64.urlsafe_b64encode(key.seal(position, place(f"cursor.{list_name}", mode.encode()))).decode().rstrip("=")
    )


def read_cursor(key: TenantKey, list_name: str, mode: str, cursor: str) -> bytes:
    """What the cursor says. Raises BadCursor."""
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return key.open(sealed, place(f"cursor.{list_name}", mode.encode()))
    except (CannotOpen, binascii.Error, ValueError):
        raise BadCursor("the cursor is not one of this list") from None
