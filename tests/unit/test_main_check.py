"""`payer-gateway check` looks at everything, whatever is wrong with a part."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from gateway.main import check as command
from gateway.main.config import PROJECT, Config


def checked(mappings: Path) -> tuple[int, str]:
    shown = io.StringIO()
    config = Config.read({"GATEWAY_MAPPINGS": str(mappings)})
    return command.check(config, Console(file=shown, width=40)), shown.getvalue()


def test_conformance_cases_are_checked_though_a_profile_has_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []

    def look() -> bool:
        looked.append(True)
        return False

    monkeypatch.setattr(command, "_case_faults", look)
    mappings = tmp_path / "mappings"
    shutil.copytree(PROJECT / "mappings", mappings)
    assert checked(mappings)[0] == 0
    stray = mappings / "payers" / "evergreen_health.yaml"
    stray.rename(stray.with_suffix(".yml"))
    code, shown = checked(mappings)
    assert code == 1
    assert "payers/evergreen_health.yml: /: Nothing reads" in shown, "in one line, however narrow the terminal"
    assert looked == [True, True]
