"""What the demonstration tells a newcomer to type."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from gateway.main import main
from gateway.main.config import PROJECT
from gateway.main.demo import explain_command
from gateway.main.demo_hooks import Receiver
from gateway.main.demo_journeys import Given, Journey, journeys
from gateway.main.demo_practice import _REQUESTS
from gateway.main.demo_processes import NotStarted, run_gateway, run_payers
from gateway.main.demo_screen import decisions, verdict
from gateway.model.request import PARequest

CASE = "0d6f0c1e-0000-4000-8000-000000000001"
PROGRAM = Path(sys.executable).with_name("payer-gateway")


@pytest.mark.parametrize("on_path", [True, False])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_command_runs_as_it_stands_wherever_it_is_typed(on_path: bool, elsewhere: bool, tmp_path: Path) -> None:
    path = f"{PROGRAM.parent}:/usr/bin:/bin" if on_path else "/usr/bin:/bin"
    environment = {"PATH": path, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    here = tmp_path / "a place" if elsewhere else PROJECT
    here.mkdir(exist_ok=True)
    data = tmp_path / "a run"
    command = explain_command(CASE, data, here, environment)
    assert shlex.split(command)[-4:] == ["explain", CASE, "--data", str(data)]
    assert ("payer-gateway explain" in command and "/payer-gateway" not in command) == on_path
    # Everything but the act itself, which would start a database: help instead.
    asked = [*shlex.split(command)[:-4], "explain", "--help"]
    ended = subprocess.run(
        asked, cwd=here, env={**environment, "HOME": os.environ["HOME"]}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "--phi" in ended.stdout
    assert command.startswith("env -u DATABASE_URL ")


def test_the_command_takes_back_every_setting_of_somebody_elses() -> None:
    environment = {"PATH": "/nowhere", "GATEWAY_MASTER_KEY": "x", "DATABASE_URL": "x", "HOME": "/root"}
    command = explain_command(CASE, PROJECT, PROJECT, environment)
    assert command.startswith("env -u DATABASE_URL -u GATEWAY_MASTER_KEY ")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data directory; what it keeps elsewhere goes with it."""
    yield tmp_path
    shutil.rmtree((tmp_path / "postgres").resolve())


async def test_the_processes_start_whatever_is_set_for_others(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "GATEWAY_CONCURRENCY": "0",
        "GATEWAY_HOST": "192.0.2.1",
        "GATEWAY_MAPPINGS": "/nowhere",
        "GATEWAY_MASTER_KEY": "bad",
        "SIM_PASSWORD": "another",
    }.items():
        monkeypatch.setenv(name, value)
    async with run_payers(data) as payers, run_gateway(payers, data) as (gateway, key):
        headers = {"Authorization": f"Bearer {key}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(f"{gateway}/v1/payers") as response:
                assert len((await response.json())["data"]) >= 4
            async with session.get(f"{gateway}/readyz") as response:
                assert "queue" in (await response.json())["checks"], "it works too"


async def test_a_process_that_does_not_start_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NotStarted) as caught:
        async with run_payers(tmp_path):
            pass
    assert str(tmp_path / "conformance.simulators.core_payer.log") in str(caught.value)


def test_the_demo_takes_no_data_directory(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["demo", "--data", "elsewhere"])
    assert caught.value.code == 2
    assert "--data" in capsys.readouterr().err


def test_what_a_payer_says_is_shown_as_it_says_it() -> None:
    shown = io.StringIO()
    journey = Journey("one", "story", "approved", said='"[bold]x[/nope]"')
    Console(file=shown, width=100).print(decisions([journey]))
    assert "[bold]x[/nope]" in shown.getvalue()


def test_paths_below_the_place_are_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    run = PROJECT / "build" / "demo" / "a-run"
    monkeypatch.setattr(sys, "executable", str(PROJECT / ".venv" / "bin" / "python"))
    monkeypatch.setattr(Path, "exists", lambda path: True)
    command = explain_command(CASE, run, PROJECT, {"PATH": "/nowhere"})
    assert command == f".venv/bin/payer-gateway explain {CASE} --data build/demo/a-run"


def test_every_request_of_the_demo_is_there_and_nobody_in_it_is_asked_for_twice() -> None:
    requests = [PARequest.model_validate_json((_REQUESTS / f"{one.name}.json").read_bytes()) for one in journeys()]
    assert len({request.coverages[0].member_id for request in requests}) == len(requests)
    assert {one.name for one in journeys()} == {file.stem for file in _REQUESTS.glob("*.json")}


def test_a_journey_is_right_only_with_the_answers_that_the_gateway_should_have_proposed() -> None:
    journey = Journey("one", "story", "approved", proposed=1, heard={1: {"status": "approved", "lines": {}}})
    journey.given = [Given("Why?", "so", None)]
    assert journey.arrived()
    assert not journey.right()
    journey.given.append(Given("When?", "2026-10-12", "/diagnoses/0/onset"))
    assert journey.right()


@pytest.mark.parametrize(("asked", "good"), [(("a", "b"), True), (("a",), False), (("b", "a"), False)])
def test_the_demo_fails_when_others_are_asked_than_should_be(asked: tuple[str, ...], good: bool) -> None:
    journey = Journey("one", "story", "approved", heard={1: {"status": "approved", "lines": {}}})
    journey.payers, journey.asked = ("a", "b"), asked
    receiver = Receiver([journey])
    receiver.verified = 1
    assert verdict(Console(file=io.StringIO()), [journey], receiver, [], True, 1.0) == good
