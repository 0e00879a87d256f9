"""The happy grammar of a segment as one regular expression over its bytes, for the delimiters of one interchange.

What it matches has no fault in it. What it does not match may still be right (trailing spaces that fill an element up,
separators at the end of a composite): ``elements`` looks closely and has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from adapters.x12_278.guides.grammar import UNBOUNDED, Composite, Element, Note, SegmentNode, Usage
from adapters.x12_278.segment import Delimiters

_YEAR = rb"(?:1[89]|[2-9][0-9])"
_DAY = (
    rb"(?:" + _YEAR + rb"[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    rb"|02(?:0[1-9]|1[0-9]|2[0-8]))|(?:" + _YEAR + rb"(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)"
    rb"0229)"
)
_SHORT_DAY = (
    rb"(?:[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    rb"|02(?:0[1-9]|1[0-9]|2[0-8]))|(?:[02468][048]|[13579][26])0229)"
)
_HOUR = rb"(?:[01][0-9]|2[0-3])[0-5][0-9]"
_TIME = _HOUR + rb"(?:[0-5][0-9][0-9]{0,2})?"
FORMATS = {
    b"D8": _DAY,
    b"D6": _SHORT_DAY,
    b"RD8": _DAY + rb"-" + _DAY,
    b"TM": _TIME,
    b"DT": _DAY + _HOUR,
}
"""What element 1250 says of the date in 1251 behind it."""

_MOST_COUNTED = 100_000
_NEVER = rb"(?!)"


class Patterns:
    """The patterns of segments for one set of delimiters, made when they are first asked for."""

    def __init__(self, marks: Delimiters) -> None:
        self._marks = marks
        self._separator = re.escape(marks.element)
        self._component = re.escape(marks.component)
        kept = bytes(byte for byte in range(0x20, 0x7F) if bytes([byte]) not in marks)
        self._text = b"[" + b"".join(re.escape(bytes([byte])) for byte in kept) + b"]"
        self._made: dict[SegmentNode, re.Pattern[bytes]] = {}

    def of(self, node: SegmentNode) -> re.Pattern[bytes]:
        made = self._made.get(node)
        if made is None:
            made = self._made[node] = re.compile(self.source(node), re.DOTALL)
        return made

    def source(self, node: SegmentNode) -> bytes:
        names = _Names(node)
        made: list[bytes] = []
        last = 0
        skip = False
        for at, element in enumerate(node.elements):
            if skip:
                skip = False
                continue
            behind = node.elements[at + 1] if at + 1 < len(node.elements) else None
            if isinstance(element, Composite):
                body = self._composite(element)
            elif isinstance(behind, Element) and _is_dated(element, behind):
                made.append(self._dated(element, behind, names))
                if element.usage is Usage.REQUIRED:
                    last = len(made)
                skip = True
                continue
            else:
                body = self._value(element)
            made.append(self._separator + names.group(element.place, body, element.usage))
            if element.usage is Usage.REQUIRED:
                last = len(made)
        head = re.escape(node.tag.encode()) + (b"" if last else b"(?=" + self._separator + b")")
        binary = any(isinstance(each, Element) and each.kind == "B" for each in node.elements)
        no_end = b"" if binary else b"(?<!" + self._separator + b")"
        return head + _nested(made, last) + names.checks(node.notes) + no_end

    def _composite(self, node: Composite) -> bytes:
        if node.usage is Usage.NOT_USED:
            return b""
        names = _Names(node) if node.repeat == 1 else _Names(None)
        if node.notes and node.repeat != 1:
            return _NEVER
        made: list[bytes] = []
        last = 0
        skip = False
        for at, part in enumerate(node.parts):
            if skip:
                skip = False
                continue
            behind = node.parts[at + 1] if at + 1 < len(node.parts) else None
            before = self._component if made else b""
            if behind is not None and _is_dated(part, behind):
                # A date in a composite is rare, and twelve of them are dear to compile: left to the close look.
                made.append(_NEVER if part.usage is Usage.REQUIRED else before + self._component)
                skip = True
            else:
                made.append(before + names.group(part.place, self._value(part), part.usage))
            if part.usage is Usage.REQUIRED:
                last = len(made)
        no_end = b"(?<![" + re.escape(self._marks.component) + re.escape(self._marks.element) + b"])"
        body = _nested(made, max(last, 1)) + names.checks(node.notes) + no_end
        return self._repeated(body, node.repeat)

    def _dated(self, form: Element, date: Element, names: _Names) -> bytes:
        """A format and the date behind it, each alternative with both."""
        separator = self._separator
        choices = []
        for code in sorted(form.codes) or sorted(FORMATS):
            value = FORMATS.get(code)
            choices.append(re.escape(code) + separator + (self._value(date) if value is None else value))
        opened = names.opened(form.place) + names.opened(date.place)
        body = b"(?:" + opened + b"|".join(choices) + b")" * (opened.count(b"(") + 1)
        if form.usage is Usage.REQUIRED and date.usage is Usage.REQUIRED:
            return separator + body
        if form.usage is Usage.REQUIRED:
            return _NEVER
        return separator + b"(?:" + body + b"|" + separator + b")"

    def _value(self, node: Element) -> bytes:
        if node.usage is Usage.NOT_USED:
            return b""
        if not node.any_code:
            body = b"(?:" + b"|".join(map(re.escape, sorted(node.codes | node.outside, reverse=True))) + b")"
        elif node.kind == "B":
            body = b".+"
        elif node.kind == "DT":
            body = b"(?:" + b"|".join(_dates(node)) + b")"
        elif node.kind == "TM":
            body = _HOUR if node.longest == 4 else b"(?:" + _TIME + b")"
        elif node.kind == "R":
            counted = b"(?=[.]?(?:[0-9][.]?)" + _count(node) + b"(?![0-9.]))"
            body = b"-?" + counted + rb"[0-9]*+(?:\.[0-9]+)?+"
        elif node.kind.startswith("N"):
            body = b"-?[0-9]" + _count(node)
        else:
            # What has a fixed length is filled up with spaces.
            filled = node.shortest == node.longest > 1
            body = self._text + _count(node) + (b"+" if filled else b"+(?<! )")
        return self._repeated(body, node.repeat)

    def _repeated(self, body: bytes, most: int) -> bytes:
        if most <= 1 or not self._marks.repetition:
            return body
        more = b"*" if most >= _MOST_COUNTED else b"{0,%d}" % (most - 1)
        return body + b"(?:" + re.escape(self._marks.repetition) + body + b")" + more


class _Names:
    """Numbers the groups that syntax notes ask about. Groups are named by a counter, for a name must be unique."""

    def __init__(self, node: SegmentNode | Composite | None) -> None:
        self._prefix = b"e" if isinstance(node, SegmentNode) else b"c%d_" % (node.place if node else 0)
        self._asked = {place for note in node.notes for place in note.places} if node else set()
        self._made: set[int] = set()

    def opened(self, place: int) -> bytes:
        """The start of the place's group; nothing where no note asks about it."""
        if place not in self._asked:
            return b""
        self._made.add(place)
        return b"(?P<" + self._prefix + b"%d>" % place

    def group(self, place: int, body: bytes, usage: Usage) -> bytes:
        if not body:
            return b""
        return (self.opened(place) or b"(?:") + body + (b")" if usage is Usage.REQUIRED else b")?")

    def checks(self, notes: Sequence[Note]) -> bytes:
        return b"".join(self._check(note) for note in notes)

    def _check(self, note: Note) -> bytes:
        # A place that is not used has no group: it is never there.
        names = [self._prefix + b"%d" % place if place in self._made else b"" for place in note.places]
        if note.kind == "P":
            there, others = [name for name in names if name], not all(names)
            return _none(there) if others else _if(names[0], _all(names[1:]), _none(names[1:]))
        if note.kind == "R":
            return _any(names)
        if note.kind == "E":
            return _one(names)
        return _if(names[0], _all(names[1:]) if note.kind == "C" else _any(names[1:]), b"")


def _if(name: bytes, then: bytes, otherwise: bytes) -> bytes:
    return b"(?(" + name + b")" + then + b"|" + otherwise + b")" if name else otherwise


def _all(names: Sequence[bytes]) -> bytes:
    return b"".join(_if(name, b"", _NEVER) for name in names)


def _none(names: Sequence[bytes]) -> bytes:
    return b"".join(_if(name, _NEVER, b"") for name in names)


def _any(names: Sequence[bytes]) -> bytes:
    return _if(names[0], b"", _any(names[1:])) if names else _NEVER


def _one(names: Sequence[bytes]) -> bytes:
    return _if(names[0], _none(names[1:]), _one(names[1:])) if names else b""


def _nested(made: Sequence[bytes], last: int) -> bytes:
    """All up to the last that is required, and of the others none without those in front of it."""
    tail = b""
    for piece in reversed(made[last:]):
        tail = b"(?:" + piece + tail + b")?"
    return b"".join(made[:last]) + tail


def _count(node: Element) -> bytes:
    if node.longest >= min(_MOST_COUNTED, UNBOUNDED):
        return b"{%d,}" % node.shortest
    return b"{%d,%d}" % (node.shortest, node.longest)


def _dates(node: Element) -> list[bytes]:
    sizes = {6: _SHORT_DAY, 8: _DAY, 12: _DAY + _HOUR}
    return [made for size, made in sizes.items() if node.shortest <= size <= node.longest] or [_NEVER]


def _is_dated(form: Element | Composite, date: Element | Composite) -> bool:
    if not (isinstance(form, Element) and isinstance(date, Element)):
        return False
    used = Usage.NOT_USED not in (form.usage, date.usage)
    return used and form.number.startswith("1250") and date.number.startswith("1251") and form.repeat == 1
