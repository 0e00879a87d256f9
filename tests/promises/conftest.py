"""The gateway as its users have it, for the rows of what was promised: see README.md."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from tests.end_to_end.conftest import customer, patron, pharmacy, receiver, tenant, town
from tests.unit.api_house import House, open_house

__all__ = ["customer", "patron", "pharmacy", "receiver", "tenant", "town"]


@pytest.fixture(scope="session")
def shelf() -> Library:
    """The profiles that come with the gateway."""
    return Library.load(PROJECT / "mappings", load_adapters())


@pytest.fixture
async def house(shared_database_url: str, shelf: Library) -> AsyncIterator[House]:
    """The API with the real profiles and channels, and nobody who works on what it takes."""
    async with open_house(shared_database_url, shelf=shelf, adapters=load_adapters()) as opened:
        yield opened
