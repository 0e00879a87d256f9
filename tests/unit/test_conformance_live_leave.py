"""Only test connections are exercised, whatever profiles, options and the environment say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.bench import MAPPINGS, installed
from conformance.live import fixtures
from conformance.live.leave import Leave, Refused, ask
from conformance.live.talk import Line
from conformance.runner import main
from gateway.contract.destination import Mode
from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Https, Reply
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from tests.unit.conformance_shelf import change

ADAPTERS = installed()
TODAY = date(2026, 11, 22)
REAL = """
payer: real_payer
name: Real Payer
provenance: {source: an invented companion guide, date: 2026-11-22, by: a test}
lines_of_business: [commercial]
effective: {start: 2026-01-01}
routes:
  - {connection: real_live, benefits: [medical], priority: 10}
  - {connection: real_test, benefits: [medical], priority: 20}
channels:
  x12_278: {receiver_id: REAL, umo_id: REAL}
rhythm:
  settle_seconds: 120
  reconcile: [60, 120]
  poll: {first_seconds: 60, longest_seconds: 600, give_up_seconds: 86400}
  retry: {first_seconds: 60, longest_seconds: 600, give_up_seconds: 86400}
"""
CONNECTION = """
connection: {name}
channel: x12_278
mode: {mode}
provenance: {{source: an invented companion guide, date: 2026-11-22, by: a test}}
endpoint: {endpoint}
settings: {{isa_sender_id: US, isa_receiver_id: THEM, company_id: "1999999999"}}
"""
ISA = b"ISA*00*          *00*          *ZZ*US             *ZZ*REAL           *261122*1200*^*00501*000000001*0*T*:~"


class Silence(HttpsTransport):
    """Counts what would have left."""

    def __init__(self) -> None:
        super().__init__(Secrets({}))
        self.sent: list[Https] = []

    async def send(self, frame: Https, link: Link) -> Reply:
        self.sent.append(frame)
        raise NeedsPerson("nothing leaves a unit test")


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names resolve to; others are unknown, and nobody is asked."""
    known = {"api.example.com": "192.0.2.1", "test.example.com": "192.0.2.2"}

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise OSError("unknown")
        return [(2, 1, 6, "", (known[host], port))]

    monkeypatch.setattr("conformance.live.leave.getaddrinfo", resolve)
    return known


@pytest.fixture
def transports(monkeypatch: pytest.MonkeyPatch) -> list[Https]:
    """Every frame that anything of a run would have sent."""
    sent: list[Https] = []

    async def send(self: HttpsTransport, frame: Https, link: Link) -> Reply:
        sent.append(frame)
        raise NeedsPerson("nothing leaves a unit test")

    monkeypatch.setattr(HttpsTransport, "send", send)
    return sent


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    folder = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, folder)
    (folder / "payers" / "real_payer.yaml").write_text(REAL)
    write(folder, "real_live", "live", "https://api.example.com/core")
    write(folder, "real_test", "test", "https://test.example.com/core")
    return folder


@pytest.fixture
def members(tmp_path: Path) -> Path:
    """Published members of the real payer."""
    file = tmp_path / "members.yaml"
    file.write_text((fixtures.FOLDER / "evergreen_health.yaml").read_text())
    change(file, "payer: evergreen_health", "payer: real_payer")
    return file


def write(mappings: Path, name: str, mode: str, endpoint: str) -> None:
    text = CONNECTION.format(name=name, mode=mode, endpoint=endpoint)
    (mappings / "connections" / f"{name}.yaml").write_text(text)


def live(mappings: Path, members: Path, connection: str) -> int:
    where = ["--mappings", str(mappings), "--members", str(members)]
    return main(["run", "--live", connection, "--payer", "real_payer", *where])


def test_a_live_connection_is_refused_and_nothing_leaves(
    mappings: Path, members: Path, transports: list[Https], capsys: pytest.CaptureFixture[str]
) -> None:
    assert live(mappings, members, "real_live") == 2
    assert "real_live is a live connection" in capsys.readouterr().out
    assert transports == []


def test_a_test_connection_of_the_same_payer_is_exercised(
    mappings: Path, members: Path, transports: list[Https]
) -> None:
    assert live(mappings, members, "real_test") == 1, "nothing answers here"
    assert transports
    assert {frame.url for frame in transports} == {"https://test.example.com/core"}
    assert all((frame.document or b"")[102:103] == b"T" for frame in transports)


@pytest.mark.parametrize("mode", ["Live", "LIVE", "production", "test ", "[test, live]"])
def test_a_mode_that_is_spelt_otherwise_is_a_fault_of_the_profile(
    mappings: Path, members: Path, transports: list[Https], mode: str
) -> None:
    write(mappings, "real_live", f'"{mode}"', "https://api.example.com/core")
    assert live(mappings, members, "real_live") == 2
    assert transports == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://api.example.com/core",
        "https://api.example.com/test/core",
        "https://API.EXAMPLE.COM:443/core",
        "https://api.example.com./core",
        "https://api.example.com/test/../core",
    ],
)
def test_a_profile_that_calls_a_live_endpoint_a_test_is_refused(
    mappings: Path,
    members: Path,
    transports: list[Https],
    capsys: pytest.CaptureFixture[str],
    endpoint: str,
) -> None:
    write(mappings, "real_test", "test", endpoint)
    assert live(mappings, members, "real_test") == 2
    assert "the live connection real_live" in capsys.readouterr().out
    assert transports == []


def test_another_name_of_the_live_host_is_refused_and_another_port_of_it_is_not(
    mappings: Path, members: Path, transports: list[Https], addresses: dict[str, str]
) -> None:
    addresses["test.example.com"] = addresses["api.example.com"]
    assert live(mappings, members, "real_test") == 2
    assert transports == []
    write(mappings, "real_test", "test", "https://test.example.com:8443/core")
    assert live(mappings, members, "real_test") == 1
    assert transports


def test_an_endpoint_that_the_environment_moves_to_a_live_host_is_refused(
    mappings: Path, members: Path, transports: list[Https], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_ENDPOINT_REAL_TEST", "https://api.example.com/core")
    assert live(mappings, members, "real_test") == 2
    assert transports == []


def test_a_live_connection_that_the_environment_moves_out_of_the_way_is_still_known_by_its_profile(
    mappings: Path, members: Path, transports: list[Https], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_ENDPOINT_REAL_LIVE", "https://elsewhere.example.com/core")
    monkeypatch.setenv("GATEWAY_ENDPOINT_REAL_TEST", "https://api.example.com/core")
    assert live(mappings, members, "real_test") == 2
    assert transports == []


def test_a_live_connection_that_the_environment_moves_to_the_test_host_makes_that_host_live(
    mappings: Path, members: Path, transports: list[Https], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_ENDPOINT_REAL_LIVE", "https://test.example.com/core")
    assert live(mappings, members, "real_test") == 2
    assert transports == []


@pytest.mark.parametrize("name", ["GATEWAY_MODE", "GATEWAY_MODE_REAL_LIVE", "GATEWAY_TEST"])
def test_no_variable_of_the_environment_makes_a_live_connection_a_test(
    mappings: Path, members: Path, transports: list[Https], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "test")
    monkeypatch.setenv("GATEWAY_ENDPOINT_REAL_LIVE", "https://test.example.com/core")
    assert live(mappings, members, "real_live") == 2
    assert transports == []


def leave_of(mappings: Path) -> Leave:
    library, profile = ask(mappings, ADAPTERS, {}, "real_payer", "real_test")
    return Leave(library, "real_payer", profile, TODAY, effects=1)


def frame(**changed: object) -> Https:
    made = Https(method="POST", url="https://test.example.com/core", effect=False, document=ISA)
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"document": ISA.replace(b"*T*", b"*P*")},
        {"document": ISA.replace(b"*T*", b"*I*")},
        {"url": "https://api.example.com/core"},
        {"url": "https://test.example.com:8443/core"},
    ],
)
async def test_what_an_adapter_says_is_looked_at_once_more_before_it_leaves(
    mappings: Path, changed: dict[str, object]
) -> None:
    transport = Silence()
    leave = leave_of(mappings)
    line = Line(transport, Link.of(leave.profile), leave)
    with pytest.raises(Refused):
        await line.say("a step", frame(**changed))
    assert transport.sent == []
    assert (await line.say("a step", frame())).error is not None
    assert len(transport.sent) == 1


async def test_no_more_messages_with_an_effect_leave_than_there_are_cases_to_file_and_take_back(
    mappings: Path,
) -> None:
    transport = Silence()
    leave = leave_of(mappings)
    line = Line(transport, Link.of(leave.profile), leave)
    await line.say("file", frame(effect=True))
    with pytest.raises(Refused, match="effect"):
        await line.say("file", frame(effect=True))
    assert len(transport.sent) == 1


async def test_a_profile_that_turned_live_while_it_ran_is_refused(mappings: Path) -> None:
    leave = leave_of(mappings)
    turned = replace(leave, profile=leave.profile.model_copy(update={"mode": Mode.LIVE}))
    with pytest.raises(Refused):
        turned.check(frame(), 0)


def test_without_members_nothing_is_sent(
    mappings: Path, transports: list[Https], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "--live", "real_test", "--payer", "real_payer", "--mappings", str(mappings)]
    assert main(arguments) == 2
    assert "no test members of real_payer are known" in capsys.readouterr().out
    assert transports == []


def test_members_of_another_payer_are_not_used(mappings: Path, members: Path, transports: list[Https]) -> None:
    change(members, "payer: real_payer", "payer: evergreen_health")
    assert live(mappings, members, "real_test") == 2
    assert transports == []


@pytest.mark.parametrize(
    "words", [["--live", "demo_clearinghouse"], ["--live", "x", "--payer", "y", "--case", "z"], ["--html", "page.html"]]
)
def test_words_that_do_not_go_together_are_refused(words: list[str], transports: list[Https]) -> None:
    assert main(["run", *words]) == 2
    assert transports == []
