"""Which browser is taken, of those a machine has; and what is said where there is none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Error

from gateway.transport.browser.find import NAMES, SETUP, VARIABLE, Chromium, NoBrowser, Origin, find_chromium
from gateway.transport.browser.launching import open_playwright
from tests.unit.browser_material import Machine, write


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_variable_goes_before_everything(machine: Machine) -> None:
    machine.downloaded("chromium-headless-shell")
    machine.program("chromium-headless-shell")
    own = write(machine.root / "own" / "browser", "exit 0")
    assert find_chromium({**machine.environment, VARIABLE: str(own)}) == Chromium(own, Origin.VARIABLE)


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ("{root}/none", "not there"),
        ("{root}/bin", "a folder"),
        ("{root}/text", "not a program"),
        ("chromium", "not a full path"),
    ],
)
def test_a_variable_that_leads_nowhere_is_an_error_though_there_are_others(
    machine: Machine, named: str, fault: str
) -> None:
    machine.program("chromium")
    (machine.root / "text").write_text("no program")
    with pytest.raises(NoBrowser) as told:
        find_chromium({**machine.environment, VARIABLE: named.format(root=machine.root)})
    assert f"{VARIABLE} is {named.format(root=machine.root)}, which is {fault}" in str(told.value)
    assert SETUP in told.value.fix


def test_an_empty_variable_is_none(machine: Machine) -> None:
    path = machine.program("chromium")
    assert find_chromium({**machine.environment, VARIABLE: " "}).path == path


def test_playwrights_own_goes_before_the_path_and_its_shell_before_its_whole_browser(machine: Machine) -> None:
    on_path = machine.program("chromium-headless-shell")
    assert find_chromium(machine.environment) == Chromium(on_path, Origin.PATH)
    whole = machine.downloaded("chromium")
    assert find_chromium(machine.environment) == Chromium(whole, Origin.BUNDLE)
    shell = machine.downloaded("chromium-headless-shell")
    assert find_chromium(machine.environment) == Chromium(shell, Origin.BUNDLE)


def test_a_download_that_broke_off_is_not_taken(machine: Machine) -> None:
    write(machine.bundle("chromium-headless-shell"), "exit 0")
    on_path = machine.program("chromium")
    assert find_chromium(machine.environment).path == on_path


def test_the_path_is_gone_through_by_name(machine: Machine) -> None:
    for name in reversed(NAMES):
        program = machine.program(name)
        assert find_chromium(machine.environment).path == program


def test_a_snap_is_passed_over(machine: Machine) -> None:
    snap = machine.program("snap")
    (machine.bin / "chromium").symlink_to(snap)
    with pytest.raises(NoBrowser, match=r"bin/chromium \(a snap"):
        find_chromium(machine.environment)
    chrome = machine.program("google-chrome")
    assert find_chromium(machine.environment).path == chrome


def test_where_there_is_none_every_place_is_named_and_what_to_do(machine: Machine) -> None:
    with pytest.raises(NoBrowser) as told:
        find_chromium(machine.environment)
    places = [str(machine.bundle(name).parents[1]) for name in ("chromium-headless-shell", "chromium")]
    assert [place for place in (*places, *NAMES, SETUP, VARIABLE) if place not in str(told.value)] == []


@pytest.mark.parametrize("setting", ["PLAYWRIGHT_BROWSERS_PATH", "XDG_CACHE_HOME", "HOME", "bundled"])
def test_playwright_itself_would_put_its_browser_where_it_is_looked_for(tmp_path: Path, setting: str) -> None:
    names = {"PLAYWRIGHT_BROWSERS_PATH": "0"} if setting == "bundled" else {setting: str(tmp_path)}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), **names}
    command = [sys.executable, "-m", "playwright", "install", "--dry-run", "chromium-headless-shell"]
    planned = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    with pytest.raises(NoBrowser) as told:
        find_chromium({**environment, "PATH": str(tmp_path)})
    assert re.search(r"Install location: +(\S+chromium\S+)", planned)[1] in told.value.tried  # type: ignore[index]


async def test_playwright_itself_would_run_the_program_that_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", machine.environment["PLAYWRIGHT_BROWSERS_PATH"])
    monkeypatch.setenv("TMPDIR", str(machine.root))  # a browser that does not start leaves its folders there
    async with open_playwright() as playwright:
        whole = Path(playwright.chromium.executable_path)
        with pytest.raises(Error, match="doesn't exist") as missing:
            await playwright.chromium.launch()
    shell = Path(re.search(r"doesn't exist at (\S+)", missing.value.message)[1])  # type: ignore[index]
    for program in (whole, shell):
        write(program, "exit 0")
        next(folder for folder in program.parents if folder.parent.name == "bundles").joinpath(
            "INSTALLATION_COMPLETE"
        ).touch()
        assert find_chromium(machine.environment).path == program
