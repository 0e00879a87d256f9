"""The operators' door of the simulated portals, their port, and TLS."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from conformance.simulators.clock import Clock
from conformance.simulators.portals.members import WORDS
from conformance.simulators.portals.misbehaviour import STEPS, Kind
from conformance.simulators.portals.server import CannotOpen, PortalOptions, PortalServer
from conformance.simulators.server import Options
from tests.unit.portal_visits import House, portals_open
from tests.unit.test_simulator_process import certificate

PORTALS = Path(__file__).parents[2] / "conformance" / "simulators" / "portals"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with portals_open() as found:
        await found.ironwood.log_in()
        await found.juniper.log_in()
        yield found


async def test_operators_set_words_that_nobody_knows(house: House) -> None:
    visitor = house.ironwood
    reference = await visitor.file("SIMAPPROVE01")
    told = await visitor.operators.post(
        f"filings/{reference}", status="Parked", services=["Half open"], note="Ask Bo.", authorization="X-1"
    )
    assert (told["status"], told["services"][0]["status"], told["notes"]) == ("Parked", "Half open", ["Ask Bo."])
    page = await visitor.get(f"/requests/{reference}")
    assert page.said("//dd")[1:3] == ["Parked", "X-1"]
    assert page.said("//table//td")[6] == "Half open"
    assert (await visitor.get("/search?member=SIMAPPROVE01")).said("//td")[-1] == "Parked"


async def test_operators_ask_for_documents_of_a_request_that_was_approved(house: House) -> None:
    reference = await house.juniper.file("SIMAPPROVE01")
    told = await house.juniper.operators.post(f"filings/{reference}", ask=["Dosing sheet"])
    assert (told["status"], told["asked"]) == ("Information needed", ["Dosing sheet"])
    _, whole = await house.juniper.call("GET", f"/requests/{reference}")
    assert "Information requested" in [each["what"] for each in whole["timeline"]]
    _, file = await house.juniper.upload()
    sent = {"comment": "", "documents": [{"id": file["id"], "kind": "other"}]}
    _, whole = await house.juniper.call("POST", f"/requests/{reference}/information", sent)
    assert whole["status"] == "Certified"


async def test_what_came_is_told_by_path_template_only(house: House) -> None:
    visitor = house.ironwood
    await visitor.file("SIMAPPROVE01")
    await visitor.get("/search?member=SIMAPPROVE01")
    log = (await visitor.operators.get("requests"))["requests"]
    assert "SIMAPPROVE" not in str(log)
    assert visitor.draft not in str(log)
    assert log[-1] | {"at": 0} == {"at": 0, "method": "GET", "path": "/ironwood/search", "status": 200}


async def test_somebody_who_is_registered_is_found_as_a_member(house: House) -> None:
    visitor = house.ironwood
    dot = {"member": "SIMPEND77", "first_name": "Dot", "last_name": "Testperson", "birth_date": "1955-01-17"}
    await visitor.operators.post("people", **dot)
    await visitor.begin()
    assert (await visitor.take_member("SIMPEND77")).error("member")
    assert (await visitor.take_member("SIMPEND77", birth_date="01/17/1955")).status == 302
    assert "Dot Testperson" in (await visitor.get(f"/new/{visitor.draft}/member")).said("//dd")


async def test_a_payer_s_id_names_its_portal_and_other_names_none(house: House) -> None:
    session, url = house.ironwood.operators.session, house.server.url
    for name, status in (("ironwood_plan", 200), ("juniper_health", 200), ("oak", 404)):
        async with session.get(f"{url}/sim/portals/{name}/filings") as answer:
            assert answer.status == status


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("misbehave", {"kind": "nothing"}),
        ("misbehave", {"kind": "slow", "step": "nowhere"}),
        ("misbehave", {"kind": "slow", "count": -1}),
        ("misbehave", {"kind": "slow", "seconds": "1"}),
        ("misbehave", {"surprise": 1}),
        ("filings", {"member": "NOBODY", "code": "J1745", "start": "2026-01-01", "end": "2026-01-02"}),
        ("people", {"member": "SIMPEND77"}),
        ("sessions", {"idle_seconds": "long"}),
    ],
)
async def test_what_operators_cannot_mean_is_refused(house: House, path: str, told: dict[str, Any]) -> None:
    url = f"{house.server.url}/sim/portals/ironwood/{path}"
    async with house.ironwood.operators.session.post(url, json=told) as answer:
        assert (answer.status, "error" in await answer.json()) == (400, True)


async def test_the_clock_is_moved_and_a_reset_forgets_what_came(house: House) -> None:
    session, url = house.ironwood.operators.session, house.server.url
    await house.ironwood.file()
    before = house.clock.now()
    async with session.post(f"{url}/sim/clock", json={"advance_seconds": 60}) as answer:
        assert (await answer.json())["now"] == before + 60
    await house.juniper.operators.order("slow")
    async with session.post(f"{url}/sim/reset") as answer:
        assert answer.status == 200
    told = await house.ironwood.operators.get("filings")
    assert told == {"total": 0, "final_posts": 0, "drafts": {}, "filings": []}
    assert (await house.juniper.operators.get("misbehave"))["orders"] == []
    assert (await house.ironwood.get("/home")).heading == "Sign in"
    assert (await house.ironwood.operators.get("accounts"))["logins"] == 0


async def test_every_word_and_every_misbehaviour_stands_in_the_readme(house: House) -> None:
    text = (PORTALS / "README.md").read_text(encoding="utf-8")
    assert [word for word in WORDS if f"`SIM{word}`" not in text] == []
    assert [kind for kind in Kind if f"`{kind}`" not in text] == []
    assert [step for step in STEPS if f"`{step}`" not in text] == []


def test_the_command_tells_where_the_portals_are_and_takes_accounts_from_the_environment() -> None:
    environment = {**os.environ, "SIM_PORTAL_USERNAME": "somebody", "SIM_PORTAL_PASSWORD": "secret"}
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.simulators.core_payer", "--port", "0", "--portal-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=PORTALS.parents[2],
    )
    assert process.stdout is not None
    said = [process.stdout.readline().decode().split() for _ in range(2)]

    async def logged_in() -> int:
        async with aiohttp.ClientSession() as session:
            told = {"username": "somebody3", "password": "secret3"}
            async with session.post(f"{said[0][-1]}/juniper/api/login", json=told) as answer:
                return answer.status

    try:
        assert [line[0] for line in said] == ["portals", "listening"]
        assert asyncio.run(logged_in()) == 200
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_a_port_that_is_taken_is_told_with_the_option_that_mends_it(house: House) -> None:
    port = int(house.server.url.rsplit(":", 1)[-1])
    second = PortalServer(PortalOptions(port=port), Clock(0))
    with pytest.raises(CannotOpen, match="--portal-port"):
        await second.start("127.0.0.1")
    await second.close()


async def test_over_tls_the_cookie_is_secure(tmp_path: Path) -> None:
    certificate(tmp_path, "server")
    cert, key = tmp_path / "server.pem", tmp_path / "server.key"
    tls = Options(tls_cert=str(cert), tls_key=str(key)).tls()
    server = PortalServer(PortalOptions(port=0), Clock(0), tls)
    await server.start("127.0.0.1")
    trust = ssl.create_default_context(cafile=str(cert))
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{server.url}/ironwood/login", ssl=trust, server_hostname="localhost") as answer,
        ):
            cookie = answer.cookies["ironwood_session"]
    finally:
        await server.close()
    assert (server.url.startswith("https://"), cookie["secure"]) == (True, True)


def test_pages_and_scripts_are_files_of_the_package() -> None:
    """What the wheel takes along: everything under these folders (hatchling, pyproject.toml)."""
    assert {each.suffix for each in (PORTALS / "ironwood" / "templates").iterdir()} == {".html"}
    assert {each.suffix for each in (PORTALS / "juniper" / "static").iterdir()} == {".html", ".js"}
    assert {each.suffix for each in (PORTALS / "ironwood" / "static").iterdir()} == {".css", ".js"}


def test_nothing_of_the_adapters_is_known_here() -> None:
    lines = [line for path in PORTALS.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    imports = [line for line in lines if line.startswith(("from ", "import "))]
    assert len(imports) > 50
    assert [line for line in imports if "adapters" in line or "gateway" in line] == []
