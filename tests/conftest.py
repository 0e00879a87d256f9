"""What tests share: one PostgreSQL per run, and a fresh migrated database per test.

DATABASE_URL, if set, names the server to make those databases on; its role needs CREATEDB.
"""

from __future__ import annotations

import asyncio
import difflib
import gc
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from gateway.model.record import Record
from gateway.store import server as embedded
from tests.running.memory import in_memory

# What thousands of tests are made of lives as long as the run does; looking through it for garbage, again and again,
# took a sixth of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, among what tests leave behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on which a test may make databases."""

    url: str

    def at(self, database: str) -> str:
        """The address of one of its databases."""
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def execute(self, statement: str) -> None:
        """Run a statement in the server's own database, outside any transaction."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _wait(run())


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL of this test run."""
    if outside := os.environ.get("DATABASE_URL"):
        yield Server(outside)
        return
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-tests-", dir=in_memory()))
    folder.chmod(0o711)  # as root the server runs as another user, who must get in
    own = embedded.EmbeddedServer(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(embedded.PINNED, "fsync", "off")  # nobody pulls the plug on a test; kill -9 loses nothing
        patch.setitem(embedded.PINNED, "autovacuum", "off")  # its worker is the superuser's, and DROP cannot end it
        patch.setitem(embedded.PINNED, "max_wal_size", "128MB")  # or the log of what tests did fills the memory
        own.start()
    try:
        yield Server(own.url())
    finally:
        own.stop()
        shutil.rmtree(own.home)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated_template(server: Server) -> Iterator[str]:
    """The name of a migrated database, which copies are made of."""
    from gateway.store.schema import migrate  # tests that need no database run without it

    name = f"template_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    _wait(migrate(server.at(name)))
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared_database_url(server: Server, migrated_template: str) -> Iterator[str]:
    """The address of one migrated database, for tests that each keep to a tenant of their own."""
    name = f"shared_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY")
    yield server.at(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(server: Server, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY")
    yield server.at(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a loop of its own: asyncio.run would take away the one pytest-asyncio has set."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""A busy machine is no fault of the code."""
settings.register_profile(
    "project", _PATIENT, derandomize=True, max_examples=40
)  # a change is judged by its own faults, not by luck
settings.register_profile("wide", _PATIENT, max_examples=300)  # make wide: other examples each time
settings.register_profile("explore", _PATIENT, max_examples=2000)  # make opinion
settings.load_profile("project")


def pytest_configure() -> None:
    """Records print nothing of themselves (law 8); in tests everybody is made up, so Hypothesis shows its examples.
    What fails is logged as Python prints it: as structlog paints it, with all values, it takes a second each time."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])

    def show(record: Record, printer: Any, cycle: bool) -> None:
        text = record.model_dump_json(exclude_defaults=True)
        shown = f".model_validate_json({text!r})" if len(text) < 5_000 else f" of {len(text)} characters"
        printer.text(type(record).__name__ + shown)

    Record._repr_pretty_ = show  # type: ignore[attr-defined]


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """And a comparison that fails may show where two of them differ."""
    if op != "==" or not isinstance(left, Record) or not isinstance(right, Record):
        return None
    one, other = (record.model_dump_json(indent=1).splitlines() for record in (left, right))
    return [f"two {type(left).__name__}", *difflib.unified_diff(one, other, "left", "right", n=2, lineterm="")]
