"""`make clean` takes away what the checkout has put elsewhere, and nothing that is not its own. What set-up resolves
has bounds."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

from gateway.main.config import PROJECT


def test_clean_removes_the_demos_databases_outside_the_checkout_and_no_others(tmp_path: Path) -> None:
    checkout, store = tmp_path / "checkout", tmp_path / "store"
    for home in ("data-demo", "data-own", "data-another", "postgresql-1"):
        (store / home / "cluster").mkdir(parents=True)
    links = {
        "build/demo/one": store / "data-demo",
        "build/demo/trap": store / "data-x" / ".." / "data-another",
        "build/demo/lost": store / "data-gone",
        "build/demo/foreign": tmp_path / "data-foreign",
        "data": store / "data-own",
    }
    (tmp_path / "data-foreign").mkdir()
    for place, home in links.items():
        (checkout / place).mkdir(parents=True)
        (checkout / place / "postgres").symlink_to(home)
    shutil.copy(PROJECT / "Makefile", checkout)
    done = subprocess.run(
        ["make", "clean", f"ROOTS_STORE={store}"], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert {home.name for home in store.iterdir()} == {"data-own", "data-another", "postgresql-1"}
    assert (tmp_path / "data-foreign").exists()
    assert not (checkout / "build").exists()
    assert (checkout / "data" / "postgres").resolve() == store / "data-own"
    assert f"data stays, with its database in {store / 'data-own'}" in done.stdout
    assert f"{store / 'postgresql-1'} stays" in done.stdout


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    groups = (project["project"]["dependencies"], project["build-system"]["requires"])
    for requirement in [each for group in (*groups, *project["dependency-groups"].values()) for each in group]:
        assert ">=" in requirement, requirement
        assert ",<" in requirement, requirement
