"""Is a lost filing on file? Rows of a site's search held against what was filed, and when.

One match is adopted, none proves that nothing is on file (once the site has had its time), several go to a person. A
row that can be read only in part, and is not known to be another, counts as several: nothing is adopted on a guess. So
does one that fits and came a little before ours: the site's clock may be slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.model.request import PARequest

SKEW = timedelta(minutes=15)
"""By how much a site's clock may be slow."""


@dataclass(frozen=True)
class Row:
    """A row of results: None is what could not be read."""

    reference: str
    member_id: str | None
    codes: frozenset[str] | None
    start: date | None
    received: datetime | None


@dataclass(frozen=True)
class Found:
    """``one`` is the reference of the only match; ``unclear`` says that a person must look."""

    one: str | None = None
    unclear: bool = False


def find(rows: tuple[Row, ...], request: PARequest, member_id: str, since: datetime) -> Found:
    """``since`` is when it was to be filed; sites tell minutes, so its own minute counts."""
    earliest = since.replace(second=0, microsecond=0)
    may = [row for row in rows if not _is_another(row, request, member_id, earliest - SKEW)]
    names = {row.reference for row in may}
    if not may:
        return Found()
    sure = all(_is_ours(row, earliest) for row in may)
    return Found(one=names.pop()) if len(names) == 1 and sure else Found(unclear=True)


def _is_ours(row: Row, earliest: datetime) -> bool:
    """True for a row that was read whole, and was received in time."""
    return None not in (row.member_id, row.codes, row.start) and row.received is not None and row.received >= earliest


def _is_another(row: Row, request: PARequest, member_id: str, earliest: datetime) -> bool:
    """True where something that the row says shows that it is not what was filed."""
    codes = frozenset(line.code.code for line in request.lines)
    start = min(line.dates.start for line in request.lines)
    return (
        (row.member_id is not None and row.member_id.casefold() != member_id.casefold())
        or (row.codes is not None and row.codes != codes)
        or (row.start is not None and row.start != start)
        or (row.received is not None and row.received < earliest)
    )
