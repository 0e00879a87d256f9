"""A payer's site that wants a person: one is called, the connection rests, and it goes on when resumed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.contract.errors import Challenged
from gateway.contract.pieces import Evidence
from gateway.engine.clearing import Act
from gateway.engine.portals import StoreChallenges
from gateway.engine.queue import Walk
from gateway.engine.refusals import NotNow, Unfit
from gateway.engine.walk import Walker
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.challenges import find_rest
from gateway.store.database import Database
from gateway.store.records import Due
from tests.unit.paging_material import HOUSE, Site, Time, a_walker, ring, routed
from tests.unit.store_cases import load, opened
from tests.unit.test_engine_settling import caller, clearing, filing

ONCE = Act(None, b"digest", b"{}")
CAPTCHA = Evidence("captcha", "image/png", b"\x89PNG 7KQ2M")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def captcha(seconds: int = 300) -> Challenged:
    wanted = Challenged("captcha", "read the picture", seconds)
    wanted.picture, wanted.evidence = CAPTCHA, (CAPTCHA,)
    return wanted


async def challenged(
    database: Database, url: str, site: Site, wanted: Challenged, frame: int = 2
) -> tuple[Walker, UUID, UUID]:
    case_id, submission_id = await routed(database)
    site.trouble = {frame: wanted}
    walker = a_walker(database, url, site)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    return walker, case_id, submission_id


@pytest.mark.parametrize("frame", [1, 2])
async def test_an_operator_is_called_and_the_case_shows_what_is_asked(
    database: Database, database_url: str, frame: int
) -> None:
    walker, case_id, _ = await challenged(database, database_url, Site(), captcha(), frame)
    case = await load(database, case_id)
    assert (case.status, case.attention) == (CaseStatus.QUEUED, Attention.OPERATOR)
    assert case.attention_why == "challenged: read the picture"
    assert filing(case).delivery is Delivery.PLANNED
    asked = await clearing(database, walker, database_url).challenge(caller(database), case_id)
    assert asked is not None
    assert (asked.kind, asked.says, asked.picture, asked.picture_type) == (
        "captcha",
        "read the picture",
        CAPTCHA.body,
        "image/png",
    )
    assert timedelta(seconds=290) < asked.open_until - database.now() <= timedelta(seconds=300)
    stored = await database.fetchrow("SELECT picture FROM challenges")
    assert stored is not None
    assert b"7KQ2M" not in stored["picture"], "it is sealed"


async def test_while_it_is_asked_nothing_else_goes_over_the_connection(database: Database, database_url: str) -> None:
    site = Site()
    walker, case_id, _ = await challenged(database, database_url, site, captcha())
    other, others = await routed(database)
    elsewhere = a_walker(database, database_url, site)
    await elsewhere.walk(Walk(other, others, Due.RETRY))
    waits = await load(database, other)
    assert len(site.said) == 2, "another process keeps to it too"
    assert waits.attention is Attention.GATEWAY
    assert "wants a person, who was called over another case" in (waits.attention_why or "")
    assert await clearing(database, walker, database_url).challenge(caller(database), other) is None
    with pytest.raises(NotNow):
        await clearing(database, walker, database_url).resume(caller(database), other, None, ONCE)
    case = await ring(database, Time(database), walker, case_id)
    assert len(site.said) == 2, "nor does it try by itself"
    assert (case.attention, case.attention_why) == (Attention.OPERATOR, "challenged: read the picture")


async def test_resumed_it_goes_on_at_once_with_the_answer_and_so_do_the_others(
    database: Database, database_url: str
) -> None:
    site = Site()
    walker, case_id, submission_id = await challenged(database, database_url, site, captcha())
    other, others = await routed(database)
    await walker.walk(Walk(other, others, Due.RETRY))
    desk, answers = clearing(database, walker, database_url), StoreChallenges(database)
    assert await answers.answer(HOUSE, str(submission_id)) is None
    with pytest.raises(Unfit) as refused:
        await desk.resume(caller(database), case_id, None, ONCE)
    assert [(one.at, one.code) for one in refused.value.findings] == [(("answer",), "missing")]
    await desk.resume(caller(database), case_id, "7KQ2M", ONCE)
    stored = await database.fetchrow("SELECT answer FROM challenges")
    assert stored is not None
    assert b"7KQ2M" not in stored["answer"]
    assert await find_rest(database, HOUSE) is None
    assert await desk.challenge(caller(database), case_id) is None
    assert await answers.answer(HOUSE, str(others)) is None, "it is about another patient's page"
    mine = str(submission_id)
    assert [await answers.answer(HOUSE, mine), await answers.answer(HOUSE, mine)] == ["7KQ2M", None], "given once"
    site.trouble = {}
    for each, place in ((case_id, submission_id), (other, others)):
        [held] = (await load(database, each)).submissions
        assert held.due_at is not None
        assert held.due_at <= database.now(), "who waited for it is looked at now"
        await walker.walk(Walk(each, place, held.due_for))
        assert (await load(database, each)).status is CaseStatus.RECEIVED
    assert site.came == [mine, mine, str(others)], "each is told apart, and finds no page of another"
    rows = await database.fetch("SELECT body FROM journal WHERE kind = 'note'")
    assert len(rows) >= 2


async def test_an_approval_needs_no_answer(database: Database, database_url: str) -> None:
    site = Site()
    walker, case_id, submission_id = await challenged(
        database, database_url, site, Challenged("approval", "approve the sign-in", 120)
    )
    desk = clearing(database, walker, database_url)
    with pytest.raises(Unfit) as refused:
        await desk.resume(caller(database), case_id, "yes", ONCE)
    assert refused.value.findings[0].code == "not_asked"
    site.trouble = {}
    await desk.resume(caller(database), case_id, None, ONCE)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    assert (await load(database, case_id)).status is CaseStatus.RECEIVED


async def test_when_the_page_has_waited_in_vain_an_answer_comes_too_late_and_all_begins_anew(
    database: Database, database_url: str
) -> None:
    time, site = Time(database), Site()
    walker, case_id, submission_id = await challenged(database, database_url, site, captcha(60))
    time.gone += timedelta(seconds=61)
    desk = clearing(database, walker, database_url)
    assert await desk.challenge(caller(database), case_id) is None
    case = await load(database, case_id)
    assert case.attention is Attention.OPERATOR
    assert await find_rest(database, HOUSE) is not None, "nobody tries again and again"
    await desk.resume(caller(database), case_id, "7KQ2M", ONCE)
    assert await StoreChallenges(database).answer(HOUSE, str(submission_id)) is None, (
        "it would be given to another picture"
    )
    site.trouble = {3: captcha(), 4: captcha()}
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    assert await desk.challenge(caller(database), case_id) is not None


async def test_the_rest_ends_by_itself_and_one_tries_again(database: Database, database_url: str) -> None:
    time, site = Time(database), Site()
    walker, case_id, _ = await challenged(database, database_url, site, captcha(60))
    site.trouble = {}
    await ring(database, time, walker, case_id)  # its retry finds the rest
    assert len(site.said) == 2
    case = await ring(database, time, walker, case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)
    assert time.gone > timedelta(seconds=900)


async def test_after_its_effect_a_site_that_wants_a_person_leaves_the_filing_in_doubt(
    database: Database, database_url: str
) -> None:
    walker, case_id, _ = await challenged(database, database_url, Site(), captcha(), 4)
    case = await load(database, case_id)
    assert filing(case).delivery is Delivery.LOST
    assert await clearing(database, walker, database_url).challenge(caller(database), case_id) is None


async def test_of_two_at_once_the_first_is_asked(database: Database, database_url: str) -> None:
    site = Site()
    walker, *_ = await challenged(database, database_url, site, captcha())
    await database.fetch("UPDATE challenges SET says = 'the first'")
    other, others = await routed(database)
    walker._not_resting = _let_by  # type: ignore[assignment,method-assign]
    site.trouble = {4: captcha()}
    await walker.walk(Walk(other, others, Due.RETRY))
    rows = await database.fetch("SELECT says FROM challenges")
    assert [row["says"] for row in rows] == ["the first"]


async def _let_by(_submission: object) -> None:
    """It began before the other was asked."""
