"""What a case's rows must say by its journal, worked out anew as the walk works it out, for whoever doubts the rows.

Takes from the rows what no entry says: whether a cancellation is pending, and of a journal that was begun before it
named them, how the filings' deliveries ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import asyncpg

from gateway.engine.confirming import NOTE as CONFIRMING
from gateway.engine.detours import NOTE
from gateway.engine.recording import stand
from gateway.engine.whole import standing_of, together
from gateway.model.outcome import LineResult
from gateway.model.standing import Standing
from gateway.model.status import CaseStatus, LineOutcome
from gateway.routing.decision import Decision, Plan
from gateway.store.cases import DELIVERIES, outcomes_of
from gateway.store.copies import read_copies
from gateway.store.database import Database
from gateway.store.journal import Journal, begun_sealed
from gateway.store.records import Case, Entry, EntryKind, Submission


async def find_doubts(
    database: Database, connection: asyncpg.Connection, case: Case, journal: Journal
) -> tuple[str, ...]:
    """Where the rows say otherwise than the journal, in a sentence each: the columns that repeat the request, the
    routes, how far attempts are, statuses, and what became of each line. gateway/store/README.md lists what no entry
    vouches for. Case and journal are those that the connection's snapshot has. Raises CannotOpen where an outcome, or
    the request, was changed."""
    entries = journal.intact
    copies = await read_copies(database, connection, case, entries[0])
    doubts = [f"{column} in the case's rows is not as its request was accepted" for column in copies.changed]
    if journal.verdict.whole:
        doubts += _doubt_routes(case, entries)
    if journal.verdict.whole and begun_sealed(journal.entries):
        doubts += _doubt_deliveries(case, entries)
    standings: list[Standing] = []
    for submission in case.submissions:
        standing = stand(submission, await outcomes_of(database, connection, case, submission.id))
        standings.append(standing)
        doubts += _compare(f"submission {submission.place}", submission.status, standing.status)
    whole = together(case, case.submissions, standings) if standings else _before_routes(case, entries)
    doubts += _compare("the case", case.status, whole.status)
    doubts += _doubt_lines(standing_of(case).lines, copies.outcomes, whole.lines)
    return tuple(dict.fromkeys(doubts))


def _doubt_routes(case: Case, entries: Sequence[Entry]) -> list[str]:
    """A case is routed once, and a part of it anew where its payer names another way, or is asked itself for what its
    delegate recommended: under the same benefit."""
    routes: set[tuple[str, str, str, str, bool, tuple[str, ...]]] = set()
    count = 0
    for entry in entries:
        kind = entry.meta.get("note") if entry.kind is EntryKind.NOTE else None
        if kind == "routed" and not routes:
            plans = Decision.model_validate_json(entry.body).plans
        elif kind == NOTE:
            plans = (Plan.model_validate(json.loads(entry.body)["plan"]),)
        elif kind == CONFIRMING:
            plans = tuple(Plan.model_validate(plan) for plan in json.loads(entry.body)["plans"])
        else:
            continue
        count += len(plans)
        routes |= set(map(_way, plans))
    rows = set(map(_way, case.submissions))
    same = rows == routes and len(case.submissions) == count
    return [] if same else ["the submissions are not those of the route that the journal holds"]


def _way(one: Plan | Submission) -> tuple[str, str, str, str, bool, tuple[str, ...]]:
    return one.payer, one.connection, one.channel, one.benefit, one.recommends, one.line_ids


def _doubt_deliveries(case: Case, entries: Sequence[Entry]) -> list[str]:
    said: dict[str, str] = {}
    for entry in entries:
        said |= entry.meta.get(DELIVERIES, {})
    doubts: list[str] = []
    for submission in case.submissions:
        for n, attempt in enumerate(submission.attempts, start=1):
            known = said.pop(str(attempt.id), "unknown")
            doubts += _compare(f"attempt {n} of submission {submission.place}", attempt.delivery, known)
    return [*doubts, *(f"an attempt that is {delivery} by the journal has no row" for delivery in said.values())]


def _doubt_lines(
    standing: Mapping[str, LineResult], rows: Mapping[str, str], journal: Mapping[str, LineResult]
) -> list[str]:
    doubts: list[str] = []
    for line, result in journal.items():
        held = standing.get(line)
        for row in (held.outcome if held else "missing", rows.get(line, "missing")):
            doubts += _compare(f"line {line}", row, result.outcome)
        if held and held != result and held.outcome is result.outcome:
            doubts.append(f"what was granted or said of line {line} is not in the case's row as it is in the journal")
    return doubts


def _before_routes(case: Case, entries: Sequence[Entry]) -> Standing:
    """Where a case stands that nothing was filed of."""
    notes = {entry.meta.get("note") for entry in entries if entry.kind is EntryKind.NOTE}
    status, outcome = CaseStatus.QUEUED, LineOutcome.PENDING
    if "taken_back" in notes:
        status, outcome = CaseStatus.CANCELLED, LineOutcome.CANCELLED
    elif "routed" in notes:
        status = CaseStatus.FAILED
    known = standing_of(case).lines  # a line that no route could carry keeps why
    return Standing(
        status=status, lines={line: result.model_copy(update={"outcome": outcome}) for line, result in known.items()}
    )


def _compare(what: str, row: str, journal: str) -> list[str]:
    return [] if row == journal else [f"{what} is {row} in its row, and {journal} by the journal"]
