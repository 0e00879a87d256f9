"""A payer with a token endpoint, on real sockets, for tests of access tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from gateway.contract.destination import Mode
from gateway.contract.frames import Https
from gateway.profiles.authorization import ClientCredentials
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

CANARY = "s3cr3t/canary+&="
INVALID = {"WWW-Authenticate": 'Bearer realm="payer", error="invalid_token"'}
NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)
BEARER = '"token_type": "Bearer", "access_token": "t1"'


@dataclass
class Payer:
    """A token endpoint and what it guards. ``asked`` are token requests, ``said`` the tokens shown."""

    url: str = ""
    asked: list[tuple[dict[str, str], str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    grants: Callable[[int], web.Response] = lambda number: granted(f"token-{number}")
    answers: Callable[[int], web.Response] = lambda number: web.Response(text="done")
    waits: float = 0.0
    seconds: float = 0.0
    """What the transport's clock says."""

    def link(self, **changed: Any) -> Link:
        auth = ClientCredentials.model_validate(
            {
                "grant": "client_credentials",
                "token_endpoint": f"{self.url}/token",
                "client_id": "gateway",
                "proof": "client_secret_post",
                "secret": "rest-secret",
            }
            | changed
        )
        return Link("demo_rest", f"{self.url}/api", Mode.TEST, connect_seconds=2, deadline_seconds=3, auth=auth)

    def frame(self, *, effect: bool = True) -> Https:
        return Https(method="POST", url=f"{self.url}/api", effect=effect, body=(b"{}",), deadline=3)

    async def token(self, request: web.Request) -> web.Response:
        fields = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        self.asked.append((fields, request.headers.get("Authorization", "")))
        number = len(self.asked)
        await asyncio.sleep(self.waits)
        return self.grants(number)

    async def api(self, request: web.Request) -> web.Response:
        self.said.append(request.headers.get("Authorization", ""))
        return self.answers(len(self.said))


def granted(token: str, **more: Any) -> web.Response:
    return web.json_response({"access_token": token, "token_type": "bearer", "expires_in": 300} | more)


@asynccontextmanager
async def paying() -> AsyncIterator[tuple[Payer, HttpsTransport]]:
    payer = Payer()
    app = web.Application()
    app.router.add_post("/token", payer.token)
    app.router.add_post("/api", payer.api)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    payer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    transport = HttpsTransport(Secrets({"GATEWAY_SECRET_REST_SECRET": CANARY}), lambda: NOW, lambda: payer.seconds)
    try:
        yield payer, transport
    finally:
        await transport.close()
        await runner.cleanup()
