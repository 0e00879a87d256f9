"""Sealing: AES-256-GCM under a key of the tenant's own, blind indexes for looking sealed values up, and keyed tags.

A sealed value is a header (version, number of the data key), a random 96-bit nonce, and ciphertext with its tag. What
it is bound to (the place: table, column and row) goes in as associated data, so a value moved to another row does not
open. Knows no database and nothing of what it seals.

One data key is good for 2^32 values with random nonces (NIST SP 800-38D, 8.3): about 400 million cases of a tenant.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.store.errors import CannotOpen

KEY_BYTES = 32
NONCE_BYTES = 12
INDEX_BYTES = 16
_VERSION = 1
_HEADER = struct.Struct(">BI")
_BODY_AT = _HEADER.size + NONCE_BYTES


def place(column: str, *row: bytes) -> bytes:
    """Where a value stands: its column (``table.column``) and what names its row. No two places share an encoding."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in (column.encode(), *row))


class TenantKey:
    """A tenant's data key: seals, opens, indexes and tags. ``number`` is the key's number in the table of data keys."""

    def __init__(self, number: int, key: bytes) -> None:
        self.number = number
        self._root = key
        self._header = _HEADER.pack(_VERSION, number)
        self._cipher = AESGCM(derive(key, "sealing"))
        self._index_keys: dict[str, bytes] = {}
        self._tag_key = derive(key, "tags")

    def seal(self, plain: bytes, at: bytes) -> bytes:
        """Seal a value to its place."""
        nonce = os.urandom(NONCE_BYTES)
        return b"".join((self._header, nonce, self._cipher.encrypt(nonce, plain, self._header + at)))

    def open(self, sealed: bytes, at: bytes) -> bytes:
        """Open what was sealed to this place. Raises CannotOpen."""
        if sealed[: _HEADER.size] == self._header:
            try:
                return self._cipher.decrypt(sealed[_HEADER.size : _BODY_AT], sealed[_BODY_AT:], self._header + at)
            except (InvalidTag, ValueError):
                pass
        raise CannotOpen(f"a sealed value in {_column_of(at)} does not open")

    def index(self, field: str, value: bytes) -> bytes:
        """The blind index of a value: equal for equal values of one tenant and field, and for nothing else."""
        key = self._index_keys.get(field)
        if key is None:
            key = self._index_keys[field] = derive(self._root, f"blind index {field}")
        return hmac.digest(key, value, hashlib.sha256)[:INDEX_BYTES]

    def tag(self, at: bytes) -> bytes:
        """A keyed digest of a place and all that it says: nobody without the key can write it."""
        return hmac.digest(self._tag_key, at, hashlib.sha256)


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose (HKDF, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"payer-gateway {purpose}".encode()).derive(key)


def _column_of(at: bytes) -> str:
    return at[4 : 4 + int.from_bytes(at[:4], "big")].decode()
