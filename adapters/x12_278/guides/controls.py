"""Control numbers that were used, in memory that does not grow where they count up, as nearly everybody's do."""

from __future__ import annotations


class Controls:
    def __init__(self) -> None:
        self._runs: dict[int, tuple[int, int]] = {}
        """By how many digits: from which number to which all were used."""
        self._others: set[str] = set()

    def add(self, control: str) -> bool:
        """Whether this is the first time."""
        size, plain = len(control), control.isascii() and control.isdigit() and len(control) < 10
        number = int(control) if plain else -1
        first, last = self._runs.get(size, (0, -1))
        if (plain and first <= number <= last) or control in self._others:
            return False
        if plain and number == last + 1 and last >= first:
            self._runs[size] = first, number
        elif plain and last < first:
            self._runs[size] = number, number
        else:
            self._others.add(control)
        return True
