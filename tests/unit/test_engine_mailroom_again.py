"""What is opened anew: a file that was placed again after a mend, and answers to a filing whose profile was mended."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.contract.errors import NotSent
from gateway.contract.mailbox import Letter, Placed
from gateway.engine.queue import Walk
from gateway.main.house import load_adapters
from gateway.model.status import CaseStatus
from gateway.profiles.library import Library
from gateway.store.database import Database
from gateway.store.mailroom import State, place_again
from gateway.store.records import Due
from tests import post_material
from tests.post_material import MAPPINGS, Office, accepts, answer, open_office
from tests.unit.store_cases import opened


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def office(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path) as made:
        yield made


async def again(office: Office) -> None:
    [arrival] = await office.arrivals()
    assert await place_again(office.database, arrival.id)
    await office.look()


async def test_placed_again_each_letter_is_heard_that_was_not_and_no_other(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    filing, known = await office.filing(case_id), office.adapter.place

    def understood_less(letters: Any, posted: Any) -> tuple[Placed, ...]:
        """What an earlier release made of the same file."""
        placed = known(letters, posted)
        return tuple(Placed(each.letter, reason="ambiguous") if each.letter.what == "278" else each for each in placed)

    monkeypatch.setattr(office.adapter, "place", understood_less)
    office.put("a", accepts(filing, 501), answer(filing, "A1", 502))
    await office.look(2)
    assert [(each.state, each.reason) for each in await office.arrivals()] == [(State.QUARANTINED, "ambiguous")]
    assert (await office.case(case_id)).status is CaseStatus.RECEIVED
    monkeypatch.setattr(office.adapter, "place", known)
    await again(office)
    assert [(each.state, each.reason) for each in await office.arrivals()] == [(State.HEARD, None)]
    assert (await office.case(case_id)).status is CaseStatus.APPROVED
    assert await office.heard(case_id) == ["received", "reviewed"], "what was heard before is not heard again"
    await database.fetch("UPDATE arrivals SET state = 'quarantined'")
    await again(office)
    assert await office.heard(case_id) == ["received", "reviewed"]


async def test_a_letter_that_another_release_finds_elsewhere_in_the_file_is_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    filing, known = await office.filing(case_id), office.adapter.open
    office.put("a", accepts(filing, 501), accepts(filing, 502).replace(b"AK1*HI*1*", b"AK1*HI*999*"))
    await office.look(2)

    def counted_otherwise(body: bytes) -> tuple[Letter, ...]:
        return tuple(replace(each, place=f"/{each.place}") for each in known(body))

    monkeypatch.setattr(office.adapter, "open", counted_otherwise)
    await again(office)
    assert await office.heard(case_id) == ["received"]


async def test_answers_name_what_left_where_the_profile_was_mended_before_it_did(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(database, database_url, tmp_path) as office:
        office.folder.trouble = [NotSent("nobody there")]
        case_id = await office.file()
    mended = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, mended)
    profile = mended / "connections" / "demo_clearinghouse.yaml"
    profile.write_text(profile.read_text().replace("isa_sender_id: PAYERGW", "isa_sender_id: CLINICGW"))
    library = Library.load(mended, load_adapters())
    monkeypatch.setattr(post_material, "_shipped", lambda: library)
    async with open_office(database, database_url, tmp_path) as office:
        filing = await retried(office, case_id)
        office.put("a.999", to_clinic(accepts(filing, 501)))
        office.put("b.278", to_clinic(answer(filing, "A1", 502)))
        await office.look(2)
        assert [(each.state, each.reason) for each in await office.arrivals()] == [(State.HEARD, None)] * 2
        assert (await office.case(case_id)).status is CaseStatus.APPROVED


async def retried(office: Office, case_id: UUID) -> Any:
    """The filing, after it went."""
    [submission] = (await office.case(case_id)).submissions
    await office.database.fetch("UPDATE submissions SET due_at = now() - interval '1 hour'")
    await office.walker.walk(Walk(case_id, submission.id, Due.RETRY))
    [path] = (office.folder.root / "in").iterdir()
    assert b"CLINICGW" in path.read_bytes()
    return await office.filing(case_id)


def to_clinic(document: bytes) -> bytes:
    return document.replace(b"PAYERGW        ", b"CLINICGW       ").replace(b"PAYERGW", b"CLINICGW")
