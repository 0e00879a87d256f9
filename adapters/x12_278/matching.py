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
from gateway.model.request import CodeSystem, Line, Relationship

_LONGEST_SUFFIX = 3
"""Digits that tell the people on one card apart."""


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


def names_another_member(tree: Tree, asked: Asked, payer: str) -> bool:
    """True when the answer names a member by another id than ours, or a patient born on another day."""
    coverages = asked.request.coverages
    ours = [_bare(coverage.member_id) for coverage in coverages]
    sent = next((coverage for coverage in coverages if coverage.payer == payer), coverages[0])
    born = asked.request.patient.birth_date.strftime("%Y%m%d")
    # We send a dependent no id of its own, so one that comes back says nothing: only the day of birth does.
    is_subscriber = sent.relationship is Relationship.SELF
    levels = ("2010C", "2010D") if is_subscriber else ("2010C",)
    people = [party for loop in tree.above for party in loop.parties]
    dependents = [party for party in people if party.name == "2010D"]
    patients = dependents or [party for party in people if party.name == "2010C" and is_subscriber]
    ids = [_bare(party.segments[0].text(9)) for party in people if party.name in levels]
    days_told = [dmg.text(2) for party in patients for dmg in party.all("DMG")]
    return any(told and not any(_same_member(told, member) for member in ours) for told in ids) or any(
        told and told != born for told in days_told
    )


def _bare(member_id: str) -> str:
    """Payers drop blanks and hyphens."""
    return "".join(filter(str.isalnum, member_id)).upper()


def _same_member(one: str, other: str) -> bool:
    """True for the same id, with or without the few digits by which a card tells its people apart."""
    short, long = sorted((one, other), key=len)
    rest = long[len(short) :]
    return long.startswith(short) and (not rest or (rest.isdigit() and len(rest) <= _LONGEST_SUFFIX))


def our_event(tree: Tree, asked: Asked) -> Event | None:
    """The event that is the filing, or None where that cannot be told. Expects an answer that is ours."""
    ours = asked.filing_traces()
    known = [event for event in tree.events if _traces_in(event) & ours or _numbers_in(event) & asked.numbers.keys()]
    if known:
        return known[0] if len(known) == 1 else None
    # An inquiry finds what the payer holds for the member and dates: that may be an earlier filing, for the same
    # services and dates too, which was denied and filed again.
    if len(tree.events) != 1 or _foreign(tree.events[0], asked) or (asked.verb == "inquire" and _found(tree)):
        return None
    return tree.events[0]


def resembles_ours(tree: Tree, asked: Asked) -> bool:
    """True when what an inquiry found could be our filing: it names no services, or one with a code of ours."""
    sent = frozenset[str]().union(*(codes_sent(line) for line in asked.request.lines))
    named = [codes for event in tree.events for service in event.services if (codes := codes_in(service))]
    return bool(tree.events) and _found(tree) and (not named or any(codes & sent for codes in named))


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


def codes_known(line: Line) -> frozenset[str]:
    """The codes that name what a line asks for, written or not."""
    return codes_sent(line) | ({line.ndc} if line.ndc else set())


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


def _found(tree: Tree) -> bool:
    """True when an event is something that the payer holds. Where nothing is decided and something is refused, it only
    carries the refusal of the inquiry."""
    loops = [loop for event in tree.events for loop in (event.loop, *event.services)]
    refused = any(part.first("AAA") for loop in (*tree.above, *loops) for part in (loop, *loop.parties))
    return any(loop.first("HCR") for loop in loops) or not refused
