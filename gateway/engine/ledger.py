"""What notify needs kept of webhook deliveries, kept by the store: the two rooms do not know each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from gateway.contract.destination import Mode
from gateway.engine.pulse import Pulse
from gateway.notify.letters import Bearing, Letter, Room, Tried
from gateway.notify.payload import NotKnown, describe
from gateway.store import deliveries, webhooks
from gateway.store.database import Database
from gateway.store.deliveries import Allowance, Ended, Outgoing, Unreadable
from gateway.store.errors import StoreError
from gateway.store.recent import Once
from gateway.store.webhooks import Seen

LATE = timedelta(minutes=2)
"""A delivery that has been due for so long is late."""

REST = timedelta(minutes=10)
"""How long a delivery rests that cannot be read: somebody may mend it, or a later version read it."""

_EVENT = "events.data"
_SERVED_SECONDS = 60.0
_log = structlog.get_logger("engine.ledger")


class StoreLedger:
    """``gateway.notify.letters.Ledger`` on the store. While the database is away nothing is due, and what was tried
    will be again. ``pulse`` beats whenever letters were looked for; ``seconds`` only grow."""

    def __init__(self, database: Database, pulse: Pulse, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._pulse = pulse
        self._seconds = seconds
        self._served: dict[UUID, float] = {}
        self._told: Once[tuple[str, UUID]] = Once()

    async def take(self, room: Room) -> Sequence[Letter]:
        if not self._database.is_ours:
            return ()
        allowance = Allowance(room.free, room.doubtful, room.many, room.few, room.held, room.slow)
        try:
            found = await deliveries.claim_due_deliveries(self._database, allowance)
        except StoreError as error:
            _log.error("deliveries_not_taken", error=type(error).__name__)
            return ()
        self._served.update(dict.fromkeys((one.endpoint_id for one in found), self._seconds()))
        read = [_letter(one) if isinstance(one, Outgoing) else one for one in found]
        await self._put_off([one for one in read if isinstance(one, Unreadable)])
        self._pulse.beat()
        return [one for one in read if isinstance(one, Letter)]

    async def _put_off(self, unreadable: Sequence[Unreadable]) -> None:
        """What cannot be read waits until it can be, and the others go. It is told once."""
        for one in unreadable:
            if self._told.is_news((one.where, one.event_id if one.where == _EVENT else one.endpoint_id)):
                _log.error(
                    "delivery_not_readable",
                    where=one.where,
                    endpoint_id=one.endpoint_id,
                    event_id=one.event_id,
                    delivery_id=one.delivery_id,
                )
        try:
            if unreadable:
                await deliveries.put_off(self._database, unreadable, self._database.now() + REST)
        except StoreError as error:  # then it is due again when its time with us is over
            _log.error("deliveries_not_put_off", error=type(error).__name__, count=len(unreadable))

    async def keep(self, tried: Sequence[Tried]) -> None:
        ended = [Ended(of.letter.delivery_id, of.due_at, of.why, of.http_status) for of in tried]
        seen = {of.letter.endpoint_id: _seen(of) for of in tried if _is_news(of)}
        try:
            if seen:
                await webhooks.note_bearings(self._database, list(seen.values()))
            await deliveries.end_deliveries(self._database, ended)
        except StoreError as error:
            _log.error("deliveries_not_kept", error=type(error).__name__, count=len(ended))

    async def disable(self, letter: Letter, why: str) -> int | None:
        try:
            return await webhooks.disable_endpoint(self._database, letter.endpoint_id, why, letter.as_of)
        except StoreError as error:
            _log.error("endpoint_not_disabled", error=type(error).__name__, endpoint_id=letter.endpoint_id)
            return None

    async def delivers(self) -> bool:
        """False while letters are not looked for, or some are late that could go: an endpoint that works, or of which
        nothing is known, has waited for minutes and got nothing from here. One that fails or is slow may wait, and a
        heap that is being worked off takes its time: neither is a fault of ours. Raises StoreError."""
        if not await self._pulse.beats():
            return False
        now = self._seconds()
        self._served = {at: when for at, when in self._served.items() if now - when < _SERVED_SECONDS}
        late = await webhooks.find_late_endpoints(self._database, self._database.now() - LATE)
        return late <= self._served.keys()


def _is_news(tried: Tried) -> bool:
    return tried.bearing is Bearing.SILENT or tried.bearing is not tried.letter.bearing


def _seen(tried: Tried) -> Seen:
    letter, silent = tried.letter, tried.bearing is Bearing.SILENT
    silences = letter.silences + 1 if silent else 0
    return Seen(letter.endpoint_id, letter.as_of, webhooks.Bearing(tried.bearing), silences, tried.rests_until)


def _letter(found: Outgoing) -> Letter | Unreadable:
    event, live = found.event, found.mode is Mode.LIVE
    try:
        told = describe(event.id, event.type, event.at, event.case_id, event.sequence, live, event.data)
    except NotKnown:
        return Unreadable(found.id, found.endpoint_id, event.id, _EVENT)
    return Letter(
        delivery_id=found.id,
        endpoint_id=found.endpoint_id,
        url=found.url,
        secrets=found.secrets,
        live=live,
        tries=found.tries,
        event=told,
        as_of=found.as_of,
        bearing=Bearing(found.bearing) if found.bearing else None,
        silences=found.silences,
    )
