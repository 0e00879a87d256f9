"""What a change of packs does to one request: whether it fails now that did not, or does not any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.model.request import PARequest
from gateway.policy.book import Book
from gateway.policy.check import check
from gateway.policy.verdict import Report


@dataclass(frozen=True)
class Turn:
    """``rules`` are those that make it fail now, or made it fail before, by their words."""

    way: Literal["fails", "passes"]
    rules: tuple[str, ...]


def turn_of(request: PARequest, old: Book, new: Book, filed_on: date) -> Turn | None:
    """None where it fails, or passes, as it did."""
    before, after = (_failing(check(request, book, filed_on)) for book in (old, new))
    if bool(before) == bool(after):
        return None
    return Turn("fails", after) if after else Turn("passes", before)


def _failing(report: Report) -> tuple[str, ...]:
    return tuple(sorted({finding.rule.word for finding in report.blocking}))
