"""Requests that go to the simulated portals full of canaries, in a house that keeps its temporary files to itself; what
became of each; and everything that was left on the disk."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from secrets import randbelow
from typing import Any

from tests.browser.processes import tree
from tests.durability.turning import live_fast
from tests.running.canaries import Canaries, number, secret_word, word
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, House, open_house
from tests.running.portals import IRONWOOD, JUNIPER, Portals, compose_for_portal, open_portals
from tests.running.processes import PATIENCE

SITES = (IRONWOOD, JUNIPER)
CAUTIOUS = "juniper_cautious"
"""A payer with Juniper's site, over a connection that sends nothing again without a person's word."""
ENDS = {
    "APPROVE": "approved",
    "DENY": "denied",
    "PEND": "approved",
    "MODIFY": "approved_modified",
    "NOTREQUIRED": "not_required",
}
"""What the portals decide about a member whose id has this word, whatever happens on the way."""
_FASTER = 20
"""Seconds of the portals' clock in one of ours."""
_HIDDEN = 1.5
"""Seconds for which what was filed is not found."""
_LONGEST = 1e7
_BY_ITSELF = 40


def _names() -> dict[str, str]:
    return {
        "last": word("Quill").capitalize(),
        "first": word("Zeph").capitalize(),
        "street": word("Canary").capitalize(),
        "note": word("vorpal"),
        "paper": word("jubjub"),
        "reference": word("order"),
        "born": f"19{30 + randbelow(30)}-{1 + randbelow(12):02}-{10 + randbelow(19)}",
        "block": number(9),
    }


@dataclass
class Visited:
    """A request, and where it must end."""

    payer: str
    member: str
    ends: str
    case_id: str = ""
    status: str = ""
    asked: str = ""
    """Why a person was asked, if one was."""
    filings: list[Mapping[str, Any]] = field(default_factory=list)
    went: Sequence[str] = ()
    """Every status it had, and whom each called."""

    @property
    def doubted(self) -> bool:
        """Whether nobody knew, for a time, what had become of it."""
        return any(each.startswith("uncertain") for each in self.went)

    @property
    def ended(self) -> bool:
        return self.status == self.ends or bool(self.asked)

    def check(self) -> None:
        """One filing of one sending, and the payer's word on it or a person who was asked."""
        assert len(self.filings) == 1, f"{self.payer} {self.member}: {len(self.filings)} filings"
        assert self.filings[0]["alike"] == 1
        assert self.filings[0]["posts"] == 1
        assert self.ended, self.went


@dataclass
class Estate:
    """``door`` takes requests and works on none."""

    portals: Portals
    house: House
    customer: Customer
    canaries: Canaries
    told: dict[str, str]
    visited: list[Visited] = field(default_factory=list)
    since: float = field(default_factory=time.time)
    _numbers: Any = field(default_factory=lambda: count(100))

    async def submit(self, payer: str, what: str = "APPROVE", *orders: Mapping[str, Any]) -> Visited:
        """Hand in a request; the portal does the ``orders`` to it."""
        told, portal = self.told, portal_of(payer)
        member = f"SIM{what}{told['block']}{next(self._numbers)}"
        person = {"first_name": told["first"], "last_name": told["last"], "birth_date": told["born"]}
        await self.portals.tell(portal, "people", member=member, **person)
        for order in orders:
            await self.portals.tell(portal, "misbehave", count=1, member=member, **order)
        visited = Visited(payer, member, ENDS[what])
        self.visited.append(visited)
        visited.case_id = await self.customer.submit(self._compose(member, payer))
        return visited

    def _compose(self, member: str, payer: str) -> dict[str, Any]:
        told = self.told
        request = compose_for_portal(member, payer)
        paper = f"%PDF-1.4\n% Report of {told['first']} {told['last']}: {told['paper']}\n".encode() * 200
        request["reference"] = f"{told['reference']}-{member[-3:]}"
        request["patient"] |= {"last_name": told["last"], "first_name": told["first"], "birth_date": told["born"]}
        request["patient"]["address"] = {**request["patient"]["address"], "street": [f"7 {told['street']} Row"]}
        request["note"] = f"{told['note']} since the spring, says {told['last']}"
        request["attachments"] = [
            {
                "id": "notes",
                "kind": "clinical_notes",
                "title": told["paper"],
                "media_type": "application/pdf",
                "content": base64.b64encode(paper).decode(),
            }
        ]
        return request

    async def look(self, visited: Visited) -> None:
        """What gateway and portal say of it now."""
        case = await self.customer.case(visited.case_id)
        visited.status = case["status"]
        visited.asked = case["attention"]["why"] or "" if case["attention"]["who"] == "operator" else ""
        visited.filings = await self.portals.filings(portal_of(visited.payer), visited.member)
        visited.went = await self.customer.calls(visited.case_id)

    async def until_ended(self, *which: Visited, patient: bool = True) -> None:
        """Wait until each is where it must end, or a person is asked. The gateway goes on while it asks one: who is
        ``patient`` gives it some time to end by itself."""
        deadline = time.monotonic() + PATIENCE + 40 * len(self.visited)
        for visited in which:
            await self.look(visited)
            while not visited.ended:
                assert time.monotonic() < deadline, f"{visited.payer} {visited.member}: it went {visited.went}"
                await asyncio.sleep(0.3)
                await self.look(visited)
        enough = time.monotonic() + _BY_ITSELF
        while patient and time.monotonic() < enough and any(visited.status != visited.ends for visited in which):
            await asyncio.sleep(1)
            for visited in which:
                await self.look(visited)

    async def say_absent(self, visited: Visited) -> None:
        """A person's word that the payer has nothing of it. It is not taken while what was sent may still come to
        light there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            said = await self.customer.call("POST", f"/v1/requests/{visited.case_id}/settle", {"absent": True})
            if said.status in (200, 202):
                return
            assert (said.status, b"may still come to light" in said.body) == (409, True), (said.body, visited.went)
            assert time.monotonic() < deadline, said.body
            await asyncio.sleep(0.5)

    async def until(self, which: Iterable[Visited], status: str) -> None:
        for visited in which:
            await self.customer.until(visited.case_id, status, seconds=PATIENCE + 40 * len(self.visited))

    def left(self) -> set[tuple[str, str]]:
        """Files of the house that hold a canary: data, database, logs, and what it, driver and browser left there."""
        return self.canaries.in_files(self.house.folder, self.house.server.home)

    def scattered(self) -> set[tuple[str, str]]:
        """The same of this machine's own places for temporary files, since the house was opened."""
        places = [
            each
            for top in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
            if top.is_dir()
            for each in top.iterdir()
            if not each.name.startswith("payer-gateway-house-") and each.lstat().st_mtime >= self.since
        ]
        return self.canaries.in_files(*places)

    def litter(self) -> list[str]:
        """What lies among temporary files, once nobody works any more."""
        top = self.house.folder / "tmp"
        return sorted(
            str(path.relative_to(top))
            for path in top.rglob("*")
            if path.name != f"payer-gateway-browser-{os.geteuid()}"
        )

    def others_of_ours(self) -> list[int]:
        """Browsers and drivers whose temporary files are the house's."""
        mine, found = f"TMPDIR={self.house.folder}".encode(), []
        living = {pid for running in self.house.started if running.exit_code is None for pid in tree(running.pid)}
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if (
                    folder.name.isdigit()
                    and int(folder.name) not in living
                    and mine in (folder / "environ").read_bytes()
                ):
                    found.append(int(folder.name))
        return found

    @asynccontextmanager
    async def at_work(self, first: Callable[[], None] = live_fast) -> AsyncIterator[None]:
        """While somebody works who does not die."""
        worker = self.house.work(first=first)
        yield
        assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-3000:]

    async def leave(self) -> set[tuple[str, str]]:
        """Look at each case once more, now that nobody works. Files that hold a canary."""
        for visited in self.visited:
            await self.look(visited)
        assert "simulator fault" not in self.portals.payer.running.said()
        return await asyncio.to_thread(lambda: self.left() | self.scattered())


@asynccontextmanager
async def open_estate(log: Path) -> AsyncIterator[Estate]:
    told = _names()
    secret = {
        "GATEWAY_SECRET_PORTAL_USERNAME": word("visitor"),
        "GATEWAY_SECRET_PORTAL_PASSWORD": word("opensesame"),
        "GATEWAY_SECRET_PORTAL_TOTP": secret_word(),
    }
    with (
        open_portals(log, "--clock-factor", str(_FASTER), secrets=secret) as portals,
        open_house(portals.payer.url, **portals.environment) as house,
    ):
        (house.folder / "tmp").mkdir(mode=0o777)
        house.environment["TMPDIR"] = str(house.folder / "tmp")
        _come_back_soon(house)
        _add_cautious(house, portals)
        for portal in ("ironwood", "juniper"):
            await portals.tell(portal, "misbehave", lag=_HIDDEN * _FASTER)
            await portals.tell(portal, "sessions", idle_seconds=_LONGEST)
        door = house.serve(**IDLE)
        async with open_customer(door.address(), house.key) as customer:
            yield Estate(portals, house, customer, Canaries((*told.values(), *secret.values())), told)


def check_that_few_were_asked(runs: Sequence[Visited]) -> None:
    """A busy machine may keep a page from being ready in time, and then a person is asked; not of most."""
    asked = [each.asked for each in runs if each.asked]
    assert len(asked) <= len(runs) // 4, asked


def counted(runs: Sequence[Visited]) -> str:
    """What became of them, in figures."""
    statuses = ", ".join(
        f"{number} {status}" for status, number in sorted(Counter(each.status for each in runs).items())
    )
    filings = sum(len(each.filings) for each in runs)
    asked, doubted = sum(bool(each.asked) for each in runs), sum(each.doubted for each in runs)
    return f"{len(runs)} runs, {filings} filings, {statuses}; {doubted} in doubt for a time, {asked} with a person"


def portal_of(payer: str) -> str:
    return JUNIPER if payer == CAUTIOUS else payer


def _come_back_soon(house: House) -> None:
    """To a site that is closed for maintenance."""
    for site in ("ironwood", "juniper"):
        place = house.folder / "mappings" / "connections" / f"demo_{site}.yaml"
        named = f"  site: {site}\n"
        place.write_text(place.read_text().replace(named, f"{named}  maintenance_seconds: 10\n"))


def _add_cautious(house: House, portals: Portals) -> None:
    for kind, old, new in (("connections", "demo_juniper", "demo_cautious"), ("payers", JUNIPER, CAUTIOUS)):
        text = (house.folder / "mappings" / kind / f"{old}.yaml").read_text()
        text = text.replace("demo_juniper", "demo_cautious").replace(JUNIPER, CAUTIOUS)
        text = text.replace("resubmit: after_settle", "resubmit: never")
        (house.folder / "mappings" / kind / f"{new}.yaml").write_text(text)
    house.environment["GATEWAY_ENDPOINT_DEMO_CAUTIOUS"] = f"{portals.url}/juniper/"
