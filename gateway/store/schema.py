"""The database's schema: brings it to what this version of the gateway needs, and says which revision it has.

Alembic orders the migrations (gateway/store/migrations: plain SQL, forward only) and writes their script; asyncpg
runs it, so no second driver is needed. PgQueuer's tables follow PgQueuer's own declaration. Knows no key and no data.
"""

from __future__ import annotations

import io
from pathlib import Path

import asyncpg

from gateway.store.database import Database
from gateway.store.errors import quiet
from gateway.store.queries import SQL

_MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x7061796572  # "payer"; nothing else on this database locks that number


class SchemaTooNew(RuntimeError):
    """The database was migrated by a later version of the gateway than this one."""


async def migrate(url: str) -> None:
    """Bring the database to the newest revision. Any number of processes may call it at once; one does the work."""
    with quiet(OSError):
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(SQL["lock_schema"], _LOCK)
                if script := _script_from(await _revision_of(connection)):
                    await connection.execute(script)
                await connection.execute(SQL["keep_event_order"])
            await _converge_queue(connection)
        finally:
            await connection.close()


async def current_revision(database: Database) -> str | None:
    """The revision the database has."""
    row = await database.fetchrow(SQL["get_revision"])
    return row["version_num"] if row else None


async def can_write(database: Database) -> bool:
    """Whether it takes what is written: a standby does not."""
    row = await database.fetchrow(SQL["can_write"])
    return bool(row and row["can_write"])


def newest_revision() -> str:
    """The revision this version of the gateway needs: that of the last file of migrations."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("*.py"))


async def _revision_of(connection: asyncpg.Connection) -> str | None:
    if not await connection.fetchval(SQL["has_revision"]):
        return None
    revision: str | None = await connection.fetchval(SQL["get_revision"])
    return revision


def _script_from(revision: str | None) -> str:
    """The SQL from a revision (None: an empty database) to the newest; empty if there is nothing to do."""
    if revision == newest_revision():
        return ""
    from alembic import command  # 0.3 s to import, and most starts have nothing to do
    from alembic.config import Config
    from alembic.util import CommandError

    script = io.StringIO()
    config = Config(output_buffer=script)
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, f"{revision}:head" if revision else "head", sql=True)
    except CommandError:
        raise SchemaTooNew(
            f"a later version of the gateway has brought the database to revision {revision}, and this one knows "
            f"{newest_revision()}: start that version, or give this one a backup from before"
        ) from None
    return script.getvalue()


async def _converge_queue(connection: asyncpg.Connection) -> None:
    """Create PgQueuer's tables, or bring those of an earlier PgQueuer to the one installed. It locks for itself."""
    from pgqueuer import Queries
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.domain.settings import DBSettings, Durability

    # Said here, because PgQueuer also reads the plain environment variable DURABILITY.
    settings = DBSettings(durability=Durability.durable)
    queries = Queries(AsyncpgDriver(connection), qbe=QueryBuilderEnvironment(settings))
    if (await queries.apply_upgrade()).statements:
        await queries.optimize_autovacuum()
    # Its trigger says NOTIFY inside the transaction; gateway/engine/queue.py does it after the commit.
    table, trigger = settings.qualified.queue_table, settings.trigger
    if await connection.fetchval(SQL["has_trigger"], table, trigger):
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
