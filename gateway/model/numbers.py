"""Tells a payer's numbers from the words and fillers that stand where a number would."""

from __future__ import annotations

import re

# fmt: off
_WORDS = frozenset({
    "APPLICABLE", "ASSIGNED", "ATTACHED", "AVAILABLE", "BLANK", "CALL", "FOLLOW", "LETTER", "NA", "NIL", "NO", "NONE",
    "NR", "NULL", "PEND", "PENDED", "PENDING", "PROCESSING", "REFER", "REQUIRED", "SEE", "TBA", "TBC", "TBD",
    "UNASSIGNED", "UNAVAILABLE", "UNK", "UNKNOWN",
})
# fmt: on
"""Said instead of a number, alone or in a phrase (NOT ASSIGNED, N/A)."""
_FILLER = re.compile(r"0*|X+|(.)\1{3,}")
"""Zeros, X, or one character four times and more."""
_DIGIT = re.compile(r"[1-9]")
_WORD = re.compile(r"[^\W_]+")


def is_placeholder(text: str) -> bool:
    """True for a filler, and for words (SEE LETTER): a number has a digit other than zero."""
    return not _DIGIT.search(text) or _is_filler(_words(text))


def identifies(text: str) -> bool:
    """True for what can be one filing's number and no other's: it has a digit other than zero, and no such word."""
    words = _words(text)
    return _DIGIT.search(text) is not None and not _is_filler(words) and not _has_word(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.upper())


def _is_filler(words: list[str]) -> bool:
    return _FILLER.fullmatch("".join(words)) is not None


def _has_word(words: list[str]) -> bool:
    return not _WORDS.isdisjoint((*words, "".join(words)))
