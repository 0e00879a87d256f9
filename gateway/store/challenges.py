"""What a payer's site asked of a person: kept until somebody resumes the case, with the picture and the answer sealed.

While one is open, nothing else goes over its connection. An answer is given out once, and only while the page waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.errors import Challenged
from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.records import Case
from gateway.store.sealing import place


class Rest(NamedTuple):
    """A connection rests until then, for a person must act on this submission."""

    case_id: UUID
    submission_id: UUID
    until: datetime


@dataclass(frozen=True)
class Challenge:
    """What is asked. ``open_until`` the page waits; after that a new one is asked for when it goes on."""

    id: UUID
    connection: str
    submission_id: UUID
    kind: str
    says: str
    asked_at: datetime
    open_until: datetime
    picture_type: str | None = None
    picture: bytes | None = field(default=None, repr=False)


async def ask_person(
    database: Database,
    held: asyncpg.Connection,
    case: Case,
    submission_id: UUID,
    challenge: Challenged,
    rests: timedelta,
) -> None:
    """Keep what is asked, in the caller's transaction. ``rests`` is how long the connection rests when the page has
    waited in vain. While another one is open over the connection it is not kept: that one comes first."""
    now, number = database.now(), uuid4()
    until = now + timedelta(seconds=challenge.seconds)
    picture, key = challenge.picture, await database.key_of(case.tenant)
    await held.execute(
        SQL["ask_person"],
        number,
        case.submission(submission_id).connection,
        case.id,
        submission_id,
        challenge.kind,
        str(challenge),
        picture and picture.media_type,
        picture and key.seal(picture.body, place("challenges.picture", number.bytes)),
        now,
        until,
        until + rests,
    )


async def find_rest(database: Database, connection: str) -> Rest | None:
    """Whether a connection rests for a person to act."""
    row = await database.fetchrow(SQL["find_rest"], connection, database.now())
    return None if row is None else Rest(row["request_id"], row["submission_id"], row["rests_until"])


async def read_challenges(database: Database, held: asyncpg.Connection, case: Case) -> tuple[Challenge, ...]:
    """What is asked over a case's submissions and nobody has resumed, whether its page still waits or not. Raises
    CannotOpen."""
    key = await database.key_of(case.tenant)
    rows = await held.fetch(SQL["list_challenges"], case.id)
    return tuple(
        Challenge(
            row["id"],
            row["connection"],
            row["submission_id"],
            row["kind"],
            row["says"],
            row["asked_at"],
            row["open_until"],
            row["picture_type"],
            row["picture"] and key.open(row["picture"], place("challenges.picture", row["id"].bytes)),
        )
        for row in rows
    )


async def resume(
    database: Database, held: asyncpg.Connection, case: Case, challenge: Challenge, answer: str | None
) -> None:
    """Lift the connection's rest, in the caller's transaction. An answer to a page that waits no more is not kept: it
    would be given to another one."""
    now, key = database.now(), await database.key_of(case.tenant)
    sealed = None
    if answer is not None and now < challenge.open_until:
        sealed = key.seal(answer.encode(), place("challenges.answer", challenge.id.bytes))
    await held.execute(SQL["resume"], challenge.connection, now, challenge.id, sealed)


async def take_answer(database: Database, connection: str, submission_id: UUID) -> str | None:
    """What a person answered to the page that waits for this submission; None where nobody did. Given out once."""
    row = await database.fetchrow(SQL["take_answer"], connection, database.now(), submission_id)
    if row is None:
        return None
    key = await database.key_of(row["tenant"])
    return key.open(row["answer"], place("challenges.answer", row["id"].bytes)).decode()
