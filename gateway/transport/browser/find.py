"""Which Chromium this machine has. Looks at files only: starts nothing, and does not load Playwright.

In this order: what ``PAYER_GATEWAY_CHROMIUM`` names, and then nothing else; what this version of Playwright has
downloaded; what lies on the PATH. A headless shell goes before a whole browser: measured, it does twice as much.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

VARIABLE = "PAYER_GATEWAY_CHROMIUM"
SETUP = "payer-gateway setup browser"
NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge")
"""On the PATH. Not ``chromium-browser``: where that is no link to one of these it is Ubuntu's stub for a snap."""

_BUNDLED = {
    "chromium-headless-shell": ("chrome-headless-shell", "headless_shell"),
    "chromium": ("chrome", "Google Chrome for Testing", "Chromium"),
}
"""Playwright's name of a browser (in its browsers.json), and what its program was called in versions since 1.55."""


class Origin(StrEnum):
    """Who brought a browser."""

    VARIABLE = VARIABLE
    BUNDLE = "Playwright"
    PATH = "PATH"


@dataclass(frozen=True)
class Chromium:
    """A program that should be a Chromium; ``proof`` tells whether it is one that works."""

    path: Path
    origin: Origin


class NoBrowser(Exception):
    """There is no browser here that can be used. The text says what was tried and what mends it; it holds paths and
    names of programs, nothing of a page."""

    def __init__(self, why: str, fix: str, tried: tuple[str, ...] = ()) -> None:
        super().__init__(" ".join((why, *(f"Tried: {'; '.join(tried)}." for _ in tried[:1]), fix)))
        self.why = why
        self.fix = fix
        self.tried = tried


def find_chromium(environment: Mapping[str, str]) -> Chromium:
    """The browser that this environment leads to. Raises NoBrowser.

    A variable that leads nowhere is an error: whoever set it wants that browser, not another one.
    """
    if named := environment.get(VARIABLE, "").strip():
        if fault := _fault(Path(named)):
            raise NoBrowser(
                f"{VARIABLE} is {named}, which is {fault}.",
                f"Set it to the full path of a Chromium, or unset it and run `{SETUP}`.",
            )
        return Chromium(Path(named), Origin.VARIABLE)
    tried: list[str] = []
    for name in _BUNDLED:
        folder = bundle_folder(name, environment)
        if folder is None:
            tried.append("Playwright's own (Playwright is not installed)")
            break
        if program := next(_programs(name, folder), None):
            return Chromium(program, Origin.BUNDLE)
        tried.append(str(folder))
    for name in NAMES:
        place = shutil.which(name, path=environment.get("PATH", os.defpath))
        if place is None:
            tried.append(f"{name} on the PATH")
        elif _is_snap(Path(place)):
            tried.append(f"{place} (a snap, which is shut off from our files and cannot be driven)")
        else:
            return Chromium(Path(place).absolute(), Origin.PATH)
    raise NoBrowser("No Chromium was found.", f"Run `{SETUP}`, or set {VARIABLE} to the path of one.", tuple(tried))


def bundle_folder(name: str, environment: Mapping[str, str]) -> Path | None:
    """Where this version of Playwright keeps its own browser of this name; None where there is no Playwright.

    As Playwright does it (registry/index.ts): a folder for each user, named after browser and revision.
    """
    spec = importlib.util.find_spec("playwright")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0]) / "driver" / "package"
    browsers = json.loads((package / "browsers.json").read_bytes())["browsers"]
    revision = next(each["revision"] for each in browsers if each["name"] == name)
    given = environment.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if given == "0":
        registry = package / ".local-browsers"
    elif given:
        registry = Path(given).absolute()
    else:
        registry = _cache(environment) / "ms-playwright"
    return registry / f"{name.replace('-', '_')}-{revision}"


def _cache(environment: Mapping[str, str]) -> Path:
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache")


def _programs(name: str, folder: Path) -> Iterator[Path]:
    """The programs of a download that is whole: Playwright leaves a mark when it is."""
    if (folder / "INSTALLATION_COMPLETE").exists():
        for program in _BUNDLED[name]:
            yield from (path for path in sorted(folder.glob(f"*/**/{program}")) if not _fault(path))


def _fault(path: Path) -> str:
    """What is wrong with a path as that of a program; empty where nothing is."""
    if not path.is_absolute():
        return "not a full path"
    if not path.is_file():
        return "a folder" if path.is_dir() else "not there"
    return "" if os.access(path, os.X_OK) else "not a program that this user may run"


def _is_snap(program: Path) -> bool:
    """/snap/bin/chromium is a link to the program of snapd; Ubuntu's package of Chromium is a link to that."""
    return program.is_relative_to("/snap") or program.resolve().name == "snap"
