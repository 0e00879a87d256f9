"""Reads where, and by whom, a granted line is to be given, and tells whether that is what was asked for.

Payers write A1 (certified in total) and another place of service, or another provider. Whoever reads "approved" there
gives care that nobody pays for: such a line is CERTIFIED_MODIFIED. Most payers repeat what was sent: a place that was
asked for, the providers of the request, its requester. A facility without the qualifier of CMS codes is the business of
``purposes``. A provider without an NPI that can be read is held against the tax ids and names of ours: no match is a
doubt, for payers spell names in their own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from adapters.x12_278.asking.characters import alphabet
from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.verdicts import GRANTED
from adapters.x12_278.segment import Segment, Value
from gateway.model.request import Line, PARequest, Provider
from gateway.model.status import LineOutcome

_PLACE = re.compile(r"[0-9]{2}")
_NPI = re.compile(r"[0-9]{10}")
_GIVES = ("SJ", "1T", "DD", "72", "73", "FA", "G3", "QB", "QV", "77")
"""NM101 of who gives the service, the most telling first."""


class Read(NamedTuple):
    """A value, and the loop it was read in."""

    loop: str
    value: Value


class _Giver(NamedTuple):
    """Who gives the service: NM101, NM1, and the NPI where one can be read."""

    entity: str
    nm1: Segment
    npi: Read | None


class Site(NamedTuple):
    """Where and by whom; ``other`` where it is not what was asked for."""

    place: Read | None = None
    provider: Read | None = None
    other: bool = False

    def place_at(self, at: str, reading: Reading) -> str | None:
        return _told(self.place, f"{at}/place_of_service", reading)

    def provider_at(self, at: str, reading: Reading) -> str | None:
        return _told(self.provider, f"{at}/provider_npi", reading)


class Sites:
    """Where and by whom the lines of an event are granted. ``request`` is None where it is not at hand."""

    def __init__(self, event: Loop, request: PARequest | None) -> None:
        self._places = _places_of(event)
        self._givers = _givers_of(event)
        self._request = request
        self._site = request.site.place_of_service if request else ""
        self._whole = {provider.npi for provider in (request.requester, *request.servicing)} if request else set()

    def of(self, service: Loop | None, line: Line | None, reading: Reading) -> Site:
        """What the service says, else its event. Compared where the line is known: it may have asked for a place of its
        own, and payers repeat at the event the place of the whole request, at which the line need not be."""
        below = _places_of(service) if service else []
        places = below or self._places
        givers = self._givers
        if service and service.parties:
            given = _givers_of(service)
            # Whom the service names counts over whom the event names for the same part.
            named = {giver.entity for giver in given}
            givers = [*given, *(giver for giver in givers if giver.entity not in named)]
        providers = [giver.npi for giver in givers if giver.npi]
        elsewhere: list[Read] = []
        others: list[Read] = []
        if line:
            own = line.place_of_service or self._site
            asked = (own,) if below else (own, self._site)
            elsewhere = [place for place in places if place.value.text not in asked]
            others = [provider for provider in providers if provider.value.text not in self._npis_of(line)]
            for giver in givers:
                if giver.npi is None and not self._is_ours(giver.nm1):
                    reading.doubt(f"segment {giver.nm1.number} names a provider that cannot be told to be one of ours")
        return Site(
            place=elsewhere[0] if elsewhere else places[0] if places else None,
            provider=others[0] if others else providers[0] if providers else None,
            other=bool(elsewhere or others),
        )

    def _npis_of(self, line: Line) -> set[str]:
        """Who may give the line: those of the whole request, and its own. Those of other lines only give those."""
        return self._whole | {provider.npi for provider in line.servicing}

    def _is_ours(self, nm1: Segment) -> bool:
        """True for a name or tax id of ours; and for who has neither."""
        name, number = _plain(nm1.text(3), nm1.text(4)), nm1.text(9)
        names, tax_ids = self._ours
        return name in names or number.replace("-", "") in tax_ids or not (name or number)

    @cached_property
    def _ours(self) -> tuple[frozenset[str], frozenset[str]]:
        """Names and tax ids, for who is told without an NPI; most answers have nobody like that."""
        if (request := self._request) is None:
            return frozenset(), frozenset()
        ours = (request.requester, *request.servicing, *_of_lines(request))
        names = {_plain(provider.last_name) for provider in ours}
        names |= {_plain(provider.last_name, provider.first_name or "") for provider in ours}
        if request.site.facility_name:
            names.add(_plain(request.site.facility_name))
        return frozenset(names), frozenset(provider.tax_id for provider in ours if provider.tax_id)


def _of_lines(request: PARequest) -> Iterator[Provider]:
    for line in request.lines:
        yield from line.servicing


def placed(outcome: LineOutcome, sites: Sequence[Site]) -> LineOutcome:
    """The outcome of a line that was granted there, one site for each service that answers it."""
    other = outcome in GRANTED and any(site.other for site in sites)
    return LineOutcome.CERTIFIED_MODIFIED if other else outcome


def _told(read: Read | None, at: str, reading: Reading) -> str | None:
    if read is None:
        return None
    reading.keep(at, read.loop, read.value)
    return read.value.text


def places_in(loop: Loop) -> list[Value]:
    """UM04 with qualifier B: a CMS place of service."""
    return [place for um in loop.all("UM") if (place := place_of(um))]


def place_of(um: Segment) -> Value | None:
    parts = um.components(4)
    if len(parts) > 1 and parts[0] and parts[1] and parts[1].text == "B" and _PLACE.fullmatch(parts[0].text):
        return parts[0]
    return None


def _places_of(loop: Loop) -> list[Read]:
    return [Read(loop.name, place) for place in places_in(loop)]


def _givers_of(loop: Loop) -> list[_Giver]:
    found = []
    for party in loop.parties:
        nm1 = party.segments[0]
        entity = nm1.text(1)
        if entity in _GIVES:
            number = nm1.value(9)
            told = number and nm1.text(8).upper() == "XX" and _NPI.fullmatch(number.text)
            found.append(_Giver(entity, nm1, Read(party.name, number) if number and told else None))
    return sorted(found, key=lambda giver: _GIVES.index(giver.entity))


def _plain(*names: str) -> str:
    """The letters and digits of a name as they are written, capitals: payers repeat it without its signs."""
    return "".join(filter(str.isalnum, "".join(alphabet("basic", "").written(name)[:60] for name in names)))
