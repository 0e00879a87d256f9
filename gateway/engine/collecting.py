"""Asks a mailbox for messages, one at a time, and keeps each before its receipt goes back.

The receipt of the message kept last travels with the next question; killed between the two, the mailbox gives the same
message again, and it is found to be kept. Knows no channel.
"""

from __future__ import annotations

import asyncio
import secrets as chance
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from gateway.contract.adapter import Stamp
from gateway.contract.inbound import Collector, Partner
from gateway.engine import metrics
from gateway.engine.links import Turn
from gateway.store.database import Database
from gateway.store.mailroom import State, keep_message

_log = structlog.get_logger("engine.collecting")
_ALONE = 1
"""The number in a question's stamp: it opens no conversation, so none has to be drawn for it."""


async def collect(
    database: Database,
    turn: Turn,
    adapter: Collector,
    partner: Partner,
    receipt: str | None,
    most: int,
    stopping: asyncio.Event,
    went_on: Callable[[], Awaitable[None]],
    now: Callable[[], datetime],
) -> str | None:
    """Keep what lies there, up to ``most`` messages. The receipt that goes with the next question. ``went_on`` is
    awaited before each. Raises as the transport and the adapter do."""
    for _ in range(most):
        if stopping.is_set():
            break
        await went_on()
        stamp = Stamp(at=now(), number=_ALONE, seed=chance.token_hex(16))
        found = adapter.collected(await turn.say(adapter.collect(partner, stamp, receipt)), partner)
        if found is None:
            return None
        message, receipt = found
        kept = await keep_message(database, partner.connection, message.id, message.body)
        if not kept.same:
            metrics.ARRIVALS.labels(partner.connection, "contradicts").inc()
            _log.warning("message_contradicts", connection=partner.connection, arrival_id=kept.id)
        elif kept.fresh:
            _log.info("message_came", connection=partner.connection, arrival_id=kept.id, bytes=len(message.body))
        else:
            metrics.ARRIVALS.labels(partner.connection, State.REPEATED).inc()
    return receipt
