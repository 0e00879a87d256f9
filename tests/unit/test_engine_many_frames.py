"""Conversations whose first frames have no effect: killed or broken anywhere, what they are about is done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Evidence
from gateway.contract.turns import Click, Turn
from gateway.engine import acts, conversation
from gateway.engine import clerk as clerks
from gateway.engine import walk as walks
from gateway.engine.leases import Leases
from gateway.engine.queue import Queue, Walk
from gateway.engine.walk import Walker
from gateway.model.request import PARequest
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.cases import load_case, write
from gateway.store.database import Database
from gateway.store.records import Attempt, Case, Due, EntryKind, Verb
from tests.unit.engine_material import CANCEL, LABS
from tests.unit.paging_material import SEEN, Killed, Pager, Site, Time, a_walker, pages, ring, routed
from tests.unit.store_cases import load, opened

POINTS = ("before a step is written", "a step is written", "a frame is to leave", "a frame has left")


class Fate:
    """Lets a process die when it comes to a kind of point for the ``nth`` time."""

    def __init__(self, point: str, nth: int) -> None:
        self.point = point
        self.left = nth
        self.died = False

    def reach(self, point: str) -> None:
        self.left -= point == self.point
        if point == self.point and self.left == 0:
            self.died = True
            raise Killed


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def doomed(monkeypatch: pytest.MonkeyPatch, fate: Fate) -> Site:
    async def written(*given: object, **named: object) -> object:
        fate.reach("before a step is written")
        done = await write(*given, **named)  # type: ignore[arg-type]
        fate.reach("a step is written")
        return done

    monkeypatch.setattr(walks, "write", written)
    monkeypatch.setattr(clerks, "write", written)
    return Site(fate.reach)


def filing(case: Case) -> Attempt:
    [held] = case.submissions
    assert held.filing is not None
    return held.filing


async def finish(database: Database, time: Time, site: Site, url: str, case_id: UUID) -> Case:
    """Let a healthy process take over, until the payer has it."""
    walker, trail = a_walker(database, url, site, pages({"resubmit": "after_settle"})), list[CaseStatus]()
    for _ in range(12):
        case = await ring(database, time, walker, case_id)
        trail.append(case.status)
        if case.status is CaseStatus.RECEIVED:
            return case
    raise AssertionError(f"it went {trail}")


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_any_frame_it_is_filed_once(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    time, deaths = Time(database), 0
    for nth in range(1, 9):
        fate = Fate(point, nth)
        with monkeypatch.context() as patch:
            site = doomed(patch, fate)
            case_id, submission_id = await routed(database)
            try:
                await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
            except Killed:
                deaths += 1
        if not fate.died:
            assert (site.effects, filing(await load(database, case_id)).delivery) == (1, Delivery.APP_ACKED)
            break
        before = filing(case) if (case := await load(database, case_id)).submissions[0].filing else None
        frames_left, filed = site.effects, site.filed
        site.dies = lambda _: None
        case = await finish(database, time, site, database_url, case_id)
        assert site.filed == 1, (point, nth)
        attempts = case.submissions[0].attempts
        assert sum(held.verb is Verb.SUBMIT for held in attempts) == 1
        asked = any(held.verb is Verb.INQUIRE for held in attempts)
        if before is not None and before.delivery is Delivery.SENT:
            # Whoever died before it could have filed anything asks nobody and goes again.
            assert asked is (not before.harmless), (point, nth)
        if frames_left or filed:
            assert asked
    assert deaths >= 4


async def test_one_that_died_before_its_effect_goes_again_with_its_stamp_and_says_so(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(database)
    case_id, submission_id = await routed(database)
    site = doomed(monkeypatch, Fate("a frame is to leave", 2))
    with pytest.raises(Killed):
        await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    died = filing(await load(database, case_id))
    assert (died.delivery, died.harmless) == (Delivery.SENT, True)
    assert died.said_at is not None
    assert died.sent_at is not None
    assert died.said_at > died.sent_at, "each frame is a sign of life"
    site.dies = lambda _: None
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, filing(case).delivery) == (CaseStatus.QUEUED, Delivery.PLANNED)
    assert filing(case).error == (
        "not_sent: the worker that was about it did not come back, and had not come to its effect"
    )
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, filing(case).stamp) == (CaseStatus.RECEIVED, died.stamp)
    assert [held.verb for held in case.submissions[0].attempts] == [Verb.SUBMIT]
    assert site.filed == 1


async def test_a_second_sending_that_died_harmless_says_nothing_of_a_lost_one(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is lost is lost, however harmless what came after it was."""
    time = Time(database)
    case_id, submission_id = await routed(database)
    site = Site()
    site.trouble = {3: MaybeSent("gone")}
    await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    lost = filing(await load(database, case_id))
    assert (lost.delivery, lost.harmless) == (Delivery.LOST, False)
    walker = a_walker(database, database_url, doomed(monkeypatch, Fate("a frame is to leave", 2)))
    monkeypatch.setattr(walker.scripts, "repeats", lambda *_: True)
    with pytest.raises(Killed):
        await ring(database, time, walker, case_id)
    again = filing(await load(database, case_id))
    assert (again.delivery, again.harmless) == (Delivery.SENT, False)


@pytest.mark.parametrize("frame", [1, 2, 3])
@pytest.mark.parametrize("error", [NotSent("no line"), NeedsPerson("not the page", only_this=True)])
async def test_what_broke_before_its_effect_waits_and_is_not_refused(
    database: Database, database_url: str, frame: int, error: NotSent | NeedsPerson
) -> None:
    time, site = Time(database), Site()
    site.trouble = {frame: error}
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (case.status, filing(case).delivery) == (CaseStatus.QUEUED, Delivery.PLANNED)
    called = Attention.OPERATOR if isinstance(error, NeedsPerson) else Attention.GATEWAY
    assert case.attention is called
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_a_page_nobody_can_read_before_the_effect_calls_a_person_and_goes_again(
    database: Database, database_url: str
) -> None:
    time, site = Time(database), Site()
    site.trouble = {2: Unreadable("a page of 9 MB")}
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (filing(case).delivery, case.attention) == (Delivery.PLANNED, Attention.OPERATOR)
    assert case.attention_why == "unreadable: a page of 9 MB"
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_what_is_said_of_the_page_that_came_of_the_effect_takes_nothing_back(
    database: Database, database_url: str
) -> None:
    """The confirmation is another page than was known: the filing is in doubt, and is looked for."""
    site = Site()
    site.trouble = {4: NeedsPerson("not the page", only_this=True)}
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (case.status, filing(case).delivery) == (CaseStatus.UNCERTAIN, Delivery.LOST)
    case = await ring(database, Time(database), a_walker(database, database_url, site), case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_whoever_was_taken_for_lost_meanwhile_does_not_come_to_its_effect(
    database: Database, database_url: str
) -> None:
    time, site = Time(database), Site()
    case_id, submission_id = await routed(database)
    slow, other = a_walker(database, database_url, site), a_walker(database, database_url, site)

    real = site.say

    async def say(frame: object) -> object:
        reply = await real(frame)  # type: ignore[arg-type]
        if len(site.said) == 2:
            time.gone += timedelta(minutes=2)
            await other.walk(Walk(case_id, submission_id, Due.RECONCILE))
        return reply

    site.say = say  # type: ignore[assignment,method-assign]
    await slow.walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (site.effects, filing(case).delivery) == (0, Delivery.PLANNED)
    site.say = real  # type: ignore[method-assign]
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_a_conversation_that_goes_on_and_on_is_not_taken_for_lost_while_its_pages_turn(
    database: Database, database_url: str
) -> None:
    time, site = Time(database), Site()
    case_id, submission_id = await routed(database)
    walker, other = a_walker(database, database_url, site), a_walker(database, database_url, site)
    real = site.say

    async def say(frame: object) -> object:
        reply = await real(frame)  # type: ignore[arg-type]
        time.gone += timedelta(seconds=50)
        await other.walk(Walk(case_id, submission_id, Due.RECONCILE))
        return reply

    site.say = say  # type: ignore[assignment,method-assign]
    began = database.now()
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)
    held = filing(case)
    assert held.sent_at is not None
    assert held.sent_at - began > timedelta(seconds=100), "it counts as sent when it was filed"


async def test_each_frame_reply_and_picture_is_in_the_journal_in_its_order(
    database: Database, database_url: str
) -> None:
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, Site()).walk(Walk(case_id, submission_id, Due.RETRY))
    rows = await database.fetch(
        "SELECT kind, meta::json ->> 'what' AS what FROM journal WHERE request_id = $1 ORDER BY n", case_id
    )
    turned = [*("frame", "reply") * 3, "evidence", "frame", "reply", "outcome"]
    assert [row["kind"] for row in rows][-len(turned) :] == turned
    assert [row["what"] for row in rows if row["kind"] == EntryKind.EVIDENCE] == ["before"]


async def test_what_is_taken_back_on_the_way_to_its_effect_is_not_filed(database: Database, database_url: str) -> None:
    site = Site()
    case_id, submission_id = await routed(database)
    walker = a_walker(database, database_url, site)
    real = site.say

    async def say(frame: object) -> object:
        reply = await real(frame)  # type: ignore[arg-type]
        if len(site.said) == 2:
            async with database.transaction() as connection:
                case = await load_case(database, connection, case_id, lock=True)
                assert case is not None
                held = case.submission(submission_id)
                asked = await walker.scripts.plan(case, held, Verb.AMEND, CANCEL)
                step = acts.asked(case, held, asked, cancelling=True, note={"note": "cancel_asked"})
                await write(database, connection, case, step)
        return reply

    site.say = say  # type: ignore[assignment,method-assign]
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (case.status, site.effects) == (CaseStatus.CANCELLED, 0)


async def test_documents_whose_sending_died_before_its_effect_go_again(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    time, site = Time(database), Site()
    case_id, submission_id = await routed(database)
    await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    walker = a_walker(database, database_url, doomed(monkeypatch, Fate("a frame is to leave", 1)))
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        assert case is not None
        held = case.submission(submission_id)
        asked = await walker.scripts.plan(case, held, Verb.ANSWER, LABS)
        step = acts.asked(case, held, asked, cancelling=False, note={"note": "given"})
        await write(database, connection, case, step)
    with pytest.raises(Killed):
        await walker.walk(Walk(case_id, submission_id))
    healthy = a_walker(database, database_url, site)
    for _ in range(3):
        case = await ring(database, time, healthy, case_id)
    said = [held for held in case.submissions[0].attempts if held.verb is Verb.ANSWER]
    assert [held.delivery for held in said] == [Delivery.APP_ACKED]
    assert site.effects == 2
    assert not any(held.verb is Verb.INQUIRE for held in case.submissions[0].attempts[:2])


async def test_a_page_that_hangs_is_let_go_of_before_others_take_it_for_lost(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Leases, "turn", lambda *_: timedelta(seconds=0.2))
    for frame, ends in ((2, Delivery.PLANNED), (3, Delivery.LOST)):
        site = Site()
        case_id, submission_id = await routed(database)
        real = site.say

        async def say(turn: object, site: Site = site, frame: int = frame, real: Any = real) -> object:
            if len(site.said) == frame - 1:
                await asyncio.sleep(60)
            return await real(turn)

        site.say = say  # type: ignore[assignment,method-assign]
        await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
        held = filing(await load(database, case_id))
        assert held.delivery is ends
        assert "was not done with in time" in (held.error or "")


async def test_a_site_that_leads_in_circles_comes_to_an_end(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Circles(Pager):
        def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
            while True:
                yield Turn((Click(SEEN),), (SEEN,))

    monkeypatch.setattr(conversation, "LONGEST", 0.3)
    case_id, submission_id = await routed(database)
    walker = Walker(database, Queue(database_url), pages(), {"parrot": Circles()}, Site(), database.now)  # type: ignore[arg-type]
    async with asyncio.timeout(60):
        await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    held = filing(await load(database, case_id))
    assert held.delivery is Delivery.PLANNED
    assert "the conversation took more than" in (held.error or "")


async def test_what_the_transport_saw_of_a_failure_is_kept_whatever_the_failure_comes_to(
    database: Database, database_url: str
) -> None:
    for frame, error, ends in (
        (2, NotSent("no line"), Delivery.PLANNED),
        (2, MaybeSent("no answer"), Delivery.PLANNED),
        (3, MaybeSent("no answer"), Delivery.LOST),
        (4, NeedsPerson("not the page", only_this=True), Delivery.LOST),
    ):
        site = Site()
        error.evidence = (Evidence("error", "image/png", b"\x89PNG error"),)
        site.trouble = {frame: error}
        case_id, submission_id = await routed(database)
        await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
        assert filing(await load(database, case_id)).delivery is ends
        rows = await database.fetch(
            "SELECT meta ->> 'what' AS what FROM journal WHERE request_id = $1 AND kind = 'evidence' ORDER BY n",
            case_id,
        )
        assert [row["what"] for row in rows][-1:] == ["error"]


async def test_what_a_process_of_the_version_before_sent_may_have_filed_something(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes sent_at and knows nothing of said_at, nor of harmless, which it leaves as it was."""
    case_id, submission_id = await routed(database)
    site = doomed(monkeypatch, Fate("a frame is to leave", 1))
    with pytest.raises(Killed):
        await a_walker(database, database_url, site).walk(Walk(case_id, submission_id, Due.RETRY))
    assert filing(await load(database, case_id)).harmless
    await database.fetch("UPDATE attempts SET sent_at = sent_at + interval '1 second' WHERE request_id = $1", case_id)
    assert not filing(await load(database, case_id)).harmless
    await database.fetch("UPDATE attempts SET said_at = NULL WHERE request_id = $1", case_id)
    assert not filing(await load(database, case_id)).harmless
