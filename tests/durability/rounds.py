"""How thoroughly processes are killed: by `make proof` at every step, many times; by `make test` once, at steps that
differ in kind. What the short form leaves out is another verb's or another process's turn at the same step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TypeVar

ROUNDS = int(os.environ.get("DURABILITY_ROUNDS", "1"))
"""How many processes die at each step."""
WHOLE = ROUNDS > 1

S = TypeVar("S")


def steps(every: Iterable[S], short: Callable[[S], bool]) -> list[S]:
    """All steps, or those of the short form."""
    return [step for step in every if WHOLE or short(step)]
