"""Which benefit a line falls under: the medical side (a service given) or the pharmacy side (a drug dispensed).

Rules in their order, the first that decides or asks has the last word; what none of them tells is asked, not guessed.
No rule knows a drug: the same drug is on either side, depending on the plan, on who buys it and on who gives it. That
a payer has no route for the pharmacy benefit decides nothing: its members have one all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.model.request import SupplyMode
from gateway.routing.asked import PRODUCTS, Asked, Found, asks, decides, passes
from gateway.routing.decision import Rule, Side, Step
from gateway.routing.delegation import delegated
from gateway.routing.drugs import listed, told_by_payer
from gateway.routing.given import mode, signs
from gateway.routing.medicare import part_b_or_d
from gateway.routing.supply import supplied


def sides(asked: Asked) -> tuple[Side, ...]:
    """The line's side; two where its payer demands both."""
    steps: list[Step] = []
    for rule in _RULES:
        found = rule(asked)
        steps.append(found.step)
        if found.yields:
            for own in (listed, told_by_payer):
                word = own(asked)
                steps.append(word.step)
                if word.asks is not None or word.going:
                    found = word
                    break
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
                    recommends=going.recommends,
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
    """What is no drug is a service."""
    inputs = (asked.at("code"), asked.at("role"))
    if asked.is_drug:
        says, otherwise = "A code of the line is of a drug.", "The code of a service."
        return passes(Rule.SERVICE_CODE, says, inputs, otherwise)
    says = "The line's code is of a service, not of a drug."
    otherwise = "The line's benefit, what the payer said of it, or a row of the payer's drug list."
    return decides(Rule.SERVICE_CODE, "medical", says, inputs, otherwise)


def _given(asked: Asked) -> Found:
    """A drug that is named by a code of billing is of the medical benefit where the request tells that it is given."""
    found = signs(asked)
    inputs = (asked.at("code"), "/supply", *(sign.field for sign in found))
    if mode(asked)[0] is SupplyMode.SPECIALTY_PHARMACY:
        says = "A specialty pharmacy ships the drug, so who gives it does not tell which benefit pays."
        return passes(Rule.GIVEN, says, inputs, "Another supply of the line.")
    if asked.line.code.system in PRODUCTS and not asked.line.revenue_code:
        says = "The line names a product, and does not tell whether it is billed by who gives it or dispensed."
        return passes(Rule.GIVEN, says, inputs, "The line's supply, or its HCPCS code with the NDC as ndc.")
    if _patient_takes(asked) and found:
        says = f"The request says that the patient takes its drugs, but of this one {found[0].says}."
        return passes(Rule.GIVEN, says, inputs, "The line's own supply.")
    if found:
        says = f"The line is billed as a drug that a provider gives: {' and '.join(sign.says for sign in found)}."
        otherwise = "The line's own supply, its benefit, what the payer said of it, or a row of the payer's drug list."
        return decides(Rule.GIVEN, "medical", says, inputs, otherwise)
    says = "Nothing tells that a provider gives the drug."
    change = "A provider's place of service, or an administration of this drug."
    if asked.by_mouth:
        change = "Another code: this one is of what patients take themselves."
    elif asked.self_given:
        says = f"{says} Patients may give it themselves, so the request's place of service does not."
        change = "A provider's place of service on the line, or an administration of this drug."
    return passes(Rule.GIVEN, says, inputs, change)


def _patient_takes(asked: Asked) -> bool:
    of_request = asked.line.supply is None and not asked.by_mouth
    return of_request and asked.request.supply is SupplyMode.SELF_ADMINISTERED


def _unclear(asked: Asked) -> Found:
    if mode(asked)[0] is SupplyMode.SPECIALTY_PHARMACY:
        says = "A specialty pharmacy ships it, which plans pay for under either benefit."
        fix = "Ask the plan, and send the line's benefit (medical or pharmacy)."
        return asks(Rule.BENEFIT_UNCLEAR, says, fix, asked.at("benefit"))
    if asked.line.code.system in PRODUCTS:
        says = "The line names only a product, which plans pay under either benefit."
        fix = "Send the line's benefit (medical or pharmacy), its supply, or its HCPCS code."
        return asks(Rule.BENEFIT_UNCLEAR, says, fix, asked.at("benefit"))
    if _patient_takes(asked):
        says = "The request says that the patient takes its drugs, and this code may be of one that a provider gives."
    elif asked.by_mouth:
        says = "The line's code is of a drug that patients take themselves, and nothing tells who supplies it."
    else:
        says = "The line's code is of a drug, and nothing tells whether a provider gives it or the patient takes it."
    fix = "Send the line's supply (buy_and_bill, specialty_pharmacy, self_administered), or its benefit."
    return asks(Rule.BENEFIT_UNCLEAR, says, fix, asked.at("supply"))


_RULES: tuple[Callable[[Asked], Found], ...] = (
    _stated,
    delegated,
    part_b_or_d,
    supplied,
    listed,
    told_by_payer,
    _of_service,
    _given,
    _unclear,
)
