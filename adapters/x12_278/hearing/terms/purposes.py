"""Reads what a granted line is granted as: the kind of review, its service type and facility, and the diagnoses.

Payers write A1 and let stand beside it what was not asked for. Another kind of review (UM01: an admission was asked
for, services are granted) is CERTIFIED_MODIFIED and a doubt. Another service type (UM03), a facility that is no place
we asked for or goes by its type of bill (UM04 with qualifier A, which we never send), a diagnosis or a pointer to one
(SV107) that was not sent are doubts: they may limit the grant, and may be the payer's own way of filing the same.
What is left out, or repeated as it was sent, says nothing; nor does a diagnosis with its dot or another qualifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.x12_278.asking.circumstances import care_type
from adapters.x12_278.asking.encode import CATEGORY
from adapters.x12_278.asking.services import category
from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.terms.sites import place_of
from adapters.x12_278.segment import Segment, Value
from adapters.x12_278.settings import payer_settings
from gateway.model.request import Line, PARequest

_NO_DIAGNOSES = frozenset({"LOI", "DR"})
"""HI qualifiers of a document that is asked for, and of a group by which a stay is paid. All others are diagnoses."""
_TYPE_OF_BILL = "A"


class Purposes:
    """What the lines of an event are granted as. ``request`` is None where it is not at hand."""

    def __init__(self, event: Loop, request: PARequest | None, reading: Reading) -> None:
        self._event = event
        self._request = request
        self._reading = reading
        self._sent = [_plain(diagnosis.code) for diagnosis in request.diagnoses] if request else []
        # What a pointer counts: the payer's own list, where it gives one.
        told = [_plain(value.text) for value in _diagnoses_in(event)]
        self._counted = told + self._sent[len(told) :]
        self._others: dict[object, bool] = {}

    def other(self, service: Loop | None, lines: Sequence[Line]) -> bool:
        """True where these lines are granted as another kind of review, by this service or by its event."""
        request = self._request
        if request is None or not lines:
            return False
        loop = service or self._event
        known = (loop.segments[0].number, *((line.id for line in lines) if service else ()))
        if known not in self._others:
            kind = CATEGORY[request.review]
            kinds = (kind, category(request)) if service else (kind,)
            self._others[known] = self._differs(loop, request, kinds)
            for sv1 in loop.all("SV1"):
                self._point(sv1, lines)
        return self._others[known] or (service is not None and self.other(None, lines))

    def _differs(self, loop: Loop, request: PARequest, kinds: Sequence[str]) -> bool:
        """True for another kind of review. All else that was not sent is a doubt."""
        doubt, other = self._reading.doubt, False
        for um in loop.all("UM"):
            if (review := um.text(1)) and review not in kinds:
                doubt(f"segment {um.number} is another kind of review than was asked for")
                other = True
            if (kind := um.text(3)) and kind != care_type(payer_settings(self._reading.to), request):
                doubt(f"segment {um.number} has another service type than was asked for")
            if _is_elsewhere(um, request):
                doubt(f"segment {um.number} has a facility that cannot be told to be what was asked for")
        for value in _diagnoses_in(loop):
            if _plain(value.text) not in self._sent:
                doubt(f"segment {value.segment} has a diagnosis that was not sent")
        return other

    def _point(self, sv1: Segment, lines: Sequence[Line]) -> None:
        """A line without pointers is for every diagnosis."""
        sent = [self._sent[number - 1] for line in lines for number in line.diagnoses]
        if not all(line.diagnoses for line in lines):
            sent = self._sent
        for pointer in sv1.components(7):
            if pointer and self._pointed(pointer.text) not in sent:
                self._reading.doubt(f"segment {sv1.number} points to a diagnosis that the line was not sent with")

    def _pointed(self, pointer: str) -> str | None:
        if not (pointer.isascii() and pointer.isdigit() and 0 < len(pointer) < 3):
            return None
        return self._counted[int(pointer) - 1] if 0 < int(pointer) <= len(self._counted) else None


def _is_elsewhere(um: Segment, request: PARequest) -> bool:
    """True for a facility that ``sites`` does not compare, for it is no CMS place of service, and that is no place of
    ours either."""
    if place_of(um):
        return False
    place, qualifier = (*um.components(4), None)[:2]
    if place is None:
        return False
    if qualifier and qualifier.text == _TYPE_OF_BILL:
        return True
    places = {request.site.place_of_service, *(line.place_of_service for line in request.lines)}
    return place.text not in places


def _diagnoses_in(loop: Loop) -> Iterator[Value]:
    """The codes of HI. One without a qualifier is read as one."""
    for hi in loop.all("HI"):
        for place in range(1, len(hi) + 1):
            for parts in hi.repeats(place):
                code = parts[1] if len(parts) > 1 else parts[0]
                if code and not (parts[0] and parts[0].text in _NO_DIAGNOSES):
                    yield code


def _plain(code: str) -> str:
    return code.replace(".", "").upper()
