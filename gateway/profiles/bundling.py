"""What a payer takes in one request, as data: a whole regimen or one service, so many codes, one period, one place.

It is the payer's word, over whichever channel. How many lines a message of one channel holds is a setting of that
channel, and that a network takes one line at a time is its connection's. Knows no channel and no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective


class Bundle(Record):
    """One row; it holds on days of asking.

    ``bundling``: ``regimen`` is all that is asked for at once, ``per_service`` one drug or service at a time, with what
    gives it. ``max_codes`` counts different codes. ``same_dates`` and ``same_place`` hold lines of one period and of
    one place of service, and facility, in one request.
    """

    effective: Effective
    source: ShortText
    lines_of_business: Annotated[tuple[LineOfBusiness, ...] | None, Bounds(1, 50)] = None
    bundling: Literal["regimen", "per_service"] = "regimen"
    max_codes: Annotated[int, Field(strict=True, ge=1, le=99)] | None = None
    same_dates: Annotated[bool, Field(strict=True)] = False
    same_place: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _narrows(self) -> Self:
        if self.bundling == "regimen" and self.max_codes is None and not (self.same_dates or self.same_place):
            fix = "Write bundling: per_service, max_codes, same_dates or same_place, or remove the row."
            refuse("requests", "This row keeps nothing apart.", fix)
        return self


def one_at_a_time(rows: Sequence[Bundle]) -> Sequence[Bundle]:
    """The rows, of which no two hold for the same lines on one day."""
    for one, other in combinations(rows, 2):
        businesses = set(one.lines_of_business or LineOfBusiness) & set(other.lines_of_business or LineOfBusiness)
        if businesses and one.effective.overlaps(other.effective):
            refuse("requests", "Two rows hold for the same lines of business on one day.", "End one, or join them.")
    return rows
