"""The directory of pharmacy managers: which of them a card's BIN, PCN and group lead to.

BIN alone does not identify one: several share it, and it changes hands. The row that says most of a card wins; of two
that say as much neither does. PCN and group are compared in capitals and without blanks: cards print them in capitals,
and a row that is missed for its spelling would leave the card to a row that says less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import CalendarDate, ShortText
from gateway.model.people import CardGroup, CardNumber, Pharmacy, ProcessorControl
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective, Id

Support = Literal["initiation", "unsolicited", "appeal", "cancel", "attachments"]


class Row(Record):
    """Cards with this BIN, and with this PCN and group where they are given, belong to this payer, which is reached
    over ``connection`` where one is named. ``supports`` is what its electronic PA takes."""

    bin: CardNumber
    pcn: ProcessorControl | None = None
    group: CardGroup | None = None
    payer: Id
    connection: Id | None = None
    supports: Annotated[tuple[Support, ...], Bounds(0, 5)] = ()
    valid_from: CalendarDate
    valid_to: CalendarDate | None = None
    source: ShortText
    checked_on: CalendarDate

    @field_validator("valid_to")
    @classmethod
    def _in_order(cls, end: date | None, info: ValidationInfo) -> date | None:
        if end and end < info.data.get("valid_from", end):
            refuse("valid_to", "It ends before it starts.", "Swap the dates or drop valid_to.")
        return end

    @property
    def takes_requests(self) -> bool:
        """Whether a first request is taken electronically: one that asks what is asked, or one that comes unasked."""
        return not {"initiation", "unsolicited"}.isdisjoint(self.supports)

    @property
    def days(self) -> Effective:
        return Effective(start=self.valid_from, end=self.valid_to)

    @property
    def weight(self) -> int:
        """How much it says of a card."""
        return (self.pcn is not None) + (self.group is not None)

    def fits(self, card: Pharmacy, on: date) -> bool:
        return (
            self.bin == card.bin
            and _written(self.pcn) in (None, _written(card.pcn))
            and _written(self.group) in (None, _written(card.group))
            and self.days.holds(on)
        )


def _written(word: str | None) -> str | None:
    return None if word is None else "".join(word.split()).upper()


class Directory(Record):
    """One source's rows."""

    directory: Id
    rows: Annotated[tuple[Row, ...], Bounds(1, 5000)]


@dataclass(frozen=True)
class Named:
    """A row and its name: its directory and its place there, counted from 0."""

    directory: str
    place: int
    row: Row

    def __str__(self) -> str:
        return f"{self.directory} row {self.place}"


class TiedRows(Exception):
    """Rows that say as much of a card as each other, and more than all others."""

    def __init__(self, rows: Sequence[Named]) -> None:
        super().__init__(" and ".join(map(str, rows)))
        self.rows = tuple(rows)


def named(directories: Iterable[Directory]) -> tuple[Named, ...]:
    return tuple(
        Named(each.directory, place, row)
        for each in sorted(directories, key=lambda each: each.directory)
        for place, row in enumerate(each.rows)
    )


def find(rows: Iterable[Named], card: Pharmacy, on: date) -> Named | None:
    """The row that says most of the card; None where none fits. Raises TiedRows."""
    fitting = [each for each in rows if each.row.fits(card, on)]
    best = max((each.row.weight for each in fitting), default=0)
    winners = [each for each in fitting if each.row.weight == best]
    if len(winners) > 1:
        raise TiedRows(winners)
    return winners[0] if winners else None


def ties(rows: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    """Pairs that some card on some day would fit alike, with no row that says more of it."""
    for one, other in combinations(rows, 2):
        if one.row.weight == other.row.weight and _meet(one.row, other.row) and not _settled(one.row, other.row, rows):
            yield one, other


def _meet(one: Row, other: Row) -> bool:
    return (
        one.bin == other.bin
        and (None in (one.pcn, other.pcn) or _written(one.pcn) == _written(other.pcn))
        and (None in (one.group, other.group) or _written(one.group) == _written(other.group))
        and one.days.overlaps(other.days)
    )


def _settled(one: Row, other: Row, rows: Iterable[Named]) -> bool:
    """True where a row says of every card that fits both as much as they say together, on all days of both."""
    pcn, group = one.pcn or other.pcn, one.group or other.group
    start = max(one.valid_from, other.valid_from)
    end = min((day for day in (one.valid_to, other.valid_to) if day), default=date.max)
    return any(
        (row.bin, _written(row.pcn), _written(row.group)) == (one.bin, _written(pcn), _written(group))
        and row.weight > one.weight
        and row.valid_from <= start
        and (row.valid_to or date.max) >= end
        for row in (each.row for each in rows)
    )
