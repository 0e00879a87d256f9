"""What a TA1 says of an interchange, and a 999 of a group: records, each of its segment and of what hangs on it.

A 997 says the same with AK3, AK4 and AK5, and some write these into a 999: ``where.tag`` tells what stood there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from adapters.x12_278.acknowledgement.told import Line, Told, each, one, parts, run


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeVerdict(Line):
    """TA1: ISA13, ISA09 and ISA10 of the interchange that is meant, the verdict and one note."""

    control: Annotated[Told | None, one(1)] = None
    date: Annotated[Told | None, one(2)] = None
    time: Annotated[Told | None, one(3)] = None
    verdict: Annotated[Told | None, one(4)] = None
    note: Annotated[Told | None, one(5)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An element of a segment, a component of it, a repetition of it: each counted from 1."""

    element: Annotated[Told | None, one(1)] = None
    component: Annotated[Told | None, one(2)] = None
    repetition: Annotated[Told | None, one(3)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A name of a context (``SITUATIONAL TRIGGER``), or of a business unit with its value, which may be PHI."""

    name: Annotated[Told | None, one(1)] = None
    value: Annotated[Told | None, one(2)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """Numbers of data elements in X12's dictionary: of the element, and of a component."""

    numbers: Annotated[tuple[Told, ...], run(1, 2)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Line):
    """CTX: what made something necessary, or the business unit that a fault is in."""

    subjects: Annotated[tuple[Subject, ...], each(1, Subject)] = ()
    tag: Annotated[Told | None, one(2)] = None
    ordinal: Annotated[Told | None, one(3)] = None
    loop: Annotated[Told | None, one(4)] = None
    position: Annotated[Position | None, parts(5, Position)] = None
    numbers: Annotated[DataElement | None, parts(6, DataElement)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFault(Line):
    """IK4 or AK4."""

    position: Annotated[Position | None, parts(1, Position)] = None
    number: Annotated[Told | None, one(2)] = None
    code: Annotated[Told | None, one(3)] = None
    copy: Annotated[Told | None, one(4)] = None
    contexts: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFault(Line):
    """IK3, which has one code, or AK3, which has up to five. ``ordinal`` counts from the ST."""

    tag: Annotated[Told | None, one(1)] = None
    ordinal: Annotated[Told | None, one(2)] = None
    loop: Annotated[Told | None, one(3)] = None
    codes: Annotated[tuple[Told, ...], run(4, 8)] = ()
    contexts: tuple[Context, ...] = ()
    elements: tuple[ElementFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEnd(Line):
    """IK5 or AK5."""

    verdict: Annotated[Told | None, one(1)] = None
    codes: Annotated[tuple[Told, ...], run(2, 6)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionVerdict(Line):
    """AK2, to the IK5 that ends it; none where the sender left it out."""

    kind: Annotated[Told | None, one(1)] = None
    control: Annotated[Told | None, one(2)] = None
    guide: Annotated[Told | None, one(3)] = None
    segments: tuple[SegmentFault, ...] = ()
    end: TransactionEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEnd(Line):
    """AK9: the verdict, and how many transactions were announced, received and taken."""

    verdict: Annotated[Told | None, one(1)] = None
    announced: Annotated[Told | None, one(2)] = None
    received: Annotated[Told | None, one(3)] = None
    taken: Annotated[Told | None, one(4)] = None
    codes: Annotated[tuple[Told, ...], run(5, 9)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupVerdict(Line):
    """AK1, to the AK9 that ends it; none where the sender left it out."""

    kind: Annotated[Told | None, one(1)] = None
    control: Annotated[Told | None, one(2)] = None
    version: Annotated[Told | None, one(3)] = None
    transactions: tuple[TransactionVerdict, ...] = ()
    end: GroupEnd | None = None
