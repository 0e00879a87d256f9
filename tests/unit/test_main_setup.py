"""`payer-gateway setup browser` as people and `make` type it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gateway.main.config import PROJECT
from gateway.transport.browser.find import VARIABLE, find_chromium
from tests.unit.browser_material import Machine


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway.main", "setup", "browser", *words]
    given = {**environment, "COLUMNS": "60", "PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=120, check=False)


def test_it_tells_which_browser_there_is_and_notes_it(tmp_path: Path) -> None:
    note = tmp_path / "note"
    done = run(dict(os.environ), "--note", str(note))
    found = find_chromium(os.environ).path
    assert (done.returncode, done.stderr) == (0, "")
    assert f"browser: {found} (" in done.stdout
    assert "rendered a page" in done.stdout
    assert note.read_text() == f"{found}\n"


def test_where_none_can_be_had_it_fails_with_what_to_do_and_notes_nothing(tmp_path: Path) -> None:
    machine, note = Machine(tmp_path), tmp_path / "note"
    machine.program("node", "echo 'Error: Download failure, code=1'; exit 1")
    done = run(machine.environment, "--note", str(note))
    assert done.returncode == 1
    assert "$ " in done.stdout  # what it runs is told as it goes
    assert "failed with exit code 1 (Error: Download failure, code=1)" in done.stderr
    assert VARIABLE in done.stderr
    assert "Traceback" not in done.stderr
    assert not note.exists()


def test_a_variable_that_leads_nowhere_is_told_at_once(tmp_path: Path) -> None:
    done = run({**os.environ, VARIABLE: str(tmp_path / "none")})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"payer-gateway: {VARIABLE} is {tmp_path / 'none'}, which is not there.")
