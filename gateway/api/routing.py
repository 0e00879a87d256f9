"""How each submission of a case came to be, as it was decided then: rules in their order, what they read, and what else
was looked at.

Read from the journal; nothing is routed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from gateway.api.problems import NOT_FOUND, Refusal
from gateway.api.route import Call, respond
from gateway.contract.destination import Benefit
from gateway.engine.detours import NOTE
from gateway.model.record import Record
from gateway.routing.decision import Decision, Side, Split, Tried, Unrouted
from gateway.store.journal import read_entries
from gateway.store.records import Case, Entry, EntryKind, Submission


class RoutedView(Record):
    """One submission, with what of a decision is about its lines."""

    submission: UUID
    payer: str
    connection: str
    channel: str
    benefit: Benefit
    lines: tuple[str, ...]
    instead_of: Annotated[UUID | None, Field(description="The submission in whose place it was made.")]
    because: Annotated[str | None, Field(description="Why another had to be asked; null for the request's own way.")]
    not_rerouted: Annotated[str | None, Field(description="Why a person has to find out who is asked instead.")]
    sides: Annotated[
        tuple[Side, ...],
        Field(description="By line, the rules in the order in which they were tried, with what each read."),
    ]
    tried: Annotated[tuple[Tried, ...], Field(description="Routes that were looked at, with what spoke against each.")]
    splits: Annotated[tuple[Split, ...], Field(description="Why its lines are apart from others of the request.")]
    entry: Annotated[int, Field(description="The journal's entry that holds the whole decision.")]


class RoutingView(Record):
    """How a case's lines came to go where they go."""

    data: tuple[RoutedView, ...]
    unrouted: Annotated[tuple[Unrouted, ...], Field(description="Lines that go nowhere, and what to do about it.")]


async def show_routing(call: Call) -> web.Response:
    # Before the case: whatever they tell of is in it then, though it is re-routed meanwhile.
    entries = await read_entries(call.desk.database, call.caller.tenant, call.caller.mode, call.id())
    case = await call.desk.show(call.caller, call.id())
    if case is None:
        raise Refusal(NOT_FOUND, "This key's tenant has no such case in this mode.")
    notes = [entry for entry in entries if isinstance(entry, Entry) and entry.kind is EntryKind.NOTE]
    routed = next((entry for entry in notes if entry.meta.get("note") == "routed"), None)
    unrouted = () if routed is None else Decision.model_validate_json(routed.body).unrouted
    return respond(RoutingView(data=tuple(_routed(case, notes)), unrouted=unrouted))


def _routed(case: Case, notes: list[Entry]) -> Iterator[RoutedView]:
    held = sorted(case.submissions, key=lambda submission: submission.place)
    by_id = {str(submission.id): submission for submission in held}
    left = {
        entry.submission_id: str(json.loads(entry.body)["why"])
        for entry in notes
        if entry.meta.get("note") == f"not_{NOTE}"
    }
    for entry in notes:
        match entry.meta.get("note"):
            case "routed":
                decision = Decision.model_validate_json(entry.body)
                for submission, _ in zip(held, decision.plans, strict=False):
                    yield _view(submission, decision, entry, None, left)
            case word if word == NOTE:
                told: dict[str, Any] = json.loads(entry.body)
                decision = Decision.model_validate(told["decision"])
                yield _view(by_id[told["submission"]], decision, entry, told["because"], left)


def _view(
    submission: Submission, decision: Decision, entry: Entry, because: str | None, left: dict[UUID | None, str]
) -> RoutedView:
    own = set(submission.line_ids)
    return RoutedView(
        submission=submission.id,
        payer=submission.payer,
        connection=submission.connection,
        channel=submission.channel,
        benefit=submission.benefit,
        lines=submission.line_ids,
        instead_of=submission.rerouted.instead_of if submission.rerouted else None,
        because=because,
        not_rerouted=left.get(submission.id),
        sides=tuple(
            side for side in decision.sides if side.line_id in own and side.benefit in (submission.benefit, None)
        ),
        tried=tuple(one for one in decision.tried if own & set(one.line_ids) and one.benefit == submission.benefit),
        splits=tuple(split for split in decision.splits if any(own & set(part) for part in split.parts)),
        entry=entry.n,
    )
