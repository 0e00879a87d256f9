"""Decides whether an answer is ours, which event in it is, and which line of ours a service in it is.

By our trace numbers first, then by the payer's numbers and by codes and dates where these leave one reading only.
Never by the order of arrival alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from adapters.x12_278 import traces
from adapters.x12_278.asked import Asked
from adapters.x12_278.draft import days
from adapters.x12_278.interchange import Value
from adapters.x12_278.loops import Event, Loop, Tree
from gateway.model.request import CodeSystem, Line


def is_ours(tree: Tree, asked: Asked) -> bool:
    """True when the answer carries a trace number of ours, or none of anybody's and our BHT03."""
    ours = asked.filing_traces() | {traces.event(asked.stamp)}
    for event in tree.events:
        for loop in (event.loop, *event.services):
            if any(trn.text(2) in ours for trn in loop.all("TRN")):
                return True
    if any(_foreign(event, asked) for event in tree.events):
        return False
    return tree.bht.text(3) == traces.submission(asked.stamp)


def names_another_member(tree: Tree, asked: Asked) -> bool:
    """True when the subscriber of the answer carries another member id than ours. Payers drop blanks and hyphens."""
    ours = {_bare(coverage.member_id) for coverage in asked.request.coverages}
    for loop in tree.above:
        for party in loop.parties:
            if party.name == "2010C" and (member := party.segments[0].value(9)):
                return _bare(member.text) not in ours
    return False


def _bare(member_id: str) -> str:
    return "".join(filter(str.isalnum, member_id)).upper()


def our_event(tree: Tree, asked: Asked) -> Event | None:
    """The event that is the filing, or None where that cannot be told. Expects an answer that is ours."""
    ours = asked.filing_traces()
    known = [event for event in tree.events if _traces_in(event) & ours or _numbers_in(event) & asked.numbers.keys()]
    if known:
        return known[0] if len(known) == 1 else None
    if len(tree.events) != 1 or _foreign(tree.events[0], asked):
        return None
    only = tree.events[0]
    # An inquiry finds what the payer holds for the member and dates: that may be an earlier filing of somebody's.
    return only if asked.verb != "inquire" or _same_services(only, asked.request.lines) else None


def match_lines(services: Sequence[Loop], asked: Asked) -> tuple[list[int | None], bool]:
    """For each service the place (from 0) of our line, or None; and whether some service could be several of ours."""
    places = asked.line_places()
    matched: list[int | None] = [
        next((places[trn.text(2)] for trn in service.all("TRN") if trn.text(2) in places), None) for service in services
    ]
    lines = asked.request.lines
    open_lines = [place for place in range(len(lines)) if place not in matched]
    open_services = [index for index, place in enumerate(matched) if place is None]
    unclear = False
    by_code: dict[frozenset[str], list[int]] = defaultdict(list)
    for index in open_services:
        by_code[frozenset(codes_in(services[index]))].append(index)
    for codes, indexes in by_code.items():
        candidates = [place for place in open_lines if codes & codes_sent(lines[place])]
        if not codes:
            # A service without a code can only be told where there is one of each.
            candidates = open_lines if len(lines) == len(services) == 1 else []
        if len(candidates) == len(indexes):
            pairs = list(zip(indexes, candidates, strict=True))
        else:
            pairs = _by_dates(services, lines, indexes, candidates)
            unclear |= bool(candidates) and len(pairs) < len(indexes)
        for index, place in pairs:
            matched[index] = place
            open_lines.remove(place)
    return matched, unclear


def codes_sent(line: Line) -> frozenset[str]:
    """The codes by which a line was written."""
    if line.code.system is CodeSystem.RXNORM:
        return frozenset({line.ndc} if line.ndc else ())
    if line.code.system is CodeSystem.REVENUE and line.ndc:
        return frozenset({line.code.code, line.ndc})
    return frozenset({line.code.code})


def code_values(service: Loop) -> list[tuple[str, Value]]:
    """Each code of a service with its qualifier (``HC``, ``N4``, ... or ``RB`` for a revenue code)."""
    found: list[tuple[str, Value]] = []
    sv1, sv2 = service.first("SV1"), service.first("SV2")
    for segment, place in ((sv1, 1), (sv2, 2)):
        if segment is not None:
            parts = segment.components(place)
            if len(parts) > 1 and parts[0] and parts[1]:
                found.append((parts[0].text, parts[1]))
    if sv2 is not None and (revenue := sv2.value(1)):
        found.append(("RB", revenue))
    return found


def codes_in(service: Loop) -> set[str]:
    return {
        value.text.replace("-", "") if qualifier == "N4" else value.text.upper()
        for qualifier, value in code_values(service)
    }


def _by_dates(
    services: Sequence[Loop], lines: Sequence[Line], indexes: list[int], candidates: list[int]
) -> list[tuple[int, int]]:
    """Pairs of service and line that have the same dates, where no other has them."""
    pairs = []
    dates = [_dates_in(services[index]) for index in indexes]
    sent = [days(lines[place].dates.start, lines[place].dates.end) for place in candidates]
    for index, date in zip(indexes, dates, strict=True):
        if date and dates.count(date) == sent.count(date) == 1:
            pairs.append((index, candidates[sent.index(date)]))
    return pairs


def _dates_in(service: Loop) -> tuple[str, str] | None:
    return next(((dtp.text(2), dtp.text(3)) for dtp in service.all("DTP") if dtp.text(1) == "472"), None)


def _traces_in(event: Event) -> set[str]:
    return {trn.text(2) for loop in (event.loop, *event.services) for trn in loop.all("TRN")}


def _numbers_in(event: Event) -> set[str]:
    loops = (event.loop, *event.services)
    reviews = {hcr.text(2) for loop in loops for hcr in loop.all("HCR")}
    return reviews | {ref.text(2) for loop in loops for ref in loop.all("REF") if ref.text(1) in ("BB", "NT")}


def _foreign(event: Event, asked: Asked) -> bool:
    """True when the event answers a trace number that our company gave, but not in this case."""
    ours = asked.filing_traces() | {traces.event(asked.stamp)}
    return any(
        trn.text(3) == asked.company and trn.text(2) not in ours
        for loop in (event.loop, *event.services)
        for trn in loop.all("TRN")
    )


def _same_services(event: Event, lines: Sequence[Line]) -> bool:
    """True when every service of the event has a code and dates that one of our lines was filed with."""
    sent = [(codes_sent(line), days(line.dates.start, line.dates.end)) for line in lines]
    return bool(event.services) and all(
        any(codes_in(service) & codes and _dates_in(service) == dates for codes, dates in sent)
        for service in event.services
    )
