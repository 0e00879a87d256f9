"""Bytes that come in chunks of any size, looked at from a cursor; what lies behind the cursor is let go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from adapters.x12_278.codec.wrapping import LOOKED_AT, Wrap, wrap_of

_PIECE = 64 * 1024


class Feed:
    """``position`` counts bytes of the text without line ends of wrapping; ``place`` makes it an offset of the file."""

    __slots__ = ("_base", "_ended", "_pieces", "buffer", "cursor", "number", "wrap")

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = _pieces(chunks)
        self._base = 0
        self._ended = False
        self.buffer = bytearray()
        self.cursor = 0
        self.number: int | None = None
        """The segment that is being read, for an error on the way."""
        self.wrap: Wrap | None = None
        self.want(LOOKED_AT)
        if wrap := wrap_of(bytes(self.buffer[:LOOKED_AT])):
            self.wrap = wrap
            read, self.buffer = bytes(self.buffer), bytearray()
            self.buffer += wrap.unwrapped(read)
            if self._ended:
                self.buffer += wrap.rest()

    @property
    def position(self) -> int:
        return self._base + self.cursor

    def place(self, position: int) -> int:
        return self.wrap.place(position) if self.wrap else position

    @property
    def here(self) -> int:
        """The offset of the cursor in the file."""
        return self.place(self.position)

    def more(self) -> bool:
        """Reads on. False where there is nothing more."""
        if self.cursor >= _PIECE:
            del self.buffer[: self.cursor]
            self._base += self.cursor
            self.cursor = 0
        if self.wrap and self.wrap.uneven is not None:
            raise self.wrap.error(self.number)
        if self._ended:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            rest = self.wrap.rest() if self.wrap else b""
            self.buffer += rest
            return bool(rest)
        self.buffer += self.wrap.unwrapped(piece) if self.wrap else piece
        return True

    def want(self, count: int) -> bool:
        """True when so many bytes lie before the cursor."""
        while len(self.buffer) - self.cursor < count:
            if not self.more():
                return False
        return True

    def peek(self, count: int) -> bytes:
        """The next bytes; fewer at the end."""
        self.want(count)
        return bytes(self.buffer[self.cursor : self.cursor + count])

    def take(self, count: int) -> bytes:
        """The next bytes, which must be there."""
        taken = bytes(self.buffer[self.cursor : self.cursor + count])
        self.cursor += count
        return taken

    def find(self, mark: bytes, most: int) -> int:
        """How many bytes stand before the next mark: ``most`` at most, else -1."""
        looked = 0
        while True:
            found = self.buffer.find(mark, self.cursor + looked, self.cursor + most + 1)
            if found >= 0:
                return found - self.cursor
            looked = len(self.buffer) - self.cursor
            if looked > most or not self.more():
                return -1

    def run(self, pattern: re.Pattern[bytes], most: int) -> bytes | None:
        """The bytes that the pattern takes from here on; None where they are more than ``most``, the cursor behind the
        last that may be, however the bytes came."""
        taken: list[bytes] = []
        length = 0
        while True:
            found = pattern.match(self.buffer, self.cursor)
            count = found.end() - self.cursor if found else 0
            if length + count > most:
                self.cursor += most - length
                return None
            length += count
            taken.append(self.take(count))
            if self.cursor < len(self.buffer) or not self.more():
                return b"".join(taken)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, large ones cut, so that memory does not depend on their size."""
    for chunk in chunks:
        if len(chunk) <= _PIECE:
            if chunk:
                yield bytes(chunk)
        else:
            view = memoryview(chunk)
            for start in range(0, len(view), _PIECE):
                yield bytes(view[start : start + _PIECE])
