"""`make clean` takes away what the checkout has put elsewhere, and nothing that is not its own. What set-up resolves
has bounds. A browser is seen to when there is need."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

from gateway.main.config import PROJECT
from gateway.transport.browser.find import VARIABLE


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


def test_a_browser_is_seen_to_once_and_again_when_it_is_gone_or_another_one_is_named(tmp_path: Path) -> None:
    checkout, browser, other = (tmp_path / name for name in ("checkout", "browser", "other"))
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    shutil.copy(PROJECT / "Makefile", checkout)
    says = f'echo "$@" >>{tmp_path}/log\n[ "$1" = demo ] || echo "${{PAYER_GATEWAY_CHROMIUM:-{browser}}}" >"$4"'
    for path, does in ((programs / "payer-gateway", says), (programs / "python", ""), (browser, ""), (other, "")):
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
    for name in ("requirements.lock", "pyproject.toml"):
        (checkout / name).touch()
    bare = {name: value for name, value in os.environ.items() if name != VARIABLE}

    def done(**environment: str) -> list[str]:
        """What a demonstration made the gateway do."""
        (tmp_path / "log").unlink(missing_ok=True)
        subprocess.run(["make", "-s", "demo"], cwd=checkout, env={**bare, **environment}, check=True)
        return (tmp_path / "log").read_text().splitlines()

    stamp = f".venv/.browser-{_checksum(checkout)}"
    seen_to, alone = [f"setup browser --note {stamp}", "demo"], ["demo"]
    assert [done(), done()] == [seen_to, alone]
    assert (checkout / stamp).read_text() == f"{browser}\n"
    browser.unlink()
    assert done() == seen_to
    shutil.copy(other, browser)
    assert [done(), done(**{VARIABLE: str(other)}), done(**{VARIABLE: str(other)})] == [alone, seen_to, alone]
    later = time.time() + 10
    os.utime(checkout / "requirements.lock", (later, later))  # another version of Playwright
    assert done() == seen_to


def _checksum(checkout: Path) -> str:
    """As the Makefile tells one checkout's stamps from another's."""
    return subprocess.run(
        ["sh", "-c", "pwd | cksum | cut -d' ' -f1"], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    groups = (project["project"]["dependencies"], project["build-system"]["requires"])
    for requirement in [each for group in (*groups, *project["dependency-groups"].values()) for each in group]:
        assert ">=" in requirement, requirement
        assert ",<" in requirement, requirement
