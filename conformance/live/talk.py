"""What is said to a payer and heard from it, over the gateway's own transport: kept as it was, with its times.

Sends what it is given, once, when ``Leave`` lets it. Judges nothing.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from time import perf_counter

from conformance.live.leave import Leave
from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson
from gateway.contract.frames import Https, Reply
from gateway.model.outcome import Outcome
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link

_NUMBERS_A_SECOND = 20
"""How far two runs that begin a second apart are apart in their control numbers."""


@dataclass(frozen=True)
class Said:
    """One message and what came of it. ``number`` counts from 1 in a run, ``step`` says what it was for."""

    number: int
    step: str
    frame: Https = field(repr=False)
    reply: Reply | None = field(repr=False)
    error: ExchangeError | None
    at: datetime
    seconds: float


@dataclass(frozen=True)
class Talk:
    """One exchange of an adapter. Exactly one of ``outcome`` and ``error``."""

    step: str
    said: tuple[Said, ...]
    outcome: Outcome | None
    error: ExchangeError | None


class Stamps:
    """Numbers and times of this run. A control number is never used again for a year and more."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self._next = int(now().timestamp()) * _NUMBERS_A_SECOND

    def draw(self) -> Stamp:
        self._next += 1
        return Stamp(at=self.now(), number=self._next % 999_999_998 + 1, seed=token_hex(16))


class Line:
    """The line to the payer."""

    def __init__(self, transport: HttpsTransport, link: Link, leave: Leave) -> None:
        self._transport = transport
        self._leave = leave
        self._effects = 0
        self.link = link
        self.said: list[Said] = []

    async def say(
        self, step: str, frame: Https, transport: HttpsTransport | None = None, link: Link | None = None
    ) -> Said:
        """Send a frame once. Raises Refused before anything leaves; errors of the line are kept, not raised."""
        self._leave.check(frame, self._effects)
        self._effects += frame.effect
        at, began = datetime.now(UTC), perf_counter()
        reply: Reply | None = None
        failure: ExchangeError | None = None
        try:
            reply = await (transport or self._transport).send(frame, link or self.link)
        except ExchangeError as error:
            failure = error
        except CancelledError:
            failure = MaybeSent("stopped before an answer came")
            raise
        finally:
            said = Said(len(self.said) + 1, step, frame, reply, failure, at, perf_counter() - began)
            self.said.append(said)
        return said

    async def close(self) -> None:
        await self._transport.close()

    async def hold(self, step: str, exchange: Exchange) -> Talk:
        """An adapter's exchange from its first frame to its outcome."""
        said: list[Said] = []
        try:
            frame = next(exchange)
            while True:
                if not isinstance(frame, Https):
                    raise NeedsPerson("a live run speaks HTTPS, and this carrier puts files down")
                said.append(await self.say(step, frame))
                if (failure := said[-1].error) is not None:
                    return Talk(step, tuple(said), None, failure)
                frame = exchange.send(said[-1].reply or Reply(status=0))
        except StopIteration as stop:
            return Talk(step, tuple(said), stop.value, None)
        except ExchangeError as error:
            return Talk(step, tuple(said), None, error)
        finally:
            exchange.close()
