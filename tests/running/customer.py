"""A customer of the gateway: calls its API, receives its webhooks and checks their signatures."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.running.processes import PATIENCE


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Customer:
    """Holds one key. ``url`` is the gateway's."""

    url: str
    key: str
    session: ClientSession

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One call, whatever it is answered. Raises ClientError or TimeoutError when there is no answer."""
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        async with self.session.request(method, self.url + path, json=body, headers=sent) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def get(self, path: str) -> Any:
        """What a GET answers. Asked again while the gateway is away or says that it cannot work just now."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self.call("GET", path)
            except (ClientError, TimeoutError):
                assert time.monotonic() < deadline, "the gateway never came back"
            else:
                if answer.status != 503 or time.monotonic() > deadline:
                    assert answer.status == 200, (answer.status, answer.body)
                    return answer.json()
            await asyncio.sleep(0.2)

    async def submit(self, request: Mapping[str, Any], idempotency_key: str | None = None) -> str:
        """Hand in a request, again and again with one key until it is taken. The case's id."""
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = await self.call("POST", "/v1/requests", request, headers=headers)
            except (ClientError, TimeoutError):
                await asyncio.sleep(0.1)
                continue
            if answer.status == 202:
                case_id: str = answer.json()["id"]
                return case_id
            assert answer.status in (409, 503), (answer.status, answer.body)
            await asyncio.sleep(0.1)
        raise AssertionError("the request was never taken")

    async def case(self, case_id: str) -> Any:
        return await self.get(f"/v1/requests/{case_id}")

    async def trail(self, case_id: str) -> list[str]:
        """Every status the case had, in order."""
        events = (await self.get(f"/v1/requests/{case_id}/events"))["data"]
        statuses = [event["data"]["status"] for event in events]
        return [status for place, status in enumerate(statuses) if place == 0 or statuses[place - 1] != status]

    async def calls(self, case_id: str) -> list[str]:
        """Of every event of the case its status, and whom it calls and why."""
        events = (await self.get(f"/v1/requests/{case_id}/events"))["data"]
        told = [event["data"] for event in events]
        return [f"{one['status']}: {one['attention']}, {one['attention_why']}" for one in told]

    async def until_trail(self, case_id: str, *end: str) -> None:
        """Wait until the case's last statuses are these."""
        deadline = time.monotonic() + PATIENCE
        while (trail := await self.trail(case_id))[-len(end) :] != list(end):
            assert time.monotonic() < deadline, f"it went {trail}"
            await asyncio.sleep(0.1)

    async def entries(self, case_id: str, kind: str, verb: str | None = None) -> list[Any]:
        """The case's journal entries of a kind, and of a verb."""
        found = (await self.get(f"/v1/requests/{case_id}/raw"))["data"]
        return [
            entry for entry in found if entry["kind"] == kind and (verb is None or entry["meta"].get("verb") == verb)
        ]

    async def raw(self, case_id: str, n: int) -> bytes:
        answer = await self.call("GET", f"/v1/requests/{case_id}/raw/{n}")
        assert answer.status == 200, (answer.status, answer.body)
        return answer.body

    async def until(self, case_id: str, *statuses: str, seconds: float = PATIENCE) -> Any:
        """Wait until the case has one of these statuses. The case as it is then."""
        deadline = time.monotonic() + seconds
        while True:
            case = await self.case(case_id)
            if case["status"] in statuses:
                return case
            if time.monotonic() > deadline:
                trail, attention = await self.trail(case_id), case["attention"]
                raise AssertionError(f"it never was {' or '.join(statuses)} but went {trail}, attention {attention}")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def open_customer(url: str, key: str, seconds: float = 30.0) -> AsyncIterator[Customer]:
    async with ClientSession(timeout=ClientTimeout(total=seconds)) as session:
        yield Customer(url, key, session)


@dataclass
class Receiver:
    """A webhook receiver. It takes ``seconds`` over each message, and answers 500 ``failures`` times before it takes
    an event."""

    url: str = ""
    secret: str = ""
    failures: int = 0
    seconds: float = 0
    refused: int = 0
    """Messages whose signature does not hold."""
    bodies: list[bytes] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    """How often each event arrived, by its id."""
    events: dict[str, dict[int, Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    """What arrived of each case, by sequence."""
    _tried: Counter[str] = field(default_factory=Counter)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        await asyncio.sleep(self.seconds)
        try:
            Webhook(self.secret).verify(body.decode(), dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=400)
        event = json.loads(body)
        assert event["id"] == request.headers["webhook-id"]
        self._tried[event["id"]] += 1
        if self._tried[event["id"]] <= self.failures:
            return web.Response(status=500)
        self.taken[event["id"]] += 1
        self.events[event["data"]["case_id"]][event["data"]["sequence"]] = event["data"]
        return web.Response(status=204)

    async def until_taken(self, events: Collection[str]) -> None:
        """Wait until each of these events has arrived."""
        deadline = time.monotonic() + PATIENCE
        while missing := set(events) - set(self.taken):
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(missing)} of {len(events)} events never arrived")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def open_receiver(*, failures: int = 0, seconds: float = 0) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(failures=failures, seconds=seconds)
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"http://{host}:{port}/hook"
        yield receiver
    finally:
        await runner.cleanup()


async def subscribe(customer: Customer, receiver: Receiver) -> str:
    """Have every event of the customer sent to the receiver. The endpoint's id."""
    answer = await customer.call("POST", "/v1/webhooks", {"url": receiver.url})
    assert answer.status == 201, answer.body
    receiver.secret = answer.json()["secret"]
    endpoint: str = answer.json()["id"]
    return endpoint
