"""What words of a page mean, as sites in the US write them: numbers, days, times of day. None for any other."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

_CODE = re.compile(r"[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]|[0-9]{11}")
"""Of a procedure (HCPCS, CPT) or a drug (NDC)."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number_in(text: str, shape: re.Pattern[str]) -> str | None:
    """The one number of this shape in a text."""
    found = set(shape.findall(text))
    return found.pop() if len(found) == 1 else None


def codes_in(text: str) -> frozenset[str] | None:
    """Codes with commas between them, and nothing else."""
    found = text.split(", ")
    return frozenset(found) if all(map(_CODE.fullmatch, found)) else None


def iso_date(text: str) -> date | None:
    """YYYY-MM-DD, and a day that exists."""
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    return _day(parts[1], parts[2], parts[3]) if parts else None


def us_date(text: str) -> date | None:
    """MM/DD/YYYY, and a day that exists."""
    parts = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    return _day(parts[3], parts[1], parts[2]) if parts else None


def us_moment(text: str, zone: tzinfo) -> datetime | None:
    """MM/DD/YYYY HH:MM AM, by clocks of the zone; None for an hour that is there twice, or never, as they change."""
    parts = re.fullmatch(r"([0-9/]{10}) ([0-9]{2}):([0-9]{2}) ([AP])M", text)
    return _moment(us_date(parts[1]), parts[2], parts[3], parts[4], zone) if parts else None


def browser_moment(text: str, zone: tzinfo) -> datetime | None:
    """Jan 2, 2026, 3:04 PM: as a browser writes it (en-US), by its own clock."""
    parts = re.fullmatch(
        r"([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4}), ([0-9]{1,2}):([0-9]{2}) ([AP])M", " ".join(text.split())
    )
    if parts is None or parts[1] not in _MONTHS:
        return None
    day = _day(parts[3], str(_MONTHS.index(parts[1]) + 1), parts[2])
    return _moment(day, parts[4], parts[5], parts[6], zone)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _moment(day: date | None, hour: str, minute: str, half: str, zone: tzinfo) -> datetime | None:
    if day is None or not 1 <= int(hour) <= 12 or int(minute) > 59:
        return None
    told = datetime(day.year, day.month, day.day, int(hour) % 12 + (12 if half == "P" else 0), int(minute), tzinfo=zone)
    return told if told.utcoffset() == told.replace(fold=1).utcoffset() else None
