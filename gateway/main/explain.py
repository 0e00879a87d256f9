"""`payer-gateway explain`: the whole walk of a case, told from its journal.

Without --phi only what holds no PHI is shown: kinds, times, codes of ours, sizes, positions. With it, the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from gateway.engine.confirming import NOTE as CONFIRMING
from gateway.engine.detours import NOTE as REROUTED
from gateway.engine.retelling import find_doubts
from gateway.main.config import BadConfig, Config
from gateway.main.house import open_database
from gateway.main.turned import evidence_lines, is_page, is_turn, page_lines, turn_lines, write_evidence
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word
from gateway.routing.decision import Decision, Rule, Step
from gateway.store.cases import load_case
from gateway.store.errors import CannotOpen
from gateway.store.journal import Changed, Verdict, read_journal
from gateway.store.records import Attempt, Case, Entry, EntryKind, Submission

_TOLD = ("status", "content_type", "document_type", "effect")
"""Of an entry's meta, what says something the heading does not."""


_OF_A_SIDE = (Rule.CARD, Rule.PRODUCT)
"""Steps that the two sides of a line do not share."""

_ANSWERED = {Answer.PLACED: "placed (it has said nothing of it yet; what it says comes by itself)"}
"""Answers that their word does not explain."""


async def explain(config: Config, case_id: str, *, phi: bool, console: Console, evidence: Path | None = None) -> int:
    """Print the walk. Exit code 0 when nothing in the journal was changed and the rows say what it says, 1 when not.
    ``evidence`` is a folder to write pictures of pages to, which are PHI.

    What no entry of the journal vouches for is not judged; gateway/store/README.md lists it.
    """
    try:
        number = UUID(case_id)
    except ValueError:
        raise BadConfig("A case id looks like 018f3c1e-0000-4000-8000-000000000000.") from None
    if evidence is not None and not phi:
        raise BadConfig("Pictures of pages show patients: --evidence needs --phi.")
    case: Case | None = None
    doubts: Sequence[str] = ()
    async with open_database(config, make=False) as (database, _), database.snapshot() as connection:
        journal = await read_journal(database, connection, number)
        if journal is None:
            raise BadConfig("There is no such case in this database.")
        try:
            case = await load_case(database, connection, number)
            if case is not None:
                doubts = await find_doubts(database, connection, case, journal)
        except (CannotOpen, LookupError, ValueError):  # whoever changes rows writes anything into them
            doubts = ["the case's rows cannot be compared with the journal, for not all of them can be read"]
    files = _written(number, journal.intact, evidence)
    tell(case, journal.entries, phi=phi, console=console, files=files)
    return _judge(journal.verdict, doubts, console)


def _written(case_id: UUID, entries: Iterable[Entry], folder: Path | None) -> dict[int, Path]:
    """The files of evidence, by the numbers of their entries. Raises BadConfig."""
    if folder is None:
        return {}
    try:
        paths = {
            entry.n: write_evidence(case_id, entry, folder) for entry in entries if entry.kind is EntryKind.EVIDENCE
        }
    except OSError as error:
        raise BadConfig(f"The pictures cannot be written: {type(error).__name__}.") from None
    return {n: path for n, path in paths.items() if path is not None}


def _judge(verdict: Verdict, doubts: Sequence[str], console: Console) -> int:
    console.print()
    if verdict.whole:
        console.print(f"The journal's chain of {verdict.entries} entries is whole.")
        if not verdict.sealed:
            console.print(
                "Its end was never sealed: the case was begun by a version before revision 0003 of the database. "
                "That nothing is missing at its end cannot be proven."
            )
    else:
        console.print(f"[bold red]The journal was changed: entry {verdict.broken}: {verdict.why}.[/]")
    for doubt in doubts:
        console.print(f"[bold red]The database was changed: {escape(doubt)}.[/]")
    return 0 if verdict.whole and not doubts else 1


def tell(
    case: Case | None,
    entries: Iterable[Entry | Changed],
    *,
    phi: bool,
    console: Console,
    files: Mapping[int, Path] = MappingProxyType({}),
) -> None:
    """Print it from what is stored, as far as that can be read; with ``phi`` the bytes too. ``files`` are those
    that evidence was written to, by the numbers of its entries."""
    attempts: dict[UUID, tuple[Submission, Attempt]] = {}
    if case is None:
        console.print("[bold red]What the case's rows say cannot be read.[/]")
    else:
        _head(case, console)
        attempts = {
            attempt.id: (submission, attempt) for submission in case.submissions for attempt in submission.attempts
        }
    told: set[tuple[UUID | None, str]] = set()
    """What a channel does not carry is told once for each submission, and not again with every message."""
    several = case is not None and len(case.submissions) > 1
    for entry in entries:
        if isinstance(entry, Changed):
            console.print(f"\n[cyan]{entry.n:>3}[/] [bold red]was changed and does not open[/]")
            continue
        verb = ""
        if entry.attempt_id in attempts:
            submission, attempt = attempts[entry.attempt_id]
            # A case that goes several ways is one story: each part says whose it is.
            verb = f" {attempt.verb}" + (f", {submission.payer}" if several else "")
        console.print(
            f"\n[cyan]{entry.n:>3}[/] {entry.at:%H:%M:%S.%f} [bold]{entry.kind}[/]{verb}  {len(entry.body)} bytes"
        )
        for line in _readable(entry, told, phi=phi, written=files.get(entry.n)):
            console.print(f"      {escape(shown(line))}", highlight=False, soft_wrap=True)


def _head(case: Case, console: Console) -> None:
    console.print(f"[bold]Case {case.id}[/]  {case.mode}  status [bold]{case.status}[/]  attention {case.attention}")
    if case.attention_why:
        console.print(f"  why: {escape(case.attention_why)}")
    for submission in case.submissions:
        console.print(
            f"  submission {submission.place}: {submission.payer} by {submission.connection} "
            f"({submission.channel}), lines {', '.join(submission.line_ids)}: {submission.status}"
        )


def shown(text: str) -> str:
    """The text with its unprintable characters spelled out: what a payer wrote must not steer the terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _readable(entry: Entry, told: set[tuple[UUID | None, str]], *, phi: bool, written: Path | None = None) -> list[str]:
    try:
        if entry.kind is EntryKind.EVIDENCE:
            return list(evidence_lines(entry, phi=phi, written=written))
        return _lines(entry, told, phi=phi)
    except ValueError:  # it opened, so it is as it was written
        return ["a later version wrote this: it has words that this version does not know"]


def _lines(entry: Entry, told: set[tuple[UUID | None, str]], *, phi: bool) -> list[str]:
    match entry.kind:
        case EntryKind.NOTE if entry.meta.get("note") == "routed":
            return _route_lines(Decision.model_validate_json(entry.body))
        case EntryKind.NOTE if entry.meta.get("note") == REROUTED:
            return _reroute_lines(json.loads(entry.body))
        case EntryKind.NOTE if entry.meta.get("note") == CONFIRMING:
            return _confirming_lines(json.loads(entry.body))
        case EntryKind.NOTE if entry.meta.get("note") == "arrived":
            return [f"it came by itself: payer-gateway arrivals show {json.loads(entry.body)['arrival']}"]
        case EntryKind.NOTE:
            return [f"{key}: {value}" for key, value in json.loads(entry.body).items()]
        case EntryKind.OUTCOME:
            lines = _outcome_lines(Outcome.model_validate_json(entry.body), phi=phi)
            return ["a person says what the payer has", *lines[1:]] if entry.meta.get("by") == "person" else lines
        case _:
            lines = [f"{key}: {value}" for key, value in entry.meta.items() if key in _TOLD and value is not None]
            lines.extend(_loss_lines(entry, told))
            if is_turn(entry):
                lines.extend(turn_lines(entry.body, phi=phi))
            elif is_page(entry):
                lines.extend(page_lines(entry.body, phi=phi))
            elif phi:
                lines.extend(entry.body.decode(errors="backslashreplace").replace("~", "~\n").splitlines())
            return lines


def _route_lines(decision: Decision) -> list[str]:
    lines: list[str] = []
    told: set[str] = set()
    for side in decision.sides:
        to = f", to {side.payer}" if side.payer else ""
        lines.append(f"line {side.line_id}: {side.benefit or 'no'} benefit{to}. {side.why.says}")
        lines.extend(_step_line(step) for step in side.steps if side.line_id not in told or step.rule in _OF_A_SIDE)
        told.add(side.line_id)
    for tried in decision.tried:
        why = " ".join(reason.says for reason in tried.reasons)
        whose = f" of {tried.payer}" if tried.payer else ""
        lines.append(
            f"{tried.connection}{whose} for {tried.benefit}, lines {', '.join(tried.line_ids)}: {tried.verdict}. {why}"
        )
    for split in decision.splits:
        parts = "; ".join(", ".join(part) for part in split.parts)
        by = f" By {', '.join(split.data)}." if split.data else ""
        lines.append(f"in parts, lines {parts}. {split.why.says}{by}")
    for left in decision.unrouted:
        lines.append(f"lines {', '.join(left.line_ids)} go nowhere. {left.why.says} {left.why.fix or ''}".rstrip())
    return lines


def _reroute_lines(note: Mapping[str, Any]) -> list[str]:
    goes = f"goes on by itself: {note['because']}"
    instead = f"submission {note['submission']} is made in the place of {note['instead_of']}"
    return [goes, instead, *_route_lines(Decision.model_validate(note["decision"]))]


def _confirming_lines(note: Mapping[str, Any]) -> list[str]:
    asks = f"the payer itself is asked by submission {', '.join(note['submissions'])}: {note['because']}"
    decisions = [Decision.model_validate(one) for one in note["decisions"]]
    return [asks, *(line for one in decisions for line in _route_lines(one))]


def _step_line(step: Step) -> str:
    parts = [f"  {step.rule} {step.result}: {step.says}"]
    parts += [f"Read {', '.join(step.inputs)}."] if step.inputs else []
    parts += [f"By {', '.join(step.data)}."] if step.data else []
    parts += [f"Would change it: {step.otherwise}"] if step.otherwise else []
    return " ".join(parts)


def _loss_lines(entry: Entry, told: set[tuple[UUID | None, str]]) -> Iterator[str]:
    again = 0
    for loss in entry.meta.get("losses", ()):
        line = f"not carried as it is: {loss['pointer']} ({loss['what']}; {loss['kept']})"
        if (entry.submission_id, line) in told:
            again += 1
        else:
            told.add((entry.submission_id, line))
            yield line
    if again:
        yield f"not carried as it is: {again} that were told before"


def _outcome_lines(outcome: Outcome, *, phi: bool) -> list[str]:
    lines = [f"the payer answered: {_ANSWERED.get(outcome.answer, outcome.answer)}"]
    for place, result in enumerate(outcome.lines):
        source = outcome.sources.get(f"/lines/{place}/outcome")
        where = f"  (entry {source.entry}, {source.path}, bytes {source.start} to {source.end})" if source else ""
        lines.append(f"line {result.line or 'not ours'}: {result.outcome}{where}")
        lines.extend(f"  because {_reason(reason, phi=phi)}" for reason in result.reasons)
    lines.extend(f"because {_reason(reason, phi=phi)}" for reason in outcome.reasons)
    for item in outcome.requested:
        ours = item.kind != "other" and item.code_system is not None
        lines.append(f"asks for {item.kind} ({item.code_system} {_code(item.code, ours=ours, phi=phi)})")
    if asked := outcome.questions:
        until = f", to be answered by {_moment(asked.deadline)}" if asked.deadline else ""
        questions = "1 question" if len(asked.questions) == 1 else f"{len(asked.questions)} questions"
        lines.append(f"asks {questions} in round {asked.round}{until}")
    if outcome.expected_by:
        lines.append(f"says that it will decide by {_moment(outcome.expected_by)}")
    if outcome.attention_why:
        lines.append(f"attention {outcome.attention}: {outcome.attention_why}")
    if phi:
        lines.extend(f"in the payer's words: {message}" for message in outcome.messages)
        lines.extend(f"{reference.kind}: {reference.value}" for reference in outcome.references)
    return lines


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _reason(reason: Reason, *, phi: bool) -> str:
    if reason.code is None:
        return reason.word
    ours = reason.word is not Word.UNMAPPED
    return f"{reason.word} ({reason.code_system} {_code(reason.code, ours=ours, phi=phi)})"


def _code(code: str | None, *, ours: bool, phi: bool) -> str | None:
    """A code for which our tables have no word may be anything: whoever wrote it may have written a name."""
    return code if code is None or ours or phi else "[not shown]"
