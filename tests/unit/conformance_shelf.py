"""A shelf of cases in a temporary folder, copied from the project's own, to be spoilt by tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from conformance.bench import CASES

CHANNEL = "x12_278"


@dataclass(frozen=True)
class Shelf:
    root: Path
    channel: str = CHANNEL

    def take(self, *names: str) -> Path:
        """Copy cases of the project; the folder of the first."""
        for name in names:
            shutil.copytree(CASES / self.channel / name, self.root / self.channel / name)
        return self.root / self.channel / names[0]

    def write(self, name: str, text: str) -> None:
        path = self.root / self.channel / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def empty_shelf(root: Path, channel: str = CHANNEL) -> Shelf:
    (root / channel).mkdir(parents=True)
    shutil.copy(CASES / channel / "suite.yaml", root / channel)
    return Shelf(root, channel)


def change(path: Path, before: str, after: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
