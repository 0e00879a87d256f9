"""Status on four axes, and the one table of moves between case statuses.

Everything about which status may follow which lives in ``MOVES``: the code, the tests and the diagram in the docs
read that table. This module does not know where a status was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class CaseStatus(StrEnum):
    """What the payer has said about the case, computed from its lines and submissions."""

    DRAFT = "draft"
    REQUIREMENTS_OPEN = "requirements_open"
    READY = "ready"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    REJECTED = "rejected"
    RECEIVED = "received"
    PENDED = "pended"
    NEEDS_INFORMATION = "needs_information"
    RECOMMENDED = "recommended"
    CONTACT_PAYER = "contact_payer"
    APPROVED = "approved"
    APPROVED_MODIFIED = "approved_modified"
    PARTIALLY_APPROVED = "partially_approved"
    DENIED = "denied"
    NOT_REQUIRED = "not_required"
    DUPLICATE = "duplicate"
    CLOSED_BY_PAYER = "closed_by_payer"
    CANCEL_PENDING = "cancel_pending"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RESCINDED = "rescinded"
    FAILED = "failed"


class Delivery(StrEnum):
    """How far one attempt got on its way to the payer."""

    PLANNED = "planned"
    RENDERED = "rendered"
    SENT = "sent"
    TRANSPORT_ACKED = "transport_acked"
    """It lies where the payer takes it from, and the payer has not said that it has it."""
    APP_ACKED = "app_acked"
    REFUSED = "refused"
    LOST = "lost"
    RECONCILED = "reconciled"


class LineOutcome(StrEnum):
    """What the payer has said about one line."""

    PENDING = "pending"
    RECOMMENDED = "recommended"
    """A delegate approved it, and the payer's own authorization is outstanding."""
    CERTIFIED = "certified"
    CERTIFIED_MODIFIED = "certified_modified"
    NOT_CERTIFIED = "not_certified"
    NOT_REQUIRED = "not_required"
    CANCELLED = "cancelled"
    INFO_REQUESTED = "info_requested"
    CONTACT_PAYER = "contact_payer"
    UNKNOWN = "unknown"


class Attention(StrEnum):
    """Who must do something next for the case to move."""

    NONE = "none"
    GATEWAY = "gateway"
    PROVIDER = "provider"
    PAYER = "payer"
    OPERATOR = "operator"


class Ground(IntEnum):
    """What a move needs. A payer's message carries EVIDENCE; a decision in it carries DECISION as well."""

    ORDINARY = 1
    PROOF = 2
    """An inquiry proved that the payer does not hold the filing."""
    EVIDENCE = 3
    """A payer's message, newer than what the status rests on."""
    DECISION = 4
    """A new decision record that supersedes the earlier one; history keeps both."""
    WISH = 5
    """The payer grants what the practice asked of it: that the request be cancelled."""


_S = CaseStatus
DECIDED = frozenset({_S.APPROVED, _S.APPROVED_MODIFIED, _S.PARTIALLY_APPROVED, _S.DENIED})
UNDER_REVIEW = frozenset({_S.RECEIVED, _S.PENDED, _S.NEEDS_INFORMATION, _S.RECOMMENDED, _S.CONTACT_PAYER})
SETTLED = DECIDED | {
    _S.NOT_REQUIRED,
    _S.DUPLICATE,
    _S.CLOSED_BY_PAYER,
    _S.CANCELLED,
    _S.EXPIRED,
    _S.RESCINDED,
    _S.FAILED,
}
"""Statuses that end the round. A superseding record may still open the next one."""

_ANSWERS = UNDER_REVIEW | DECIDED | {_S.NOT_REQUIRED, _S.DUPLICATE, _S.CLOSED_BY_PAYER, _S.REJECTED, _S.CANCELLED}


def _row(ordinary: Iterable[CaseStatus], **grounds: Iterable[CaseStatus]) -> Mapping[CaseStatus, Ground]:
    row = dict.fromkeys(ordinary, Ground.ORDINARY)
    for name, statuses in grounds.items():
        row.update(dict.fromkeys(statuses, Ground[name.upper()]))
    return MappingProxyType(row)


_LATE_ANSWER = _ANSWERS - {_S.REJECTED, _S.RECEIVED}
_SUPERSEDING = DECIDED | {_S.RESCINDED}
_REVIEWING = _row((_ANSWERS - {_S.RECEIVED}) | {_S.CANCEL_PENDING, _S.FAILED})
_GRANTED = _row({_S.EXPIRED, _S.CANCEL_PENDING}, evidence={_S.CANCELLED, _S.RESCINDED}, decision=DECIDED)

MOVES: Mapping[CaseStatus, Mapping[CaseStatus, Ground]] = MappingProxyType(
    {
        _S.DRAFT: _row({_S.READY, _S.REQUIREMENTS_OPEN, _S.QUEUED, _S.NOT_REQUIRED, _S.CANCELLED}),
        _S.REQUIREMENTS_OPEN: _row({_S.READY, _S.QUEUED, _S.NOT_REQUIRED, _S.CANCELLED, _S.CLOSED_BY_PAYER, _S.FAILED}),
        _S.READY: _row({_S.QUEUED, _S.DRAFT, _S.REQUIREMENTS_OPEN, _S.NOT_REQUIRED, _S.CANCELLED}),
        _S.QUEUED: _row(
            {_S.SUBMITTING, _S.REQUIREMENTS_OPEN, _S.CANCELLED, _S.FAILED}, evidence=_ANSWERS - {_S.CANCELLED}
        ),
        _S.SUBMITTING: _row(_ANSWERS | {_S.QUEUED, _S.UNCERTAIN, _S.FAILED}),
        _S.UNCERTAIN: _row({_S.FAILED}, proof={_S.QUEUED, _S.SUBMITTING}, evidence=_ANSWERS),
        _S.REJECTED: _row({_S.READY, _S.QUEUED, _S.CANCELLED, _S.FAILED}, evidence=_LATE_ANSWER - {_S.CANCELLED}),
        _S.RECEIVED: _row(_ANSWERS | {_S.CANCEL_PENDING, _S.FAILED}),
        _S.PENDED: _REVIEWING,
        _S.NEEDS_INFORMATION: _REVIEWING,
        _S.RECOMMENDED: _REVIEWING,
        _S.CONTACT_PAYER: _REVIEWING,
        _S.APPROVED: _GRANTED,
        _S.APPROVED_MODIFIED: _GRANTED,
        _S.PARTIALLY_APPROVED: _GRANTED,
        _S.DENIED: _row((), evidence={_S.NEEDS_INFORMATION}, decision=DECIDED),
        _S.NOT_REQUIRED: _row((), decision=_SUPERSEDING),
        _S.DUPLICATE: _row((), decision=_SUPERSEDING),
        _S.CLOSED_BY_PAYER: _row({_S.READY, _S.QUEUED}, decision=_SUPERSEDING, wish={_S.CANCELLED}),
        _S.CANCEL_PENDING: _row({_S.CANCELLED, _S.FAILED}, evidence=_LATE_ANSWER | {_S.RECEIVED, _S.RESCINDED}),
        _S.CANCELLED: _row((), decision=_SUPERSEDING),
        _S.EXPIRED: _row((), decision=_SUPERSEDING),
        _S.RESCINDED: _row((), decision=_SUPERSEDING),
        _S.FAILED: _row({_S.READY, _S.QUEUED, _S.CANCELLED}, evidence=_LATE_ANSWER - {_S.CANCELLED}),
    }
)
"""From a status to a status, and the ground the move needs. What is not here is forbidden."""


def may_move(before: CaseStatus, after: CaseStatus, grounds: Iterable[Ground] = (Ground.ORDINARY,)) -> bool:
    """True when the table allows the move on these grounds. Staying is always allowed."""
    return before == after or MOVES[before].get(after) in set(grounds)


_DEMAND = (
    _S.FAILED,
    _S.NEEDS_INFORMATION,
    _S.REQUIREMENTS_OPEN,
    _S.REJECTED,
    _S.CONTACT_PAYER,
    _S.UNCERTAIN,
    _S.CANCEL_PENDING,
    _S.SUBMITTING,
    _S.QUEUED,
    _S.PENDED,
    _S.RECEIVED,
    _S.RECOMMENDED,
    _S.READY,
    _S.DRAFT,
)
"""Open statuses, the most demanding first: what asks a person to act comes before what only asks for patience."""

_OF_LINE = MappingProxyType(
    {
        LineOutcome.INFO_REQUESTED: _S.NEEDS_INFORMATION,
        LineOutcome.CONTACT_PAYER: _S.CONTACT_PAYER,
        LineOutcome.PENDING: _S.PENDED,
        LineOutcome.RECOMMENDED: _S.RECOMMENDED,
        # Nobody understood the payer's word for this line: it holds the request, more is not known (law 3).
        LineOutcome.UNKNOWN: _S.RECEIVED,
        LineOutcome.CERTIFIED: _S.APPROVED,
        LineOutcome.CERTIFIED_MODIFIED: _S.APPROVED_MODIFIED,
        LineOutcome.NOT_CERTIFIED: _S.DENIED,
        LineOutcome.NOT_REQUIRED: _S.NOT_REQUIRED,
        LineOutcome.CANCELLED: _S.CANCELLED,
    }
)


LINE_DEMAND = (
    LineOutcome.INFO_REQUESTED,
    LineOutcome.CONTACT_PAYER,
    LineOutcome.PENDING,
    LineOutcome.UNKNOWN,
    LineOutcome.RECOMMENDED,
    LineOutcome.NOT_CERTIFIED,
    LineOutcome.CERTIFIED_MODIFIED,
    LineOutcome.CERTIFIED,
    LineOutcome.NOT_REQUIRED,
    LineOutcome.CANCELLED,
)
"""Line outcomes, the most demanding first."""


def of_line(outcome: LineOutcome) -> CaseStatus:
    """The status of a submission that has this line alone."""
    return _OF_LINE[outcome]


def of_lines(outcomes: Iterable[LineOutcome]) -> CaseStatus:
    """The status that reviewed lines add up to. Raises ValueError when there is no line."""
    return roll_up(_OF_LINE[outcome] for outcome in outcomes)


def roll_up(parts: Iterable[CaseStatus]) -> CaseStatus:
    """The status that several lines, or several submissions, add up to. Raises ValueError for none.

    An open part decides, the most demanding first. Otherwise parts that needed no decision (not required,
    cancelled, duplicate) step back behind parts that got one, and a mix of yes and no is partly approved.
    """
    statuses = set(parts)
    if not statuses:
        raise ValueError("no parts to roll up")
    for status in _DEMAND:
        if status in statuses:
            return status
    decided = statuses - {_S.NOT_REQUIRED, _S.CANCELLED, _S.DUPLICATE}
    if not decided:
        return next(s for s in (_S.DUPLICATE, _S.NOT_REQUIRED, _S.CANCELLED) if s in statuses)
    yes = decided & {_S.APPROVED, _S.APPROVED_MODIFIED, _S.PARTIALLY_APPROVED}
    no = decided - yes
    if (yes and no) or _S.PARTIALLY_APPROVED in yes:
        return _S.PARTIALLY_APPROVED
    if yes:
        return _S.APPROVED_MODIFIED if _S.APPROVED_MODIFIED in yes else _S.APPROVED
    return next(s for s in (_S.DENIED, _S.RESCINDED, _S.CLOSED_BY_PAYER, _S.EXPIRED) if s in no)
