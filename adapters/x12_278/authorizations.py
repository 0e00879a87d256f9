"""What the payer calls a case, by what it said it of: the event, one line, or only a part of either.

A number is named to the payer, and taken for an answer on the whole, only where it certainly is that of what is meant:
a payer that is told to cancel one of several authorizations cancels that one, and leaves the others open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.model.numbers import identifies
from gateway.model.outcome import Reference, ReferenceKind

_Numbers = frozenset[str]
_NUMBERS = (ReferenceKind.AUTHORIZATION, ReferenceKind.REVIEW)


@dataclass(frozen=True)
class Authorizations:
    """``whole`` were said of the event, ``lines`` of one line by its id, ``parts`` of less: one of several services
    that answer a line, or (None) a service that is no line that can be told."""

    whole: _Numbers = frozenset()
    lines: Mapping[str, _Numbers] = field(default_factory=dict)
    parts: Mapping[str | None, _Numbers] = field(default_factory=dict)

    @property
    def of_services(self) -> _Numbers:
        return frozenset[str]().union(*self.lines.values(), *self.parts.values())

    @property
    def all(self) -> _Numbers:
        return self.whole | self.of_services

    def of_case(self, lines: Collection[str]) -> str | None:
        """The number of a whole case of these lines: the one of its event, else the only one, which every line has."""
        if not self.whole and not {*self.lines, *self.parts} >= {*lines}:
            return None
        return _only(self.whole or self.of_services)

    def of_line(self, line: str) -> str | None:
        return None if self.parts.get(line) else _only(self.lines.get(line, frozenset()))

    def cancels(self, named: Collection[str], lines: Collection[str]) -> bool:
        """True where a cancellation that names these numbers, or none, is one of the whole case."""
        if not named or self.all <= {*named}:
            return True
        number = self.of_case(lines)
        if number is None:
            return False
        # A number that nobody knows may be that of the cancellation itself.
        ours = number in named or not self.all & {*named}
        # Some payers write the number of one service at the event as well.
        return ours and (number not in self.of_services or self.of_services <= {*named})

    def are_of_a_part(self, named: Collection[str], line: str | None) -> bool:
        """True where a word that names these numbers is said of a part: of this line, or of the case."""
        if line is not None:
            parts = self.parts.get(line, frozenset())
            return bool(parts & {*named}) and not parts <= {*named}
        some = self.of_services & {*named}
        return bool(some) and not self.whole & {*named} and not self.all <= {*named}


def payer_numbers(references: Sequence[Reference]) -> list[Reference]:
    """Those by which the payer knows a case."""
    return [each for each in references if each.kind in _NUMBERS and identifies(each.value)]


def authorizations_in(references: Sequence[Reference]) -> Authorizations:
    whole: set[str] = set()
    lines: dict[str, _Numbers] = {}
    parts: dict[str | None, _Numbers] = {}
    for each in payer_numbers(references):
        if each.kind is not ReferenceKind.AUTHORIZATION:
            continue
        one = frozenset((each.value,))
        if each.part:
            parts[each.line] = parts.get(each.line, frozenset()) | one
        elif each.line is None:
            whole.add(each.value)
        else:
            lines[each.line] = lines.get(each.line, frozenset()) | one
    return Authorizations(frozenset(whole), lines, parts)


def review_in(references: Sequence[Reference]) -> str | None:
    """The payer's number of the whole review."""
    found = (each for each in payer_numbers(references) if each.kind is ReferenceKind.REVIEW)
    return _only(frozenset(each.value for each in found if each.line is None and not each.part))


def latest(references: Sequence[Reference], kind: ReferenceKind, line: str | None) -> str | None:
    """The number of this kind that was said last of the line, or of the event; None where it has one of a part."""
    found = [each for each in payer_numbers(references) if each.kind is kind and each.line == line]
    return None if not found or any(each.part for each in found) else found[-1].value


def _only(numbers: _Numbers) -> str | None:
    return next(iter(numbers)) if len(numbers) == 1 else None
