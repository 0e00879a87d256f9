"""Rule: who supplies a drug. What the request says of its supply is of the products it names, and of its HCPCS drugs
where the practice buys them or a specialty pharmacy ships them; a line's own supply is of that line."""

from __future__ import annotations

from gateway.model.line import LineRole
from gateway.model.request import SupplyMode
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, decides, passes
from gateway.routing.decision import Rule

_OTHERWISE = "Another supply of the line."


def mode(asked: Asked) -> tuple[SupplyMode | None, str]:
    """Who supplies the line's drug as far as that is told for it, and the field that tells."""
    line = asked.line
    if line.supply is not None:
        return (line.supply if asked.is_drug else None), asked.at("supply")
    told = asked.request.supply
    if asked.is_product:
        return told, "/supply"
    of_drugs = asked.is_drug and line.role is LineRole.DRUG
    return (told if of_drugs and told is not SupplyMode.SELF_ADMINISTERED else None), "/supply"


def supplied(asked: Asked) -> Found:
    told, field = mode(asked)
    inputs = (asked.at("code"), asked.at("supply"), "/supply")
    match told:
        case SupplyMode.BUY_AND_BILL:
            says = "The practice buys the product and bills it."
            return decides(Rule.SUPPLY, "medical", says, inputs, _OTHERWISE, named=Rule.BUY_AND_BILL)
        case SupplyMode.SELF_ADMINISTERED:
            says = "The patient takes the product; it is dispensed under the pharmacy benefit."
            return decides(Rule.SUPPLY, "pharmacy", says, inputs, _OTHERWISE, named=Rule.SELF_ADMINISTERED)
        case SupplyMode.SPECIALTY_PHARMACY:
            return _white_bagged(asked, field)
    if asked.request.supply is not None and asked.line.supply is None:
        says = "What the request says of supply does not tell of this line, whose code is of what is given."
        return passes(Rule.SUPPLY, says, inputs, "The line's own supply, where another brings its drug.")
    says = "Nothing is said of who supplies a drug on this line."
    return passes(Rule.SUPPLY, says, inputs, "The line's supply." if asked.is_drug else None)


def _white_bagged(asked: Asked, field: str) -> Found:
    inputs = (asked.at("code"), field, LINE_OF_BUSINESS, asked.at("dates/start"))
    for number, fact in enumerate(asked.payer.benefits.white_bagging):
        if asked.serves(fact.lines_of_business) and fact.effective.holds(asked.service_day):
            says = f"A specialty pharmacy ships it, which this payer pays for under its {fact.benefit} benefit."
            row = f"{asked.payer.payer}#/benefits/white_bagging/{number}"
            return decides(Rule.SUPPLY, fact.benefit, says, inputs, _OTHERWISE, (row,), named=Rule.WHITE_BAGGING)
    says = "A specialty pharmacy ships it, and the payer's profile does not say which benefit pays for that."
    return passes(Rule.SUPPLY, says, inputs, "white_bagging in the payer's profile.")
