"""A payer's web site without a browser: an adapter that turns its pages, a transport that plays the browser, the site.

The adapter is installed as a third party's is, and knows the contract alone. The transport stands in the place of the
browser in the process under test; the site is a server of the test's own, and counts what is filed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.contract.adapter import Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible, MaybeSent, NotSent
from gateway.contract.frames import Reply
from gateway.contract.pages import MEDIA_TYPE, Committed, Document, SettledPage
from gateway.contract.turns import Click, Commit, Element, Fill, Go, Landmark, Turn
from gateway.engine import leases
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.transport.link import Link
from gateway.transport.portal import Portals
from tests.durability.doomed import hurry

PAYER, CONNECTION = "paging_plan", "paging_site"
ENTRY_POINT = "[payer_gateway.adapters]\npaging = tests.durability.paging:ADAPTER\n"
_MEMBER = Element("textbox", "Member")
_DONE = (Element("heading", "Done"),)
_REVIEW = Landmark("review", "/review", frozenset({("button", "Submit")}))


class NoSettings(Record):
    pass


class Paging:
    """Home, a form, the filing, its confirmation; and a search."""

    channel: ClassVar[str] = "paging"
    announces: ClassVar[bool] = False
    turns_pages: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = NoSettings
    connection_settings: ClassVar[type[Record]] = NoSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = {}
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = {}

    def parties(self, to: Destination) -> tuple[str, str]:
        return "us", to.payer

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(to.endpoint),), _DONE)
        yield Turn((Fill(_MEMBER, request.coverages[0].member_id), Click(Element("button", "Next"))), _DONE)
        yield Turn((Click(Element("button", "Submit")),), _DONE, True, _REVIEW, Commit("POST", "/submit"))
        confirmed = SettledPage.of((yield Turn((Click(Element("link", "Confirmation")),), _DONE)))
        return _received(confirmed.main.title)

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        raise CannotExpress(Inexpressible("", "The site takes no changes.", "Call the payer."))

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        raise CannotExpress(Inexpressible("", "The site takes no documents.", "Call the payer."))

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(to.endpoint),), _DONE)
        search = (Fill(_MEMBER, filed.request.coverages[0].member_id), Click(Element("button", "Search")))
        found = SettledPage.of((yield Turn(search, _DONE)))
        return _received(found.main.title) if found.main.title else Outcome(answer=Answer.NOT_FOUND)


def _received(number: str) -> Outcome:
    return Outcome(answer=Answer.RECEIVED, references=(Reference(kind=ReferenceKind.REVIEW, value=number),))


ADAPTER = Paging()


@dataclass
class Page:
    """What a browser's page would be: it remembers whom it is about."""

    link: Link
    member: str = ""

    async def turn(self, frame: Turn) -> Reply:
        for step in frame.steps:
            if isinstance(step, Fill) and isinstance(step.what, str):
                self.member = step.what
        way = ("POST", "submit") if frame.effect else ("GET", "search")
        url = f"{self.link.endpoint}/{way[1]}/{self.member or 'nobody'}"
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=20)) as session,
                session.request(way[0], url) as answer,
            ):
                number = await answer.text()
        except (ClientError, TimeoutError) as error:
            raise (MaybeSent if frame.effect else NotSent)(type(error).__name__) from None
        committed = Committed(status=302) if frame.effect else None
        page = SettledPage(documents=(Document(path="/", title=number),), committed=committed)
        return Reply(200, (("content-type", MEDIA_TYPE),), page.model_dump_json().encode())

    def park(self, seconds: float) -> None:
        raise AssertionError("nobody is asked")

    async def close(self) -> None:
        return None


async def _open(_portals: Portals, link: Link, _whose: str = "") -> Page:
    return Page(link)


def plug_in(folder: Path) -> None:
    """Have this process find the adapter in ``folder``, and no browser; and take others for dead soon."""
    sys.path.insert(0, str(folder))
    Portals.open = _open  # type: ignore[method-assign]
    leases._LETTING_GO = timedelta(0)
    hurry()


def install(folder: Path) -> None:
    package = folder / "paging_adapter-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: paging-adapter\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(ENTRY_POINT)


def add_profiles(mappings: Path, url: str, resubmit: str) -> None:
    """A payer that has the site alone."""
    provenance = "provenance: {source: a test, date: 2026-11-21, by: a test}\n"
    (mappings / "connections" / f"{CONNECTION}.yaml").write_text(
        f"connection: {CONNECTION}\nchannel: paging\nmode: test\n{provenance}endpoint: {url}\ndeadline_seconds: 5\n"
        "limits: {concurrency: 4}\n"
        "browser:\n  terms: {verdict: allowed, reference: a test, owner: a test}\n"
        f"  username_secret: site-user\n  password_secret: site-password\n  sessions: 4\n  resubmit: {resubmit}\n"
    )
    (mappings / "payers" / f"{PAYER}.yaml").write_text(
        f"payer: {PAYER}\nname: Paging Plan\nsynthetic: true\n{provenance}lines_of_business: [commercial]\n"
        f"effective: {{start: 2026-01-01}}\nroutes: [{{connection: {CONNECTION}, benefits: [medical], priority: 1}}]\n"
        "channels: {paging: {}}\nrhythm:\n  settle_seconds: 1\n  reconcile: [0.5, 1, 1, 2]\n"
        "  poll: {first_seconds: 60, longest_seconds: 60, give_up_seconds: 600}\n"
        "  retry: {first_seconds: 0.5, longest_seconds: 2, give_up_seconds: 600}\n"
    )


@dataclass
class Site:
    """What was filed, by member; a search shows the number of what is there."""

    url: str = ""
    filed: Counter[str] = field(default_factory=Counter)

    async def submit(self, request: web.Request) -> web.Response:
        member = request.match_info["member"]
        self.filed[member] += 1
        return web.Response(text=f"REF-{member}")

    async def search(self, request: web.Request) -> web.Response:
        member = request.match_info["member"]
        return web.Response(text=f"REF-{member}" if self.filed[member] else "")


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    site, app = Site(), web.Application()
    app.add_routes([web.post("/submit/{member}", site.submit), web.get("/search/{member}", site.search)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    site.url = f"http://{host}:{port}"
    try:
        yield site
    finally:
        await runner.cleanup()
