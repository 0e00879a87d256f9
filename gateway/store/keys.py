"""API keys: ``pgw_test_<id>_<secret>`` and ``pgw_live_...``, kept only as a hash, each for one tenant and mode.

The secret has 256 random bits, so a plain SHA-256 of it cannot be guessed back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.queries import SQL

_TOKEN = re.compile(r"pgw_(test|live)_([0-9a-f]{12})_([0-9a-f]{64})")


class Scope(StrEnum):
    """What a key may do."""

    WRITE_CASES = "cases:write"
    READ_CASES = "cases:read"
    READ_RAW = "raw:read"
    """See the exact bytes said and heard."""
    PREVIEW = "preview"
    WEBHOOKS = "webhooks"
    READ_EVENTS = "events:read"


@dataclass(frozen=True)
class Key:
    id: str
    tenant: str
    mode: Mode
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None


async def create_key(
    database: Database, tenant: str, mode: Mode, name: str, scopes: Collection[Scope]
) -> tuple[Key, str]:
    """A new key, and its token, which is shown this once and cannot be had again."""
    secret = secrets.token_hex(32)
    key = Key(secrets.token_hex(6), tenant, mode, name, frozenset(scopes), database.now())
    await database.fetch(SQL["add_key"], key.id, tenant, mode, name, sorted(key.scopes), _hash(secret), key.created_at)
    return key, f"pgw_{mode}_{key.id}_{secret}"


async def authenticate(database: Database, token: str) -> Key | None:
    """The key of a token; None if it is not one, is not known, or was revoked.

    What was found is believed for a few seconds without asking again: so long may a revoked key still work in
    other processes.
    """
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    mode, key_id, secret = parts.groups()
    given = _hash(secret)
    known = database.keys.get(key_id)
    if known is None:
        row = await database.fetchrow(SQL["get_key"], key_id)
        if row is None or row["revoked_at"] is not None:
            return None
        known = (_key(row), row["secret_hash"])
        database.keys.put(key_id, known)
    key, kept = known
    return key if hmac.compare_digest(given, kept) and key.mode == mode else None


async def revoke_key(database: Database, tenant: str, key_id: str) -> bool:
    """Revoke a key of the tenant; False if there is none of that id that still works."""
    rows = await database.fetch(SQL["revoke_key"], key_id, tenant, database.now())
    database.keys.drop(key_id)
    return bool(rows)


async def list_keys(database: Database, tenant: str) -> tuple[Key, ...]:
    """Every key of the tenant, revoked ones too, oldest first."""
    return tuple(_key(row) for row in await database.fetch(SQL["list_keys"], tenant))


def _key(row: asyncpg.Record) -> Key:
    return Key(
        id=row["id"],
        tenant=row["tenant"],
        mode=Mode(row["mode"]),
        name=row["name"],
        scopes=frozenset(scope for scope in Scope if scope in row["scopes"]),  # others a later version gave
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
