"""The way on where a payer closes a case because somebody else, or another channel, has to be asked.

It is gone by itself where nothing is left to guess: the directory has one row for the card that is named, or the payer
has another channel; one route of it can say the lines, nobody was asked that way before, and nothing else of the
closed submission is under way; and nothing speaks against it: no doubt that an operator must settle, no later word of
that payer's, no wish to cancel. Else a person is told, as the payer's words have it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.contract.adapter import Adapter, Stamp
from gateway.contract.drive import first_frame
from gateway.engine.handing import PAYER
from gateway.engine.recording import stand
from gateway.engine.scripts import Scripts, planned
from gateway.engine.wanted import is_cancellation
from gateway.engine.whole import events_of, handed_on, together
from gateway.engine.wording import carded, narrow, with_card
from gateway.model.order import in_order
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import NextAction, Word
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.library import Library
from gateway.routing import card, products
from gateway.routing.asked import Going
from gateway.routing.decision import Decision, Plan, Rule, Why
from gateway.routing.plan import UnknownPayer, choose
from gateway.routing.route import Before
from gateway.store.records import Case, Due, EntryKind, NewEntry, Rerouted, Step, Submission, Verb

NOTE = "rerouted"
"""What the journal calls it when a submission is made in the place of another."""

_CARD_CODES = {"bin/pcn/group": 3, "bin/pcn/group/cardholder": 4}
"""How a payer names a card, and in how many parts."""
_MOST_WAYS = 3
"""Payers that one line is brought to under one benefit; then a person looks."""
_SPEAKS = frozenset(
    {Answer.REVIEWED, Answer.CLOSED, Answer.CANCELLED, Answer.DUPLICATE, Answer.RESCINDED, Answer.UNMAPPED}
)
"""Answers on what was asked for, or nobody knows on what."""
_ENDED = frozenset({Delivery.APP_ACKED, Delivery.RECONCILED, Delivery.REFUSED})


@dataclass(frozen=True)
class Detour:
    """Submissions in the place of a closed one, with their filings planned. There are several where whoever is asked
    takes the lines in several requests."""

    submissions: tuple[Submission, ...]
    plans: tuple[Plan, ...]
    decision: Decision
    because: str


@dataclass(frozen=True)
class Blocked:
    """Why a person must go on."""

    why: str


class _NotByItself(Exception):
    """Raised with the reason for which a person must go on."""


class Detours:
    """``clock`` gives the time in UTC."""

    def __init__(
        self, library: Library, adapters: Mapping[str, Adapter], scripts: Scripts, clock: Callable[[], datetime]
    ) -> None:
        self._library = library
        self._adapters = adapters
        self._scripts = scripts
        self._clock = clock

    async def find(
        self, case: Case, closed: Submission, outcome: Outcome, heard: Sequence[Heard]
    ) -> Detour | Blocked | None:
        """Where a submission goes on that this outcome closed; None where that asks for no other way. ``heard`` is all
        that its payer has said, with this."""
        asks = any(item.action is NextAction.REROUTE for item in outcome.follow_up)
        if not asks or outcome.answer is not Answer.CLOSED or closed.status is not CaseStatus.CLOSED_BY_PAYER:
            return None
        if closed.id in handed_on(case.submissions):
            return None
        try:
            if Attention.OPERATOR in (outcome.attention, closed.attention):
                raise _NotByItself("an operator must look first whether it is closed, and for this patient")
            if _latest(heard) != outcome.digest():
                raise _NotByItself("it is not the last word of this payer")
            return await self._find(case, closed, outcome)
        except _NotByItself as why:
            return Blocked(str(why))

    async def _find(self, case: Case, closed: Submission, outcome: Outcome) -> Detour:
        before = self._check(case, closed)
        words = {reason.word for reason in outcome.reasons}
        going = None
        if (vendor := _handed_to(outcome)) is not None:
            because, work = "the payer says that another one decides it", Rerouted(instead_of=closed.id)
            asked, expected = case.request, vendor
            if vendor in [coverage.payer for coverage in asked.coverages]:
                raise _NotByItself("a coverage of the request is of the payer that is named")
            says = f"{closed.payer} says that {vendor} decides it, by its profile."
            going = Going(closed.benefit, Why(rule=Rule.HANDED_ON, says=says), vendor)
        elif words == {Word.WRONG_PAYER_OR_DELEGATE}:
            because, work = "another processor has to be asked, and the payer named it", _named(outcome, closed.id)
            asked = with_card(case.request, work)
            expected = self._managed_by(asked)
            first, *others = (coverage.payer for coverage in asked.coverages)
            if expected in others:
                raise _NotByItself("another coverage of the request is of the processor that is named")
            if closed.payer != first and closed.payer in others:
                raise _NotByItself(
                    "it was asked by another coverage than the first: the card named is no other of that"
                )
        elif words == {Word.CHANNEL_NOT_SUPPORTED}:
            because, work = "the payer wants it asked over another channel", Rerouted(instead_of=closed.id)
            if earlier := closed.rerouted:
                work = earlier.model_copy(update={"instead_of": closed.id})
            asked, expected = carded(case, closed), closed.payer
            before |= self._of_channel(closed)
        else:
            raise _NotByItself("the payer closed it for reasons that call for more than another way")
        plans, decision = self._route(case, closed, asked, expected, before, going)
        made: list[Submission] = []
        for place, plan in enumerate(plans, start=max(held.place for held in case.submissions) + 1):
            new = planned(plan, place)
            filing = await self._scripts.plan(case, new, Verb.SUBMIT, work)
            # Its timer rings at once: the sweep finds it, whoever dies meanwhile.
            made.append(replace(new, attempts=(filing,), due_at=filing.planned_at, due_for=Due.RETRY))
        return Detour(tuple(made), plans, decision, because)

    def _check(self, case: Case, closed: Submission) -> frozenset[Before]:
        """The ways that were gone with these lines."""
        if self._library.payer(closed.payer).reroute == "person":
            raise _NotByItself("the profile of the payer that closed it leaves it to a person")
        said = (attempt for held in case.submissions for attempt in held.attempts)
        if any(map(is_cancellation, said)) or any(held.status is CaseStatus.CANCELLED for held in case.submissions):
            raise _NotByItself("the practice wanted it cancelled, or a part of it is")
        if any(attempt.verb is not Verb.INQUIRE and attempt.delivery not in _ENDED for attempt in closed.attempts):
            raise _NotByItself("something that was said of it is under way still")
        alike = [
            held
            for held in case.submissions
            if held.benefit == closed.benefit and set(held.line_ids) & set(closed.line_ids)
        ]
        if len(alike) >= _MOST_WAYS:
            raise _NotByItself(f"it was brought to {len(alike)} payers already")
        return frozenset((held.payer, held.connection, held.benefit) for held in alike)

    def _managed_by(self, asked: PARequest) -> str:
        reading = card.read(asked.coverages[0].pharmacy, self._library.reference, self._clock().date())
        if reading.against is not None:
            raise _NotByItself(reading.against.says)
        if reading.row is None:
            raise _NotByItself("the directory has no row for the processor that is named")
        return reading.row.row.payer

    def _of_channel(self, closed: Submission) -> frozenset[Before]:
        routes = self._library.payer(closed.payer).routes
        alike = (one for one in routes if self._library.connection(one.connection).channel == closed.channel)
        return frozenset((closed.payer, route.connection, closed.benefit) for route in alike)

    def _route(
        self,
        case: Case,
        closed: Submission,
        request: PARequest,
        payer: str,
        without: frozenset[Before],
        going: Going | None,
    ) -> tuple[tuple[Plan, ...], Decision]:
        """The plans for all its lines over one route, by the rules of a fresh request."""
        now = self._clock()

        def attempt(plan: Plan) -> None:
            business = request.coverages[0].line_of_business
            to = self._library.destination(plan.payer, plan.connection, business, now.date())
            stamp = Stamp(at=now, number=1, seed=secrets.token_hex(16))
            asked = products.asked_of(request, plan.line_ids, plan.channel, self._library)
            first_frame(self._adapters[plan.channel].submit(asked, to, stamp))

        try:
            decision = choose(
                narrow(request, closed.line_ids),
                case.mode,
                on=now.date(),
                library=self._library,
                attempt=attempt,
                without=without,
                going=going,
            )
        except UnknownPayer:
            raise _NotByItself("the payer of the coverage has no profile any more") from None
        plans = tuple(plan for plan in decision.plans if plan.benefit == closed.benefit)
        going_on = {line for plan in plans for line in plan.line_ids}
        if len({(plan.payer, plan.connection) for plan in plans}) != 1 or going_on != set(closed.line_ids):
            told = " ".join(gap.why.says for gap in decision.unrouted)
            raise _NotByItself(told or "it would go several ways")
        if plans[0].payer != payer:
            raise _NotByItself("the rules lead to somebody else than is named")
        return plans, decision


def _latest(heard: Sequence[Heard]) -> bytes | None:
    """The digest of the last word of a payer, by its own time of it, on what was asked for."""
    told = [one for one in in_order(heard) if one.heard.outcome.answer in _SPEAKS or _refuses(one.heard)]
    return told[-1].digest if told else None


def _refuses(item: Heard) -> bool:
    return item.outcome.answer is Answer.REJECTED and item.on_filing


def _handed_to(outcome: Outcome) -> str | None:
    """The payer of the library to whom this one hands on."""
    named = {item.code for item in outcome.follow_up if item.code_system == PAYER}
    return named.pop() if len(named) == 1 else None


def _named(outcome: Outcome, closed: UUID) -> Rerouted:
    """The card that the payer names, with the patient's number on it where it says that too: one card, and whole enough
    to be looked up."""
    codes = {item.code for item in outcome.follow_up if item.action is NextAction.REROUTE and item.code is not None}
    systems = {item.code_system for item in outcome.follow_up if item.action is NextAction.REROUTE}
    parts = _CARD_CODES.get(systems.pop() or "") if len(systems) == 1 else None
    if len(codes) != 1 or parts is None:
        raise _NotByItself("the payer does not name one processor")
    said = codes.pop().split("/")
    number, control, group, member_id = (part or None for part in (*said, "", "", "", "")[:4])
    try:
        if len(said) != parts:
            raise ValueError
        named = {"bin": number, "pcn": control, "group": group}
        return Rerouted.model_validate({"instead_of": closed, "card": named, "member_id": member_id})
    except ValueError:
        raise _NotByItself("what the payer names is no BIN, PCN and group as cards have them") from None


def gone(
    case: Case, step: Step, closed: Submission, others: Sequence[Standing], found: Detour | Blocked
) -> tuple[Step, Submission]:
    """The step that records a closure, with the way on, or with why a person must find it."""
    if isinstance(found, Blocked):
        left = _entry({"note": f"not_{NOTE}", "why": found.why}, closed)
        return replace(step, entries=(*step.entries, left)), closed
    closed = replace(closed, attention=Attention.NONE, attention_why=None, due_at=None, due_for=None)
    rest = iter(others)
    over = Standing(status=CaseStatus.CLOSED_BY_PAYER, lines={})
    standings = [over if held.id == closed.id else next(rest) for held in case.submissions]
    fresh = [replace(stand(new, ()), attention=new.attention) for new in found.submissions]
    whole = together(case, (*case.submissions, *found.submissions), (*standings, *fresh))
    notes = [
        {
            "note": NOTE,
            "because": found.because,
            "instead_of": str(closed.id),
            "submission": str(new.id),
            "plan": plan.model_dump(mode="json"),
            "decision": found.decision.model_dump(mode="json"),
        }
        for new, plan in zip(found.submissions, found.plans, strict=True)
    ]
    return (
        replace(
            step,
            submissions=(closed, *found.submissions),
            attempts=(*step.attempts, *(attempt for new in found.submissions for attempt in new.attempts)),
            entries=(*step.entries, *map(_entry, notes, found.submissions)),
            standing=whole,
            events=events_of(case, whole),
        ),
        closed,
    )


def _entry(note: Mapping[str, object], submission: Submission) -> NewEntry:
    return NewEntry(EntryKind.NOTE, json.dumps(note).encode(), submission.id, meta={"note": note["note"]})
