"""What routing decided and why, in words that can be journaled: ids of rules, lines and connections, never values."""

from __future__ import annotations

from enum import StrEnum

from gateway.contract.destination import Benefit
from gateway.model.record import Record


class Rule(StrEnum):
    """Why a line went to one side, a route was passed over, or nothing was found."""

    STATED = "stated"
    SERVICE_CODE = "service_code"
    BUY_AND_BILL = "buy_and_bill"
    SELF_ADMINISTERED = "self_administered"
    BENEFIT_UNCLEAR = "benefit_unclear"
    TAKEN = "taken"
    MODE = "mode"
    PAYER_DATES = "payer_dates"
    PAYER_LINE_OF_BUSINESS = "payer_line_of_business"
    DATES = "dates"
    BENEFIT = "benefit"
    LINE_OF_BUSINESS = "line_of_business"
    ROLE = "role"
    NOTHING_LEFT = "nothing_left"
    CANNOT_EXPRESS = "cannot_express"
    NO_ROUTE = "no_route"


class Why(Record):
    """One reason. ``pointer`` is a JSON Pointer into the request where one place is meant."""

    rule: Rule
    says: str
    fix: str | None = None
    pointer: str | None = None


class Side(Record):
    """Which benefit a line falls under; None where the request leaves it open."""

    line_id: str
    benefit: Benefit | None
    why: Why


class Plan(Record):
    """One submission to make: these lines to this payer over this connection."""

    payer: str
    connection: str
    channel: str
    benefit: Benefit
    line_ids: tuple[str, ...]


class Verdict(StrEnum):
    CHOSEN = "chosen"
    SKIPPED = "skipped"
    CANNOT_EXPRESS = "cannot_express"


class Tried(Record):
    """One route that was looked at for the lines of one benefit, in the order of looking."""

    connection: str
    benefit: Benefit
    verdict: Verdict
    line_ids: tuple[str, ...]
    reasons: tuple[Why, ...]


class Unrouted(Record):
    """Lines that go nowhere, and what to do about it."""

    line_ids: tuple[str, ...]
    benefit: Benefit | None
    why: Why


class Decision(Record):
    """Where a request goes. Made again from the same inputs it is the same."""

    sides: tuple[Side, ...]
    plans: tuple[Plan, ...]
    tried: tuple[Tried, ...]
    unrouted: tuple[Unrouted, ...]

    def as_json(self) -> bytes:
        """For the journal and the preview."""
        return self.model_dump_json().encode()
