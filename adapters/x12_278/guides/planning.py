"""Works out what rules and levels ask of the values of transactions whose watched segments come in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from adapters.x12_278.guides.judge import AskedAll, Compiled, Entries, Entry, Judge, Noted
from adapters.x12_278.guides.levels import Above, Family, Level, families, may_differ
from adapters.x12_278.guides.rules import Condition, is_npi
from adapters.x12_278.segment import Delimiters

MOST_LOOKS = 3000
"""Values that a plan looks at. What looks from each service at every other has soon more than it has segments."""


class Reference(NamedTuple):
    """A value: of which row, at which place. Where ``key`` is not 0 the element there must be ``code``."""

    row: int
    element: int
    component: int
    key: int
    part: int
    code: bytes


class Test(NamedTuple):
    kind: str
    values: frozenset[bytes]
    references: tuple[Reference, ...]


Asking = Callable[[list[list[bytes]]], bool]
"""A test, made ready to be asked of rows."""


class Case(NamedTuple):
    """One rule at one segment. ``at`` is which of the watched segments, ``wanted`` what ``then`` asks."""

    when: tuple[Asking, ...]
    then: tuple[Asking, ...]
    rule: Compiled
    at: int
    missing: bool
    wanted: tuple[Condition, ...]


class LevelCase(NamedTuple):
    """The level of that number, which ``own`` says too."""

    row: int
    number: int
    own: bytes
    family: Family
    counts: bool


class Plan(NamedTuple):
    """``rows`` are the watched segments that are cut into values; ``levels`` come first in them."""

    rows: tuple[int, ...]
    levels: tuple[LevelCase, ...]
    cases: tuple[Case, ...]
    looks: int


class _Unplannable(Exception):
    pass


class Planner:
    def __init__(self, judge: Judge, above: Above, marks: Delimiters) -> None:
        self._judge = judge
        self._above = above
        self._marks = marks
        self._looks = 0

    def plan(self, order: tuple[int, ...]) -> Plan | None:
        """None where what a rule says depends on more than the order, or is too long to be worked out."""
        judge = self._judge
        self._looks = 0
        entries = judge.entries([Noted(place, at, b"") for at, place in enumerate(order)])
        rows: dict[int, int] = {}
        levels = list(self._levels(order, rows))
        cases: list[Case] = []
        try:
            for compiled in judge.rules:
                cases += self._cases(compiled, entries, rows)
        except _Unplannable:
            return None
        return Plan(tuple(rows), tuple(levels), tuple(cases), self._looks)

    def _levels(self, order: tuple[int, ...], rows: dict[int, int]) -> Iterator[LevelCase]:
        found: list[Level] = []
        at: list[int] = []
        for row, place in enumerate(order):
            if place in self._judge.levels:
                loop, node = self._judge.node(place)
                found.append(Level(row, (b"HL", b"%d" % (len(found) + 1), b""), loop, node))
                at.append(row)
        cases = zip(at, found, families(found, self._above), strict=True)
        for count, (row, level, family) in enumerate(cases, start=1):
            family[b""] = 0
            yield LevelCase(_row(rows, row), count, level.values[1], family, may_differ(level.node))

    def _cases(self, compiled: Compiled, entries: Entries, rows: dict[int, int]) -> Iterator[Case]:
        if compiled.opener not in entries:
            return
        at = [(node, entry) for node in compiled.nodes for entry in entries.get(node, ())]
        sure = all(self._fixed(node, compiled.at.code) for node, _ in at)
        for node, entry in at:
            guards = (
                () if self._fixed(node, compiled.at.code) else (self._reference(node, entry, 0, 0, compiled, rows),)
            )
            yield from self._case(compiled, entry, False, entries, rows, guards)
        if compiled.opener in compiled.nodes or self._needs_itself(compiled):
            return
        inside = {entry.path for _, entry in at}
        for entry in entries[compiled.opener]:
            if entry.path not in inside:
                yield from self._case(compiled, entry, True, entries, rows, ())
            elif not sure:
                raise _Unplannable

    def _case(
        self,
        compiled: Compiled,
        entry: Entry,
        missing: bool,
        entries: Entries,
        rows: dict[int, int],
        guards: tuple[Reference, ...],
    ) -> Iterator[Case]:
        when = [self._test(compiled, each, entry, missing, entries, rows) for each in compiled.when]
        then = [self._test(compiled, each, entry, missing, entries, rows) for each in compiled.then]
        if any(test is False for test in when) or all(test is True for test in then):
            return
        never = Test("present", frozenset(), ())
        asked = [self._asking(test) for test in when if isinstance(test, Test)]
        needed = [self._asking(test if isinstance(test, Test) else never) for test in then if test is not True]
        guarded = (partial(self._guarded, guard) for guard in guards)
        wanted = (each[0] for each, test in zip(compiled.then, then, strict=True) if test is not True)
        yield Case((*guarded, *asked), tuple(needed), compiled, entry.noted.number, missing, tuple(wanted))

    def _asking(self, test: Test) -> Asking:
        """The commonest tests, of one plain value, are made to be quick."""
        if len(test.references) == 1 and not test.references[0].key and not test.references[0].component:
            row, element = test.references[0][:2]
            values = test.values
            if test.kind == "present":
                return lambda rows: len(rows[row]) > element and rows[row][element] != b""
            if test.kind in ("equals", "one_of"):
                return lambda rows: len(rows[row]) > element and rows[row][element] in values
        return partial(self._met, test)

    def _test(
        self,
        compiled: Compiled,
        asked: AskedAll,
        entry: Entry,
        missing: bool,
        entries: Entries,
        rows: dict[int, int],
    ) -> Test | bool:
        condition, places, values = asked
        found: list[Reference] = []
        for place in places:
            if place.same:
                others = [] if missing else [(entry.noted.place, entry)]
            else:
                path = entry.path[: place.depth]
                others = [(node, other) for node in place.nodes for other in entries.within(node, path)]
            for node, other in others:
                fixed = place.same or self._fixed(node, place.place.code)
                if not place.element and fixed and condition.is_ in ("present", "absent"):
                    return condition.is_ == "present"
                code = b"" if fixed else place.place.code
                found.append(self._reference(node, other, place.element, place.component, compiled, rows, code))
        if not found:
            return condition.is_ == "absent"
        return Test(condition.is_, values, tuple(found))

    def _reference(
        self,
        node: int,
        entry: Entry,
        element: int,
        component: int,
        compiled: Compiled,
        rows: dict[int, int],
        code: bytes | None = None,
    ) -> Reference:
        self._looks += 1
        if self._looks > MOST_LOOKS:
            raise _Unplannable
        key = self._judge.node(node)[1].key
        place, part = (key.place, key.part) if key else (1, 0)
        wanted = compiled.at.code if code is None else code
        return Reference(_row(rows, entry.noted.number), element, component, place if wanted else 0, part, wanted)

    def _fixed(self, node: int, code: bytes) -> bool:
        """Whether each such segment has the code, if one is asked for."""
        return not code or self._judge.node(node)[1].codes == {code}

    def _needs_itself(self, compiled: Compiled) -> bool:
        """Whether the rule says nothing where its own segment is missing."""
        return any(
            condition.is_ != "absent" and all(place.same for place in places) for condition, places, _ in compiled.when
        )

    def _guarded(self, reference: Reference, rows: list[list[bytes]]) -> bool:
        values = rows[reference.row]
        value = values[reference.key] if reference.key < len(values) else b""
        return (value.partition(self._marks.component)[0] if reference.part else value) == reference.code

    def _met(self, test: Test, rows: list[list[bytes]]) -> bool:
        kind, wanted, references = test
        for reference in references:
            row, element, component, key, _, _ = reference
            if key and not self._guarded(reference, rows):
                continue
            values = rows[row]
            value = values[element] if element < len(values) else b""
            if component:
                parts = value.split(self._marks.component)
                value = parts[component - 1] if component <= len(parts) else b""
            if kind == "present" or kind == "absent":
                if value:
                    return kind == "present"
            elif is_npi(value) if kind == "format" else value in wanted:
                return True
        return kind == "absent"


def _row(rows: dict[int, int], at: int) -> int:
    return rows.setdefault(at, len(rows))
