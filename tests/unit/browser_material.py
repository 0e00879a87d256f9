"""Machines with and without browsers: folders of little programs, and an environment that leads nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.transport.browser.find import bundle_folder, find_chromium


@dataclass(frozen=True)
class Machine:
    """``bin`` is all of its PATH; what its programs did is in ``log``."""

    root: Path

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def log(self) -> list[str]:
        path = self.root / "log"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.bin),
            "HOME": str(self.root),
            "PLAYWRIGHT_BROWSERS_PATH": str(self.root / "bundles"),
            "PLAYWRIGHT_NODEJS_PATH": str(self.bin / "node"),  # `python -m playwright` runs this
        }

    def program(self, name: str, does: str = "exit 0") -> Path:
        """A program of the PATH; ``$LOG`` in it is the log."""
        return write(self.bin / name, f'LOG="{self.root}/log"\n{does}')

    def bundle(self, name: str) -> Path:
        """Where Playwright has, or would have, its program of this name."""
        folder = bundle_folder(name, self.environment)
        assert folder is not None
        program = {"chromium": "chrome", "chromium-headless-shell": "chrome-headless-shell"}[name]
        return folder / f"{program}-linux64" / program

    def downloaded(self, name: str, does: str = "exit 0") -> Path:
        """Playwright's own, whole."""
        program = write(self.bundle(name), does)
        (program.parents[1] / "INSTALLATION_COMPLETE").touch()
        return program


def write(path: Path, does: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path


def real() -> str:
    """What a program does that is the browser of this machine, with its arguments. `make test` sees to one."""
    # Not by the PATH of a made-up machine: some browsers are scripts that look for programs.
    return f'PATH="{os.environ["PATH"]}" exec "{find_chromium(os.environ).path}" "$@"'
