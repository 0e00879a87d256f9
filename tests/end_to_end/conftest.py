"""One gateway and one payer for the journeys of this folder. Each test has member ids, or a tenant, of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest
import pytest_asyncio

from tests.running.customer import Customer, Receiver, open_customer, open_receiver, subscribe
from tests.running.house import House, open_house
from tests.running.payer import Payer, open_payer

TEMPO = {"deadline_seconds": "3", "settle_seconds": "3", "reconcile": "[1, 2, 3, 5]"}
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
        open_payer(log, "--clock-factor", str(VIRTUAL), "--slow-seconds", "6") as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        gateway = house.serve()
        yield Town(payer, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in payer.running.said()


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
