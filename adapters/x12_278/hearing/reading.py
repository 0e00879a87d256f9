"""An outcome in the making: values with the places they were read from, and what was not understood on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.segment import Segment, Value
from adapters.x12_278.settings import payer_settings
from gateway.contract.destination import CodeEntry, Destination
from gateway.model.outcome import Answer, Outcome, Source, Span
from gateway.model.reasons import NextAction, Reason, Scope, Word
from gateway.model.status import Attention

_DATES = re.compile(rb"\s*([0-9]{8})\s*(?:-\s*([0-9]{8})\s*)?")
_ENDED_BY = MappingProxyType({"007": "036", "193": "194"})
"""DTP01 of first days, and of their last ones: effective and expiration, begin and end of a period."""
_MOST_DOUBTS = 50
"""More of them tell a person nothing more."""
_SOURCES = TypeAdapter(dict[str, Source])
_DAY = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"([0-2][0-9])([0-5][0-9])([0-5][0-9])?[0-9]{0,2}")


class Day(NamedTuple):
    date: date
    value: Value


class Given(NamedTuple):
    """A reason the payer gave, and where: its code (or whatever stands for one), its sentence, its advice."""

    reason: Reason
    code: Value
    told: Value | None = None
    advice: Value | None = None


class Reading:
    """Collects sources and doubts. A doubt means that a person of ours must look."""

    def __init__(self, to: Destination) -> None:
        self.to = to
        self._sources: dict[str, dict[str, object]] = {}
        self.doubts: list[str] = []
        self._days: dict[int, tuple[Day | None, Day | None]] = {}

    def keep(self, pointer: str, loop: str, value: Value) -> None:
        """Remember where the outcome's value at ``pointer`` was read."""
        self._sources[pointer] = {
            "path": f"{loop}/{value.label}",
            "segment": value.segment,
            "start": value.start,
            "end": value.end,
        }

    def sources(self) -> dict[str, Source]:
        """All places by pointer; made at once, which takes a fraction of the time."""
        return _SOURCES.validate_python(self._sources)

    def doubt(self, why: str) -> None:
        if len(self.doubts) < _MOST_DOUBTS and why not in self.doubts:
            self.doubts.append(why)

    def entry(self, table: str, value: Value) -> CodeEntry | None:
        """The table's entry; a code it does not know is a doubt."""
        entry = self.to.entry(table, value.text)
        if entry is None:
            self.doubt(f"{value.label} of segment {value.segment} is not in the table {table}")
        return entry

    def give(
        self,
        table: str,
        code: Value,
        scope: Scope,
        told: Value | None = None,
        advised: NextAction | None = None,
        advice: Value | None = None,
    ) -> Given:
        """A reason by its code. ``told`` is the payer's sentence, ``advised`` its advice, read at ``advice``."""
        entry = self.entry(table, code)
        reason = Reason(
            word=Word(entry.means) if entry else Word.UNMAPPED,
            code=code.text,
            code_system=table,
            text=told.text if told else None,
            scope=scope,
            suggested=advised or (entry.next if entry else None),
        )
        return Given(reason, code, told, advice)

    def keep_reason(self, pointer: str, loop: str, given: Given) -> None:
        self.keep(f"{pointer}/code" if given.reason.code else f"{pointer}/word", loop, given.code)
        if given.told:
            self.keep(f"{pointer}/text", loop, given.told)
        if given.advice and given.reason.suggested:
            self.keep(f"{pointer}/suggested", loop, given.advice)

    def days(self, segment: Segment) -> tuple[Day | None, Day | None]:
        """The date or the range of a DTP; a date that does not exist is a doubt."""
        found = self._days.get(segment.number)
        if found is None:
            found = self._days[segment.number] = self._days_of(segment)
        return found

    def _days_of(self, segment: Segment) -> tuple[Day | None, Day | None]:
        value = segment.value(3)
        match = _DATES.fullmatch(segment.raw(3)) if value else None
        if value is None or match is None:
            self.doubt(f"segment {segment.number} has no readable date")
            return None, None
        return self._day(value, match, 1), self._day(value, match, 2) if match.group(2) is not None else None

    def _day(self, value: Value, match: re.Match[bytes], group: int) -> Day | None:
        try:
            found = date.fromisoformat(match.group(group).decode())
        except ValueError:
            self.doubt(f"segment {value.segment} has no readable date")
            return None
        start, end = match.span(group)
        return Day(found, Value(value.text, value.label, value.segment, value.start + start, value.start + end))

    def period(self, loop: Loop, qualifiers: tuple[str, ...]) -> tuple[Day | None, Day | None] | None:
        """The first of these dates that the loop has, with the one that ends it. Of several the latest start and the
        earliest end count, for these days are in all of them; a person looks."""
        for qualifier in qualifiers:
            ending = _ENDED_BY.get(qualifier)
            dated, expiring = loop.dated(qualifier), loop.dated(ending) if ending else ()
            if len(dated) == 1 and not expiring:
                return self.days(dated[0])
            if dated or expiring:
                return self._in_all(loop, [self.days(dtp) for dtp in dated], [self.days(dtp)[0] for dtp in expiring])
        return None

    def _in_all(
        self, loop: Loop, found: list[tuple[Day | None, Day | None]], expiry: list[Day | None]
    ) -> tuple[Day | None, Day | None]:
        if (
            len({(start and start.date, end and end.date) for start, end in found}) > 1
            or len({end and end.date for end in expiry}) > 1
        ):
            self.doubt(f"{loop.name} has several dates of one kind")
        starts = [start for start, _ in found if start]
        ends = [end for end in (*(end for _, end in found), *expiry) if end]
        return max(starts, key=lambda day: day.date, default=None), min(ends, key=lambda day: day.date, default=None)

    def legible(self, loop: Loop, qualifiers: tuple[str, ...]) -> bool:
        """True when each of these dates can be read, and both days of a range can."""
        for qualifier in qualifiers:
            for dtp in loop.dated(qualifier):
                start, end = self.days(dtp)
                if start is None or (end is None and (dtp.text(2) == "RD8" or b"-" in dtp.raw(3))):
                    self.doubt(f"segment {dtp.number} has no readable date")
                    return False
        return True

    def span(self, pointer: str, loop: str, period: tuple[Day | None, Day | None]) -> Span | None:
        start, end = period
        if start is None and end is None:
            return None
        for name, day in (("start", start), ("end", end)):
            if day:
                self.keep(f"{pointer}/{name}", loop, day.value)
        return Span(start=start.date if start else None, end=end.date if end else None)

    def effective_at(self, bht: Segment) -> datetime | None:
        """The payer's own time of the answer, read in the payer's zone. None for one that the zone has twice or never:
        those of the hour that comes back when summer time ends would put what was said in a false order."""
        day, moment = bht.value(4), bht.value(5)
        time = _TIME.fullmatch(moment.text) if moment else None
        if day is None or moment is None or time is None or not _DAY.fullmatch(day.text):
            return None
        hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
        zone = ZoneInfo(payer_settings(self.to).time_zone)
        try:
            found = datetime(
                int(day.text[:4]), int(day.text[4:6]), int(day.text[6:]), hour, minute, second, tzinfo=zone
            )
        except ValueError:
            return None
        if found.utcoffset() != found.replace(fold=1).utcoffset():
            return None
        self.keep("/effective_at", "header", day._replace(end=moment.end))
        return found


def messages_in(loop: Loop) -> Iterator[Value]:
    """The free text of a loop."""
    for segment in loop.all("MSG"):
        value = segment.value(1)
        if value:
            yield value


def unmapped(document: bytes, why: str) -> Outcome:
    """Read, and not understood: a person looks, and nothing changes until then."""
    return Outcome(answer=Answer.UNMAPPED, attention=Attention.OPERATOR, attention_why=why, document=document)
