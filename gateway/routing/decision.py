"""What routing decided and why, in words that can be journaled: ids of rules, lines and connections, never values."""

from __future__ import annotations

from enum import StrEnum

from gateway.contract.destination import Benefit
from gateway.model.record import Record


class Rule(StrEnum):
    """Why a line went to one side, a route was passed over, or nothing was found."""

    STATED = "stated"
    DELEGATED = "delegated"
    ALSO = "also"
    HANDED_ON = "handed_on"
    MEDICARE_PART_B = "medicare_part_b"
    SUPPLY = "supply"
    WHITE_BAGGING = "white_bagging"
    DRUG_LIST = "drug_list"
    EVIDENCE = "evidence"
    CARD = "card"
    PRODUCT = "product"
    RECOMMENDED = "recommended"
    ONE_WITHOUT_THE_OTHER = "one_without_the_other"
    SERVICE_CODE = "service_code"
    GIVEN = "given"
    ONE_PRODUCT = "one_product"
    BUY_AND_BILL = "buy_and_bill"
    SELF_ADMINISTERED = "self_administered"
    BENEFIT_UNCLEAR = "benefit_unclear"
    TAKEN = "taken"
    MODE = "mode"
    TERMS = "terms"
    PAYER_DATES = "payer_dates"
    PAYER_LINE_OF_BUSINESS = "payer_line_of_business"
    DATES = "dates"
    BENEFIT = "benefit"
    LINE_OF_BUSINESS = "line_of_business"
    ROLE = "role"
    NOTHING_LEFT = "nothing_left"
    TRIED = "tried"
    CANNOT_EXPRESS = "cannot_express"
    NO_ROUTE = "no_route"
    SEVERAL_BENEFITS = "several_benefits"
    SEVERAL_PAYERS = "several_payers"
    SEVERAL_ROUTES = "several_routes"
    ONE_LINE = "one_line"
    PER_SERVICE = "per_service"
    SAME_DATES = "same_dates"
    SAME_PLACE = "same_place"
    MOST_CODES = "most_codes"
    MOST_LINES = "most_lines"


class Why(Record):
    """One reason. ``pointer`` is a JSON Pointer into the request where one place is meant."""

    rule: Rule
    says: str
    fix: str | None = None
    pointer: str | None = None


class Result(StrEnum):
    DECIDES = "decides"
    PASSES = "passes"
    ASKS = "asks"


class Step(Record):
    """One rule that was tried for a line. ``inputs`` are JSON Pointers into the request, ``data`` names rows of the
    profiles, ``otherwise`` says what would have changed it. It holds no value of the request."""

    rule: Rule
    result: Result
    says: str
    inputs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    otherwise: str | None = None


class Side(Record):
    """Which benefit a line falls under; None where the request leaves it open. A line has two where its payer wants it
    asked under both.

    ``payer`` and ``connection`` are set where somebody else than the payer of the coverage is asked, or over one
    connection only. Whoever ``recommends`` does not authorize: the payer itself is asked after it. ``steps`` are the
    rules that were tried, in their order.
    """

    line_id: str
    benefit: Benefit | None
    why: Why
    payer: str | None = None
    connection: str | None = None
    recommends: bool = False
    steps: tuple[Step, ...] = ()


class Plan(Record):
    """One submission to make: these lines to this payer over this connection. ``recommends`` is as in ``Side``."""

    payer: str
    connection: str
    channel: str
    benefit: Benefit
    line_ids: tuple[str, ...]
    recommends: bool = False


class Verdict(StrEnum):
    CHOSEN = "chosen"
    SKIPPED = "skipped"
    CANNOT_EXPRESS = "cannot_express"


class Tried(Record):
    """One route that was looked at for the lines of one benefit, in the order of looking. ``payer`` is whose it is; a
    decision of an earlier version does not say."""

    payer: str | None = None
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


class Split(Record):
    """Why lines are not asked for in one submission. ``parts`` holds the lines of each part, some of which may be
    parted further by another split; ``data`` names rows of the profiles."""

    why: Why
    parts: tuple[tuple[str, ...], ...]
    data: tuple[str, ...] = ()


class Decision(Record):
    """Where a request goes. Made again from the same inputs it is the same. ``splits`` tells why there are several
    plans, from the widest parting to the narrowest; a decision of an earlier version does not say."""

    sides: tuple[Side, ...]
    plans: tuple[Plan, ...]
    tried: tuple[Tried, ...]
    unrouted: tuple[Unrouted, ...]
    splits: tuple[Split, ...] = ()

    def as_json(self) -> bytes:
        """For the journal and the preview."""
        return self.model_dump_json().encode()
