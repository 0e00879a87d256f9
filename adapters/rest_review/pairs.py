"""Tells which procedure of a review is which line of ours.

A review has no name for a line: procedures are told apart by code and modifiers. Several of one code are told apart by
the days that they repeat of one line only, else by days and quantity; the last one is the last line. Where they all
say the same it does not matter, and all else is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.rest_review.reading import amount, day
from adapters.rest_review.tree import Node
from adapters.rest_review.write import UNITS
from gateway.model.line import CodeSystem, Line

_Key = tuple[str, tuple[str, ...]]


class Match(NamedTuple):
    """``of`` has the procedure of each line by its id; ``unclear`` the lines for which that cannot be told."""

    of: dict[str, Node]
    unclear: frozenset[str]
    strangers: list[Node]
    """Procedures that are none of ours."""


def match(procedures: Sequence[Node], lines: Sequence[Line]) -> Match:
    theirs = _by_key((procedure, _key_of(procedure)) for procedure in procedures)
    ours: dict[_Key, list[Line]] = {}
    for line in lines:
        ours.setdefault(_key(line), []).append(line)
    of: dict[str, Node] = {}
    unclear: list[str] = []
    for key, group in ours.items():
        found = theirs.pop(key, [])
        if not found:
            continue
        paired = _paired(found, group) if len(found) == len(group) else None
        if paired:
            of |= paired
        else:
            unclear += [line.id for line in group]
    return Match(of, frozenset(unclear), [procedure for found in theirs.values() for procedure in found])


def _key(line: Line) -> _Key:
    code = line.code.code if line.code.system is not CodeSystem.REVENUE else f"revenue {line.code.code}"
    return code, tuple(sorted(line.modifiers))


def _key_of(procedure: Node) -> _Key:
    code, revenue = procedure.word("code"), procedure.word("revenueCode")
    modifiers = (procedure.word(f"modifierCode{number}") for number in range(1, 5))
    said = tuple(sorted(node.said.upper() for node in modifiers if node))
    if code is not None:
        return code.said.upper(), said
    return (f"revenue {(revenue.text or '').strip()}" if revenue else ""), said


def _by_key(pairs: Iterator[tuple[Node, _Key]]) -> dict[_Key, list[Node]]:
    found: dict[_Key, list[Node]] = {}
    for procedure, key in pairs:
        found.setdefault(key, []).append(procedure)
    return found


_SAID = (
    "statusCode",
    "quantity",
    "quantityTypeCode",
    "certificationNumber",
    "certificationEffectiveDate",
    "certificationExpirationDate",
    "fromDate",
    "toDate",
    "placeOfServiceCode",
)


def _all_alike(procedures: Sequence[Node]) -> bool:
    """True where it does not matter which is which: nothing that is read of one differs from another."""

    def said(procedure: Node) -> tuple[object, ...]:
        texts = [node.text if (node := procedure.word(name)) else None for name in _SAID]
        reasons = [(node.text if (node := item.word("code")) else None) for item in procedure.items("statusReasons")]
        givers = [(node.text if (node := item.word("npi")) else None) for item in procedure.items("renderingProviders")]
        return (*texts, *reasons, *givers)

    return len({said(procedure) for procedure in procedures}) == 1


def _paired(procedures: Sequence[Node], lines: Sequence[Line]) -> dict[str, Node] | None:
    """As many procedures as lines, by the lines' ids; None where it cannot be told which is which."""
    for known in (2, 4):
        wanted = {_asked(line)[:known]: line.id for line in lines}
        told = {_told(procedure)[:known]: procedure for procedure in procedures}
        if len(wanted) < len(lines) or len(told) < len(lines):
            continue
        left, rest = wanted.keys() - told.keys(), told.keys() - wanted.keys()
        if len(left) < 2:
            same = {wanted[key]: told[key] for key in wanted.keys() & told.keys()}
            return same | {wanted[key]: told[other] for key, other in zip(left, rest, strict=True)}
    if _all_alike(procedures):
        return {line.id: procedure for line, procedure in zip(lines, procedures, strict=True)}
    return None


def _asked(line: Line) -> tuple[object, ...]:
    return line.dates.start, line.dates.end, line.quantity.value, line.quantity.unit


def _told(procedure: Node) -> tuple[object, ...]:
    days = (day(node) if (node := procedure.word(name)) else None for name in ("fromDate", "toDate"))
    quantity, unit = procedure.word("quantity"), procedure.word("quantityTypeCode")
    return (*days, amount(quantity) if quantity else None, UNITS.get(unit.said.upper()) if unit else None)
