"""What an 824 says: who tells whom (BGN, N1), and of each transaction whether the application took it (OTI), and what
was wrong with it (TED; LM and LQ with codes of others). Records of segments, as ``verdicts`` has them.

How much of the guide is known, the map's README tells: most of it is the standard's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from adapters.x12_278.acknowledgement.told import Line, Told, one, parts
from adapters.x12_278.acknowledgement.verdicts import Context, DataElement, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose(Line):
    """BGN."""

    purpose: Annotated[Told | None, one(1)] = None
    reference: Annotated[Told | None, one(2)] = None
    date: Annotated[Told | None, one(3)] = None
    time: Annotated[Told | None, one(4)] = None
    zone: Annotated[Told | None, one(5)] = None
    answered: Annotated[Told | None, one(6)] = None
    kind: Annotated[Told | None, one(7)] = None
    action: Annotated[Told | None, one(8)] = None
    security: Annotated[Told | None, one(9)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Street(Line):
    """N3."""

    first: Annotated[Told | None, one(1)] = None
    second: Annotated[Told | None, one(2)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Town(Line):
    """N4."""

    city: Annotated[Told | None, one(1)] = None
    state: Annotated[Told | None, one(2)] = None
    postal: Annotated[Told | None, one(3)] = None
    country: Annotated[Told | None, one(4)] = None
    kind: Annotated[Told | None, one(5)] = None
    location: Annotated[Told | None, one(6)] = None
    part: Annotated[Told | None, one(7)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Line):
    """DTM: a date and time, or a period in some form."""

    kind: Annotated[Told | None, one(1)] = None
    date: Annotated[Told | None, one(2)] = None
    time: Annotated[Told | None, one(3)] = None
    zone: Annotated[Told | None, one(4)] = None
    form: Annotated[Told | None, one(5)] = None
    period: Annotated[Told | None, one(6)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Line):
    """AMT."""

    kind: Annotated[Told | None, one(1)] = None
    amount: Annotated[Told | None, one(2)] = None
    side: Annotated[Told | None, one(3)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    unit: Annotated[Told | None, one(1)] = None
    exponent: Annotated[Told | None, one(2)] = None
    multiplier: Annotated[Told | None, one(3)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Line):
    """QTY. A unit that is made up of several keeps the others beside the record."""

    kind: Annotated[Told | None, one(1)] = None
    quantity: Annotated[Told | None, one(2)] = None
    unit: Annotated[Unit | None, parts(3, Unit)] = None
    words: Annotated[Told | None, one(4)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreReferences:
    kind: Annotated[Told | None, one(1)] = None
    value: Annotated[Told | None, one(2)] = None
    second_kind: Annotated[Told | None, one(3)] = None
    second_value: Annotated[Told | None, one(4)] = None
    third_kind: Annotated[Told | None, one(5)] = None
    third_value: Annotated[Told | None, one(6)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Line):
    """REF."""

    kind: Annotated[Told | None, one(1)] = None
    value: Annotated[Told | None, one(2)] = None
    description: Annotated[Told | None, one(3)] = None
    more: Annotated[MoreReferences | None, parts(4, MoreReferences)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Line):
    """PER: a name, and up to three numbers or addresses, each behind its kind."""

    function: Annotated[Told | None, one(1)] = None
    name: Annotated[Told | None, one(2)] = None
    kind: Annotated[Told | None, one(3)] = None
    address: Annotated[Told | None, one(4)] = None
    second_kind: Annotated[Told | None, one(5)] = None
    second_address: Annotated[Told | None, one(6)] = None
    third_kind: Annotated[Told | None, one(7)] = None
    third_address: Annotated[Told | None, one(8)] = None
    reference: Annotated[Told | None, one(9)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Line):
    """N1 and what follows it."""

    role: Annotated[Told | None, one(1)] = None
    name: Annotated[Told | None, one(2)] = None
    qualifier: Annotated[Told | None, one(3)] = None
    identifier: Annotated[Told | None, one(4)] = None
    relation: Annotated[Told | None, one(5)] = None
    related: Annotated[Told | None, one(6)] = None
    streets: tuple[Street, ...] = ()
    towns: tuple[Town, ...] = ()
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Line):
    """NM1: a party of the transaction."""

    role: Annotated[Told | None, one(1)] = None
    type: Annotated[Told | None, one(2)] = None
    last: Annotated[Told | None, one(3)] = None
    first: Annotated[Told | None, one(4)] = None
    middle: Annotated[Told | None, one(5)] = None
    prefix: Annotated[Told | None, one(6)] = None
    suffix: Annotated[Told | None, one(7)] = None
    qualifier: Annotated[Told | None, one(8)] = None
    identifier: Annotated[Told | None, one(9)] = None
    relation: Annotated[Told | None, one(10)] = None
    related: Annotated[Told | None, one(11)] = None
    other: Annotated[Told | None, one(12)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Line):
    """NTE."""

    kind: Annotated[Told | None, one(1)] = None
    text: Annotated[Told | None, one(2)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related(Line):
    """RED: data that a fault is about, and a code for it from some list."""

    text: Annotated[Told | None, one(1)] = None
    kind: Annotated[Told | None, one(2)] = None
    agency: Annotated[Told | None, one(3)] = None
    part: Annotated[Told | None, one(4)] = None
    table: Annotated[Told | None, one(5)] = None
    code: Annotated[Told | None, one(6)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Line):
    """TED and what follows it."""

    code: Annotated[Told | None, one(1)] = None
    text: Annotated[Told | None, one(2)] = None
    tag: Annotated[Told | None, one(3)] = None
    ordinal: Annotated[Told | None, one(4)] = None
    position: Annotated[Position | None, parts(5, Position)] = None
    numbers: Annotated[DataElement | None, parts(6, DataElement)] = None
    copy: Annotated[Told | None, one(7)] = None
    better: Annotated[Told | None, one(8)] = None
    contexts: tuple[Context, ...] = ()
    notes: tuple[Note, ...] = ()
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Line):
    """LQ and the RED behind it."""

    table: Annotated[Told | None, one(1)] = None
    code: Annotated[Told | None, one(2)] = None
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Line):
    """LM: whose codes follow."""

    agency: Annotated[Told | None, one(1)] = None
    part: Annotated[Told | None, one(2)] = None
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised(Line):
    """OTI and what follows it: the verdict on one transaction, named by a reference and by its control numbers."""

    verdict: Annotated[Told | None, one(1)] = None
    kind: Annotated[Told | None, one(2)] = None
    reference: Annotated[Told | None, one(3)] = None
    sender: Annotated[Told | None, one(4)] = None
    receiver: Annotated[Told | None, one(5)] = None
    date: Annotated[Told | None, one(6)] = None
    time: Annotated[Told | None, one(7)] = None
    group: Annotated[Told | None, one(8)] = None
    control: Annotated[Told | None, one(9)] = None
    transaction: Annotated[Told | None, one(10)] = None
    guide: Annotated[Told | None, one(11)] = None
    purpose: Annotated[Told | None, one(12)] = None
    type: Annotated[Told | None, one(13)] = None
    application: Annotated[Told | None, one(14)] = None
    action: Annotated[Told | None, one(15)] = None
    handling: Annotated[Told | None, one(16)] = None
    reason: Annotated[Told | None, one(17)] = None
    references: tuple[Reference, ...] = ()
    moments: tuple[Moment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    parties: tuple[Person, ...] = ()
    faults: tuple[Fault, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Line):
    """One 824, by its ST."""

    kind: Annotated[Told | None, one(1)] = None
    control: Annotated[Told | None, one(2)] = None
    guide: Annotated[Told | None, one(3)] = None
    purpose: Purpose | None = None
    parties: tuple[Party, ...] = ()
    verdicts: tuple[Advised, ...] = ()
