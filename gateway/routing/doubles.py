"""Lines of one drug that would go to different benefits: the same drug asked of both, which no payer demanded.

One drug is what has a product or a code in common: a code that is not for whatever has none of its own stands for one
ingredient given one way, whoever made the package, and another labeler's is no other drug.
Each line is decided by itself; this looks at them together. Where both lines state their benefit, or each its own
supply and these differ, it is meant: a drug is infused first and injected at home later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from gateway.model.line import CodeSystem, ServiceCode
from gateway.profiles.crosswalk import PRODUCT_DIGITS
from gateway.routing.asked import Asked, names
from gateway.routing.decision import Result, Rule, Side, Step, Why

_NDC = f"{CodeSystem.NDC} "


def ask_of_doubles(decided: Sequence[tuple[Asked, tuple[Side, ...]]]) -> list[tuple[Side, ...]]:
    """The lines' sides, asked where two lines of one product have different ones."""
    products = [_products(asked) for asked, _ in decided]
    twins: dict[int, int] = {}
    for one, other in combinations(range(len(decided)), 2):
        if not products[one].keys().isdisjoint(products[other]) and _part(decided[one], decided[other]):
            twins.setdefault(one, other)
            twins.setdefault(other, one)
    return [
        (_asked(asked, sides[0], decided[twins[place]][0], products[place]),) if place in twins else sides
        for place, (asked, sides) in enumerate(decided)
    ]


def _products(asked: Asked) -> Mapping[str, tuple[str, ...]]:
    """What the line's drug is known by, each with the crosswalk that told it; not a code that many drugs have.

    Any package of the product in any quarter tells its codes. What is paid for is not decided by it: it is asked.
    """
    crosswalks = asked.reference.crosswalks
    if not (asked.is_drug or any(asked.line.code in crosswalk.by_code for _, crosswalk in crosswalks)):
        return {}
    ndcs = [code.code[:PRODUCT_DIGITS] for code in asked.codes if code.system is CodeSystem.NDC]
    told = {
        code: (file,) for file, crosswalk in crosswalks for ndc in ndcs for code in crosswalk.by_product.get(ndc, ())
    }
    own: dict[ServiceCode, tuple[str, ...]] = dict.fromkeys(asked.codes, ())
    known = {f"{code.system} {code.code}": file for code, file in (told | own).items() if _names_one(asked, code)}
    return known | {f"{_NDC}{ndc}": () for ndc in ndcs}


def _names_one(asked: Asked, code: ServiceCode) -> bool:
    unclassified = (each.unclassified for each in asked.reference.part_b)
    return code.system is not CodeSystem.NDC and not any(names(codes, (code,)) for codes in unclassified)


def _part(one: tuple[Asked, Sequence[Side]], other: tuple[Asked, Sequence[Side]]) -> bool:
    """True where they go to different benefits without anybody's having said so."""
    (line, sides), (twin, others) = (one[0].line, one[1]), (other[0].line, other[1])
    if len(sides) > 1 or len(others) > 1 or None in (sides[0].benefit, others[0].benefit):
        return False
    stated = sides[0].why.rule is others[0].why.rule is Rule.STATED
    supplied = None not in (line.supply, twin.supply) and line.supply != twin.supply
    return sides[0].benefit != others[0].benefit and not (stated or supplied)


def _asked(asked: Asked, side: Side, twin: Asked, products: Mapping[str, tuple[str, ...]]) -> Side:
    says = "Another line names the same drug, and by the rules the two would go to different benefits."
    fix = "Send the supply of each of the two lines as it is, or the benefit of each, if both benefits are meant."
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
