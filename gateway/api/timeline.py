"""Handlers for what happened: events of a case and of all cases, and the journal's entries, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from gateway.api.inputs import EventFilter
from gateway.api.problems import NOT_FOUND, Refusal
from gateway.api.route import Call, respond
from gateway.model.record import Record
from gateway.notify.payload import Event, NotKnown, describe
from gateway.store import events
from gateway.store.journal import Changed, read_entries, read_entry
from gateway.store.records import Entry, EntryKind

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,60}", re.IGNORECASE)
_OCTETS = "application/octet-stream"
_OURS = frozenset({EntryKind.REQUEST, EntryKind.OUTCOME, EntryKind.NOTE})


class EntryView(Record):
    """An entry of the journal, without its bytes."""

    n: int
    livemode: bool
    kind: Annotated[EntryKind | str, Field(description="Another word is one of a later version's.")]
    at: datetime
    submission_id: UUID | None
    attempt_id: UUID | None
    media_type: str
    bytes: int
    digest: Annotated[str, Field(description="SHA-256 (hex) over this entry as it is stored and all before it.")]
    meta: Annotated[Mapping[str, Any], Field(description="Method, HTTP status and the like.")]
    link: str


class UntoldChange(Record):
    """What is known of how the case moved."""

    case_id: UUID
    livemode: bool
    sequence: int


class UntoldEvent(Record):
    """An event in its place that this version of the gateway cannot tell: a later version wrote it, or somebody changed
    it. Read the case."""

    id: UUID
    type: str
    timestamp: datetime
    data: UntoldChange
    told: Annotated[Literal[False], Field(description="Events that can be told have no such field.")] = False


class EventList(Record):
    """Events in their order."""

    data: tuple[Event | UntoldEvent, ...]


class EventPage(EventList):
    """A page of the feed. Nothing is ever added before a cursor."""

    next_cursor: Annotated[str | None, Field(description="Send as after to go on; keep it to poll for more.")]
    has_more: Annotated[bool, Field(description="True when there is more to read now.")]


class EntryList(Record):
    """The journal of a case, from its beginning."""

    data: tuple[EntryView, ...]
    changed: Annotated[
        tuple[int, ...],
        Field(description="Numbers of entries that do not open: they were changed since, and are not listed."),
    ]


async def list_case_events(call: Call) -> web.Response:
    found = await events.read_case_events(call.desk.database, call.caller.tenant, call.caller.mode, call.id())
    if not found:
        raise _nothing()
    return respond(EventList(data=tuple(_event(event, call.live) for event in found)))


async def list_events(call: Call) -> web.Response:
    asked: EventFilter = call.query
    page = await events.read_events(
        call.desk.database,
        call.caller.tenant,
        call.caller.mode,
        after=asked.after,
        types=asked.types or None,
        limit=asked.limit + 1,
    )
    shown = page.events[: asked.limit]
    return respond(
        EventPage(
            data=tuple(_event(event, call.live) for event in shown),
            next_cursor=shown[-1].cursor if shown else asked.after,
            has_more=len(page.events) > asked.limit,
        )
    )


async def list_raw(call: Call) -> web.Response:
    case_id = call.id()
    entries = await read_entries(call.desk.database, call.caller.tenant, call.caller.mode, case_id)
    if not entries:
        raise _nothing()
    listed = tuple(_entry(case_id, entry, call.live) for entry in entries if not isinstance(entry, Changed))
    return respond(EntryList(data=listed, changed=tuple(entry.n for entry in entries if isinstance(entry, Changed))))


async def show_raw(call: Call) -> web.Response:
    case_id, n = call.id(), call.number("n")
    entry = await read_entry(call.desk.database, call.caller.tenant, call.caller.mode, case_id, n)
    if entry is None:
        raise _nothing()
    return web.Response(
        body=entry.body,
        headers={
            "Content-Type": media_type(entry),
            "Content-Disposition": f'attachment; filename="{case_id}-{n}-{entry.kind}"',
        },
    )


def media_type(entry: Entry) -> str:
    """What the bytes are, without parameters. A payer's word for it is passed on only if it looks like one."""
    if entry.kind in _OURS:
        return "application/json"
    if entry.kind is EntryKind.EVIDENCE:
        seen = str(entry.meta.get("media_type"))
        return seen if _MEDIA_TYPE.fullmatch(seen) else _OCTETS
    said = str(entry.meta.get("content_type") or entry.meta.get("document_type") or "").partition(";")[0].strip()
    return said if _MEDIA_TYPE.fullmatch(said) else _OCTETS


def _event(event: events.Event, live: bool) -> Event | UntoldEvent:
    try:
        return describe(event.id, event.type, event.at, event.case_id, event.sequence, live, event.data)
    except NotKnown:
        change = UntoldChange(case_id=event.case_id, livemode=live, sequence=event.sequence)
        return UntoldEvent(id=event.id, type=event.type, timestamp=event.at, data=change)


def _entry(case_id: UUID, entry: Entry, live: bool) -> EntryView:
    return EntryView(
        n=entry.n,
        livemode=live,
        kind=entry.kind,
        at=entry.at,
        submission_id=entry.submission_id,
        attempt_id=entry.attempt_id,
        media_type=media_type(entry),
        bytes=len(entry.body),
        digest=entry.digest.hex(),
        meta=entry.meta,
        link=f"/v1/requests/{case_id}/raw/{entry.n}",
    )


def _nothing() -> Refusal:
    return Refusal(NOT_FOUND, "This key's tenant has nothing of the kind in this mode.")
