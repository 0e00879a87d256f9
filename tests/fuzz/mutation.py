"""Spoils a document, once or a few times, in the ways that files are spoiled, and in the ways of whoever means harm.

All chance comes from the ``Random`` that is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz import ways


def mutated(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """The document spoiled once or a few times; half of the time its counts are made right again, so that readers who
    look at counts first read on."""
    for _ in range(1 + min(int(chance.expovariate(0.8)), 6)):
        document = chance.choices(_WAYS, _WEIGHTS)[0](document, others, chance)
    if chance.random() < 0.5:
        document = ways.recounted(document)
    return document


_WEIGHED: dict[Callable[[bytes, Sequence[bytes], Random], bytes], int] = {
    ways.bytes_deleted: 3,
    ways.bytes_put_in: 4,
    ways.byte_changed: 6,
    ways.truncated: 1,
    ways.bytes_of_another: 2,
    ways.segment_deleted: 7,
    ways.segment_twice: 7,
    ways.segments_swapped: 5,
    ways.segment_put_in: 10,
    ways.segment_many_times: 2,
    ways.element_replaced: 18,
    ways.element_deleted: 6,
    ways.element_twice: 3,
    ways.elements_swapped: 4,
    ways.element_repeated: 4,
    ways.loops_changed: 10,
    ways.marks_changed: 3,
    ways.count_changed: 3,
    ways.length_changed: 3,
    ways.wrapped: 3,
    ways.several: 2,
    ways.encoded_otherwise: 1,
}
_WAYS, _WEIGHTS = tuple(_WEIGHED), tuple(_WEIGHED.values())


def mutated_bytes(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """For what is no X12: an envelope, a form, JSON."""
    some = ways.bytes_deleted, ways.bytes_put_in, ways.byte_changed, ways.truncated, ways.bytes_of_another
    for _ in range(1 + min(int(chance.expovariate(0.8)), 6)):
        document = chance.choices(some, (3, 4, 6, 1, 2))[0](document, others, chance)
    return document
