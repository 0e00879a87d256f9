"""The journal: append-only, chained, and every kind of meddling found."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.journal import (
    Changed,
    begin,
    encode_row,
    is_sealed,
    read_entries,
    read_entry,
    read_journal,
    verify,
)
from gateway.store.records import Entry, EntryKind, NewEntry, Step
from gateway.store.sealing import TenantKey
from tests.conftest import Server
from tests.unit.store_cases import (
    TENANT,
    answered_step,
    attempt,
    connected,
    do,
    made_up,
    opened,
    sent_step,
    submission,
    take,
)


@pytest.fixture(scope="module")
def shared_url(server: Server, migrated_template: str) -> Iterator[str]:
    """One database for these tests: each keeps to a case of its own."""
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield server.at(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(shared_url: str) -> AsyncIterator[Database]:
    async with opened(shared_url) as opened_store:
        yield opened_store


@pytest.fixture
async def psql(shared_url: str) -> AsyncIterator[asyncpg.Connection]:
    """What the owner of the tables can do who first switches the trigger off."""
    async with connected(shared_url) as connection:
        await connection.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        yield connection
        await connection.execute("ALTER TABLE journal ENABLE TRIGGER USER")


@pytest.fixture
async def case_id(database: Database) -> UUID:
    """A case with four entries."""
    number = await take(database)
    filed = submission()
    said = attempt(filed)
    await do(database, sent_step(number, filed, said))
    await do(database, answered_step(number, filed, said))
    return number


async def test_entries_come_back_as_they_were_written(database: Database, case_id: UUID) -> None:
    read = await read_entries(database, TENANT, Mode.TEST, case_id)
    entries = [entry for entry in read if isinstance(entry, Entry)]
    assert [(entry.n, entry.kind) for entry in entries] == [
        (1, EntryKind.REQUEST),
        (2, EntryKind.FRAME),
        (3, EntryKind.REPLY),
        (4, EntryKind.OUTCOME),
    ]
    assert entries[0].body == made_up().model_dump_json().encode()
    assert entries[1].body == b"ISA*00*said~"
    assert entries[1].meta == {"method": "POST", "deliveries": {str(entries[1].attempt_id): "sent"}}
    assert entries[1].submission_id is not None
    assert entries[1].attempt_id is not None
    assert entries[2] == await read_entry(database, TENANT, Mode.TEST, case_id, 3)
    assert await read_entry(database, TENANT, Mode.TEST, case_id, 5) is None


async def test_another_tenant_or_mode_reads_nothing(database: Database, case_id: UUID) -> None:
    for tenant, mode in [("clinic-two", Mode.TEST), (TENANT, Mode.LIVE)]:
        assert await read_entries(database, tenant, mode, case_id) == ()
        assert await read_entry(database, tenant, mode, case_id, 1) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal SET kind = 'note'", "DELETE FROM journal", "TRUNCATE journal", "TRUNCATE requests CASCADE"],
)
async def test_the_database_refuses_to_change_the_journal(
    database: Database, shared_url: str, case_id: UUID, statement: str
) -> None:
    async with connected(shared_url) as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
            await connection.execute(statement)


async def test_an_untouched_journal_is_whole(database: Database, case_id: UUID) -> None:
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.whole, verdict.entries, verdict.broken) == (True, 4, None)


async def test_there_is_no_verdict_on_a_case_that_is_not_there(database: Database) -> None:
    assert await verify(database, UUID(int=0)) is None


@pytest.mark.parametrize(
    ("meddling", "broken"),
    [
        ("UPDATE journal SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE n = 2 AND request_id = $1", 2),
        ('UPDATE journal SET meta = \'{"method":"GET"}\' WHERE n = 2 AND request_id = $1', 2),
        ('UPDATE journal SET meta = \'{"method": "POST"}\' WHERE n = 2 AND request_id = $1', 2),
        ("UPDATE journal SET at = at - interval '1 microsecond' WHERE n = 3 AND request_id = $1", 3),
        ("UPDATE journal SET kind = 'document' WHERE n = 3 AND request_id = $1", 3),
        ("UPDATE journal SET attempt_id = NULL WHERE n = 4 AND request_id = $1", 4),
        ("UPDATE journal SET submission_id = attempt_id WHERE n = 4 AND request_id = $1", 4),
        ("UPDATE journal SET digest = set_byte(digest, 0, get_byte(digest, 0) # 1) WHERE n = 4 AND request_id = $1", 4),
        ("DELETE FROM journal WHERE n = 4 AND request_id = $1", 4),
        ("DELETE FROM journal WHERE n > 1 AND request_id = $1", 2),
        ("DELETE FROM journal WHERE n = 1 AND request_id = $1", 1),
        ("DELETE FROM journal WHERE n = 2 AND request_id = $1", 2),
        ("DELETE FROM journal WHERE request_id = $1", 1),
        (
            "UPDATE journal AS one SET body = two.body FROM journal AS two "
            "WHERE one.request_id = $1 AND two.request_id = $1 AND one.n + two.n = 5 AND one.n IN (2, 3)",
            2,
        ),
        (
            "INSERT INTO journal (request_id, n, kind, at, meta, body, digest) "
            "SELECT request_id, 5, kind, at, meta, body, digest FROM journal WHERE n = 4 AND request_id = $1",
            5,
        ),
        ("UPDATE requests SET journal_count = 3 WHERE id = $1", 4),
        (
            "UPDATE requests SET journal_head = digest FROM journal WHERE id = $1 AND request_id = $1 AND n = 3",
            4,
        ),
    ],
)
async def test_meddling_is_found_and_its_place_is_named(
    database: Database, psql: asyncpg.Connection, case_id: UUID, meddling: str, broken: int
) -> None:
    await psql.execute(meddling, case_id)
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.whole, verdict.broken) == (False, broken)


async def test_one_who_computes_all_digests_anew_is_still_found_out(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    forged = 'UPDATE journal SET meta = \'{"method":"GET"}\' WHERE n = 2 AND request_id = $1'
    await psql.execute(forged, case_id)
    head = bytes(32)
    for row in await psql.fetch("SELECT * FROM journal WHERE request_id = $1 ORDER BY n", case_id):
        head = hashlib.sha256(head + encode_row(case_id, row) + row["body"]).digest()
        await psql.execute("UPDATE journal SET digest = $1 WHERE n = $2 AND request_id = $3", head, row["n"], case_id)
    await psql.execute("UPDATE requests SET journal_head = $1 WHERE id = $2", head, case_id)
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.broken, verdict.why) == (2, "the body does not open")
    with pytest.raises(CannotOpen):
        await read_entry(database, TENANT, Mode.TEST, case_id, 2)


async def test_an_end_cut_off_is_found_out_though_count_and_digest_are_made_to_fit(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    await _cut(psql, case_id)
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.whole, verdict.entries, verdict.broken) == (False, 3, 4)


async def test_a_tag_of_another_case_or_of_an_earlier_end_seals_nothing(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    other = await take(database)
    for tag in (
        "(SELECT journal_tag FROM requests WHERE id = $2)",
        "NULL",
        "set_byte(journal_tag, 0, get_byte(journal_tag, 0) # 1)",
    ):
        meddling = f"UPDATE requests SET journal_tag = {tag} WHERE id = $1"
        await psql.execute(meddling, case_id, *([other] if "$2" in tag else []))
        verdict = await verify(database, case_id)
        assert verdict is not None
        assert (verdict.whole, verdict.broken) == (False, 5)


def test_an_end_is_sealed_for_its_own_case_and_tenant_alone() -> None:
    key, case_id = TenantKey(1, bytes(32)), uuid4()
    _, end = begin(key, case_id, datetime.now(UTC), NewEntry(EntryKind.REQUEST, b"{}"))
    assert is_sealed(key, case_id, end)
    assert not is_sealed(key, uuid4(), end)
    assert not is_sealed(TenantKey(1, b"k" * 32), case_id, end)


async def test_a_snapshot_sees_a_case_and_its_journal_as_they_were_at_one_moment(
    database: Database, case_id: UUID
) -> None:
    async with database.snapshot() as connection:
        before = await read_journal(database, connection, case_id)
        await do(database, Step(case_id, entries=(NewEntry(EntryKind.NOTE, b"{}"),)))
        assert await read_journal(database, connection, case_id) == before
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.whole, verdict.entries) == (True, 5)


async def test_going_on_puts_no_seal_on_what_somebody_left_of_a_journal(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    await _cut(psql, case_id)
    for _ in range(2):
        await do(database, Step(case_id, entries=(NewEntry(EntryKind.NOTE, b"{}"),)))
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert (verdict.whole, verdict.entries) == (False, 5)


async def _cut(psql: asyncpg.Connection, case_id: UUID) -> None:
    """Take the last entry away, and make everything fit that needs no key."""
    await psql.execute("DELETE FROM journal WHERE n > 3 AND request_id = $1", case_id)
    await psql.execute(
        "UPDATE requests SET journal_count = 3, journal_head = digest FROM journal "
        "WHERE id = $1 AND request_id = $1 AND n = 3",
        case_id,
    )


async def test_what_opens_of_a_changed_journal_is_read_and_the_rest_is_named(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    for meddling in (
        "UPDATE journal SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE n = 2 AND request_id = $1",
        "UPDATE journal SET kind = 'nonsense', meta = '[]' WHERE n = 3 AND request_id = $1",
    ):
        await psql.execute(meddling, case_id)
    entries = await read_entries(database, TENANT, Mode.TEST, case_id)
    assert [entry.n for entry in entries if isinstance(entry, Entry)] == [1, 4]
    assert [entry for entry in entries if isinstance(entry, Changed)] == [Changed(2), Changed(3)]


async def test_a_body_from_another_case_does_not_open(
    database: Database, psql: asyncpg.Connection, case_id: UUID
) -> None:
    other = await take(database, made_up(last_name="Otherperson"))
    await psql.execute(
        "UPDATE journal AS mine SET body = theirs.body FROM journal AS theirs "
        "WHERE mine.request_id = $1 AND mine.n = 1 AND theirs.request_id = $2",
        case_id,
        other,
    )
    with pytest.raises(CannotOpen):
        await read_entry(database, TENANT, Mode.TEST, case_id, 1)


async def test_meta_may_hold_anything_json_can_say(database: Database, case_id: UUID) -> None:
    meta = {"zero": "\x00", "ratio": 1e20, "small": 1.10, "list": [None, True, {"é": "0001F600"}], "b": 1, "a": 2}
    await do(database, Step(case_id, entries=(NewEntry(EntryKind.NOTE, b"", meta=meta),)))
    entry = await read_entry(database, TENANT, Mode.TEST, case_id, 5)
    assert entry is not None
    assert entry.meta == meta
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert verdict.whole


async def test_a_large_body_comes_back_byte_for_byte(database: Database, case_id: UUID) -> None:
    body = bytes(range(256)) * 40_000
    await do(database, Step(case_id, entries=(NewEntry(EntryKind.REPLY, body),)))
    entry = await read_entry(database, TENANT, Mode.TEST, case_id, 5)
    assert entry is not None
    assert entry.body == body
