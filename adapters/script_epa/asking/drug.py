"""Writes the one drug of a submission, with what it is for. Knows no person."""

from __future__ import annotations

from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.codec.parties import (
    DESCRIPTION,
    QUANTITY,
    SIG,
    Amount,
    Diagnosis,
    DiagnosisCode,
    Drug,
    DrugCoded,
    Product,
    Sig,
    Unit,
)
from gateway.model.line import CodeSystem, Frequency, Line, LineRole, Quantity
from gateway.model.request import PARequest

UNSPECIFIED, INTERNATIONAL = "C38046", "C48579"
_UNITS = {"units": UNSPECIFIED, "international_units": INTERNATIONAL}
"""NCI codes. A line counts units of its product and does not say which, so neither do we."""
UNITS = {code: unit for unit, code in _UNITS.items()}
_NDC, _ICD10, _NCI, _AS_PRESCRIBED = "ND", "ABF", "38", "1"


def product_of(line: Line) -> str | None:
    """The NDC of a line."""
    return line.code.code if line.code.system is CodeSystem.NDC else line.ndc


def write_drug(draft: Draft, request: PARequest) -> Drug:
    for place in range(1, len(request.lines)):
        draft.refuse(f"/lines/{place}", "SCRIPT asks for one drug at a time", "Send it in a submission of its own.")
    line = request.lines[0]
    _refuse_other_benefits(draft, line)
    product = product_of(line)
    if product is None:
        draft.refuse("/lines/0/code", "a pharmacy drug is named by its NDC", "Send the NDC (11 digits, or hyphenated).")
    elif line.code.system is not CodeSystem.NDC:
        draft.lose("/lines/0/code", "SCRIPT names the product by its NDC alone")
    if line.description is None:
        draft.refuse(
            "/lines/0/description", "SCRIPT needs the drug in words", "Send description: name, strength and form."
        )
    return Drug(
        description=draft.text("/lines/0/description", line.description, DESCRIPTION, whole=True),
        coded=DrugCoded(product=Product(code=product, qualifier=_NDC)),
        quantity=_quantity(draft, line.quantity),
        diagnoses=(_diagnosis(draft, request, line),),
        sig=_sig(draft, line),
    )


def _refuse_other_benefits(draft: Draft, line: Line) -> None:
    if line.benefit == "medical":
        draft.refuse("/lines/0/benefit", "SCRIPT is for the pharmacy benefit only", "Send it over a medical route.")
    if line.role not in (LineRole.DRUG, LineRole.SUPPORTIVE):
        draft.refuse("/lines/0/role", "SCRIPT asks for drugs only", "Send it over a medical route.")
    if line.code.system not in (CodeSystem.NDC, CodeSystem.RXNORM):
        # Its quantity counts the units of that code, and would be another quantity of the product.
        why = "SCRIPT has no place for a code of this system, or for its billing units"
        draft.refuse("/lines/0/code", why, "Send the NDC with the quantity of the product, or use a medical route.")


def _quantity(draft: Draft, quantity: Quantity) -> Amount:
    unit = _UNITS.get(quantity.unit)
    value = format(quantity.value, "f")
    if unit is None:
        draft.refuse("/lines/0/quantity/unit", "a drug is not counted in this unit", "Send units of the product.")
    if len(value) > QUANTITY:
        draft.refuse("/lines/0/quantity/value", f"it has more than {QUANTITY} characters", "Send fewer digits.")
    return Amount(value=value, qualifier=_NCI, unit=Unit(code=unit))


def _diagnosis(draft: Draft, request: PARequest, line: Line) -> Diagnosis:
    """The line's first two diagnoses, where it names any, else the request's."""
    places = list(dict.fromkeys(number - 1 for number in line.diagnoses)) or list(range(len(request.diagnoses)))
    for place, diagnosis in enumerate(request.diagnoses):
        if place not in places[:2]:
            draft.lose(f"/diagnoses/{place}", "SCRIPT takes two diagnoses of a drug")
            continue
        for name in ("onset", "kind"):
            if getattr(diagnosis, name) is not None:
                draft.lose(f"/diagnoses/{place}/{name}", "SCRIPT has a diagnosis without its date and kind")
    first, second = (*(_code(request.diagnoses[place].code) for place in places[:2]), None, None)[:2]
    return Diagnosis(by=_AS_PRESCRIBED, first=first, second=second)


def _code(code: str) -> DiagnosisCode:
    return DiagnosisCode(code=code.replace(".", ""), qualifier=_ICD10, description=f"ICD-10-CM {code}")


def _sig(draft: Draft, line: Line) -> Sig | None:
    """Dose and rhythm in words."""
    rhythm = _rhythm(line.frequency) if line.frequency else ""
    dose = draft.written("/lines/0/dose", line.dose, SIG - len(rhythm) - 2) if line.dose else ""
    told = [each for each in (dose, rhythm) if each]
    return Sig(words="; ".join(told)) if told else None


def _rhythm(frequency: Frequency) -> str:
    every = f"{frequency.every} {frequency.period}s" if frequency.every > 1 else frequency.period
    told = [f"{frequency.times} every {every}"]
    if frequency.count:
        told.append(f"for {frequency.count} such periods")
    if frequency.weekdays:
        told.append(f"on {', '.join(frequency.weekdays)}")
    if frequency.time_of_day:
        told.append(frequency.time_of_day.replace("_", " "))
    return " ".join(told)
