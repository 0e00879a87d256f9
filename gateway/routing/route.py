"""Looks at one route for lines that go one way: what speaks against it, and whether its channel can say them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.contract.destination import Benefit, Mode
from gateway.contract.errors import CannotExpress
from gateway.model.request import Line, PARequest
from gateway.profiles.browser import RECORD_TERMS
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library
from gateway.profiles.payer import PayerProfile, Route
from gateway.routing.decision import Plan, Rule, Split, Tried, Unrouted, Verdict, Why
from gateway.routing.parting import Terms, part

_LINE = re.compile(r"/lines/([0-9]{1,4})(?![^/])")
Before = tuple[str, str, Benefit]
"""A payer, a connection and a benefit that were tried."""
_TOLD = 3
"""Reasons against a route that are told with lines that go nowhere; the decision holds all."""


@dataclass(frozen=True)
class Case:
    """What the conditions of routes look at. ``payer`` is the coverage's own; ``without`` are payers and connections
    that were tried before."""

    request: PARequest
    mode: Mode
    on: date
    library: Library
    payer: PayerProfile
    attempt: Callable[[Plan], None]
    without: frozenset[Before] = frozenset()


@dataclass(frozen=True, eq=False)
class Way:
    """To whom lines go, over which of its connections where only one will do, and under which benefit. ``recommends``
    is as in ``Side``."""

    payer: PayerProfile
    connection: str | None
    benefit: Benefit
    recommends: bool = False

    def routes(self) -> list[Route]:
        routes = [route for route in self.payer.routes if self.connection in (None, route.connection)]
        return sorted(routes, key=lambda route: route.priority)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Way) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, str | None, Benefit, bool]:
        return self.payer.payer, self.connection, self.benefit, self.recommends


@dataclass(frozen=True)
class Looked:
    """What became of one route: what the journal keeps of it, the plans it was taken for, and why there are several."""

    tried: tuple[Tried, ...]
    plans: tuple[Plan, ...] = ()
    splits: tuple[Split, ...] = ()


def look(case: Case, way: Way, route: Route, left: Sequence[Line]) -> Looked:
    """What becomes of one route for these lines, and for each part of them that it takes in one request."""
    connection = case.library.connection(route.connection)
    lines = [line for line in left if route.roles is None or line.role in route.roles]

    def told(verdict: Verdict, of: Iterable[Line], reasons: Iterable[Why]) -> Tried:
        return Tried(
            payer=way.payer.payer,
            connection=connection.connection,
            benefit=way.benefit,
            verdict=verdict,
            line_ids=tuple(line.id for line in of),
            reasons=tuple(reasons),
        )

    against = _against(case, way, route, connection, left, lines)
    if against:
        return Looked((told(Verdict.SKIPPED, left, against),))
    parts, splits = part(case.request, lines, _terms(case, way, connection))
    tried: list[Tried] = []
    plans: list[Plan] = []
    for together in parts:
        plan = Plan(
            payer=way.payer.payer,
            connection=connection.connection,
            channel=connection.channel,
            benefit=way.benefit,
            line_ids=tuple(line.id for line in together),
            recommends=way.recommends,
        )
        try:
            case.attempt(plan)
        except CannotExpress as error:
            reasons = [
                Why(
                    rule=Rule.CANNOT_EXPRESS,
                    says=item.why,
                    fix=item.fix,
                    pointer=in_request(item.pointer, plan.line_ids, case.request),
                )
                for item in error.items
            ]
            tried.append(told(Verdict.CANNOT_EXPRESS, together, reasons))
        else:
            tried.append(told(Verdict.CHOSEN, together, [Why(rule=Rule.TAKEN, says="The channel can say it.")]))
            plans.append(plan)
    going = {line for plan in plans for line in plan.line_ids}
    told_of = (split for split in splits if sum(bool(going.intersection(piece)) for piece in split.parts) > 1)
    return Looked(tuple(tried), tuple(plans), tuple(told_of))


def _terms(case: Case, way: Way, connection: ConnectionProfile) -> Terms:
    payer, name = way.payer.payer, connection.connection
    business = case.request.coverages[0].line_of_business
    return Terms(
        payer=payer,
        connection=name,
        one_line=connection.one_line,
        bundle=way.payer.bundle(business, case.on),
        most_lines=case.library.most_lines(payer, name, business, case.on),
    )


def in_request(at: str, line_ids: Sequence[str], request: PARequest) -> str:
    """A pointer into what was asked of an adapter, which are these lines only, as one into the whole request."""
    found = _LINE.match(at)
    if found is None or int(found[1]) >= len(line_ids):
        return at
    place = [line.id for line in request.lines].index(line_ids[int(found[1])])
    return f"/lines/{place}{at[found.end() :]}"


def _against(
    case: Case,
    way: Way,
    route: Route,
    connection: ConnectionProfile,
    left: Sequence[Line],
    lines: Sequence[Line],
) -> list[Why]:
    """Everything that speaks against a route for these lines, before its adapter is asked."""
    business = case.request.coverages[0].line_of_business
    found: list[Why] = []
    if connection.mode is not case.mode:
        says = f"It is a {connection.mode} connection and the request is a {case.mode} one."
        found.append(Why(rule=Rule.MODE, says=says))
    if connection.browser is not None and not connection.browser.terms.permit:
        found.append(Why(rule=Rule.TERMS, says=connection.browser.terms.against(connection.connection)))
    if not way.payer.effective.holds(case.on):
        found.append(Why(rule=Rule.PAYER_DATES, says="The payer's profile does not hold on this day."))
    if business not in way.payer.lines_of_business:
        says = "The payer does not serve the coverage's line of business."
        found.append(
            Why(
                rule=Rule.PAYER_LINE_OF_BUSINESS,
                says=says,
                fix="Compare the coverage with the card.",
                pointer="/coverages/0/line_of_business",
            )
        )
    if route.effective and not route.effective.holds(case.on):
        found.append(Why(rule=Rule.DATES, says="The route does not hold on this day."))
    if way.benefit not in route.benefits:
        found.append(Why(rule=Rule.BENEFIT, says=f"The route does not carry the {way.benefit} benefit."))
    if route.lines_of_business is not None and business not in route.lines_of_business:
        found.append(Why(rule=Rule.LINE_OF_BUSINESS, says="The route is for other lines of business."))
    if (way.payer.payer, route.connection, way.benefit) in case.without:
        found.append(Why(rule=Rule.TRIED, says="It was asked before, and does not decide these lines."))
    if not left:
        found.append(Why(rule=Rule.NOTHING_LEFT, says="Routes before it took every line."))
    elif not lines:
        found.append(Why(rule=Rule.ROLE, says="The route is for lines of other roles."))
    return found


FIXES = {
    Rule.MODE: "Use an API key of the other mode, or add a route of this mode to the payer's profile.",
    Rule.TERMS: f"{RECORD_TERMS[0].upper()}{RECORD_TERMS[1:]}.",
    Rule.PAYER_DATES: "Bring the payer's profile up to date.",
    Rule.PAYER_LINE_OF_BUSINESS: "Compare the coverage's line of business and payer with the card.",
    Rule.DATES: "Bring the dates of the payer's routes up to date.",
    Rule.LINE_OF_BUSINESS: "Compare the coverage's line of business with the card.",
    Rule.ROLE: "Add a route for these roles to the payer's profile.",
}

_CARD = "/coverages/0/pharmacy"


def unrouted(case: Case, way: Way, left: Sequence[Line], tried: Sequence[Tried], against: Why | None) -> Unrouted:
    """Says what to do, after the route that came nearest: the one with the fewest reasons against it. ``against`` is
    what kept all routes from being tried."""
    ids = tuple(line.id for line in left)
    if against is not None:
        return Unrouted(line_ids=ids, benefit=way.benefit, why=against)
    looked = [route for route in tried if set(ids) & set(route.line_ids)]
    carrying = [route for route in looked if all(why.rule is not Rule.BENEFIT for why in route.reasons)]
    if not carrying:
        return Unrouted(line_ids=ids, benefit=way.benefit, why=_no_carrier(case, way))
    nearest = min(carrying, key=lambda route: (route.verdict is not Verdict.CANNOT_EXPRESS, len(route.reasons)))
    told = list(nearest.reasons[:_TOLD])
    said = " ".join(_placed(why, why.says) for why in told)
    fixes = [_placed(why, remedy) for why in told if (remedy := why.fix or FIXES.get(why.rule))]
    return Unrouted(
        line_ids=ids,
        benefit=way.benefit,
        why=Why(
            rule=Rule.TERMS if {why.rule for why in nearest.reasons} == {Rule.TERMS} else Rule.NO_ROUTE,
            says=f"No route takes these lines; {nearest.connection} came nearest. {said}",
            fix=" ".join(dict.fromkeys(fixes)) or "See the reasons of each route tried.",
            pointer=told[0].pointer,
        ),
    )


def _no_carrier(case: Case, way: Way) -> Why:
    says = f"No route of this payer carries the {way.benefit} benefit."
    if way.benefit == "medical":
        return Why(rule=Rule.NO_ROUTE, says=says, fix="Add a route for this benefit to the payer's profile.")
    fix = "File it with the pharmacy manager on the card, or send benefit medical if the practice buys and gives it."
    if way.payer is not case.payer:
        return Why(rule=Rule.NO_ROUTE, says=says, fix=fix)
    if case.request.coverages[0].pharmacy is None:
        fix = f"{fix} The card's BIN, PCN and group, sent as the coverage's pharmacy, may lead to that manager."
    else:
        says = f"{says} No row of the directory fits the coverage's pharmacy card."
        fix = f"{fix} Compare BIN, PCN and group with the card, or add a row to the directory."
    return Why(rule=Rule.NO_ROUTE, says=says, fix=fix, pointer=_CARD)


def _placed(why: Why, text: str) -> str:
    """A sentence, with the field of the request that it is about."""
    return f"At {why.pointer}: {_sentence(text)}" if why.pointer else _sentence(text)


def _sentence(text: str) -> str:
    """As adapters write their words, some with and some without a full stop."""
    return text[:1].upper() + text[1:].rstrip(".") + "."
