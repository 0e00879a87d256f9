"""Tells which line of ours a service of an answer is: by our trace number, else by its code, and among lines of one
code by what tells them apart. Never by the order of arrival, unless the lines are the same in everything.

What tells lines apart (modifiers, dates, place, quantity) counts where the answer has it, where one service and one
line have it alone, and where nothing else says otherwise: a payer may grant fewer units, or other days, than were asked
for. Other modifiers than the line's are no such change: that service is not this line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from adapters.x12_278.asked import Asked
from adapters.x12_278.draft import days
from adapters.x12_278.loops import Loop
from adapters.x12_278.procedures import Procedure, codes_sent, why_another
from adapters.x12_278.quantities import totals_in
from adapters.x12_278.sites import places_in
from gateway.model.request import Line

_Details = tuple[object, ...]
"""What may tell a service or line from others: codes, modifiers, dates, first day, place, quantity. None is unsaid."""
_DETAILS = 6


def match_lines(
    services: Sequence[Loop], procedures: Sequence[Procedure], asked: Asked
) -> tuple[list[int | None], bool]:
    """For each service the place (from 0) of our line, or None; and whether some service could be several of ours."""
    places = asked.line_places()
    matched: list[int | None] = [
        next((places[trn.text(2)] for trn in service.all("TRN") if trn.text(2) in places), None) for service in services
    ]
    open_services = [index for index, place in enumerate(matched) if place is None]
    if not open_services:
        return matched, False
    lines = asked.request.lines
    taken = set(matched)
    open_lines = [place for place in range(len(lines)) if place not in taken]
    unclear = False
    alone = len(lines) == len(services) == 1
    # The services that have fewest lines to choose from leave fewer to the others.
    for candidates, indexes in sorted(_rivals(open_services, open_lines, procedures, lines, alone), key=_choices):
        left = [place for place in candidates if place not in taken]
        pairs = _pairs(indexes, left, services, procedures, asked)
        unclear |= bool(candidates) and len(pairs) < len(indexes)
        for index, place in pairs:
            matched[index] = place
            taken.add(place)
    return matched, unclear


def _rivals(
    open_services: Iterable[int],
    open_lines: list[int],
    procedures: Sequence[Procedure],
    lines: Sequence[Line],
    alone: bool,
) -> Iterable[tuple[tuple[int, ...], list[int]]]:
    """The services that could, by their codes, be the same lines; and these lines."""
    by_code: dict[frozenset[str], list[int]] = defaultdict(list)
    for index in open_services:
        by_code[procedures[index].names()].append(index)
    sent = {place: codes_sent(lines[place]) for place in open_lines}
    rivals: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for codes, indexes in by_code.items():
        # A service without a code can only be told where there is one of each.
        candidates = [place for place in open_lines if codes & sent[place]] if codes else open_lines if alone else []
        rivals[tuple(candidates)].extend(indexes)
    return rivals.items()


def _choices(rivals: tuple[tuple[int, ...], list[int]]) -> int:
    return len(rivals[0])


def _pairs(
    indexes: Sequence[int],
    candidates: Sequence[int],
    services: Sequence[Loop],
    named: Sequence[Procedure],
    asked: Asked,
) -> list[tuple[int, int]]:
    """Pairs of service and line, of those that could be each other by their codes."""
    lines = asked.request.lines
    fits = {index: [place for place in candidates if not why_another(named[index], lines[place])] for index in indexes}
    if len(indexes) == len(candidates) == 1:
        return [(indexes[0], place) for place in fits[indexes[0]]]
    theirs = {index: _told(services[index], named[index]) for index in indexes}
    ours = {place: _asked(lines[place], asked.request.site.place_of_service) for place in candidates}
    pairs: list[tuple[int, int]] = []
    while found := _told_apart(theirs, ours, fits):
        for index, place in found:
            del theirs[index], ours[place]
        pairs.extend(found)
        if len(indexes) > len(candidates):
            # Some service is left over whatever comes: what remains is no longer told by elimination.
            return pairs
    left = [lines[place].model_copy(update={"id": ""}) for place in ours]
    alike = len(theirs) == len(ours) and all(line == left[0] for line in left)
    if alike and all(place in fits[index] for index in theirs for place in ours):
        pairs.extend(zip(theirs, ours, strict=True))
    return pairs


def _told_apart(
    theirs: Mapping[int, _Details], ours: Mapping[int, _Details], fits: Mapping[int, Sequence[int]]
) -> list[tuple[int, int]]:
    """The services that are one line only: by a detail that no other has, or because no other is left."""
    says: dict[int, set[int]] = defaultdict(set)
    claims: dict[int, set[int]] = defaultdict(set)
    for detail in range(_DETAILS):
        sent = _by_detail(ours, detail)
        for key, indexes in _by_detail(theirs, detail).items():
            places = sent.get(key, ())
            if len(indexes) == len(places) == 1:
                says[indexes[0]].add(places[0])
                claims[places[0]].add(indexes[0])
    pairs = []
    for index in theirs:
        places = [place for place in fits[index] if place in ours]
        for place in places:
            by_detail = says[index] == {place} and claims[place] == {index}
            last = len(places) == 1 and says[index] <= {place} and claims[place] <= {index}
            if by_detail or last:
                pairs.append((index, place))
    wanted = Counter(place for _, place in pairs)
    return [(index, place) for index, place in pairs if wanted[place] == 1]


def _by_detail(all_details: Mapping[int, _Details], detail: int) -> dict[object, list[int]]:
    found: dict[object, list[int]] = defaultdict(list)
    for number, details in all_details.items():
        if details[detail] is not None:
            found[details[detail]].append(number)
    return found


def _told(service: Loop, procedure: Procedure) -> _Details:
    dates = next(((dtp.text(2), dtp.text(3)) for dtp in service.dated("472")), None)
    places = {place.text for place in places_in(service)}
    totals = totals_in(service)
    return (
        procedure.names(),
        procedure.modifiers() or None,
        dates,
        dates and dates[1][:8],
        places.pop() if len(places) == 1 else None,
        totals.pop() if len(totals) == 1 else None,
    )


def _asked(line: Line, site: str) -> _Details:
    dates = days(line.dates.start, line.dates.end)
    return (
        codes_sent(line),
        frozenset(line.modifiers),
        dates,
        dates[1][:8],
        line.place_of_service or site,
        (line.quantity.value, line.quantity.unit),
    )
