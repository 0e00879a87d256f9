"""Tests that are named as proofs: each is there, and says itself what it proves, by ``@pytest.mark.proves("RT-05")``.

Reads tests, never imports or runs them. An installation without its tests believes the names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.bench import PROJECT
from gateway.profiles.faults import Place, ProfileFault

_TEST = re.compile(r"(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)")


class Proofs:
    """The tests of a project. Each file is read once."""

    def __init__(self, root: Path = PROJECT) -> None:
        self._root = root
        self._files: dict[str, dict[str, frozenset[str]]] = {}

    def faults(self, place: Place, at: str, what: str, tests: Iterable[str]) -> Iterator[ProfileFault]:
        """What is wrong with the tests that are named at a place as proofs of something."""
        if not (self._root / "tests").is_dir():
            return
        for name in tests:
            parts = _TEST.fullmatch(name)
            if parts is None:
                yield place.fault(at, f"{name} is no single test.", "Write tests/folder/test_file.py::test_name.")
            elif (proven := self._proven(parts[1]).get(parts[2])) is None:
                yield place.fault(at, f"There is no test {name}.", "Correct the name, or name another proof.")
            elif what not in proven:
                yield place.fault(
                    at, f"{name} does not say that it proves this.", f'Write @pytest.mark.proves("{what}") above it.'
                )

    def _proven(self, file: str) -> dict[str, frozenset[str]]:
        """What each test of a file says it proves."""
        if file not in self._files:
            path = self._root / file
            tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
            self._files[file] = {
                node.name: frozenset(what for mark in node.decorator_list for what in _marked(mark))
                for node in tree.body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        return self._files[file]


def _marked(mark: ast.expr) -> Iterator[str]:
    if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "proves":
        yield from (str(word.value) for word in mark.args if isinstance(word, ast.Constant))
