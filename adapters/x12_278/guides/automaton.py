"""A guide as a machine for one set of delimiters: a dictionary for each place, from the first bytes of a segment to the
pattern it must match and the place behind it. Made while documents are read, and only of what is right.

The happy path through a transaction is ``run``: slice, look up, match. It stops at the first doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from adapters.x12_278.guides.elements import flaws
from adapters.x12_278.guides.grammar import Grammar, Key, Loop, SegmentNode
from adapters.x12_278.guides.moves import Frames, Seen, advance, start
from adapters.x12_278.guides.patterns import Patterns
from adapters.x12_278.segment import Delimiters

MOST_STATES = 20_000
MOST_STEPS = 200
"""Kept of one place. What is not kept is worked out again."""
_SHORT, _LONG = 3, 6


class State(dict[bytes, "Step"]):
    """A place, and what is known to lead on from it."""

    __slots__ = ("exact", "frames")

    def __init__(self, frames: Frames) -> None:
        super().__init__()
        self.frames = frames
        self.exact: dict[tuple[bytes, ...], Step] = {}


class Step(NamedTuple):
    """``place`` is which of the watched segments this is, -1 where it is none."""

    match: Callable[[bytes], object]
    state: State
    place: int
    node: SegmentNode


class Machine:
    """``watched`` are the segments somebody wants to see when the transaction is through."""

    def __init__(
        self,
        grammar: Grammar,
        transaction: Loop,
        marks: Delimiters,
        patterns: Patterns,
        watched: dict[SegmentNode, int],
    ) -> None:
        self._grammar = grammar
        self._marks = marks
        self._patterns = patterns
        self._watched = watched
        self._states: dict[Frames, State] = {}
        self._keys: defaultdict[bytes, list[Key]] = defaultdict(list)
        self._codes: defaultdict[bytes, set[bytes]] = defaultdict(set)
        self._open: set[bytes] = set()
        for _, node in transaction.segments():
            tag = node.tag.encode()
            if node.key is None:
                self._open.add(tag)
            elif node.key not in self._keys[tag]:
                self._keys[tag].append(node.key)
            self._codes[tag] |= node.codes
        self.end = -2
        self._begin = start(transaction)
        self._se = transaction.children[-1]
        self._st = transaction.children[0]

    def begins(self, segment: bytes) -> bool:
        """Whether this is an ST without a fault."""
        return isinstance(self._st, SegmentNode) and self._patterns.of(self._st).fullmatch(segment) is not None

    def start(self) -> State:
        return self._states.get(self._begin) or self._state(self._begin)

    def run(
        self, state: State, segments: Iterator[tuple[int, bytes]], places: list[int], noted: list[bytes]
    ) -> tuple[int, bytes] | None:
        """Follows a transaction. The SE and its number where all went well; ``None`` where something is in doubt.

        ``places`` and ``noted`` take the watched segments: which, and their bytes.
        """
        long, short = _LONG, _SHORT
        note, which = noted.append, places.append
        for number, segment in segments:
            step = state.get(segment[:long]) or state.get(segment[:short]) or self._find(state, segment)
            if step is None:
                return None
            match, state, place, node = step
            if match(segment) is None and not self._holds(state, node, segment):
                return None
            if place != -1:
                if place == -2:
                    return number, segment
                which(place)
                note(segment)
        return None

    def _holds(self, state: State, node: SegmentNode, segment: bytes) -> bool:
        """Whether a segment that its pattern does not match is right all the same, and was led to by what it is."""
        values = segment.split(self._marks.element)
        seen = Seen(values[0].decode(), values, self._marks.component)
        return seen.fits(node) and not flaws(node, values, self._marks, self._grammar.known)

    def _find(self, state: State, segment: bytes) -> Step | None:
        values = segment.split(self._marks.element)
        tag = values[0]
        keys = self._keys.get(tag)
        seen = Seen(tag.decode(), values, self._marks.component)
        exact = (tag, *(seen.code(key) for key in keys)) if keys else (tag,)
        step = state.exact.get(exact)
        if step is not None:
            return step
        move = advance(state.frames, seen)
        if move is None or not move.clean:
            return None
        place = self._watched.get(move.node, -1) if move.node is not self._se else self.end
        step = Step(self._patterns.of(move.node).fullmatch, self._state(move.frames), place, move.node)
        if len(state.exact) < MOST_STEPS:
            state.exact[exact] = step
            self._keep(state, segment, tag, keys, step)
        return step

    def _keep(self, state: State, segment: bytes, tag: bytes, keys: list[Key] | None, step: Step) -> None:
        """Under as few bytes as say for sure which step it is, if there are such."""
        if not keys:
            short = segment[:_SHORT]
            if len(short) == _SHORT and (len(tag) == _SHORT or short[2:] == self._marks.element):
                state[short] = step
            return
        if any(key.place != 1 for key in keys):
            if len(keys) == 1 and len(tag) < _SHORT and self._only(state, tag, keys[0]):
                state[segment[:_SHORT]] = step
            return
        begun = segment[len(tag) + 1 : _LONG]
        ends = any(mark in begun for mark in (self._marks.element, self._marks.component))
        one = len({key.part for key in keys}) == 1
        sure = one if ends else tag not in self._open and self._alone(tag, begun)
        if sure and len(segment) >= _LONG:
            state[segment[:_LONG]] = step

    def _only(self, state: State, tag: bytes, key: Key) -> bool:
        """Whether from here only one code leads on. Of any other the pattern finds out."""
        found = 0
        for code in self._codes[tag]:
            seen = Seen(tag.decode(), (tag, *(b"" for _ in range(key.place - 1)), code), self._marks.component)
            move = advance(state.frames, seen)
            found += move is not None and move.clean
        return found == 1

    def _alone(self, tag: bytes, begun: bytes) -> bool:
        """Whether one code of the guide begins so. Any other that does matches no pattern."""
        return sum(code.startswith(begun) for code in self._codes[tag]) == 1

    def _state(self, frames: Frames) -> State:
        state = self._states.get(frames)
        if state is None:
            if len(self._states) >= MOST_STATES:
                self._states.clear()
            state = self._states[frames] = State(frames)
        return state
