"""The payers' door: messages that the other side of a connection sends to us.

A message is kept, committed, before it is acknowledged; from then on it is a file that came (``mailroom``). The same
message again is acknowledged in the same words, and another one under its id is refused. Knows no HTTP and no channel.
"""

from __future__ import annotations

import hmac
import secrets as chance
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from gateway.contract.adapter import Adapter, Stamp
from gateway.contract.inbound import Doorkeeper, Partner, Refused, Said
from gateway.engine import metrics
from gateway.engine.aside import read_aside
from gateway.profiles.inbound import Inbound
from gateway.profiles.library import Library
from gateway.store.database import Database
from gateway.store.mailroom import State, keep_message
from gateway.transport.secrets import Secrets

_log = structlog.get_logger("engine.reception")
_ALONE = 1
"""The number in the stamp of an acknowledgement: it opens no conversation, so none has to be drawn for it."""


class NoDoor(Exception):
    """Nobody may send messages over a connection of this name."""


class Stranger(Exception):
    """The caller is not whom the connection's profile names."""


class Reception:
    """``adapters`` by channel; ``clock`` gives the time in UTC."""

    def __init__(
        self,
        database: Database,
        library: Library,
        adapters: Mapping[str, Adapter],
        secrets: Secrets,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._library = library
        self._adapters = adapters
        self._secrets = secrets
        self._clock = clock

    def most_bytes(self, connection: str) -> int:
        """How long a message over this connection may be. Raises NoDoor."""
        return self._door(connection)[0].max_message_bytes

    def admit(self, connection: str, user: bytes, password: bytes) -> None:
        """Raises NoDoor, Stranger, and NeedsPerson where a secret is missing. A wrong name is refused in the time of a
        wrong password."""
        inbound, _, _ = self._door(connection)
        names = hmac.compare_digest(user, self._secrets.value(inbound.user))
        words = hmac.compare_digest(password, self._secrets.value(inbound.password))
        if not (names and words):
            metrics.ARRIVALS.labels(connection, "stranger").inc()
            raise Stranger

    async def receive(self, connection: str, media_type: str, body: bytes) -> Said:
        """Keep a message of somebody who was admitted, and acknowledge it; or what is said where it is not taken."""
        _, keeper, partner = self._door(connection)
        now = self._clock()
        fresh = Stamp(at=now, number=_ALONE, seed=chance.token_hex(16))
        try:
            message = await read_aside(len(body), lambda: keeper.admit(body, media_type, partner, fresh))
        except Refused as refused:
            metrics.ARRIVALS.labels(connection, "refused").inc()
            _log.warning("message_refused", connection=connection, bytes=len(body), reason=str(refused))
            return refused.answer
        if not message.keep:
            return await read_aside(len(body), lambda: keeper.acknowledge(message, partner, fresh))
        kept = await keep_message(self._database, connection, message.id, message.body, message.sender)
        stamp = Stamp(at=kept.at, number=_ALONE, seed=kept.id.hex)
        if not kept.same:
            metrics.ARRIVALS.labels(connection, "contradicts").inc()
            _log.warning("message_contradicts", connection=connection, arrival_id=kept.id, bytes=len(body))
            return await read_aside(len(body), lambda: keeper.contradict(message, partner, stamp))
        if kept.fresh:
            _log.info("message_came", connection=connection, arrival_id=kept.id, bytes=len(body))
        else:
            metrics.ARRIVALS.labels(connection, State.REPEATED).inc()
        return await read_aside(len(body), lambda: keeper.acknowledge(message, partner, stamp))

    def _door(self, connection: str) -> tuple[Inbound, Doorkeeper, Partner]:
        try:
            profile = self._library.connection(connection)
        except KeyError:
            raise NoDoor from None
        adapter = self._adapters.get(profile.channel)
        if profile.inbound is None or not isinstance(adapter, Doorkeeper):
            raise NoDoor
        try:
            partner = self._library.partner(connection, self._clock().date())
        except KeyError:
            raise NoDoor from None
        return profile.inbound, adapter, partner
