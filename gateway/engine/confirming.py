"""A delegate's yes that is a recommendation: the payer's own authorization is asked for, naming its determination code.

What the delegate granted is read as recommended (``gateway.model.recommendation``). Once nothing of what it was asked
is open, the lines that it recommends go to the payer itself by the rules of a fresh request, with the code as the
number of an earlier review. Where they cannot, a person is told. The payer's answer decides.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from gateway.contract.adapter import Adapter, Stamp
from gateway.contract.drive import first_frame
from gateway.engine.outstanding import taken_up
from gateway.engine.recording import stand
from gateway.engine.scripts import Scripts, planned
from gateway.engine.whole import events_of, together
from gateway.engine.wording import narrow, with_code
from gateway.model.outcome import ReferenceKind
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.profiles.library import Library
from gateway.routing import products
from gateway.routing.decision import Decision, Plan, Result, Rule, Why
from gateway.routing.decision import Step as RoutingStep
from gateway.routing.plan import UnknownPayer, choose
from gateway.store.records import Case, Confirming, Due, EntryKind, NewEntry, Step, Submission, Verb

NOTE = "confirming"
"""What the journal calls it when the payer itself is asked for what a delegate recommended."""

_WHY = Why(
    rule=Rule.RECOMMENDED,
    says="A delegate of the payer recommended it; the payer's own authorization is outstanding.",
)


@dataclass(frozen=True)
class Confirmation:
    """The submissions by which the payer itself is asked, with their filings planned."""

    submissions: tuple[Submission, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class Unconfirmed:
    """Why a person must ask the payer."""

    why: str


class Confirmer:
    """``clock`` gives the time in UTC."""

    def __init__(
        self, library: Library, adapters: Mapping[str, Adapter], scripts: Scripts, clock: Callable[[], datetime]
    ) -> None:
        self._library = library
        self._adapters = adapters
        self._scripts = scripts
        self._clock = clock

    async def find(self, case: Case, delegate: Submission, heard: Sequence[Heard]) -> Confirmation | Unconfirmed | None:
        """How the payer is asked for what this delegate recommends; None where it does not yet, or was asked before.
        ``heard`` is all that the delegate has said."""
        ready = delegate.recommends and delegate.status is CaseStatus.RECOMMENDED and not delegate.cancelling
        if not ready or delegate.id in taken_up(case.submissions):
            return None
        by_code = _by_code(stand(delegate, heard))
        if by_code is None:
            return None
        made: list[Submission] = []
        decisions: list[Decision] = []
        for code, lines in by_code.items():
            try:
                work = Confirming(recommended_by=delegate.id, code=code)
            except ValidationError:
                return Unconfirmed(
                    "the delegate recommends it under a code that no payer can be told: read it to the payer"
                )
            request = with_code(narrow(case.request, lines), work.code)
            decision = self._route(case, delegate, request)
            if decision.unrouted:
                told = " ".join(gap.why.says for gap in decision.unrouted)
                return Unconfirmed(f"the delegate recommends it, and the payer itself cannot be asked: {told}")
            decisions.append(decision)
            place = max(held.place for held in (*case.submissions, *made))
            for number, plan in enumerate(decision.plans, start=place + 1):
                new = planned(plan, number)
                filing = await self._scripts.plan(case, new, Verb.SUBMIT, work)
                # Its timer rings at once: the sweep finds it, whoever dies meanwhile.
                made.append(replace(new, attempts=(filing,), due_at=filing.planned_at, due_for=Due.RETRY))
        return Confirmation(tuple(made), tuple(decisions))

    def _route(self, case: Case, delegate: Submission, request: PARequest) -> Decision:
        """To the payer of the coverage, for the lines state their benefit and no delegation is looked at then."""
        now = self._clock()
        lines = (line.model_copy(update={"benefit": delegate.benefit}) for line in request.lines)
        stated = request.model_copy(update={"lines": tuple(lines)})

        def attempt(plan: Plan) -> None:
            business = stated.coverages[0].line_of_business
            to = self._library.destination(plan.payer, plan.connection, business, now.date())
            stamp = Stamp(at=now, number=1, seed=secrets.token_hex(16))
            asked = products.asked_of(stated, plan.line_ids, plan.channel, self._library)
            first_frame(self._adapters[plan.channel].submit(asked, to, stamp))

        asked_before = frozenset({(delegate.payer, delegate.connection, delegate.benefit)})
        try:
            found = choose(stated, case.mode, now.date(), self._library, attempt, asked_before)
        except UnknownPayer as error:
            why = Why(rule=Rule.NO_ROUTE, says=error.fault.message, fix=error.fault.fix, pointer=error.fault.pointer)
            gap = {"line_ids": tuple(line.id for line in request.lines), "benefit": delegate.benefit, "why": why}
            return Decision.model_validate({"sides": (), "plans": (), "tried": (), "unrouted": (gap,)})
        step = RoutingStep(rule=_WHY.rule, result=Result.DECIDES, says=_WHY.says)
        kept = [Rule.CARD, Rule.PRODUCT]
        sides = tuple(
            side.model_copy(update={"why": _WHY, "steps": (step, *(one for one in side.steps if one.rule in kept))})
            for side in found.sides
        )
        return found.model_copy(update={"sides": sides})


def _by_code(standing: Standing) -> dict[str, tuple[str, ...]] | None:
    """The recommended lines by the code they were recommended under; None while one of them has none."""
    found: dict[str, list[str]] = {}
    codes = [one for one in standing.references if one.kind is ReferenceKind.DETERMINATION]
    for line, result in standing.lines.items():
        if result.outcome is LineOutcome.RECOMMENDED:
            own = [one for one in codes if one.line == line] or [one for one in codes if one.line is None]
            if not own:
                return None
            found.setdefault(own[-1].value, []).append(line)
    return {code: tuple(lines) for code, lines in found.items()}


def confirmed(
    case: Case, step: Step, delegate: Submission, others: Sequence[Standing], own: Standing, found: Confirmation
) -> tuple[Step, Submission]:
    """The step that records a recommendation, with the payer asked. ``own`` is where the delegate's submission stands,
    ``others`` where the case's others do."""
    delegate = replace(delegate, attention=Attention.NONE, attention_why=None, due_at=None, due_for=None)
    rest = iter(others)
    standings = [own if held.id == delegate.id else next(rest) for held in case.submissions]
    fresh = [replace(stand(new, ()), attention=new.attention) for new in found.submissions]
    submissions = [delegate if held.id == delegate.id else held for held in case.submissions]
    whole = together(case, (*submissions, *found.submissions), (*standings, *fresh))
    note = {
        "note": NOTE,
        "because": _WHY.says,
        "recommended_by": str(delegate.id),
        "submissions": [str(new.id) for new in found.submissions],
        "plans": [plan.model_dump(mode="json") for one in found.decisions for plan in one.plans],
        "decisions": [one.model_dump(mode="json") for one in found.decisions],
    }
    return (
        replace(
            step,
            submissions=(delegate, *found.submissions),
            attempts=(*step.attempts, *(filing for new in found.submissions for filing in new.attempts)),
            entries=(*step.entries, _entry(note, delegate)),
            standing=whole,
            events=events_of(case, whole),
        ),
        delegate,
    )


def unconfirmed(
    case: Case, step: Step, delegate: Submission, others: Sequence[Standing], own: Standing, found: Unconfirmed
) -> tuple[Step, Submission]:
    """The step that records a recommendation, with a person called to ask the payer."""
    who, why = Attention.PROVIDER, found.why
    delegate = replace(delegate, due_at=None, due_for=None, attention=who, attention_why=why)
    called = replace(own, attention=who, attention_why=why)
    rest = iter(others)
    standings = [called if held.id == delegate.id else next(rest) for held in case.submissions]
    whole = together(case, case.submissions, standings)
    left = _entry({"note": f"not_{NOTE}", "why": found.why}, delegate)
    return (
        replace(
            step,
            submissions=(delegate,),
            entries=(*step.entries, left),
            standing=whole,
            events=events_of(case, whole),
        ),
        delegate,
    )


def _entry(note: Mapping[str, object], submission: Submission) -> NewEntry:
    return NewEntry(EntryKind.NOTE, json.dumps(note).encode(), submission.id, meta={"note": note["note"]})
