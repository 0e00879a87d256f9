"""Payers that have only a web site: a real browser files there, and what goes wrong on the way files nothing twice."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio

from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.portals import IRONWOOD, JUNIPER, Portals, compose_for_portal, open_portals

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENDS = {
    "APPROVE": "approved",
    "DENY": "denied",
    "LOGGEDOUT": "approved",
}
"""How a request ends whose member id has this word: the last one's session ends on the way. Lines that break, and
answers that are lost, are looked at in tests/durability."""
ASKED = "DOCS"
"""Two documents are asked for; with both it is approved."""
SITES = (IRONWOOD, JUNIPER)


@dataclass
class Visits:
    """Case ids by payer and word: all were submitted at once, to portals that take their time over every sign-in."""

    portals: Portals
    customer: Customer
    cases: dict[tuple[str, str], str]


def member(payer: str, word: str) -> str:
    return f"SIM{word}{SITES.index(payer) + 1:02}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visits(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visits]:
    log: Path = tmp_path_factory.mktemp("portals") / "portals.log"
    with open_portals(log) as portals, open_house(portals.payer.url, **portals.environment) as house:
        for payer in SITES:
            await portals.tell(payer, "misbehave", kind="slow", step="login", seconds=1.5)
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            cases = {
                (payer, word): await customer.submit(compose_for_portal(member(payer, word), payer))
                for word in (*ENDS, ASKED)
                for payer in SITES
            }
            yield Visits(portals, customer, cases)
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in portals.payer.running.said()
        for word in ("Testperson", "demo-portal-password", "SIMAPPROVE"):
            assert word not in gateway.said()


@pytest.mark.parametrize("payer", SITES)
@pytest.mark.parametrize("word", ENDS)
async def test_a_request_is_filed_once_and_ends_as_the_portal_says(visits: Visits, payer: str, word: str) -> None:
    case_id = visits.cases[payer, word]
    await visits.customer.until(case_id, ENDS[word])
    [filing] = await visits.portals.filings(payer, member(payer, word))
    assert filing["alike"] == 1
    case = await visits.customer.case(case_id)
    assert case["attention"]["who"] == "none"
    assert filing["reference"] in [reference["value"] for reference in case["references"]]
    granted = ENDS[word] == "approved"
    assert (case["lines"][0]["authorization_number"] is not None) == granted


@pytest.mark.parametrize("payer", SITES)
async def test_documents_that_the_portal_asks_for_go_there_once_each(visits: Visits, payer: str) -> None:
    case_id = visits.cases[payer, ASKED]
    case = await visits.customer.until(case_id, "needs_information")
    wanted = [item["code"] for item in case["requested"]]
    assert len(wanted) == 2
    papers = [f"%PDF-1.4 {name}".encode() for name in wanted]
    kinds = [item["kind"] for item in case["requested"]]
    given = {
        "attachments": [
            {"id": f"d{n}", "kind": kind, "title": "A document", "media_type": "application/pdf", "content": content}
            for n, (kind, content) in enumerate(zip(kinds, map(_encoded, papers), strict=True))
        ],
        "codes": {f"d{n}": name for n, name in enumerate(wanted)},
    }
    answer = await visits.customer.call("POST", f"/v1/requests/{case_id}/answers", given)
    assert answer.status == 202, answer.body
    await visits.customer.until(case_id, "approved")
    [filing] = await visits.portals.filings(payer, member(payer, ASKED))
    assert sorted(each["sha256"] for each in filing["answers"]) == sorted(sha256(paper).hexdigest() for paper in papers)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
