"""The code tables that are shipped are those the SCRIPT channel can be run with."""

from __future__ import annotations

from pathlib import Path

from adapters.portal import ADAPTER as PORTAL
from adapters.rest_review import ADAPTER as REVIEWS
from adapters.script_epa import ADAPTER
from adapters.x12_278 import ADAPTER as X12
from gateway.contract.adapter import Adapter
from gateway.profiles.library import check

ADAPTERS: dict[str, Adapter] = {adapter.channel: adapter for adapter in (ADAPTER, PORTAL, REVIEWS, X12)}


def test_the_shipped_profiles_have_no_fault_for_this_channel() -> None:
    assert check(Path(__file__).parents[2] / "mappings", ADAPTERS) == ()
