"""`payer-gateway policy`: the open cases that a change of packs turns, ids and rules alone; a tenant's setting."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from gateway.main.config import PROJECT, BadConfig, Config
from gateway.main.policies import policy
from gateway.model.request import PARequest
from gateway.profiles.faults import ProfileFaults
from gateway.store.database import Database
from gateway.store.keys import create_key
from gateway.store.preflights import PreflightSetting, preflight_setting
from tests.unit.store_cases import connected, made_up, opened, take

PACK = "policies/evergreen_health/evergreen_oncology-2026.1.yaml"
READY: dict[str, Any] = {
    "stage": [{"group": "IV", "staged_on": "2026-10-01"}],
    "performance": [{"scale": "ecog", "score": 2, "assessed_on": str(date.today())}],  # noqa: DTZ011
    "documents": [
        {"kind": "clinical_notes", "dated_on": str(date.today())},  # noqa: DTZ011
        {"kind": "pathology_report", "dated_on": str(date.today())},  # noqa: DTZ011
    ],
}


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    key = tmp_path / "master.key"
    key.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")  # the bytes 0 to 31, as the store's tests have
    key.chmod(0o600)
    return Config.read({"DATABASE_URL": database_url}, data=tmp_path)


def wanted(payer: str = "evergreen_health", **facts: Any) -> PARequest:
    tree = json.loads(made_up().model_dump_json())
    tree["coverages"][0]["payer"] = payer
    tree["facts"] = READY | facts
    return PARequest.model_validate(tree)


def changed(folder: Path, before: str, after: str) -> Path:
    """The packs with one edit."""
    new = copytree(PROJECT / "mappings", folder)
    text = (new / PACK).read_text()
    assert text.count(before) == 1
    (new / PACK).write_text(text.replace(before, after))
    return new


async def diff(config: Config, old: Path, new: Path, capsys: pytest.CaptureFixture[str], on: str | None = None) -> Any:
    options = Namespace(act="diff", old=old, new=new, on=date.fromisoformat(on) if on else None)
    code = await policy(config, options, Console())
    return code, capsys.readouterr().out.splitlines()


async def seeded(database: Database) -> dict[str, UUID]:
    worse = {"performance": [{**READY["performance"][0], "score": 3}]}
    cases = {
        "fit": await take(database, wanted()),
        "unfit": await take(database, wanted(**worse)),
        "elsewhere": await take(database, wanted("bluestem_mutual", **worse)),
        "other tenant": await take(database, wanted(), tenant="clinic-two"),
        "decided": await take(database, wanted()),
        "lacking": await take(database, wanted(documents=[])),
    }
    async with connected(database._url) as connection:
        await connection.execute("UPDATE requests SET status = 'approved' WHERE id = $1", cases["decided"])
    return cases


async def test_the_diff_lists_exactly_the_open_cases_that_turn(
    config: Config, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database_url) as database:
        cases = await seeded(database)
    old = PROJECT / "mappings"
    stricter = changed(tmp_path / "stricter", "scale: ecog, worst: 2,", "scale: ecog, worst: 1,")
    rule = "evergreen_oncology/performance"
    code, told = await diff(config, old, stricter, capsys)
    assert code == 0
    # What fails something else newly fails this too; what failed it fails as it did; and what is of another payer, or
    # decided, is no matter.
    turned = ("fit", "other tenant", "lacking")
    assert told == sorted(f"fails {cases[name]} {rule}" for name in turned)
    assert (await diff(config, stricter, old, capsys))[1] == sorted(f"passes {cases[name]} {rule}" for name in turned)
    looser = changed(tmp_path / "looser", "scale: ecog, worst: 2,", "scale: ecog, worst: 3,")
    assert (await diff(config, old, looser, capsys))[1] == [f"passes {cases['unfit']} {rule}"]
    assert (await diff(config, old, old, capsys))[1] == []
    renamed = changed(tmp_path / "renamed", "- rule: performance\n", "- rule: performance_status\n")
    assert (await diff(config, old, renamed, capsys))[1] == [
        f"fails {cases['unfit']} {rule}_status",
        f"passes {cases['unfit']} {rule}",
    ]
    assert (await diff(config, old, stricter / "policies", capsys))[1] == told


async def test_a_product_is_judged_by_the_codes_it_is_billed_under_as_it_was_when_it_was_taken(
    config: Config, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = json.loads(wanted().model_dump_json())
    tree["lines"][0] |= {"code": {"system": "ndc", "code": "99999027101"}, "quantity": {"value": "1"}}
    tree["lines"][0]["dates"] = {"start": "2026-12-01"}
    async with opened(database_url) as database:
        product = await take(database, PARequest.model_validate(tree))
    stricter = changed(tmp_path / "stricter", "scale: ecog, worst: 2,", "scale: ecog, worst: 1,")
    code, told = await diff(config, PROJECT / "mappings", stricter, capsys)
    assert (code, told) == (0, [f"fails {product} evergreen_oncology/performance"])


async def test_a_case_is_judged_as_of_the_day_it_was_filed_unless_another_is_named(
    config: Config, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database_url) as database:
        cases = await seeded(database)
    stricter = changed(tmp_path / "stricter", "scale: ecog, worst: 2,", "scale: ecog, worst: 1,")
    late = str(date.today().replace(year=date.today().year + 1))  # noqa: DTZ011
    # A year on every record is too old under either pack, so nothing turns.
    assert (await diff(config, PROJECT / "mappings", stricter, capsys, on=late))[1] == []
    assert len((await diff(config, PROJECT / "mappings", stricter, capsys))[1]) == 3
    assert cases


async def test_a_case_that_cannot_be_read_is_named_and_hides_no_other(
    config: Config, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database_url) as database:
        cases = await seeded(database)
    async with connected(database_url) as connection:
        await connection.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        await connection.execute("UPDATE journal SET body = '\\x00' WHERE request_id = $1 AND n = 1", cases["fit"])
    stricter = changed(tmp_path / "stricter", "scale: ecog, worst: 2,", "scale: ecog, worst: 1,")
    code, told = await diff(config, PROJECT / "mappings", stricter, capsys)
    assert code == 1
    assert set(told) == {
        f"unread {cases['fit']}",
        f"fails {cases['other tenant']} evergreen_oncology/performance",
        f"fails {cases['lacking']} evergreen_oncology/performance",
    }


async def test_folders_that_hold_no_packs_or_faulty_ones_are_refused(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for folder, says in ((tmp_path / "nowhere", "no folder"), (tmp_path / "empty", "no pack")):
        with pytest.raises(BadConfig, match=says):
            await diff(config, folder, PROJECT / "mappings", capsys)
    faulty = changed(tmp_path / "faulty", "scale: ecog, worst: 2,", "scale: ecog, worst: 9,")
    with pytest.raises(ProfileFaults, match="This is no score of the scale"):
        await diff(config, PROJECT / "mappings", faulty, capsys)


async def test_a_tenant_says_what_becomes_of_requests_that_fail(config: Config, database_url: str) -> None:
    shown = io.StringIO()
    async with opened(database_url) as database:
        await create_key(database, "clinic-one", "test", "front desk", [])
        for setting in (None, "block", None, "off", "warn"):
            options = Namespace(act="preflight", tenant="clinic-one", setting=setting)
            assert await policy(config, options, Console(file=shown, width=100)) == 0
        assert shown.getvalue().split() == [
            word for says in ("warn", "block", "block", "off", "warn") for word in ("clinic-one:", says)
        ]
        # A tenant that nobody has a key of is a slip of the pen: nothing would ever be held against it.
        slip = io.StringIO()
        options = Namespace(act="preflight", tenant="clinic-two", setting="block")
        assert await policy(config, options, Console(file=slip, width=100)) == 1
        assert "no key is of this tenant" in slip.getvalue()
        assert await preflight_setting(database, "clinic-two") is PreflightSetting.WARN
