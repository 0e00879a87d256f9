"""Is the member whom a site has found the patient? Names held against each other as sites write them.

A member id and a birth date may be those of two: of twins under a family's number. Case, accents and signs between
letters make no difference, nor do the order of the names and those beside them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.model.people import Person

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile("['`.\u00b4\u2018\u2019\u02bc-]")
_LONGEST = 300


@dataclass(frozen=True)
class Name:
    """The patient's: last name, and first name where it is known."""

    last: str = field(repr=False)
    first: str = field(repr=False)

    @classmethod
    def of(cls, person: Person) -> Name:
        return cls(person.last_name, person.first_name or "")

    def stands_in(self, told: str) -> bool:
        """True where both of them are in what a site says, as whole words, each by words of its own: the St of Mary St
        James is no first name, and neither is her James."""
        words = _words(told[:_LONGEST])
        first = "".join(_words(self.first)[:1])  # others may be middle names, which sites leave out
        beside = ((words[:start], words[end:]) for start, end in _places(words, "".join(_words(self.last))))
        return any(not first or any(any(_places(part, first)) for part in parts) for parts in beside)


def _words(text: str) -> list[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _WORD.findall(_BETWEEN.sub("", plain).casefold())


def _places(words: list[str], name: str) -> Iterator[tuple[int, int]]:
    """Where some words in a row are the name: O Brien is O'Brien."""
    ends = range(1, len(words) + 1) if name else ()
    return ((start, end) for end in ends for start in range(end) if "".join(words[start:end]) == name)
