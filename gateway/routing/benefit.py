"""Which benefit a line falls under: the medical side (a service given) or the pharmacy side (a drug dispensed).

Decided by what the caller states and by the code's system, never by a drug list: the same drug is on either side
depending on who buys it and who gives it.
"""

from __future__ import annotations

from gateway.model.request import CodeSystem, Line, PARequest, SupplyMode
from gateway.routing.decision import Rule, Side, Why

_OF_A_SERVICE = frozenset({CodeSystem.HCPCS, CodeSystem.CPT, CodeSystem.REVENUE, CodeSystem.CDT})


def side(request: PARequest, place: int) -> Side:
    """The benefit side of the line at ``place``."""
    line = request.lines[place]
    if line.benefit != "auto":
        return Side(line_id=line.id, benefit=line.benefit, why=Why(rule=Rule.STATED, says="The request states it."))
    if line.code.system in _OF_A_SERVICE or line.revenue_code:
        says = "A code of the line is of a service or of a drug that is given, not dispensed."
        return Side(line_id=line.id, benefit="medical", why=Why(rule=Rule.SERVICE_CODE, says=says))
    return _side_of_product(request, line, place)


def _side_of_product(request: PARequest, line: Line, place: int) -> Side:
    """A line that names only a product (NDC, RxNorm): who supplies it tells the side."""
    match request.supply:
        case SupplyMode.BUY_AND_BILL:
            says = "The practice buys the product and bills it."
            return Side(line_id=line.id, benefit="medical", why=Why(rule=Rule.BUY_AND_BILL, says=says))
        case SupplyMode.SELF_ADMINISTERED:
            says = "The patient takes the product; it is dispensed under the pharmacy benefit."
            return Side(line_id=line.id, benefit="pharmacy", why=Why(rule=Rule.SELF_ADMINISTERED, says=says))
        case SupplyMode.SPECIALTY_PHARMACY | None:
            why = Why(
                rule=Rule.BENEFIT_UNCLEAR,
                says="The line names only a product, which plans pay under either benefit.",
                fix="Send the line's benefit (medical or pharmacy), or its HCPCS code.",
                pointer=f"/lines/{place}/benefit",
            )
            return Side(line_id=line.id, benefit=None, why=why)
