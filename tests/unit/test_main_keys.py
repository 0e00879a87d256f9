"""`payer-gateway keys`: names are the operator's own words, whatever they look like."""

from __future__ import annotations

import base64
import io
from argparse import Namespace
from pathlib import Path

import pytest
from rich.console import Console

from gateway.main.config import Config
from gateway.main.keys import keys
from gateway.store.database import Database
from gateway.store.master_key import MasterKey, MasterKeyError
from tests.unit.store_cases import load, made_up, opened, take


async def test_a_name_that_looks_like_markup_is_listed_as_it_is(tmp_path: Path, database_url: str) -> None:
    shown = io.StringIO()
    config = Config.read({"DATABASE_URL": database_url, "GATEWAY_MASTER_KEY": "A" * 43 + "="}, data=tmp_path)
    made = Namespace(act="create", tenant="clinic", mode="test", scope=["cases:read"], name="[bold]x[/nope]")
    for options in (made, Namespace(act="list", tenant="clinic")):
        assert await keys(config, options, Console(file=shown, width=200)) == 0
    assert "[bold]x[/nope]" in shown.getvalue()


def _write(path: Path, key: bytes) -> Path:
    path.write_bytes(base64.b64encode(key))
    path.chmod(0o600)
    return path


async def test_the_master_key_is_changed_and_what_was_sealed_is_read_by_the_new_one(
    tmp_path: Path, database_url: str
) -> None:
    config = Config.read({"DATABASE_URL": database_url}, data=tmp_path)
    old, new = MasterKey(bytes(range(32))), MasterKey(b"n" * 32)
    kept = _write(tmp_path / "master.key", bytes(range(32)))
    change = Namespace(act="rewrap", file=_write(tmp_path / "new.key", b"n" * 32))
    shown = io.StringIO()
    async with opened(database_url) as database:
        case_id = await take(database, made_up(reference="BEFORE"))
        with pytest.raises(MasterKeyError, match="a gateway is at work"):
            await keys(config, change, Console(file=shown))
    assert await keys(config, change, Console(file=shown)) == 0
    assert f"1 data keys are now wrapped by master key {new.fingerprint}" in shown.getvalue()
    assert str(kept) in shown.getvalue()
    with pytest.raises(MasterKeyError, match="keys rewrap"):
        await Database.open(database_url, old)
    database = await Database.open(database_url, new)
    try:
        assert (await load(database, case_id)).request.reference == "BEFORE"
    finally:
        await database.close()


async def test_a_database_of_a_third_master_key_is_left_as_it_is(tmp_path: Path, database_url: str) -> None:
    async with opened(database_url) as database:
        case_id = await take(database)
    config = Config.read({"DATABASE_URL": database_url}, data=tmp_path)
    _write(tmp_path / "master.key", b"o" * 32)
    change = Namespace(act="rewrap", file=_write(tmp_path / "new.key", b"n" * 32))
    with pytest.raises(MasterKeyError, match="Nothing was changed"):
        await keys(config, change, Console(file=io.StringIO()))
    async with opened(database_url) as database:
        await load(database, case_id)
