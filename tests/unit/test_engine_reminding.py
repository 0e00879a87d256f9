"""Authorizations that end or run out are told of once, and no more when they are renewed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from gateway.engine.queue import Walk
from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from gateway.store.records import Due
from gateway.store.reminders import claim_reminders
from tests.promises.treating import Json, answered, event, granted, order, taken, told
from tests.unit.api_house import House, open_house

TODAY = 400
"""The course's day that is today."""


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    shelf = Library.load(PROJECT / "mappings", load_adapters())
    async with open_house(shared_database_url, shelf=shelf, adapters=load_adapters()) as opened:
        yield opened


async def ring(house: House) -> set[UUID]:
    """What is due now is looked at, as a worker's sweep has it looked at. The cases."""
    async with house.database.transaction() as connection:
        due = await claim_reminders(house.database, connection, 500)
    for case_id in due:
        await house.desk._walker.walk(Walk(case_id, due=Due.EXPIRING))
    return set(due)


async def expiring(house: House, case_id: UUID) -> list[Json]:
    """What was told of a case, in order."""
    found = await (await house.call("GET", f"/v1/requests/{case_id}/events")).json()
    return [one["data"]["expiring"] for one in found["data"] if one["type"] == "authorization.expiring"]


async def granted_until(house: House, member: str, end: int, *, start: int = 300) -> tuple[UUID, str]:
    case_id, patient = await taken(house, order(member, start=start, end=end))
    await answered(house, case_id, granted(f"AUTH-{end}", 1000))
    return case_id, patient


async def test_an_authorization_that_ends_within_thirty_days_is_told_once(house: House) -> None:
    soon, patient = await granted_until(house, "EVGSOON", TODAY + 20)
    late, other = await granted_until(house, "EVGLATE", TODAY + 31)
    for name in (patient, other):
        await told(house, name, event("A1", 310))
    rung = await ring(house)
    assert soon in rung
    assert late not in rung
    assert await expiring(house, soon) == [{"1": "ends"}]
    await told(house, patient, event("A2", 320))
    assert soon not in await ring(house), "it was told"
    assert len(await expiring(house, soon)) == 1


async def test_what_is_renewed_or_was_taken_back_by_then_is_not_told(house: House) -> None:
    renewed, patient = await granted_until(house, "EVGLONG", TODAY + 20)
    await granted_until(house, "EVGLONG", TODAY + 200, start=TODAY + 21)
    await told(house, patient, event("A1", 310))
    back, other = await granted_until(house, "EVGBACK", TODAY + 20)
    await told(house, other, event("A1", 310))
    await answered(house, back, answer="rescinded")
    await ring(house)
    assert await expiring(house, renewed) == []
    assert await expiring(house, back) == []


async def test_that_one_line_ends_and_runs_out_is_told_of_both(house: House) -> None:
    case_id, patient = await granted_until(house, "EVGBOTH", TODAY + 20)
    await told(house, patient, event("D1", 310, "dose_changed", quantity={"value": 1001}))
    await ring(house)
    assert sorted(map(str, await expiring(house, case_id))) == ["{'1': 'ends'}", "{'1': 'runs_out'}"]


async def test_an_authorization_that_runs_out_before_its_course_is_told_once_for_each_grant(house: House) -> None:
    case_id, patient = await granted_until(house, "EVGSHORT", TODAY + 300)
    await told(house, patient, event("C1", 310, "cycle_started", cycle=1, quantity={"value": 900}))
    await told(house, patient, event("A1", 310))
    await ring(house)
    assert await expiring(house, case_id) == [], "900 units are needed and 1000 granted"
    await told(house, patient, event("D1", 320, "dose_changed", quantity={"value": 800}))
    await ring(house)
    assert await expiring(house, case_id) == [], "200 were used before, and 800 are left"
    more = await told(house, patient, event("D2", 330, "dose_changed", quantity={"value": 801}))
    assert (more["kind"], more["rule"]) == ("renewal", "authorization_runs_out")
    await ring(house)
    assert await expiring(house, case_id) == [{"1": "runs_out"}]
    await told(house, patient, event("A2", 331))
    await ring(house)
    assert len(await expiring(house, case_id)) == 1
