"""Segments as records whose fields know their places: one declaration reads a segment and writes it.

Knows no meanings. A field is annotated with ``one`` (an element), ``run`` (neighbouring elements of one kind),
``parts`` (a composite) or ``each`` (a composite that is repeated); within a composite they count its
components. What a segment holds beyond its record is kept with its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar, get_type_hints

from adapters.x12_278.segment import Delimiters, Value


class Cut(Protocol):
    """A segment as the codec cuts it."""

    @property
    def tag(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def start(self) -> int: ...
    def __len__(self) -> int: ...
    def raw(self, place: int) -> bytes: ...
    def value(self, place: int) -> Value | None: ...
    def repeats(self, place: int) -> Sequence[Sequence[Value | None]]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A text as it was told. Two are equal when their texts are, wherever they stand: ``segment`` counts from 1 (the
    ISA), ``start`` and ``end`` are bytes of the file. Nothing of the text shows when it is printed: it may be PHI."""

    text: str = field(repr=False)
    label: str = field(default="", compare=False)
    segment: int = field(default=0, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @classmethod
    def of(cls, value: Value | None) -> Told | None:
        return cls(value.text, value.label, value.segment, value.start, value.end) if value else None

    def value(self) -> Value:
        return Value(self.text, self.label, self.segment, self.start, self.end)


def told(text: str) -> Told | None:
    """A text that is to be written; none for an empty one."""
    return Told(text) if text else None


def text_of(value: Told | None) -> str:
    return value.text if value else ""


class Where(NamedTuple):
    """Which segment a record was read from. ``tag`` is what the sender wrote."""

    tag: str = ""
    segment: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """An element or a component that no record has a field for."""

    label: str
    segment: int
    offset: int
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A segment that belongs nowhere."""

    tag: str
    segment: int
    offset: int
    elements: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, segment: Cut) -> KeptSegment:
        elements = tuple(segment.raw(place) for place in range(1, len(segment) + 1))
        return cls(segment.tag, segment.number, segment.start, elements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A record of one segment."""

    where: Where = field(default=Where(), compare=False)
    kept: tuple[Kept, ...] = ()


class Spot(NamedTuple):
    """Which elements a field holds, or components; ``form`` is the record of a composite."""

    first: int
    last: int
    form: type | None = None
    several: bool = False


def one(place: int) -> Spot:
    return Spot(place, place)


def run(first: int, last: int) -> Spot:
    return Spot(first, last, None, True)


def parts(place: int, form: type) -> Spot:
    return Spot(place, place, form)


def each(place: int, form: type) -> Spot:
    return Spot(place, place, form, True)


L = TypeVar("L", bound=Line)


def read_line(form: type[L], segment: Cut) -> L:
    values: dict[str, Any] = {}
    kept: list[Kept] = []
    known = 0
    for name, spot in spots(form):
        known = max(known, spot.last)
        if spot.form is None:
            found = [each for place in range(spot.first, spot.last + 1) if (each := Told.of(segment.value(place)))]
            values[name] = tuple(found) if spot.several else next(iter(found), None)
            continue
        repeats = [repeat for repeat in segment.repeats(spot.first) if any(repeat)]
        read = [_composite(spot.form, repeat, segment, kept) for repeat in (repeats if spot.several else repeats[:1])]
        values[name] = tuple(read) if spot.several else next(iter(read), None)
        if not spot.several:
            kept += [_kept(part, segment) for repeat in repeats[1:] for part in repeat if part]
    for place in range(known + 1, len(segment) + 1):
        if segment.raw(place):
            value = segment.value(place)
            at = value.start if value else segment.start
            kept.append(Kept(f"{segment.tag}{place:02d}", segment.number, at, segment.raw(place)))
    where = Where(segment.tag, segment.number, segment.start)
    return form(**values, where=where, kept=tuple(kept))


def _composite(form: type, components: Sequence[Value | None], segment: Cut, kept: list[Kept]) -> Any:
    values: dict[str, Any] = {}
    known = 0
    for name, spot in spots(form):
        known = max(known, spot.last)
        found = [made for value in components[spot.first - 1 : spot.last] if (made := Told.of(value))]
        values[name] = tuple(found) if spot.several else next(iter(found), None)
    kept += [_kept(part, segment) for part in components[known:] if part]
    return form(**values)


def _kept(value: Value, segment: Cut) -> Kept:
    return Kept(value.label, segment.number, value.start, value.text.encode())


def write_line(tag: str, line: Line, marks: Delimiters) -> bytes:
    """The segment without its terminator. Its texts hold no delimiter and are ASCII; whoever made them saw to that."""
    component, repetition = marks.component.decode(), marks.repetition.decode()
    elements: dict[int, str] = {}
    for name, spot in spots(type(line)):
        value = getattr(line, name)
        if spot.form is None:
            elements |= _texts(spot, value)
        else:
            composites = value if spot.several else [value] if value else []
            elements[spot.first] = repetition.join(_joined(composite, component) for composite in composites)
    last = max((place for place, text in elements.items() if text), default=0)
    return marks.element.join([tag.encode(), *(elements.get(at, "").encode("ascii") for at in range(1, last + 1))])


def _joined(composite: Any, mark: str) -> str:
    texts: dict[int, str] = {}
    for name, spot in spots(type(composite)):
        texts |= _texts(spot, getattr(composite, name))
    last = max((place for place, text in texts.items() if text), default=0)
    return mark.join(texts.get(place, "") for place in range(1, last + 1))


def _texts(spot: Spot, value: Any) -> dict[int, str]:
    given = value if spot.several else (value,)
    return {spot.first + count: text_of(each) for count, each in enumerate(given)}


_FORMS: dict[type, tuple[tuple[str, Spot], ...]] = {}


def spots(form: type) -> tuple[tuple[str, Spot], ...]:
    """The fields of a record that have a place, worked out once."""
    found = _FORMS.get(form)
    if found is None:
        hints = get_type_hints(form, include_extras=True)
        marks = ((name, getattr(hint, "__metadata__", ())) for name, hint in hints.items())
        found = _FORMS[form] = tuple((name, mark) for name, all_ in marks for mark in all_ if isinstance(mark, Spot))
    return found
