"""What facts in profiles have in common: the word of a thing, the days on which it holds, where it was learned."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from gateway.model.codes import CalendarDate, ShortText
from gateway.model.record import Record, refuse

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
"""A payer's or a connection's own word; also the name of its file."""


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse("zone", "There is no such time zone.", "Write an IANA name: America/New_York.")
    return zone


Zone = Annotated[str, Field(max_length=60), AfterValidator(_known_zone)]
"""A time zone by its IANA name, which this machine knows."""


class Effective(Record):
    """Days on which something holds, both included. Without an end it holds until somebody says otherwise."""

    start: CalendarDate
    end: CalendarDate | None = None

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if end and start and end < start:
            refuse("effective", "It ends before it starts.", "Swap the dates or drop the end.")
        return end

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on <= self.end)

    def overlaps(self, other: Effective) -> bool:
        return (other.end is None or self.start <= other.end) and (self.end is None or other.start <= self.end)


class Provenance(Record):
    """Where the facts of this file were learned, when, and who wrote them down."""

    source: ShortText
    date: CalendarDate
    by: ShortText
