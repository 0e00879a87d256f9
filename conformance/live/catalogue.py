"""The assertions a payer is held to: what each says, where it comes from, how sure that is, and where it can be seen.

Reads ``requirements/transports/live.csv``. The sixty of ``assertions.csv`` are all in it, those that cannot be seen
from outside with the reason.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from conformance.requirement import FOLDER

LIST = FOLDER / "transports" / "live.csv"


@dataclass(frozen=True)
class Assertion:
    """``carriers`` it can be seen over, or else a ``reason``. ``sure``: agreed, single, inferred or unverified."""

    id: str
    says: str
    source: str
    section: str
    sure: str
    carriers: tuple[str, ...]
    reason: str

    @property
    def citation(self) -> str:
        return f"{self.source}, {self.section}" if self.section else self.source


def read_catalogue(file: Path = LIST) -> tuple[Assertion, ...]:
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), strict=True)
    return tuple(
        Assertion(
            row["assertion"],
            row["says"],
            row["source"],
            row["section"],
            row["sure"],
            tuple(row["carriers"].split()),
            row["reason"],
        )
        for row in rows
    )
