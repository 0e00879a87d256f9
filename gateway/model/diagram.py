"""The table of moves as a Mermaid diagram and as a Markdown table, for the README beside this module.

``python -m gateway.model.diagram`` writes both between the README's marks; a test refuses a README that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.model.status import DECIDED, MOVES, UNDER_REVIEW, CaseStatus, Ground

README = Path(__file__).with_name("README.md")
BEGIN = "<!-- moves: written by python -m gateway.model.diagram -->"
END = "<!-- /moves -->"

HUBS: Mapping[str, frozenset[CaseStatus]] = {
    "any_decision": DECIDED,
    "any_answer": (UNDER_REVIEW - {CaseStatus.RECEIVED})
    | DECIDED
    | {CaseStatus.NOT_REQUIRED, CaseStatus.DUPLICATE, CaseStatus.CLOSED_BY_PAYER},
}
"""Sets of statuses that many moves end in; an arrow to one stands for an arrow to each of its statuses."""

Move = tuple[CaseStatus, CaseStatus]


def mermaid() -> str:
    """The diagram. One box holds statuses that may come and go alike; within a box each may follow each other where
    an arrow says so. Staying is always allowed and not drawn."""
    boxes = _boxes()
    lines = ["flowchart LR"]
    for box in boxes:
        lines.append(f'    {box[0]}["{"<br>".join(box)}"]')
    for hub, members in HUBS.items():
        lines.append(f"    {hub}{{{{{hub.replace('_', ' ')}}}}}")
        lines += [f"    {hub} -.-> {box[0]}" for box in boxes if set(box) <= members]
    for source, target, ground in _arrows(boxes):
        label = "" if ground is Ground.ORDINARY else f"|{ground.name.lower()}|"
        lines.append(f"    {source} -->{label} {target}")
    return "\n".join(lines)


def table() -> str:
    """The moves as a Markdown table: from, and to which statuses on which ground."""
    grounds = " | ".join(ground.name.lower() for ground in Ground)
    lines = [f"| from | {grounds} |", f"|---|{'---|' * len(Ground)}"]
    for before in CaseStatus:
        cells = [
            ", ".join(after for after in CaseStatus if after != before and MOVES[before].get(after) is ground)
            for ground in Ground
        ]
        lines.append(f"| {before} | {' | '.join(cells)} |")
    return "\n".join(lines)


def section() -> str:
    """What stands between the README's marks."""
    return f"{BEGIN}\n```mermaid\n{mermaid()}\n```\n\n{table()}\n{END}"


def _moves() -> dict[Move, Ground]:
    return {
        (before, after): ground for before, row in MOVES.items() for after, ground in row.items() if before != after
    }


def _boxes() -> list[tuple[CaseStatus, ...]]:
    """The statuses, those together that could be exchanged without changing the table."""
    moves = _moves()
    boxes: list[list[CaseStatus]] = []
    for status in CaseStatus:
        home = next((box for box in boxes if _alike(box[0], status, moves)), None)
        if home is None:
            boxes.append([status])
        else:
            home.append(status)
    return [tuple(box) for box in boxes]


def _alike(one: CaseStatus, other: CaseStatus, moves: Mapping[Move, Ground]) -> bool:
    swapped = {one: other, other: one}
    return all(
        moves.get((swapped.get(before, before), swapped.get(after, after))) is ground
        for (before, after), ground in moves.items()
    )


def _arrows(boxes: list[tuple[CaseStatus, ...]]) -> Iterator[tuple[str, str, Ground]]:
    """Few arrows that together say exactly the moves: each time the one that says most of what is left to say."""
    moves = _moves()
    targets = {str(box[0]): frozenset(box) for box in boxes} | dict(HUBS)
    for box in boxes:
        for ground in Ground:
            mine = {move for move, needed in moves.items() if move[0] in box and needed is ground}
            left = set(mine)
            while left:
                said = {name: _said(box, members) for name, members in targets.items()}
                fitting = {name: meant & left for name, meant in said.items() if meant and meant <= mine}
                name = max(fitting, key=lambda target: len(fitting[target]))
                yield box[0], name, ground
                left -= fitting[name]


def _said(box: Iterable[CaseStatus], members: frozenset[CaseStatus]) -> set[Move]:
    return {(before, after) for before in box for after in members if before != after}


def main() -> None:
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    README.write_text(before + section() + rest.partition(END)[2])


if __name__ == "__main__":
    main()
