"""The conversation of one attempt with its payer: what the exchange says goes out, and what is heard goes in.

The frame that opens it is in the journal already. Each later one is kept there before it leaves, with the reply that
led to it, and with what the exchange has come to where it knows that already. Knows what the failure of one frame means
for the whole attempt; writes nothing of what it came to in the end.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

import structlog

from gateway.contract.errors import Challenged, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Evidence, Frame, Reply, Turn
from gateway.engine.clerk import Clerk
from gateway.engine.leases import Begun, Leases
from gateway.engine.links import Place
from gateway.engine.told import Told
from gateway.model.outcome import Outcome
from gateway.store.records import Submission, Verb

_log = structlog.get_logger("engine.conversation")

LONGEST = 900.0
"""Seconds after which no further page of a conversation is turned: a site that leads in circles ends."""


class Conversation:
    """One, not yet held."""

    def __init__(self, begun: Begun, place: Place, leases: Leases, clerk: Clerk) -> None:
        self._begun = begun
        self._place = place
        self._leases = leases
        self._clerk = clerk
        self._attempt = begun.attempt
        """As it was written last: one that said something with an effect counts as sent anew."""
        self._ends = asyncio.get_running_loop().time() + LONGEST
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
            if isinstance(self._frame, Turn) and asyncio.get_running_loop().time() > self._ends:
                raise self._too_long()
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
            lease = None if known or self._known else self._leases.length(self._submission)
            case_id, attempt = self._begun.case.id, self._attempt
            self._done = self._done or self._frame.effect
            self._attempt = await self._clerk.interim(case_id, attempt, self._reply, frame, lease, known)
            self._known = frame.known or self._known
            self._frame = frame

    def _told(self, outcome: Outcome | None, error: ExchangeError | None) -> Told:
        effect = self._done or self._frame.effect
        begun = self._begun
        return Told(self._attempt, self._reply, outcome, error, effect, begun.again, lost=begun.lost)

    async def _say(self, frame: Frame) -> Reply | ExchangeError:
        """The reply; or what became of a frame without effect, for the exchange may know enough without its reply."""
        self._reply = None
        if frame is self._begun.frame or frame.effect:
            self._leases.check(self._attempt)
        try:
            async with self._limited(frame):
                self._reply = await self._place.say(frame)
        except TimeoutError:
            if frame.effect:
                raise MaybeSent("the page was not done with in time") from None
            return NotSent("the page was not done with in time")
        except ExchangeError as lost:
            if frame.effect:
                raise
            return lost
        # Whoever reads the page that came of it may not know that page: nothing said of it takes the effect back.
        self._done = self._done or (frame.effect and isinstance(frame, Turn))
        return self._reply

    @property
    def _submission(self) -> Submission:
        return self._begun.case.submission(self._attempt.submission_id)

    def _limited(self, frame: Frame) -> AbstractAsyncContextManager[object]:
        """A page that hangs is let go of before others may take the attempt for lost; all else ends by itself."""
        if not isinstance(frame, Turn):
            return nullcontext()
        return asyncio.timeout(self._leases.turn(self._submission).total_seconds())

    def _too_long(self) -> NotSent:
        return NotSent(f"the conversation took more than {LONGEST / 60:g} minutes")

    def _of_attempt(self, failure: ExchangeError) -> ExchangeError:
        """What the failure of the latest frame means for the attempt. That this frame did nothing, or must wait for a
        person, proves nothing of an earlier one that had an effect: the attempt does not go again for it."""
        if self._done and isinstance(failure, NotSent | NeedsPerson):
            return _with(failure.evidence, MaybeSent(str(failure)))
        asks = self._attempt.verb is Verb.INQUIRE
        if isinstance(failure, MaybeSent) and not (asks or self._done or self._frame.effect):
            return _with(failure.evidence, NotSent(str(failure)))
        return failure


def _with(evidence: tuple[Evidence, ...], error: ExchangeError) -> ExchangeError:
    error.evidence = evidence
    return error
