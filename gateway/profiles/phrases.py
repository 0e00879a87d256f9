"""Phrases of the vocabularies, looked for in the words of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Phrases = dict[str, tuple[tuple[tuple[str, ...], str], ...]]
"""By their first word, the longest first: phrases with what each means."""


def phrases_of(pairs: Iterable[tuple[tuple[str, ...], str]]) -> Phrases:
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, meaning in pairs:
        if phrase:
            by_first.setdefault(phrase[0], []).append((phrase, meaning))
    return {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in by_first.items()}


def found_in(words: Sequence[str], phrases: Phrases) -> tuple[set[str], list[str]]:
    """The meanings of phrases in a text, the longest at each place, and the words that are part of none."""
    meanings: set[str] = set()
    left: list[str] = []
    at = 0
    while at < len(words):
        for phrase, meaning in phrases.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                meanings.add(meaning)
                at += len(phrase)
                break
        else:
            left.append(words[at])
            at += 1
    return meanings, left
