"""Columns that repeat what a case's journal says, for lists and look-ups: read beside the case, and compared with it.

Knows which columns repeat the request as accepted. What the payer said since, and so what became of lines, is judged
by who reads the journal (gateway/engine/retelling.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from gateway.store.acceptance import member_index, reference_index, reference_place
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.queries import SQL
from gateway.store.records import Case, Entry


@dataclass(frozen=True)
class Copies:
    """``changed`` are the columns that say otherwise than the request; ``outcomes`` are those of the line rows."""

    changed: tuple[str, ...]
    outcomes: Mapping[str, str]


async def read_copies(database: Database, connection: asyncpg.Connection, case: Case, first: Entry) -> Copies:
    """The copies of a case that was loaded, with its journal's first entry. A journal of an earlier version does not
    say the mode."""
    row = await connection.fetchrow(SQL["read_copies"], case.id)
    key = await database.key_of(case.tenant)
    request, coverage = case.request, case.request.coverages[0]
    try:
        reference = key.open(row["reference"], reference_place(case.id)).decode()
    except CannotOpen:
        reference = None
    lines = [(n, line.id, line.role, line.code.system, line.code.code) for n, line in enumerate(request.lines, start=1)]
    same = {
        "mode": case.mode == first.meta.get("mode", case.mode),
        "payer": row["payer"] == coverage.payer,
        "reference": reference == request.reference,
        "reference_index": row["reference_index"] == reference_index(key, request.reference),
        "member_index": row["member_index"] == member_index(key, coverage.member_id),
        "created_at": case.created_at == first.at,
        "lines": [tuple(line)[:5] for line in row["lines"]] == lines,
    }
    outcomes = {line[1]: line[5] for line in row["lines"]}
    return Copies(tuple(column for column, unchanged in same.items() if not unchanged), outcomes)
