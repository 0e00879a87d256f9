"""A filing that is lost and not found: it waits for a person's word, and one word settles it once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from gateway.contract.destination import Mode
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.engine import acts
from gateway.engine.clearing import Act, Clearing
from gateway.engine.queue import Queue, Walk
from gateway.engine.refusals import NotNow, Unfit, Unknown
from gateway.engine.retelling import find_doubts
from gateway.engine.settling import Word, choose
from gateway.engine.walk import Walker
from gateway.model.outcome import ReferenceKind
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.acceptance import Accepted, Replayed
from gateway.store.cases import load_case, write
from gateway.store.database import Database
from gateway.store.journal import read_journal
from gateway.store.keys import Key, Scope
from gateway.store.records import Attempt, Case, Due, Verb
from tests.unit.engine_material import CANCEL, LABS, an_attempt
from tests.unit.paging_material import NUMBER, Site, Time, a_walker, pages, ring, routed
from tests.unit.store_cases import TENANT, load, opened

ONCE = Act(None, b"digest", b"{}")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def caller(database: Database, tenant: str = TENANT) -> Key:
    return Key("0" * 12, tenant, Mode.TEST, "night shift", frozenset(Scope), database.now())


def clearing(database: Database, walker: Walker, url: str) -> Clearing:
    return Clearing(database, Queue(url), walker, database.now)


async def unknown(database: Database, url: str, site: Site) -> tuple[Walker, Time, UUID]:
    """A filing that never reached the site, and nobody knows; the site was searched after the settle time."""
    time = Time(database)
    case_id, submission_id = await routed(database)
    site.trouble = {3: MaybeSent("the line broke")}
    walker = a_walker(database, url, site)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    site.filed = 0
    site.trouble = {}
    case = await ring(database, time, walker, case_id)
    assert case.status is CaseStatus.UNCERTAIN
    return walker, time, case_id


def filing(case: Case) -> Attempt:
    [held] = case.submissions
    assert held.filing is not None
    return held.filing


async def test_a_filing_that_a_search_does_not_find_waits_for_a_person(database: Database, database_url: str) -> None:
    site = Site()
    walker, time, case_id = await unknown(database, database_url, site)
    for _ in range(3):
        case = await ring(database, time, walker, case_id)
    assert (case.status, filing(case).delivery, site.effects) == (CaseStatus.UNCERTAIN, Delivery.LOST, 1)
    assert case.attention is Attention.OPERATOR
    why = case.attention_why or ""
    assert "does not go again by itself" in why
    assert "member, service and start date" in why
    assert "the line broke" in why


async def test_where_the_policy_lets_it_it_goes_again_by_itself(database: Database, database_url: str) -> None:
    site, time = Site(), Time(database)
    case_id, submission_id = await routed(database)
    site.trouble = {3: MaybeSent("the line broke")}
    walker = a_walker(database, database_url, site, pages({"resubmit": "after_settle"}))
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    site.filed = 0
    site.trouble = {}
    case = await ring(database, time, walker, case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_what_a_later_search_finds_needs_nobody(database: Database, database_url: str) -> None:
    site = Site()
    walker, time, case_id = await unknown(database, database_url, site)
    site.filed = 1
    case = await ring(database, time, walker, case_id)
    assert (case.status, filing(case).delivery) == (CaseStatus.RECEIVED, Delivery.RECONCILED)


async def test_what_a_person_found_is_adopted_with_its_number(database: Database, database_url: str) -> None:
    site = Site()
    walker, _, case_id = await unknown(database, database_url, site)
    desk = clearing(database, walker, database_url)
    taken = await desk.settle(caller(database), case_id, Word(NUMBER, "night shift"), ONCE)
    assert isinstance(taken, Accepted)
    case = await load(database, case_id)
    assert (case.status, filing(case).delivery, case.attention) == (
        CaseStatus.RECEIVED,
        Delivery.RECONCILED,
        Attention.PAYER,
    )
    assert case.standing is not None
    assert [(one.kind, one.value) for one in case.standing.references] == [(ReferenceKind.REVIEW, NUMBER)]
    await walker.walk(Walk(case_id))
    assert site.effects == 1, "it did not go again"
    async with database.snapshot() as connection:
        journal = await read_journal(database, connection, case_id)
        stored = await load_case(database, connection, case_id)
        assert journal is not None
        assert stored is not None
        assert await find_doubts(database, connection, stored, journal) == ()
    *_, found, note = journal.intact
    assert (found.kind, found.meta["by"]) == ("outcome", "person")
    assert b"night shift" in note.body
    assert NUMBER.encode() not in note.body
    assert NUMBER not in str([entry.meta for entry in journal.intact])


async def test_what_a_person_did_not_find_goes_again_once(database: Database, database_url: str) -> None:
    site = Site()
    walker, time, case_id = await unknown(database, database_url, site)
    desk = clearing(database, walker, database_url)
    stamp = filing(await load(database, case_id)).stamp
    await desk.settle(caller(database), case_id, Word(None, "night shift"), ONCE)
    case = await load(database, case_id)
    assert (filing(case).delivery, case.status) == (Delivery.PLANNED, CaseStatus.QUEUED)
    with pytest.raises(NotNow, match="Nothing of this case is in doubt"):
        await desk.settle(caller(database), case_id, Word(None, "night shift"), ONCE)
    site.trouble = {len(site.said) + 3: MaybeSent("the line broke again")}
    await walker.walk(Walk(case_id))
    site.filed = 0
    case = await ring(database, time, walker, case_id)
    assert (case.status, site.effects, filing(case).stamp) == (CaseStatus.UNCERTAIN, 2, stamp)
    for _ in range(2):
        case = await ring(database, time, walker, case_id)
    assert site.effects == 2, "one word lets it go once"
    assert case.attention is Attention.OPERATOR


async def test_it_is_too_soon_to_say_that_there_is_nothing(database: Database, database_url: str) -> None:
    site = Site()
    case_id, submission_id = await routed(database)
    site.trouble = {3: MaybeSent("the line broke")}
    walker = a_walker(database, database_url, site)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    desk = clearing(database, walker, database_url)
    with pytest.raises(NotNow, match="look again after"):
        await desk.settle(caller(database), case_id, Word(None, "x"), ONCE)
    assert filing(await load(database, case_id)).delivery is Delivery.LOST
    await desk.settle(caller(database), case_id, Word(NUMBER, "x"), ONCE)  # what was found was found


async def test_one_key_settles_once(database: Database, database_url: str) -> None:
    walker, _, case_id = await unknown(database, database_url, Site())
    desk, act = clearing(database, walker, database_url), Act("a key", b"digest", b"{}")
    assert isinstance(await desk.settle(caller(database), case_id, Word(NUMBER, "x"), act), Accepted)
    assert isinstance(await desk.settle(caller(database), case_id, Word(NUMBER, "x"), act), Replayed)


async def test_a_case_of_somebody_else_is_none(database: Database, database_url: str) -> None:
    walker, _, case_id = await unknown(database, database_url, Site())
    desk = clearing(database, walker, database_url)
    with pytest.raises(Unknown):
        await desk.settle(caller(database, "other"), case_id, Word(NUMBER, "x"), ONCE)
    with pytest.raises(Unknown):
        await desk.resume(caller(database, "other"), case_id, None, ONCE)
    with pytest.raises(Unknown):
        await desk.challenge(caller(database, "other"), case_id)


async def doubtful(database: Database, url: str) -> Case:
    """A case of whose submission two messages are in doubt."""
    case_id, _ = await routed(database)
    case = await load(database, case_id)
    [held] = case.submissions
    lost = [
        replace(an_attempt(verb, Delivery.LOST, 100, work), submission_id=held.id)
        for verb, work in ((Verb.AMEND, CANCEL), (Verb.ANSWER, LABS))
    ]
    return replace(case, submissions=(replace(held, attempts=tuple(lost)),))


async def test_of_several_in_doubt_one_must_be_named(database: Database, database_url: str) -> None:
    case = await doubtful(database, database_url)
    [held] = case.submissions
    with pytest.raises(Unfit) as refused:
        choose(case, Word(NUMBER, "x"))
    [fault] = refused.value.findings
    assert fault.at == ("attempt",)
    for lost, name in zip(held.attempts, ("cancellation", "documents"), strict=True):
        assert f"{lost.id} ({name})" in fault.fix
        assert choose(case, Word(NUMBER, "x", held.id, lost.id)) == (held, lost)
    for wrong in (Word(NUMBER, "x", uuid4()), Word(NUMBER, "x", None, uuid4())):
        with pytest.raises(Unfit) as refused:
            choose(case, wrong)
        assert refused.value.findings[0].code == "not_in_doubt"


async def test_a_lost_message_that_a_person_found_or_not(database: Database, database_url: str) -> None:
    """As an appeal over a channel that no inquiry shows it on."""
    site, time = Site(), Time(database)
    case_id, submission_id = await routed(database)
    walker = a_walker(database, database_url, site)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    [held] = (await load(database, case_id)).submissions
    desk = clearing(database, walker, database_url)
    for word, ends in ((Word(None, "x"), Delivery.PLANNED), (Word(NUMBER, "x"), Delivery.RECONCILED)):
        async with database.transaction() as connection:
            case = await load_case(database, connection, case_id, lock=True)
            assert case is not None
            asked = await walker.scripts.plan(case, case.submission(held.id), Verb.ANSWER, LABS)
            step = acts.asked(case, case.submission(held.id), asked, cancelling=False, note={"note": "given"})
            await write(database, connection, case, step)
        site.trouble = {len(site.said) + 2: MaybeSent("the line broke")}
        await walker.walk(Walk(case_id, held.id))
        time.gone += timedelta(minutes=5)
        await desk.settle(caller(database), case_id, word, ONCE)
        case = await load(database, case_id)
        message = next(one for one in case.submissions[0].attempts if one.id == asked.id)
        assert message.delivery is ends
        assert case.status is CaseStatus.RECEIVED, "its status is the payer's to change"
        if ends is Delivery.PLANNED:
            site.trouble = {}
            await walker.walk(Walk(case_id, held.id))
            case = await load(database, case_id)
            message = next(one for one in case.submissions[0].attempts if one.id == asked.id)
            assert message.delivery is Delivery.APP_ACKED


async def test_what_waits_for_an_operator_is_tried_at_once_when_resumed(database: Database, database_url: str) -> None:
    site = Site()
    case_id, submission_id = await routed(database)
    walker = a_walker(database, database_url, site)
    desk = clearing(database, walker, database_url)
    with pytest.raises(NotNow, match="waits for an operator"):
        await desk.resume(caller(database), case_id, None, ONCE)
    site.trouble = {2: NeedsPerson("not the page", only_this=True)}
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    assert (await load(database, case_id)).attention is Attention.OPERATOR
    with pytest.raises(Unfit) as refused:
        await desk.resume(caller(database), case_id, "7KQ2M", ONCE)
    assert refused.value.findings[0].code == "not_asked"
    await desk.resume(caller(database), case_id, None, ONCE)
    case = await load(database, case_id)
    assert (case.attention, case.submissions[0].due_at is not None) == (Attention.GATEWAY, True)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    assert (await load(database, case_id)).status is CaseStatus.RECEIVED


async def test_an_error_of_the_line_is_no_word_on_the_filing(database: Database, database_url: str) -> None:
    """A search that did not reach the site has found nothing out."""
    site = Site()
    walker, time, case_id = await unknown(database, database_url, site)
    site.trouble = {len(site.said) + 1: NotSent("no line")}
    case = await ring(database, time, walker, case_id)
    assert filing(case).delivery is Delivery.LOST


async def test_what_was_cancelled_and_is_not_there_is_taken_back(database: Database, database_url: str) -> None:
    site = Site()
    walker, _, case_id = await unknown(database, database_url, site)
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        assert case is not None
        [held] = case.submissions
        asked = await walker.scripts.plan(case, held, Verb.AMEND, CANCEL)
        step = acts.asked(case, held, asked, cancelling=True, note={"note": "cancel_asked"})
        await write(database, connection, case, step)
    desk = clearing(database, walker, database_url)
    await desk.settle(caller(database), case_id, Word(None, "x"), ONCE)
    await walker.walk(Walk(case_id))
    case = await load(database, case_id)
    assert (case.status, site.effects) == (CaseStatus.CANCELLED, 1)
