"""Makes lines of products for channels that take nothing else: the NDC beside a HCPCS code, with the quantity of it.

The crosswalk's own row of that code and that NDC says how many billing units one of the product has. A package is never
guessed, and nothing is rounded: where it does not come out, the line stays as it is and its channel says what is wrong.

What the crosswalk's package size counts it does not say: mL of a liquid, pieces of all else, and of a powder one or the
other. Whoever pays for drugs at a pharmacy counts pieces, and mL of a liquid, and is told no unit. So a quantity
is told where both counts are one, because a vial, syringe or tablet has the size 1; and of what patients take by mouth,
where there are no vials of powder and the size counts what a pharmacy counts. Of all else 8 could be read as eight
vials where 8 mL are meant: it is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.model.line import CodeSystem, Line, Quantity, ServiceCode
from gateway.model.request import PARequest
from gateway.model.units import CODES, DoesNotComeOut, Measure, Product
from gateway.profiles.library import Library
from gateway.profiles.reference import Reference
from gateway.routing.asked import names
from gateway.routing.decision import Decision, Result, Rule, Side, Step

_NDC_AND_QUANTITY = "The NDC as the line's code, with the quantity of the product."


def quantities_of(request: PARequest, line_ids: tuple[str, ...], library: Library) -> dict[str, Decimal]:
    """How much of its product each of these lines is told as that is told as one, by the crosswalk of today."""
    lines = (line for line in request.lines if line.id in line_ids)
    made = ((line.id, as_product(line, library.reference)) for line in lines)
    return {name: line.quantity.value for name, (line, result, _, _) in made if result is Result.DECIDES}


def asked_of(
    request: PARequest,
    line_ids: tuple[str, ...],
    channel: str,
    library: Library,
    told: Mapping[str, Decimal] | None = None,
) -> PARequest:
    """The request with only these lines, of products where the channel takes nothing else: what one submission asks.

    It follows from the request and the crosswalk of the day of service; of what was asked before, from what was
    ``told`` then, as ``quantities_of`` has it.
    """
    lines = tuple(line for line in request.lines if line.id in line_ids)
    if library.takes_products(channel):
        told = quantities_of(request, line_ids, library) if told is None else told
        lines = tuple(_of_product(line, told[line.id]) if line.id in told else line for line in lines)
    return request if lines == request.lines else request.model_copy(update={"lines": lines})


def tell_products(decision: Decision, request: PARequest, library: Library) -> Decision:
    """The decision with a step for each line that was to be told as a product."""
    tried = {
        (one.benefit, line)
        for one in decision.tried
        if library.takes_products(library.connection(one.connection).channel)
        for line in one.line_ids
    }
    lines = {line.id: (place, line) for place, line in enumerate(request.lines)}

    def told(side: Side) -> Side:
        place, line = lines[side.line_id]
        result, says, data = as_product(line, library.reference)[1:]
        if (side.benefit, side.line_id) not in tried or result is None:
            return side
        step = Step(
            rule=Rule.PRODUCT,
            result=result,
            says=says,
            inputs=tuple(f"/lines/{place}/{field}" for field in ("code", "ndc", "quantity", "dates/start")),
            data=data,
            otherwise=_NDC_AND_QUANTITY,
        )
        return side.model_copy(update={"steps": (*side.steps, step)})

    return decision.model_copy(update={"sides": tuple(told(side) for side in decision.sides)})


def as_product(line: Line, reference: Reference) -> tuple[Line, Result | None, str, tuple[str, ...]]:
    """The line of its product where that is certain, else the line as it is; with the words for it and the crosswalk.
    No result of a line that is not named by a code and counted in its units."""
    if line.code.system not in CODES or line.quantity.unit != "units":
        return line, None, "", ()
    if line.ndc is None:
        return line, Result.PASSES, "The channel takes products only, and the line does not name its own.", ()
    found = reference.crosswalk(line.dates.start)
    rows = [] if found is None else [each for each in found[1].of(line.code) if each.ndc == line.ndc]
    if found is None or not rows:
        says = "The channel takes products only, and no crosswalk has the line's NDC under its code."
        return line, Result.PASSES, says, () if found is None else (found[0],)
    file, (product,) = (found[0],), rows
    if product.size != 1 and not any(names(each.by_mouth, (line.code,)) for each in reference.part_b):
        says = "The channel takes products only, and it is not known what the crosswalk's package size counts."
        return line, Result.PASSES, says, file
    try:
        of_product = product.convert(line.quantity.value, Measure.UNITS, Measure.SIZE)
    except DoesNotComeOut:
        of_product = None
    if of_product is None or of_product != of_product.to_integral_value():
        says = f"The channel takes products only, and the quantity is no whole number of them ({_rate(product)})."
        return line, Result.PASSES, says, file
    says = (
        f"The channel takes products only: billing units of the code are told as units of the NDC ({_rate(product)})."
    )
    return _of_product(line, of_product), Result.DECIDES, says, file


def _of_product(line: Line, quantity: Decimal) -> Line:
    """A line of so much of the product that it names."""
    assert line.ndc is not None  # noqa: S101 - who names none is told as no product
    code = ServiceCode(system=CodeSystem.NDC, code=line.ndc)
    return line.model_copy(update={"code": code, "ndc": None, "quantity": Quantity(value=quantity)})


def _rate(product: Product) -> str:
    return f"{product.units_per_item:f} billing units are {product.size:f} of the product"
