"""`make clean` takes away what the checkout has put elsewhere, and nothing that is not its own."""

from __future__ import annotations

import shutil
import subprocess
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
