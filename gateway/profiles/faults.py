"""What is wrong with the files under mappings/: which file, which place in it, and the fix.

Knows no profile. No fault repeats a value of the file: somebody may have put a password where its name belongs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from gateway.model.faults import faults_of


@dataclass(frozen=True, order=True)
class ProfileFault:
    """One fault. ``pointer`` is a JSON Pointer into the file, ``line`` its line counted from 1 where one is known."""

    file: str
    line: int
    pointer: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.pointer or '/'}: {self.message} {self.fix}"


class ProfileFaults(Exception):
    """The profiles cannot be used. Holds every fault of every file, not only the first."""

    def __init__(self, faults: Iterable[ProfileFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True)
class Place:
    """A file and the lines of the places in it, to write faults with."""

    file: str
    lines: dict[str, int]

    def fault(self, pointer: str, message: str, fix: str) -> ProfileFault:
        return ProfileFault(self.file, self._line(pointer), pointer, message, fix)

    def faults(self, error: ValidationError, under: str = "") -> list[ProfileFault]:
        """The faults of a pydantic error; ``under`` is the pointer of the value that was validated."""
        return [self.fault(under + fault.pointer, fault.message, fault.fix) for fault in faults_of(error)]

    def _line(self, pointer: str) -> int:
        """The line of the place, or of the nearest place around it that exists."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 0)
