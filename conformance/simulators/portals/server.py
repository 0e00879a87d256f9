"""The simulated portals on the network: ``/ironwood/``, ``/juniper/``, and ``/sim`` for operators, on one port."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass

from aiohttp import web

from conformance.simulators.clock import Clock
from conformance.simulators.portals.accounts import Accounts
from conformance.simulators.portals.admin import Admin
from conformance.simulators.portals.ironwood import routes as ironwood_routes
from conformance.simulators.portals.ironwood.site import Ironwood
from conformance.simulators.portals.juniper import routes as juniper_routes
from conformance.simulators.portals.juniper.site import Juniper
from conformance.simulators.portals.totp import code

MAX_BODY = 40 * 1024 * 1024
"""More than any page takes, so that who sends too much hears it from the page."""


class CannotOpen(Exception):
    """The address is taken or not ours, or the secret of one-time codes is none; the text says what to do."""


@dataclass(frozen=True, slots=True)
class PortalOptions:
    """``session_seconds`` are virtual, and so is everything that a portal counts but one-time codes."""

    port: int = 9840
    username: str = "portal"
    password: str = "demo-portal-password"  # noqa: S105 - the published credential of a simulator
    totp_secret: str = "GEZDGNBVGY3TQOJQ"  # noqa: S105 - as above: base32 of 1234567890
    session_seconds: float = 20 * 60.0


class PortalServer:
    """``url`` is where it listens, once it does."""

    def __init__(self, options: PortalOptions, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        try:
            code(options.totp_secret, 0)
        except ValueError:
            raise CannotOpen("SIM_PORTAL_TOTP_SECRET is no base32.") from None
        self._options, self._tls = options, tls
        ironwood, juniper = (
            Accounts(clock, options.username, options.password, options.totp_secret) for _ in ("ironwood", "juniper")
        )
        self.ironwood = Ironwood(clock, ironwood, options.session_seconds, secure=tls is not None)
        self.juniper = Juniper(clock, juniper, options.session_seconds)
        self._app = web.Application(client_max_size=MAX_BODY)
        ironwood_routes.add_routes(self.ironwood, self._app)
        juniper_routes.add_routes(self.juniper, self._app)
        Admin(clock, self.ironwood, self.juniper).add_routes(self._app)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, host: str) -> None:
        """Port 0 takes a free one. Raises CannotOpen."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, self._options.port, ssl_context=self._tls, reuse_address=True).start()
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise CannotOpen(
                f"Cannot listen on {host}:{self._options.port} ({why}). Choose another with --portal-port."
            ) from None
        self.url = f"{'https' if self._tls else 'http'}://{host}:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
