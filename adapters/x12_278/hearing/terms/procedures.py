"""Reads what a service of an answer is: its codes and their modifiers, and whether all of it can be read.

Sees codes only: whether a service is a line of ours is the business of ``pairs``, how much of it is granted that of
``quantities``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.segment import Segment, Value
from gateway.model.request import CodeSystem, Line, ServiceCode

REVENUE = "RB"
"""Stands for the qualifier of SV201, which has none."""
_NOT_OURS = frozenset({"SV4", "SV5", "SV6", "SV7"})
"""Service segments of other trades (pharmacy, equipment). We send none, and read none."""
_HCPCS = re.compile(r"[A-V][0-9]{4}")
_MODIFIERS = slice(2, 6)


class Code(NamedTuple):
    """``value`` as the payer wrote it, ``text`` as ours are written. ``modifiers`` is empty where there are none."""

    qualifier: str
    value: Value
    text: str
    modifiers: frozenset[str] = frozenset()


class Procedure(NamedTuple):
    """Every code of a service. Not ``legible`` where a service segment is there whose code cannot be read."""

    codes: tuple[Code, ...]
    legible: bool

    def names(self) -> frozenset[str]:
        return frozenset([code.text for code in self.codes])

    def modifiers(self) -> frozenset[str]:
        return frozenset([modifier for code in self.codes for modifier in code.modifiers])


def procedure_of(service: Loop) -> Procedure:
    codes: list[Code] = []
    legible = _NOT_OURS.isdisjoint(service.tags())
    for segment in (*service.all("SV1"), *service.all("SV3")):
        code = _composite(segment, 1)
        codes += [code] if code else []
        legible &= code is not None
    institutional = service.all("SV2")
    for sv2 in institutional:
        code = _composite(sv2, 2)
        codes += [code] if code else []
        legible &= code is not None or not sv2.text(2)
    for sv2 in institutional:
        revenue = sv2.value(1)
        # Its zero in front is often left out.
        codes += [Code(REVENUE, revenue, revenue.text.upper().zfill(4))] if revenue else []
        legible &= revenue is not None or bool(sv2.text(2))
    return Procedure(tuple(codes), legible)


def service_code(procedure: Procedure) -> tuple[ServiceCode, Value] | None:
    """The first code that is in a system of ours, and where it was read."""
    for code in procedure.codes:
        if code.qualifier == "HC":
            system = CodeSystem.HCPCS if _HCPCS.fullmatch(code.text) else CodeSystem.CPT
        elif code.qualifier in ("N4", REVENUE):
            system = CodeSystem.NDC if code.qualifier == "N4" else CodeSystem.REVENUE
        elif code.qualifier == "AD":
            system = CodeSystem.CDT
        else:
            continue
        try:
            return ServiceCode(system=system, code=code.text), code.value
        except ValidationError:
            continue
    return None


def codes_in(service: Loop) -> frozenset[str]:
    return procedure_of(service).names()


def codes_sent(line: Line) -> frozenset[str]:
    """The codes by which a line was written."""
    if line.code.system is CodeSystem.RXNORM:
        return frozenset({line.ndc} if line.ndc else ())
    if line.code.system is CodeSystem.REVENUE and line.ndc:
        return frozenset({line.code.code, line.ndc})
    return frozenset({line.code.code})


def codes_known(line: Line) -> frozenset[str]:
    """The codes that name what a line asks for, written or not."""
    return codes_sent(line) | ({line.ndc} if line.ndc else set())


def why_another(procedure: Procedure, *lines: Line) -> str | None:
    """Why a service is not what the lines ask for, though its traces say so; None where it is, or names no code.

    Modifiers may be left out. One that was not asked for makes it another service: the other knee."""
    if not procedure.codes:
        return None
    known = frozenset().union(*map(codes_known, lines))
    modifiers = {modifier for line in lines for modifier in line.modifiers}
    ours = {code.value.segment for code in procedure.codes if code.text in known}
    if not ours or any(code.qualifier != REVENUE and code.value.segment not in ours for code in procedure.codes):
        return "a service in the answer has another code than its line"
    if any(code.text in known and not code.modifiers <= modifiers for code in procedure.codes):
        return "a service in the answer has other modifiers than its line"
    return None


def names(procedure: Procedure, line: Line) -> bool:
    """True when one of the service's codes is the line's own; or when it has none."""
    known = codes_known(line)
    own = [code for code in procedure.codes if code.text in known and code.modifiers.issubset(line.modifiers)]
    return bool(own) or not procedure.codes


def _ndc(text: str) -> str:
    """In 11 digits, where its hyphens say which part lacks a zero; else as it is."""
    try:
        return ServiceCode(system=CodeSystem.NDC, code=text).code
    except ValidationError:
        return text.replace("-", "")


def _composite(segment: Segment, place: int) -> Code | None:
    """A procedure identifier: qualifier, code, four modifiers. It stands there once."""
    repeats: Sequence[Sequence[Value | None]] = segment.repeats(place)
    parts = repeats[0]
    if len(repeats) > 1 or len(parts) < 2:
        return None
    qualifier, value = parts[0], parts[1]
    if qualifier is None or value is None:
        return None
    text = _ndc(value.text) if qualifier.text == "N4" else value.text.upper()
    if len(parts) == 2:
        return Code(qualifier.text, value, text)
    return Code(qualifier.text, value, text, frozenset([part.text.upper() for part in parts[_MODIFIERS] if part]))
