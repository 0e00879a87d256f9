"""SCRIPT messages for the tests of the simulated PBMs, written by hand, and a caller with a door of its own."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from lxml import etree

from conformance.simulators.clock import Clock
from conformance.simulators.pbm.postman import Callback
from conformance.simulators.pbm.server import PbmOptions, PbmServer

PASSWORD = "demo-password"
NUMBERS = itertools.count(1)
MEDIA = {"Content-Type": "application/xml"}
_MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Message DatatypesVersion="20170715" TransportVersion="20170715" TransactionDomain="SCRIPT"
 TransactionVersion="20170715" StructuresVersion="20170715" ECLVersion="20170715"><Header>
<To Qualifier="PY">{to}</To><From Qualifier="C">PAYERGW</From><MessageID>{id}</MessageID>{relates}
<SentTime>2026-11-22T10:00:00Z</SentTime><SenderSoftware><SenderSoftwareDeveloper>Nobody</SenderSoftwareDeveloper>
<SenderSoftwareProduct>Test</SenderSoftwareProduct><SenderSoftwareVersionRelease>1</SenderSoftwareVersionRelease>
</SenderSoftware>{mailbox}</Header><Body>{body}</Body></Message>"""
_ADDRESS = (
    "<Address><AddressLine1>1 Sample Street</AddressLine1><City>Albany</City><StateProvince>NY</StateProvince>"
    "<PostalCode>12207</PostalCode><CountryCode>US</CountryCode></Address>"
)
_PHONE = "<CommunicationNumbers><PrimaryTelephone><Number>5550100199</Number></PrimaryTelephone></CommunicationNumbers>"
_COMMON = """<PAReferenceID>{reference}</PAReferenceID><PAPriorityIndicator>S</PAPriorityIndicator>
<BenefitsCoordination><PayerIdentification><ProcessorIdentificationNumber>BRX</ProcessorIdentificationNumber>{bin}
</PayerIdentification><CardholderID>{member}</CardholderID><GroupID>GROUP1</GroupID></BenefitsCoordination>
<Patient><HumanPatient><Name><LastName>Testperson</LastName><FirstName>Alex</FirstName></Name><Gender>F</Gender>
<DateOfBirth><Date>1970-01-02</Date></DateOfBirth>{address}</HumanPatient></Patient>
<Prescriber><NonVeterinarian><Identification><NPI>1234567893</NPI></Identification>
<Name><LastName>Sampleton</LastName><FirstName>Riley</FirstName></Name>{address}{phone}</NonVeterinarian></Prescriber>
<MedicationPrescribed><DrugDescription>{drug}</DrugDescription><DrugCoded><ProductCode><Code>00310134930</Code>
<Qualifier>ND</Qualifier></ProductCode></DrugCoded><Quantity><Value>30</Value><CodeListQualifier>38</CodeListQualifier>
<QuantityUnitOfMeasure><Code>C48542</Code></QuantityUnitOfMeasure></Quantity><DaysSupply>30</DaysSupply><Diagnosis>
<ClinicalInformationQualifier>1</ClinicalInformationQualifier><Primary><Code>C34.90</Code><Qualifier>ABF</Qualifier>
<Description>Lung cancer</Description></Primary></Diagnosis></MedicationPrescribed>"""


def message(body: str, *, to: str = "BIRCHRX", number: str = "", relates: str = "", acknowledges: str = "") -> bytes:
    mailbox = f"<Mailbox><AcknowledgementID>{acknowledges}</AcknowledgementID></Mailbox>" if acknowledges else ""
    related = f"<RelatesToMessageID>{relates}</RelatesToMessageID>" if relates else ""
    number = number or f"{next(NUMBERS):032x}"
    return _MESSAGE.format(to=to, id=number, relates=related, body=body, mailbox=mailbox).encode()


def common(member: str, reference: str, *, drug: str = "Osimertinib 80 mg tablet", number: str = "999801") -> str:
    told = f"<IINNumber>{number}</IINNumber>" if number else ""
    return _COMMON.format(reference=reference, member=member, drug=drug, bin=told, address=_ADDRESS, phone=_PHONE)


def initiation(member: str = "SIMRXAPPROVE01", reference: str = "", *, to: str = "BIRCHRX", **more: str) -> bytes:
    number, bin_of = more.pop("number", ""), {"BIRCHRX": "999801", "ALDERRX": "999802", "MAPLERX": "999803"}[to]
    inside = common(member, reference or f"{next(NUMBERS):032x}", **{"drug": "Osimertinib 80 mg tablet", **more})
    body = f"<PAInitiationRequest>{inside.replace('999801', bin_of)}</PAInitiationRequest>"
    return message(body, to=to, number=number)


def answered(said: etree._Element, answers: dict[str, str | list[str]], *, to: str = "BIRCHRX", **more: Any) -> bytes:
    """A PARequest that answers an Open. ``answers`` by QuestionID: texts, or ids of choices (``Y+words``)."""
    body = said.find("Body")[0]
    name = "PAAppealRequest" if body.tag == "PAAppealResponse" else "PARequest"
    request = etree.Element(name)
    for child in body:
        if child.tag != "Response":
            request.append(deepcopy(child))
    if request.find("PAReferenceID") is None:
        request.insert(0, etree.fromstring(f"<PAReferenceID>{more['reference']}</PAReferenceID>"))
    opened = body.find("Response/ResponseStatus/Open")
    holder = opened.find("QuestionSet")
    if holder is None:
        holder = opened.find("MoreInformationRequired")
    questions = etree.Element("QuestionSet")
    for child in holder:
        if child.tag != "DeadlineForReply":
            questions.append(deepcopy(child))
    for question in questions.findall("Question"):
        _answer(question.find("QuestionType")[0], answers.get(question.findtext("QuestionID")))
    asked = etree.SubElement(request, "Request")
    model = asked if name == "PAAppealRequest" else etree.SubElement(asked, "SolicitedModel")
    for part in (opened.find("PACaseID"), opened.find("AppealCaseID"), opened.find(".//DeadlineForReply"), questions):
        if part is not None:
            model.append(deepcopy(part))
    return message(etree.tostring(request).decode(), to=to, number=more.get("number", ""))


def _answer(kind: etree._Element, answer: str | list[str] | None) -> None:
    if kind.tag == "Date":
        inner = etree.Element("Date")
        inner.extend(list(kind))
        kind.append(inner)
    for each in [answer] if isinstance(answer, str) else answer or []:
        if kind.tag == "Select":
            choice, _, words = each.partition("+")
            free = f"<AdditionalFreeText>{words}</AdditionalFreeText>" if words else ""
            told = f"<PrescriberProvidedAnswer><ChoiceID>{choice}</ChoiceID>{free}</PrescriberProvidedAnswer>"
        elif kind.tag == "Date":
            form = "DateTime" if "T" in each else "Date"
            told = f"<PrescriberProvidedAnswer><{form}>{each}</{form}></PrescriberProvidedAnswer>"
        elif kind.tag == "Numeric":
            told = f"<PrescriberProvidedNumericAnswer>{each}</PrescriberProvidedNumericAnswer>"
        else:
            told = f"<PrescriberProvidedAnswer>{each}</PrescriberProvidedAnswer>"
        kind.append(etree.fromstring(f"<Answer>{told}</Answer>"))


@dataclass
class Ours:
    """Our door: keeps what came, and answers with a Status unless ``says`` has something else."""

    came: list[bytes] = field(default_factory=list)
    says: Callable[[bytes], web.Response | None] = lambda body: None
    authorizations: list[str] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.authorizations.append(request.headers.get("Authorization", ""))
        self.came.append(body)
        return self.says(body) or status_for(body)


def status_for(body: bytes, inside: str = "<Status><Code>000</Code></Status>") -> web.Response:
    found = re.search(rb"<MessageID>([^<]+)<", body)
    related = found[1].decode() if found else ""
    return web.Response(body=message(inside, relates=related), content_type="application/xml")


@dataclass
class Caller:
    session: aiohttp.ClientSession
    url: str
    clock: Clock
    ours: Ours

    async def post(self, body: bytes, password: str = PASSWORD, **headers: str) -> tuple[int, bytes]:
        coded = base64.b64encode(f"gateway:{password}".encode()).decode()
        told = {**MEDIA, "Authorization": f"Basic {coded}", **headers}
        async with self.session.post(f"{self.url}/script", data=body, headers=told) as response:
            return response.status, await response.read()

    async def say(self, body: bytes) -> str:
        """The code of the Status, or ``900 2000 ...`` of the Error, that answers."""
        http, answer = await self.post(body)
        assert http == 200
        inside = etree.fromstring(answer).find("Body")[0]
        return " ".join(each.text for each in inside if each.tag != "Description")

    async def hear(self, count: int = 1) -> etree._Element:
        """The ``count``-th message that came to our door, whole."""
        return etree.fromstring(await self.wait(count))

    async def wait(self, count: int = 1) -> bytes:
        """Its bytes; moves the clock until it came."""
        for _ in range(250):
            self.clock.advance(0.1)
            if len(self.ours.came) >= count:
                return self.ours.came[count - 1]
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.ours.came)} of {count} messages came")

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/sim/{path}") as response:
            return await response.json()

    async def order(self, **order: Any) -> None:
        async with self.session.post(f"{self.url}/sim/behaviour", json=order) as response:
            assert response.status == 200, await response.text()

    async def filing(self, member: str) -> Any:
        return (await self.get(f"filings?member={member}"))["filings"][0]


def outcome(said: etree._Element) -> str:
    """``PAResponse Approved`` and any codes."""
    body = said.find("Body")[0]
    status = body.find("Response/ResponseStatus")[0]
    codes = [each.text for each in status if each.tag in ("ReasonCode", "ClosedReasonCode")]
    return " ".join([str(body.tag), str(status.tag), *codes])


@asynccontextmanager
async def pbm_calling() -> AsyncIterator[Caller]:
    """A PBM whose clock stands still but for ``hear``, and a door of ours."""
    ours, clock = Ours(), Clock(0)
    app = web.Application(client_max_size=50_000_000)
    app.router.add_post("/inbound/{pbm}", ours.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/inbound/{{pbm}}"
    server = PbmServer(PbmOptions(0, callback=Callback(url)), clock)
    await server.start("127.0.0.1")
    try:
        async with aiohttp.ClientSession() as session:
            yield Caller(session, server.url, clock, ours)
    finally:
        await server.close()
        await runner.cleanup()
