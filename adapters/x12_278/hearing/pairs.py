"""Tells which lines of ours a service of an answer is: those whose trace numbers it repeats, else by its code.

Modifiers belong to a code: a service with others than a line's is not that line. What a line asked for besides
(quantity, place, dates) is just what a payer changes. So lines of one code are told apart only by services that repeat
one line exactly, and no other, and are not said to be changed; the last service is the last line; all else is unclear.
It need not be clear where it does not matter: lines that are the same in everything, and services all denied alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from adapters.x12_278.asked import Asked
from adapters.x12_278.asking.draft import days
from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.terms.procedures import Procedure, codes_known, codes_sent, why_another
from adapters.x12_278.hearing.terms.quantities import Stated, distinct, repeats_amounts, stated
from adapters.x12_278.hearing.terms.sites import places_in
from adapters.x12_278.hearing.verdicts import Verdict
from gateway.model.request import Line
from gateway.model.status import LineOutcome


class Service(NamedTuple):
    """A service of an answer. ``word`` is its own decision, else the event's; ``changed`` where that may be one to
    change what was asked for."""

    loop: Loop
    procedure: Procedure
    word: Verdict | None
    changed: bool


class Match(NamedTuple):
    """Which lines, by their places (from 0), each service is. ``unclear`` are the services that could be one of several
    lines or none, and ``rivals`` the services that a line without any could be."""

    places: list[tuple[int, ...]]
    unclear: list[int]
    rivals: Mapping[int, Sequence[int]]


def most_services(lines: int) -> int:
    """How many services an answer may have for so many lines. Payers split a line into two, or refuse it and add what
    they grant in its place; an answer far beyond that is not about these lines, and each service would be held against
    each of them."""
    return 2 * lines + 20


class _Said(NamedTuple):
    """What a service says, worked out once: it is held against every line of its code."""

    procedure: Procedure
    names: frozenset[str]
    dates: frozenset[str]
    places: frozenset[str]
    amounts: Sequence[Stated]


class _Wanted(NamedTuple):
    """What a line asked for."""

    line: Line
    known: frozenset[str]
    code: tuple[object, ...]
    """Lines of which it is the same are named by the same services."""
    dates: frozenset[str]
    place: str


_Open = Mapping[int, Sequence[int]]
"""The lines that a service could be by its codes."""


def match_lines(services: Sequence[Service], asked: Asked) -> Match:
    """Which line each service is."""
    lines, traces = asked.request.lines, asked.line_places
    matched = [tuple(dict.fromkeys(_traced(service.loop, traces))) for service in services]
    if all(matched):
        return Match(matched, [], {})
    traced = {place for places in matched for place in places}
    left = [place for place in range(len(lines)) if place not in traced]
    alone = len(lines) == len(services) == 1
    sent = [codes_sent(line) for line in lines]
    candidates: _Open = {
        index: _candidates(service, left, sent, alone) for index, service in enumerate(services) if not matched[index]
    }
    rest = candidates
    for tell in (_exact, _alike):
        for index, place in tell(services, rest, asked):
            matched[index] = (place,)
        taken = {place for places in matched for place in places}
        rest = {
            index: [place for place in places if place not in taken]
            for index, places in rest.items()
            if not matched[index]
        }
    return Match(matched, [index for index in rest if candidates[index]], _turned(rest))


def _traced(service: Loop, traces: Mapping[str, int]) -> list[int]:
    return [traces[told] for trn in service.all("TRN") if (told := trn.text(2)) in traces]


def _candidates(service: Service, left: Sequence[int], sent: Sequence[frozenset[str]], alone: bool) -> Sequence[int]:
    codes = service.procedure.names()
    if not codes:
        # A service without a code can only be told where there is one of each.
        return left if alone else []
    return [place for place in left if codes & sent[place]]


def _turned(candidates: _Open) -> dict[int, list[int]]:
    """The services that could be a line."""
    found: dict[int, list[int]] = defaultdict(list)
    for index, places in candidates.items():
        for place in places:
            found[place].append(index)
    return found


def _exact(services: Sequence[Service], candidates: _Open, asked: Asked) -> Iterator[tuple[int, int]]:
    """The services that repeat one line only, or have modifiers that one line only has; and do not contradict it."""
    exact: dict[int, list[int]] = defaultdict(list)
    named: dict[int, list[int]] = defaultdict(list)
    wanted = [_wanted(line, asked) for line in asked.request.lines]
    for index, places in candidates.items():
        said = _said(services[index])
        named_by: dict[tuple[object, ...], bool] = {}
        for place in places:
            if wanted[place].code not in named_by:
                named_by[wanted[place].code] = not why_another(said.procedure, wanted[place].line)
        fits = [place for place in places if named_by[wanted[place].code]]
        repeated = [place for place in places if _repeats(said, wanted[place])]
        same = [place for place in repeated if place in fits] or repeated
        if len(same) == 1 and not services[index].changed:
            exact[same[0]].append(index)
        if len(fits) == 1 and (fits[0] in same or not same):
            named[fits[0]].append(index)
    for place in exact | named:
        claims = exact[place] or named[place]
        if len(claims) == 1 and not why_another(services[claims[0]].procedure, asked.request.lines[place]):
            yield claims[0], place


def _alike(services: Sequence[Service], candidates: _Open, asked: Asked) -> Iterator[tuple[int, int]]:
    """As many services as lines: one of each, or lines that are the same in everything, or services denied alike."""
    rivals = _turned(candidates)
    for places in {tuple(places): None for places in candidates.values() if places}:
        indexes = rivals[places[0]]
        if len(indexes) != len(places) or any(tuple(candidates[index]) != places for index in indexes):
            continue
        lines = [asked.request.lines[place] for place in places]
        if any(why_another(services[index].procedure, line) for index in indexes for line in lines):
            continue
        same = all(line.model_copy(update={"id": lines[0].id}) == lines[0] for line in lines)
        if same or _denied_alike([services[index] for index in indexes]):
            yield from zip(indexes, places, strict=True)


def _denied_alike(services: Sequence[Service]) -> bool:
    """True when one denial is said of all of them, with the same reasons and number."""
    words = [service.word for service in services]
    return all(
        word is not None
        and words[0] is not None
        and word.outcome is LineOutcome.NOT_CERTIFIED
        and [given.reason for given in word.reasons] == [given.reason for given in words[0].reasons]
        and (word.number and word.number.text) == (words[0].number and words[0].number.text)
        for word in words
    )


def _said(service: Service) -> _Said:
    return _Said(
        service.procedure,
        service.procedure.names(),
        frozenset([dtp.text(3) for dtp in service.loop.dated("472")]),
        frozenset([um.text for um in places_in(service.loop)]),
        distinct(stated(service.loop)),
    )


def _wanted(line: Line, asked: Asked) -> _Wanted:
    span = days(line.dates.start, line.dates.end)[1]
    place = line.place_of_service or asked.request.site.place_of_service
    known = codes_known(line)
    return _Wanted(line, known, (known, frozenset(line.modifiers)), frozenset((span, span[:8])), place)


def _repeats(said: _Said, wanted: _Wanted) -> bool:
    """True when all that the service says, modifiers aside, is what the line asked for."""
    return (
        said.names <= wanted.known
        and said.dates <= wanted.dates
        and said.places <= {wanted.place}
        and repeats_amounts(said.amounts, wanted.line)
    )
