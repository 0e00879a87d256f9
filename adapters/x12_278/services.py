"""Writes what is asked for: one service level (2000F) for each line, with its trace, dates, code and quantity.

Places and codes: reference "X12 facts", 2.1. HSD reads "02 of 01 per every 04 03, for 06 05" [K]; public readings of
HSD04 differ, so a frequency of more than one period is also told in words.

A number is written under its own unit or not at all. SV1 and SV2 have no visits, and SV1 no days: a payer's system
reads 6 visits written there as 6 billing units. Those are for HSD, which has room for one number: beside a frequency it
holds the quantity as well where "so many, so often, for so long" adds up to it, and else the line is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.announce import announce_at_service
from adapters.x12_278.draft import Draft, days, number
from adapters.x12_278.message import write_message
from adapters.x12_278.narrative import Clause
from gateway.model.request import CodeSystem, Line, PARequest, Review

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
_DAYS_IN = MappingProxyType({"day": 1, "week": 7, "month": 28})


def write_line(
    draft: Draft, request: PARequest, place: int, parent: int, certification: str, numbers: Mapping[str, str]
) -> None:
    """2000F for the line at ``place``. ``numbers`` holds the payer's authorization numbers by line id."""
    line = request.lines[place]
    at = f"/lines/{place}"
    draft.level(parent, "SS", False)
    draft.add("TRN", "1", traces.line(draft.stamp, place + 1), draft.connection.company_id)
    if line.place_of_service:
        draft.add("UM", category(request), certification, "", draft.composite(line.place_of_service, "B"))
    if line.id in numbers:
        draft.add("REF", "BB", draft.exact(numbers[line.id], "", 50))
    draft.add("DTP", "472", *days(line.dates.start, line.dates.end))
    clauses: list[Clause] = []
    if line.code.system is CodeSystem.REVENUE:
        clauses.extend(_write_institutional(draft, line, at))
    else:
        clauses.extend(_write_professional(draft, line, at))
    clauses.extend(_write_delivery(draft, line, at))
    announce_at_service(draft, request, place)
    if line.dose:
        clauses.append(Clause(f"Dose {line.dose}", (f"{at}/dose",)))
    write_message(draft, clauses)


def category(request: PARequest) -> str:
    """UM01 of a service, which is never an admission."""
    return "SC" if request.review is Review.REFERRAL else "HS"


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
    draft.add(
        "SV1",
        draft.composite(qualifier, code, *_detail(draft, line, at)),
        "",
        *_amount(draft, line, at),
        "",
        "",
        draft.composite(*map(str, line.diagnoses)),
    )


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
    draft.add("SV2", line.code.code, composite, "", *_amount(draft, line, at))
    if line.diagnoses:
        yield Clause(f"Diagnoses {' '.join(map(str, line.diagnoses))}", (f"{at}/diagnoses",))


def _detail(draft: Draft, line: Line, at: str) -> tuple[str, ...]:
    """Components 3 to 7 of a procedure identifier: four modifiers and a description."""
    description = draft.text(line.description, f"{at}/description", 80)
    return (*line.modifiers, *("",) * (4 - len(line.modifiers)), description)


def _units(line: Line) -> Mapping[str, str]:
    return _UNIT_INSTITUTIONAL if line.code.system is CodeSystem.REVENUE else _UNIT


def _by_delivery(line: Line) -> bool:
    """True when HSD carries the quantity: days or visits that the line's own segment does not count."""
    return line.quantity.unit in _COUNTED and line.quantity.unit not in _units(line)


def _amount(draft: Draft, line: Line, at: str) -> tuple[str, str]:
    """Unit and quantity of SV1 or SV2; empty where HSD has them."""
    if _by_delivery(line):
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


def delivery(line: Line) -> tuple[str, ...] | None:
    """HSD01 to HSD06 of the line; empty where it needs no HSD, None where HSD cannot say it."""
    by_delivery, frequency = _by_delivery(line), line.frequency
    unit = _COUNTED[line.quantity.unit] if by_delivery else "VS"
    if frequency is None:
        return (unit, number(line.quantity.value)) if by_delivery else ()
    count = frequency.count
    if by_delivery:
        rounds, rest = divmod(line.quantity.value, frequency.times)
        length = rounds * frequency.every
        if rest or count not in (None, rounds) or length > _LONGEST_COUNT:
            return None
        if unit == "DY" and frequency.times > frequency.every * _DAYS_IN[frequency.period]:
            # "Twice a day, on 20 days" counts two things, and HSD one.
            return None
        count = int(rounds)
    period, qualifier = _EVERY[frequency.period]
    span = count * frequency.every if count else None
    every = str(frequency.every) if frequency.every > 1 else ""
    return (
        *(unit, str(frequency.times), period, every),
        *((qualifier, str(span)) if span and span <= _LONGEST_COUNT else ()),
    )


def _write_delivery(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """HSD: how often, or how many days or visits."""
    elements = delivery(line)
    if elements is None:
        draft.refuse(
            f"{at}/frequency",
            f"a 278 cannot say this frequency and a quantity in {line.quantity.unit} that it does not add up to",
            f"Send a frequency that makes up the {line.quantity.unit}, or none, or a quantity in units.",
        )
    elif elements:
        draft.add("HSD", *elements)
    frequency = line.frequency
    if not elements or frequency is None:
        return
    length = frequency.count * frequency.every if frequency.count else 0
    words = f"{frequency.times} every {frequency.every} {frequency.period}{'s' if frequency.every > 1 else ''}"
    if length > _LONGEST_COUNT:
        yield Clause(f"{words}, for {frequency.count}", (f"{at}/frequency/count",))
    elif frequency.every > 1:
        yield Clause(words, ())
