"""Asks a mailbox for messages, one at a time, and keeps each before its receipt goes back.

The receipt of the message kept last travels with the next question; killed between the two, the mailbox gives the same
message again, and it is found to be kept. Knows no channel.
"""

from __future__ import annotations

import secrets as chance
from collections.abc import AsyncIterator
from functools import partial

import structlog

from gateway.contract.adapter import Stamp
from gateway.contract.errors import TooLong
from gateway.contract.frames import Https, Reply
from gateway.contract.inbound import Collector, Partner
from gateway.engine import metrics
from gateway.engine.aside import read_aside
from gateway.engine.links import Place
from gateway.store.database import Database
from gateway.store.mailroom import State, keep_message

_log = structlog.get_logger("engine.collecting")
_ALONE = 1
"""The number in a question's stamp: it opens no conversation, so none has to be drawn for it."""


async def collect(
    database: Database, place: Place, adapter: Collector, partner: Partner, receipt: str | None, most: int
) -> AsyncIterator[str]:
    """Keep what lies there, up to ``most`` messages. After each, the receipt that goes with the next question; an empty
    one once there is no more. Raises as the transport and the adapter do."""
    for _ in range(most):
        stamp = Stamp(at=database.now(), number=_ALONE, seed=chance.token_hex(16))
        reply = await _answer(place, adapter.collect(partner, stamp, receipt))
        found = await read_aside(len(reply.body), partial(adapter.collected, reply, partner, stamp))
        if found is None:
            yield ""
            return
        message, receipt = found
        if not message.keep:
            yield receipt
            continue
        kept = await keep_message(database, partner.connection, message.id, message.body, message.sender)
        if not kept.same:
            # Nobody can be told that it is refused, and it is gone there with the next question.
            await keep_message(database, partner.connection, message.id, message.body, message.sender, beside=True)
            metrics.ARRIVALS.labels(partner.connection, "contradicts").inc()
            _log.warning("message_contradicts", connection=partner.connection, arrival_id=kept.id)
        elif kept.fresh:
            _log.info("message_came", connection=partner.connection, arrival_id=kept.id, bytes=len(message.body))
        else:
            metrics.ARRIVALS.labels(partner.connection, State.REPEATED).inc()
        yield receipt


async def _answer(place: Place, question: Https) -> Reply:
    """One that is too long is kept as far as it was read: else it came again with each question."""
    try:
        return await place.say(question)
    except TooLong as cut:
        return Reply(cut.status, (), cut.head)
