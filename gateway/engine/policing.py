"""Requests held against their payers' policies: at the point of order entry, and before a request is taken.

Joins the packs of the library, the tenant's setting and the check. Nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
from pydantic import ValidationError

from gateway.model.request import PARequest
from gateway.policy.book import Book
from gateway.policy.check import check
from gateway.policy.order import Order
from gateway.policy.verdict import Report
from gateway.profiles.library import Library
from gateway.store.database import Database
from gateway.store.keys import Key
from gateway.store.preflights import NewPreflight, PreflightSetting, load_preflight, preflight_setting
from gateway.store.records import Case


@dataclass(frozen=True)
class Preflight:
    """How a request stands against its payer's policy, and what its tenant wants done about it."""

    setting: PreflightSetting
    report: Report

    @property
    def blocks(self) -> bool:
        return self.setting is PreflightSetting.BLOCK and bool(self.report.blocking)

    def kept(self) -> NewPreflight:
        failing = tuple(dict.fromkeys(finding.rule.word for finding in self.report.findings))
        return NewPreflight(self.setting, self.report.model_dump_json(exclude_defaults=True).encode(), failing)


class Policing:
    """``clock`` gives the time in UTC; its day is the day of filing."""

    def __init__(self, database: Database, library: Library, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._book = Book(library.policies, library.reference.billed_as)
        self._clock = clock

    def require(self, order: Order) -> Report:
        """What the payer wants for an order, without a word to the payer."""
        return check(order, self._book, order.filed_on or self._today())

    def review(self, request: PARequest) -> Report:
        """How a request stands today."""
        return check(request, self._book, self._today())

    async def preflight(self, caller: Key, request: PARequest) -> Preflight | None:
        """None where the tenant does not want it, or nothing is known of this payer's policies."""
        setting = await preflight_setting(self._database, caller.tenant)
        if setting is PreflightSetting.OFF:
            return None
        report = self.review(request)
        return Preflight(setting, report) if report.known else None

    async def recall(self, connection: asyncpg.Connection, case: Case) -> Preflight | None:
        """How the case stood when it was taken."""
        kept = await load_preflight(self._database, connection, case)
        if kept is None:
            return None
        try:
            return Preflight(kept.setting, Report.model_validate_json(kept.report))
        except ValidationError:  # written by another version of the gateway: the case is shown without it
            return None

    def _today(self) -> date:
        return self._clock().date()
