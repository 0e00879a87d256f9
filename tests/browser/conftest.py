"""One browser for all tests of this folder, and a site for each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.browser.driving import Driving, open_driving
from tests.browser.site import Site, open_site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Driving]:
    async with open_driving(os.environ) as driving:
        yield driving


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site
