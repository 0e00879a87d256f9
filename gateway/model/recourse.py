"""What may be done about a denial, as it is told. How it is found is the business of ``gateway.recourse``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.model.appeal import AppealState
from gateway.model.reasons import NextAction, Word
from gateway.model.record import Record


class RecourseKind(StrEnum):
    RECONSIDERATION = "reconsideration"
    """The payer looks again, without an appeal."""
    PEER_TO_PEER = "peer_to_peer"
    APPEAL = "appeal"
    RESUBMIT = "resubmit"
    """Another request, or another step, with something changed."""


class WindowState(StrEnum):
    OPEN = "open"
    OVER = "over"
    UNKNOWN = "unknown"
    """No rule is known here, and the payer named none."""


class Way(Record):
    """One thing that may be done about a denied line. ``until`` is the last moment of its window."""

    kind: RecourseKind
    change: Annotated[NextAction | None, Field(description="Of a resubmission: what to change first.")] = None
    level: Annotated[int | None, Field(description="Of an appeal: 1 is the first.")] = None
    name: str
    why: str
    reasons: Annotated[tuple[Word, ...], Field(description="The payer's reasons that it is for.")] = ()
    window: WindowState
    until: AwareDatetime | None = None
    window_from: Annotated[
        Literal["payer", "rule"] | None, Field(description="Whether the payer's own words or a rule here give it.")
    ] = None
    decided_by: Literal["payer", "independent"] = "payer"
    decides_within: str | None = None
    phones: Annotated[tuple[str, ...], Field(description="Whom to call, ten digits.")] = ()
    rule: str | None = None
    says: str | None = None
    source: str | None = None
    note: Annotated[str | None, Field(description="What of the rule is not sure.")] = None


class AppealLevel(Record):
    """An appeal that was asked for, and where it stands among the levels. ``late``: it was asked for after its window;
    the payer may refuse it."""

    lines: tuple[str, ...]
    state: AppealState
    asked_at: AwareDatetime
    level: int
    name: str | None = None
    until: AwareDatetime | None = None
    late: bool = False
    warning: str | None = None


class LineRecourse(Record):
    """What may be done about one line. ``noticed_at`` is when its denial was said, or heard if that is not known."""

    submission: UUID
    payer: str
    line: str
    noticed_at: AwareDatetime | None
    ways: tuple[Way, ...]
