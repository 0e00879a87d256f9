"""`payer-gateway serve` and `work`: the processes that run until they are told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import structlog
from aiohttp import web

from gateway.api.app import Settings, build_app
from gateway.api.wire import Runner
from gateway.contract.destination import Mode
from gateway.contract.log import configure_logging
from gateway.main.config import BadConfig, Config
from gateway.main.house import House, key_file, open_house, port_file
from gateway.store.database import Database
from gateway.store.keys import Scope, create_key, list_keys
from gateway.store.routes import find_open_routes

_log = structlog.get_logger("main")
_TENANT = "default"


async def serve(config: Config) -> None:
    """API and workers in one process."""
    configure_logging()
    async with open_house(config) as house:
        await _tell_missing(house)
        await _first_key(house.database, config)
        settings = Settings.read(config.environment)
        app = build_app(house.desk, replace(settings, checks=house.checks, reception=house.reception))
        runner = Runner(app, access_log=None, shutdown_timeout=10.0)
        await runner.setup()
        site = web.TCPSite(runner, config.host, config.port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror  # asyncio's own text is a paragraph
            raise BadConfig(
                f"Cannot listen on {config.host}:{config.port} ({why or 'refused'}). "
                "Choose another with --port or GATEWAY_PORT, and GATEWAY_HOST."
            ) from None
        port = site._server.sockets[0].getsockname()[1] if config.port == 0 else config.port  # type: ignore[union-attr]
        here = config.at_port(port)
        try:
            with _leaving_port(here):
                await _run(house, f"listening on {here.url}")
        finally:
            await runner.cleanup()


@contextmanager
def _leaving_port(config: Config) -> Iterator[None]:
    """So that the command line finds the server of a data directory. Where that cannot be written it must be told."""
    path, line = port_file(config), f"{config.port}\n"
    with suppress(OSError):
        path.write_text(line)
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text() == line:  # else another server has come since
                path.unlink()


async def work(config: Config) -> None:
    """Workers only."""
    configure_logging()
    async with open_house(config) as house:
        await _tell_missing(house)
        await _run(house, "working")


async def _tell_missing(house: House) -> None:
    """Log of which open submissions the profiles are missing. They wait, and call an operator; all others go on."""
    async with house.database.connection() as connection:
        routes = await find_open_routes(connection)
    for route in routes:
        if found := house.library.missing(route.payer, route.connection, route.channel, route.mode):
            _log.error(
                "profile_missing",
                where=found.where,
                payer=route.payer,
                connection=route.connection,
                mode=route.mode,
                count=route.count,
            )


async def _run(house: House, ready: str) -> None:
    """Work until told to stop. Who reads that it is ``ready`` may tell it so at once."""
    _calm_collector()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, house.worker.stop)
    print(ready, flush=True)
    await house.worker.run()
    _log.info("stopped")


def _calm_collector() -> None:
    """Look for garbage less often, and never among what the start has made: profiles, tables, schemas, code.

    Measured: a quarter of the processor time of taking a request went into looking, with Python's own thresholds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


async def _first_key(database: Database, config: Config) -> None:
    """On a laptop the first start makes a test key, so that the command line works at once. Never a live one, and none
    where somebody has made keys before."""
    if config.database_url is not None or await list_keys(database, _TENANT):
        return
    _, token = await create_key(database, _TENANT, Mode.TEST, "first key", list(Scope))
    path = key_file(config)
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token + "\n")
