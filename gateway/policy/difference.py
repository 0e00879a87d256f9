"""What a change of packs does to one request: which rules it newly fails, and which it does not fail any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.model.request import PARequest
from gateway.policy.book import Book
from gateway.policy.check import check
from gateway.policy.verdict import Report


@dataclass(frozen=True)
class Turn:
    """``rules`` are those that it newly fails, or newly passes, by their words."""

    way: Literal["fails", "passes"]
    rules: tuple[str, ...]


def turns_of(request: PARequest, old: Book, new: Book, filed_on: date) -> Iterator[Turn]:
    """Nothing where it fails what it failed. A rule is the same under another version of its pack, and is failed for
    each line by itself."""
    before, after = (_failed(check(request, book, filed_on)) for book in (old, new))
    if newly := after - before:
        yield Turn("fails", _words(newly))
    if no_longer := before - after:
        yield Turn("passes", _words(no_longer))


def _failed(report: Report) -> frozenset[tuple[str, str]]:
    return frozenset((finding.rule.word, finding.line) for finding in report.blocking)


def _words(failed: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({word for word, _ in failed}))
