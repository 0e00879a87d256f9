"""What must not be seen is not there to be seen: in no row, in no error, in no memory that grows."""

from __future__ import annotations

import base64
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.errors import StoreError, Unavailable
from gateway.store.keys import Scope, create_key
from gateway.store.listing import CaseFilters, list_cases
from gateway.store.records import EntryKind, NewEntry, Step, Verb
from gateway.store.shelf import Shelf
from gateway.store.webhooks import add_endpoint, replace_secret
from tests.unit.store_cases import (
    TENANT,
    answered_step,
    approval,
    attempt,
    connected,
    do,
    made_up,
    new_request,
    opened,
    sent_step,
    submission,
    try_accept,
)

CANARIES = (
    "CANARYREF55",
    "CANARYMBR77",
    "Canaryson",
    "1961-07-23",
    "CANARYNOTE",
    "CANARYKEY",
    "CANARYAUTH",
    "whsec_CAN",
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def test_nothing_of_a_patient_stands_in_any_table_in_the_clear(database: Database, database_url: str) -> None:
    request = made_up("CANARYREF55", "CANARYMBR77", "Canaryson", "CANARYNOTE")
    new = new_request(request, key="CANARYKEY")
    await try_accept(database, new)
    endpoint = await add_endpoint(database, TENANT, Mode.TEST, "https://receiver.example/", ["*"], "whsec_CAN1")
    await replace_secret(database, TENANT, Mode.TEST, endpoint.id, "whsec_CAN2", datetime.now(UTC))
    _, token = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    filed = submission()
    said = attempt(filed)
    body = " ".join(CANARIES).encode()
    await do(database, sent_step(new.id, filed, said))
    await do(database, answered_step(new.id, filed, said, approval("CANARYAUTH")))
    change = attempt(filed, Verb.AMEND, work=Change(kind=ChangeKind.REVISE, reason="CANARYNOTE", request=request))
    await do(database, Step(new.id, attempts=(change,), entries=(NewEntry(EntryKind.REPLY, body),)))

    texts: dict[str, str] = {}
    async with connected(database_url) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in (row["tablename"] for row in tables):
            rows = await connection.fetch(f'SELECT t::text AS shown FROM "{table}" AS t')
            texts[table] = "\n".join(row["shown"] for row in rows)
    filled = {"requests", "lines", "submissions", "attempts", "journal", "events", "webhook_endpoints", "idempotency"}
    assert all(texts[table] for table in filled | {"webhook_deliveries", "api_keys", "data_keys"})
    for canary in (*CANARIES, token.rsplit("_", 1)[1]):
        for form in (canary, canary.encode().hex(), base64.b64encode(canary.encode()).decode()[:-4]):
            assert [table for table, text in texts.items() if form.lower() in text.lower()] == [], form


async def test_no_error_of_the_database_shows_a_value(database: Database) -> None:
    async def unique() -> None:
        async with database.transaction() as connection:
            for _ in range(2):
                await connection.execute("INSERT INTO event_era (only_row, shift) VALUES (true, 99887766)")

    async def check() -> None:
        await database.fetch("INSERT INTO api_keys VALUES ('CANARY', 'CANARY', 'CANARY', '', '{}', '', now())")

    async def syntax() -> None:
        await database.fetch("SELECT 'CANARY'::date")

    async def argument() -> None:
        await database.fetch("SELECT $1::int", "CANARY")

    async def foreign() -> None:
        await database.fetch("INSERT INTO lines VALUES ($1, 'CANARY', 1, '', '', '', '')", UUID(int=0x99887766))

    for fail in (unique, check, syntax, argument, foreign):
        with pytest.raises(StoreError) as caught:
            await fail()
        error = caught.value
        shown = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(error.__context__)
        said = "".join(line for line in shown.splitlines(keepends=True) if "await " not in line)
        assert "CANARY" not in said, fail.__name__
        assert "99887766" not in said, fail.__name__
        assert error.__context__ is None


async def test_an_error_that_is_not_the_databases_passes_as_it_is(database: Database) -> None:
    with pytest.raises(ConnectionResetError, match="ours"):
        async with database.transaction():
            raise ConnectionResetError("ours")


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    for url in ("postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@/none?host=/nowhere/at/all"):
        with pytest.raises(Unavailable):
            async with opened(url):
                pass


async def test_a_connection_that_breaks_is_unavailable_and_the_next_one_works(
    database: Database, database_url: str
) -> None:
    async def break_off() -> None:
        async with database.transaction() as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            async with connected(database_url) as other:
                await other.execute("SELECT pg_terminate_backend($1)", pid)
            await connection.fetchval("SELECT 1")

    with pytest.raises(Unavailable):
        await break_off()
    assert (await list_cases(database, TENANT, Mode.TEST)).cases == ()


def test_what_is_searched_for_is_not_in_a_repr() -> None:
    shown = repr(CaseFilters(reference="CANARY", member_id="CANARY"))
    assert "CANARY" not in shown
    assert "CANARY" not in repr(new_request(key="CANARY"))


def test_the_shelf_of_requests_drops_the_least_lately_used() -> None:
    shelf = Shelf(room=100)
    one, two, three = uuid4(), uuid4(), uuid4()
    request = made_up()
    shelf.put(one, request, 40)
    shelf.put(two, request, 40)
    assert shelf.get(one) is request
    shelf.put(three, request, 40)
    assert (shelf.get(one), shelf.get(two), shelf.get(three)) == (request, None, request)
    shelf.put(two, request, 101)
    assert (shelf.get(one), shelf.get(two), shelf.get(three)) == (request, None, request)
