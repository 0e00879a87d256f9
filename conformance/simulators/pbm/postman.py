"""Carries what PBMs have to say to our door: POST of XML with a name and a password, until it is taken.

Taken means: a 2xx whose body is a Status for this MessageID (or Error 900 with 220: it was taken before).
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from conformance.simulators.clock import Clock
from conformance.simulators.pbm.envelope import Unacceptable, parse
from conformance.simulators.pbm.misbehaviour import Kind
from conformance.simulators.pbm.outbox import Outbox, Sending, State
from conformance.simulators.pbm.partners import Pbm

_BEAT = 0.02
_PATIENCE = aiohttp.ClientTimeout(total=30)
_IMPATIENCE = aiohttp.ClientTimeout(total=0.05)
_MOST_ATTEMPTS = 40
_LONGEST_WAIT = 60.0
_HOPELESS = (413, 415)


@dataclass(slots=True)
class Callback:
    """Our door, from a PBM's side. ``{pbm}`` in the URL is the PBM's id."""

    url: str = ""
    username: str = "pbm"
    password: str = "demo-pbm-password"  # noqa: S105 - the published credential of a simulator

    def url_of(self, pbm: Pbm) -> str:
        return self.url.replace("{pbm}", pbm.id)


class Postman:
    """``tick`` does what is due before each round; ``log`` is told what was sent, the answer and the outcome."""

    def __init__(
        self,
        clock: Clock,
        outbox: Outbox,
        callback: Callback,
        tick: Callable[[], None],
        log: Callable[[str, str, bytes, bytes], None],
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self.callback = callback
        self._tick = tick
        self._log = log
        self._under_way: set[tuple[str, str]] = set()

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session, asyncio.TaskGroup() as group:
            while True:
                self._tick()
                for sending in self._outbox.due() if self.callback.url else ():
                    key = (sending.pbm.id, sending.reference)
                    if key not in self._under_way:
                        self._under_way.add(key)
                        group.create_task(self._carry(session, sending, key))
                await asyncio.sleep(_BEAT)

    async def _carry(self, session: aiohttp.ClientSession, sending: Sending, key: tuple[str, str]) -> None:
        sending.attempts += 1
        try:
            said, answer = await self._post(session, sending)
        finally:
            self._under_way.discard(key)
        sending.replies.append(said)
        self._log(sending.name, said, answer, sending.body)
        if said == "taken":
            self._outbox.delivered(sending)
        elif said.startswith("refused"):
            sending.state = State.REFUSED
        elif sending.attempts >= _MOST_ATTEMPTS:
            sending.state = State.GIVEN_UP
        else:
            sending.due = self._clock.now() + min(_LONGEST_WAIT, 2.0**sending.attempts)

    async def _post(self, session: aiohttp.ClientSession, sending: Sending) -> tuple[str, bytes]:
        kind = sending.order.kind if sending.order and sending.attempts == 1 else None
        password = "nobody's" if kind is Kind.STRANGER else self.callback.password
        coded = aiohttp.encode_basic_auth(self.callback.username, password)
        headers = {"Content-Type": "application/xml; charset=utf-8", "Authorization": coded}
        timeout = _IMPATIENCE if kind is Kind.HANGS_UP else _PATIENCE
        url = self.callback.url_of(sending.pbm)
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with session.post(url, data=io.BytesIO(sending.body), headers=headers, timeout=timeout) as response:
                answer = await response.read()
                return _judge(response.status, answer, sending), answer
        return "no answer", b""


def _judge(status: int, answer: bytes, sending: Sending) -> str:
    if status in _HOPELESS:
        return f"refused: HTTP {status}"
    if not 200 <= status < 300:
        return f"HTTP {status}"
    try:
        message = parse(answer)
    except Unacceptable:
        return "no XML"
    code = message.findtext("Body/Status/Code")
    if code is not None:
        related = message.findtext("Header/RelatesToMessageID")
        return "taken" if related == sending.id else "a Status for another message"
    error = message.findtext("Body/Error/Code")
    reasons = [element.text or "" for element in message.findall("Body/Error/DescriptionCode")]
    if error == "900":
        return "taken" if reasons == ["220"] else f"refused: 900 {' '.join(reasons)}".rstrip()
    return f"Error {error}"
