"""What is found when a transaction is through: levels that do not hang together, and rules that do not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.faults import Fault
from adapters.x12_278.guides.judge import Broken, Noted
from adapters.x12_278.guides.levels import Level, misplaced
from adapters.x12_278.guides.library import Compiled
from adapters.x12_278.guides.tell import Spot, Teller


def concluded(
    compiled: Compiled,
    levels: Sequence[Level],
    rules: Iterable[Broken],
    spot: Callable[[int], Spot],
    faults: Sequence[Fault] = (),
) -> list[Fault]:
    """Faults beyond those that each segment has by itself. ``spot`` is asked by the number of a segment."""
    tell = Teller(compiled.grammar)
    found: list[Fault] = []
    for each in misplaced(levels, compiled.above):
        loop = each.level.loop.id if each.level.loop else ""
        found.append(tell.level(each, loop, spot(each.level.number), each.level.values))
    told = {_place(fault) for fault in (*faults, *found) if not fault.rule}
    for broken in rules:
        fault = tell.rule(broken, *compiled.judge.node(broken.noted.place), spot(broken.noted.number))
        if _place(fault) not in told:
            found.append(fault)
    return found


def concluded_of_watched(
    compiled: Compiled, document: Document, first: int, places: Sequence[int], segments: Sequence[bytes]
) -> list[Fault]:
    """The same for a transaction that ``Machine.run`` followed to its end: of it the watched segments are known, and
    none has a fault by itself."""
    judge, separator = compiled.judge, compiled.marks.element
    noted = list(map(Noted, places, _numbers(document, first, segments), segments))
    doubted, rules = compiled.plans.against(noted)
    levels = [
        Level(each.number, each.segment.split(separator), *judge.node(each.place))
        for each in noted
        if doubted and each.place in judge.levels
    ]

    tags = {each.number: judge.node(each.place)[1].tag for each in noted}

    def spot(number: int) -> Spot:
        return Spot(number, document.place, number - first + 1, tags[number])

    found = concluded(compiled, levels, rules, spot)
    return sorted(found, key=lambda fault: (fault.segment, fault.element, fault.component))


def _numbers(document: Document, first: int, segments: Sequence[bytes]) -> Iterator[int]:
    """The numbers of some of the document's segments, in their order. They are the same objects."""
    wanted = iter(segments)
    due = next(wanted, None)
    for number, segment in document.segments(first):
        if segment is due:
            yield number
            due = next(wanted, None)
            if due is None:
                return


def _place(fault: Fault) -> tuple[object, ...]:
    return fault.segment, fault.tag, fault.element, fault.component
