"""What came back, as far as it says to what it belongs: each TA1, group and transaction of a 999, verdict of an 824,
and each 278, with the numbers it repeats. ``correspondence`` finds what was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.x12_278.acknowledgement.advice import Advised
from adapters.x12_278.acknowledgement.reading import Acknowledgements, acknowledgements_in
from adapters.x12_278.acknowledgement.sent import Index, Key, Trace, bare, between, names_in
from adapters.x12_278.acknowledgement.told import text_of
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict
from adapters.x12_278.codec.tree import read


class What(StrEnum):
    INTERCHANGE = "TA1"
    GROUP = "999 of a group"
    TRANSACTION = "999 of a transaction"
    ADVICE = "824"
    ANSWER = "278"
    OTHER = "another transaction"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was said, at ``segment``, and the names by which it may be known. What it does not say is empty.

    ``told`` are the ST02 of all that a 999 names of a group. ``within`` is the segment of the group's item, which comes
    before those of its transactions.
    """

    what: What
    segment: int
    interchange: str = ""
    day: str = ""
    time: str = ""
    group_kind: str = ""
    group: str = ""
    version: str = ""
    told: tuple[str, ...] = ()
    within: int = 0
    kind: str = ""
    control: str = ""
    guide: str = ""
    purpose: str = ""
    references: tuple[str, ...] = field(default=(), repr=False)
    traces: tuple[Trace, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of an interchange that came: whose it was, and which bytes."""

    sender: str
    receiver: str
    control: str
    day: str
    digest: str

    def key(self) -> Key:
        return Key(Index.ARRIVAL, self.control, (self.sender, self.receiver))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One interchange that came. ``qualifier`` is that of its sender's id."""

    seen: Seen
    between: tuple[str, str]
    items: tuple[Item, ...]
    qualifier: str = ""

    def keys(self) -> frozenset[Key]:
        """All that must be looked up before it can be placed."""
        return frozenset({self.seen.key(), *(key for item in self.items for key in self._keys(item))})

    def _keys(self, item: Item) -> Iterator[Key]:
        if item.interchange:
            yield Key(Index.INTERCHANGE, item.interchange, self.between)
        if item.group:
            yield Key(Index.GROUP, item.group, self.between)
        yield from (Key(Index.REFERENCE, reference) for reference in item.references)
        yield from (Key(Index.TRACE, trace.number) for trace in item.traces)


def arrivals_in(document: bytes) -> tuple[Arrival, ...]:
    """The interchanges of what came. Raises Malformed."""
    found = []
    for interchange in read(document):
        isa, tokens = interchange.isa, interchange.tokens
        sender, receiver = isa.text(6).upper(), isa.text(8).upper()
        digest = hashlib.sha256(tokens.text[tokens.start : tokens.end]).hexdigest()
        seen = Seen(sender, receiver, bare(isa.text(13)), isa.text(9), digest)
        items = tuple(_items(acknowledgements_in(interchange)))
        found.append(Arrival(seen, between(sender, receiver), items, isa.text(5)))
    return tuple(found)


def _items(found: Acknowledgements) -> Iterator[Item]:
    for ta1 in found.interchanges:
        number = bare(text_of(ta1.control))
        yield Item(What.INTERCHANGE, ta1.where.segment, number, text_of(ta1.date), text_of(ta1.time))
    for group in found.groups:
        yield from _of_group(group)
    for advice in found.advices:
        for verdict in advice.verdicts:
            yield _of_advice(verdict, text_of(advice.purpose.answered) if advice.purpose else "")
    for transaction in found.others:
        purpose, reference, traces = names_in(transaction)
        yield Item(
            What.ANSWER if transaction.kind == "278" else What.OTHER,
            transaction.st.number,
            kind=transaction.kind,
            guide=transaction.guide.upper(),
            purpose=purpose,
            references=(reference,) if reference else (),
            traces=traces,
        )


def _of_group(group: GroupVerdict) -> Iterator[Item]:
    kind, number, version = text_of(group.kind).upper(), bare(text_of(group.control)), text_of(group.version).upper()
    told = tuple(bare(text_of(each.control)) for each in group.transactions)
    yield Item(What.GROUP, group.where.segment, group_kind=kind, group=number, version=version, told=told)
    for each, control in zip(group.transactions, told, strict=True):
        guide = text_of(each.guide).upper()
        within, segment = group.where.segment, each.where.segment
        yield Item(What.TRANSACTION, segment, within=within, kind=text_of(each.kind), control=control, guide=guide)


def _of_advice(verdict: Advised, answered: str) -> Item:
    """An 824 may name a transaction by its numbers, by a reference (OTI03 of kind TN, BGN06), and by traces in REF."""
    told = [text_of(verdict.reference)] if text_of(verdict.kind) == "TN" else []
    references = tuple(dict.fromkeys(each for each in (*told, answered) if each and each != "NA"))
    traces = tuple(Trace(text_of(each.value), "") for each in verdict.references if each.value)
    control = bare(text_of(verdict.control))
    return Item(
        What.ADVICE,
        verdict.where.segment,
        group=bare(text_of(verdict.group)),
        day=text_of(verdict.date)[2:],
        told=(control,) if control else (),
        kind=text_of(verdict.transaction),
        control=control,
        guide=text_of(verdict.guide).upper(),
        references=references,
        traces=traces,
    )
