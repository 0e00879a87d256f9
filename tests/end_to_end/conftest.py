"""One gateway and one payer for the journeys of this folder. Each test has member ids, or a tenant, of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import pytest
import pytest_asyncio

from gateway.engine.retelling import find_doubts
from gateway.store.cases import load_case
from gateway.store.database import Database
from gateway.store.journal import read_journal
from gateway.store.master_key import load_master_key
from tests.running.customer import Customer, Receiver, open_customer, open_receiver, subscribe
from tests.running.house import House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.pbm import Pbms, open_pbms

TEMPO = {"deadline_seconds": "3", "settle_seconds": "3", "reconcile": "[1, 2, 3, 5]", "acknowledge_seconds": "5"}
VIRTUAL = 60
"""Seconds of the payer's clock in one of ours: what it says after a minute it says after a second."""

_numbers = count(1)


def member(word: str) -> str:
    """A member id that nobody else has, and that makes the payer do what the word says."""
    return f"SIM{word}{next(_numbers):05}"


@dataclass(frozen=True)
class Town:
    payer: Payer
    house: House
    url: str

    def new_key(self, tenant: str, *words: str) -> str:
        """A key made by the command line."""
        command = self.house.command("keys", "create", "--tenant", tenant, *words)
        assert command.join() == 0, command.said()
        return command.said().strip().splitlines()[-1]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    log = tmp_path_factory.mktemp("town") / "payer.log"
    with (
        open_payer(log, "--clock-factor", str(VIRTUAL), "--slow-seconds", "6", "--sftp-port", "0") as payer,
        open_house(payer.url, TEMPO, GATEWAY_ENDPOINT_DEMO_SFTP=payer.files) as house,
    ):
        gateway = house.serve()
        yield Town(payer, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in payer.running.said()
        assert asyncio.run(_find_doubts(house)) == {}


@dataclass(frozen=True)
class Pharmacy:
    """PBMs, and a gateway that they send to."""

    pbms: Pbms
    house: House
    url: str


@pytest.fixture(scope="session")
def pharmacy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pharmacy]:
    log = tmp_path_factory.mktemp("pharmacy") / "pbms.log"
    with (
        open_pbms(log, "--clock-factor", str(VIRTUAL)) as pbms,
        open_house(pbms.payer.url, TEMPO, **pbms.environment) as house,
    ):
        gateway = house.serve()
        asyncio.run(pbms.send_to(gateway.address()))
        yield Pharmacy(pbms, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in pbms.payer.running.said()
        assert asyncio.run(_find_doubts(house)) == {}


@pytest_asyncio.fixture
async def patron(pharmacy: Pharmacy) -> AsyncIterator[Customer]:
    """Whoever holds the first key of the pharmacy's gateway."""
    async with open_customer(pharmacy.url, pharmacy.house.key) as made:
        yield made


async def _find_doubts(house: House) -> dict[UUID, tuple[str, ...]]:
    """What the rows of all cases say otherwise than their journals: nobody has meddled, so nothing."""
    database = await Database.open(house.server.url(), load_master_key({}, house.data / "master.key", create=False))
    found: dict[UUID, tuple[str, ...]] = {}
    try:
        for row in await database.fetch("SELECT id FROM requests"):
            async with database.snapshot() as connection:
                journal = await read_journal(database, connection, row["id"])
                case = await load_case(database, connection, row["id"])
                assert journal is not None
                assert case is not None
                assert journal.verdict.whole
                if doubts := await find_doubts(database, connection, case, journal):
                    found[row["id"]] = doubts
    finally:
        await database.close()
    return found


@pytest_asyncio.fixture
async def customer(town: Town) -> AsyncIterator[Customer]:
    """Whoever holds the first key."""
    async with open_customer(town.url, town.house.key) as made:
        yield made


@pytest.fixture(scope="session")
def tenant(town: Town) -> Callable[[], str]:
    """Gives the key of a tenant that nobody else has."""
    numbers = count(1)
    return lambda: town.new_key(f"tenant-{next(numbers)}")


@pytest_asyncio.fixture
async def receiver(town: Town, customer: Customer) -> AsyncIterator[Receiver]:
    """Receives the customer's webhooks for as long as the test runs."""
    async with open_receiver() as made:
        endpoint = await subscribe(customer, made)
        yield made
        await customer.call("DELETE", f"/v1/webhooks/{endpoint}")
