"""Member ids that only the portals know, and how shared ones misbehave here. README.md lists them. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.simulators.members import APPROVED, Member, Stage, member_named
from conformance.simulators.misbehaviour import Kind as PayerKind
from conformance.simulators.portals.misbehaviour import Kind, Order

_APPROVE = (Stage(APPROVED),)


@dataclass(frozen=True, slots=True)
class Visit:
    """What befalls whoever files for this member: the first time, or always."""

    says: str
    order: Order
    always: bool = False


WORDS: dict[str, Visit] = {
    "LOGGEDOUT": Visit(
        "The session is over at the review (Juniper: at the final step), the first time; then approved.",
        Order(Kind.SESSION, step="review"),
    ),
    "NEVERIN": Visit("The same, always: nobody ever gets it filed.", Order(Kind.SESSION, step="review"), always=True),
    "CAPTCHA": Visit(
        "A picture puzzle before the request is taken, the first time.", Order(Kind.CAPTCHA, step="submit")
    ),
    "FAULTFILED": Visit("On file, but answered with 500.", Order(Kind.SERVER_ERROR_AFTER_RECORDING)),
    "LOSTALWAYS": Visit("Every final step is cut off; nothing is ever on file.", Order(Kind.LOST), always=True),
    "MAINTENANCE": Visit(
        "The maintenance page (503) at the final step, the first time.", Order(Kind.MAINTENANCE, step="submit")
    ),
}
"""All are approved once they are on file."""

_AS = {
    PayerKind.SLOW: Kind.SLOW,
    PayerKind.LOST: Kind.LOST,
    PayerKind.DROP_AFTER_RECORDING: Kind.DROP_AFTER_RECORDING,
    PayerKind.HTML_200: Kind.MAINTENANCE_200,
    PayerKind.HTML_AFTER_RECORDING: Kind.PAGE_AFTER_RECORDING,
    PayerKind.GARBAGE: Kind.SERVER_ERROR_AFTER_RECORDING,
    PayerKind.TRUNCATED: Kind.DROP_AFTER_RECORDING,
}
"""What has no meaning on a page (TA1, 999, envelopes) is left out: such a member is approved at once."""


def stages_of(member_id: str, word: str) -> Member:
    """What becomes of a filing for the member. Without stages of its own it is approved."""
    shared = member_named(member_id)
    if word in WORDS or not shared.stages:
        return Member(WORDS[word].says if word in WORDS else shared.says, _APPROVE)
    return shared


def order_of(member_id: str, word: str, *, first: bool) -> Order | None:
    """What befalls a final step for the member, unless operators ordered something else."""
    if word in WORDS:
        visit = WORDS[word]
        return visit.order if first or visit.always else None
    shared = member_named(member_id)
    kind = shared.always or (shared.first if first else None)
    if shared.refused is not None and shared.refused.filed and first:
        return Order(Kind.RECEIVED, step="submit")
    if shared.refused is not None and shared.refused.code == "42" and not shared.refused.filed:
        return Order(Kind.MAINTENANCE, step="submit")
    if first and shared.refusals:
        return Order(Kind.MAINTENANCE, step="submit")
    return Order(_AS[kind], step="submit") if kind in _AS else None
