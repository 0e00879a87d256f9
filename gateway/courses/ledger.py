"""The ledger: what was used of each authorization, and what is left. Nothing is ever drawn that was not granted.

A use is booked on one authorization, whole, or told apart with why. It counts by the terms in force on its day, so a
decision that comes later changes what is left and never what was used; what fitted nothing on its day is booked
afterwards where the terms of now allow it. The order in which uses were told does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from gateway.courses.grant import Grant, Terms
from gateway.courses.measure import Amount, measured, same_service
from gateway.courses.treatment import Treatment, TreatmentKind
from gateway.model.line import ServiceCode
from gateway.profiles.reference import Reference

_Place = tuple[object, ...]


class Misfit(StrEnum):
    """Why something is not covered by an authorization of that service: of one in force that day first, then what can
    be mended soonest."""

    USED_UP = "used_up"
    OTHER_PLACE = "other_place"
    OTHER_PROVIDER = "other_provider"
    UNITS_DIFFER = "units_differ"
    QUANTITY_NOT_KNOWN = "quantity_not_known"
    AFTER_ITS_END = "after_its_end"
    BEFORE_ITS_START = "before_its_start"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Booking:
    event: str
    place: _Place
    on: date
    amount: Amount


@dataclass
class Account:
    """A grant and what was used of it, in the order in which it happened."""

    grant: Grant
    bookings: list[Booking] = field(default_factory=list)

    def used(self, terms: Terms, reference: Reference, before: _Place | None = None) -> Decimal | None:
        """How much in the units of these terms, by all or by what happened ``before``; None where that is not exactly
        known."""
        total = Decimal(0)
        for booking in self.bookings:
            if before is not None and not booking.place < before:
                continue
            amount = measured(booking.amount, terms.code, terms.unit, reference, booking.on)
            if amount is None:
                return None
            total += amount
        return total

    def left(self, reference: Reference, before: _Place | None = None) -> Decimal | None:
        """What may still be used by the terms of now; nothing where more was used than they grant."""
        used = self.used(self.grant.terms, reference, before)
        if used is None or self.grant.terms.quantity is None:
            return None
        return max(self.grant.terms.quantity - used, Decimal(0)) if self.grant.terms.granted else Decimal(0)


@dataclass(frozen=True)
class Wanted:
    """What an event takes of an authorization. Without an amount it takes something, nobody knows how much."""

    on: date
    code: ServiceCode
    amount: Amount | None
    place_of_service: str | None = None
    provider_npi: str | None = None
    case_id: UUID | None = None

    @classmethod
    def of(cls, event: Treatment) -> Wanted:
        quantity = event.quantity
        amount = None if quantity is None else Amount(event.code, quantity.value, quantity.unit)
        return cls(event.on, event.code, amount, event.place_of_service, event.provider_npi, event.case_id)


@dataclass(frozen=True)
class Ledger:
    """``apart`` are uses that fit no authorization, by the ids of their events."""

    accounts: tuple[Account, ...]
    apart: Mapping[str, Treatment]
    reference: Reference

    def account_of(self, event: str) -> Account | None:
        """The account that an event was booked on."""
        return next((one for one in self.accounts if any(held.event == event for held in one.bookings)), None)

    def candidates(self, wanted: Wanted) -> list[Account]:
        """Accounts of the service, the case's own first, then those that end first."""
        return _candidates(self.accounts, wanted, self.reference)

    def misfit(self, account: Account, wanted: Wanted, before: _Place) -> Misfit | None:
        """Why it is not covered, by the terms of its day and by those of now; None where it is."""
        grant = account.grant
        versions = dict.fromkeys((grant.terms_on(wanted.on), grant.terms))
        found = [_misfit(account, terms, wanted, self.reference, before) for terms in versions]
        return None if None in found else found[-1]


def keep(grants: Sequence[Grant], events: Iterable[Treatment], reference: Reference) -> Ledger:
    """The ledger of these grants after these events. An event that is there twice, by its id, counts once."""
    accounts = tuple(Account(grant) for grant in sorted(grants, key=lambda one: (str(one.case_id), one.line_id)))
    given = {event.id: event for event in events if event.kind is TreatmentKind.ADMINISTERED}
    apart: dict[str, Treatment] = {}
    for event in sorted(given.values(), key=lambda one: one.place):
        if not _book(accounts, event, reference, now=False):
            apart[event.id] = event
    for event in list(apart.values()):
        if _book(accounts, event, reference, now=True):
            del apart[event.id]
    for account in accounts:
        account.bookings.sort(key=lambda booking: booking.place)
    return Ledger(accounts, apart, reference)


def _book(accounts: Sequence[Account], event: Treatment, reference: Reference, *, now: bool) -> bool:
    wanted = Wanted.of(event)
    for account in _candidates(accounts, wanted, reference):
        terms = account.grant.terms if now else account.grant.terms_on(event.on)
        if wanted.amount is not None and _misfit(account, terms, wanted, reference) is None:
            account.bookings.append(Booking(event.id, event.place, event.on, wanted.amount))
            return True
    return False


def _candidates(accounts: Iterable[Account], wanted: Wanted, reference: Reference) -> list[Account]:
    def order(account: Account) -> tuple[bool, date]:
        return wanted.case_id not in account.grant.cases, account.grant.terms_on(wanted.on).end or date.max

    return sorted((one for one in accounts if _is_of(one.grant, wanted, reference)), key=order)


def _is_of(grant: Grant, wanted: Wanted, reference: Reference) -> bool:
    codes = dict.fromkeys((grant.terms_on(wanted.on).code, grant.terms.code))
    return any(same_service(wanted.code, code, grant.ndc, reference, wanted.on) for code in codes)


def _misfit(
    account: Account, terms: Terms, wanted: Wanted, reference: Reference, before: _Place | None = None
) -> Misfit | None:
    if not terms.granted:
        return Misfit.WITHDRAWN
    if terms.start is not None and wanted.on < terms.start:
        return Misfit.BEFORE_ITS_START
    if terms.end is not None and wanted.on > terms.end:
        return Misfit.AFTER_ITS_END
    if wanted.place_of_service and terms.place_of_service and wanted.place_of_service != terms.place_of_service:
        return Misfit.OTHER_PLACE
    if wanted.provider_npi and terms.provider_npi and wanted.provider_npi != terms.provider_npi:
        return Misfit.OTHER_PROVIDER
    if terms.quantity is None:
        return Misfit.QUANTITY_NOT_KNOWN
    used = account.used(terms, reference, before)
    amount = Decimal(0)
    if wanted.amount is not None:
        converted = measured(wanted.amount, terms.code, terms.unit, reference, wanted.on)
        if converted is None:
            return Misfit.UNITS_DIFFER
        amount = converted
    if used is None:
        return Misfit.UNITS_DIFFER
    over = used + amount > terms.quantity or (wanted.amount is None and used >= terms.quantity)
    return Misfit.USED_UP if over else None
