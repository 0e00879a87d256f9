"""What is kept of attempts that are said more than once: what was known at first, and what is sent, once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.contract.adapter import Answers
from gateway.store.cases import outcomes_of
from gateway.store.database import Database
from gateway.store.records import EntryKind, NewEntry, Step, Verb
from tests.unit.store_cases import (
    answered_step,
    approval,
    attempt,
    connected,
    do,
    load,
    opened,
    sent_step,
    submission,
    take,
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def test_what_was_heard_before_an_attempt_was_first_said_is_told_apart(database: Database) -> None:
    """A NOTE of the attempt, written when it was asked for, is not its being said."""
    case_id = await take(database)
    filed = submission()
    said, asked, again = attempt(filed), attempt(filed, Verb.ANSWER), attempt(filed, Verb.INQUIRE)
    note = NewEntry(EntryKind.NOTE, b"{}", filed.id, asked.id)
    await do(database, sent_step(case_id, filed, said))
    await do(database, Step(case_id, attempts=(asked,), entries=(note,)))
    await do(database, answered_step(case_id, filed, said))
    frame = NewEntry(EntryKind.FRAME, b"ISA*00*said~", filed.id, asked.id)
    for entry in (frame, NewEntry(EntryKind.OUTCOME, approval("LATER").model_dump_json().encode(), filed.id), frame):
        await do(database, Step(case_id, entries=(entry,)))
    case = await load(database, case_id)
    async with database.transaction() as connection:
        known = {
            one.id: [heard.outcome for heard in await outcomes_of(database, connection, case, filed.id, one.id)]
            for one in (said, asked, again)
        }
    assert known == {said.id: [], asked.id: [approval()], again.id: [approval(), approval("LATER")]}


async def test_documents_that_are_sent_again_are_stored_once(database: Database, database_url: str) -> None:
    case_id = await take(database)
    filed = submission()
    first = attempt(filed, Verb.ANSWER, work=Answers(attachments=(), note="made up " * 500))
    again = attempt(filed, Verb.ANSWER, work=first.work, repeats=first.id)
    await do(database, Step(case_id, submissions=(filed,), attempts=(first,)))
    await do(database, Step(case_id, attempts=(again,)))
    held = (await load(database, case_id)).submission(filed.id).attempts
    assert [(one.id, one.work, one.repeats) for one in held] == [
        (first.id, first.work, None),
        (again.id, first.work, first.id),
    ]
    async with connected(database_url) as connection:
        sizes = await connection.fetch("SELECT length(work) AS bytes FROM attempts ORDER BY n")
    assert sizes[0]["bytes"] > 4000
    assert sizes[1]["bytes"] < 200
