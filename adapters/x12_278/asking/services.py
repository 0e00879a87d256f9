"""Writes what is asked for: one service level (2000F) for each line, with its trace, dates, code and quantity.

Places and codes: reference "X12 facts", 2.1. HSD is the business of ``delivery``.

A number is written under its own unit or not at all. SV1 and SV2 have no visits, and SV1 no days: a payer's system
reads 6 visits written there as 6 billing units. Those are for HSD, which has room for one number: beside a frequency it
holds the quantity as well where "so many, so often, for so long" adds up to it, and else the line is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.asking.announce import announce_at_service
from adapters.x12_278.asking.delivery import by_delivery, institutional, write_delivery
from adapters.x12_278.asking.draft import Draft, days, number
from adapters.x12_278.asking.message import write_message
from adapters.x12_278.asking.parties import write_line_servicing
from adapters.x12_278.prior import Prior
from gateway.model.clauses import Clause
from gateway.model.request import CodeSystem, Line, PARequest, Review

_QUALIFIER = MappingProxyType({CodeSystem.HCPCS: "HC", CodeSystem.CPT: "HC", CodeSystem.NDC: "N4"})
UNIT = MappingProxyType({"units": "UN", "minutes": "MJ", "international_units": "F2"})
"""SV103. Days and visits are the business of HSD."""
UNIT_INSTITUTIONAL = MappingProxyType({"units": "UN", "days": "DA", "international_units": "F2"})
"""SV204."""
_SURFACES = MappingProxyType(
    {
        "buccal": "B",
        "distal": "D",
        "facial": "F",
        "incisal": "I",
        "lingual": "L",
        "mesial": "M",
        "occlusal": "O",
    }
)
"""TOO03 [K]."""


def write_line(draft: Draft, request: PARequest, place: int, parent: int, certification: str, prior: Prior) -> None:
    """2000F for the line at ``place``."""
    line = request.lines[place]
    at = f"/lines/{place}"
    draft.level(parent, "SS", False)
    draft.add("TRN", "1", traces.line(draft.stamp, place + 1), draft.connection.company_id)
    if line.place_of_service:
        draft.add("UM", category(request), certification, "", draft.composite(line.place_of_service, "B"))
    if line.id in prior.lines:
        draft.add("REF", "BB", draft.exact(prior.lines[line.id], "", 50))
    if line.id in prior.reviews:
        draft.add("REF", "NT", draft.exact(prior.reviews[line.id], "", 50))
    draft.add("DTP", "472", *days(line.dates.start, line.dates.end))
    clauses: list[Clause] = []
    if line.code.system is CodeSystem.CDT:
        clauses.extend(_write_dental(draft, line, at))
    elif institutional(line):
        clauses.extend(_write_institutional(draft, line, at))
    else:
        clauses.extend(_write_professional(draft, line, at))
    clauses.extend(write_delivery(draft, line, at))
    announce_at_service(draft, request, place)
    if line.dose:
        clauses.append(Clause(f"Dose {line.dose}", (f"{at}/dose",)))
    clauses.extend(_of_benefit(line, at))
    write_message(draft, clauses)
    write_line_servicing(draft, line, at)


def _of_benefit(line: Line, at: str) -> Iterator[Clause]:
    """What tells which benefit pays for the line, and of which a 278 has no element."""
    if line.supply:
        yield Clause(f"Supply {line.supply.replace('_', ' ')}", (f"{at}/supply",))
    if line.antiemetic:
        place = "in full place of" if line.antiemetic.replaces_intravenous else "beside"
        hours = line.antiemetic.last_dose_hours
        yield Clause(f"Given {place} an intravenous antiemetic, to hour {hours}", (f"{at}/antiemetic",))


def category(request: PARequest) -> str:
    """UM01 of a service, which is never an admission."""
    return "SC" if request.review is Review.REFERRAL else "HS"


def _write_professional(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """SV1: a procedure or drug code, how much, and the diagnoses it is for."""
    code = _procedure(draft, line, at)
    if code is None:
        return
    yield from _product(line, code, at)
    draft.add(
        "SV1",
        draft.composite(*code, *_detail(draft, line, at)),
        "",
        *_amount(draft, line, at),
        "",
        "",
        draft.composite(*map(str, line.diagnoses)),
    )


def _write_institutional(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """SV2: a revenue code. It has no diagnosis pointers, and modifiers only beside a procedure or drug code."""
    code: tuple[str, str] | None
    if line.code.system is CodeSystem.REVENUE:
        revenue, code = line.code.code, ("N4", line.ndc) if line.ndc else None
    else:
        revenue, code = line.revenue_code or "", _procedure(draft, line, at)
        if code is None:
            return
        yield from _product(line, code, at)
    if code is None:
        if line.modifiers:
            yield Clause(f"Modifiers {' '.join(line.modifiers)}", (f"{at}/modifiers",))
        if line.description:
            yield Clause(line.description, (f"{at}/description",))
    composite = draft.composite(*code, *_detail(draft, line, at)) if code else ""
    draft.add("SV2", revenue, composite, "", *_amount(draft, line, at))
    yield from _pointers(line, at)


def _write_dental(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """SV3, and TOO for each tooth. SV306 counts procedures, whatever HSD has beside it [I]."""
    if line.quantity.unit != "units":
        draft.refuse(
            f"{at}/quantity/unit", "a dental service is counted in procedures", "Send how many as a quantity in units."
        )
    elif line.quantity.value % 1:
        draft.refuse(f"{at}/quantity/value", "a dental service is counted in whole procedures", "Send a whole number.")
    if line.revenue_code:
        draft.lose(f"{at}/revenue_code", "a dental service has no revenue code")
    if line.ndc:
        yield Clause(f"NDC {line.ndc}", (f"{at}/ndc",))
    composite = draft.composite("AD", line.code.code, *_detail(draft, line, at))
    draft.add("SV3", composite, "", "", "", "", number(line.quantity.value))
    for tooth in line.teeth:
        draft.add("TOO", "JP", tooth.number, draft.composite(*(_SURFACES[surface] for surface in tooth.surfaces)))
    yield from _pointers(line, at)


def _procedure(draft: Draft, line: Line, at: str) -> tuple[str, str] | None:
    """Qualifier and code of the line, None where it has none that a 278 carries."""
    if line.code.system is not CodeSystem.RXNORM:
        return _QUALIFIER[line.code.system], line.code.code
    if line.ndc is None:
        draft.refuse(
            f"{at}/code",
            "a 278 carries HCPCS, CPT, CDT, NDC and revenue codes, not RxNorm",
            "Send the HCPCS code of the drug, or its NDC; or ask the pharmacy benefit.",
        )
        return None
    draft.lose(f"{at}/code", "a 278 carries no RxNorm code; the line's NDC is sent")
    return "N4", line.ndc


def _product(line: Line, code: tuple[str, str], at: str) -> Iterator[Clause]:
    """The NDC beside another code: a service has room for one, so the product is told in words."""
    if line.ndc and code != ("N4", line.ndc):
        yield Clause(f"NDC {line.ndc}", (f"{at}/ndc",))


def _pointers(line: Line, at: str) -> Iterator[Clause]:
    if line.diagnoses:
        yield Clause(f"Diagnoses {' '.join(map(str, line.diagnoses))}", (f"{at}/diagnoses",))


def _detail(draft: Draft, line: Line, at: str) -> tuple[str, ...]:
    """Components 3 to 7 of a procedure identifier: four modifiers and a description."""
    description = draft.text(line.description, f"{at}/description", 80)
    return (*line.modifiers, *("",) * (4 - len(line.modifiers)), description)


def _units(line: Line) -> Mapping[str, str]:
    return UNIT_INSTITUTIONAL if institutional(line) else UNIT


def _amount(draft: Draft, line: Line, at: str) -> tuple[str, str]:
    """Unit and quantity of SV1 or SV2; empty where HSD has them."""
    if by_delivery(line):
        return "", ""
    unit = _units(line).get(line.quantity.unit)
    if unit is None:
        draft.refuse(
            f"{at}/quantity/unit",
            f"a 278 does not count this kind of code in {line.quantity.unit.replace('_', ' ')}",
            "Send the quantity in units.",
        )
        return "", ""
    return unit, number(line.quantity.value)
