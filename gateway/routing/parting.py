"""Rule: which lines that go one way go in one submission. They part only where the payer, its channel or its network
wants it, each time with the reason.

Same lines, same parts, in the order of their first lines; no line is lost, and none is in two parts. A drug and what
gives it stay together wherever the cause to part allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.model.line import Line, LineRole
from gateway.model.people import ServicingRole
from gateway.model.request import Intent, PARequest, Review
from gateway.profiles.bundling import Bundle
from gateway.routing.decision import Plan, Rule, Split, Why

Part = tuple[Line, ...]


@dataclass(frozen=True)
class Terms:
    """What may keep lines apart on one route. ``bundle`` is the payer's row that holds, with its number; ``most_lines``
    is how many lines a message of the channel has for this payer."""

    payer: str
    connection: str
    one_line: bool = False
    bundle: tuple[int, Bundle] | None = None
    most_lines: int | None = None


class _Cut(NamedTuple):
    """One cause to part lines."""

    apply: Callable[[Part], list[Part]]
    why: Why
    data: str


def part(request: PARequest, lines: Sequence[Line], terms: Terms) -> tuple[tuple[Part, ...], tuple[Split, ...]]:
    """The lines as they go, and why they are apart."""
    places = {line.id: place for place, line in enumerate(request.lines)}
    parts: list[Part] = [tuple(lines)] if lines else []
    splits: list[Split] = []
    for cut in _cuts(request, terms):
        found: list[Part] = []
        for whole in parts:
            pieces = [tuple(sorted(piece, key=lambda line: places[line.id])) for piece in cut.apply(whole)]
            if len(pieces) > 1:
                ids = tuple(tuple(line.id for line in piece) for piece in pieces)
                splits.append(Split(why=cut.why, parts=ids, data=(cut.data,)))
            found += pieces
        parts = found
    return tuple(sorted(parts, key=lambda piece: places[piece[0].id])), tuple(splits)


def _cuts(request: PARequest, terms: Terms) -> Iterator[_Cut]:
    payer, connection = terms.payer, terms.connection
    if terms.one_line:
        says = f"Over {connection} one message asks for one line."
        yield _Cut(_singly, Why(rule=Rule.ONE_LINE, says=says), f"{connection}#/one_line")
        return
    if request.review is Review.ADMISSION or request.intent in (Intent.REVISION, Intent.APPEAL):
        return  # one stay, one review that is changed, one decision that is appealed: parted, each would be several
    if terms.bundle is not None:
        number, bundle = terms.bundle
        row = f"{payer}#/requests/{number}"
        if bundle.bundling == "per_service":
            says = f"{payer} takes one drug or service, with what gives it, in one request."
            yield _Cut(_units, Why(rule=Rule.PER_SERVICE, says=says), f"{row}/bundling")
        if bundle.same_dates:
            says = f"{payer} takes lines of the same dates in one request."
            yield _Cut(_by(_dates), Why(rule=Rule.SAME_DATES, says=says), f"{row}/same_dates")
        if bundle.same_place:
            says = f"{payer} takes lines of the same place of service and facility in one request."
            yield _Cut(_by(_place(request)), Why(rule=Rule.SAME_PLACE, says=says), f"{row}/same_place")
        if (most := bundle.max_codes) is not None:
            says = f"{payer} takes {most} different codes in one request."
            packed = _packed(lambda lines: len({line.code for line in lines}) <= most)
            yield _Cut(packed, Why(rule=Rule.MOST_CODES, says=says), f"{row}/max_codes")
    if (limit := terms.most_lines) is not None:
        says = f"{payer} takes {limit} lines in one request over {connection}."
        packed = _packed(lambda lines: len(lines) <= limit)
        yield _Cut(packed, Why(rule=Rule.MOST_LINES, says=says), f"{payer}#/channels")


def _singly(lines: Part) -> list[Part]:
    return [(line,) for line in lines]


def _units(lines: Part) -> list[Part]:
    """Each drug or service, an administration with the drug nearest before it, or else with the next one."""
    drugs = [place for place, line in enumerate(lines) if line.role in (LineRole.DRUG, LineRole.SUPPORTIVE)]
    units: dict[int, list[Line]] = {}
    for place, line in enumerate(lines):
        own = place
        if line.role is LineRole.ADMINISTRATION and drugs:
            own = max((drug for drug in drugs if drug < place), default=drugs[0])
        units.setdefault(own, []).append(line)
    return [tuple(unit) for unit in units.values()]


def _packed(fits: Callable[[Part], bool]) -> Callable[[Part], list[Part]]:
    """As few parts as come out where each unit goes into the first that has room for it. One that no part has room for
    is taken apart."""

    def pack(lines: Part) -> list[Part]:
        packs: list[Part] = []
        for unit in _units(lines):
            for piece in [unit] if fits(unit) else _singly(unit):
                room = next((place for place, held in enumerate(packs) if fits((*held, *piece))), None)
                if room is None:
                    packs.append(piece)
                else:
                    packs[room] = (*packs[room], *piece)
        return packs

    return pack


def _by(key: Callable[[Line], Hashable]) -> Callable[[Part], list[Part]]:
    def group(lines: Part) -> list[Part]:
        groups: dict[Hashable, list[Line]] = {}
        for line in lines:
            groups.setdefault(key(line), []).append(line)
        return [tuple(held) for held in groups.values()]

    return group


def _dates(line: Line) -> Hashable:
    return line.dates.start, line.dates.end or line.dates.start


def _place(request: PARequest) -> Callable[[Line], Hashable]:
    def of(line: Line) -> Hashable:
        own = [each for each in line.servicing if each.role is ServicingRole.FACILITY]
        of_request = [each for each in request.servicing if each.role is ServicingRole.FACILITY]
        place = line.place_of_service or request.site.place_of_service
        return place, frozenset(each.npi for each in own or of_request)

    return of


def ways_apart(plans: Sequence[Plan]) -> Iterator[Split]:
    """Why submissions go different ways: under several benefits, to several payers, over several routes."""
    yield from _ways(plans, Rule.SEVERAL_BENEFITS, "Lines are of several benefits", lambda plan: plan.benefit)
    for benefit in dict.fromkeys(plan.benefit for plan in plans):
        under = [plan for plan in plans if plan.benefit == benefit]
        says = f"Several payers decide lines of the {benefit} benefit"
        yield from _ways(under, Rule.SEVERAL_PAYERS, says, lambda plan: plan.payer)
        for payer in dict.fromkeys(plan.payer for plan in under):
            to = [plan for plan in under if plan.payer == payer]
            says = f"No one route to {payer} takes all its lines"
            yield from _ways(to, Rule.SEVERAL_ROUTES, says, lambda plan: plan.connection)


def _ways(plans: Sequence[Plan], rule: Rule, says: str, key: Callable[[Plan], str]) -> Iterator[Split]:
    found: dict[str, list[str]] = {}
    for plan in plans:
        found.setdefault(key(plan), []).extend(plan.line_ids)
    if len(found) > 1:
        why = Why(rule=rule, says=f"{says}: {', '.join(found)}.")
        yield Split(why=why, parts=tuple(tuple(lines) for lines in found.values()))
