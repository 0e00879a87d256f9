"""Which numbers satisfy which conditions of a question, worked out exactly.

The values that conditions compare with cut the numbers into cells: below the first value, the value itself, between it
and the next, and so on. All numbers of a cell satisfy the same conditions, so a set of numbers is a set of cells, and
that is kept as the bits of an integer. Knows no walk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.model.questions import Comparison, Condition, Limit


@dataclass(frozen=True)
class Cells:
    """``held`` are the cells in which each condition holds, in the order of the conditions; ``every`` are all."""

    held: tuple[int, ...]
    every: int

    @property
    def free(self) -> int:
        """Where no condition holds."""
        left = self.every
        for cells in self.held:
            left &= ~cells
        return left


def cells_of(conditions: Sequence[Condition]) -> Cells:
    values = sorted({limit.value for condition in conditions for limit in condition.limits})
    places = {value: place for place, value in enumerate(values)}
    every = (1 << (2 * len(values) + 1)) - 1
    return Cells(tuple(_holding(condition, places, every) for condition in conditions), every)


def holds(condition: Condition, number: Decimal) -> bool:
    """Whether a number satisfies a condition."""
    met = [_is_met(limit, number) for limit in condition.limits]
    return any(met) if condition.either else all(met)


def _holding(condition: Condition, places: Mapping[Decimal, int], every: int) -> int:
    first, *others = (_within(limit, places, every) for limit in condition.limits)
    for other in others:
        first = first | other if condition.either else first & other
    return first


def _within(limit: Limit, places: Mapping[Decimal, int], every: int) -> int:
    value = 1 << (2 * places[limit.value] + 1)
    below = value - 1
    match limit.comparison:
        case Comparison.EQUAL:
            return value
        case Comparison.NOT_EQUAL:
            return every & ~value
        case Comparison.LESS:
            return below
        case Comparison.AT_MOST:
            return below | value
        case Comparison.MORE:
            return every & ~(below | value)
        case Comparison.AT_LEAST:
            return every & ~below


def _is_met(limit: Limit, number: Decimal) -> bool:
    match limit.comparison:
        case Comparison.EQUAL:
            return number == limit.value
        case Comparison.NOT_EQUAL:
            return number != limit.value
        case Comparison.LESS:
            return number < limit.value
        case Comparison.AT_MOST:
            return number <= limit.value
        case Comparison.MORE:
            return number > limit.value
        case Comparison.AT_LEAST:
            return number >= limit.value
