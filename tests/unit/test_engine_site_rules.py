"""Rules of sites: nothing goes over one without its owner's leave, nor outside its hours; and who is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from gateway.contract.destination import Mode
from gateway.contract.errors import NotSent
from gateway.contract.turns import Turn
from gateway.engine.links import Links, Shut
from gateway.engine.queue import Walk
from gateway.main.check import _notes
from gateway.model.status import Attention, CaseStatus
from gateway.profiles.library import Library
from gateway.routing.decision import Rule
from gateway.routing.plan import choose
from gateway.store.database import Database
from gateway.store.records import Due
from gateway.transport.link import Link
from tests.unit.paging_material import HOUSE, Site, Time, a_walker, pages, ring, routed
from tests.unit.store_cases import load, made_up, opened, take

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""A Monday; in New York it is noon."""
HOURS = {"zone": "America/New_York", "days": ["mon"], "from": "08:00", "until": "11:30"}
OPENS = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def without(verdict: str) -> Library:
    return pages({"terms": {"verdict": verdict, "reference": "a letter", "owner": "A Person"}})


def links(library: Library, now: datetime = NOON) -> Links:
    return Links(library, None, lambda: now)  # type: ignore[arg-type]


@pytest.mark.parametrize("verdict", ["forbidden", "unknown"])
def test_no_route_leads_over_a_site_without_leave_and_it_is_said_what_to_record(verdict: str) -> None:
    decision = choose(made_up(), Mode.TEST, date(2026, 11, 21), without(verdict), lambda _: None)
    assert decision.plans == ()
    [gap] = decision.unrouted
    assert gap.why.rule is Rule.TERMS
    assert f"connection {HOUSE}: the verdict on its terms is {verdict}" in gap.why.says
    assert "browser.terms of the connection" in (gap.why.fix or "")


@pytest.mark.parametrize("verdict", ["allowed", "by_agreement"])
def test_with_leave_one_does(verdict: str) -> None:
    decision = choose(made_up(), Mode.TEST, date(2026, 11, 21), without(verdict), lambda _: None)
    assert [plan.connection for plan in decision.plans] == [HOUSE]


async def test_a_case_that_only_such_a_site_could_take_calls_an_operator(database: Database, database_url: str) -> None:
    case_id = await take(database, made_up())
    site = Site()
    await a_walker(database, database_url, site, without("unknown")).walk(Walk(case_id))
    case = await load(database, case_id)
    assert (case.status, case.attention, site.said) == (CaseStatus.FAILED, Attention.OPERATOR, [])
    assert "browser.terms" in (case.attention_why or "")


async def test_what_was_routed_before_waits_for_the_leave_and_goes_on_with_it(
    database: Database, database_url: str
) -> None:
    case_id, submission_id = await routed(database)
    site, time = Site(), Time(database)
    await a_walker(database, database_url, site, without("forbidden")).walk(Walk(case_id, submission_id, Due.RETRY))
    case = await load(database, case_id)
    assert (case.status, case.attention, site.said) == (CaseStatus.QUEUED, Attention.OPERATOR, [])
    assert "browser.terms of the connection" in (case.attention_why or "")
    case = await ring(database, time, a_walker(database, database_url, site), case_id)
    assert (case.status, site.filed) == (CaseStatus.RECEIVED, 1)


async def test_the_last_door_is_shut_too() -> None:
    with pytest.raises(RuntimeError, match="leave"):
        async with links(without("unknown")).place(HOUSE, Mode.TEST):
            raise AssertionError("it let by")


def test_the_check_says_which_sites_have_no_leave_and_that_it_is_no_fault() -> None:
    told = StringIO()
    for note in _notes(without("unknown")):
        Console(file=told, width=400).print(note)
    assert f"connection {HOUSE}: the verdict on its terms is unknown; nothing goes over it" in told.getvalue()
    assert list(_notes(pages())) == []


async def test_outside_its_hours_a_site_is_shut_until_they_begin() -> None:
    closed = pages({"hours": HOURS})
    with pytest.raises(Shut) as shut:
        async with links(closed).place(HOUSE, Mode.TEST):
            raise AssertionError("it let by")
    assert shut.value.until == OPENS
    async with links(closed, NOON - timedelta(hours=1)).place(HOUSE, Mode.TEST):
        pass  # in their hours it is open


class Openings:
    """Stands for browsers, and keeps whose pages were asked for."""

    def __init__(self) -> None:
        self.whose: list[str] = []

    async def open(self, link: Link, whose: str = "") -> Any:
        self.whose.append(whose)
        raise NotSent("there is none here")

    async def close(self) -> None: ...


async def test_whose_page_it_is_to_be_is_said_to_the_browser() -> None:
    browsers = Openings()
    own = Links(pages(), None, lambda: NOON, portals=browsers)  # type: ignore[arg-type]
    async with own.place(HOUSE, Mode.TEST, whose="a submission") as place:
        with pytest.raises(NotSent):
            await place.say(Turn((), ()))
    assert browsers.whose == ["a submission"]


class Closed(Site):
    """Outside its hours."""

    def __init__(self, real: Links) -> None:
        super().__init__()
        self._real = real

    def place(self, connection: str, mode: Mode, *, wait: bool = True, whose: str = "") -> Any:
        return self._real.place(connection, mode, wait=wait, whose=whose)


@pytest.mark.parametrize("fresh", [True, False])
async def test_what_waits_for_the_hours_says_so_and_calls_nobody(
    database: Database, database_url: str, fresh: bool
) -> None:
    closed = pages({"hours": HOURS})
    case_id = await take(database, made_up()) if fresh else (await routed(database))[0]
    site = Closed(links(closed))
    await a_walker(database, database_url, site, closed).walk(Walk(case_id))
    case = await load(database, case_id)
    [held] = case.submissions
    assert (case.status, held.due_at, held.attention) == (CaseStatus.QUEUED, OPENS, Attention.GATEWAY)
    assert held.attention_why == (
        "outside the hours in which the payer's site may be used: it goes on by itself when they begin, at "
        "2026-11-30T13:00Z"
    )
    assert (case.attention, case.attention_why) == (held.attention, held.attention_why)
    assert held.attempts == ()


def test_a_payer_of_a_site_has_no_more_places_than_pages() -> None:
    assert links(pages({"sessions": 2})).places()[HOUSE] == 2
    assert links(pages()).places()[HOUSE] == 1
