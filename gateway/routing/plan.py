"""Chooses routes for the lines of a request, and explains itself. Pure: same inputs, same decision.

Asks no capability matrix: a route is taken when its adapter can say the request (``attempt``), and passed over with
the adapter's own reasons when it cannot. Names no channel and no payer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from gateway.contract.destination import Benefit, Mode
from gateway.contract.errors import CannotExpress
from gateway.model.faults import Fault
from gateway.model.request import Line, PARequest
from gateway.model.sent import field, listed, word
from gateway.profiles.library import Library
from gateway.profiles.payer import PayerProfile, Route
from gateway.routing.benefit import side
from gateway.routing.decision import Decision, Plan, Rule, Tried, Unrouted, Verdict, Why

__all__ = ["Decision", "Plan", "UnknownPayer", "choose", "payer_fault", "unsayable"]

_BENEFITS: tuple[Benefit, ...] = ("medical", "pharmacy")
_LINE = re.compile(r"/lines/([0-9]{1,4})(?![^/])")
_PAYER = "/coverages/0/payer"
_NAMED = 10
_TOLD = 3
"""Reasons against a route that are told with lines that go nowhere; the decision holds all."""
_LONGEST = 60
"""Letters of an unknown id that are compared with those that exist: raw input may be of any length."""


class UnknownPayer(Exception):
    """No profile describes the payer of the first coverage. ``fault`` tells which ids there are in this mode."""

    def __init__(self, fault: Fault) -> None:
        super().__init__("no profile of this payer")
        self.fault = fault


@dataclass(frozen=True)
class _Case:
    """What the conditions of routes look at."""

    request: PARequest
    mode: Mode
    on: date
    library: Library
    payer: PayerProfile


def choose(request: PARequest, mode: Mode, on: date, library: Library, attempt: Callable[[Plan], None]) -> Decision:
    """Where the lines of a request go on a day, asking the payer of its first coverage.

    ``attempt`` encodes a plan and raises CannotExpress where its channel cannot say it. Raises UnknownPayer.
    """
    case = _Case(request, mode, on, library, _find(request.coverages[0].payer, library, mode))
    sides = tuple(side(request, place) for place in range(len(request.lines)))
    plans: list[Plan] = []
    tried: list[Tried] = []
    unrouted = [Unrouted(line_ids=(s.line_id,), benefit=None, why=s.why) for s in sides if s.benefit is None]
    for benefit in _BENEFITS:
        chosen = {s.line_id for s in sides if s.benefit == benefit}
        left = [line for line in request.lines if line.id in chosen]
        for route in sorted(case.payer.routes, key=lambda route: route.priority) if left else ():
            looked, plan = _look(case, route, benefit, left, attempt)
            tried.append(looked)
            if plan is not None:
                plans.append(plan)
                left = [line for line in left if line.id not in plan.line_ids]
        if left:
            unrouted.append(_unrouted(benefit, left, tried))
    return Decision(sides=sides, plans=tuple(plans), tried=tuple(tried), unrouted=tuple(unrouted))


def unsayable(decision: Decision) -> tuple[Why, ...]:
    """What is against a request of which no channel can say anything; nothing where some of it goes somewhere, or
    where something else is in the way too."""
    reasons = [why for looked in decision.tried for why in looked.reasons if looked.verdict is Verdict.CANNOT_EXPRESS]
    cannot = {line for looked in decision.tried if looked.verdict is Verdict.CANNOT_EXPRESS for line in looked.line_ids}
    whole = not decision.plans and cannot == {side.line_id for side in decision.sides}
    return tuple(dict.fromkeys(reasons)) if whole else ()


def payer_fault(sent: Any, library: Library, mode: Mode) -> Fault | None:
    """The fault of a request that names no payer we know, or one that has no connection in this mode at all. The
    request may be as it was sent: it may have any other fault, and nothing of it is believed unseen."""
    asked = word(field(next(iter(listed(sent, "coverages")), None), "payer"))
    if asked is None:
        return None
    try:
        payer = _find(asked, library, mode)
    except UnknownPayer as error:
        return error.fault
    if any(library.connection(route.connection).mode is mode for route in payer.routes):
        return None
    return Fault(
        pointer=_PAYER,
        code="no_connection",
        message=f"This payer has no {mode} connection, and the API key is a {mode} key.",
        fix=_FIXES[Rule.MODE],
    )


def _find(asked: str, library: Library, mode: Mode) -> PayerProfile:
    try:
        return library.payer(asked)
    except KeyError:
        pass
    known = [payer.payer for payer in library.reached(mode)]
    named = known if len(known) <= _NAMED else get_close_matches(asked[:_LONGEST], known, n=_NAMED, cutoff=0.3)
    fix = f"Send one of: {', '.join(named)}." if named else "Send an id that GET /v1/payers lists."
    raise UnknownPayer(Fault(pointer=_PAYER, code="unknown_payer", message="There is no such payer.", fix=fix))


def _look(
    case: _Case, route: Route, benefit: Benefit, left: Sequence[Line], attempt: Callable[[Plan], None]
) -> tuple[Tried, Plan | None]:
    """What became of one route: what the journal keeps of it, and the plan if it was taken."""
    connection = case.library.connection(route.connection)
    lines = [line for line in left if route.roles is None or line.role in route.roles]

    def told(verdict: Verdict, of: Iterable[Line], reasons: Iterable[Why]) -> Tried:
        return Tried(
            connection=connection.connection,
            benefit=benefit,
            verdict=verdict,
            line_ids=tuple(line.id for line in of),
            reasons=tuple(reasons),
        )

    against = _against(case, route, benefit, connection.mode, left, lines)
    if against:
        return told(Verdict.SKIPPED, left, against), None
    plan = Plan(
        payer=case.payer.payer,
        connection=connection.connection,
        channel=connection.channel,
        benefit=benefit,
        line_ids=tuple(line.id for line in lines),
    )
    try:
        attempt(plan)
    except CannotExpress as error:
        reasons = [
            Why(
                rule=Rule.CANNOT_EXPRESS,
                says=item.why,
                fix=item.fix,
                pointer=_in_request(item.pointer, lines, case.request),
            )
            for item in error.items
        ]
        return told(Verdict.CANNOT_EXPRESS, lines, reasons), None
    return told(Verdict.CHOSEN, lines, [Why(rule=Rule.TAKEN, says="The channel can say it.")]), plan


def _in_request(at: str, lines: Sequence[Line], request: PARequest) -> str:
    """A pointer into what was asked of an adapter, which are these lines only, as one into the whole request."""
    found = _LINE.match(at)
    if found is None or int(found[1]) >= len(lines):
        return at
    return f"/lines/{request.lines.index(lines[int(found[1])])}{at[found.end() :]}"


def _against(
    case: _Case, route: Route, benefit: Benefit, mode: Mode, left: Sequence[Line], lines: Sequence[Line]
) -> list[Why]:
    """Everything that speaks against a route for these lines, before its adapter is asked."""
    business = case.request.coverages[0].line_of_business
    found: list[Why] = []
    if mode is not case.mode:
        says = f"It is a {mode} connection and the request is a {case.mode} one."
        found.append(Why(rule=Rule.MODE, says=says))
    if not case.payer.effective.holds(case.on):
        found.append(Why(rule=Rule.PAYER_DATES, says="The payer's profile does not hold on this day."))
    if business not in case.payer.lines_of_business:
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
    if benefit not in route.benefits:
        found.append(Why(rule=Rule.BENEFIT, says=f"The route does not carry the {benefit} benefit."))
    if route.lines_of_business is not None and business not in route.lines_of_business:
        found.append(Why(rule=Rule.LINE_OF_BUSINESS, says="The route is for other lines of business."))
    if not left:
        found.append(Why(rule=Rule.NOTHING_LEFT, says="Routes before it took every line."))
    elif not lines:
        found.append(Why(rule=Rule.ROLE, says="The route is for lines of other roles."))
    return found


_FIXES = {
    Rule.MODE: "Use an API key of the other mode, or add a route of this mode to the payer's profile.",
    Rule.PAYER_DATES: "Bring the payer's profile up to date.",
    Rule.PAYER_LINE_OF_BUSINESS: "Compare the coverage's line of business and payer with the card.",
    Rule.DATES: "Bring the dates of the payer's routes up to date.",
    Rule.LINE_OF_BUSINESS: "Compare the coverage's line of business with the card.",
    Rule.ROLE: "Add a route for these roles to the payer's profile.",
}


def _unrouted(benefit: Benefit, left: Sequence[Line], tried: Sequence[Tried]) -> Unrouted:
    """Says what to do, after the route that came nearest: the one with the fewest reasons against it."""
    ids = tuple(line.id for line in left)
    looked = [route for route in tried if route.benefit == benefit and set(ids) & set(route.line_ids)]
    carrying = [route for route in looked if all(why.rule is not Rule.BENEFIT for why in route.reasons)]
    if not carrying:
        fix = (
            "File it with the pharmacy manager on the card, or send benefit medical if the practice buys and gives it."
            if benefit == "pharmacy"
            else "Add a route for this benefit to the payer's profile."
        )
        says = f"No route of this payer carries the {benefit} benefit."
        return Unrouted(line_ids=ids, benefit=benefit, why=Why(rule=Rule.NO_ROUTE, says=says, fix=fix))
    nearest = min(carrying, key=lambda route: (route.verdict is not Verdict.CANNOT_EXPRESS, len(route.reasons)))
    told = list(nearest.reasons[:_TOLD])
    against = " ".join(_placed(why, why.says) for why in told)
    fixes = [_placed(why, remedy) for why in told if (remedy := why.fix or _FIXES.get(why.rule))]
    return Unrouted(
        line_ids=ids,
        benefit=benefit,
        why=Why(
            rule=Rule.NO_ROUTE,
            says=f"No route takes these lines; {nearest.connection} came nearest. {against}",
            fix=" ".join(dict.fromkeys(fixes)) or "See the reasons of each route tried.",
            pointer=told[0].pointer,
        ),
    )


def _placed(why: Why, text: str) -> str:
    """A sentence, with the field of the request that it is about."""
    return f"At {why.pointer}: {_sentence(text)}" if why.pointer else _sentence(text)


def _sentence(text: str) -> str:
    """As adapters write their words, some with and some without a full stop."""
    return text[:1].upper() + text[1:].rstrip(".") + "."
