"""The payer's time to decide, as it is told and kept. How it is measured is the business of ``gateway.clocks``."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from gateway.model.line import LineRole
from gateway.model.people import Level, LineOfBusiness
from gateway.model.record import Record
from gateway.model.status import LineOutcome


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    """The practice is asked for something, and by the rule the time stands meanwhile."""
    OVERDUE = "overdue"
    """The time is over, and nothing was decided."""
    MET = "met"
    MISSED = "missed"
    """It was decided when the time was over."""


class Clock(Record):
    """The payer's time for some lines of a request, which have one rule and were decided at one moment: ``roles``
    are theirs, and ``outcomes`` what it decided first, one for each line, and none while it has not.

    ``received_at`` is when the time began, ``received_by`` whether the payer named it or its first answer shows it.
    ``due_at`` is the last moment of the time: where ``paused`` it is not known. ``extended_days`` are those by which
    the payer said it would take longer. ``rule``, ``says`` and ``source`` cite the rule.
    """

    lines: tuple[str, ...]
    roles: tuple[LineRole, ...] = ()
    outcomes: tuple[LineOutcome, ...] = ()
    state: State
    received_at: AwareDatetime
    received_by: Literal["payer", "answer"]
    due_at: AwareDatetime | None
    decided_at: AwareDatetime | None = None
    paused_seconds: int = 0
    extended_days: int = 0
    line_of_business: LineOfBusiness | None = None
    urgency: Level = "standard"
    rule: str
    limit: str
    says: str
    source: str


class Timing(Record):
    """The clocks of one submission."""

    submission: UUID
    payer: str
    channel: str
    benefit: str
    clocks: tuple[Clock, ...]
