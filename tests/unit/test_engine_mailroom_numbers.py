"""What a payer sends of its own accord and that names nothing of ours: it leads to the one filing that it calls so."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.x12_278 import ADAPTER
from gateway.engine import aside
from gateway.model.status import Attention, CaseStatus
from gateway.store.database import Database
from gateway.store.mailroom import State
from gateway.store.records import Attempt
from tests.post_material import NEIGHBOURSON, Office, answer, from_payer, open_office
from tests.unit.store_cases import opened
from tests.x12_material import request, response


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def office(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path) as made:
        yield made


def notice(filing: Attempt, calls: str, *, guide: str = "005010X216", purpose: str = "CN") -> bytes:
    """The payer denies now what it calls so, in words of its own."""
    body = response("UM*HS*I", "HCR*A3", calls, guide=guide, purpose=purpose, bht="PAYER-7001", trace=None)
    return from_payer(body, filing.stamp.at, 900, "1015")


@pytest.mark.parametrize("calls", ["REF*BB*AUTH502", "REF*NT*AUTH502"])
@pytest.mark.proves("AK-01")
async def test_a_notice_that_names_only_the_payers_number_is_told_to_its_case(office: Office, calls: str) -> None:
    case_id, other = await office.file(), await office.file(request(reference="case-2", patient=NEIGHBOURSON))
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 502))
    office.put("b.278", answer(await office.filing(other), "A1", 503, patient=b"NEIGHBOURSON*UMA"))
    await office.look(2)
    office.put("n.278", notice(filing, calls))
    await office.look(2)
    assert (await office.arrivals())[-1].state is State.HEARD
    assert await office.heard(case_id) == ["reviewed", "reviewed"]
    assert await office.heard(other) == ["reviewed"]


async def test_of_two_cases_that_a_payer_calls_the_same_none_is_guessed(office: Office) -> None:
    cases = [await office.file(), await office.file(request(reference="case-2"))]
    filings = [await office.filing(each) for each in cases]
    for number, filing in enumerate(filings):
        said = answer(filing, "A1", 502).replace(b"000000502", b"%09d" % (502 + number))
        office.put(f"{number}.278", said)
    await office.look(2)
    office.put("n.278", notice(filings[0], "REF*BB*AUTH502"))
    await office.look(2)
    arrival = (await office.arrivals())[-1]
    assert (arrival.state, arrival.reason) == (State.QUARANTINED, "ambiguous")
    assert arrival.findings[0]["candidates"] == sorted(str(filing.id) for filing in filings)
    assert [await office.heard(each) for each in cases] == [["reviewed"], ["reviewed"]]


async def test_a_number_that_no_answer_brought_leads_nowhere(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 502))
    office.put("n.278", notice(filing, "REF*BB*AUTH999"))
    await office.look(3)
    assert (await office.arrivals())[-1].reason == "unknown"
    standing = (await office.case(case_id)).standing
    assert standing is not None
    assert standing.status is CaseStatus.APPROVED


async def test_nobody_can_try_which_number_a_key_is_of(office: Office) -> None:
    case_id = await office.file()
    before = {row["key"] for row in await office.database.fetch("SELECT key FROM correspondence")}
    office.put("a.278", answer(await office.filing(case_id), "A1", 502))
    await office.look(2)
    [own] = {row["key"] for row in await office.database.fetch("SELECT key FROM correspondence")} - before
    [word] = office.adapter.numbers((await office.case(case_id)).standing.references)  # type: ignore[union-attr]
    assert own != word
    assert "502" not in word


async def test_a_response_that_names_only_the_payers_number_decides_nothing_and_calls_an_operator(
    office: Office,
) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 502))
    await office.look(2)
    office.put("n.278", notice(filing, "REF*BB*AUTH502", guide="005010X217", purpose="11"))
    await office.look(2)
    standing = (await office.case(case_id)).standing
    assert standing is not None
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)


@pytest.mark.parametrize("large", [10, 1 << 16])
async def test_what_a_long_letter_says_is_read_beside_everybody_else(
    office: Office, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    threads: list[threading.Thread] = []
    hear = ADAPTER.hear

    def seen(*given: Any) -> Any:
        threads.append(threading.current_thread())
        return hear(*given)

    monkeypatch.setattr(type(office.adapter), "hear", staticmethod(seen))
    monkeypatch.setattr(aside, "_LARGE", large)
    case_id = await office.file()
    office.put("a.278", answer(await office.filing(case_id), "A1", 502))
    await office.look(2)
    assert await office.heard(case_id) == ["reviewed"]
    assert [thread is threading.main_thread() for thread in threads] == [large > 10]
