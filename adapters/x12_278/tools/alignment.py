"""What is the same in two rows, in order, so that only the rest need be compared. In time that grows as the rows do.

What each side has once holds the rows together (patience); what is the same next to it belongs to it. Between that
short rows are searched wholly, and long ones not at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain, pairwise

_SHORT = 50
"""In a row no longer than this whatever is the same is looked for."""
Gap = tuple[int, int, int, int]
"""From where to where in the one row, and in the other."""


def gaps(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[Gap]:
    """What is not the same, in order."""
    ends = (len(one), len(other))
    for (at, to), (stop, end) in pairwise(chain([(-1, -1)], _anchors(one, other), [ends])):
        yield from _searched(one, other, _trimmed(one, other, (at + 1, stop, to + 1, end)))


def _trimmed(one: Sequence[Hashable], other: Sequence[Hashable], gap: Gap) -> Gap:
    first, last, start, stop = gap
    while first < last and start < stop and one[first] == other[start]:
        first, start = first + 1, start + 1
    while first < last and start < stop and one[last - 1] == other[stop - 1]:
        last, stop = last - 1, stop - 1
    return first, last, start, stop


def _searched(one: Sequence[Hashable], other: Sequence[Hashable], gap: Gap) -> Iterator[Gap]:
    first, last, start, stop = gap
    if max(last - first, stop - start) > _SHORT:
        yield gap
        return
    matcher = SequenceMatcher(None, one[first:last], other[start:stop], autojunk=False)
    for way, begin, end, from_, to in matcher.get_opcodes():
        if way != "equal":
            yield first + begin, first + end, start + from_, start + to


def _anchors(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """What stands once in each, as much of it as is in the same order: its places."""
    counts, others = Counter(one), Counter(other)
    where = {each: place for place, each in enumerate(other) if others[each] == 1}
    found = [(place, where[each]) for place, each in enumerate(one) if counts[each] == 1 and each in where]
    ends: list[int] = []
    """The least place in the other row that a run of each length can end at."""
    last: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(found):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [index]
    kept: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        kept.append(found[index])
        index = before[index]
    return kept[::-1]
