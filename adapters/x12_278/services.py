"""Writes what is asked for: one service level (2000F) for each line, with its trace, dates, code and quantity.

Places and codes: reference "X12 facts", 2.1. HSD reads "02 of 01 per every 04 03, for 06 05" [K]; public readings of
HSD04 differ, so a frequency of more than one period is also told in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.draft import Draft, days, number
from adapters.x12_278.message import write_message
from adapters.x12_278.narrative import Clause
from gateway.model.request import CodeSystem, Frequency, Line, PARequest, Review

_QUALIFIER = MappingProxyType({CodeSystem.HCPCS: "HC", CodeSystem.CPT: "HC", CodeSystem.NDC: "N4"})
_UNIT = MappingProxyType({"units": "UN", "minutes": "MJ", "international_units": "F2"})
"""SV103. Days and visits are the business of HSD."""
_UNIT_INSTITUTIONAL = MappingProxyType({"units": "UN", "days": "DA", "international_units": "F2"})
"""SV204."""
_COUNTED = MappingProxyType({"days": "DY", "visits": "VS"})
"""HSD01."""
_EVERY = MappingProxyType({"day": ("DA", "7"), "week": ("WK", "35"), "month": ("MO", "34")})
"""HSD03 and HSD05."""
_LONGEST_COUNT = 999
"""HSD06 has three digits."""


def write_line(
    draft: Draft, request: PARequest, place: int, parent: int, certification: str, numbers: Mapping[str, str]
) -> None:
    """2000F for the line at ``place``. ``numbers`` holds the payer's authorization numbers by line id."""
    line = request.lines[place]
    at = f"/lines/{place}"
    draft.level(parent, "SS", False)
    draft.add("TRN", "1", traces.line(draft.stamp, place + 1), draft.connection.company_id)
    if line.place_of_service:
        category = "SC" if request.review is Review.REFERRAL else "HS"
        draft.add("UM", category, certification, "", draft.composite(line.place_of_service, "B"))
    if line.id in numbers:
        draft.add("REF", "BB", draft.exact(numbers[line.id], "", 50))
    draft.add("DTP", "472", *days(line.dates.start, line.dates.end))
    clauses: list[Clause] = []
    if line.code.system is CodeSystem.REVENUE:
        clauses.extend(_write_institutional(draft, line, at))
    else:
        clauses.extend(_write_professional(draft, line, at))
    clauses.extend(_write_delivery(draft, line, at))
    if line.dose:
        clauses.append(Clause(f"Dose {line.dose}", (f"{at}/dose",)))
    write_message(draft, clauses)


def _write_professional(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """SV1: a procedure or drug code, how much, and the diagnoses it is for."""
    if line.code.system is CodeSystem.RXNORM:
        if line.ndc is None:
            draft.refuse(
                f"{at}/code",
                "a 278 carries HCPCS, CPT, NDC and revenue codes, not RxNorm",
                "Send the HCPCS code of the drug, or its NDC; or ask the pharmacy benefit.",
            )
            return
        draft.lose(f"{at}/code", "a 278 carries no RxNorm code; the line's NDC is sent")
        qualifier, code = "N4", line.ndc
    else:
        qualifier, code = _QUALIFIER[line.code.system], line.code.code
        if line.ndc and (qualifier, code) != ("N4", line.ndc):
            yield Clause(f"NDC {line.ndc}", (f"{at}/ndc",))
    quantity = (measure(line), number(line.quantity.value)) if not _by_delivery(line) else ("", "")
    draft.add(
        "SV1",
        draft.composite(qualifier, code, *_detail(draft, line, at)),
        "",
        *quantity,
        "",
        "",
        draft.composite(*map(str, line.diagnoses)),
    )
    if line.quantity.unit not in _UNIT and not _by_delivery(line):
        yield Clause(f"Quantity in {line.quantity.unit}", (f"{at}/quantity/unit",))


def _write_institutional(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """SV2: a revenue code. It has no diagnosis pointers, and modifiers only beside a procedure or drug code."""
    composite = ""
    if line.ndc:
        composite = draft.composite("N4", line.ndc, *_detail(draft, line, at))
    else:
        if line.modifiers:
            yield Clause(f"Modifiers {' '.join(line.modifiers)}", (f"{at}/modifiers",))
        if line.description:
            yield Clause(line.description, (f"{at}/description",))
    quantity = (measure(line), number(line.quantity.value)) if not _by_delivery(line) else ("", "")
    draft.add("SV2", line.code.code, composite, "", *quantity)
    if line.quantity.unit not in _UNIT_INSTITUTIONAL and not _by_delivery(line):
        yield Clause(f"Quantity in {line.quantity.unit.replace('_', ' ')}", (f"{at}/quantity/unit",))
    if line.diagnoses:
        yield Clause(f"Diagnoses {' '.join(map(str, line.diagnoses))}", (f"{at}/diagnoses",))


def _detail(draft: Draft, line: Line, at: str) -> tuple[str, ...]:
    """Components 3 to 7 of a procedure identifier: four modifiers and a description."""
    description = draft.text(line.description, f"{at}/description", 80)
    return (*line.modifiers, *("",) * (4 - len(line.modifiers)), description)


def _by_delivery(line: Line) -> bool:
    """True when HSD carries the quantity: days or visits, and no frequency that needs the segment for itself."""
    if line.code.system is CodeSystem.REVENUE and line.quantity.unit in _UNIT_INSTITUTIONAL:
        return False
    return line.quantity.unit in _COUNTED and line.frequency is None


def measure(line: Line) -> str:
    """The unit that the line's quantity is written in: SV103, SV204, or HSD01."""
    if _by_delivery(line):
        return _COUNTED[line.quantity.unit]
    units = _UNIT_INSTITUTIONAL if line.code.system is CodeSystem.REVENUE else _UNIT
    return units.get(line.quantity.unit, "UN")


def _write_delivery(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """HSD: how often, or how many days or visits."""
    if line.frequency:
        yield from _write_frequency(draft, line.frequency, f"{at}/frequency")
    elif _by_delivery(line):
        draft.add("HSD", measure(line), number(line.quantity.value))


def _write_frequency(draft: Draft, frequency: Frequency, at: str) -> Iterator[Clause]:
    period, qualifier = _EVERY[frequency.period]
    every = str(frequency.every) if frequency.every > 1 else ""
    length = frequency.count * frequency.every if frequency.count else None
    spans = (qualifier, str(length)) if length and length <= _LONGEST_COUNT else ()
    draft.add("HSD", "VS", str(frequency.times), period, every, *spans)
    words = f"{frequency.times} every {frequency.every} {frequency.period}{'s' if every else ''}"
    if length and length > _LONGEST_COUNT:
        yield Clause(f"{words}, for {frequency.count}", (f"{at}/count",))
    elif every:
        yield Clause(words, ())
