"""What tests share: one PostgreSQL per run, and a fresh migrated database per test.

DATABASE_URL, if set, names the server to make those databases on; its role needs CREATEDB.
"""

from __future__ import annotations

import asyncio
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

from gateway.store import server as embedded


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
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-tests-"))
    folder.chmod(0o711)  # as root the server runs as another user, who must get in
    own = embedded.EmbeddedServer(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(embedded.PINNED, "fsync", "off")  # nobody pulls the plug on a test; kill -9 loses nothing
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
    from gateway.store import migrate  # tests that need no database run without it

    name = f"template_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    _wait(migrate(server.at(name)))
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(server: Server, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield server.at(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a loop of its own: asyncio.run would take away the one pytest-asyncio has set."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()
