"""Which benefit a line falls under: the medical side (a service given) or the pharmacy side (a drug dispensed).

Rules in their order, the first that decides or asks has the last word; what none of them tells is asked, not guessed.
No rule knows a drug: the same drug is on either side, depending on the plan, on who buys it and on who gives it.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.model.line import CodeSystem
from gateway.model.request import SupplyMode
from gateway.routing.asked import Asked, Found, asks, decides, passes
from gateway.routing.decision import Rule, Side, Step
from gateway.routing.delegation import delegated
from gateway.routing.drugs import listed, told_by_payer
from gateway.routing.medicare import part_b_or_d
from gateway.routing.supply import mode, supplied

_OF_A_SERVICE = frozenset({CodeSystem.HCPCS, CodeSystem.CPT, CodeSystem.REVENUE, CodeSystem.CDT})


def sides(asked: Asked) -> tuple[Side, ...]:
    """The line's side; two where its payer demands both."""
    steps: list[Step] = []
    for rule in _RULES:
        found = rule(asked)
        steps.append(found.step)
        if found.asks is not None:
            return (Side(line_id=asked.line.id, benefit=None, why=found.asks, steps=tuple(steps)),)
        if found.going:
            return tuple(
                Side(
                    line_id=asked.line.id,
                    benefit=going.benefit,
                    why=going.why,
                    payer=going.payer,
                    connection=going.connection,
                    steps=tuple(steps),
                )
                for going in found.going
            )
    raise AssertionError("the last rule passes nothing")


def _stated(asked: Asked) -> Found:
    field, benefit = asked.at("benefit"), asked.line.benefit
    if benefit == "auto":
        return passes(
            Rule.STATED, "The request leaves the benefit to the rules.", (field,), "The line's benefit, stated."
        )
    return decides(Rule.STATED, benefit, "The request states it.", (field,), "Benefit auto leaves it to the rules.")


def _of_service(asked: Asked) -> Found:
    line, shipped = asked.line, mode(asked)[0] is SupplyMode.SPECIALTY_PHARMACY
    inputs = (asked.at("code"), asked.at("revenue_code")) if line.revenue_code else (asked.at("code"),)
    if (line.code.system in _OF_A_SERVICE or line.revenue_code) and not shipped:
        says = "A code of the line is of a service or of a drug that is given, not dispensed."
        otherwise = "The line's own supply, its benefit, what the payer said of it, or a row of the payer's drug list."
        return decides(Rule.SERVICE_CODE, "medical", says, inputs, otherwise)
    return passes(Rule.SERVICE_CODE, "No code of the line tells that it is given by the practice's own means.", inputs)


def _unclear(asked: Asked) -> Found:
    field = asked.at("benefit")
    if mode(asked)[0] is SupplyMode.SPECIALTY_PHARMACY:
        says = "A specialty pharmacy ships it, which plans pay for under either benefit."
        fix = "Ask the plan, and send the line's benefit (medical or pharmacy)."
        return asks(Rule.BENEFIT_UNCLEAR, says, fix, field)
    says = "The line names only a product, which plans pay under either benefit."
    fix = "Send the line's benefit (medical or pharmacy), its supply, or its HCPCS code."
    return asks(Rule.BENEFIT_UNCLEAR, says, fix, field)


_RULES: tuple[Callable[[Asked], Found], ...] = (
    _stated,
    delegated,
    part_b_or_d,
    supplied,
    listed,
    told_by_payer,
    _of_service,
    _unclear,
)
