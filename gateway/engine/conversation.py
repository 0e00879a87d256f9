"""The conversation of one attempt with its payer: what the exchange says goes out, and what is heard goes in.

The frame that opens it is in the journal already. Each later one is kept there before it leaves, with the reply that
led to it, and with what the exchange has come to where it knows that already. Knows what the failure of one frame means
for the whole attempt; writes nothing of what it came to in the end.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from gateway.contract.errors import Challenged, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Frame, Reply
from gateway.engine.clerk import Clerk
from gateway.engine.leases import Begun, Leases
from gateway.engine.links import Place
from gateway.engine.told import Told
from gateway.model.outcome import Outcome

_log = structlog.get_logger("engine.conversation")


class Conversation:
    """One, not yet held."""

    def __init__(self, begun: Begun, place: Place, leases: Leases, clerk: Clerk) -> None:
        self._begun = begun
        self._place = place
        self._leases = leases
        self._clerk = clerk
        self._frame = begun.frame
        self._reply: Reply | None = None
        self._known: Outcome | None = None
        """What is written down already that it came to: no later frame takes that back."""
        self._done = False
        """True once a frame with an effect was said and the exchange went on: no later frame takes that back."""

    async def hold(self) -> Told:
        """What it came to, whatever payer and adapter do."""
        begun = self._begun
        outcome: Outcome | None = None
        error: ExchangeError | None = None
        try:
            outcome = await self._outcome()
        except ExchangeError as failure:
            error = self._of_attempt(failure)
        except Exception as failure:
            # An adapter that breaks on a reply must not lose the reply: it is kept, and a person looks.
            _log.error("adapter_failed", attempt_id=begun.attempt.id, exc_info=failure)
            error = Unreadable(f"the adapter broke on the reply ({type(failure).__name__})")
        finally:
            begun.exchange.close()
        if error is not None and self._known is not None:
            _log.warning("frame_lost", attempt_id=begun.attempt.id, error=type(error).__name__)
            outcome, error = self._known, None
        recorded = self._known is not None and outcome == self._known
        return replace(self._told(outcome, error), recorded=recorded)

    async def _outcome(self) -> Outcome:
        exchange = self._begun.exchange
        while True:
            heard = await self._say(self._frame)
            try:
                frame = exchange.send(heard) if isinstance(heard, Reply) else exchange.throw(heard)
            except StopIteration as stop:
                outcome: Outcome = stop.value
                return outcome
            except NeedsPerson as refusal:
                if isinstance(refusal, Challenged):
                    self._place.challenged(refusal)
                    raise
                if refusal is heard or refusal.only_this:
                    raise
                raise self._place.refused(refusal) from None
            known = None if frame.known is None else self._told(frame.known, None)
            await self._clerk.interim(self._begun.case.id, self._begun.attempt, self._reply, frame, known)
            self._known = frame.known or self._known
            self._done = self._done or self._frame.effect
            self._frame = frame

    def _told(self, outcome: Outcome | None, error: ExchangeError | None) -> Told:
        effect = self._done or self._frame.effect
        begun = self._begun
        return Told(begun.attempt, self._reply, outcome, error, effect, begun.again, lost=begun.lost)

    async def _say(self, frame: Frame) -> Reply | ExchangeError:
        """The reply; or what became of a frame without effect, for the exchange may know enough without its reply."""
        self._reply = None
        if frame is self._begun.frame or frame.effect:
            self._leases.check(self._begun.attempt)
        try:
            self._reply = await self._place.say(frame)
        except ExchangeError as lost:
            if frame.effect:
                raise
            return lost
        return self._reply

    def _of_attempt(self, failure: ExchangeError) -> ExchangeError:
        """What the failure of the latest frame means for the attempt. That this frame did nothing, or must wait for a
        person, proves nothing of an earlier one that had an effect: the attempt does not go again for it."""
        if self._done and isinstance(failure, NotSent | NeedsPerson):
            return MaybeSent(str(failure))
        return failure
