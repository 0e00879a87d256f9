"""The simulated portals beside the simulated payers: what is on file there, counted by them and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.running.payer import Payer, open_payer
from tests.running.requests import compose

IRONWOOD, JUNIPER = "ironwood_plan", "juniper_health"
SECRETS = {
    "GATEWAY_SECRET_PORTAL_USERNAME": "portal",
    "GATEWAY_SECRET_PORTAL_PASSWORD": "demo-portal-password",
    "GATEWAY_SECRET_PORTAL_TOTP": "GEZDGNBVGY3TQOJQ",
}


def compose_for_portal(member: str, payer: str) -> dict[str, Any]:
    """A request for the one who has all of the portals' published member ids."""
    request = compose(member, payer=payer)
    request["patient"] |= {"first_name": "Bo", "birth_date": "1971-07-22"}
    return request


@dataclass(frozen=True)
class Portals:
    """``payer`` is the simulator that they run in, ``url`` is theirs."""

    payer: Payer
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a gateway needs to reach them."""
        return {
            "GATEWAY_ENDPOINT_DEMO_IRONWOOD": f"{self.url}/ironwood/",
            "GATEWAY_ENDPOINT_DEMO_JUNIPER": f"{self.url}/juniper/",
            **SECRETS,
        }

    async def filings(self, portal: str, member: str) -> list[Mapping[str, Any]]:
        """What one portal has on file for a member."""
        path = f"{self.url}/sim/portals/{portal}/filings"
        async with ClientSession() as session, session.get(path) as response:
            assert response.status == 200, await response.text()
            return [filing for filing in (await response.json())["filings"] if filing["member"] == member]


@contextmanager
def open_portals(log: Path, *options: str) -> Iterator[Portals]:
    """Payers and portals for as long as the context lasts."""
    with open_payer(log, "--portal-port", "0", *options) as payer:
        yield Portals(payer, payer.running.until(r"portals at (http://\S+)")[1])
