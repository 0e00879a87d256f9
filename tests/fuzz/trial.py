"""One trial: an input, what is done with it, and what is said where something does not hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

NAMES = ("SAMPLETON", "TESTPERSON", "TESTDOCTOR", "EGH100001", "SIMCASE0")
"""Of patients, members and doctors of the corpus: none may stand in an error (law 8)."""


class Broken(AssertionError):
    """Something that must hold does not. The text is of our own words."""


class Input(NamedTuple):
    """What a target is tried with, and the trial itself."""

    document: bytes
    go: Callable[[], None]


def hold(holds: bool, says: str) -> None:
    if not holds:
        raise Broken(says)


def private(text: str) -> None:
    upper = text.upper()
    hold(not any(name in upper for name in NAMES), "an error repeats what a document says of somebody")
