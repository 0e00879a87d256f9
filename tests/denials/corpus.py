"""Labelled answers, made up by us after the manner of many payers, and how well they are read.

`python -m tests.denials.corpus` prints precision and recall by category. The rules were written beside TUNED; MEASURED
is looked at only for its figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gateway.denials.read import Reader
from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.profiles.library import Library

_OPPOSITE = {("adverse", "approval"), ("approval", "adverse")}


class Labelled(NamedTuple):
    """``words`` are the reasons that count as right; none where a text gives no reason."""

    verdict: str
    words: tuple[str, ...]
    text: str


class Measured(NamedTuple):
    """``crossed`` are texts of which the reverse was read. ``verdicts`` is the share of texts with a verdict of
    which it is right, ``reasons`` that of those with a reason whose verdict and first reason are. ``whole`` counts a
    text as wrong also where the verdict is right and its reason was not read; ``recall`` is of all that say something.
    ``by_word`` has right, read and labelled."""

    verdicts: float
    reasons: float
    whole: float
    recall: float
    crossed: tuple[str, ...]
    wrong: tuple[tuple[Labelled, str, list[str]], ...]
    by_word: dict[str, tuple[int, int, int]]


def read(name: str) -> tuple[Labelled, ...]:
    """One text a line: verdict, words with commas, text; ``\\n`` stands for a new line."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ", 2) for line in lines if line and not line.startswith("#")]
    return tuple(
        Labelled(verdict, tuple(word for word in words.split(",") if word != "-"), text.replace("\\n", "\n"))
        for verdict, words, text in parts
    )


TUNED = read("tuned.txt")
MEASURED = read("measured.txt")


def measure(found: Iterable[tuple[Labelled, str, list[str]]]) -> Measured:
    """A text is right where its verdict is, and its first reason is one of those labelled (or neither has one)."""
    mapped = right = wanted = of_verdict = reasoned = of_reason = 0
    crossed, wrong = [], []
    hits: Counter[str] = Counter()
    told: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    for label, verdict, words in found:
        first = words[0] if words else None
        wanted += label.verdict != "unmapped"
        labelled[label.words[0] if label.words else label.verdict] += 1
        if verdict == "unmapped":
            continue
        mapped += 1
        of_verdict += verdict == label.verdict
        if first:
            reasoned += 1
            of_reason += verdict == label.verdict and first in label.words
        told[first or verdict] += 1
        if (label.verdict, verdict) in _OPPOSITE:
            crossed.append(label.text)
        sound = verdict == label.verdict and (
            first in label.words if first else not label.words or verdict != "adverse"
        )
        if sound:
            right += 1
            hits[label.words[0] if label.words else label.verdict] += 1
        else:
            wrong.append((label, verdict, words))
    words_seen = sorted({*told, *labelled})
    by_word = {word: (hits[word], told[word], labelled[word]) for word in words_seen}
    shares = of_verdict / max(mapped, 1), of_reason / max(reasoned, 1), right / max(mapped, 1)
    return Measured(*shares, right / max(wanted, 1), tuple(crossed), tuple(wrong), by_word)


def main() -> None:
    reader = Reader(Library.load(PROJECT / "mappings", load_adapters()).reference.denials)
    for name, texts in (("tuned", TUNED), ("measured", MEASURED)):
        readings = [(each, reader.read(each.text)) for each in texts]
        result = measure((each, reading.verdict, [one.word for one in reading.reasons]) for each, reading in readings)
        print(
            f"{name}: {len(texts)} texts, verdicts right {result.verdicts:.3f}, reasons right "
            f"{result.reasons:.3f}, both {result.whole:.3f}, recall {result.recall:.3f}"
        )
        print(f"  read as their reverse: {len(result.crossed)}")
        for word, (hit, told, labelled) in result.by_word.items():
            print(f"  {word:38} right {hit:3} read {told:3} labelled {labelled:3}")
        if name == "tuned":
            for label, verdict, words in result.wrong:
                print(f"  wrong: {label.verdict} {label.words} read as {verdict} {words}: {label.text[:110]}")


if __name__ == "__main__":
    main()
