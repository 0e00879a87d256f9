"""A channel of many frames, a site that keeps what was filed on it, and walkers that die over it.

The script is that of a web site: home, a form, the filing itself, its confirmation; and a search. The site stands for
line and browser, and counts what was filed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from gateway.contract.adapter import Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Challenged, ExchangeError, MaybeSent
from gateway.contract.frames import Evidence, Frame, Reply
from gateway.contract.pages import MEDIA_TYPE, Committed, Document, SettledPage
from gateway.contract.turns import Click, Commit, Element, Fill, Go, Landmark, Turn, Upload
from gateway.engine.queue import Queue, Walk
from gateway.engine.walk import Walker
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.request import PARequest
from gateway.profiles.browser import BrowserProfile
from gateway.profiles.layers import Variants
from gateway.profiles.library import Library
from gateway.store.cases import claim_due
from gateway.store.database import Database
from gateway.store.records import Case, Due
from tests.unit.api_house import PAYER, Parrot, library
from tests.unit.store_cases import do, load, made_up, routed_step, submission, take

HOUSE = "parrot_house"
TERMS = {"verdict": "allowed", "reference": "a test", "owner": "a test"}
PICTURE = Evidence("before", "image/png", b"\x89PNG picture")
SEEN = Element("heading", "Done")
REVIEW = Landmark("review", "/review", frozenset({("button", "Submit")}))
NUMBER = "REF-000777"


class Pager(Parrot):
    """Walks a site's pages."""

    turns_pages: ClassVar[bool] = True

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(to.endpoint),), (SEEN,))
        fields = (Fill(Element("textbox", "Reference"), request.reference), Upload(SEEN, "a.pdf", "x/y", b"%PDF"))
        yield Turn((*fields, Click(Element("button", "Next"))), (SEEN,))
        yield Turn((Click(Element("button", "Submit")),), (SEEN,), True, REVIEW, Commit("POST", "/submit"))
        yield Turn((Click(Element("link", "Confirmation")),), (SEEN,))
        return Outcome(answer=Answer.RECEIVED, references=(_reference(),))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(to.endpoint),), (SEEN,))
        yield Turn((Click(SEEN),), (SEEN,), True, REVIEW, Commit("POST", "/cancel"))
        return Outcome(answer=Answer.CANCELLED)

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(to.endpoint),), (SEEN,))
        yield Turn((Click(SEEN),), (SEEN,), True, REVIEW, Commit("POST", "/documents"))
        return Outcome(answer=Answer.RECEIVED)

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(f"{to.endpoint}/search"),), (SEEN,))
        found = SettledPage.of((yield Turn((Click(Element("button", "Search")),), (SEEN,))))
        if found.main.title != "Found":
            return Outcome(answer=Answer.NOT_FOUND)
        return Outcome(answer=Answer.RECEIVED, references=(_reference(),))


def _reference() -> Reference:
    return Reference(kind=ReferenceKind.REVIEW, value=NUMBER)


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


class Site:
    """Stands for the links. ``trouble`` says by the number of a frame (from 1, over all) what becomes of it; ``dies``
    is asked at every point at which a process may die."""

    def __init__(self, dies: Callable[[str], None] = lambda _: None) -> None:
        self.said: list[Frame] = []
        self.filed = 0
        self.trouble: dict[int, ExchangeError] = {}
        self.dies = dies
        self.challenges: list[Challenged] = []
        self.came: list[str] = []
        """About what each conversation was."""

    @asynccontextmanager
    async def place(self, connection: str, mode: Mode, *, wait: bool = True, whose: str = "") -> AsyncIterator[Any]:
        self.came.append(whose)
        yield self

    async def say(self, frame: Frame) -> Reply:
        assert isinstance(frame, Turn)
        self.dies("a frame is to leave")
        self.said.append(frame)
        trouble = self.trouble.get(len(self.said))
        if trouble is not None and not (frame.effect and isinstance(trouble, MaybeSent)):
            raise trouble
        self.filed += frame.effect
        self.dies("a frame has left")
        if trouble is not None:
            raise trouble
        title = "Found" if self.filed and "search" in str(self.said[-2:]) else "None"
        page = SettledPage(
            documents=(Document(path="/home", title=title),),
            committed=Committed(status=302) if frame.effect else None,
        )
        return Reply(
            200,
            (("content-type", MEDIA_TYPE),),
            page.model_dump_json().encode(),
            evidence=(PICTURE,) if frame.effect else (),
        )

    def refused(self, refusal: ExchangeError) -> ExchangeError:
        return refusal

    def challenged(self, challenge: Challenged) -> None:
        self.challenges.append(challenge)

    @property
    def effects(self) -> int:
        return sum(frame.effect for frame in self.said)


def pages(browser: Mapping[str, Any] | None = None, *, patience: timedelta | None = None, **changes: Any) -> Library:
    """The parrot's house as a site. With ``patience`` payers have so long to decide, as their profiles say."""
    known = library()
    own = {"terms": TERMS, "username_secret": "site-user", "password_secret": "site-password", **(browser or {})}
    profile = BrowserProfile.model_validate(own)
    connections = {one.connection: one for one in known.connections()}
    connections[HOUSE] = connections[HOUSE].model_copy(update={"browser": profile, **changes})
    reached = {(one.payer, HOUSE): Variants.of(known.destination(one.payer, HOUSE)) for one in known.payers()}
    payers = {one.payer: one for one in known.payers()}
    if patience is not None:
        for name, one in payers.items():
            poll = one.rhythm.poll.model_copy(update={"give_up_seconds": patience.total_seconds()})
            payers[name] = one.model_copy(update={"rhythm": one.rhythm.model_copy(update={"poll": poll})})
    return Library(payers, connections, reached)


class Time:
    """The database's time, which a test may let go by."""

    def __init__(self, database: Database) -> None:
        self._real = database.now
        self.gone = timedelta(0)
        database.now = self.now  # type: ignore[method-assign]

    def now(self) -> datetime:
        return self._real() + self.gone

    def pass_until(self, at: datetime) -> None:
        self.gone += max(at - self.now(), timedelta(0)) + timedelta(milliseconds=1)


def a_walker(database: Database, url: str, site: Any, profiles: Library | None = None) -> Walker:
    return Walker(database, Queue(url), profiles or pages(), {"parrot": Pager()}, site, database.now)


async def routed(database: Database) -> tuple[UUID, UUID]:
    """A case, and its one submission, which waits to be filed."""
    case_id = await take(database, made_up())
    made = replace(submission(), payer=PAYER, connection=HOUSE, channel="parrot", due_at=database.now())
    await do(database, routed_step(case_id, replace(made, due_for=Due.RETRY)))
    return case_id, made.id


async def ring(database: Database, time: Time, walker: Walker, case_id: UUID) -> Case:
    """Let time go by until the case's next timer rings, and walk. The case as it is then."""
    [held] = (await load(database, case_id)).submissions
    assert held.due_at is not None, "it rests"
    time.pass_until(held.due_at)
    async with database.transaction() as connection:
        rung = await claim_due(database, connection, 9)
    assert (case_id, held.id, held.due_for) in rung
    await walker.walk(Walk(case_id, held.id, held.due_for))
    return await load(database, case_id)
