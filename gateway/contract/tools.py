"""What a channel gives to people who look at its documents: check, show, normalise, compare, acknowledge.

Pure, as an adapter is: bytes, guides and the time come from outside, and what is found is said through a function or
returned. Found by entry points of the group ``payer_gateway.tools``; the entry's name is the command's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol

from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.guides import GuideFiles, GuideLayer
from gateway.model.outcome import Outcome

Chunks = Iterable[bytes]


class Meant(NamedTuple):
    """What a message means, or why it cannot be read, under a name of it. ``supposed`` is what it was taken to answer,
    which only who asked knows."""

    name: str
    outcome: Outcome | Unreadable
    supposed: str = ""


@dataclass(frozen=True)
class Said:
    """One thing that was found: ``text`` for a person, ``data`` for a machine; what is empty is not told. Neither
    repeats a value of a document unless the tool is asked to show it."""

    text: str
    data: Mapping[str, Any]


Say = Callable[[Said], None]


Numbers = Callable[[int], Sequence[int]]
"""Takes so many control numbers, which nobody takes again."""

Layers = Sequence[GuideLayer]
"""What somebody wants otherwise than the guides, the first word first."""


class Tools(Protocol):
    """``guides`` names the folder under ``mappings/guides``. Every verb raises Unreadable where nothing can be read,
    and ValueError for guides that are not what they should be."""

    channel: ClassVar[str]
    guides: ClassVar[str]

    def check(self, chunks: Chunks, guides: GuideFiles, layers: Layers, say: Say) -> bool:
        """Whether the document is accepted; what is found is said as it is found."""
        ...

    def acknowledge(
        self, read: Callable[[], Chunks], guides: GuideFiles, layers: Layers, at: datetime, numbers: Numbers, say: Say
    ) -> bytes:
        """What answers the document, nothing where it needs no answer."""
        ...

    def show(self, chunks: Chunks, guides: GuideFiles) -> Iterator[str]:
        """The document as a tree, a line at a time, values and all."""
        ...

    def outcomes(self, document: bytes, to: Destination) -> Iterator[Meant]:
        """What each message of a payer's document means: what the gateway would say of it, as far as that can be said
        without what was asked."""
        ...

    def differences(self, one: bytes, other: bytes, guides: GuideFiles) -> Iterator[Said]:
        """What is otherwise in the other document, by its places and not by its lines."""
        ...
