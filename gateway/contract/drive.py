"""The sync driver: runs an exchange against a function. Tests, previews and replay use it; the engine has its own."""

from __future__ import annotations

from collections.abc import Callable

from gateway.contract.adapter import Exchange
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Frame, Reply
from gateway.model.outcome import Outcome


def drive(exchange: Exchange, say: Callable[[Frame], Reply]) -> Outcome:
    """The outcome of an exchange whose frames are answered by ``say``. Errors of either side pass through.

    That of a frame without effect is first raised in the exchange, which may know enough without its reply. What was
    ``known`` when a frame left stays known.
    """
    known: Outcome | None = None
    try:
        frame = next(exchange)
        while True:
            known = frame.known or known
            try:
                reply = say(frame)
            except ExchangeError as lost:
                if frame.effect:
                    raise
                frame = exchange.throw(lost)
            else:
                frame = exchange.send(reply)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    except ExchangeError:
        if known is None:
            raise
        return known


def first_frame(exchange: Exchange) -> Frame:
    """What the exchange would say first. Nothing is sent. Raises CannotExpress as the adapter does."""
    try:
        return next(exchange)
    finally:
        exchange.close()
