"""Who manages the pharmacy benefit of a coverage: the row of the directory that says most of the card.

Without such a row the payer's own routes are left; a card that two rows fit alike leads to neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.model.people import Pharmacy
from gateway.profiles.directory import Named, TiedRows, find
from gateway.profiles.reference import Reference
from gateway.routing.decision import Result, Rule, Step, Why

_CARD = "/coverages/0/pharmacy"


@dataclass(frozen=True)
class Reading:
    """``row`` is that of the card. ``against`` says why nothing can be filed for it."""

    step: Step
    row: Named | None = None
    against: Why | None = None


def read(card: Pharmacy | None, reference: Reference, on: date) -> Reading:
    """What the directory says of a card on the day of asking."""
    if card is None:
        says = "The coverage has no pharmacy card, so the payer's own routes are left."
        return Reading(_step(Result.PASSES, says, (_CARD,), otherwise="The card's BIN, PCN and group."))
    inputs = (f"{_CARD}/bin", f"{_CARD}/pcn", f"{_CARD}/group")
    try:
        row = find(reference.rows, card, on)
    except TiedRows as tie:
        rows = tuple(map(str, tie.rows))
        says = f"{' and '.join(rows)} of the directory fit the card alike."
        fix = "Send the card's PCN and group, or mend the directory."
        why = Why(rule=Rule.CARD, says=says, fix=fix, pointer=_CARD)
        return Reading(_step(Result.ASKS, says, inputs, rows, fix), against=why)
    if row is None:
        says = "No row of the directory fits the card, so the payer's own routes are left."
        return Reading(_step(Result.PASSES, says, inputs, otherwise="A row of the directory for the card."))
    says = f"{row} of the directory fits the card best and leads to {row.row.payer}."
    step = _step(Result.DECIDES, says, inputs, (str(row),), "Another BIN, PCN or group.")
    if row.row.takes_requests:
        return Reading(step, row)
    says = f"{row.row.payer} takes no electronic request for cards of {row}."
    why = Why(rule=Rule.CARD, says=says, fix="File it by the manager's portal, telephone or fax.", pointer=_CARD)
    return Reading(step, row, why)


def _step(
    result: Result, says: str, inputs: tuple[str, ...], data: tuple[str, ...] = (), otherwise: str | None = None
) -> Step:
    return Step(rule=Rule.CARD, result=result, says=says, inputs=inputs, data=data, otherwise=otherwise)
