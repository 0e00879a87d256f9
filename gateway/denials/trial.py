"""The rules' own cases: texts each must and must not be found in. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.denials.read import Reader
from gateway.profiles.denials import Denials


def failing(denials: Denials) -> Iterator[str]:
    """A sentence for each case that does not come out as its rule says. The texts are ours, so they may be told."""
    reader = Reader(denials)
    for rule in denials.rules:
        for text in rule.matches:
            if rule.means not in {found.word for found in reader.read(text).reasons}:
                yield f"text rule {rule.id}: {rule.means} is not read in: {text}"
        for text in rule.misses:
            if rule.id in {found.rule for found in reader.read(text).reasons}:
                yield f"text rule {rule.id}: it is found in what it must miss: {text}"
