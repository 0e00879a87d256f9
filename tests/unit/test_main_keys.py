"""`payer-gateway keys`: names are the operator's own words, whatever they look like."""

from __future__ import annotations

import io
from argparse import Namespace
from pathlib import Path

from rich.console import Console

from gateway.main.config import Config
from gateway.main.keys import keys


async def test_a_name_that_looks_like_markup_is_listed_as_it_is(tmp_path: Path, database_url: str) -> None:
    shown = io.StringIO()
    config = Config.read({"DATABASE_URL": database_url, "GATEWAY_MASTER_KEY": "A" * 43 + "="}, data=tmp_path)
    made = Namespace(act="create", tenant="clinic", mode="test", scope=["cases:read"], name="[bold]x[/nope]")
    for options in (made, Namespace(act="list", tenant="clinic")):
        assert await keys(config, options, Console(file=shown, width=200)) == 0
    assert "[bold]x[/nope]" in shown.getvalue()
