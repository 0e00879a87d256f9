"""What notify needs kept of webhook deliveries, kept by the store: the two rooms do not know each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog

from gateway.contract.destination import Mode
from gateway.engine.pulse import Pulse
from gateway.notify.delivery import Letter, Tried
from gateway.notify.payload import describe
from gateway.store import deliveries
from gateway.store.database import Database
from gateway.store.deliveries import Ended, Outgoing
from gateway.store.errors import StoreError
from gateway.store.webhooks import disable_endpoint

_log = structlog.get_logger("engine.ledger")


class StoreLedger:
    """``gateway.notify.delivery.Ledger`` on the store. While the database is away nothing is due, and what was tried
    will be again. ``pulse`` beats whenever letters were looked for."""

    def __init__(self, database: Database, pulse: Pulse) -> None:
        self._database = database
        self._pulse = pulse

    async def take(self, room: int, busy: Collection[UUID]) -> Sequence[Letter]:
        try:
            letters = [_letter(found) for found in await deliveries.claim_due_deliveries(self._database, room, busy)]
        except StoreError as error:
            _log.error("deliveries_not_taken", error=type(error).__name__)
            return ()
        self._pulse.beat()
        return letters

    async def keep(self, tried: Sequence[Tried]) -> None:
        ended = [Ended(of.letter.delivery_id, of.due_at, of.why, of.http_status) for of in tried]
        try:
            await deliveries.end_deliveries(self._database, ended)
        except StoreError as error:
            _log.error("deliveries_not_kept", error=type(error).__name__, count=len(ended))

    async def disable(self, letter: Letter, why: str) -> None:
        try:
            await disable_endpoint(self._database, letter.endpoint_id, why)
        except StoreError as error:
            _log.error("endpoint_not_disabled", error=type(error).__name__, endpoint_id=letter.endpoint_id)


def _letter(found: Outgoing) -> Letter:
    event, live = found.event, found.mode is Mode.LIVE
    told = describe(event.id, event.type, event.at, event.case_id, event.sequence, live, event.data)
    return Letter(found.id, found.endpoint_id, found.url, found.secrets, live, found.tries, told)
