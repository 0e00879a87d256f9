"""How requests stood against their payers' policies when they were taken, and what tenants want done about it.

Knows no policy: a report is bytes that it keeps, sealed.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import asyncpg

from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.records import Case
from gateway.store.sealing import TenantKey, place

_LEVEL = 1
"""Reports say the same again and again; the quickest deflation makes a tenth of them."""


class PreflightSetting(StrEnum):
    """What becomes of a request that its payer's policy is not met by."""

    BLOCK = "block"
    """It is not taken."""
    WARN = "warn"
    """It is taken, and what is missing is shown."""
    OFF = "off"
    """It is not looked at."""


DEFAULT = PreflightSetting.WARN


@dataclass(frozen=True)
class NewPreflight:
    """A check to keep with a request. ``failing`` are the rules that are not met, by their words: no PHI."""

    setting: PreflightSetting
    report: bytes = field(repr=False)
    failing: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptPreflight:
    setting: PreflightSetting
    report: bytes = field(repr=False)


async def preflight_setting(database: Database, tenant: str) -> PreflightSetting:
    """What the tenant wants. It is believed for a few seconds without asking again, as keys are."""
    known = database.settings.get(tenant)
    if known is None:
        row = await database.fetchrow(SQL["get_tenant_settings"], tenant)
        known = DEFAULT if row is None else PreflightSetting(row["preflight"])
        database.settings.put(tenant, known)
    return known


async def set_preflight(database: Database, tenant: str, setting: PreflightSetting) -> None:
    await database.fetch(SQL["set_preflight"], tenant, setting, database.now())
    database.settings.drop(tenant)


async def load_preflight(database: Database, connection: asyncpg.Connection, case: Case) -> KeptPreflight | None:
    """The check that was made when the case was taken; None where none was."""
    row = await connection.fetchrow(SQL["get_preflight"], case.id)
    if row is None:
        return None
    key = await database.key_of(case.tenant)
    report = zlib.decompress(key.open(row["report"], _place(case.id)))
    return KeptPreflight(PreflightSetting(row["setting"]), report)


def seal_report(key: TenantKey, case_id: UUID, preflight: NewPreflight) -> bytes:
    return key.seal(zlib.compress(preflight.report, _LEVEL), _place(case_id))


def _place(case_id: UUID) -> bytes:
    return place("preflights.report", case_id.bytes)
