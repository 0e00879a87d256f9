"""Payers' web sites that are slow, end the session or close for maintenance at any step of the way, in a real browser:
each request is filed once and ends as the portal says.

By `make proof` each site does each thing at each of its steps; here at steps that differ in kind.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import cycle

import pytest
import pytest_asyncio

from tests.durability.rounds import steps
from tests.durability.visiting import ENDS, Estate, Visited, counted, open_estate
from tests.running.portals import IRONWOOD, JUNIPER

pytestmark = pytest.mark.asyncio(loop_scope="module")
SLOW, LATER, CLOSED, CLOSED_200 = "slow", "session_expires", "maintenance", "maintenance_200"
_WAY = {
    IRONWOOD: ("login", "code", "home", "member", "service", "dates", "documents", "review", "submit", "request"),
    JUNIPER: ("login", "home", "member", "service", "documents", "review", "submit", "request"),
}
"""The steps of a filing at each site, and the look at what became of it."""
SOME = ((JUNIPER, SLOW, "login"), (IRONWOOD, CLOSED, "member"))
PLAN = steps(
    [(site, kind, step) for site, way in _WAY.items() for kind in (SLOW, LATER, CLOSED, CLOSED_200) for step in way],
    lambda one: one in SOME,
)
_SECONDS = 4.0
"""How late a slow answer comes."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visits(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[tuple[str, str, str], Visited]]:
    """One request after the other: what a site does when one signs in, it does to whoever comes next."""
    began, found = time.monotonic(), {}
    async with open_estate(tmp_path_factory.mktemp("portals") / "portals.log") as estate:
        words = cycle(ENDS)
        async with estate.at_work():
            for site, kind, step in PLAN:
                await estate.portals.tell(site, "misbehave", kind=kind, step=step, count=1, seconds=_SECONDS)
                found[site, kind, step] = visited = await estate.submit(site, next(words))
                await _until_right(estate, visited)
        print(f"\n{time.monotonic() - began:.0f} s; {counted(list(found.values()))}")
        yield found


async def _until_right(estate: Estate, visited: Visited) -> None:
    """A person who is asked on the way does nothing: the gateway comes back to it by itself."""
    await estate.until((visited,), visited.ends)
    await estate.look(visited)


@pytest.mark.parametrize("one", PLAN, ids=" ".join)
async def test_it_is_filed_once_and_ends_as_the_portal_says(
    visits: dict[tuple[str, str, str], Visited], one: tuple[str, str, str]
) -> None:
    visited = visits[one]
    visited.check()
    assert visited.status == visited.ends
    assert not visited.asked
