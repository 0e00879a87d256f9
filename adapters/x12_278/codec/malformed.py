"""The one error of the codec, and the sizes beyond which it reads no further."""

from __future__ import annotations

from typing import NamedTuple

from gateway.contract.errors import Unreadable


class Limits(NamedTuple):
    """Sizes in bytes or counts; what is larger is refused, in memory that does not grow with it."""

    segment: int = 64 * 1024
    """Bytes of a segment that does not count its own. The longest in a 278 is a few hundred."""
    elements: int = 1000
    """Element separators in a segment. The longest in a guide has about thirty."""
    binary: int = 128 * 1024 * 1024
    """Bytes of counted data in one segment. CORE asks systems to take attachments of 64 MB, which base64 makes 86."""
    interchange: int = 256 * 1024 * 1024
    segments: int = 5_000_000
    """Segments of one interchange."""
    transaction: int = 100_000
    """Segments of one transaction that a checker looks at: while it is open all of it is kept. Room for 10,000 services
    with ten segments each, or for a 999 about 45,000 transactions."""
    between: int = 64 * 1024
    """Blanks and line ends in one place between segments or around interchanges."""


LIMITS = Limits()


class Malformed(Unreadable):
    """These bytes are no X12, from here on. The text says what is wrong and how to mend it, and quotes nothing.

    ``segment`` counts from 1, the ISA of the interchange; None outside of every interchange. ``at`` is a byte offset
    into the file as it was given. ``note`` is the TA105 code that a TA1 about it carries.
    """

    at: int

    def __init__(self, says: str, fix: str, *, at: int, segment: int | None = None, note: str = "022") -> None:
        super().__init__(f"{f'segment {segment}: ' if segment else ''}{says}. {fix}", at)
        self.says = says
        self.fix = fix
        self.segment = segment
        self.note = note

    def with_fix(self, fix: str) -> Malformed:
        """The same error with better advice."""
        return Malformed(self.says, fix, at=self.at, segment=self.segment, note=self.note)
