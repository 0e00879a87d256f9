"""The table of what was promised, and the tests that show it, say the same."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = {f"1_{number:02}" for number in range(1, 34)} | {f"1c_{number:02}" for number in range(1, 12)}
"""The capabilities and the routing predicates that were promised."""
ROW = re.compile(r"(?m)^\| (1c?_[0-9]{2}) \| .+ \| .+ \| `(test_\w+\.py)` \|$")
TEST = re.compile(r"(?m)^(?:async )?def test_row_(1c?_[0-9]{2})_\w+\(")


def test_every_row_of_the_table_has_its_test_and_every_test_its_row() -> None:
    table = ROW.findall((HERE / "README.md").read_text())
    tests = {(row, path.name) for path in HERE.glob("test_*.py") for row in TEST.findall(path.read_text())}
    assert sorted(table) == sorted(set(table)), "a row stands once"
    assert set(table) == tests
    assert {row for row, _ in table} == ROWS
