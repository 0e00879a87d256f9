"""Settling, resuming and challenges over the API: what is asked, what is refused and why, who may see a picture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.contract.adapter import Stamp
from gateway.contract.destination import Mode
from gateway.contract.errors import Challenged
from gateway.contract.pieces import Evidence
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.cases import load_case, write
from gateway.store.challenges import ask_person
from gateway.store.keys import Scope
from gateway.store.records import Attempt, Due, EntryKind, NewEntry, Step, Verb
from tests.unit.api_house import House, open_house
from tests.unit.store_cases import submission

CONNECTION = "parrot_house"
CAPTCHA = Evidence("captcha", "image/png", b"\x89PNG picture")


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


async def lost(house: House, *verbs: Verb, ago: float = 600) -> tuple[UUID, list[UUID]]:
    """A case of which these were lost."""
    case_id = await house.submit()
    filed = replace(submission(), connection=CONNECTION, channel="parrot", status=CaseStatus.UNCERTAIN)
    now = datetime.now(UTC)
    filed = replace(
        filed,
        attention=Attention.OPERATOR,
        attention_why="Look.",
        due_at=now + timedelta(hours=1),
        due_for=Due.RECONCILE,
    )
    said = [
        Attempt(uuid4(), filed.id, verb, Stamp(at=now, number=n, seed="0" * 32), Delivery.LOST, now, sent_at=now)
        for n, verb in enumerate(verbs, start=1)
    ]
    said = [replace(one, sent_at=now - timedelta(seconds=ago)) for one in said]
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        await write(house.database, connection, case, Step(case_id, submissions=(filed,), attempts=tuple(said)))
    return case_id, [one.id for one in said]


async def challenged(house: House, seconds: int = 300, picture: Evidence | None = CAPTCHA) -> UUID:
    case_id, _ = await lost(house, Verb.SUBMIT)
    asked = Challenged("captcha" if picture else "approval", "read the picture", seconds)
    asked.picture = picture
    async with house.database.transaction() as connection:
        await connection.execute("UPDATE challenges SET resumed_at = now() WHERE resumed_at IS NULL")
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        await ask_person(house.database, connection, case, case.submissions[0].id, asked, timedelta(minutes=15))
    return case_id


async def shown(house: House, case_id: UUID) -> dict[str, Any]:
    body: dict[str, Any] = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    return body


async def test_a_person_settles_a_lost_filing_once(house: House) -> None:
    case_id, _ = await lost(house, Verb.SUBMIT)
    path = f"/v1/requests/{case_id}/settle"
    first = await house.call("POST", path, {"found": "REF-000777"}, Idempotency_Key="settle")
    again = await house.call("POST", path, {"found": "REF-000777"}, Idempotency_Key="settle")
    late = await house.call("POST", path, {"found": "REF-000777"})
    other = await house.call("POST", path, {"absent": True}, Idempotency_Key="settle")
    assert (first.status, again.status, late.status, other.status) == (202, 202, 409, 422)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Nothing of this case is in doubt" in (await late.json())["detail"]
    case = await shown(house, case_id)
    assert (case["status"], [one["value"] for one in case["references"]]) == ("received", ["REF-000777"])
    assert case["submissions"][0]["attempts"][0]["delivery"] == "reconciled"


async def test_what_is_absent_goes_again(house: House) -> None:
    case_id, _ = await lost(house, Verb.SUBMIT)
    assert (await house.call("POST", f"/v1/requests/{case_id}/settle", {"absent": True})).status == 202
    case = await shown(house, case_id)
    assert (case["status"], case["submissions"][0]["attempts"][0]["delivery"]) == ("queued", "planned")


async def test_an_absence_is_not_believed_before_its_time(house: House) -> None:
    case_id, _ = await lost(house, Verb.SUBMIT, ago=1)
    refused = await house.call("POST", f"/v1/requests/{case_id}/settle", {"absent": True})
    assert refused.status == 409
    assert "look again after" in (await refused.json())["detail"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"found": "X", "absent": True}, ["/absent"]),
        ({"found": ""}, ["/found"]),
        ({"found": "X" * 141}, ["/found"]),
        ({"found": "two\nlines"}, ["/found"]),
        ({"absent": False}, ["/absent"]),
        ({"found": "X", "submission": "no"}, ["/submission"]),
        ({"found": "X", "more": 1}, ["/more"]),
    ],
)
async def test_a_word_that_says_nothing_or_too_much_is_refused_at_its_place(
    house: House, body: dict[str, Any], pointers: list[str]
) -> None:
    case_id, _ = await lost(house, Verb.SUBMIT)
    refused = await house.call("POST", f"/v1/requests/{case_id}/settle", body)
    assert refused.status == 422
    faults = (await refused.json())["faults"]
    assert [fault["pointer"] for fault in faults] == pointers
    assert all(fault["fix"] for fault in faults)


async def test_of_several_in_doubt_the_fix_names_each(house: House) -> None:
    case_id, names = await lost(house, Verb.SUBMIT, Verb.ANSWER)
    path = f"/v1/requests/{case_id}/settle"
    refused = await house.call("POST", path, {"found": "REF-1"})
    [fault] = (await refused.json())["faults"]
    assert (refused.status, fault["pointer"]) == (422, "/attempt")
    assert all(str(name) in fault["fix"] for name in names)
    assert (await house.call("POST", path, {"found": "REF-1", "attempt": str(names[0])})).status == 202


async def test_a_case_shows_what_its_payers_site_asks(house: House) -> None:
    case_id = await challenged(house)
    case = await shown(house, case_id)
    assert case["challenge"]["kind"] == "captcha"
    assert case["challenge"]["says"] == "read the picture"
    assert case["challenge"]["picture"] == f"/v1/requests/{case_id}/challenge"
    picture = await house.call("GET", case["challenge"]["picture"])
    assert (picture.status, picture.content_type, await picture.read()) == (200, "image/png", CAPTCHA.body)
    assert picture.headers["Cache-Control"] == "no-store"


async def test_a_picture_is_for_who_may_see_what_was_heard(house: House) -> None:
    case_id = await challenged(house)
    token = await house.key(Scope.READ_CASES, Scope.WRITE_CASES)
    assert (await house.call("GET", f"/v1/requests/{case_id}/challenge", token=token)).status == 403


@pytest.mark.parametrize(("seconds", "picture"), [(-1, CAPTCHA), (300, None)])
async def test_no_picture_is_not_found(house: House, seconds: int, picture: Evidence | None) -> None:
    case_id = await challenged(house, seconds, picture)
    assert (await house.call("GET", f"/v1/requests/{case_id}/challenge")).status == 404
    challenge = (await shown(house, case_id))["challenge"]
    assert challenge is None if seconds < 0 else challenge["picture"] is None


async def test_a_case_is_resumed_with_what_the_picture_says(house: House) -> None:
    case_id = await challenged(house)
    path = f"/v1/requests/{case_id}/resume"
    bare = await house.call("POST", path)
    [fault] = (await bare.json())["faults"]
    assert (bare.status, fault["pointer"]) == (422, "/answer")
    assert "/challenge" in fault["fix"]
    first = await house.call("POST", path, {"answer": "7KQ2M"}, Idempotency_Key="go")
    again = await house.call("POST", path, {"answer": "7KQ2M"}, Idempotency_Key="go")
    late = await house.call("POST", path, {"answer": "7KQ2M"})
    assert (first.status, again.status, late.status) == (202, 202, 422)
    case = await shown(house, case_id)
    assert (case["challenge"], case["attention"]["who"]) == (None, "gateway")


async def test_what_waits_for_nobody_is_not_resumed(house: House) -> None:
    case_id = await house.submit()
    refused = await house.call("POST", f"/v1/requests/{case_id}/resume")
    assert refused.status == 409
    assert (await house.call("POST", f"/v1/requests/{uuid4()}/resume")).status == 404


async def test_another_tenants_case_is_not_there(house: House) -> None:
    case_id = await challenged(house)
    for token in (await house.key(tenant=f"{house.tenant}-other"), await house.key(mode=Mode.LIVE)):
        for method, name, body in [
            ("POST", "settle", {"found": "X"}),
            ("POST", "resume", {}),
            ("GET", "challenge", None),
        ]:
            answer = await house.call(method, f"/v1/requests/{case_id}/{name}", body, token=token)
            assert (answer.status, name) == (404, name)


async def test_an_act_needs_the_scope_of_acts(house: House) -> None:
    case_id = await challenged(house)
    token = await house.key(Scope.READ_CASES, Scope.READ_RAW)
    for name, body in (("settle", {"found": "X"}), ("resume", {})):
        assert (await house.call("POST", f"/v1/requests/{case_id}/{name}", body, token=token)).status == 403


async def test_a_picture_of_a_page_is_read_as_an_entry_of_the_journal(house: House) -> None:
    case_id = await house.submit()
    meta = {"what": "before", "media_type": "image/png", "size": 12}
    await house.write(case_id, entries=(NewEntry(EntryKind.EVIDENCE, CAPTCHA.body, meta=meta),))
    [entry] = [
        one
        for one in (await (await house.call("GET", f"/v1/requests/{case_id}/raw")).json())["data"]
        if one["kind"] == "evidence"
    ]
    assert (entry["media_type"], entry["meta"]["what"]) == ("image/png", "before")
    raw = await house.call("GET", entry["link"])
    assert (raw.content_type, await raw.read()) == ("image/png", CAPTCHA.body)
    token = await house.key(Scope.READ_CASES)
    assert (await house.call("GET", entry["link"], token=token)).status == 403
