"""A denied line, as the ways against it look at it, and the notices that their windows begin with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gateway.model.appeal import APPEALABLE, WAS_DECIDED, Appeal
from gateway.model.outcome import FollowUp
from gateway.model.people import Level
from gateway.model.reasons import NextAction, Reason
from gateway.model.status import LineOutcome
from gateway.model.story import Heard
from gateway.profiles.deadlines import Limit
from gateway.profiles.narrowed import Matter

USUAL_ZONE = "America/New_York"
"""Where a day ends of a payer of whom nothing is known: where it ends first of most."""
_MAY_BE_APPEALED = frozenset({NextAction.CALL_PAYER, NextAction.APPEAL})
_WORDS = APPEALABLE | {LineOutcome.CERTIFIED, LineOutcome.NOT_REQUIRED}


@dataclass(frozen=True)
class Denial:
    """A denied line of one submission, or one that was granted for less than was asked (``reduced``). ``reasons`` are
    those of the line, or of the whole where it has none. ``phone`` and ``window`` are what the payer's own words say of
    a talk of peers, ``no_talk`` that it is not to be had any more, ``times`` what they name beside an appeal.
    ``last_day`` is the day that the notice names for one, and ``elsewhere`` that none is taken through its channel."""

    submission: UUID
    payer: str
    line: str
    reasons: tuple[Reason, ...]
    matter: Matter
    noticed_at: datetime
    upheld_at: datetime | None = None
    appeals: tuple[Appeal, ...] = ()
    reduced: bool = False
    urgency: Level = "standard"
    phone: str | None = None
    window: Limit | None = None
    no_talk: bool = False
    times: tuple[Limit, ...] = ()
    last_day: date | None = None
    elsewhere: bool = False
    sites: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    @property
    def clinical(self) -> bool:
        return offers_talk(self.reasons)

    @property
    def appealable(self) -> bool:
        """Not where all that was said is put right by a new request; what nobody understood may be appealed, and what
        the payer suggests to appeal."""
        says = [each.appealable or each.next_action in _MAY_BE_APPEALED for each in self.reasons]
        return self.clinical or not says or any(says)

    @property
    def decided(self) -> int:
        """How many appeals of it the payer has decided."""
        return sum(appeal.state in WAS_DECIDED for appeal in self.appeals)


def offers_talk(reasons: Iterable[Reason]) -> bool:
    """True where a clinician decided on clinical grounds: with whom else would a clinician talk."""
    return any(reason.clinical and reason.peer_to_peer for reason in reasons)


def terms_of_appeal(line: str, heard: Iterable[Heard]) -> FollowUp | None:
    """What the last notice that denied the line says of an appeal against it; None where it says nothing."""
    notices = [
        item.outcome
        for item in heard
        if any(result.line == line and result.outcome in APPEALABLE for result in item.outcome.lines)
    ]
    said = notices[-1].follow_up if notices else ()
    return next((each for each in said if each.action is NextAction.APPEAL and each.line in (None, line)), None)


def noticed(line: str, heard: Iterable[Heard]) -> tuple[datetime | None, datetime | None]:
    """When the line was denied as it is now, and when its last appeal was denied: by the payer's own time where it
    names one, for windows begin with that."""
    first: datetime | None = None
    upheld: datetime | None = None
    for item in heard:
        for result in item.outcome.lines:
            if result.line != line or result.outcome not in _WORDS:
                continue
            if result.outcome not in APPEALABLE:
                first = upheld = None
            elif item.appeal:
                upheld = _time_of(item)
            elif first is None:
                first = _time_of(item)
    return first, upheld


def _time_of(item: Heard) -> datetime:
    said = None if item.outcome.zone_unknown else item.outcome.effective_at
    return item.at if said is None else min(item.at, said)
