"""A payer as data: which lines of business it serves, by which routes it is reached, and in what rhythm it answers.

Knows no channel: what a channel must know of a payer stands under ``channels`` and is checked by the channel's
adapter. Conditions are typed fields, never expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import Level
from gateway.model.record import Record, refuse
from gateway.model.request import LineOfBusiness, LineRole
from gateway.profiles.benefit import BenefitRules
from gateway.profiles.bundling import Bundle, one_at_a_time
from gateway.profiles.courses import CourseRules
from gateway.profiles.facts import Effective, Id, Provenance
from gateway.profiles.handing import HandOff, each_its_word

Seconds = Annotated[float, Field(strict=True, ge=0.1, le=90 * 86400, allow_inf_nan=False)]
"""A wait. As everywhere in profiles a number is written as a number: ``"10"``, ``1e3`` and ``true`` are none."""


class Route(Record):
    """One way to reach the payer. Routes are tried in the order of ``priority``, the smallest number first.

    ``lines_of_business`` and ``roles`` narrow what goes this way; without them everything does.
    """

    connection: Id
    benefits: Annotated[tuple[Benefit, ...], Bounds(1, 50)]
    lines_of_business: Annotated[tuple[LineOfBusiness, ...] | None, Bounds(1, 50)] = None
    roles: Annotated[tuple[LineRole, ...] | None, Bounds(1, 50)] = None
    priority: Annotated[int, Field(strict=True, ge=0, le=1000)]
    effective: Effective | None = None

    def meets(self, other: Route) -> bool:
        """True when some line on some day could go either way."""
        return (
            bool(set(self.benefits) & set(other.benefits))
            and _meet(self.lines_of_business, other.lines_of_business)
            and _meet(self.roles, other.roles)
            and (self.effective is None or other.effective is None or self.effective.overlaps(other.effective))
        )


def _meet(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> bool:
    return one is None or other is None or bool(set(one) & set(other))


class Backoff(Record):
    """Waits that grow: ``first_seconds``, then ``factor`` times the last, never longer than ``longest_seconds``.

    After ``give_up_seconds`` in all a person is asked to look.
    """

    first_seconds: Seconds
    factor: Annotated[float, Field(strict=True, ge=1, le=10)] = 2.0
    longest_seconds: Seconds
    give_up_seconds: Seconds

    @field_validator("longest_seconds", "give_up_seconds")
    @classmethod
    def _in_order(cls, wait: float, info: ValidationInfo) -> float:
        shorter = "first_seconds" if info.field_name == "longest_seconds" else "longest_seconds"
        if wait < info.data.get(shorter, 0):
            refuse(
                "backoff",
                "The waits are out of order.",
                "Keep first_seconds <= longest_seconds <= give_up_seconds.",
            )
        return wait

    def waits(self) -> Iterator[float]:
        """The waits, for ever."""
        wait = self.first_seconds
        while True:
            yield wait
            wait = min(wait * self.factor, self.longest_seconds)

    def after(self, tries: int) -> float:
        """How long to wait when this many tries were made before."""
        # A case polled for weeks has hundreds of tries; the waits stop growing long before.
        waits = self.waits()
        wait = next(waits)
        for _ in range(tries):
            last, wait = wait, next(waits)
            if wait == last:
                break
        return wait


class Rhythm(Record):
    """When to ask a payer again.

    ``settle_seconds``: how long after a filing the payer's NOT_FOUND is believed; before it the filing may still be
    on its way through the payer's systems. ``reconcile``: the waits between inquiries while a filing is uncertain.

    A payer that asks for a longer wait (Retry-After, AAA04) gets it, up to a day or retry.give_up_seconds, whichever
    is longer; a person is called as soon as the wait would end after retry.give_up_seconds.

    ``acknowledge_seconds``: how long a file may lie where the payer takes it from without a word of the payer's; then
    an operator is called.

    ``expedited_seconds``: how long the payer may take to decide what is expedited, before an operator is called; what
    is not has ``poll.give_up_seconds``, which is the longest for both. A day unless told, which is what plans of
    Medicare have for an expedited drug of Part D or Part B. A payer that can be asked is asked on meanwhile.
    """

    settle_seconds: Annotated[float, Field(strict=True, ge=0, le=7 * 86400, allow_inf_nan=False)]
    acknowledge_seconds: Annotated[float, Field(strict=True, ge=1, le=30 * 86400, allow_inf_nan=False)] = 86400.0
    expedited_seconds: Seconds = 86400.0
    reconcile: Annotated[tuple[Seconds, ...], Bounds(1, 50)]
    poll: Backoff
    retry: Backoff

    def decides_within(self, urgency: Level) -> float:
        """How long the payer may take to decide, in seconds."""
        longest = self.poll.give_up_seconds
        return longest if urgency == "standard" else min(longest, self.expedited_seconds)

    @field_validator("reconcile")
    @classmethod
    def _outlasts_settling(cls, waits: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if sum(waits) < info.data.get("settle_seconds", 0):
            refuse(
                "reconcile",
                "The last inquiry comes before the payer's settle time, so absence could never be proved.",
                "Add later inquiries, or lower settle_seconds.",
            )
        return waits


class PayerLayer(Record):
    """What is otherwise with a payer on some days, and for some of its lines of business only where any are named.

    It holds differences only, each where the payer's own file has what it differs from: ``guides`` by the folder of the
    guides, then by guide.
    """

    effective: Effective
    provenance: Provenance
    lines_of_business: Annotated[tuple[LineOfBusiness, ...] | None, Bounds(1, 50)] = None
    channels: Mapping[str, Mapping[str, Any]] = {}
    connections: Mapping[Id, Mapping[str, Any]] = {}
    guides: Mapping[str, Mapping[str, Any]] = {}

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if not (self.channels or self.connections or self.guides):
            refuse("layer", "This layer holds no difference.", "Write channels, connections or guides, or remove it.")
        return self


class PayerProfile(Record):
    """Everything the gateway knows of one payer.

    ``synthetic`` marks a payer that does not exist; it can never have a live connection. ``connections`` holds what the
    payer wants otherwise than the settings of a connection, ``guides`` than the guides of a channel. ``benefits`` tells
    which of its benefits pays for what, and who reviews in its place. ``reroute`` says who goes on where it closes a
    case because somebody else, or another channel, has to be asked: the gateway where it is sure, else a person;
    ``hands_on`` who that is, by what it says.
    ``courses`` says what it lets be changed while a patient is treated, ``requests`` what it takes in one request.
    """

    payer: Id
    name: ShortText
    synthetic: Annotated[bool, Field(strict=True)] = False
    provenance: Provenance
    lines_of_business: Annotated[tuple[LineOfBusiness, ...], Bounds(1, 50)]
    effective: Effective
    routes: Annotated[tuple[Route, ...], Bounds(1, 50)]
    channels: Annotated[Mapping[str, Mapping[str, Any]], Field(min_length=1)]
    connections: Mapping[Id, Mapping[str, Any]] = {}
    guides: Mapping[str, Mapping[str, Any]] = {}
    rhythm: Rhythm
    benefits: BenefitRules = BenefitRules()
    reroute: Literal["gateway", "person"] = "gateway"
    courses: CourseRules = CourseRules()
    hands_on: Annotated[tuple[HandOff, ...], Bounds(0, 100), AfterValidator(each_its_word)] = ()
    requests: Annotated[tuple[Bundle, ...], Bounds(0, 50), AfterValidator(one_at_a_time)] = ()
    layers: Annotated[tuple[PayerLayer, ...], Bounds(0, 100)] = ()

    def bundle(self, business: LineOfBusiness, on: date) -> tuple[int, Bundle] | None:
        """The row of ``requests`` that holds, with its number."""
        for number, row in enumerate(self.requests):
            if row.effective.holds(on) and (row.lines_of_business is None or business in row.lines_of_business):
                return number, row
        return None
