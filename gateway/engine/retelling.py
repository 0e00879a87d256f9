"""Where a case stands by its journal, worked out anew as the walk works it out, for whoever doubts the rows.

Takes from the rows what no payer said: how the filings' deliveries ended, and whether a cancellation is pending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import asyncpg

from gateway.engine.recording import stand
from gateway.engine.whole import standing_of, together
from gateway.model.standing import Standing
from gateway.model.status import CaseStatus
from gateway.store.cases import outcomes_of
from gateway.store.database import Database
from gateway.store.records import Case, Entry, EntryKind


async def find_doubts(
    database: Database, connection: asyncpg.Connection, case: Case, entries: Iterable[Entry]
) -> list[str]:
    """Every status and outcome in which the rows say otherwise than the journal, in a sentence each. Case and entries
    are those that the connection's snapshot has. Raises CannotOpen where an outcome was changed."""
    doubts: list[str] = []
    standings: list[Standing] = []
    for submission in case.submissions:
        standing = stand(submission, await outcomes_of(database, connection, case, submission.id))
        if standing.status is CaseStatus.SUBMITTING and submission.cancelling:
            # Taken back while it was under way (recording.asked).
            standing = replace(standing, status=CaseStatus.CANCEL_PENDING)
        standings.append(standing)
        doubts += _compare(f"submission {submission.place}", submission.status, standing.status)
    if not standings:
        return _compare("the case", case.status, _before_routes(case, entries))
    whole = together(case, case.submissions, standings)
    doubts += _compare("the case", case.status, whole.status)
    for line, result in standing_of(case).lines.items():
        doubts += _compare(f"line {line}", result.outcome, whole.lines[line].outcome)
    return doubts


def _before_routes(case: Case, entries: Iterable[Entry]) -> CaseStatus:
    """The status of a case that nothing was filed of."""
    notes = {entry.meta.get("note") for entry in entries if entry.kind is EntryKind.NOTE}
    if "taken_back" in notes:
        return CaseStatus.CANCELLED
    return CaseStatus.FAILED if "routed" in notes else CaseStatus.QUEUED


def _compare(what: str, row: str, journal: str) -> list[str]:
    return [] if row == journal else [f"{what} is {row} in its row, and {journal} by the journal"]
