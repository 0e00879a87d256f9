"""Messages for the tests of the simulated payers, written by hand: X12 as lists of segments, SOAP as a template."""

from __future__ import annotations

import io
import itertools
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, unescape

import aiohttp

from conformance.simulators.server import Options, Server

CORE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
CONTENT_TYPE = 'application/soap+xml; charset=utf-8; action="RealTimeTransaction"'
HEADERS = {"Content-Type": CONTENT_TYPE}
PASSWORD = "demo-password"
# Of one width from the first: a message is as long as the one before it, which drawn places in it rely on.
NUMBERS = itertools.count(100_000_001)

Segments = list[list[str]]


def request_278(
    member: str = "SIMAPPROVE01",
    *,
    receiver: str = "EVERGREEN",
    trace: str = "TRACE0001",
    certification: str = "I",
    lines: tuple[tuple[str, str], ...] = (("J9271", "200"),),
    reference: str = "",
    references: Segments | None = None,
) -> Segments:
    """A 278 request from ST to the segment before SE, in order with the guide and with either payer."""
    out = [
        ["ST", "278", "0001", "005010X217"],
        ["BHT", "0007", "13", reference or f"REF{trace}", "20260302", "0930"],
        ["HL", "1", "", "20", "1"],
        ["NM1", "X3", "2", "SAMPLE PLAN", "", "", "", "", "PI", receiver],
        ["HL", "2", "1", "21", "1"],
        ["NM1", "1P", "1", "SAMPLETON", "RILEY", "", "", "", "XX", "1234567893"],
        ["PER", "IC", "FRONT DESK", "TE", "5550100199"],
        ["HL", "3", "2", "22", "1"],
        ["NM1", "IL", "1", "TESTPERSON", "ALEX", "", "", "", "MI", member],
        ["DMG", "D8", "19700102", "F"],
        ["HL", "4", "3", "EV", "1"],
        ["TRN", "1", trace, "9123456789"],
        ["UM", "HS", certification, "1", "11:B", "", "E", "", "", "Y"],
        *(references or []),
        ["HI", "ABK:C3411", "ABF:Z5111"],
        ["NM1", "SJ", "1", "SAMPLETON", "RILEY", "", "", "", "XX", "1234567893"],
    ]
    for place, (code, units) in enumerate(lines):
        out += [
            ["HL", str(5 + place), "4", "SS", "0"],
            ["TRN", "1", f"{trace}-{place + 1}", "9123456789"],
            ["DTP", "472", "RD8", "20260310-20260910"],
            ["SV1", f"HC:{code}", "", "UN", units, "", "", "1:2"],
        ]
    return out


def inquiry_278(member: str = "SIMAPPROVE01", *, receiver: str = "EVERGREEN", trace: str = "TRACE0001") -> Segments:
    out = request_278(member, receiver=receiver, trace=trace, lines=())
    out[0][3] = "005010X215"
    out[1][2] = "28"
    find(out, "HL", 4)[4] = "0"
    if not trace:
        out.remove(find(out, "TRN"))
    return out


def answer_275(member: str, *documents: tuple[str, str], receiver: str = "EVERGREEN") -> Segments:
    """``documents`` are control numbers and the base64 of what is sent."""
    out = [
        ["ST", "275", "0001", "006020X316"],
        ["BGN", "11", "ANSWER0001", "20260303", "0900"],
        ["NM1", "ACV", "1", "SAMPLETON", "RILEY", "", "", "", "XX", "1234567893"],
        ["NM1", "40", "2", "SAMPLE PLAN", "", "", "", "", "PI", receiver],
        ["NM1", "IL", "1", "TESTPERSON", "ALEX", "", "", "", "MI", member],
    ]
    for place, (control, data) in enumerate(documents, start=1):
        out += [
            ["LX", str(place)],
            ["TRN", "2", control],
            ["DTP", "368", "D8", "20260303"],
            ["CAT", "AE", "TX"],
            ["OOI", "1", "47", "ATTACHMENT"],
            ["BDS", "B64", str(len(data)), data],
        ]
    return out


def find(segments: Segments, name: str, nth: int = 1) -> list[str]:
    return [segment for segment in segments if segment[0] == name][nth - 1]


Change = Callable[[Segments], object]


def put(name: str, element: int, value: str, nth: int = 1) -> Change:
    """Sets one element, making room for it."""

    def change(segments: Segments) -> None:
        segment = find(segments, name, nth)
        segment += [""] * (element + 1 - len(segment))
        segment[element] = value

    return change


def drop(name: str, nth: int = 1) -> Change:
    return lambda segments: segments.remove(find(segments, name, nth))


def after(name: str, *added: str, nth: int = 1) -> Change:
    """Puts a segment after the nth of that name."""
    return lambda segments: segments.insert(segments.index(find(segments, name, nth)) + 1, list(added))


def swap(one: str, other: str) -> Change:
    def change(segments: Segments) -> None:
        first, second = segments.index(find(segments, one)), segments.index(find(segments, other))
        segments[first], segments[second] = segments[second], segments[first]

    return change


@dataclass(frozen=True)
class Wrapper:
    """The interchange around a transaction set; each field may be spoilt by a test."""

    receiver: str = "EVERGREEN"
    qualifier: str = "ZZ"
    control: str = ""
    trailer_control: str = ""
    usage: str = "T"
    version: str = "00501"
    guide: str = ""
    kind: str = ""
    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"
    between: str = ""
    count: str = ""

    def wrap(self, segments: Segments) -> str:
        control = self.control or f"{next(NUMBERS):09d}"
        guide = self.guide or segments[0][3]
        kind = self.kind or ("PI" if segments[0][1] == "275" else "HI")
        isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "PAYERGW".ljust(15)]
        isa += [self.qualifier, self.receiver.ljust(15)]
        isa += ["260302", "0930", self.repetition, self.version, control, "0", self.usage, self.component]
        number = str(int(control) or 1)
        body = [
            isa,
            ["GS", kind, "PAYERGW", self.receiver, "20260302", "0930", number, "X", guide],
            *segments,
            ["SE", self.count or str(len(segments) + 1), segments[0][2]],
            ["GE", "1", number],
            ["IEA", "1", self.trailer_control or control],
        ]
        translated = [[e.replace(":", self.component) if s[0] != "ISA" else e for e in s] for s in body]
        return "".join(self.element.join(s) + self.terminator + self.between for s in translated)


def envelope(payload: str, *, receiver: str = "EVERGREEN", password: str = PASSWORD, **fields: str) -> bytes:
    """A real-time request. Keyword arguments replace fields; PayloadType follows the payload unless given."""
    guide = next((g for g in ("X215", "X316") if g in payload), "X217")
    kinds = {"X217": "X12_278_Request_005010X217E1_2", "X215": "X12_278_Request_005010X215"}
    values = {
        "PayloadType": kinds.get(guide, "X12_275_Request_006020X316"),
        "ProcessingMode": "RealTime",
        "PayloadID": str(uuid.uuid4()),
        "TimeStamp": "2026-03-02T09:30:00Z",
        "SenderID": "PAYERGW",
        "ReceiverID": receiver,
        "CORERuleVersion": "2.2.0",
        "Payload": payload,
        **fields,
    }
    inner = "".join(f"<{name}>{escape(value, {chr(13): '&#13;'})}</{name}>" for name, value in values.items())
    return soap(f'<c:COREEnvelopeRealTimeRequest xmlns:c="{CORE}">{inner}</c:COREEnvelopeRealTimeRequest>', password)


def soap(
    body: str, password: str | None = PASSWORD, namespace: str = "http://www.w3.org/2003/05/soap-envelope"
) -> bytes:
    oasis = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
    security = (
        f'<w:Security xmlns:w="{oasis}wssecurity-secext-1.0.xsd" s:mustUnderstand="true"><w:UsernameToken>'
        f"<w:Username>gateway</w:Username><w:Password "
        f'Type="{oasis}username-token-profile-1.0#PasswordText">{password}</w:Password>'
        "</w:UsernameToken></w:Security>"
    )
    header = f"<s:Header>{security}</s:Header>" if password is not None else ""
    return f'<s:Envelope xmlns:s="{namespace}">{header}<s:Body>{body}</s:Body></s:Envelope>'.encode()


@dataclass(frozen=True)
class Answer:
    """What came back: status, the CORE fields, and the X12 payload as segments."""

    status: int
    body: bytes
    headers: dict[str, str]

    def field(self, name: str) -> str:
        match = re.search(rf"<{name}>(.*?)</{name}>", self.body.decode(), re.S)
        return unescape(match[1], {"&#13;": "\r"}) if match else ""

    @property
    def payload(self) -> str:
        return self.field("Payload")

    @property
    def segments(self) -> Segments:
        text = self.payload
        return [piece.strip("\r\n").split(text[3]) for piece in text.split(text[105]) if piece.strip("\r\n")]

    def all(self, name: str) -> Segments:
        return [segment for segment in self.segments if segment[0] == name]

    def first(self, name: str) -> list[str]:
        return next((segment for segment in self.segments if segment[0] == name), [])

    @property
    def faults(self) -> str:
        """IK3 and IK4 in short: ``UM/2000E/8 2:I6``."""
        words = []
        for segment in self.segments:
            if segment[0] == "IK3":
                words.append("/".join([segment[1], segment[3], segment[4]]))
            if segment[0] == "IK4":
                words.append(f"{segment[1]}={segment[3]}")
        return " ".join(words)


class Caller:
    """A client of the simulated payers over a real socket."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        async with self.session.post(f"{self.url}/core", data=io.BytesIO(body), headers=headers or HEADERS) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def send(self, segments: Segments, wrapper: Wrapper | None = None, **fields: str) -> Answer:
        """Posts a transaction set; the receiver is read from its wrapper or its UMO."""
        receiver = (
            wrapper.receiver if wrapper else ("BLUESTEM" if ["BLUESTEM"] in [s[-1:] for s in segments] else "EVERGREEN")
        )
        wrapper = wrapper or Wrapper(receiver=receiver)
        return await self.post(envelope(wrapper.wrap(segments), receiver=receiver, **fields))

    async def sim(self, path: str, **body: object) -> dict[str, Any]:
        """GET without a body, POST with one (``reset`` too)."""
        if body or path == "reset":
            async with self.session.post(f"{self.url}/sim/{path}", json=body) as response:
                return {"status": response.status, **await response.json()}
        async with self.session.get(f"{self.url}/sim/{path}") as response:
            return {"status": response.status, **await response.json()}

    async def filed(self, **query: str) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.url}/sim/filings", params=query) as response:
            return list((await response.json())["filings"])


@asynccontextmanager
async def calling(options: Options | None = None) -> AsyncIterator[Caller]:
    """Simulated payers on a free port of this host, and a client of theirs."""
    server = Server.prepare(options or Options())
    await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            yield Caller(session, server.url)
    finally:
        await server.close()
