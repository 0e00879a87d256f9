"""Lines of one product that would go to different benefits: the same drug asked of both, which no payer demanded.

Each line is decided by itself; this looks at them together. Where both lines state their benefit, it is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from gateway.model.line import CodeSystem
from gateway.routing.asked import Asked
from gateway.routing.decision import Result, Rule, Side, Step, Why

_PRODUCT = 9
"""Digits of an NDC that are of labeler and product; the others are of the package."""


def ask_of_doubles(decided: Sequence[tuple[Asked, tuple[Side, ...]]]) -> list[tuple[Side, ...]]:
    """The lines' sides, asked where two lines of one product have different ones."""
    products = [_products(asked) for asked, _ in decided]
    twins: dict[int, int] = {}
    for one, other in combinations(range(len(decided)), 2):
        if products[one].keys() & products[other].keys() and _part(decided[one][1], decided[other][1]):
            twins.setdefault(one, other)
            twins.setdefault(other, one)
    return [
        (_asked(asked, sides[0], decided[twins[place]][0], products[place]),) if place in twins else sides
        for place, (asked, sides) in enumerate(decided)
    ]


def _products(asked: Asked) -> Mapping[str, tuple[str, ...]]:
    """What the line's drug is known by, each with the crosswalk that told it."""
    if not asked.is_drug:
        return {}
    file, crossed = asked.crossed
    known = {f"{code.system} {code.code}": file for code in crossed if code.system is not CodeSystem.NDC}
    for code in asked.codes:
        word = code.code[:_PRODUCT] if code.system is CodeSystem.NDC else code.code
        known[f"{code.system} {word}"] = ()
    return known


def _part(one: Sequence[Side], other: Sequence[Side]) -> bool:
    """True where they go to different benefits without anybody's having said so."""
    if len(one) > 1 or len(other) > 1 or None in (one[0].benefit, other[0].benefit):
        return False
    meant = one[0].why.rule is other[0].why.rule is Rule.STATED
    return one[0].benefit != other[0].benefit and not meant


def _asked(asked: Asked, side: Side, twin: Asked, products: Mapping[str, tuple[str, ...]]) -> Side:
    says = "Another line names the same product, and by the rules the two would go to different benefits."
    fix = "Send the supply of both lines as it is; or, where both are meant, the benefit of both."
    why = Why(rule=Rule.ONE_PRODUCT, says=says, fix=fix, pointer=asked.at("benefit"))
    step = Step(
        rule=Rule.ONE_PRODUCT,
        result=Result.ASKS,
        says=says,
        inputs=(*asked.code_fields, *twin.code_fields),
        data=tuple(dict.fromkeys(file for files in products.values() for file in files)),
        otherwise=fix,
    )
    return Side(line_id=side.line_id, benefit=None, why=why, steps=(*side.steps, step))
