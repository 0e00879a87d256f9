"""The composition root: opens the database, loads profiles and adapters, and puts the rooms together.

The only place that knows every part. Adapters, ours and third parties', come through entry points.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import structlog

from gateway.contract.adapter import Adapter
from gateway.engine.desk import Desk
from gateway.engine.ledger import StoreLedger
from gateway.engine.links import Links
from gateway.engine.mailroom import Mailroom
from gateway.engine.portals import StoreChallenges, StoreVault
from gateway.engine.pulse import Pulse
from gateway.engine.queue import Queue
from gateway.engine.reception import Reception
from gateway.engine.sorting import Sorter
from gateway.engine.walk import Walker
from gateway.engine.worker import Worker
from gateway.main.config import BadConfig, Config
from gateway.notify.delivery import Courier
from gateway.notify.reach import SETTING, Reach
from gateway.notify.sender import Sender
from gateway.profiles.library import Library
from gateway.store.cluster import is_made
from gateway.store.database import Database
from gateway.store.master_key import load_master_key
from gateway.store.schema import migrate
from gateway.store.server import EmbeddedServer, find_or_start
from gateway.transport.files import Files
from gateway.transport.portal import Portals
from gateway.transport.secrets import Secrets

_log = structlog.get_logger("main.house")
_WATCH_SECONDS = 1.0
_SILENT = 30.0
_TIME_SECONDS = 60.0
_KEY_SECONDS = 5.0


@dataclass(frozen=True)
class House:
    """Everything a process needs, open."""

    config: Config
    database: Database
    library: Library
    queue: Queue
    walker: Walker
    desk: Desk
    reception: Reception
    worker: Worker
    checks: Mapping[str, Callable[[], Awaitable[bool]]]
    """Whether the loops that work here do; none where only others work."""


def load_adapters() -> dict[str, Adapter]:
    """Every installed adapter by channel."""
    adapters: dict[str, Adapter] = {}
    for entry in entry_points(group="payer_gateway.adapters"):
        adapter: Adapter = entry.load()
        adapters[adapter.channel] = adapter
    return adapters


def load_library(config: Config, adapters: Mapping[str, Adapter]) -> Library:
    """The checked profiles. Raises ProfileFaults with every fault."""
    prefix = "GATEWAY_ENDPOINT_"
    endpoints = {
        name.removeprefix(prefix).lower(): url for name, url in config.environment.items() if name.startswith(prefix)
    }
    return Library.load(config.mappings, adapters, endpoints)


@asynccontextmanager
async def open_database(config: Config, *, make: bool = True) -> AsyncIterator[tuple[Database, str]]:
    """The store, migrated, and its address: an outside database, or the embedded server of the data directory.

    Who only reads, or takes away, has nothing to ``make``: it is told when there is no database where it looks.
    """
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_server(config, make=make))
        create = make and config.database_url is None
        key = load_master_key(config.environment, master_key_file(config), create=create)
        database = await Database.open(url, key)
        stack.push_async_callback(database.close)
        await stack.enter_async_context(_keeping(database.read_time, _TIME_SECONDS, "time_not_read"))
        await stack.enter_async_context(_keeping(database.check_master_key, _KEY_SECONDS, "master_key_not_confirmed"))
        yield database, url


@asynccontextmanager
async def open_server(config: Config, *, make: bool) -> AsyncIterator[str]:
    """The address of the database, migrated; its server runs until the context ends."""
    async with AsyncExitStack() as stack:
        url = config.database_url
        if url is None:
            if not make and not is_made(config.data):
                raise BadConfig(
                    f"There is no database in {config.data}: name the gateway's own data directory with --data or "
                    f"GATEWAY_DATA, or its PostgreSQL with DATABASE_URL."
                )
            # Root's server runs as a user of its own, which must be able to pass through to its cluster.
            _make(config.data, mode=0o711 if os.geteuid() == 0 else 0o700)
            server = await stack.enter_async_context(_embedded(config.data))
            url = server.url()
        await migrate(url)
        yield url


def _make(data: Path, mode: int) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=mode)
        writable = os.access(data, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise BadConfig(f"{data} is no directory that can be written in: name another with --data or GATEWAY_DATA.")


@asynccontextmanager
async def _embedded(data: Path) -> AsyncIterator[EmbeddedServer]:
    """The embedded server of a data directory, brought back whenever it dies: nobody else would."""
    server = await asyncio.to_thread(find_or_start, data)
    leaving = asyncio.Event()

    async def watch() -> None:
        while not leaving.is_set():
            try:
                await asyncio.wait_for(leaving.wait(), _WATCH_SECONDS)
            except TimeoutError:
                try:
                    await asyncio.to_thread(server.start)
                except Exception as error:  # CannotStart, or what the system refuses: it is tried again
                    _log.error("database_not_brought_back", exc_info=error)

    watching = asyncio.create_task(watch())
    try:
        yield server
    finally:
        leaving.set()
        await watching
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _keeping(act: Callable[[], Awaitable[None]], seconds: float, failed: str) -> AsyncIterator[None]:
    """Does this again and again, whether it fails or not: clocks drift, and a master key may be replaced."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except Exception as error:
                _log.warning(failed, exc_info=error)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


@asynccontextmanager
async def open_house(config: Config) -> AsyncIterator[House]:
    """The whole gateway, open until the context ends."""
    adapters = load_adapters()
    library = load_library(config, adapters)
    reach = _reach(config)
    async with AsyncExitStack() as stack:
        database, url = await stack.enter_async_context(open_database(config))
        queue = Queue(url, heartbeat=config.heartbeat)
        secrets = Secrets(config.environment)
        mail = Files(secrets)
        vault, challenges = StoreVault(database), StoreChallenges(database)
        portals = Portals(secrets, vault, challenges, config.environment, database.now)
        links = await stack.enter_async_context(Links.open(library, config.environment, database.now, mail, portals))
        walker = Walker(database, queue, library, adapters, links, database.now)
        sender = await stack.enter_async_context(Sender(reach))
        # A turn of these two loops is a pause of sweep_seconds and little work.
        timers, webhooks = (Pulse(_SILENT + 2 * config.sweep) for _ in range(2))
        ledger = StoreLedger(database, webhooks)
        courier = Courier(ledger, sender, database.now)
        worker = Worker(
            database,
            queue,
            walker,
            links,
            courier,
            timers,
            Mailroom(database, library, links, Sorter(database, queue, walker.scripts, walker.clerk, adapters)),
            concurrency=config.concurrency,
            sweep_seconds=config.sweep,
        )
        desk = Desk(database, queue, library, adapters, walker, database.now)
        checks = {"queue": queue.pulse.beats, "timers": timers.beats, "webhooks": ledger.delivers}
        reception = Reception(database, library, adapters, secrets, database.now)
        checks = checks if config.concurrency else {}
        yield House(config, database, library, queue, walker, desk, reception, worker, checks)


def _reach(config: Config) -> Reach:
    try:
        return Reach.read(config.environment.get(SETTING, ""))
    except ValueError:
        raise BadConfig(f"{SETTING} must be 1, 0, or networks with commas between, like 10.20.0.0/16.") from None


def master_key_file(config: Config) -> Path:
    """Where the master key is kept, unless the environment holds it."""
    return config.data / "master.key"


def port_file(config: Config) -> Path:
    """Where a server that runs leaves its port for the command line."""
    return config.data / "port"


def key_file(config: Config) -> Path:
    """Where the first start leaves a test key for the command line to use."""
    return config.data / "test.key"
