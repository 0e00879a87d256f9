"""The rules by which an event of a treatment is advised on, in the order in which they are tried, with what each says
and what kind of advice it gives."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    COVERED = "covered"
    AWAITED = "awaited"
    """It is asked for already, as it is, and the payer has not decided."""
    UPDATE = "update"
    RENEWAL = "renewal"
    NEW = "new"
    NOT_REQUIRED = "not_required"
    """The payer said that it needs no authorization."""
    UNCLEAR = "unclear"
    """An authorization is there, and nobody can count whether it is enough."""
    RETRACTED = "retracted"
    """It never happened, and counts for nothing."""


class Rule(StrEnum):
    RETRACTED = "event_was_retracted"
    FITS = "fits_authorization"
    GOES_ON = "next_authorization_covers_the_rest"
    RENEWING = "open_case_asks_for_the_rest"
    OUTLASTS = "course_outlasts_authorization"
    RUNS_OUT = "authorization_runs_out"
    ENDED = "authorization_ended"
    ASKED = "open_case_asks_for_it"
    OPEN = "open_case_may_be_updated"
    OPEN_FIXED = "open_case_takes_no_update"
    PERMITTED = "payer_permits_the_change"
    NOT_PERMITTED = "payer_permits_no_such_change"
    UNCOUNTED = "quantity_cannot_be_counted"
    WITHDRAWN = "authorization_was_withdrawn"
    DENIED = "denied_is_asked_anew"
    NONE_NEEDED = "payer_said_none_needed"
    NOTHING = "nothing_was_asked"


SAYS = MappingProxyType(
    {
        Rule.RETRACTED: "It was told by mistake, and counts for nothing.",
        Rule.FITS: "An authorization covers it: its service, day, place and quantity.",
        Rule.GOES_ON: "An authorization covers it today, and others the rest of the course.",
        Rule.RENEWING: "An authorization covers it today, and a case asks for what comes after its end.",
        Rule.OUTLASTS: "An authorization covers it today, and ends before the course does.",
        Rule.RUNS_OUT: "An authorization of this service has not enough left.",
        Rule.ENDED: "The authorization of this service has ended.",
        Rule.ASKED: "A case asks for it as it is, and the payer has not decided.",
        Rule.OPEN: "A case asks for it otherwise, and the payer takes changes while it has not decided.",
        Rule.OPEN_FIXED: "A case asks for it otherwise, and the payer takes no changes of an open case.",
        Rule.PERMITTED: "The authorization is for something else, and the payer's rules permit this change of it.",
        Rule.NOT_PERMITTED: "The authorization is for something else, and the payer permits no such change of it.",
        Rule.UNCOUNTED: "Whether it fits the authorization cannot be counted exactly: ask the payer, or send it in the "
        "units of the authorization.",
        Rule.WITHDRAWN: "The authorization of this service was withdrawn.",
        Rule.DENIED: "The payer denied it: what was denied is asked anew, and never updated.",
        Rule.NONE_NEEDED: "The payer was asked for it as it is, and said that it needs no authorization.",
        Rule.NOTHING: "No case of this patient that is open, granted or denied asks for this service.",
    }
)
KIND = MappingProxyType(
    {
        Rule.RETRACTED: Kind.RETRACTED,
        Rule.FITS: Kind.COVERED,
        Rule.GOES_ON: Kind.COVERED,
        Rule.RENEWING: Kind.COVERED,
        Rule.OUTLASTS: Kind.RENEWAL,
        Rule.RUNS_OUT: Kind.RENEWAL,
        Rule.ENDED: Kind.RENEWAL,
        Rule.ASKED: Kind.AWAITED,
        Rule.OPEN: Kind.UPDATE,
        Rule.OPEN_FIXED: Kind.NEW,
        Rule.PERMITTED: Kind.UPDATE,
        Rule.NOT_PERMITTED: Kind.NEW,
        Rule.UNCOUNTED: Kind.UNCLEAR,
        Rule.WITHDRAWN: Kind.NEW,
        Rule.DENIED: Kind.NEW,
        Rule.NONE_NEEDED: Kind.NOT_REQUIRED,
        Rule.NOTHING: Kind.NEW,
    }
)
