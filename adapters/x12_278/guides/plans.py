"""Rules and levels, worked out once for each order in which watched segments come, so that only values are left to ask.

Most transactions of one sender are of a few orders. A plan says yes where all is right, and no where somebody has to
look closely. Where there is no plan, because it would be long or hangs on values, levels and rules are asked outright.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.x12_278.guides.judge import Broken, Judge, Noted
from adapters.x12_278.guides.levels import Above, Level, misplaced
from adapters.x12_278.guides.planning import LevelCase, Plan, Planner
from adapters.x12_278.segment import Delimiters

LONGEST = 1000
"""Watched segments of an order that a plan is made for."""
MOST_KEPT = 40_000
"""Segments and looks of all plans that are kept, for whatever delimiters: some 15 MB."""


_Made = dict[tuple[int, ...], Plan | None]


class Shelf:
    """The room that the plans of several guides share."""

    def __init__(self) -> None:
        self._lent: list[_Made] = []
        self.kept = 0

    def lend(self) -> _Made:
        self._lent.append({})
        return self._lent[-1]

    def take(self, size: int) -> None:
        """Makes room for a plan, if need be by giving all others away."""
        if self.kept + size > MOST_KEPT:
            for made in self._lent:
                made.clear()
            self.kept = 0
        self.kept += size


class Plans:
    def __init__(self, judge: Judge, above: Above, marks: Delimiters, shelf: Shelf) -> None:
        self._judge = judge
        self._above = above
        self._marks = marks
        self._planner = Planner(judge, above, marks)
        self._shelf = shelf
        self._made = shelf.lend()

    def holds(self, places: Sequence[int], segments: Sequence[bytes]) -> bool:
        """Whether neither a level nor a rule has anything against the transaction. A no may be wrong, a yes is not."""
        order = tuple(places)
        plan = self._made.get(order)
        if plan is None:
            plan = self._kept(order)
            if plan is None:
                return self._judged(order, segments)
        separator = self._marks.element
        rows = [segments[row].split(separator) for row in plan.rows]
        if not self._level(plan.levels, rows):
            return False
        for when, then, _, _, _, _ in plan.cases:
            for asking in when:
                if not asking(rows):
                    break
            else:
                for asking in then:
                    if not asking(rows):
                        return False
        return True

    def against(self, noted: Sequence[Noted]) -> tuple[bool, list[Broken]]:
        """Whether somebody has to look at the levels, and the rules that do not hold."""
        plan = self._made.get(tuple([each.place for each in noted]))
        if plan is None:
            return True, list(self._judge.broken(self._judge.entries(noted)))
        separator = self._marks.element
        rows = [noted[row].segment.split(separator) for row in plan.rows]
        found = []
        for when, then, compiled, at, missing, wanted in plan.cases:
            if all(asking(rows) for asking in when):
                unmet = next((each for asking, each in zip(then, wanted, strict=True) if not asking(rows)), None)
                if unmet is not None:
                    values = noted[at].segment.split(separator)
                    found.append(Broken(compiled.rule, compiled.at, noted[at], values, missing, unmet))
        return not self._level(plan.levels, rows), found

    def _kept(self, order: tuple[int, ...]) -> Plan | None:
        if len(order) > LONGEST or order in self._made:
            return None
        plan = self._planner.plan(order)
        self._shelf.take(len(order) + (plan.looks if plan else 0))
        self._made[order] = plan
        return plan

    def _judged(self, order: tuple[int, ...], segments: Sequence[bytes]) -> bool:
        """As ``Walk`` asks it."""
        judge, separator = self._judge, self._marks.element
        levels = [
            Level(at, segments[at].split(separator), *judge.node(place))
            for at, place in enumerate(order)
            if place in judge.levels
        ]
        if misplaced(levels, self._above):
            return False
        del levels  # of a long transaction they are much, and so is what follows
        entries = judge.entries([Noted(place, at, segments[at]) for at, place in enumerate(order)])
        return next(judge.broken(entries), None) is None

    def _level(self, levels: tuple[LevelCase, ...], rows: list[list[bytes]]) -> bool:
        parents = {rows[level.row][2] for level in levels}
        for row, number, own, family, counts in levels:
            values = rows[row]
            if values[1] != own or family.get(values[2], number) >= number:
                return False
            if counts and len(values) > 4 and values[4] != (b"1" if own in parents else b"0"):
                return False
        return True
