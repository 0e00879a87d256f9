"""Reports over a tenant's cases. Nothing of a patient is in them, and nothing that the event feed does not tell."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from gateway.api.inputs import PayerId, split
from gateway.api.route import Call, respond
from gateway.clocks.report import Dimension, Item, Row, Tally, items_of, tally
from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import CalendarDate
from gateway.model.line import LineRole
from gateway.model.people import Level, LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.notify.payload import NotKnown, describe
from gateway.store.events import latest_events

CSV = "text/csv"
_BY: tuple[Dimension, ...] = ("payer", "line_of_business", "urgency")
_FIGURES = tuple(name for name in Row.model_fields if name != "of")


class TimelinessFilter(Record):
    """Which items are counted, and by what. Days are those of the payer's receipt (UTC), both included."""

    begin: Annotated[CalendarDate | None, Field(alias="from", description="The first day.")] = None
    until: Annotated[CalendarDate | None, Field(alias="to", description="The last day.")] = None
    payer: PayerId | None = None
    channel: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")] = None
    benefit: Benefit | None = None
    line_of_business: LineOfBusiness | None = None
    urgency: Level | None = None
    service: Annotated[LineRole | None, Field(description="The role of the line.")] = None
    by: Annotated[
        tuple[Dimension, ...],
        Bounds(0, 6),
        BeforeValidator(split),
        Field(description="What rows are of, with commas between: payer,line_of_business,urgency without."),
        WithJsonSchema({"type": "string", "examples": ["payer,urgency"]}),
    ] = ()
    least: Annotated[
        int, Field(ge=1, le=1000, description="Rows of fewer items are withheld, and the total with them.")
    ] = 1

    @model_validator(mode="after")
    def _in_order(self) -> TimelinessFilter:
        if self.begin and self.until and self.until < self.begin:
            refuse("to", "The last day is before the first.", "Swap them.")
        return self


async def report_timeliness(call: Call) -> web.Response:
    return respond(await _tally(call))


async def export_timeliness(call: Call) -> web.Response:
    asked: TimelinessFilter = call.query
    found = await _tally(call)
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    by = asked.by or _BY
    sheet.writerow([*by, *_FIGURES])
    for row in found.rows:
        sheet.writerow([*(row.of[name] for name in by), *(_cell(getattr(row, name)) for name in _FIGURES)])
    return web.Response(text=text.getvalue(), content_type=CSV, charset="utf-8")


def _cell(value: Any) -> Any:
    return "" if value is None else value


async def _tally(call: Call) -> Tally:
    asked: TimelinessFilter = call.query
    items: list[Item] = []
    async for event in latest_events(call.desk.database, call.caller.tenant, call.caller.mode):
        try:
            told = describe(event.id, event.type, event.at, event.case_id, event.sequence, call.live, event.data)
        except NotKnown:
            continue
        items.extend(items_of(told.data.clocks, told.data.appeals))
    only = {
        name: str(word)
        for name in ("payer", "channel", "benefit", "line_of_business", "urgency", "service")
        if (word := getattr(asked, name)) is not None
    }
    begin = _midnight(asked.begin) if asked.begin else None
    end = _midnight(asked.until) + timedelta(days=1) if asked.until not in (None, date.max) else None
    return tally(items, asked.by or _BY, begin=begin, end=end, only=only, least=asked.least)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
