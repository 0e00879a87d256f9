"""What a part measured: a value beside its floor, and what the value is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """``rounds`` are pairs of value and floor, measured one right after the other. ``goal`` says in words what should
    come out; ``more`` holds further figures by name."""

    name: str
    unit: str
    rounds: Sequence[tuple[float, float]]
    goal: str
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return median(value for value, _ in self.rounds)

    @property
    def floor(self) -> float:
        return median(floor for _, floor in self.rounds)

    @property
    def ratio(self) -> float:
        """Value to floor within a round: what else the machine did slowed both."""
        return median(value / floor for value, floor in self.rounds)


def keep(results: Iterable[Result], path: Path) -> None:
    """Append a JSON line for each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        for result in results:
            kept = {
                "name": result.name,
                "value": round(result.value, 2),
                "unit": result.unit,
                "floor": round(result.floor, 2),
                "ratio": round(result.ratio, 3),
                **{name: round(figure, 2) for name, figure in result.more.items()},
            }
            lines.write(json.dumps(kept) + "\n")


def show(results: Sequence[Result]) -> None:
    """Print the table."""
    table = Table("part", "value", "unit", "floor", "ratio", "goal")
    for result in results:
        table.add_row(
            result.name,
            f"{result.value:,.1f}",
            result.unit,
            f"{result.floor:,.1f}",
            f"{result.ratio:.2f}",
            result.goal,
        )
    console = Console(width=120)
    console.print(table)
    for result in results:
        for name, figure in result.more.items():
            console.print(f"{result.name}: {name.replace('_', ' ')} {figure:,.2f}", highlight=False)
