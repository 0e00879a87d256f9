"""The sync driver: runs an exchange against a function. Tests, previews and replay use it; the engine has its own."""

from __future__ import annotations

from collections.abc import Callable

from gateway.contract.adapter import Exchange
from gateway.contract.frames import Frame, Reply
from gateway.model.outcome import Outcome


def drive(exchange: Exchange, say: Callable[[Frame], Reply]) -> Outcome:
    """The outcome of an exchange whose frames are answered by ``say``. Errors of either side pass through."""
    try:
        frame = next(exchange)
        while True:
            frame = exchange.send(say(frame))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    finally:
        exchange.close()


def first_frame(exchange: Exchange) -> Frame:
    """What the exchange would say first. Nothing is sent. Raises CannotExpress as the adapter does."""
    try:
        return next(exchange)
    finally:
        exchange.close()
