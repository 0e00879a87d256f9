"""Files that are half there, or that not all of can be read: they stay at the payer's, and come whole later. What came
before and was not heard is placed anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.model.status import Attention, CaseStatus
from gateway.store.database import Database
from gateway.store.mailroom import State, dismiss
from gateway.transport.mailbox import Lying
from tests.post_material import CONNECTION, NEIGHBOURSON, Office, Visit, accepts, answer, open_office
from tests.unit.store_cases import opened
from tests.x12_material import request


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture(params=["delete", "move", "leave"])
async def office(
    request: pytest.FixtureRequest, database: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[Office]:
    over = {"tidy": request.param} | ({"move_to": "done"} if request.param == "move" else {})
    async with open_office(database, database_url, tmp_path, **over) as made:
        yield made


async def states(office: Office) -> list[State]:
    return [each.state for each in await office.arrivals()]


async def status(office: Office, case_id: Any) -> CaseStatus | None:
    standing = (await office.case(case_id)).standing
    return standing.status if standing else None


def left(office: Office) -> bool:
    profile = office.library.connection(CONNECTION)
    assert profile.mailbox is not None
    return profile.mailbox.tidy == "leave"


@pytest.mark.proves("SF-02")
async def test_an_upload_that_stalls_over_two_looks_is_left_alone_shown_and_heard_once_it_is_whole(
    office: Office,
) -> None:
    case_id = await office.file()
    whole = answer(await office.filing(case_id), "A1", 502)
    path = office.out / "a.278"
    with path.open("wb") as upload:
        upload.write(whole[:400])
        upload.flush()
        await office.look(3)
        assert path.exists()
        assert await states(office) == [State.QUARANTINED]
        upload.write(whole[400:])
    await office.look(3)
    assert await states(office) == [State.QUARANTINED, State.HEARD]
    assert await status(office, case_id) is CaseStatus.APPROVED
    assert path.exists() is left(office)
    if (done := office.folder.root / "done" / "a.278").exists():
        assert done.read_bytes() == whole


async def test_what_cannot_be_read_is_fetched_once_while_it_lies_there_unchanged(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    fetched: list[int] = []
    fetch = Visit.fetch

    async def watched(visit: Visit, lying: Lying, most: int) -> bytes:
        fetched.append(lying.size)
        return await fetch(visit, lying, most)

    monkeypatch.setattr(Visit, "fetch", watched)
    whole = answer(await office.filing(case_id), "A1", 502)
    path = office.put("a.278", whole[:400])
    await office.look(5)
    assert (fetched, path.exists()) == ([400], True)
    office.put("a.278", whole)
    await office.look(3)
    assert fetched == [400, len(whole)]


async def test_of_a_file_with_a_letter_that_cannot_be_read_the_others_are_heard_and_it_stays(office: Office) -> None:
    one, other = await office.file(), await office.file(request(reference="case-2", patient=NEIGHBOURSON))
    broken = answer(await office.filing(other), "A3", 503, patient=b"NEIGHBOURSON*UMA").replace(b"~SE*", b"~SE*9")
    path = office.put("a.278", answer(await office.filing(one), "A1", 502), broken)
    await office.look(3)
    [arrival] = await office.arrivals()
    assert (arrival.state, arrival.reason) == (State.QUARANTINED, "unreadable")
    assert [(each["place"], each["reason"]) for each in arrival.findings] == [("1.1.1", None), ("2.1.1", "unreadable")]
    assert await status(office, one) is CaseStatus.APPROVED
    assert await status(office, other) is CaseStatus.SUBMITTING
    assert path.exists()


@pytest.mark.parametrize("put_away", [True, False])
async def test_bytes_that_were_not_heard_and_come_again_are_placed_anew(office: Office, put_away: bool) -> None:
    case_id = await office.file()
    said = accepts(await office.filing(case_id), 501)
    kept = await office.database.fetch("DELETE FROM correspondence RETURNING *")
    insert = "INSERT INTO correspondence (connection, key, attempt_id, request_id, at) VALUES ($1, $2, $3, $4, $5)"
    columns = ("connection", "key", "attempt_id", "request_id", "at")
    strange = [kept[0][each] if each != "key" else "nobody's" for each in columns]
    await office.database.fetch(insert, *strange)
    office.put("a.999", said)
    await office.look(2)
    [first] = await office.arrivals()
    assert (first.state, first.reason) == (State.QUARANTINED, "unknown")
    if put_away:
        assert await dismiss(office.database, first.id, "nobody knows it")
    for row in kept:
        await office.database.fetch(insert, *(row[each] for each in columns))
    office.put("b.999", said)
    await office.look(2)
    assert await states(office) == [State.HEARD, State.REPEATED]
    assert await status(office, case_id) is CaseStatus.RECEIVED
    office.put("c.999", said)
    await office.look(2)
    assert await states(office) == [State.HEARD, State.REPEATED, State.REPEATED]
    assert await office.heard(case_id) == ["received"]


async def test_a_999_that_takes_what_a_999_refused_calls_an_operator_though_they_came_in_two_files(
    office: Office,
) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("b.999", accepts(filing, 501, verdict="R"))
    await office.look(2)
    office.put("c.999", accepts(filing, 503))
    await office.look(2)
    standing = (await office.case(case_id)).standing
    assert standing is not None
    assert (standing.status, standing.attention) == (CaseStatus.REJECTED, Attention.OPERATOR)
