"""What a run says of a case. Knows nothing of how cases are run or reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    """The adapter said or understood something else than the case."""
    ERROR = "error"
    """The case could not be judged: it is not well formed, or the adapter broke its contract."""
    SKIP = "skip"
    """This installation lacks the adapter, the payer or the connection."""
    OMIT = "omit"
    """The case itself says that it is not run."""


BAD = frozenset({Verdict.FAIL, Verdict.ERROR})
_WORST = (Verdict.ERROR, Verdict.FAIL, Verdict.SKIP, Verdict.OMIT, Verdict.PASS)


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the case says. The texts are for people."""

    what: str
    expected: str
    got: str

    def diff(self) -> str:
        """A unified diff from what was expected to what came."""
        lines = unified_diff(
            self.expected.splitlines(), self.got.splitlines(), f"expected {self.what}", f"got {self.what}", lineterm=""
        )
        return "\n".join(lines)


@dataclass(frozen=True)
class Result:
    channel: str
    case: str
    title: str
    verdict: Verdict
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    requirements: tuple[str, ...] = ()
    seconds: float = 0.0


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The verdict of a whole: that of its worst part. None for no parts."""
    seen = set(verdicts)
    return next((verdict for verdict in _WORST if verdict in seen), None)


def tally(results: Sequence[Result]) -> dict[Verdict, int]:
    """How many of each, every verdict named."""
    counted = Counter(result.verdict for result in results)
    return {verdict: counted[verdict] for verdict in Verdict}
