"""Tells which procedure of a review is which line of ours.

A review has no name for a line: procedures are told apart by code and modifiers. Several of one code are ours in their
order only where they repeat our lines exactly; where they all say the same it does not matter. All else is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.rest_review.reading import day
from adapters.rest_review.tree import Node
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
        if len(found) == len(group) and (len(group) == 1 or _all_alike(found) or _in_order(found, group)):
            of |= {line.id: procedure for line, procedure in zip(group, found, strict=True)}
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
)


def _all_alike(procedures: Sequence[Node]) -> bool:
    """True where it does not matter which is which: nothing that is read of one differs from another."""

    def said(procedure: Node) -> tuple[object, ...]:
        texts = [node.text if (node := procedure.word(name)) else None for name in _SAID]
        reasons = [(node.text if (node := item.word("code")) else None) for item in procedure.items("statusReasons")]
        return (*texts, *reasons)

    return len({said(procedure) for procedure in procedures}) == 1


def _in_order(procedures: Sequence[Node], lines: Sequence[Line]) -> bool:
    """True where each repeats the line in its place, and no two lines are the same in what tells them apart."""

    def asked(line: Line) -> tuple[str, ...]:
        end = line.dates.end.isoformat() if line.dates.end else ""
        return line.dates.start.isoformat(), end

    def told(procedure: Node) -> tuple[str, ...]:
        days = (day(node) if (node := procedure.word(name)) else None for name in ("fromDate", "toDate"))
        return tuple(found.isoformat() if found else "" for found in days)

    wanted = [asked(line) for line in lines]
    return len(set(wanted)) == len(wanted) and [told(procedure) for procedure in procedures] == wanted
