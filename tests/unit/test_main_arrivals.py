"""`payer-gateway arrivals`: what nobody could place is looked at, placed again, or put away; nothing is lost."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from rich.console import Console

from gateway.engine.sorting import NotNow
from gateway.main import main
from gateway.main.arrivals import arrivals
from gateway.main.config import BadConfig, Config
from gateway.model.status import CaseStatus
from gateway.store.mailroom import MOST_TRIES, State
from tests.post_material import CONNECTION, Office, answer, open_office
from tests.unit.store_cases import opened

MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database_url) as database, open_office(database, database_url, tmp_path) as made:
        yield made


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config.read({"DATABASE_URL": database_url, "GATEWAY_MASTER_KEY": MASTER}, data=tmp_path)


async def told(config: Config, act: str, **options: Any) -> tuple[int, str]:
    out = io.StringIO()
    given = {"state": None, "limit": 50, "phi": False} | options
    code = await arrivals(config, Namespace(act=act, **given), Console(file=out, width=200))
    return code, out.getvalue()


async def stranger(office: Office) -> str:
    """The id of a file that nobody can place: the decision on a filing whose keys are not known yet."""
    case_id = await office.file()
    await office.database.fetch("UPDATE correspondence SET connection = 'elsewhere' WHERE request_id = $1", case_id)
    await office.file()
    office.put("SAMPLETON-ada.278", answer(await office.filing(case_id), "A1", 502))
    await office.look(2)
    [arrival] = await office.arrivals()
    assert arrival.state is State.QUARANTINED
    return str(arrival.id)


async def test_what_is_quarantined_is_listed_and_shown_without_phi(office: Office, config: Config) -> None:
    arrival_id = await stranger(office)
    code, listed = await told(config, "list")
    assert code == 1
    assert arrival_id in listed
    assert "quarantined (unknown)" in listed
    assert "demo_clearinghouse  looked into" in listed
    code, shown = await told(config, "show", id=arrival_id)
    assert "278 at 1.1.1 is nobody's: unknown" in shown
    assert "SAMPLETON" not in listed + shown
    code, shown = await told(config, "show", id=arrival_id, phi=True)
    assert "NM1*IL*1*SAMPLETON*ADA" in shown
    assert "SAMPLETON-ada.278" in shown


async def test_what_is_placed_again_reaches_its_case(office: Office, config: Config) -> None:
    arrival_id = await stranger(office)
    await office.database.fetch("UPDATE correspondence SET connection = 'demo_clearinghouse'")
    assert (await told(config, "again", id=arrival_id))[0] == 0
    await office.look()
    assert [each.state for each in await office.arrivals()] == [State.HEARD]
    rows = await office.database.fetch("SELECT status FROM requests ORDER BY created_at")
    assert [row["status"] for row in rows] == [CaseStatus.APPROVED, CaseStatus.SUBMITTING]
    with pytest.raises(BadConfig):
        await told(config, "again", id=arrival_id)


async def test_what_is_put_away_stays_with_the_reason_and_can_be_taken_up_again(office: Office, config: Config) -> None:
    arrival_id = await stranger(office)
    await told(config, "dismiss", id=arrival_id, why="of Bo Testperson, whom we do not know")
    code, listed = await told(config, "list")
    assert (code, "dismissed" in listed) == (0, True)
    assert "Testperson" not in (await told(config, "show", id=arrival_id))[1]
    assert "Testperson" in (await told(config, "show", id=arrival_id, phi=True))[1]
    await office.look()
    assert [each.state for each in await office.arrivals()] == [State.DISMISSED]
    assert (await told(config, "again", id=arrival_id))[0] == 0


async def test_what_cannot_be_opened_for_some_looks_is_trouble(
    office: Office, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.file()
    sorter = office.mailroom._sorter
    sort = sorter.sort

    async def broken(*_: Any) -> None:
        raise NotNow

    monkeypatch.setattr(sorter, "sort", broken)
    office.put("b.278", answer(await office.filing(case_id), "A1", 502))
    await office.look(1 + MOST_TRIES)
    assert ((await told(config, "list"))[0], stuck()) == (0, 0)
    await office.look()
    code, listed = await told(config, "list", limit=0)
    assert (code, stuck()) == (1, 1)
    assert "1 of its files cannot be opened" in listed
    assert "stored (opened 4 times in vain)" in (await told(config, "list"))[1]
    monkeypatch.setattr(sorter, "sort", sort)
    await office.look()
    assert ((await told(config, "list"))[0], stuck()) == (0, 0)
    await office.database.fetch("UPDATE arrivals SET state = 'quarantined'")
    [arrival] = await office.arrivals()
    await told(config, "again", id=str(arrival.id))
    assert (await told(config, "list"))[0] == 0, "it is counted anew"


def stuck() -> float | None:
    return REGISTRY.get_sample_value("gateway_arrivals_stuck", {"connection": CONNECTION})


@pytest.mark.parametrize("act", ["show", "again", "dismiss"])
@pytest.mark.parametrize("number", ["018f3c1e-0000-4000-8000-000000000000", "nonsense"])
async def test_what_is_not_there_is_said_so(office: Office, config: Config, act: str, number: str) -> None:
    with pytest.raises(BadConfig):
        await told(config, act, id=number, why="none")


def test_to_put_away_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["arrivals", "dismiss", str(uuid4())])
    assert "--why" in capsys.readouterr().err
