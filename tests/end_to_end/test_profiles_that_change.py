"""Profiles that are taken away or edited while requests are open: nothing goes another way or in other words than it
was to go, a person is called, and all goes on by itself once the profile is as it was."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.engine import walk
from gateway.store.clock import Clock
from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import Customer, open_customer
from tests.running.house import House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE, Running
from tests.running.requests import BLUESTEM, compose

QUICK = {**TEMPO, "first_seconds": "0.3", "longest_seconds": "1"}


@dataclass(frozen=True)
class Place:
    payer: Payer
    house: House

    @property
    def mappings(self) -> Path:
        return self.house.folder / "mappings"

    @asynccontextmanager
    async def gateway(self, first: Callable[[], None] | None = None) -> AsyncIterator[tuple[Running, Customer]]:
        """A gateway started with the profiles as they are now."""
        running = self.house.serve(first=first or look_often)
        async with open_customer(running.address(), self.house.key) as customer:
            yield running, customer
        assert running.stop() == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    log = tmp_path_factory.mktemp("profiles") / "payer.log"
    with open_payer(log) as payer, open_house(payer.url, QUICK) as house:
        # A policy of a payer without a profile is a fault of its own, and nothing starts on it.
        shutil.rmtree(house.folder / "mappings" / "policies" / BLUESTEM)
        yield Place(payer, house)


def look_often() -> None:
    """Look every second whether a missing profile is back."""
    walk._UNTIL_PROFILE = timedelta(seconds=1)


async def until_called(customer: Customer, case_id: str, says: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while says not in str((case := await customer.case(case_id))["attention"]["why"]):
        assert time.monotonic() < deadline, case["attention"]
        await asyncio.sleep(0.1)
    assert case["attention"]["who"] == "operator"
    return case


async def test_requests_whose_payer_lost_its_profile_call_an_operator_and_go_on_when_it_is_back(place: Place) -> None:
    async with place.gateway() as (_, customer):
        cases = [await customer.submit(compose(member("PEND"), payer=BLUESTEM)) for _ in range(2)]
        for case_id in cases:
            await customer.until(case_id, "pended")
    profile = place.mappings / "payers" / f"{BLUESTEM}.yaml"
    text = profile.read_text()
    profile.unlink()
    check = place.house.command("check", DATABASE_URL=place.house.server.url())
    assert check.join() == 1
    assert f"2 open submissions: the payer {BLUESTEM} has no profile any more." in check.said()
    async with place.gateway() as (running, customer):
        assert '"event":"profile_missing"' in running.said().replace(" ", "")
        for case_id in cases:
            case = await until_called(customer, case_id, f"the payer {BLUESTEM} has no profile any more")
            assert case["status"] == "pended"
        before = await customer.get(f"/v1/requests/{cases[0]}/events")
        answer = await customer.call("POST", f"/v1/requests/{cases[0]}/cancel", {})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "300")
        assert f"the payer {BLUESTEM} has no profile any more" in answer.json()["detail"]
        await asyncio.sleep(2.5)
        assert await customer.get(f"/v1/requests/{cases[0]}/events") == before, "nothing new is told"
        assert "job_failed" not in running.said()
    profile.write_text(text)
    async with place.gateway() as (running, customer):
        await place.payer.advance(120)
        for case_id in cases:
            case = await customer.until(case_id, "approved")
            assert case["attention"]["who"] == "none"
        assert "profile_missing" not in running.said()
    check = place.house.command("check", DATABASE_URL=place.house.server.url())
    assert check.join() == 0, check.said()


async def test_a_filing_that_may_have_arrived_goes_again_in_the_same_bytes_or_not_at_all(place: Place) -> None:
    name = member("APPROVE")
    async with place.gateway() as (_, customer):
        await place.payer.order("drop_before_recording", count=1, verb="request", payer=BLUESTEM)
        case_id = await customer.submit(compose(name, payer=BLUESTEM))
        await customer.until(case_id, "uncertain")
    profile = place.mappings / "payers" / f"{BLUESTEM}.yaml"
    text = profile.read_text()
    profile.write_text(text.replace("name: Bluestem Mutual", "name: Sampleton Mutual"))
    async with place.gateway() as (_, customer):
        case = await until_called(customer, case_id, "would not go again as it went then (body)")
        assert case["status"] == "queued"
        await asyncio.sleep(2)
        assert len(await customer.entries(case_id, "frame", "submit")) == 1
        told = [note for note in await customer.entries(case_id, "note") if "needs_person" in str(note["meta"])]
        assert len(told) == 1, "one note, however often it is looked at"
    assert (await place.payer.filings())[name] == 0
    profile.write_text(text)
    async with place.gateway() as (_, customer):
        case = await customer.until(case_id, "approved")
        assert case["attention"]["who"] == "none"
        first, again = await customer.entries(case_id, "frame", "submit")
        assert await customer.raw(case_id, first["n"]) == await customer.raw(case_id, again["n"])
    assert (await place.payer.filings())[name] == 1


async def test_a_filing_that_may_have_arrived_and_cannot_be_said_any_more_waits_for_a_person(place: Place) -> None:
    name = member("APPROVE")
    request = compose(name, payer=BLUESTEM)
    request["lines"].append({**request["lines"][0], "id": "another"})
    async with place.gateway() as (_, customer):
        await place.payer.order("drop_before_recording", count=1, verb="request", payer=BLUESTEM)
        case_id = await customer.submit(request)
        await customer.until(case_id, "uncertain")
    profile = place.mappings / "payers" / f"{BLUESTEM}.yaml"
    text = profile.read_text()
    profile.write_text(text.replace("max_lines: 3", "max_lines: 1"))
    async with place.gateway() as (_, customer):
        case = await until_called(customer, case_id, "cannot be said any more")
        assert case["status"] == "queued"
    profile.write_text(text)
    async with place.gateway() as (_, customer):
        await customer.until(case_id, "approved")
    assert (await place.payer.filings())[name] == 1


def a_day_later() -> None:
    """Work as if it were tomorrow."""
    today = Clock.now
    Clock.now = lambda clock: today(clock) + timedelta(days=1)  # type: ignore[method-assign]


async def test_a_filing_in_doubt_is_asked_about_under_the_ids_it_was_filed_with(place: Place) -> None:
    """From the next day on the payer goes by other ids, under which nobody knows what was filed before."""
    name = member("APPROVE")
    profile = place.mappings / "payers" / f"{BLUESTEM}.yaml"
    text = profile.read_text()
    moving = yaml.safe_load(text)
    moving["rhythm"]["reconcile"] = [20, 1, 1]
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    ids = {"receiver_id": "EVERGREEN", "umo_id": "EVERGREEN"}
    source = {"source": "a test", "date": "2026-11-22", "by": "a test"}
    layer = {"effective": {"start": str(tomorrow)}, "provenance": source, "channels": {"x12_278": ids}}
    moving["layers"].append(layer)
    profile.write_text(yaml.safe_dump(moving))
    async with place.gateway() as (_, customer):
        await place.payer.order("drop_after_recording", count=1, verb="request", payer=BLUESTEM)
        case_id = await customer.submit(compose(name, payer=BLUESTEM))
        await customer.until(case_id, "uncertain")
    async with place.gateway(first=a_day_later) as (_, customer):
        await customer.until(case_id, "approved")
        assert len(await customer.entries(case_id, "frame", "submit")) == 1
    profile.write_text(text)
    assert (await place.payer.filings())[name] == 1
