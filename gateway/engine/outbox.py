"""The ledger of webhook deliveries for ``gateway.notify``, kept in the store.

Notify and store do not know each other; this is where they meet.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateway.contract.destination import Mode
from gateway.notify.delivery import Letter
from gateway.notify.payload import describe
from gateway.store import deliveries, webhooks
from gateway.store.database import Database


class Outbox:
    """What ``gateway.notify.delivery.Courier`` reads and writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, delivery_id: UUID) -> Letter | None:
        found = await deliveries.load_delivery(self._database, delivery_id)
        if found is None:
            return None
        event, live = found.event, found.mode is Mode.LIVE
        told = describe(event.id, event.type, event.at, event.case_id, event.sequence, live, event.data)
        return Letter(found.id, found.endpoint_id, found.url, found.secrets, live, found.tries, told)

    async def delivered(self, letter: Letter, http_status: int) -> None:
        await deliveries.mark_delivered(self._database, letter.delivery_id, http_status)

    async def failed(self, letter: Letter, why: str, http_status: int | None, due_at: datetime | None) -> None:
        if due_at is None:
            await deliveries.mark_dead(self._database, letter.delivery_id, why, http_status)
        else:
            await deliveries.mark_failed(self._database, letter.delivery_id, due_at, why, http_status)

    async def disable(self, letter: Letter, why: str) -> None:
        await webhooks.disable_endpoint(self._database, letter.endpoint_id, why)
