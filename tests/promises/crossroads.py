"""A gateway whose payers' profiles are edited as a test needs them, among simulated payers and pharmacy managers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from tests.running.house import House, open_house, write_mappings
from tests.running.pbm import Pbms, open_pbms

Json = dict[str, Any]
HOLDS: Json = {"effective": {"start": "2026-01-01"}, "source": "a test"}


@dataclass(frozen=True)
class Crossroads:
    """Who is asked is counted at ``pbms``, and at the payers beside them."""

    pbms: Pbms
    house: House
    url: str


@contextmanager
def open_crossroads(log: Path, edits: Mapping[str, Json]) -> Iterator[Crossroads]:
    """``edits`` replaces parts of payers' profiles, by payer."""
    with open_pbms(log) as pbms, open_house(pbms.payer.url, {}, **pbms.environment) as house:
        edit(house.folder / "mappings", edits)
        gateway = house.serve()
        asyncio.run(pbms.send_to(gateway.address()))
        yield Crossroads(pbms, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in pbms.payer.running.said()


def edit(mappings: Path, edits: Mapping[str, Json]) -> None:
    for payer, over in edits.items():
        path = mappings / "payers" / f"{payer}.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | over))


def edited(folder: Path, edits: Mapping[str, Json]) -> Library:
    """The profiles that come with the gateway, but for these parts."""
    write_mappings(folder, {})
    edit(folder, edits)
    return Library.load(folder, load_adapters())
