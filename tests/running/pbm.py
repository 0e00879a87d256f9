"""The simulated PBMs beside the simulated payers: their ledger, what they sent, and how a practice answers them.

As with the payers, what was filed and answered is counted here and nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.running.customer import Answer, Customer
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

BIRCH, ALDER, MAPLE = "birch_rx", "alder_rx", "maple_rx"
BINS = {BIRCH: "999801", ALDER: "999802", MAPLE: "999803"}
SECRETS = {"GATEWAY_SECRET_PBM_USERNAME": "pbm", "GATEWAY_SECRET_PBM_PASSWORD": "demo-pbm-password"}


def compose_oral(member: str, *, payer: str = BIRCH, card: str | None = None) -> dict[str, Any]:
    """A request for a drug that a pharmacy dispenses. ``card`` is the BIN on it, where it is another's."""
    request = compose(member, payer=payer)
    request["coverages"][0]["pharmacy"] = {"bin": card or BINS[payer], "pcn": "TEST", "group": "RX1"}
    request["lines"] = [
        {
            "id": "1",
            "role": "drug",
            "code": {"system": "ndc", "code": "99999-0521-30"},
            "benefit": "pharmacy",
            "description": "Examplinib 100 mg tablet",
            "dose": "100 mg by mouth",
            "frequency": {"times": 1, "period": "day"},
            "quantity": {"value": 30},
            "dates": {"start": "2026-12-01"},
            "diagnoses": [1],
        }
    ]
    return request


@dataclass(frozen=True)
class Pbms:
    """``payer`` is the simulator that they run in, ``url`` is theirs."""

    payer: Payer
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a gateway needs to reach them, and they it."""
        ways = {f"GATEWAY_ENDPOINT_DEMO_{name.upper()}": f"{self.url}/script" for name in BINS}
        return ways | SECRETS

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        async with ClientSession() as session, session.request(method, self.url + path, json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def send_to(self, gateway: str, **credentials: str) -> None:
        """The gateway at which our door is from now on."""
        url = gateway and f"{gateway}/v1/inbound/demo_{{pbm}}"
        await self._call("POST", "/sim/callback", {"url": url, **credentials})

    async def filing(self, member: str) -> Mapping[str, Any]:
        """The only case of this member, whoever has it."""
        found = await self.filings(member)
        assert len(found) == 1, [(each["pbm"], each["state"]) for each in found]
        return found[0]

    async def filings(self, member: str) -> list[Mapping[str, Any]]:
        return (await self._call("GET", f"/sim/filings?member={member}"))["filings"]

    async def until_filing(self, member: str, holds: Callable[[Mapping[str, Any]], object]) -> Mapping[str, Any]:
        """Wait until the ledger says that of the member's case."""
        deadline = time.monotonic() + PATIENCE
        while not (found := await self.filings(member)) or not holds(found[0]):
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.1)
        return await self.filing(member)

    async def messages(self, member: str) -> list[Mapping[str, Any]]:
        """What they had to say of this member's case, and what became of it."""
        reference = (await self.filing(member))["reference"]
        return (await self._call("GET", f"/sim/messages?reference={reference}"))["messages"]

    async def heard(self, kind: str, member: str) -> list[bytes]:
        """Every message of this kind that came for this member, as it came."""
        log = (await self._call("GET", "/sim/log"))["exchanges"]
        reference = (await self.filing(member))["reference"].encode()
        bodies = [base64.b64decode(each["received"]) for each in log if each["message"] == kind]
        return [body for body in bodies if reference in body]

    async def said(self, kind: str, member: str) -> list[bytes]:
        """Every message of this kind that went to our door about this member's case, as it went."""
        log = (await self._call("GET", "/sim/log"))["exchanges"]
        reference = (await self.filing(member))["reference"].encode()
        bodies = [base64.b64decode(each["sent"]) for each in log if each["message"] == kind]
        return [body for body in bodies if reference in body]

    async def order(self, kind: str, **order: Any) -> None:
        """Make them misbehave; conformance/simulators/README.md lists how."""
        await self._call("POST", "/sim/behaviour", {"kind": kind, **order})

    async def advance(self, seconds: float) -> None:
        await self._call("POST", "/sim/clock", {"advance_seconds": seconds})


@contextmanager
def open_pbms(log: Path, *options: str) -> Iterator[Pbms]:
    """Payers and PBMs for as long as the context lasts. What they say waits until ``send_to`` names a door."""
    with open_payer(log, "--pbm-port", "0", *options) as payer:
        yield Pbms(payer, payer.running.until(r"PBMs at (http://\S+)")[1])


async def until_asked(customer: Customer, case_id: str, after: str | None = None) -> Mapping[str, Any]:
    """Wait for a round of questions, another than ``after``."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rounds = (await customer.get(f"/v1/requests/{case_id}/questions"))["data"]
        if rounds and rounds[0]["round"] != after:
            found: Mapping[str, Any] = rounds[0]
            return found
        assert time.monotonic() < deadline, await customer.case(case_id)
        await asyncio.sleep(0.1)


async def reply(customer: Customer, case_id: str, asked: Mapping[str, Any], **more: Any) -> Answer:
    """Walk a round as a form does, question by question, and send it, with whatever ``more`` goes with it."""
    answers, walk = list(asked["proposed"]), asked["walk"]
    while True:
        answers += [_answer(each) for each in walk["next"][:1]]
        given = {"round": asked["round"], "questions": answers, "submit": True, **more}
        answer = await customer.call("POST", f"/v1/requests/{case_id}/answers", given)
        if answer.status != 200:
            return answer
        walk = answer.json()
        assert walk["next"], walk


async def reply_to_all(customer: Customer, case_id: str, rounds: int = 1) -> None:
    """Answer every round as it comes."""
    before = None
    for _ in range(rounds):
        asked = await until_asked(customer, case_id, before)
        before = asked["round"]
        answer = await reply(customer, case_id, asked)
        assert answer.status == 202, answer.body


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    name = {"question": question["id"]}
    match question["kind"]:
        case "select":
            first = question["choices"][0]
            detail = {"detail": "As the chart says."} if first["detail"] == "mandatory" else {}
            return name | {"chosen": [{"choice": first["id"], **detail}]}
        case "date":
            return name | {"date": "2026-10-01"}
        case "moment":
            return name | {"moment": "2026-10-01T09:00:00Z"}
        case "number":
            return name | {"number": "140"}
    return name | {"text": "The chart says so."}


def message_id(message: bytes) -> str:
    found = re.search(rb"<MessageID>([^<]+)<", message)
    assert found
    return found[1].decode()
