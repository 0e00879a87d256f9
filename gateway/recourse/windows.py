"""Until when something may be asked for: a window over the moment of the notice. Pure arithmetic of days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.clocks.clock import end_of, end_of_day, is_business_day
from gateway.profiles.recourse import Window

_DAY = timedelta(days=1)


def window_end(window: Window, zone: str, noticed: datetime) -> datetime:
    """The last moment of the window, in UTC. ``zone`` is where its days end."""
    days, limit = ZoneInfo(zone), window.limit
    if limit is not None:
        ends = end_of(limit, zone, noticed)
    else:
        ends = end_of_day(_months_after(noticed.astimezone(days).date(), window.months or 0), days)
    if not window.on_business_day:
        return ends
    last = ends.astimezone(days).date()
    if is_business_day(last):
        return ends
    while not is_business_day(last):
        last += _DAY
    return end_of_day(last, days)


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or the first of the month after where that one is too short (the example of
    45 CFR 147.136(d)(2)(i): October 30 and four months are March 1)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if day.day <= monthrange(year, month)[1]:
        return date(year, month, day.day)
    return date(year + month // 12, month % 12 + 1, 1)
