"""What a request tells of who supplies a line's drug, and what else in it tells that a provider gives it.

What it says of its supply is of the products it names and of what patients take themselves, and of its other HCPCS
drugs where the practice buys them or, of its main drugs, a specialty pharmacy ships them; a line's own supply is of
that line. Signs are fields of the request. None tells who bought the drug; a code of what patients take themselves has
none, and of what they may give themselves the place of service of the whole request is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.model.line import LineRole
from gateway.model.request import SupplyMode
from gateway.routing.asked import PRODUCTS, Asked

_PROVIDERS = frozenset(
    {"05", "06", "07", "08", "11", "19", *map(str, range(20, 27)), "31", "34", "49", *map(str, range(50, 54))}
    | {"61", "62", "65", "71", "72"}
)
"""CMS places of service where professionals give drugs. Not home and what stands for one (12 to 16, 32, 33), nor where
it is not told who does it (pharmacy, school, telehealth, 99)."""


@dataclass(frozen=True)
class Sign:
    """``own`` is one of this line, and not of the request as a whole: a regimen has drugs of both kinds."""

    says: str
    field: str
    own: bool


def mode(asked: Asked) -> tuple[SupplyMode | None, str]:
    """Who supplies the line's drug as far as that is told for it, and the field that tells."""
    line = asked.line
    if not asked.is_drug:
        return None, "/supply"
    if line.supply is not None:
        return line.supply, asked.at("supply")
    told = asked.request.supply
    if line.code.system in PRODUCTS or asked.by_mouth or told is SupplyMode.BUY_AND_BILL:
        return told, "/supply"
    shipped = told is SupplyMode.SPECIALTY_PHARMACY and line.role is LineRole.DRUG
    return (told if shipped else None), "/supply"


def signs(asked: Asked) -> tuple[Sign, ...]:
    return () if asked.by_mouth else tuple(_signs(asked))


def _signs(asked: Asked) -> Iterator[Sign]:
    if asked.line.revenue_code:
        yield Sign("a facility bills it under a revenue code", asked.at("revenue_code"), own=True)
    place = asked.line.place_of_service
    if place in _PROVIDERS:
        yield Sign("its place of service is a provider's", asked.at("place_of_service"), own=True)
    elif place is None and asked.request.site.place_of_service in _PROVIDERS and not asked.self_given:
        yield Sign("the request's place of service is a provider's", "/site/place_of_service", own=False)
    lines = asked.request.lines
    given = [number for number, line in enumerate(lines) if line.role is LineRole.ADMINISTRATION]
    others = (replace(asked, place=each) for each in range(len(lines)) if each != asked.place)
    if given and not any(_may_be_given(other) for other in others):  # else nobody knows which of them it is of
        yield Sign("its administration is asked for", f"/lines/{given[0]}/code", own=True)


def _may_be_given(other: Asked) -> bool:
    drug = other.is_drug and other.line.role is not LineRole.ADMINISTRATION
    return drug and not other.by_mouth and mode(other)[0] is not SupplyMode.SELF_ADMINISTERED
