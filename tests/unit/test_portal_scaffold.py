"""``payer-gateway new site``: a folder that loads, a table that is read, and a case that fails until it is written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from adapters.portal import registry
from conformance.replay import run
from conformance.scaffold import DONE, REFUSED, main
from conformance.shelf import CASE_FILE, read_shelf
from conformance.verdict import Verdict
from gateway.profiles.document import read
from tests.unit.portal_material import bench, cases

OTHER = replace(registry.SITES["ironwood"], home="/elsewhere")


def test_a_new_site_is_a_site_and_its_case_fails(tmp_path: Path) -> None:
    assert main(["site", "acme_health", "--into", str(tmp_path), "--package", "sites_of_others"]) == DONE
    folder = tmp_path / "sites_of_others" / "acme_health"
    assert {path.name for path in folder.iterdir()} == {"__init__.py", "login.py", "flow.py", "pages.py", "README.md"}
    (folder.parent / "__init__.py").touch()
    says = "from sites_of_others.acme_health import SITE; print(SITE.name, SITE.statuses)"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {says}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["acme_health", "portal_acme_health_status"]
    table = read(tmp_path / "mappings/codes/portal_acme_health_status.yaml", "table").value
    assert table["table"] == "portal_acme_health_status"
    shelf = tmp_path / "conformance/cases"
    (shelf / "portal" / "suite.yaml").write_bytes((cases()["ironwood_filed"].folder.parent / "suite.yaml").read_bytes())
    [slot] = read_shelf(shelf)
    assert slot.case is not None, slot.faults
    assert (slot.folder / CASE_FILE).exists()
    assert run(slot, bench()).verdict is Verdict.ERROR


def test_a_site_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["site", "acme_health", "--into", str(tmp_path)]
    assert main(arguments) == DONE
    written = tmp_path / "adapters/portal/sites/acme_health/flow.py"
    written.write_text("mine")
    assert main(arguments) == REFUSED
    assert written.read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Acme", "1acme", "acme-health", "class", "../acme"])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    assert main(["site", name, "--into", str(tmp_path)]) == REFUSED
    assert not any(tmp_path.iterdir())


def test_two_sites_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else somebody's folder would be driven over a connection that was meant for another's."""
    other = EntryPoint("ironwood", "tests.unit.test_portal_scaffold:OTHER", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [*entry_points(group=group), other])
    with pytest.raises(TypeError, match="two sites of the name ironwood"):
        registry.load_sites()
