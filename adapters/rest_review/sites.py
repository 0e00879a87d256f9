"""Reads where, and by whom, a granted line is to be given, and tells whether that is what was asked for.

Reviews repeat what was filed: a place that was asked for, the providers of the request, its requester. Anything else is
CERTIFIED_MODIFIED. A provider without an NPI that can be read is held against the names and tax ids of ours: no match
is a doubt, for payers spell names in their own way.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from adapters.rest_review.reading import Reading
from adapters.rest_review.tree import Node
from gateway.model.request import PARequest

_PLACE = re.compile(r"[0-9]{2}")
_NPI = re.compile(r"[0-9]{10}")
_GIVES_NOTHING = frozenset({"71", "AAJ", "DK", "DN", "DQ", "P3"})
"""Roles that order, refer, admit and attend. Whoever has another, or none, gives the service."""


class Site(NamedTuple):
    """Where and by whom; ``other`` where it is not what was asked for."""

    place: Node | None
    provider: Node | None
    other: bool


class Sites:
    """Where and by whom the lines of a review are granted."""

    def __init__(self, review: Node, request: PARequest, reading: Reading) -> None:
        self._review = review
        self._request = request
        self._reading = reading
        self._whole = {provider.npi for provider in (request.requester, *request.servicing)}
        ours = (request.requester, *request.servicing)
        self._names = {_plain(provider.last_name) for provider in ours}
        self._names |= {_plain(provider.last_name, provider.first_name or "") for provider in ours}
        self._names |= {_plain(request.site.facility_name)} if request.site.facility_name else set()
        self._tax_ids = {provider.tax_id for provider in ours if provider.tax_id}

    def of(self, procedure: Node | None) -> Site:
        """What the procedure says, else the review, which repeats the place of the whole request."""
        below = procedure.word("placeOfServiceCode") if procedure else None
        place = below or self._review.word("placeOfServiceCode")
        elsewhere = place is not None and place.said != self._request.site.place_of_service
        if place is not None and not _PLACE.fullmatch(place.said):
            self._reading.doubt("the place of a grant is no place of service")
            place = None
        providers = self._providers(procedure)
        others = [npi for npi in providers if npi.said not in self._whole]
        chosen = others or providers
        return Site(place, chosen[0] if chosen else None, elsewhere or bool(others))

    def _providers(self, procedure: Node | None) -> list[Node]:
        """The NPIs of who gives the line: whom the procedure names, else the review."""
        named = procedure.items("renderingProviders") if procedure else ()
        found = []
        for giver in named or self._review.items("renderingProviders"):
            role, npi = giver.word("roleCode"), giver.word("npi")
            if role and role.said.upper() in _GIVES_NOTHING:
                continue
            if npi and _NPI.fullmatch(npi.said):
                found.append(npi)
            elif not self._is_ours(giver):
                self._reading.doubt("a provider of a grant cannot be told to be one of ours")
        return found

    def _is_ours(self, giver: Node) -> bool:
        """True for a name or tax id of ours; and for who has neither."""
        name = _plain(*(node.said for part in ("lastName", "firstName") if (node := giver.word(part))))
        number = next((node.said.replace("-", "") for part in ("taxId", "npi") if (node := giver.word(part))), "")
        return name in self._names or number in self._tax_ids or not (name or number)


def _plain(*names: str) -> str:
    return "".join(filter(str.isalnum, "".join(names))).upper()
