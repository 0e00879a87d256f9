"""Records as the segments they are written as, in the order of the guide."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.x12_278.acknowledgement.advice import Advice
from adapters.x12_278.acknowledgement.advice_reading import ORDER
from adapters.x12_278.acknowledgement.told import Line
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, SegmentFault, TransactionVerdict

Tagged = tuple[str, Line]


def segments_of_group(group: GroupVerdict) -> Iterator[Tagged]:
    """What stands between ST and SE of a 999."""
    yield "AK1", group
    for transaction in group.transactions:
        yield from _of_transaction(transaction)
    if group.end:
        yield "AK9", group.end


def _of_transaction(transaction: TransactionVerdict) -> Iterator[Tagged]:
    yield "AK2", transaction
    for segment in transaction.segments:
        yield from _of_segment(segment)
    if transaction.end:
        yield "IK5", transaction.end


def _of_segment(fault: SegmentFault) -> Iterator[Tagged]:
    yield "IK3", fault
    yield from (("CTX", context) for context in fault.contexts)
    for element in fault.elements:
        yield "IK4", element
        yield from (("CTX", context) for context in element.contexts)


def segments_of_advice(advice: Advice) -> Iterator[Tagged]:
    """What stands between ST and SE of an 824."""
    if advice.purpose:
        yield "BGN", advice.purpose
    yield from _below(advice)


def _below(line: Line) -> Iterator[Tagged]:
    for tag, _, name in ORDER.get(type(line), ()):
        for each in getattr(line, name):
            yield tag, each
            yield from _below(each)
