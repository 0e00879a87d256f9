"""What is otherwise in another document: by loops, segments and elements, whatever its delimiters and lines are.

Loops and segments that are the same in both are found first; of what lies between those, each belongs to the most like
of its kind on the other side. Not compared are the numbers of levels (HL01, HL02), and in which encoding a text is.
Counted data are, by their digest. Values are PHI, and shown.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from adapters.x12_278.codec.tokens import split
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.tools.alignment import gaps
from adapters.x12_278.tools.outline import Standing, standings
from adapters.x12_278.tools.reading import COUNTED, named, visible
from gateway.contract.tools import Said

_SIDES = ("a", "b")


@dataclass(slots=True)
class Branch:
    """A segment, or a loop with what stands in it. ``kind`` is what may be compared with each other."""

    kind: str
    name: str
    values: tuple[tuple[str, str, str], ...] = ()
    """Place, name and value of each element of a segment."""
    below: list[Branch] = field(default_factory=list)

    def content(self) -> tuple[object, ...]:
        return self.kind, self.values, tuple(each.content() for each in self.below)


def differences(one: bytes, other: bytes, guides: Guides) -> Iterator[Said]:
    yield from _between(_tree(one, guides), _tree(other, guides), "")


def _tree(document: bytes, guides: Guides) -> list[Branch]:
    top = Branch("", "")
    open_: list[Branch] = [top]
    digests = _digests(document)
    for standing in standings(document, guides):
        tag = standing.values[0]
        depth = _depth(standing)
        del open_[depth + 1 - standing.entered :]
        for loop in standing.loops[len(standing.loops) - standing.entered :]:
            _open(open_, Branch(loop.id, loop.name))
        if wrapper := _WRAPPERS.get(tag):
            _open(open_, Branch(*wrapper))
        open_[-1].below.append(_leaf(standing, digests.get(standing.number, "")))
    return top.below


_WRAPPERS = {b"ISA": ("interchange", ""), b"GS": ("group", ""), b"ST": ("transaction", "")}


def _open(open_: list[Branch], branch: Branch) -> None:
    open_[-1].below.append(branch)
    open_.append(branch)


def _depth(standing: Standing) -> int:
    """How many branches are open around a segment when what it opens itself is open too; its own wrapper not."""
    by_tag = {b"ISA": 0, b"IEA": 1, b"TA1": 1, b"GS": 1, b"GE": 2, b"ST": 2, b"SE": 3}
    return by_tag.get(standing.values[0], 3 + len(standing.loops))


def _digests(document: bytes) -> dict[int, str]:
    """Of counted data, under the number of its segment in the file."""
    found, before = {}, 0
    for tokens in split(document):
        for index in tokens.data:
            found[before + index + 1] = sha256(tokens.binary(index)).hexdigest()
        before += len(tokens)
    return found


def _leaf(standing: Standing, digest: str) -> Branch:
    label = standing.node.label() if standing.node else standing.values[0].decode()
    values = tuple(
        (place, name, f"{visible(value)} sha256 {digest}" if place in COUNTED else visible(value))
        for place, name, value in named(standing)
        if place not in _NOT_COMPARED
    )
    return Branch(label, standing.node.name if standing.node else "", values)


_NOT_COMPARED = frozenset({"ISA11", "ISA16", "HL01", "HL02"})
_LOOKED_AT = 50
"""Of those of a kind that are not the same in both, how many are held against one."""


def _between(one: Sequence[Branch], other: Sequence[Branch], path: str) -> Iterator[Said]:
    numbers: dict[tuple[object, ...], int] = {}
    row, beside = ([numbers.setdefault(each.content(), len(numbers)) for each in side] for side in (one, other))
    for first, last, start, stop in gaps(row, beside):
        yield from _paired(one[first:last], other[start:stop], path)


def _paired(one: Sequence[Branch], other: Sequence[Branch], path: str) -> Iterator[Said]:
    left: dict[str, deque[tuple[int, Branch]]] = {}
    for place, branch in enumerate(other):
        left.setdefault(branch.kind, deque()).append((place, branch))
    alone = set(range(len(other)))
    for each in one:
        alike = left.get(each.kind)
        if not alike:
            yield _alone(each, path, 0)
            continue
        at = _most_alike(each, [branch for _, branch in islice(alike, _LOOKED_AT)])
        place, partner = alike[at]
        del alike[at]
        alone.remove(place)
        here = f"{path}/{each.kind}" if path else each.kind
        yield from _values(each, partner, here)
        yield from _between(each.below, partner.below, here)
    for place in sorted(alone):
        yield _alone(other[place], path, 1)


def _most_alike(one: Branch, others: Sequence[Branch]) -> int:
    content, values = one.content(), Counter(_all(one))
    for at, each in enumerate(others):
        if each.content() == content:
            return at
    return max(range(len(others)), key=lambda at: (values & Counter(_all(others[at]))).total())


def _values(one: Branch, other: Branch, here: str) -> Iterator[Said]:
    values = [{place: (name, value) for place, name, value in branch.values} for branch in (one, other)]
    for place in sorted(values[0].keys() | values[1].keys()):
        (name, before), (other_name, after) = (side.get(place, ("", "")) for side in values)
        if before != after:
            at = f"{here.rpartition('/')[0]}/{place}".lstrip("/")
            says = f"{at}  {name or other_name}: {before or '(nothing)'} -> {after or '(nothing)'}"
            yield Said(says, {"at": at, "name": name or other_name, "a": before, "b": after})


def _alone(branch: Branch, path: str, side: int) -> Said:
    at = f"{path}/{branch.kind}".lstrip("/")
    shown = " ".join(f"{place} {value}" for place, _, value in _all(branch))
    says = f"{at}  {branch.name}: only in {_SIDES[side].upper()}: {shown}"
    return Said(says, {"at": at, "name": branch.name, "only_in": _SIDES[side], "values": shown})


def _all(branch: Branch) -> Iterator[tuple[str, str, str]]:
    yield from branch.values
    for each in branch.below:
        yield from _all(each)
