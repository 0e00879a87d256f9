"""Who the members are: made-up people, found by member id and birth date. Data, and what an operator registers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from conformance.simulators.members import WORDS as SHARED
from conformance.simulators.portals.members import WORDS as OWN


@dataclass(frozen=True, slots=True)
class Person:
    first: str
    last: str
    birth: date

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


ANYBODY = Person("Bo", "Testperson", date(1971, 7, 22))
"""Whose id the project's examples use."""
_OTHERS = (
    Person("Ada", "Sampleton", date(1961, 4, 12)),
    Person("Cleo", "Mockford", date(1958, 3, 9)),
    Person("Rex", "Dummy", date(1980, 2, 2)),
)
_OTHERS_FROM = 900
_ID = re.compile(r"SIM([A-Z]+?)(\d*)")
_MOST_FOUND = 8


class People:
    """The members of one portal's plan."""

    def __init__(self) -> None:
        self._registered: dict[str, Person] = {}

    def register(self, member_id: str, person: Person) -> None:
        self._registered[member_id.upper()] = person

    def named(self, member_id: str) -> Person | None:
        """None where the id is nobody's. Ids of number 900 and more are other people, in turn."""
        known = member_id.upper()
        if known in self._registered:
            return self._registered[known]
        match = _ID.fullmatch(known)
        if match is None or word_of(known) not in SHARED.keys() | OWN.keys() or word_of(known) == "NOTFOUND":
            return None
        number = int(match[2][:9] or 0)
        return ANYBODY if number < _OTHERS_FROM else _OTHERS[number % len(_OTHERS)]

    def found(self, query: str) -> list[tuple[str, Person]]:
        """Who a search finds as it is typed: the id itself first, then ids that begin with it."""
        start = query.strip().upper()
        close = [start, f"{start}0", f"{start}901", f"{start}902"]
        close += [f"SIM{word}01" for word in SHARED if f"SIM{word}".startswith(start)]
        close += [each for each in self._registered if each.startswith(start)]
        known = ((each, self.named(each)) for each in dict.fromkeys(close))
        return [(each, person) for each, person in known if person is not None][:_MOST_FOUND]

    def forget(self) -> None:
        self._registered.clear()


def word_of(member_id: str) -> str:
    """The word of a published id, empty for another."""
    match = re.fullmatch(r"SIM([A-Z]+)\d*", member_id.upper())
    return match[1] if match else ""
