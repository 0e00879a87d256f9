"""What the demonstration tells a newcomer to type."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.main.config import PROJECT
from gateway.main.demo import explain_command

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


def test_paths_below_the_place_are_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    run = PROJECT / "build" / "demo" / "a-run"
    monkeypatch.setattr(sys, "executable", str(PROJECT / ".venv" / "bin" / "python"))
    monkeypatch.setattr(Path, "exists", lambda path: True)
    command = explain_command(CASE, run, PROJECT, {"PATH": "/nowhere"})
    assert command == f".venv/bin/payer-gateway explain {CASE} --data build/demo/a-run"
