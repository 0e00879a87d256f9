"""Rule: who supplies a drug. Where the request says of its supply what it contradicts elsewhere, it is asked."""

from __future__ import annotations

from gateway.model.request import SupplyMode
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, asks, decides, passes
from gateway.routing.decision import Rule
from gateway.routing.given import mode, signs

_OTHERWISE = "Another supply of the line."
_WHICH = "Send the line's supply as it is, or what speaks against it; or the line's benefit."
_DISPENSED = (SupplyMode.SELF_ADMINISTERED, SupplyMode.SPECIALTY_PHARMACY)


def supplied(asked: Asked) -> Found:
    told, field = mode(asked)
    inputs = (asked.at("code"), asked.at("supply"), "/supply")
    if told in _DISPENSED and asked.line.revenue_code:
        says = "A facility bills the drug under a revenue code, and the request says that a pharmacy supplies it."
        return asks(Rule.SUPPLY, says, _WHICH, field, (*inputs, asked.at("revenue_code")))
    match told:
        case SupplyMode.BUY_AND_BILL:
            says = "The practice buys the product and bills it."
            return decides(Rule.SUPPLY, "medical", says, inputs, _OTHERWISE, named=Rule.BUY_AND_BILL)
        case SupplyMode.SELF_ADMINISTERED:
            against = [sign for sign in signs(asked) if sign.own]
            if against:
                says = f"The request says that the patient takes the drug, but {against[0].says}."
                return asks(Rule.SUPPLY, says, _WHICH, field, (*inputs, *(sign.field for sign in against)))
            says = "The patient takes the product; it is dispensed under the pharmacy benefit."
            return decides(Rule.SUPPLY, "pharmacy", says, inputs, _OTHERWISE, named=Rule.SELF_ADMINISTERED)
        case SupplyMode.SPECIALTY_PHARMACY:
            return _white_bagged(asked, field)
    if asked.is_drug and asked.request.supply is not None:
        says = "What the request says of supply is not said of this line, whose code may be of what a provider gives."
        return passes(Rule.SUPPLY, says, inputs, "The line's own supply.")
    says = "Nothing is said of who supplies a drug on this line."
    return passes(Rule.SUPPLY, says, inputs, "The line's supply." if asked.is_drug else "A line with a drug's code.")


def _white_bagged(asked: Asked, field: str) -> Found:
    inputs = (asked.at("code"), field, LINE_OF_BUSINESS, asked.at("dates/start"))
    for number, fact in enumerate(asked.payer.benefits.white_bagging):
        if asked.serves(fact.lines_of_business) and fact.effective.holds(asked.service_day):
            says = f"A specialty pharmacy ships it, which this payer pays for under its {fact.benefit} benefit."
            row = f"{asked.payer.payer}#/benefits/white_bagging/{number}"
            return decides(Rule.SUPPLY, fact.benefit, says, inputs, _OTHERWISE, (row,), named=Rule.WHITE_BAGGING)
    says = "A specialty pharmacy ships it, and the payer's profile does not say which benefit pays for that."
    return passes(Rule.SUPPLY, says, inputs, "white_bagging in the payer's profile.")
