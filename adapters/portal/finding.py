"""Is a lost filing on file? Rows of a site's search held against what was filed, and when.

One match is adopted, none proves that nothing is on file (once the site has had its time), several go to a person. A
row that can be read only in part, and is not known to be another, counts as several: nothing is adopted on a guess. So
does one that fits and came a little before ours: the site's clock may be slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from adapters.portal.names import Name
from gateway.model.member import bare
from gateway.model.request import PARequest

SKEW = timedelta(minutes=15)
"""By how much a site's clock may be slow."""

_MEMBER_ID = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
"""What of a row can be read as one. Some sites show the end of it alone, behind stars."""


@dataclass(frozen=True)
class Row:
    """A row of results: None is what could not be read, and ``member_id`` stands as the site writes it."""

    reference: str
    member_id: str | None
    codes: frozenset[str] | None
    start: date | None
    received: datetime | None
    name: str | None
    """The member's, as the site writes it."""


@dataclass(frozen=True)
class Found:
    """``one`` is the reference of the only match; ``unclear`` says that a person must look."""

    one: str | None = None
    unclear: bool = False


def find(rows: tuple[Row, ...], request: PARequest, member_id: str, since: datetime) -> Found:
    """``since`` is when it was to be filed; sites tell minutes, so its own minute counts."""
    earliest = since.replace(second=0, microsecond=0)
    may = [row for row in map(_legible, rows) if not _is_another(row, request, member_id, earliest - SKEW)]
    names = {row.reference for row in may}
    if not may:
        return Found()
    sure = all(_is_ours(row, request, earliest) for row in may)
    return Found(one=names.pop()) if len(names) == 1 and sure else Found(unclear=True)


def _legible(row: Row) -> Row:
    """With a member id that is none taken for unread: nobody is shown to be another by it."""
    return row if _MEMBER_ID.fullmatch(row.member_id or "") else replace(row, member_id=None)


def _is_ours(row: Row, request: PARequest, earliest: datetime) -> bool:
    """True for a row that was read whole, is the patient's in name too, and was received in time."""
    whole = None not in (row.member_id, row.codes, row.start)
    in_time = row.received is not None and row.received >= earliest
    return whole and in_time and row.name is not None and Name.of(request.patient).stands_in(row.name)


def _is_another(row: Row, request: PARequest, member_id: str, earliest: datetime) -> bool:
    """True where something that the row says shows that it is not what was filed."""
    codes = frozenset(line.code.code for line in request.lines)
    start = min(line.dates.start for line in request.lines)
    return (
        (row.member_id is not None and bare(row.member_id) != bare(member_id))
        or (row.codes is not None and row.codes != codes)
        or (row.start is not None and row.start != start)
        or (row.received is not None and row.received < earliest)
    )
