"""Reads a file of acknowledgements: TA1, 999 (and 997), 824, each typed, with what is odd about it.

Knows nothing of what was sent: ``correspondence`` finds whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.x12_278.acknowledgement.advice import Advice
from adapters.x12_278.acknowledgement.advice_reading import AdviceReader
from adapters.x12_278.acknowledgement.codes import KNOWN
from adapters.x12_278.acknowledgement.group_reading import GroupReader, surplus
from adapters.x12_278.acknowledgement.oddity import Kind, Oddity
from adapters.x12_278.acknowledgement.told import KeptSegment, read_line
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, InterchangeVerdict
from adapters.x12_278.codec.envelope import faults
from adapters.x12_278.codec.malformed import LIMITS, Limits
from adapters.x12_278.codec.tree import Interchange, Segment, Transaction, read


@dataclass(frozen=True, slots=True)
class Acknowledgements:
    """What one interchange holds. ``others`` are its transactions that acknowledge nothing."""

    interchange: Interchange
    interchanges: tuple[InterchangeVerdict, ...]
    groups: tuple[GroupVerdict, ...]
    advices: tuple[Advice, ...]
    others: tuple[Transaction, ...]
    kept: tuple[KeptSegment, ...]
    oddities: tuple[Oddity, ...]


def read_acknowledgements(document: bytes, limits: Limits = LIMITS) -> tuple[Acknowledgements, ...]:
    """What each interchange of a file holds. Raises Malformed where anything in the file is no X12."""
    return tuple(acknowledgements_in(interchange) for interchange in read(document, limits))


def acknowledgements_in(interchange: Interchange) -> Acknowledgements:
    groups, advices = GroupReader(), AdviceReader()
    found: list[GroupVerdict] = []
    advised: list[Advice] = []
    others: list[Transaction] = []
    for transaction in interchange.transactions():
        if transaction.kind in ("999", "997"):
            found += groups.read(transaction.st, transaction.body())
        elif transaction.kind == "824":
            advised.append(advices.read(transaction.st, transaction.body()))
        else:
            others.append(transaction)
    interchanges = tuple(read_line(InterchangeVerdict, segment) for segment in _ta1(interchange))
    oddities = [*_of_envelope(interchange), *_of_ta1(interchange), *groups.oddities, *advices.oddities]
    oddities += [oddity for line in interchanges for oddity in surplus(line)]
    strays = [*interchange.strays, *(stray for group in interchange.groups for stray in group.strays)]
    kept = [KeptSegment.of(stray) for stray in strays if stray.tag != "TA1"]
    return Acknowledgements(
        interchange,
        interchanges,
        tuple(found),
        tuple(advised),
        tuple(others),
        (*kept, *groups.kept, *advices.kept),
        tuple(sorted(oddities, key=lambda oddity: oddity.segment)),
    )


def _ta1(interchange: Interchange) -> Iterator[Segment]:
    """Every TA1; some stand behind the groups, or between GS and GE."""
    yield from interchange.ta1
    for group in interchange.groups:
        yield from (stray for stray in group.strays if stray.tag == "TA1")


def _of_ta1(interchange: Interchange) -> Iterator[Oddity]:
    first = next((group.gs for group in interchange.groups if group.gs is not None), None)
    for segment in _ta1(interchange):
        if first is not None and segment.number > first.number:
            yield Oddity(Kind.MISPLACED, "the TA1 does not stand in front of the groups", segment.number, segment.start)
        for place in range(1, 6):
            value = segment.value(place)
            if value is None:
                yield Oddity(Kind.MISSING, f"TA1{place:02d} is missing", segment.number, segment.start)
            elif value.text not in KNOWN.get(f"TA1{place:02d}", {value.text}):
                yield Oddity(
                    Kind.UNKNOWN_CODE, f"{value.label} holds no code that is known there", segment.number, value.start
                )


def _of_envelope(interchange: Interchange) -> Iterator[Oddity]:
    for fault in faults(interchange):
        segment = Segment(interchange.tokens, fault.at)
        if segment.tag != "TA1":
            yield Oddity(Kind.ENVELOPE, fault.says, segment.number, segment.start)
