"""Visitors of the simulated portals who have no browser: they fill in forms and make calls as the pages would."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import aiohttp
from lxml import html

from conformance.simulators.clock import Clock, wall
from conformance.simulators.portals.server import PortalOptions, PortalServer
from conformance.simulators.portals.totp import STEP, code

OPTIONS = PortalOptions(port=0)
PDF = b"%PDF-1.4 made up"
NPI = "1234567893"
BORN = "07/22/1971"


@dataclass(slots=True)
class Page:
    """What came: the status, where it leads, and its text as a tree."""

    status: int
    location: str
    text: str
    url: str

    @property
    def tree(self) -> Any:
        return html.fromstring(self.text)

    def said(self, path: str) -> list[str]:
        """The texts of what the path finds, without needless blanks."""
        return [" ".join(each.text_content().split()) for each in self.tree.xpath(path)]

    @property
    def heading(self) -> str:
        return next(iter(self.said("//h1")), "")

    def error(self, name: str) -> str:
        return next(iter(self.said(f"//*[@id='{name}-error']")), "")


@dataclass(slots=True)
class Operators:
    """The door under /sim."""

    session: aiohttp.ClientSession
    url: str
    portal: str

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/sim/portals/{self.portal}/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, **told: Any) -> Any:
        async with self.session.post(f"{self.url}/sim/portals/{self.portal}/{path}", json=told) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def order(self, kind: str, **told: Any) -> None:
        await self.post("misbehave", kind=kind, **told)

    async def filing(self, member: str) -> dict[str, Any]:
        """The only one of the member."""
        (found,) = (await self.get(f"filings?member={member}"))["filings"]
        return dict(found)


@dataclass(slots=True)
class Ironwood:
    """Somebody at Ironwood's pages. ``today`` is the portal's day."""

    session: aiohttp.ClientSession
    url: str
    today: date
    operators: Operators
    draft: str = ""
    token: str = ""

    async def get(self, path: str) -> Page:
        """The page that it leads to in the end."""
        async with self.session.get(f"{self.url}/ironwood{path}") as answer:
            return await self._read(answer)

    async def post(self, path: str, **fields: str) -> Page:
        """The answer itself; the address it leads to is not followed."""
        sent = {"_token": self.token, **fields}
        async with self.session.post(f"{self.url}/ironwood{path}", data=sent, allow_redirects=False) as answer:
            return await self._read(answer)

    async def upload(self, path: str, body: bytes, name: str = "notes.pdf", **fields: str) -> Page:
        form = aiohttp.FormData({"_token": self.token, **fields})
        form.add_field("file", io.BytesIO(body), filename=name, content_type="application/octet-stream")
        async with self.session.post(f"{self.url}/ironwood{path}", data=form, allow_redirects=False) as answer:
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Page:
        page = Page(answer.status, answer.headers.get("Location", ""), await answer.text(), str(answer.url))
        if page.text and "_token" in page.text:
            self.token = page.tree.xpath("//input[@name='_token']/@value")[0]
        return page

    async def password(self, username: str = OPTIONS.username, password: str = OPTIONS.password) -> Page:
        await self.get("/login")
        return await self.post("/login", username=username, password=password)

    async def log_in(self, username: str = OPTIONS.username, password: str = OPTIONS.password) -> Page:
        """With the present code, be it used already or not: operators help."""
        await self.operators.post("accounts")
        await self.password(username, password)
        await self.get("/login/code")
        return await self.post("/login/code", code=code(OPTIONS.totp_secret, int(wall()) // STEP))

    async def begin(self) -> Page:
        page = await self.get("/new")
        self.draft = page.url.split("/")[-2]
        return page

    async def step(self, step: str, **fields: str) -> Page:
        return await self.post(f"/new/{self.draft}/{step}", **fields)

    async def take_member(self, member: str = "SIMAPPROVE01", **other: str) -> Page:
        fields = {"member": member, "birth_date": BORN, "npi": NPI, "phone": "215-555-0100", "action": "next"}
        return await self.step("member", **{**fields, **other})

    async def take_service(self, procedure: str = "J1745", **other: str) -> Page:
        fields = {"place": "11", "service_type": "infusion", "procedure": procedure, "diagnosis1": "M05.79"}
        return await self.step("service/form", **{**fields, **other})

    def period(self, start: int = 7, end: int = 97) -> dict[str, str]:
        """Days from today, as the calendar writes them."""
        return {
            name: f"{self.today + timedelta(days=days):%m/%d/%Y}" for name, days in (("start", start), ("end", end))
        }

    async def take_dates(self, **other: str) -> Page:
        fields = {**self.period(), "urgency": "standard", "units_J1745": "160"}
        return await self.step("dates", **{**fields, **other})

    async def fill(self, member: str = "SIMAPPROVE01") -> Page:
        """The wizard to its review."""
        await self.begin()
        await self.take_member(member)
        await self.take_service()
        await self.step("service")
        await self.take_dates()
        await self.step("documents", action="next", comments="")
        return await self.get(f"/new/{self.draft}/review")

    async def submit(self, **other: str) -> Page:
        return await self.step("submit", **{"attest": "yes", **other})

    async def file(self, member: str = "SIMAPPROVE01") -> str:
        """The reference, once it is confirmed."""
        await self.fill(member)
        page = await self.get((await self.submit()).location.removeprefix("/ironwood"))
        return page.said("//*[@id='reference-number']")[0]


@dataclass(slots=True)
class Juniper:
    """The calls that Juniper's page makes."""

    session: aiohttp.ClientSession
    url: str
    today: date
    operators: Operators
    token: str = ""
    forms: list[str] = field(default_factory=list)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        told = {"data": body} if isinstance(body, aiohttp.FormData) else {} if body is None else {"json": body}
        async with self.session.request(method, f"{self.url}/juniper/api{path}", headers=headers, **told) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()

    async def log_in(self, username: str = OPTIONS.username, password: str = OPTIONS.password) -> tuple[int, Any]:
        self.token = ""
        status, told = await self.call("POST", "/login", {"username": username, "password": password})
        self.token = told.get("token", "")
        return status, told

    async def upload(self, body: bytes = PDF, name: str = "notes.pdf") -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(body), filename=name, content_type="application/octet-stream")
        return await self.call("POST", "/documents", form)

    def form(self, member: str = "SIMAPPROVE01", **other: Any) -> dict[str, Any]:
        return {
            "member": member,
            "birth_date": "1971-07-22",
            "npi": NPI,
            "rendering_npi": "",
            "phone": "215-555-0100",
            "diagnoses": ["M05.79"],
            "services": [self.service()],
            "priority": "standard",
            "documents": [],
            "comments": "",
            **other,
        }

    def service(self, code: str = "J1745", **other: str) -> dict[str, str]:
        start, end = (self.today + timedelta(days=days) for days in (7, 97))
        return {
            "code": code,
            "units": "160",
            "start": start.isoformat(),
            "end": end.isoformat(),
            "place": "11",
            **other,
        }

    async def submit(self, form: dict[str, Any], number: str = "form-0001") -> tuple[int, Any]:
        return await self.call("POST", "/requests", form, **{"X-Form-Id": number})

    async def file(self, member: str = "SIMAPPROVE01") -> str:
        status, told = await self.submit(self.form(member))
        assert status == 201, told
        return str(told["reference"])


@dataclass(slots=True)
class House:
    """Both portals, and a clock that stands still until it is moved."""

    server: PortalServer
    clock: Clock
    ironwood: Ironwood
    juniper: Juniper


@asynccontextmanager
async def portals_open(options: PortalOptions = OPTIONS) -> AsyncIterator[House]:
    clock = Clock(0)
    server = PortalServer(options, clock)
    await server.start("127.0.0.1")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession() as plain, aiohttp.ClientSession(cookie_jar=jar) as cookies:
        today = server.ironwood.portal.today()
        ironwood = Ironwood(cookies, server.url, today, Operators(plain, server.url, "ironwood"))
        juniper = Juniper(plain, server.url, today, Operators(plain, server.url, "juniper"))
        try:
            yield House(server, clock, ironwood, juniper)
        finally:
            await server.close()
