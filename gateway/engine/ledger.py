"""What notify needs kept of webhook deliveries, kept by the store: the two rooms do not know each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateway.contract.destination import Mode
from gateway.notify.delivery import Letter
from gateway.notify.payload import describe
from gateway.store import deliveries
from gateway.store.database import Database
from gateway.store.webhooks import disable_endpoint


class StoreLedger:
    """``gateway.notify.delivery.Ledger`` on the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, delivery_id: UUID) -> Letter | None:
        outgoing = await deliveries.load_delivery(self._database, delivery_id)
        if outgoing is None:
            return None
        event, live = outgoing.event, outgoing.mode is Mode.LIVE
        told = describe(event.id, event.type, event.at, event.case_id, event.sequence, live, event.data)
        return Letter(outgoing.id, outgoing.endpoint_id, outgoing.url, outgoing.secrets, live, outgoing.tries, told)

    async def delivered(self, letter: Letter, http_status: int) -> None:
        await deliveries.mark_delivered(self._database, letter.delivery_id, http_status)

    async def failed(self, letter: Letter, why: str, http_status: int | None, due_at: datetime | None) -> None:
        if due_at is None:
            await deliveries.mark_dead(self._database, letter.delivery_id, why, http_status)
        else:
            await deliveries.mark_failed(self._database, letter.delivery_id, due_at, why, http_status)

    async def disable(self, letter: Letter, why: str) -> None:
        await disable_endpoint(self._database, letter.endpoint_id, why)
