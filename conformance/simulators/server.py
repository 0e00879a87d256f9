"""The simulated payers on the network: one aiohttp server, a path for each way to speak, /sim for its operators.

Knows sockets and TLS. Writes no log: what came and went is kept in memory, for /sim/log.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from conformance.simulators.admin import Admin
from conformance.simulators.admin_post import PostAdmin
from conformance.simulators.batch import Batches
from conformance.simulators.clock import Clock
from conformance.simulators.desk import Duplicates
from conformance.simulators.deviations import ORDERS, AnyCredentials, Deviation, middleware, open_either_soap
from conformance.simulators.door import Door, Opened, open_soap
from conformance.simulators.envelope import Credentials
from conformance.simulators.json_x12 import KINDS, opener
from conformance.simulators.mime import open_mime
from conformance.simulators.misbehaviour import Order
from conformance.simulators.post import Post
from conformance.simulators.reception import Reception
from conformance.simulators.reviews import Reviews
from conformance.simulators.tokens import Tokens

if TYPE_CHECKING:
    from conformance.simulators.sftp import SftpDoor

MAX_BODY = 100 * 1024 * 1024
"""CAQH CORE attachment rule: at least 64 MB for one attachment; base64 makes it a third more."""


class CannotServe(Exception):
    """The address is taken or not ours, or a certificate cannot be read; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the simulator runs. ``latency`` is a list of seconds taken in turn, one for each answer."""

    username: str = "gateway"
    password: str = "demo-password"  # noqa: S105 - the published credential of a simulator
    client_id: str = "payer-gateway"
    client_secret: str = "demo-client-secret"  # noqa: S105 - as above
    client_key: str | None = None
    """The client's public key in PEM, where it signs assertions."""
    token_seconds: float = 300.0
    clock_factor: float = 1.0
    duplicates: Duplicates = "ta1"
    latency: tuple[float, ...] = ()
    slow_seconds: float = 3.0
    log_size: int = 1000
    tls_cert: str | None = None
    tls_key: str | None = None
    client_ca: str | None = None
    deviation: Deviation | None = None
    sftp_port: int | None = None
    """Where files are exchanged over SFTP, too; with the user name and password of the envelopes."""

    def tls(self) -> ssl.SSLContext | None:
        """The server's side of TLS; with ``client_ca`` every caller must show a certificate of that authority."""
        if self.tls_cert is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.deviation is Deviation.OLD_TLS:
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        try:
            context.load_cert_chain(self.tls_cert, self.tls_key)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except OSError as error:  # ssl's own errors among them
            raise CannotServe(
                f"A certificate cannot be used ({error.strerror}). Look at --tls-cert, --tls-key and --client-ca."
            ) from None
        return context


@dataclass(slots=True)
class Server:
    """A running simulator. ``url`` is where it listens."""

    options: Options
    reception: Reception
    tokens: Tokens
    url: str = ""
    sftp: SftpDoor | None = None
    _runner: web.AppRunner | None = None
    _site: web.TCPSite | None = None
    _host: str = ""
    _port: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    def prepare(cls, options: Options) -> Server:
        lax = options.deviation is Deviation.ANY_PASSWORD
        kind = AnyCredentials if lax else Credentials
        credentials = kind(options.username, options.password, required=options.client_ca is None)
        reception = Reception(
            Clock(options.clock_factor),
            credentials,
            duplicates=options.duplicates,
            slow_seconds=options.slow_seconds,
            log_size=options.log_size,
        )
        try:
            tokens = Tokens(
                options.client_id, options.client_secret, options.token_seconds, options.client_key, lax=lax
            )
        except (OSError, ValueError):
            raise CannotServe("The client's public key cannot be read. Look at --client-key.") from None
        if options.deviation is not None and (order := ORDERS.get(options.deviation)):
            reception.orders.give(Order(order, seconds=options.slow_seconds))
        return cls(options, reception, tokens)

    async def start(self, host: str, port: int) -> None:
        """Listens; port 0 takes a free one."""
        deviation = self.options.deviation
        app = web.Application(client_max_size=MAX_BODY, middlewares=[middleware(deviation)] if deviation else [])
        soap = open_either_soap if deviation is Deviation.SOAP_11 else open_soap
        doors: dict[str, Callable[[web.Request], Opened]] = {"/core": soap, "/mime": open_mime}
        doors |= {f"/x12/{kind}/x12": opener(kind, self.tokens) for kind in KINDS}
        for path, opened in doors.items():
            app.router.add_post(path, Door(self.reception, self.options.latency, opened).handle)
        batches = Batches(self.reception, self.reception.credentials)
        app.router.add_post("/batch", Door(batches, self.options.latency, batches.open).handle)
        reviews = Reviews(self.reception, self.tokens)
        reviews.add_routes(app)
        app.router.add_post("/token", self.tokens.give)
        Admin(self.reception, self.tokens, reviews, self.refuse_for).add_routes(app)
        if self.options.sftp_port is not None:
            self.sftp = await self._open_post(host, self.options.sftp_port)
            PostAdmin(self.sftp).add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        self._host = host
        await self._listen(port)
        scheme = "https" if self.options.tls_cert else "http"
        self.url = f"{scheme}://{host}:{self._port}"

    async def _open_post(self, host: str, port: int) -> SftpDoor:
        try:
            from conformance.simulators.sftp import SftpDoor
        except ModuleNotFoundError:
            raise CannotServe("SFTP needs an optional part: pip install 'payer-gateway[sftp]'.") from None
        door = SftpDoor(Post(self.reception), self.options.username, self.options.password)
        try:
            await door.start(host, port)
        except OSError:
            raise CannotServe(f"Cannot listen on {host}:{port}. Choose another with --sftp-port.") from None
        return door

    async def _listen(self, port: int) -> None:
        assert self._runner is not None  # noqa: S101 - start() sets it up
        self._site = web.TCPSite(
            self._runner, self._host, port, ssl_context=self.options.tls(), reuse_address=True, backlog=1024
        )
        try:
            await self._site.start()
        except OSError as error:
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror
            raise CannotServe(
                f"Cannot listen on {self._host}:{port} ({why}). Choose another with --port, and --host."
            ) from None
        self._port = self._runner.addresses[0][1]

    def refuse_for(self, seconds: float) -> None:
        """From a moment after this call nobody can connect; after ``seconds`` of real time they can again."""
        task = asyncio.get_running_loop().create_task(self._refuse(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _refuse(self, seconds: float) -> None:
        await asyncio.sleep(0.05)
        if self._site is None or self._runner is None or self._runner.server is None:
            return
        await self._site.stop()
        for connection in self._runner.server.connections:
            connection.force_close()
        await asyncio.sleep(seconds)
        await self._listen(self._port)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        if self.sftp is not None:
            await self.sftp.close()
        if self._runner is not None:
            await self._runner.cleanup()
