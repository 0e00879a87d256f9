"""Canaries: values that occur nowhere else go in by every door, and must come out by none but those that show PHI.

Everything the processes wrote is read afterwards: logs, metrics, events, webhooks, every column of every table, every
file of the data folder, PostgreSQL's own among them.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from aiohttp import ClientError
from rich.console import Console

from conformance.simulators.members import WORDS
from gateway.main.config import Config
from gateway.main.explain import explain
from tests.durability.doomed import Point, doom, hurry
from tests.end_to_end import fragile_adapter
from tests.end_to_end.conftest import VIRTUAL
from tests.running.customer import Customer, Receiver, open_customer, open_receiver, subscribe
from tests.running.house import House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEMPO = {"deadline_seconds": "2", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}

DOCUMENT = b"Snarkhemia in the left borogove, seen by Quixwhistle."
CANARIES = (
    "Quixwhistle",
    "Zephrabelle",
    "Mimsytove",
    "77 Canarygold",
    "Wombatville",
    "1931-07-29",
    "19310729",
    "29/07/1931",
    "2679035518",
    "jabberwock@example.org",
    "canaryref88213",
    "Vorpalmyalgia",
    "Bandersnatchin",
    "Jubjub report",
    "Frumious reason",
    "Slithyfield",
    "7770031",  # in every member id
    "canarykey",
    DOCUMENT.decode(),
    base64.b64encode(DOCUMENT).decode()[:40],
)
PAYERS_WORDS = tuple(
    {stage.decision.message for member in WORDS.values() for stage in member.stages if stage.decision.message}
)
"""What the payers write in free text could hold anything; it is the patient's too."""

REVEALING = tuple(word.lower() for word in (*CANARIES, *PAYERS_WORDS))


def canary_request(word: str, payer: str = EVERGREEN, **changes: Any) -> dict[str, Any]:
    request = compose(f"SIM{word}7770031{next(_numbers):03}", payer=payer, lines=2)
    request["reference"] = f"canaryref88213-{uuid4().hex[:6]}"
    address = {"street": ["77 Canarygold Crescent"], "city": "Wombatville", "state": "PA", "zip_code": "19087"}
    request["patient"] |= {
        "last_name": "Quixwhistle",
        "first_name": "Zephrabelle",
        "middle_name": "Mimsytove",
        "birth_date": "1931-07-29",
        "address": address,
    }
    request["requester"]["contact"] = {
        "name": "Zephrabelle Desk",
        "phone": "2679035518",
        "email": "jabberwock@example.org",
    }
    request["facts"] = {"summary": "Vorpalmyalgia since the spring tide. " * 20}
    request["note"] = "Vorpalmyalgia; ask Quixwhistle. " * 30
    request["lines"][0]["description"] = "Bandersnatchin, for Vorpalmyalgia"
    return request | changes


_numbers = iter(range(1, 1000))


@dataclass
class Spoken:
    """What was written outside the doors that show PHI, by where it was found."""

    written: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)

    def add(self, where: str, name: str, content: bytes) -> None:
        self.written.setdefault(where, []).append((name, content))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spoken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spoken]:
    """Everything was tried that could make somebody talk; nothing runs any more."""
    folder: Path = tmp_path_factory.mktemp("privacy")
    fragile_adapter.install(folder / "plugins")
    found = Spoken()
    with (
        open_payer(folder / "payer.log", "--clock-factor", str(VIRTUAL)) as payer,
        open_house(payer.url, TEMPO, GATEWAY_ENDPOINT_FRAGILE_CLEARINGHOUSE=f"{payer.url}/core") as house,
    ):
        (house.folder / "tmp").mkdir(mode=0o777)
        house.environment["TMPDIR"] = str(house.folder / "tmp")
        fragile_adapter.add_profiles(house.folder / "mappings")
        gateway = house.serve(first=partial(_prepare, folder / "plugins"))
        async with open_customer(gateway.address(), house.key) as customer, open_receiver() as receiver:
            await subscribe(customer, receiver)
            await _speak(customer, payer, house, receiver, folder / "plugins")
            metrics = await customer.call("GET", "/metrics")
            found.add("metrics", "metrics", metrics.body)
            await _listen(found, customer, receiver)
        assert gateway.stop() == 0
        await _explain(found, house)
        await _read_database(found, house)
        for path in (*house.logs.iterdir(), payer.running.log):
            found.add("logs", path.name, path.read_bytes())
        house.server.stop()
        for top in (house.data, house.server.home, house.folder / "tmp"):
            for path in top.rglob("*"):
                if path.is_file() and not path.is_symlink() and "postgresql-" not in str(path):
                    found.add("files", str(path), path.read_bytes())
    yield found


async def _speak(customer: Customer, payer: Payer, house: House, receiver: Receiver, plugins: Path) -> None:
    """Every way for a value to come in, and every way for things to go wrong over it."""
    ends = {
        "APPROVE": "approved",
        "DENY": "denied",
        "NOTFOUND": "rejected",
        "BIRTHDATE": "rejected",
        "GUIDE": "rejected",
        "GARBAGE": "approved",
        "OTHERS": "approved",
        "HTMLFILED": "approved",
        "UNMAPPED": "received",
        "REASON": "denied",
        "CALL": "contact_payer",
        "LOST": "approved",
        "DOCS": "needs_information",
    }
    cases = {}
    for place, word in enumerate(ends):
        request = canary_request(word, (EVERGREEN, BLUESTEM)[place % 2], attachments=[_document("clinical_notes", 1)])
        cases[word] = await customer.submit(request, f"canarykey-{word}")
    await _be_refused(customer)
    await _break_adapters(customer)
    for word, case_id in cases.items():
        await customer.until(case_id, ends[word])
    requested = (await customer.case(cases["DOCS"]))["requested"]
    asked = [item for item in requested if item["control_number"]]
    answers = {
        "attachments": [_document(item["kind"], place) for place, item in enumerate(asked)],
    }
    noted = await customer.call("POST", f"/v1/requests/{cases['DOCS']}/answers", {**answers, "note": "Vorpalmyalgia"})
    assert noted.status == 422, "a 275 has no place for a note"
    assert (await customer.call("POST", f"/v1/requests/{cases['DOCS']}/answers", answers)).status == 202
    await customer.until(cases["DOCS"], "approved")
    reason = {"reason": "Frumious reason: Quixwhistle moved away"}
    assert (await customer.call("POST", f"/v1/requests/{cases['APPROVE']}/cancel", reason)).status == 202
    await customer.until(cases["APPROVE"], "cancelled")
    await _crash(customer, payer, house, plugins)
    receiver.failures = 1
    last = await customer.submit(canary_request("APPROVE"))
    await customer.until(last, "approved")


def _document(kind: str, place: int) -> dict[str, str]:
    return {
        "id": f"document-{place}",
        "kind": kind,
        "title": "Jubjub report",
        "media_type": "text/plain",
        "content": base64.b64encode(DOCUMENT).decode(),
    }


async def _be_refused(customer: Customer) -> None:
    """Requests that never become one."""
    faulty = canary_request("APPROVE")
    faulty["patient"] |= {"birth_date": "29/07/1931", "gender": "Quixwhistle", "Slithyfield": "Bandersnatchin"}
    faulty["lines"][0]["code"] = {"system": "hcpcs", "code": "Quixwhistle"}
    faulty["coverages"][0]["payer"] = "quixwhistle_health"
    cannot = canary_request("APPROVE")
    cannot["patient"]["last_name"] = "Quixwhistle \u6f22\u03a9"
    for request in (faulty, cannot, {"Slithyfield": "Quixwhistle"}):
        for path in ("/v1/requests", "/v1/preview"):
            headers = {"Idempotency-Key": "canarykey-refused"}
            assert (await customer.call("POST", path, request, headers=headers)).status in (200, 202, 422)
    malformed = b'{"patient": {"last_name": "Quixwhistle", "birth_date": "1931-07-29" "Slithyfield"'
    own = {"Authorization": f"Bearer {customer.key}", "Content-Type": "application/json"}
    for data in (malformed, b'{"reference": "Quixwhistle", "reference": "Zephrabelle"}', b"\xff Quixwhistle"):
        async with customer.session.post(f"{customer.url}/v1/requests", data=data, headers=own) as answer:
            assert answer.status in (400, 422)
    for path in (
        "/v1/requests/Quixwhistle",
        "/v1/requests?member_id=SIMAPPROVE7770031",
        "/v1/requests?cursor=Quixwhistle",
        "/v1/events?after=canaryref88213",
        "/Quixwhistle/Zephrabelle?born=1931-07-29",
        f"/v1/requests/{uuid4()}/raw/Quixwhistle",
    ):
        assert (await customer.call("GET", path)).status in (400, 404, 422), path
    headers = {"User-Agent": "Quixwhistle", "X-Request-Id": "Zephrabelle", "Referer": "http://a.example/Quixwhistle"}
    assert (await customer.call("GET", "/v1/requests", headers=headers)).status == 200
    odd = {"Authorization": "Bearer Quixwhistle", "Idempotency-Key": "canarykey with blanks"}
    assert (await customer.call("POST", "/v1/requests", faulty, headers=odd)).status == 401
    search = {"member_id": "SIMAPPROVE7770031", "reference": "canaryref88213"}
    assert (await customer.call("POST", "/v1/requests/search", search)).status == 200


async def _break_adapters(customer: Customer) -> None:
    """An adapter that raises what it knows, before the first frame, on the reply and at an inquiry."""
    await customer.submit(canary_request("DENY", "fragile_health"))
    broken = await customer.submit(canary_request("APPROVE", "fragile_health"))
    asked = await customer.submit(canary_request("PEND", "fragile_health"))
    assert (await customer.call("POST", "/v1/preview", canary_request("DENY", "fragile_health"))).status == 500
    case = await customer.until(broken, "uncertain")
    assert case["attention"]["who"] == "operator"
    assert case["attention"]["why"] == "unreadable: the adapter broke on the reply (RuntimeError)"
    await customer.until(asked, "pended")


async def _crash(customer: Customer, payer: Payer, house: House, plugins: Path) -> None:
    """Processes killed over a request, and the database gone under all of them."""
    request = canary_request("APPROVE")
    doomed = house.serve(first=partial(_prepare, plugins, request["coverages"][0]["member_id"]))
    async with open_customer(doomed.address(), house.key) as caller:
        await payer.order("slow", count=1, verb="request", seconds=1)
        with suppress(ClientError):
            await caller.submit(request, "canarykey-doomed")
    cases = [await customer.submit(canary_request("APPROVE")) for _ in range(4)]
    await asyncio.to_thread(house.kill_postgresql)
    cases += [await customer.submit(canary_request("APPROVE")) for _ in range(4)]
    for case_id in cases:
        await customer.until(case_id, "approved")
    if doomed.exit_code is None:
        doomed.kill()


def _prepare(plugins: Path, doomed_over: str = "") -> None:
    fragile_adapter.plug_in(plugins)
    hurry()
    if doomed_over:
        doom(Point.AFTER_REPLY, doomed_over)


async def _listen(found: Spoken, customer: Customer, receiver: Receiver) -> None:
    cursor = ""
    while True:
        answer = await customer.call("GET", f"/v1/events?limit=500{cursor}")
        found.add("events", "feed", answer.body)
        if not answer.json()["has_more"]:
            break
        cursor = f"&after={answer.json()['next_cursor']}"
    await asyncio.sleep(1)
    for body in receiver.bodies:
        found.add("webhooks", "webhook", body)


async def _explain(found: Spoken, house: House) -> None:
    """Every case as an operator sees it, who may see what is PHI or may not."""
    connection = await asyncpg.connect(house.server.url())
    try:
        cases = [row["id"] for row in await connection.fetch("SELECT id FROM requests")]
    finally:
        await connection.close()
    config = Config.read(house.environment, data=house.data)
    for case_id in cases:
        for where, phi in (("explain", False), ("explain with PHI", True)):
            out = StringIO()
            code = await explain(config, str(case_id), phi=phi, console=Console(file=out, width=200))
            assert code == 0, out.getvalue()[-1000:]
            found.add(where, str(case_id), out.getvalue().encode())


async def _read_database(found: Spoken, house: House) -> None:
    """Every value of every table as text and as bytes: what is sealed must not hold it either."""
    connection = await asyncpg.connect(house.server.url())
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        assert len(tables) > 12
        for table in tables:
            for row in await connection.fetch(f"SELECT * FROM {table['name']}"):
                for name, value in row.items():
                    content = value if isinstance(value, bytes) else str(value).encode()
                    found.add("database", f"{table['name']}.{name}", content)
    finally:
        await connection.close()


@pytest.mark.proves("LO-01")
@pytest.mark.parametrize("where", ["logs", "metrics", "events", "webhooks", "explain", "database", "files"])
async def test_nothing_of_a_patient_stands_in(spoken: Spoken, where: str) -> None:
    written = spoken.written[where]
    assert sum(len(content) for _, content in written) > 1000
    told = {(name, hit) for name, content in written for hit in _hits(content)}
    assert not told


@pytest.mark.proves("LO-01")
async def test_the_canaries_really_were_in_what_the_processes_wrote_about(spoken: Spoken) -> None:
    """The search finds what it looks for, and the places searched are those that were written to."""
    assert set(_hits(b"..QUIXWHISTLE*ZEPHRABELLE..D8*19310729~")) == {
        "quixwhistle",
        "zephrabelle",
        "19310729",
    }
    logs = b"".join(content for _, content in spoken.written["logs"])
    for event in (b"request_answered", b"webhook_tried", b"adapter_failed", b"job_failed", b"request_failed"):
        assert event in logs, event
    columns = {name for name, _ in spoken.written["database"]}
    for column in ("public.journal.body", "public.attempts.error", "public.pgqueuer.payload", "public.events.data"):
        assert column in columns, column
    assert any(name.endswith("postgres.log") for name, _ in spoken.written["files"])
    assert any("/pg_wal/" in name for name, _ in spoken.written["files"])


async def test_explaining_a_case_with_phi_shows_what_was_said_and_heard(spoken: Spoken) -> None:
    told = b"".join(content for _, content in spoken.written["explain with PHI"])
    assert {"quixwhistle", "zephrabelle", "19310729"} <= set(_hits(told))
    in_words = [line for line in told.decode().splitlines() if "in the payer's words: " in line]
    assert any(word in line for line in in_words for word in PAYERS_WORDS)


def _hits(content: bytes) -> list[str]:
    lowered = content.lower()
    return [word for word in REVEALING if word.encode() in lowered]
