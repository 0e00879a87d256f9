"""The command line as people type it: programs of their own, their output and their exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

from gateway.main.config import PROJECT
from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer, open_customer
from tests.running.house import write_mappings
from tests.running.processes import PATIENCE
from tests.running.requests import compose

PROGRAM = Path(sys.executable).with_name("payer-gateway")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


async def run(*words: str, environment: Mapping[str, str] | None = None, given: str = "") -> Ended:
    """Run ``payer-gateway`` and wait for its end."""
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200", **(environment or {})},
        cwd=PROJECT,
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode()), PATIENCE)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def at(town: Town) -> dict[str, str]:
    """The environment of somebody who works with the town's gateway."""
    return {**town.house.environment, "GATEWAY_DATA": str(town.house.data), "GATEWAY_URL": town.url}


async def test_a_request_is_submitted_shown_and_explained(town: Town, customer: Customer, tmp_path: Path) -> None:
    name = member("DROP")
    request = compose(name)
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    key = str(uuid4())
    taken, again = [
        await run("submit", *words, "--idempotency-key", key, environment=at(town), given=given)
        for words, given in (((str(path),), ""), (("-",), json.dumps(request)))
    ]
    assert (taken.code, again.code) == (0, 0), taken.err + again.err
    case_id = json.loads(taken.out)["id"]
    assert json.loads(again.out)["id"] == case_id
    await customer.until(case_id, "approved")
    shown, told, bare = await asyncio.gather(
        run("show", case_id, environment=at(town)),
        run("explain", case_id, environment=at(town)),
        run("explain", case_id, "--phi", environment=at(town)),
    )
    assert shown.code == 0
    assert json.loads(shown.out)["status"] == "approved"
    assert (told.code, bare.code) == (0, 0), told.err + bare.err
    for word in ("maybe_sent", "inquire", "the payer answered: reviewed", "is whole"):
        assert word in told.out
    private = (name, request["patient"]["last_name"], request["reference"], "19610412", "Example Plaza")
    assert not [word for word in private if word in told.out]
    assert all(word in bare.out for word in (name, "NM1*IL*1*Testperson*Ada", "ISA*00*"))
    assert "demo-password" not in bare.out
    assert (await town.payer.filings())[name] == 1


async def test_what_cannot_be_done_is_said_in_one_line(town: Town, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({**compose(member("APPROVE")), "diagnoses": []}))
    refused, missing, nowhere, unknown, outside, elsewhere, keyless = await asyncio.gather(
        run("submit", str(broken), environment=at(town)),
        run("submit", str(tmp_path / "none.json"), environment=at(town)),
        run("submit", str(broken), environment={**at(town), "GATEWAY_URL": "http://127.0.0.1:9"}),
        run("explain", str(uuid4()), environment=at(town)),
        run("show", "../payers", environment=at(town)),
        run("show", str(uuid4()), environment={**at(town), "GATEWAY_URL": "localhost:8080"}),
        run("submit", str(broken), environment={**at(town), "GATEWAY_API_KEY": "two\nlines"}),
    )
    assert refused.code == 1
    assert json.loads(refused.out)["faults"][0]["pointer"] == "/diagnoses"
    for ended in (missing, nowhere, unknown, outside, elsewhere, keyless):
        assert ended.code == 2
        assert ended.out == ""
        assert len(ended.err.strip().splitlines()) == 1, ended.err


async def test_who_only_reads_is_told_that_there_is_no_database_in_a_folder(town: Town, tmp_path: Path) -> None:
    typo = tmp_path / "typo"
    for words in (
        ("explain", str(uuid4())),
        ("keys", "list", "--tenant", "default"),
        ("keys", "revoke", "--tenant", "default", "0123456789ab"),
    ):
        ended = await run(*words, "--data", str(typo), environment=at(town))
        assert ended.code == 2
        assert "There is no database in" in ended.err
        assert "--data" in ended.err
    assert os.listdir(tmp_path) == []


async def test_keys_are_made_listed_and_revoked(town: Town) -> None:
    tenant = f"tenant-{uuid4().hex[:8]}"
    made = await run("keys", "create", "--tenant", tenant, "--name", "desk", environment=at(town))
    assert made.code == 0, made.err
    key = made.out.strip()
    assert re.fullmatch(r"pgw_test_[0-9a-f]{12}_[0-9a-f]{64}", key)
    async with open_customer(town.url, key) as caller:
        assert (await caller.call("GET", "/v1/requests")).status == 200
        listed = await run("keys", "list", "--tenant", tenant, environment=at(town))
        assert key.split("_")[2] in listed.out
        assert key.split("_")[3] not in listed.out
        revoked = await run("keys", "revoke", "--tenant", tenant, key.split("_")[2], environment=at(town))
        assert revoked.code == 0, revoked.err
        async with asyncio.timeout(30):  # what another process knows of a key it believes for a few seconds
            while (await caller.call("GET", "/v1/requests")).status != 401:  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.5)


async def test_check_passes_here_and_names_every_fault_elsewhere(tmp_path: Path) -> None:
    faulty = tmp_path / "mappings"
    write_mappings(faulty, {"settle_seconds": "soon"})
    right, wrong = await asyncio.gather(run("check"), run("check", environment={"GATEWAY_MAPPINGS": str(faulty)}))
    assert right.code == 0, right.out + right.err
    payers = list((PROJECT / "mappings/payers").glob("*.yaml"))
    assert f"{len(payers)} payers" in right.out
    assert wrong.code == 1
    paced = [path.name for path in payers if "settle_seconds:" in path.read_text()]
    assert {"evergreen_health.yaml", "bluestem_mutual.yaml"} <= set(paced)
    assert all(name in wrong.out for name in paced)
    assert wrong.out.count("settle_seconds") == len(paced)


async def test_conformance_runs_and_reports(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    ended = await run("conformance", "run", "--channel", "x12_278", "--junit", str(report))
    assert ended.code == 0, ended.out + ended.err
    suite = ElementTree.parse(report).getroot()  # noqa: S314 - our own report
    cases = suite.findall(".//testcase")
    assert len(cases) >= 25
    assert not suite.findall(".//failure") + suite.findall(".//error")


async def test_the_demo_ends_well() -> None:
    ended = await run("demo")
    assert ended.code == 0, ended.out + ended.err
    assert "10 of 10 cases ended as expected." in ended.out
    assert "0 of them filed twice" in ended.out
