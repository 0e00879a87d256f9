"""Chooses routes for the lines of a request, and explains itself. Pure: same inputs, same decision.

Asks no capability matrix: a route is taken when its adapter can say the request (``attempt``), and passed over with
the adapter's own reasons when it cannot. Names no channel and no payer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from gateway.profiles.payer import PayerProfile
from gateway.routing import card
from gateway.routing.asked import Asked, Going
from gateway.routing.benefit import sides
from gateway.routing.decision import (
    Decision,
    Plan,
    Result,
    Rule,
    Side,
    Split,
    Step,
    Tried,
    Unrouted,
    Verdict,
    Why,
)
from gateway.routing.doubles import ask_of_doubles
from gateway.routing.parting import ways_apart
from gateway.routing.products import tell_products
from gateway.routing.route import FIXES, Before, Case, Way, look, unrouted

__all__ = ["Decision", "Plan", "UnknownPayer", "choose", "payer_fault", "unsayable"]

_BENEFITS: tuple[Benefit, ...] = ("medical", "pharmacy")
_PAYER = "/coverages/0/payer"
_NAMED = 10
_LONGEST = 60
"""Letters of an unknown id that are compared with those that exist: raw input may be of any length."""


class UnknownPayer(Exception):
    """No profile describes the payer of the first coverage. ``fault`` tells which ids there are in this mode."""

    def __init__(self, fault: Fault) -> None:
        super().__init__("no profile of this payer")
        self.fault = fault


def choose(
    request: PARequest,
    mode: Mode,
    on: date,
    library: Library,
    attempt: Callable[[Plan], None],
    without: frozenset[Before] = frozenset(),
    going: Going | None = None,
) -> Decision:
    """Where the lines of a request go on a day, asking the payer of its first coverage, or whoever reviews or pays in
    its place. What a plan asks for, of products where its channel takes nothing else, is ``products.asked_of``.

    ``attempt`` encodes a plan and raises CannotExpress where its channel cannot say it; it is asked once for a plan. A
    line that its payer wants asked under both benefits goes under both or under none. Nothing goes a way that is in
    ``without``; where the card's own connection is, the manager's other routes are left. Where the payer has said who
    decides the lines (``going``), no rule is tried. Raises UnknownPayer.
    """
    payer = _find(request.coverages[0].payer, library, mode)
    case = Case(request, mode, on, library, payer, _once(attempt), without)
    ways, found = _ways(case, going)
    kept_back: dict[str, Why] = {}
    while True:
        decision = _go(case, ways, found, kept_back)
        halves = _halves(decision)
        if not halves:
            return tell_products(decision, request, library)
        kept_back |= halves


@dataclass(frozen=True)
class _Lot:
    """Lines that go the same way. ``against`` says why they go nowhere."""

    way: Way
    lines: tuple[str, ...]
    against: Why | None


def _ways(case: Case, going: Going | None) -> tuple[tuple[_Lot, ...], tuple[Side, ...]]:
    """The lots of a request's lines, those of its own payer first, and the lines' sides."""
    reading = card.read(case.request.coverages[0].pharmacy, case.library.reference, case.on)
    found: list[Side] = []
    lots: dict[tuple[Way, Why | None], list[str]] = {}
    lines = [
        Asked(case.request, place, case.payer, case.library.reference, case.on)
        for place in range(len(case.request.lines))
    ]
    for of_line in ask_of_doubles([(line, sides(line)) for line in lines]) if going is None else _given(lines, going):
        for side in of_line:
            payer, connection, against = side.payer, side.connection, None
            if side.benefit == "pharmacy" and payer is None and connection is None:
                against = reading.against
                if reading.row is not None:
                    payer, connection = reading.row.row.payer, reading.row.row.connection
                    if connection is not None and (payer, connection, side.benefit) in case.without:
                        connection = None
                side = side.model_copy(
                    update={"payer": payer, "connection": connection, "steps": (*side.steps, reading.step)}
                )
            found.append(side)
            if side.benefit is not None:
                to = case.payer if payer is None else case.library.payer(payer)
                way = Way(to, connection, side.benefit, side.recommends)
                lots.setdefault((way, against), []).append(side.line_id)
    ordered = sorted(lots, key=lambda lot: (_BENEFITS.index(lot[0].benefit), lot[0].payer is not case.payer))
    return tuple(_Lot(way, tuple(lots[way, against]), against) for way, against in ordered), tuple(found)


def _given(lines: Sequence[Asked], going: Going) -> Iterator[tuple[Side, ...]]:
    """The side that each line has because its payer said so."""
    for line in lines:
        step = Step(rule=going.why.rule, result=Result.DECIDES, says=going.why.says)
        yield (Side(line_id=line.line.id, benefit=going.benefit, why=going.why, payer=going.payer, steps=(step,)),)


def _go(case: Case, lots: tuple[_Lot, ...], found: tuple[Side, ...], kept_back: Mapping[str, Why]) -> Decision:
    plans: list[Plan] = []
    tried: list[Tried] = []
    splits: list[Split] = []
    left_over = [Unrouted(line_ids=(side.line_id,), benefit=None, why=side.why) for side in found if not side.benefit]
    left_over += [Unrouted(line_ids=(line,), benefit=None, why=why) for line, why in kept_back.items()]
    by_id = {line.id: line for line in case.request.lines}
    for lot in lots:
        left: list[Line] = [by_id[line] for line in lot.lines if line not in kept_back]
        looked: list[Tried] = []
        for route in lot.way.routes() if left and lot.against is None else ():
            found_there = look(case, lot.way, route, left)
            looked += found_there.tried
            plans += found_there.plans
            splits += found_there.splits
            going = {line for plan in found_there.plans for line in plan.line_ids}
            left = [line for line in left if line.id not in going]
        tried += looked
        if left:
            left_over.append(unrouted(case, lot.way, left, looked, lot.against))
    return Decision(
        sides=found,
        plans=tuple(plans),
        tried=tuple(tried),
        unrouted=tuple(left_over),
        splits=(*ways_apart(plans), *splits),
    )


def _halves(decision: Decision) -> dict[str, Why]:
    """Lines that go under one benefit where their payer wants both, with why the other half does not."""
    going = {line for plan in decision.plans for line in plan.line_ids}
    found: dict[str, Why] = {}
    for gap in decision.unrouted:
        for line in (line for line in gap.line_ids if line in going):
            says = f"Its payer wants it asked under both benefits, and one of them cannot be reached. {gap.why.says}"
            found[line] = gap.why.model_copy(update={"rule": Rule.ONE_WITHOUT_THE_OTHER, "says": says})
    return found


def _once(attempt: Callable[[Plan], None]) -> Callable[[Plan], None]:
    """The attempt, with each plan asked for once: to ask is to encode."""
    asked: dict[Plan, CannotExpress | None] = {}

    def ask(plan: Plan) -> None:
        if plan not in asked:
            try:
                attempt(plan)
            except CannotExpress as error:
                asked[plan] = error
            else:
                asked[plan] = None
        if (refusal := asked[plan]) is not None:
            raise refusal

    return ask


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
        fix=FIXES[Rule.MODE],
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
