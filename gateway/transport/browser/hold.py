"""One conversation's hold on a page of its account: turns it, and says how it is then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.contract.destination import Mode
from gateway.contract.errors import Challenged, ExchangeError, MaybeSent, NeedsPerson, NotSent, TooLong, Unreadable
from gateway.contract.frames import Reply
from gateway.contract.pages import MEDIA_TYPE, SettledPage
from gateway.contract.pieces import Evidence, Secret
from gateway.contract.turns import Asked, Fill, Go, Totp, Turn
from gateway.profiles.browser import BrowserProfile
from gateway.transport.browser.challenges import Challenges
from gateway.transport.browser.evidence import covered_picture_of, seen
from gateway.transport.browser.faults import Deadline, Fault, GoneFault, LineFault
from gateway.transport.browser.filing import Filed, check_landmark, file
from gateway.transport.browser.machines import leave
from gateway.transport.browser.settle import read_documents, standing, wait_for_any
from gateway.transport.browser.signing import Signing
from gateway.transport.browser.stage import Stage, Stages
from gateway.transport.browser.steps import Steps
from gateway.transport.browser.unsaid import Unsaid
from gateway.transport.link import Link

_HANG_SECONDS = 15.0
"""How much longer than its deadline a turn may take before its page is given up: evidence, and a browser that hangs."""
_STANDS_SECONDS = 5.0
"""How long a page that was left open may take to show what is waited for."""
_MOST_WARNINGS = 100
_SERVER_ERROR = 500


@dataclass(repr=False)
class Hold:
    """Not for two at once. ``pace`` waits until the account may be used again."""

    link: Link
    profile: BrowserProfile
    stages: Stages
    signing: Signing
    challenges: Challenges
    pace: Callable[[], Any]
    keep: Callable[[Hold, float], None]
    """Takes a page that waits for a person, for so many seconds."""
    now: Callable[[], datetime]
    whose: str = ""
    """About what its conversations are: who else uses the account never comes to its page, or to a person's answer."""
    words: set[str] = field(default_factory=set)
    unsaid: Unsaid = field(default_factory=Unsaid)
    _stage: Stage | None = None
    _opening: Turn | None = None
    """The turn that went to the site first."""
    _answers: dict[Asked, str] = field(default_factory=dict)
    _waits: float | None = None
    """How long the page waits for a person, when the conversation ends now."""
    _sound: bool = False
    """True where the latest turn ended as it should: the page's context may serve another conversation."""
    _shared: tuple[str, ...] = ()
    """The turn's: pages that list others too."""
    _left_open: bool = False
    """True until the first turn of a conversation that found the page of an earlier one."""
    _waited: bool = False
    """True where it found one: what a person answered is of the picture that stands there."""

    @property
    def where(self) -> str:
        return f"connection {self.link.connection}"

    async def begin(self) -> None:
        """Open the page, with the account's session where there is one. Raises NeedsPerson, NotSent."""
        self._stage = await self.stages.open(await self.signing.state())

    @property
    def lost(self) -> bool:
        """True where its page is no more."""
        return self._stage is None or self._stage.lost

    def resume(self) -> None:
        """Another conversation has it now, with the page as it stands."""
        self._waits, self._left_open, self._waited = None, True, True
        if self._stage is not None:
            self._stage.watch.rest()  # whatever it said while it waited, the next conversation looks at it anew

    async def turn(self, frame: Turn) -> Reply:
        """The page on which a turn ended. Raises

        NotSent: the site was not reached, or browser or page broke, and nothing was filed.
        MaybeSent: what files had left, and no usable answer came.
        NeedsPerson: the page is not as described (``only_this``), or a secret is missing.
        Challenged: a person must read something first; then ``park`` it.
        Unreadable: the page is too long.
        """
        self._waits, self._sound = None, False
        await self.pace()
        deadline = Deadline(min(frame.deadline, self.link.deadline_seconds))
        work = asyncio.ensure_future(self._turned(frame, deadline))
        try:
            while not work.done() and deadline.overdue < _HANG_SECONDS:
                await asyncio.wait({work}, timeout=deadline.left + _HANG_SECONDS - deadline.overdue)
            if not work.done():
                raise await self._given_up(frame)
            reply = work.result()
            self._sound = True
            return reply
        except ExchangeError as error:
            if self._stage is not None:
                self._stage.watch.rest()
            raise (await self._ended(error) if isinstance(error, Unreadable) else error) from None
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work}, timeout=_HANG_SECONDS)
            raise
        finally:
            leave(work)

    def park(self, seconds: float) -> None:
        """The page waits for a person when the conversation ends."""
        self._waits = seconds

    async def close(self) -> None:
        """The conversation has ended: so does its page, unless it waits for a person."""
        waits, self._waits = self._waits, None
        if waits is not None and not self.lost:
            self.keep(self, waits)
            return
        stage, self._stage = self._stage, None
        try:
            if stage is not None:
                await self.stages.close(stage, keep=self._sound)
        finally:
            await self.signing.leave()

    async def end(self) -> None:
        """Nobody waits for its page any more."""
        self._waits, self._sound = None, False
        await self.close()

    async def _given_up(self, frame: Turn) -> ExchangeError:
        """The browser hangs."""
        stage, self._stage = self._stage, None
        if stage is not None:
            await self.stages.machines.leave_behind(stage.machine)
            await self.stages.close(stage, keep=False)
        what = f"{self.where}: the browser did not answer in time"
        return MaybeSent(what) if frame.effect else NotSent(what)

    async def _turned(self, frame: Turn, deadline: Deadline) -> Reply:
        stage = self._alive()
        left_open, self._left_open = self._left_open, False
        stage.watch.begin()
        self.words |= frame.words
        self._shared = frame.shared
        stage.fence.withheld = frame.withholds
        stage.turns += 1
        steps = self._steps(stage, deadline)
        try:
            if left_open and len(frame.steps) == 1 and isinstance(frame.steps[0], Go):
                self._opening = frame
                return await self._as_it_stands(frame, stage, steps, deadline)
            if frame.signs_in and not self.signing.under_way:
                state = await self.signing.begin(deadline)
                if state is not None:
                    return await self._with_session(state, frame, deadline)
            elif self.signing.under_way and not frame.signs_in:
                await self.signing.succeeded(await stage.context.storage_state())
            self._check_addresses(frame)
            await self._ask(frame, stage, steps, deadline)
            if frame.effect:
                filed = await file(frame, stage, self.stages, steps, deadline, self.where)
                return await self._filed(filed, stage, steps, deadline)
            return await self._page(frame, stage, steps, deadline)
        except ExchangeError:
            raise
        except Exception as error:  # of several kinds where browser or driver are no more
            fault = stage.watch.fault or error
            sure = fault is stage.watch.fault or isinstance(fault, LineFault)
            if not isinstance(fault, Fault) or not (sure or await stage.answers()):
                fault = GoneFault("the page is no more, or the browser did not do what it was told")
            raise await self._ended(fault.named(self.where)) from None

    async def _page(self, frame: Turn, stage: Stage, steps: Steps, deadline: Deadline) -> Reply:
        if frame.on is not None:
            await check_landmark(frame.on, stage, steps, deadline)
        if frame.url and self._opening is None:
            self._opening = frame
        for step in frame.steps[:-1]:
            await steps.do(step)
        before = await standing(steps.elements, frame.settled) if frame.signs_in else ()
        for step in frame.steps[-1:]:
            await steps.do(step)
        # The page of an error shows nothing of what is waited for.
        seconds = min(_STANDS_SECONDS, deadline.left) if (steps.status or 0) >= _SERVER_ERROR else deadline.left
        settled = await wait_for_any(steps.elements, frame.settled, stage.watch, seconds, before)
        return await self._reply(stage, steps, deadline, settled)

    async def _as_it_stands(self, frame: Turn, stage: Stage, steps: Steps, deadline: Deadline) -> Reply:
        seconds = min(_STANDS_SECONDS, deadline.left)
        settled = await wait_for_any(steps.elements, frame.settled, stage.watch, seconds)
        return await self._reply(stage, steps, deadline, settled)

    async def _with_session(self, state: Any, frame: Turn, deadline: Deadline) -> Reply:
        """The page anew, as the session shows it that another conversation has signed in meanwhile."""
        old, self._stage = self._alive(), None
        await self.stages.close(old, keep=False)
        stage = self._stage = await self.stages.open(state)
        stage.fence.withheld = frame.withholds
        steps = self._steps(stage, deadline)
        opening = self._opening
        await steps.do(opening.steps[0] if opening is not None else Go(self.link.endpoint))
        settled = (*(opening.settled if opening is not None else ()), *frame.settled)
        shown = await wait_for_any(steps.elements, settled, stage.watch, deadline.left)
        return await self._reply(stage, steps, deadline, shown)

    async def _filed(self, filed: Filed, stage: Stage, steps: Steps, deadline: Deadline) -> Reply:
        """What was filed was answered; where its page cannot be read, nobody knows how."""
        deadline.extend(_HANG_SECONDS / 2)
        try:
            return await self._reply(stage, steps, deadline, filed.settled, filed)
        except Unreadable as too_long:
            error: ExchangeError = too_long
        except Exception:  # as above
            error = MaybeSent(f"{self.where}: the page that answers what was filed cannot be read")
        error.evidence = (*filed.before, *await seen("after", stage.page, steps.elements.words))
        raise error

    async def _reply(
        self, stage: Stage, steps: Steps, deadline: Deadline, settled: bool, filed: Filed | None = None
    ) -> Reply:
        documents, status = await read_documents(stage.page, stage.watch, deadline, self._shared)
        evidence: tuple[Evidence, ...] = ()
        if filed is not None:
            after = await seen("after", stage.page, steps.elements.words, documents[0].snapshot)
            evidence = (*filed.before, *after)
        else:
            if stage.page.url.startswith("chrome-error:"):
                raise LineFault("the page did not load")
            stage.fence.check(stage.page)
        await stage.watch.done(deadline.left)
        page = SettledPage(
            documents=documents,
            settled=settled,
            status=status or steps.status,
            read=tuple(steps.read),
            dialogs=tuple(stage.watch.dialogs),
            downloads=tuple(stage.watch.downloads),
            committed=filed and filed.committed,
            warnings=(*steps.elements.warnings, *stage.watch.warnings, *(filed.notes if filed else ()))[
                :_MOST_WARNINGS
            ],
        )
        stage.watch.rest()
        body = self.unsaid.taken_out(page).model_dump_json().encode()
        if len(body) > self.link.max_reply_bytes:
            most = self.link.max_reply_bytes
            raise TooLong(f"{self.where}: the page is longer than {most} bytes", 200, body[:most])
        return Reply(200, (("content-type", MEDIA_TYPE),), body, evidence=evidence)

    async def _ask(self, frame: Turn, stage: Stage, steps: Steps, deadline: Deadline) -> None:
        """What only a person can read must have been read before anything is typed. Raises Challenged."""
        for step in frame.steps:
            if isinstance(step, Fill) and isinstance(step.what, Asked) and step.what not in self._answers:
                answer = await self.challenges.answer(self.link.connection, self.whose)
                if answer is None or not self._waited:
                    challenged = Challenged("captcha", step.what.says, step.what.seconds)
                    picture = await steps.picture(step.what.picture)
                    # Whoever reads the puzzle need not know whose page it is.
                    picture = picture or await covered_picture_of(stage.page, steps.elements.words, "png")
                    shown = Evidence("challenge", "image/png", picture)
                    challenged.picture, challenged.evidence = shown, (shown,)
                    raise challenged
                self._answers[step.what] = answer

    async def text(self, what: Secret | Totp | Asked, deadline: Deadline) -> str:
        """What is typed where a frame names it. An answer is used once: the next puzzle is another."""
        if isinstance(what, Secret):
            return self.signing.secret(what.name)
        if isinstance(what, Totp):
            return await self.signing.code(what.name, deadline)
        return self._answers.pop(what)

    def typed(self, what: Secret | Totp | Asked, text: str, held: str) -> None:
        """What was typed of a credential, and what its field then held: the reply says neither."""
        if not isinstance(what, Asked):
            public = isinstance(what, Totp) or what.name == self.profile.username_secret
            for each in (text, held):
                self.unsaid.add(each, public=public)

    async def _ended(self, error: ExchangeError) -> ExchangeError:
        """The error of a turn, with what is to be seen of its page."""
        if not error.evidence and self._stage is not None and not self._stage.lost:
            error.evidence = await seen("error", self._stage.page, frozenset(self.words))
        return error

    def _steps(self, stage: Stage, deadline: Deadline) -> Steps:
        return Steps(stage.page, stage.watch, self, self.words, deadline)

    def _alive(self) -> Stage:
        if self._stage is None or self._stage.lost:
            raise NotSent(f"{self.where}: the conversation's page is no more")
        return self._stage

    def _check_addresses(self, frame: Turn) -> None:
        """As of every frame: it goes to the connection's endpoint, and live with TLS."""
        for step in frame.steps:
            if isinstance(step, Go):
                if not self._alive().fence.holds(step.url):
                    raise NeedsPerson(f"{self.where}: a frame's address is outside the connection's endpoint")
                if self.link.mode is Mode.LIVE and not step.url.lower().startswith("https:"):
                    raise NeedsPerson(f"{self.where}: a live connection without TLS")
