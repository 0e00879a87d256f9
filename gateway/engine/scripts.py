"""Which conversation an attempt is: finds route, adapter and destination, draws stamps, begins exchanges.

Nothing is sent and nothing is written here. What an attempt's bytes are follows from its request and its stamp alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from gateway.contract.adapter import Adapter, Answers, Change, Exchange, Filed, Repeater, Stamp
from gateway.contract.destination import Destination
from gateway.contract.frames import Frame
from gateway.contract.mailbox import Correspondent, Saying
from gateway.engine import agenda, documents
from gateway.engine.appeals import announced, answered_under, worded
from gateway.engine.attempts import doubted
from gateway.engine.attention import NO_PROFILE
from gateway.engine.wanted import root_of
from gateway.engine.wording import asked_of, worded_as
from gateway.model.outcome import RequestedItem
from gateway.model.request import PARequest
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.library import Library
from gateway.routing import products
from gateway.routing.decision import Decision, Plan, Rule, Unrouted, Why
from gateway.routing.plan import UnknownPayer, choose
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Attempt, Case, Submission, Verb, Worded, Work


@dataclass(frozen=True)
class Opening:
    """An attempt whose exchange has said its first frame and waits for the reply."""

    attempt: Attempt
    exchange: Exchange
    frame: Frame


@dataclass(frozen=True)
class Departure:
    """A fresh case, routed: its submissions, and how the first of them begins. None where no route was found."""

    decision: Decision
    submissions: tuple[Submission, ...]
    opening: Opening | None


class Scripts:
    """The adapters' scripts. ``clock`` gives the time in UTC."""

    def __init__(
        self,
        library: Library,
        adapters: Mapping[str, Adapter],
        numbers: ControlNumbers,
        clock: Callable[[], datetime],
    ) -> None:
        self._library = library
        self._adapters = adapters
        self._numbers = numbers
        self._clock = clock

    async def set_out(self, case: Case) -> Departure:
        """Where a fresh case goes, and why.

        Routing asks adapters to encode; the exchange by which it asked for the first submission is the one that goes
        on, so that nothing is encoded twice.
        """
        now = self._clock()
        said: dict[Plan, tuple[Stamp, Exchange, Frame]] = {}

        def attempt(plan: Plan) -> None:
            to = self._destination(case, plan, now.date())
            adapter = self._adapters[plan.channel]
            number = self._numbers.take_held(*adapter.parties(to))
            stamp = _stamp(now, number or 1)
            asked = products.asked_of(case.request, plan.line_ids, plan.channel, self._library)
            exchange = adapter.submit(asked, to, stamp)
            frame = next(exchange)
            if number is None:
                exchange.close()  # a trial: the number was not ours to use
            else:
                said[plan] = stamp, exchange, frame

        try:
            decision = choose(case.request, case.mode, on=now.date(), library=self._library, attempt=attempt)
        except UnknownPayer as error:
            # The API refuses such a request; this one's payer lost its profile after it was accepted.
            return Departure(_nowhere(case.request, error), (), None)
        submissions = tuple(planned(plan, place) for place, plan in enumerate(decision.plans, start=1))
        if not submissions:
            return Departure(decision, submissions, None)
        first = said.pop(decision.plans[0], None)
        for _, exchange, _ in said.values():
            exchange.close()
        if first is None:
            new = await self.plan(case, submissions[0], Verb.SUBMIT)
            return Departure(decision, submissions, self.open(case, submissions[0], new, None))
        stamp, exchange, frame = first
        work = worded_as(case, submissions[0], self._library)
        opening = Opening(_attempt(submissions[0], Verb.SUBMIT, stamp, work), exchange, frame)
        return Departure(decision, submissions, opening)

    def open(self, case: Case, submission: Submission, attempt: Attempt, standing: Standing | None) -> Opening:
        """Begin an attempt. ``standing`` is the submission's; submitting needs none. Raises CannotExpress."""
        exchange = self.exchange(case, submission, attempt, standing)
        return Opening(attempt, exchange, next(exchange))

    def exchange(
        self,
        case: Case,
        submission: Submission,
        attempt: Attempt,
        standing: Standing | None,
        asked: bytes | None = None,
    ) -> Exchange:
        """The attempt's conversation with its payer, not begun. ``asked`` is its document with questions."""
        to = self._destination(case, submission, _day_of(submission, attempt.verb, attempt.stamp.at))
        adapter = self._adapters[submission.channel]
        stamp = attempt.stamp.model_copy(update={"again": attempt.sent_at is not None, "doubted": doubted(attempt)})
        if attempt.verb is Verb.SUBMIT or standing is None:
            return adapter.submit(asked_of(case, submission, self._library, attempt), to, stamp)
        filed = self._filed(case, submission, attempt, standing, asked)
        match attempt.work:
            case Change():
                return adapter.amend(filed, worded(filed.request, attempt.work), to, stamp)
            case Answers():
                return adapter.answer(filed, attempt.work, to, stamp)
            case _:
                return adapter.inquire(filed, to, stamp)

    def _filed(
        self, case: Case, submission: Submission, attempt: Attempt, standing: Standing, asked: bytes | None = None
    ) -> Filed:
        """What an attempt is about. To a channel that announces documents an appeal is a filing of its own."""
        filing = attempt if attempt.verb is Verb.SUBMIT else submission.filing or attempt
        request, stamp = asked_of(case, submission, self._library, filing), filing.stamp
        if appealed := answered_under(submission, attempt):
            appeal = worded(request, appealed[1]).request or request
            if self.announces(submission):
                request, stamp = appeal, appealed[0].stamp
            else:
                request = request.model_copy(update={"urgency": appeal.urgency})
        return Filed(
            request=request,
            stamp=stamp,
            references=standing.references,
            requested=standing.requested,
            asked=asked,
        )

    def saying(
        self, case: Case, submission: Submission, attempt: Attempt, standing: Standing
    ) -> tuple[Saying, Destination]:
        """What an attempt said, and to whom, for whoever reads what came since."""
        filed, work = self._filed(case, submission, attempt, standing), attempt.work
        if isinstance(work, Change):
            work = worded(filed.request, work)
        said = None if isinstance(work, Worded) else work
        return Saying(filed, attempt.stamp, said), self.destination(case, submission, attempt)

    def destination(self, case: Case, submission: Submission, attempt: Attempt) -> Destination:
        """To whom an attempt said what it said, by the profile of its own day."""
        return self._destination(case, submission, attempt.stamp.at.date())

    def correspondent(self, submission: Submission) -> Correspondent | None:
        """The adapter that reads what comes by itself, for a connection over which something may."""
        if self._library.connection(submission.connection).look_seconds is None:
            return None
        adapter = self._adapters[submission.channel]
        return adapter if isinstance(adapter, Correspondent) else None

    def can_ask(self, case: Case, submission: Submission) -> bool:
        """False for a payer that, once it has acknowledged a filing, is not asked and only heard."""
        if self.hindrance(case, submission):
            return True
        correspondent = self.correspondent(submission)
        to = self._library.destination(submission.payer, submission.connection)
        return correspondent is None or correspondent.answers_inquiries(to)

    def repeats(self, case: Case, submission: Submission) -> bool:
        """True where what was lost is said again byte for byte, and nobody is asked."""
        adapter = self._adapters.get(submission.channel)
        if not isinstance(adapter, Repeater) or self.hindrance(case, submission):
            return False
        return adapter.repeats(self._library.destination(submission.payer, submission.connection))

    def announces(self, submission: Submission) -> bool:
        """False for a channel whose filings announce no document, so that none follows by itself."""
        adapter = self._adapters.get(submission.channel)
        return adapter is None or adapter.announces

    def is_site(self, submission: Submission) -> bool:
        """True for a web site that a browser drives."""
        try:
            return self._library.connection(submission.connection).browser is not None
        except KeyError:
            return False

    def hindrance(self, case: Case, submission: Submission) -> str | None:
        """Why nothing can be said of a submission with the profiles that this process has; None where something can."""
        found = self._library.missing(submission.payer, submission.connection, submission.channel, case.mode)
        if found is None:
            return None
        until = "it says so" if found.where == "terms" else "the profile is as it was"
        return (
            f"{NO_PROFILE}: {found.says}. Until {until} and the gateway was started with it, nothing is sent and the "
            "payer is not asked; then it goes on by itself"
        )

    async def choose(
        self, case: Case, submission: Submission, todo: agenda.Next, asked: tuple[RequestedItem, ...] = ()
    ) -> Attempt | None:
        """The attempt by which to do what is next; None where nothing is to be said. ``asked`` is what is wanting
        of the documents that the payer asks for, where documents are next."""
        match todo:
            case agenda.Speak(attempt):
                return attempt
            case agenda.Plan(again=Attempt() as earlier):
                return await self.repeat(case, submission, earlier)
            case agenda.Plan(verb):
                work = None
                if verb is Verb.ANSWER:
                    work = documents.following(submission, announced(case.request, submission), asked)
                return await self.plan(case, submission, verb, work)
        return None

    async def plan(self, case: Case, submission: Submission, verb: Verb, work: Work | None = None) -> Attempt:
        """A new attempt, with a stamp of its own. One to file anew goes the way of the one before, in its words."""
        now = self._clock()
        earlier = submission.filing.work if submission.filing is not None else None
        if verb is Verb.SUBMIT and work is None and earlier is not None:
            work = earlier
        elif verb is Verb.SUBMIT:
            work = worded_as(case, submission, self._library, work if isinstance(work, Worded) else None)
        to = self._destination(case, submission, _day_of(submission, verb, now))
        sender, receiver = self._adapters[submission.channel].parties(to)
        stamp = _stamp(now, await self._numbers.take(sender, receiver))
        return _attempt(submission, verb, stamp, work)

    async def repeat(self, case: Case, submission: Submission, earlier: Attempt) -> Attempt:
        """A new attempt to say what an earlier one said, under a number of its own."""
        new = await self.plan(case, submission, earlier.verb, earlier.work)
        return replace(new, repeats=root_of(earlier))

    def _destination(self, case: Case, way: Plan | Submission, on: date) -> Destination:
        business = case.request.coverages[0].line_of_business
        return self._library.destination(way.payer, way.connection, business, on)


def _day_of(submission: Submission, verb: Verb, at: datetime) -> date:
    """The day whose profile an attempt stamped at that time is said with: the stamp's, so that the same bytes come out
    on any later day. But a filing that may have arrived is asked about with the profile of its own day: under other
    ids the payer would truly not find it, and it would be filed twice."""
    filing = submission.filing
    in_doubt = verb is Verb.INQUIRE and filing is not None and filing.delivery is Delivery.LOST
    return (filing.stamp.at if in_doubt and filing else at).date()


def _nowhere(request: PARequest, error: UnknownPayer) -> Decision:
    why = Why(rule=Rule.NO_ROUTE, says=error.fault.message, fix=error.fault.fix, pointer=error.fault.pointer)
    lines = tuple(line.id for line in request.lines)
    return Decision(sides=(), plans=(), tried=(), unrouted=(Unrouted(line_ids=lines, benefit=None, why=why),))


def _stamp(now: datetime, number: int) -> Stamp:
    return Stamp(at=now, number=number, seed=secrets.token_hex(16))


def _attempt(submission: Submission, verb: Verb, stamp: Stamp, work: Work | None = None) -> Attempt:
    return Attempt(
        id=uuid4(),
        submission_id=submission.id,
        verb=verb,
        stamp=stamp,
        delivery=Delivery.PLANNED,
        planned_at=stamp.at,
        work=work,
    )


def planned(plan: Plan, place: int) -> Submission:
    return Submission(
        id=uuid4(),
        place=place,
        payer=plan.payer,
        connection=plan.connection,
        channel=plan.channel,
        benefit=plan.benefit,
        line_ids=plan.line_ids,
        recommends=plan.recommends,
        status=CaseStatus.QUEUED,
        attention=Attention.GATEWAY,
    )
