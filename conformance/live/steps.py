"""A run against a payer, step by step: file, ask again, what must be refused, take back, and who may call at all.

Whatever happens on the way, what was filed is taken back before it ends. Files one request for each test member.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter

from conformance.live import core_answers, http_answers, review_answers, x12_answers
from conformance.live.credentials import credentials, old_tls
from conformance.live.documents import NoInterchange, read_document
from conformance.live.fixtures import Fixture, Fixtures
from conformance.live.guide import Guide
from conformance.live.heard import Look, hear, looked
from conformance.live.leave import Leave, Refused
from conformance.live.meaning import cancelled, expected, may_be_on_file, understood
from conformance.live.talk import Line, Said, Stamps, Talk
from conformance.live.trials import spoilt, trials
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.adapter import Adapter, Change, ChangeKind, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress, Inexpressible, NotSent
from gateway.contract.frames import Https
from gateway.model.outcome import Answer, Outcome
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

PATIENCE = 60.0
"""The longest that a filing is asked for again until it can be read, and a cancellation until it is confirmed."""
_BETWEEN = 1.0
_AND_MORE = 20.0
"""Seconds that an answer is waited for beyond those that it may take."""
_LATER = frozenset({Answer.RECEIVED, Answer.NOT_FOUND, Answer.UNAVAILABLE})
_GONE = frozenset({Answer.REJECTED, Answer.CLOSED})
"""What a filing comes to that was taken, and turned out to be nothing that a payer reviews."""
_LOOKS: dict[str, tuple[Look, ...]] = {
    "core_soap": (*core_answers.SOAP_LOOKS, *x12_answers.LOOKS),
    "core_mime": (*core_answers.MIME_LOOKS, *x12_answers.LOOKS),
    "rest_x12": x12_answers.LOOKS,
    "rest_review": review_answers.LOOKS,
}


@dataclass
class Case:
    """One request that is on file, or may be, under a name that the payer has. ``last`` is what it said of it last."""

    name: str
    to: Destination
    filed: Filed
    last: Outcome | None = None
    taken_back: bool = False


@dataclass
class Course:
    """One run. ``checks`` grows; ``cases`` are what may be on file, ``about`` what is asked for where a message must be
    refused: the first that was filed, else one that was not taken. ``longest`` is how many seconds an answer may take.
    """

    adapter: Adapter
    leave: Leave
    fixtures: Fixtures
    guide: Guide | None
    line: Line
    stamps: Stamps
    checks: list[Check] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    longest: float = http_answers.LONGEST
    about: Case | None = None

    async def walk(self, *, wrong_credentials: bool) -> None:
        """The whole of it. Raises Refused where something would have left that may not."""
        try:
            for number, fixture in enumerate(self.fixtures.requests, start=1):
                await self._file(f"member {number}", fixture)
            self.about = next(iter(self.cases), self.about)
            if self.about is not None:
                await self._must_refuse(self.about)
        finally:
            await self._take_back()
        self.checks += x12_answers.numbers(self.line.said, self.carrier)
        self.checks.append(await old_tls(self.line.link.endpoint))
        if self.about is None:
            return
        if wrong_credentials:
            with suppress(CannotExpress):
                async for check in credentials(self.line, self.carrier, self._password(), self._ask(self.about)()):
                    self.checks.append(check)
        else:
            why = "Left out by --no-wrong-credentials."
            self.checks += [Check(name, Verdict.OMIT, "wrong credentials", why) for name in ("AU-01", "AU-02", "AU-05")]

    async def _file(self, name: str, fixture: Fixture) -> None:
        stamp, to = self.stamps.draw(), self.leave.destination(fixture.request.coverages[0].line_of_business)
        case = Case(self._known_as(fixture, to, stamp), to, Filed(request=fixture.request, stamp=stamp))
        # Before a byte leaves: whoever stops the run while the answer is waited for has a filing to take back.
        self.cases.append(case)
        try:
            talk = await self.line.hold(f"file, {name}", self.adapter.submit(fixture.request, to, stamp))
        except Refused:
            self.cases.remove(case)
            raise
        if not may_be_on_file(talk):
            self.cases.remove(case)
        self._judge(talk, to)
        if case not in self.cases:
            self.checks += expected(talk, fixture.expects)
            if talk.said and talk.said[-1].reply is not None:
                self.about = self.about or case
            return
        if talk.outcome is not None:
            case.last, case.filed = talk.outcome, _with(case.filed, talk.outcome)
        last = await self._ask_again(name, case) or talk
        told = last if _tells(last) else talk
        self.checks += expected(told, fixture.expects)
        if told.outcome is not None and told.outcome.answer in _GONE:
            self.cases.remove(case)

    async def _ask_again(self, name: str, case: Case) -> Talk | None:
        """Inquire until the filing can be read. None where this channel cannot ask."""
        step, ends = f"ask again, {name}", perf_counter() + PATIENCE
        while True:
            talk = await self.line.hold(step, self.adapter.inquire(case.filed, case.to, self.stamps.draw()))
            if isinstance(talk.error, CannotExpress):
                self.checks.append(Check("PP-05", Verdict.OMIT, step, "This channel cannot ask for it."))
                return None
            answer = talk.outcome.answer if talk.outcome else None
            later = answer in _LATER or (isinstance(talk.error, NotSent) and talk.said[-1].reply is not None)
            if not later or perf_counter() > ends:
                break
            self._look(talk, case.to)
            await asyncio.sleep(_BETWEEN)
        self._judge(talk, case.to)
        found = talk.outcome is not None and answer is not Answer.NOT_FOUND
        why = "" if found else "the payer does not find what was filed" if talk.outcome else f"no answer: {talk.error}"
        number = talk.said[-1].number if talk.said else 0
        self.checks.append(Check("PP-05", Verdict.PASS if found else Verdict.FAIL, step, why, number))
        if talk.outcome is not None:
            case.last = talk.outcome
            case.filed = _with(case.filed, talk.outcome)
        return talk

    async def _must_refuse(self, about: Case) -> None:
        ask = self._ask(about)
        with suppress(CannotExpress):
            if (faulty := spoilt(ask())) is not None:
                said = await self.line.say("a wrong count", faulty)
                self.checks += self._checks_of(said, about.to, faulty=True)
            async for said, check in trials(self.line, self.carrier, ask):
                self.checks += (check, *self._kind_of(said))

    def _ask(self, about: Case) -> Callable[..., Https]:
        """An inquiry about a filing, under a stamp of its own. Raises CannotExpress."""

        def ask(**connection: str) -> Https:
            settings = about.to.connection_settings.model_copy(update=connection)
            to = about.to.model_copy(update={"connection_settings": settings})
            frame = first_frame(self.adapter.inquire(about.filed, to, self.stamps.draw()))
            if not isinstance(frame, Https):
                raise CannotExpress(Inexpressible("", "this carrier puts files down", "Try it over HTTPS."))
            return frame

        return ask

    async def _take_back(self) -> None:
        """Cancels everything first; then what the payer has and has not confirmed is asked about."""
        change = Change(kind=ChangeKind.CANCEL, reason="Conformance test, not a real request.")
        waiting: list[tuple[Case, Talk]] = []
        for number, case in enumerate(self.cases, start=1):
            step = f"take back, case {number}"
            exchange = self.adapter.amend(case.filed, change, case.to, self.stamps.draw())
            try:
                talk = await self.line.hold(step, exchange)
            except Refused:
                continue
            self._look(talk, case.to)
            if talk.outcome is not None and talk.outcome.answer is Answer.RECEIVED:
                waiting.append((case, talk))
            else:
                self._taken_back(case, talk, talk.step)
        ends = perf_counter() + PATIENCE
        for case, talk in waiting:
            self._taken_back(case, await self._until_cancelled(case, talk, ends), talk.step)

    async def _until_cancelled(self, case: Case, told: Talk, ends: float) -> Talk:
        """The answer that confirms a cancellation, else the one that did not."""
        while True:
            exchange = self.adapter.inquire(case.filed, case.to, self.stamps.draw())
            try:
                talk = await self.line.hold(f"{told.step}, ask again", exchange)
            except Refused:
                return told
            self._look(talk, case.to)
            if talk.outcome is not None and talk.outcome.answer is Answer.CANCELLED:
                return talk
            if isinstance(talk.error, CannotExpress) or perf_counter() > ends:
                return told
            await asyncio.sleep(_BETWEEN)

    def _taken_back(self, case: Case, talk: Talk, step: str) -> None:
        check = cancelled(talk, step, case.last, self.fixtures.cancellations)
        case.taken_back = check.verdict is Verdict.PASS
        self.checks.append(check)

    def _judge(self, talk: Talk, to: Destination) -> None:
        """What was said in it, and what the gateway made of it."""
        self._look(talk, to)
        self.checks += understood(talk, to)

    def _look(self, talk: Talk, to: Destination) -> None:
        for said in talk.said:
            self.checks += self._checks_of(said, to)

    def _checks_of(self, said: Said, to: Destination, *, faulty: bool = False) -> Iterator[Check]:
        if said.reply is None:
            yield from http_answers.unheard(said, self.longest)
            return
        yield http_answers.haste(said, self.longest)
        heard = hear(said, said.reply, self.carrier, faulty=faulty)
        guide = (partial(self.guide.look, layers=to.layers),) if self.guide else ()
        yield from looked(heard, (*http_answers.LOOKS, *_LOOKS[self.carrier], *guide))

    def _kind_of(self, said: Said) -> Iterator[Check]:
        """What HTTP shows of an answer to what must be refused. In a refusal by status alone is nothing to see."""
        if said.reply is None:
            yield from http_answers.unheard(said, self.longest)
            return
        yield http_answers.haste(said, self.longest)
        if said.reply.body.strip() or said.reply.status < 400:
            yield from looked(hear(said, said.reply, self.carrier), http_answers.LOOKS)

    def _known_as(self, fixture: Fixture, to: Destination, stamp: Stamp) -> str:
        """What the payer can find a filing by: BHT03, or the reference that was written down for it."""
        try:
            document = first_frame(self.adapter.submit(fixture.request, to, stamp)).document or b""
        except CannotExpress:
            return fixture.request.reference
        try:
            return f"BHT03 {read_document(document).first('BHT').get(3)}"
        except NoInterchange:
            found = re.search(rb'"referenceNumber": ?"([A-Za-z0-9-]+)"', document)
            return f"referenceNumber {found[1].decode()}" if found else fixture.request.reference

    def _password(self) -> str | None:
        name = self.leave.destination().connection_settings.model_dump().get("password_secret")
        return str(name) if name else None

    @property
    def carrier(self) -> str:
        """How the connection wraps its messages; its channel, where that knows no carriers."""
        settings = self.leave.destination().connection_settings.model_dump()
        return str(settings.get("carrier", self.leave.profile.channel))


def _tells(talk: Talk) -> bool:
    return talk.outcome is not None and talk.outcome.answer is not Answer.NOT_FOUND


def _with(filed: Filed, outcome: Outcome) -> Filed:
    """The filing with what the payer calls it by now."""
    known = dict.fromkeys((*filed.references, *outcome.references))
    return filed.model_copy(update={"references": tuple(known), "requested": outcome.requested or filed.requested})


def course_of(
    adapter: Adapter, leave: Leave, fixtures: Fixtures, guide: Guide | None, longest: float = http_answers.LONGEST
) -> Course:
    """A run that has not begun. Raises Refused."""
    link = Link.of(leave.profile)
    # What comes late is to be seen late: a deadline of the profile at the limit itself would see nothing.
    link = replace(link, deadline_seconds=max(link.deadline_seconds, longest + _AND_MORE))
    course = Course(adapter, leave, fixtures, guide, Line(HttpsTransport(Secrets()), link, leave), Stamps())
    course.longest = longest
    if course.carrier not in _LOOKS:
        raise Refused(f"nobody has written down what is seen over {course.carrier}")
    return course


async def exercise(course: Course, *, wrong_credentials: bool = True) -> None:
    """Run it. Cancelled, or broken off by whatever else, it takes back what was filed."""
    try:
        await course.walk(wrong_credentials=wrong_credentials)
    finally:
        await course.line.close()
