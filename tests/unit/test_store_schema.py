"""The schema: migrated once however many start together, and every statement fits it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway.contract.destination import Mode
from gateway.store import schema
from gateway.store.database import Database
from gateway.store.events import read_events
from gateway.store.keyring import rewrap
from gateway.store.master_key import MasterKey, MasterKeyError
from gateway.store.queries import SQL, parse
from gateway.store.schema import SchemaTooNew, current_revision, migrate, newest_revision
from tests.conftest import Server
from tests.unit.store_cases import MASTER, TENANT, connected, load, made_up, opened, take

FOLDER = Path(schema.__file__).parent


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    name = f"empty_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.at(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(5)))
    async with connected(empty_url) as connection:
        assert await connection.fetchval("SELECT array_agg(version_num) FROM alembic_version") == [newest_revision()]
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_a_migrated_database_says_its_revision(database_url: str) -> None:
    async with opened(database_url) as database:
        assert await current_revision(database) == newest_revision()


async def test_queue_tables_survive_a_crash_of_the_server(database_url: str) -> None:
    async with connected(database_url) as connection:
        unlogged = await connection.fetch("SELECT relname FROM pg_class WHERE relpersistence = 'u'")
    assert unlogged == []


async def test_the_queue_says_nothing_inside_a_transaction_however_often_it_is_migrated(empty_url: str) -> None:
    for _ in range(2):
        await migrate(empty_url)
        async with connected(empty_url) as connection:
            triggers = await connection.fetch("SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'pgqueuer'::regclass")
        assert [row["tgenabled"] for row in triggers] == [b"D"]


def test_the_newest_revision_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]


async def test_a_database_of_a_later_version_is_left_alone(database_url: str) -> None:
    async with connected(database_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(SchemaTooNew, match=r"9999.* start that version"):
            await migrate(database_url)


async def test_every_statement_fits_the_schema(database_url: str) -> None:
    async with connected(database_url) as connection:
        for name, statement in SQL.items():
            try:
                await connection.prepare(statement)
            except Exception as error:
                pytest.fail(f"{name}: {error}")


def test_every_statement_is_used_and_every_name_is_known() -> None:
    used = {name for path in FOLDER.parent.rglob("*.py") for name in re.findall(r'SQL\["(\w+)"\]', path.read_text())}
    assert used == set(SQL)


def test_two_statements_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        parse("-- a --\nSELECT 1\n-- a --\nSELECT 2\n")


async def test_rewrapping_changes_the_master_key_and_nothing_else(database_url: str) -> None:
    new = MasterKey(b"n" * 32)
    async with opened(database_url) as database:
        case_id = await take(database, made_up(reference="BEFORE"))
        await take(database, tenant="clinic-two")
    assert await rewrap(database_url, MASTER, new) == 2
    assert await rewrap(database_url, MASTER, new) == 0
    with pytest.raises(MasterKeyError, match=new.fingerprint):
        await Database.open(database_url, MASTER)
    database = await Database.open(database_url, new)
    try:
        assert (await load(database, case_id)).request.reference == "BEFORE"
    finally:
        await database.close()


async def test_events_go_on_in_order_on_a_server_whose_transactions_began_anew(database_url: str) -> None:
    async with opened(database_url) as database:
        before = await take(database)
        async with connected(database_url) as connection:  # as a restored dump would have it
            await connection.execute("UPDATE events SET tx = tx + 5000000000")
        assert (await read_events(database, TENANT, Mode.TEST)).events == ()
        await migrate(database_url)
        page = await read_events(database, TENANT, Mode.TEST)
        assert [event.case_id for event in page.events] == [before]
        after = await take(database)
        more = await read_events(database, TENANT, Mode.TEST, after=page.cursor)
        assert [event.case_id for event in more.events] == [after]
        shift = (await database.fetch("SELECT shift FROM event_era"))[0]["shift"]
        await migrate(database_url)
        assert (await database.fetch("SELECT shift FROM event_era"))[0]["shift"] == shift
