"""Why the engine does not do what somebody asks of it. Each text says what is in the way, and holds no value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.contract.errors import Inexpressible
from gateway.model.faults import Finding


class NotNow(Exception):
    """The case is in no state for the act. The text says which state and what would do instead."""


class Hindered(Exception):
    """The gateway lacks what it needs for the act. The text says what."""


class Unfit(Exception):
    """What was sent does not fit the case, each fault at its place in the body."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} faults")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Untold:
    """A payer that cannot be told what others of its case are told, and why."""

    submission: UUID
    payer: str
    items: tuple[Inexpressible, ...]


class Unknown(Exception):
    """No such case for this caller."""
