"""The simulated PBMs on the network: ``POST /script``, ``/sim`` for operators, and what they send to our door."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import web

from conformance.simulators.clock import Clock
from conformance.simulators.pbm.admin import Admin, Log
from conformance.simulators.pbm.desk import Desk
from conformance.simulators.pbm.door import Door
from conformance.simulators.pbm.envelope import MAX_BYTES
from conformance.simulators.pbm.misbehaviour import Orders
from conformance.simulators.pbm.outbox import Outbox
from conformance.simulators.pbm.postman import Callback, Postman

PATH = "/script"


class CannotListen(Exception):
    """The address is taken or not ours."""


@dataclass(frozen=True, slots=True)
class PbmOptions:
    """``callback`` is the URL of our door, ``{pbm}`` in it the PBM's id; without one, messages wait until
    ``POST /sim/callback`` names it."""

    port: int = 9830
    username: str = "gateway"
    password: str = "demo-password"  # noqa: S105 - the published credential of a simulator
    callback: Callback = field(default_factory=Callback)


class PbmServer:
    """``url`` is where it listens, once it does."""

    def __init__(self, options: PbmOptions, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        orders, self._log = Orders(), Log(clock)
        self._options, self._tls = options, tls
        outbox = Outbox(clock, orders)
        desk = Desk(clock, outbox)
        door = Door(desk, outbox, orders, (options.username, options.password), self._log.note)
        self._postman = Postman(clock, outbox, options.callback, desk.tick, self._log.note)
        self._app = web.Application(client_max_size=MAX_BYTES)
        self._app.router.add_post(PATH, door.handle)
        Admin(clock, desk, outbox, orders, options.callback, door, self._log).add_routes(self._app)
        self._runner: web.AppRunner | None = None
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self, host: str) -> None:
        """Port 0 takes a free one. Raises CannotListen."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, self._options.port, ssl_context=self._tls, reuse_address=True).start()
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise CannotListen(
                f"Cannot listen on {host}:{self._options.port} ({why}). Choose another with --pbm-port."
            ) from None
        port = self._runner.addresses[0][1]
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}"
        self._task = asyncio.create_task(self._postman.run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._runner is not None:
            await self._runner.cleanup()
