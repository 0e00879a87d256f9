"""The simulated portals beside the simulated payers: what is on file there, counted by them and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What a gateway needs to reach them."""
        return {
            "GATEWAY_ENDPOINT_DEMO_IRONWOOD": f"{self.url}/ironwood/",
            "GATEWAY_ENDPOINT_DEMO_JUNIPER": f"{self.url}/juniper/",
            **self.secrets,
        }

    async def filings(self, portal: str, member: str) -> list[Mapping[str, Any]]:
        """What one portal has on file for a member."""
        return [filing for filing in (await self.ledger(portal))["filings"] if filing["member"] == member]

    async def ledger(self, portal: str) -> Mapping[str, Any]:
        """All that one portal has on file, and how often each of its forms was sent."""
        async with ClientSession() as session, session.get(f"{self.url}/sim/portals/{portal}/filings") as response:
            assert response.status == 200, await response.text()
            told: Mapping[str, Any] = await response.json()
            return told

    async def tell(self, portal: str, what: str, **order: Any) -> None:
        """What operators tell a portal: ``misbehave``, ``sessions``, ``people``, ``accounts`` (its README has them)."""
        path = f"{self.url}/sim/portals/{portal}/{what}"
        async with ClientSession() as session, session.post(path, json=order) as response:
            assert response.status == 200, await response.text()


@contextmanager
def open_portals(log: Path, *options: str, secrets: Mapping[str, str] = SECRETS) -> Iterator[Portals]:
    """Payers and portals for as long as the context lasts. ``secrets`` are the gateway's, and what they take."""
    takes = {
        "SIM_PORTAL_USERNAME": secrets["GATEWAY_SECRET_PORTAL_USERNAME"],
        "SIM_PORTAL_PASSWORD": secrets["GATEWAY_SECRET_PORTAL_PASSWORD"],
        "SIM_PORTAL_TOTP_SECRET": secrets["GATEWAY_SECRET_PORTAL_TOTP"],
    }
    with open_payer(log, "--portal-port", "0", *options, **takes) as payer:
        yield Portals(payer, payer.running.until(r"portals at (http://\S+)")[1], secrets)
