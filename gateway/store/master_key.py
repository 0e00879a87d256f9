"""The master key: 32 bytes from outside the database, under which the tenants' data keys are wrapped.

Knows environment and files; knows no database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store.cluster import sync_folder
from gateway.store.errors import CannotOpen
from gateway.store.sealing import KEY_BYTES, NONCE_BYTES, derive, place

VARIABLE = "GATEWAY_MASTER_KEY"


class MasterKeyError(RuntimeError):
    """There is no usable master key; the text says what to do and holds no key."""


class MasterKey:
    """Wraps and unwraps data keys. ``fingerprint`` names it without telling it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise MasterKeyError(f"the master key has {len(key)} bytes; it needs {KEY_BYTES}")
        self.fingerprint = hmac.digest(derive(key, "fingerprint"), b"", hashlib.sha256)[:8].hex()
        self._cipher = AESGCM(derive(key, "wrapping"))

    def wrap(self, tenant: str, data_key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, _place_of(tenant))

    def unwrap(self, tenant: str, wrapped: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place_of(tenant))
        except (InvalidTag, ValueError):
            raise CannotOpen(f"a data key does not open under master key {self.fingerprint}") from None


def load_master_key(env: Mapping[str, str], path: Path, create: bool) -> MasterKey:
    """The master key: GATEWAY_MASTER_KEY in base64, else the file; made there if ``create`` says so.

    Raises MasterKeyError.
    """
    if text := env.get(VARIABLE, "").strip():
        return MasterKey(_decode(text, VARIABLE))
    if create and not path.exists():
        _create(path)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(200)
    except FileNotFoundError:
        raise MasterKeyError(
            f"there is no master key: set {VARIABLE} or write {path}, to 32 random bytes in base64 "
            f"(openssl rand -base64 32). Keep a copy: without it nothing stored can be read."
        ) from None
    except OSError as error:
        raise MasterKeyError(f"the master key in {path} cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise MasterKeyError(f"others can read the master key: chmod 600 {path}, and think of replacing the key")
    return MasterKey(_decode(content.decode("ascii", "replace").strip(), str(path)))


def _decode(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{source} does not hold 32 bytes in base64 (openssl rand -base64 32 makes them)")
    return key


def _create(path: Path) -> None:
    """Write a new key, whole or not at all; of several processes at once, one wins and all use its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    finally:
        os.unlink(name)


def _place_of(tenant: str) -> bytes:
    return place("data_keys.wrapped", tenant.encode())
