"""Ways a portal fails its visitors, and the orders to do so. Knows no HTTP: the portals carry them out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    SLOW = "slow"
    """The answer comes ``seconds`` late."""
    MAINTENANCE = "maintenance"
    """503 and a page. Nothing is done."""
    MAINTENANCE_200 = "maintenance_200"
    """The same page under 200."""
    SERVER_ERROR = "server_error"
    """500 and a page. Nothing is done."""
    LOST = "drop_before_recording"
    """The request is read whole, the connection cut without a byte. Nothing is done."""
    DROP_AFTER_RECORDING = "drop_after_recording"
    """Done; the connection cut without a byte."""
    SERVER_ERROR_AFTER_RECORDING = "server_error_after_recording"
    PAGE_AFTER_RECORDING = "maintenance_after_recording"
    """Done; the maintenance page under 200."""
    RECEIVED = "no_reference"
    """Done; a page that says so, and that it is not to be sent again, without a reference number."""
    LABELS = "labels_changed"
    """Buttons and fields have other words on them."""
    FIELD_GONE = "field_gone"
    """The birth date of the member is not asked for, and a request without it is refused."""
    INTERSTITIAL = "interstitial"
    """Changed terms of use stand in the way until somebody accepts them."""
    CAPTCHA = "captcha"
    """A picture puzzle, at ``step`` login or submit."""
    PUSH = "mfa_push"
    """The login waits until somebody approves it elsewhere."""
    SESSION = "session_expires"
    """The session is over when ``step`` is asked for."""


FINAL = frozenset(
    {
        Kind.SERVER_ERROR,
        Kind.LOST,
        Kind.DROP_AFTER_RECORDING,
        Kind.SERVER_ERROR_AFTER_RECORDING,
        Kind.PAGE_AFTER_RECORDING,
        Kind.RECEIVED,
    }
)
"""What befalls a step that changes something: ``submit``, unless the order names ``withdraw`` or ``answer``."""
UNRECORDED = frozenset({Kind.SERVER_ERROR, Kind.LOST})
ANYWHERE = frozenset({Kind.SLOW, Kind.MAINTENANCE, Kind.MAINTENANCE_200, Kind.SESSION})
LAYOUT = frozenset({Kind.LABELS, Kind.FIELD_GONE})
STEPS = (
    *("login", "code", "home", "member", "service", "dates", "documents", "review", "submit", "duplicate"),
    *("confirmation", "search", "request", "withdraw", "answer"),
)


@dataclass(slots=True)
class Order:
    """Misbehave so the next ``count`` times (None: until reset), at that step and for that member, if any are named."""

    kind: Kind
    count: int | None = None
    step: str | None = None
    member: str | None = None
    seconds: float = 3.0


@dataclass(slots=True)
class Orders:
    """The orders in force at one portal; the oldest that fits is obeyed."""

    given: list[Order] = field(default_factory=list)

    def next(self, kinds: Collection[Kind], step: str, member: str = "") -> Order | None:
        """Uses up one time of the order that it returns."""
        for order in self.given:
            if order.kind in kinds and fits(order, step) and order.member in (None, member.upper()):
                if order.count is not None:
                    order.count -= 1
                    if order.count <= 0:
                        self.given.remove(order)
                return order
        return None


def fits(order: Order, step: str) -> bool:
    """Whether the order is about this step; without a step of its own, by what it is."""
    if order.step is not None:
        return order.step == step
    if order.kind in FINAL:
        return step == "submit"
    if order.kind in (Kind.CAPTCHA, Kind.PUSH):
        return step == "login"
    return True
