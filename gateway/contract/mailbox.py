"""What an adapter does whose payers answer in files that come unasked, in any order, mixed with those of others.

Pure, as all of an adapter is. The gateway keeps the keys under which answers may name what was said, finds by the keys
of a file what it may answer, and has the adapter say which it is. Nothing is guessed: what cannot be placed is told
with the reason, and a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from gateway.contract.adapter import Answers, Change, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.model.outcome import Outcome, Reference


@dataclass(frozen=True)
class Letter:
    """The smallest part of a file that is about one thing that was said. ``what`` is our word for it, ``place`` where
    it stands in the file, for people. ``keys`` are those under which what it answers may be registered. ``body`` is a
    document with this letter in it and nothing that is about anything else. ``fault`` is a word for why nobody can read
    it: then it is about nothing that is known, and what else is in the file is heard all the same. ``numbers`` are
    words for the payer's own numbers in it, as ``Correspondent.numbers`` has them."""

    what: str
    place: str
    keys: frozenset[str] = field(repr=False)
    body: bytes = field(repr=False)
    fault: str | None = None
    numbers: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Posted:
    """What was said over the connection and may be answered: the gateway's word for it, the document as it is in the
    journal, and to whom it was said. ``case`` is the same for all that was said of one case, and empty where nothing
    else is. ``numbers`` are words for what the payer calls it, of a filing that the payer has answered."""

    handle: str
    document: bytes = field(repr=False)
    to: Destination = field(repr=False)
    case: str = ""
    numbers: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Placed:
    """What a letter answers, or else why nobody knows (``reason``, a word) and what it may be (``candidates``)."""

    letter: Letter
    handle: str | None = None
    reason: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saying:
    """What an attempt said: ``stamp`` is its own; ``work`` the change or the documents, nothing where it filed."""

    filed: Filed
    stamp: Stamp
    work: Change | Answers | None = None


@dataclass(frozen=True)
class Spot:
    """A directory of the other side, and a pattern with * and ? of the names of files there."""

    directory: str
    names: str


@runtime_checkable
class Correspondent(Protocol):
    """An adapter whose payers may answer in files. A key is opaque, holds nothing of a patient, and is at most 200
    characters of ASCII."""

    def registered(self, document: bytes, to: Destination) -> frozenset[str]:
        """The keys under which answers may name what this document says."""
        ...

    def numbers(self, references: Sequence[Reference]) -> frozenset[str]:
        """Words for the payer's own numbers among these: a notice may name nothing else of what it is about. They are
        kept under a keyed hash."""
        ...

    def open(self, body: bytes) -> tuple[Letter, ...]:
        """What is in a file, with what of it nobody can read. Raises Unreadable where that is all of it."""
        ...

    def place(self, letters: Sequence[Letter], known: Sequence[Posted]) -> tuple[Placed, ...]:
        """Each letter's place among what is known, in the order of the letters."""
        ...

    def answers_inquiries(self, to: Destination) -> bool:
        """Whether the payer can be asked about a filing that it has acknowledged. False where to inquire is only to
        look for what was put down: then its word is waited for."""
        ...

    def puts_into(self, to: Destination) -> tuple[Spot, ...]:
        """Where what is said lies until the payer takes it, under all its names."""
        ...

    def hear(self, letters: Sequence[Letter], said: Saying, to: Destination) -> tuple[Outcome, ...]:
        """What these letters of a file, all placed to one attempt, say of it: each answer by itself, as if it had come
        in a file of its own; which of them counts is not for an adapter to say. An outcome's ``document`` is that of
        its letters. Raises Unreadable where they cannot be this attempt's after all."""
        ...
