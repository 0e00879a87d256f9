"""What is written when something is said of a talk of peers, or its time calls for it.

The words are notes of the case's journal; the time to look again stands beside them, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.engine.whole import standing_of, told_of
from gateway.model.talk import Missed, Opened, Talk, Warned, Word
from gateway.recourse.talks import called_for, ends_at, looks_at, move, open_talk, talks_of
from gateway.store.cases import load_case, write
from gateway.store.database import Database
from gateway.store.records import Case, NewEvent, Step, Submission
from gateway.store.talks import note_of, read_words, set_looks

MOVED = "case.peer_to_peer"
ENDING = "case.peer_to_peer_ending"
MISSED = "case.peer_to_peer_missed"


async def say(
    database: Database,
    connection: asyncpg.Connection,
    case: Case,
    held: Sequence[Talk],
    word: Word,
    after: tuple[Submission, ...] = (),
) -> Talk:
    """Keep a word of one of the case's talks, which the connection's transaction has locked, and tell of it. ``after``
    are submissions as the word leaves them. Raises NoMove."""
    talk = open_talk(held, word) if isinstance(word, Opened) else move(_talk(held, word.n), word)
    event = NewEvent(_name(word), {**told_of(case, standing_of(case)), "talk": _told(talk)})
    step = Step(case.id, submissions=after, entries=(note_of(word, talk.submission),), events=(event,))
    await write(database, connection, case, step)
    await set_looks(connection, case.id, [(talk.n, talk.submission, looks_at(talk))])
    return talk


async def tell_time(database: Database, case_id: UUID, now: datetime) -> None:
    """Say what the time of the case's talks calls for."""
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        if case is None:
            return
        talks = talks_of(await read_words(database, connection, case))
        for talk in talks:
            word = called_for(talk, now) if talk.is_open else None
            if word is not None:
                await say(database, connection, case, talks, word)
                case = await load_case(database, connection, case_id, lock=True) or case
            else:  # it was put off when it was claimed
                await set_looks(connection, case_id, [(talk.n, talk.submission, looks_at(talk))])


def _talk(held: Sequence[Talk], n: int) -> Talk:
    return next(talk for talk in held if talk.n == n)


def _name(word: Word) -> str:
    return ENDING if isinstance(word, Warned) else MISSED if isinstance(word, Missed) else MOVED


def _told(talk: Talk) -> dict[str, object]:
    ends = ends_at(talk) if talk.is_open else None
    return {
        "n": talk.n,
        "state": talk.state,
        "lines": talk.lines,
        "ends_at": None if ends is None else ends.isoformat(),
        "outcome": talk.outcome,
    }
