"""The demonstration's receiver of webhooks: verifies every signature, as a customer's would."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gateway.main.demo_journeys import Journey


class Receiver:
    """Notes on each journey what is told of its case."""

    def __init__(self, travelling: list[Journey]) -> None:
        self._travelling = travelling
        self.secret = ""
        self.verified = 0
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            Webhook(self.secret).verify(body.decode(), dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=400)
        self.verified += 1
        event = json.loads(body)
        self._note(event["data"])
        return web.Response(status=204)

    def _note(self, data: Mapping[str, Any]) -> None:
        for journey in self._travelling:
            if journey.case_id == data["case_id"]:
                journey.heard[data["sequence"]] = data


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[str]:
    """The receiver on a free port; its URL."""
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/hook"
    finally:
        await runner.cleanup()
