"""Cuts X12 that is all there into segments: nearly as fast as ``bytes.split``, and as exact as ``stream``.

For a checker::

    for tokens in split(document):   # one for each interchange of the file; Malformed if there is none
        tokens.raw                   # list[bytes]: segments without terminators; [0] is the ISA, [-1] the IEA
        tokens.marks                 # Delimiters: element, component, repetition (may be empty), segment
        tokens.data                  # {index: (start, end)} of the segments that count their bytes
        tokens.at(index)             # offset in the file of a segment: O(1) after the first call
        tokens.at(index, within)     # ... of a byte within tokens.raw[index]
        tokens.binary(index)         # the counted data of BIN or BDS

Every entry of ``raw`` begins with a segment id (two or three capital letters or digits), and no ISA stands within. Of a
BIN or BDS ``raw`` holds the head only, up to the separator before the data (``BIN*2768*``), so that it can be split
like any other segment and nobody cuts a document apart; the last element is then empty, and its bytes are asked of
``data`` or ``binary``. What stands where, and whether trailers fit, has not been looked at: see ``envelope``.

A file is first cut on the supposition that nothing in it counts its bytes. What is otherwise, faults too, is left to
the exact reader, so that both say the same.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

from adapters.x12_278.codec.events import Opening, Rest, Token
from adapters.x12_278.codec.feed import Feed
from adapters.x12_278.codec.header import HEADER, marks_quickly
from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.codec.stream import ordinary, usual_id, walk
from adapters.x12_278.codec.wrapping import LOOKED_AT, Wrap, wrap_of
from adapters.x12_278.segment import Delimiters

_FILLER = re.compile(rb"[\r\n\t \x00\x1a]*(?:\xef\xbb\xbf[\r\n\t \x00\x1a]*)?")
_BLANKS = re.compile(rb"[\r\n\t ]*")
_LONGEST_GAP = 8
"""Blanks behind a terminator that are usual."""


class Tokens:
    """The segments of one interchange, and where they stand.

    ``text`` is the file without the line ends of wrapping, hence the file itself nearly always; ``start`` and ``end``
    (behind the last terminator) are places in it, and so is what ``data`` holds. ``at`` gives offsets of the file.
    """

    __slots__ = ("_starts", "after", "before", "closed", "data", "end", "gap", "marks", "raw", "start", "text", "wrap")

    def __init__(
        self,
        text: bytes,
        marks: Delimiters,
        raw: list[bytes],
        start: int,
        *,
        before: bytes = b"",
        gap: bytes | None = b"",
        starts: array[int] | None = None,
        wrap: Wrap | None = None,
    ) -> None:
        self.text = text
        self.marks = marks
        self.raw = raw
        self.start = start
        self.end = start
        self.before = before
        """Blanks and byte order mark before the ISA."""
        self.after = b""
        """Blanks to the end of the file, after the last interchange of it."""
        self.gap = gap
        """The blanks that follow each terminator; None where they are not the same everywhere."""
        self.data: dict[int, tuple[int, int]] = {}
        self.wrap = wrap
        self.closed = True
        self._starts = starts

    def __len__(self) -> int:
        return len(self.raw)

    def place(self, index: int) -> int:
        """Where a segment begins in ``text``."""
        starts = self._starts
        if starts is None:
            if self.gap is None:
                found = _loosely(self.marks)[1].finditer(self.text, self.start, self.end - 1)
                starts = array("Q", [self.start, *(match.end() for match in found)])
            else:
                step = 1 + len(self.gap)
                starts = array("Q", accumulate((len(piece) + step for piece in self.raw), initial=self.start))
            self._starts = starts
        return starts[index]

    def stop(self, index: int) -> int:
        """Where the terminator of a segment stands in ``text``."""
        return self.data[index][1] if index in self.data else self.place(index) + len(self.raw[index])

    def at(self, index: int, within: int = 0) -> int:
        """The offset in the file of a byte of ``raw[index]``."""
        place = self.place(index) + within
        return self.wrap.place(place) if self.wrap else place

    def binary(self, index: int) -> bytes:
        """The data of a segment that counts its own bytes; of any other, nothing."""
        start, end = self.data.get(index, (0, 0))
        return self.text[start:end]

    def written(self) -> bytes:
        """The interchange of ``raw`` and ``data``, with the blanks around and within it as they were read."""
        pieces = [self.before]
        last = len(self.raw) - 1
        for index, raw in enumerate(self.raw):
            pieces.append(raw)
            if index in self.data:
                pieces.append(self.binary(index))
            if index < last:
                pieces += (self.marks.segment, self.text[self.stop(index) + 1 : self.place(index + 1)])
            elif self.closed:
                pieces.append(self.marks.segment)
        pieces.append(self.after)
        made = b"".join(pieces)
        return self.wrap.rewrapped(made, self.start - len(self.before)) if self.wrap else made


def written(file: Iterable[Tokens]) -> bytes:
    """The file that ``split`` read, just as it was."""
    return b"".join(tokens.written() for tokens in file)


def split(document: bytes, limits: Limits = LIMITS) -> list[Tokens]:
    """The interchanges of a file. Raises Malformed where anything in it is no X12."""
    found = usual(document, limits)
    return _exactly(document, limits) if found is None else found


def usual(document: bytes, limits: Limits = LIMITS) -> list[Tokens] | None:
    """The interchanges of a file that is as most are; None for the exact reader to look at."""
    wrap = wrap_of(document[:LOOKED_AT])
    text = wrap.unwrapped(document) + wrap.rest() if wrap else document
    if wrap and wrap.uneven is not None:
        return None
    found: list[Tokens] = []
    position = 0
    while True:
        filler = _FILLER.match(text, position)
        start = filler.end() if filler else position
        if start == len(text) and found and start - position <= limits.between:
            found[-1].after = text[position:]
            return found
        tokens = _simply(text, position, start, limits)
        if tokens is None:
            return None
        tokens.wrap = wrap
        found.append(tokens)
        position = tokens.end


def _simply(text: bytes, position: int, start: int, limits: Limits) -> Tokens | None:
    """The interchange at ``start``, if it is as most are; None for the exact reader to look at."""
    header = text[start : start + HEADER]
    marks = marks_quickly(header)
    if marks is None or start - position > limits.between:
        return None
    blanks = _BLANKS.match(text, start + HEADER, start + HEADER + _LONGEST_GAP)
    gap = blanks.group() if blanks else b""
    end = _end(text, start, marks, out_of_the_ordinary(marks, gap), gap)
    regular = end >= 0
    if not regular:
        end = _end(text, start, marks, _loosely(marks)[0], None)
        gap = b" " * _LONGEST_GAP
    if (
        end < 0
        or len(gap) > limits.between
        or end + 1 - start > limits.interchange
        or too_long(text, start, end, marks, limits)
    ):
        return None
    body = text[start:end]
    raw = body.split(marks.segment + gap) if regular else _loosely(marks)[1].split(body)
    if len(raw) > limits.segments:
        return None
    tokens = Tokens(text, marks, raw, start, before=text[position:start], gap=gap if regular else None)
    tokens.end = end + 1
    return tokens


def _end(text: bytes, start: int, marks: Delimiters, unusual: re.Pattern[bytes], gap: bytes | None) -> int:
    """Where the terminator of the IEA stands, if nothing is out of the ordinary before; else -1."""
    found = unusual.search(text, start + HEADER - 1)
    if found is None:
        return -1
    blanks = _BLANKS.match(text, found.end(), found.end() + _LONGEST_GAP)
    if blanks is None or (gap is not None and blanks.group() != gap):
        return -1
    last = blanks.end()
    return text.find(marks.segment, last) if text.startswith(b"IEA" + marks.element, last) else -1


@lru_cache(maxsize=64)
def out_of_the_ordinary(marks: Delimiters, gap: bytes) -> re.Pattern[bytes]:
    """The next terminator that is not followed, after the usual gap, by a segment that is like any other."""
    return _unusual(marks, re.escape(gap))


@lru_cache(maxsize=64)
def _loosely(marks: Delimiters) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The same for any gap, and what stands between two segments then."""
    return _unusual(marks, rb"[\r\n\t ]{0,%d}+" % _LONGEST_GAP), re.compile(re.escape(marks.segment) + rb"[\r\n\t ]*+")


def _unusual(marks: Delimiters, gap: bytes) -> re.Pattern[bytes]:
    element, terminator = re.escape(marks.element), re.escape(marks.segment)
    return re.compile(terminator + rb"(?!" + gap + usual_id(marks) + rb"[" + element + terminator + rb"])")


def too_long(text: bytes, start: int, end: int, marks: Delimiters, limits: Limits) -> bool:
    """True where a segment may be longer, or have more elements, than the limits allow.

    Looks at one terminator in so many bytes: what lies between two of them at such a distance is looked at closely.
    """
    step = min(limits.elements, limits.segment)
    position = start
    while position + step < end:
        last = text.rfind(marks.segment, position, position + step + 1)
        if last < 0:
            last = text.find(marks.segment, position, position + limits.segment + 1)
            if last < 0 or text.count(marks.element, position, last) > limits.elements:
                return True
        position = last + 1
    return False


def whole(document: bytes, limits: Limits = LIMITS) -> tuple[list[Tokens], Malformed | None]:
    """The interchanges of a file that end before anything in it is no X12, and what is wrong there."""
    found, error = _walked(document, limits)
    return [each for each in found if each.raw and each.raw[-1].startswith(b"IEA" + each.marks.element)], error


def _exactly(document: bytes, limits: Limits) -> list[Tokens]:
    found, error = _walked(document, limits)
    if error:
        raise error
    return found


def _walked(document: bytes, limits: Limits) -> tuple[list[Tokens], Malformed | None]:
    """As far as it can be read, and why no further."""
    wrap = wrap_of(document[:LOOKED_AT])
    text = wrap.unwrapped(document) + wrap.rest() if wrap else document
    feed = Feed((document,))
    found: list[Tokens] = []
    starts = array("Q")
    try:
        for event in walk(feed, limits, ordinary):
            if isinstance(event, Opening):
                starts = array("Q")
                found.append(
                    Tokens(text, event.marks, [], event.start, before=event.before, starts=starts, wrap=event.wrap)
                )
            elif isinstance(event, Token):
                tokens = found[-1]
                if event.data is not None:
                    tokens.data[len(tokens.raw)] = (event.end - event.data, event.end)
                tokens.raw.append(event.raw)
                starts.append(event.start)
                tokens.closed = event.closed
                tokens.end = event.end + event.closed
            elif isinstance(event, Rest):
                found[-1].after = event.after
    except Malformed as error:
        return found, _advised(error, found, text)
    return found, None


def _advised(error: Malformed, found: list[Tokens], text: bytes) -> Malformed:
    """The count that would be right, where a segment counts its bytes wrongly and its data end somewhere."""
    tokens = found[-1] if found else None
    if tokens is None or not tokens.data:
        return error
    index, (start, _) = next(reversed(tokens.data.items()))
    if error.segment not in (index + 1, index + 2):
        return error
    name = "BIN01" if tokens.raw[index].startswith(b"BIN") else "BDS02"
    following = _what_follows_data(tokens.marks).search(text, start)
    if following is None:
        return error
    return error.with_fix(
        f"Give in {name} how many bytes the data have: {following.start() - start}, if they end where the next segment"
        " that belongs there begins."
    )


@lru_cache(maxsize=64)
def _what_follows_data(marks: Delimiters) -> re.Pattern[bytes]:
    element, terminator = re.escape(marks.element), re.escape(marks.segment)
    return re.compile(terminator + rb"[\r\n\t ]{0,8}+(?:SE|LX|BIN|BDS|EFI|CAT|OOI|DTP|TRN|STC|NM1|REF|HL)" + element)
