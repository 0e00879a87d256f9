"""What an event of a treatment comes to: covered by an authorization, or what to ask of which payer, and why.

Advice only: nothing is filed by it. The rules stand in ``Rule`` in the order in which they are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from gateway.courses.grant import Grant
from gateway.courses.joining import same_number
from gateway.courses.ledger import Account, Ledger, Misfit, Wanted
from gateway.courses.measure import same_service
from gateway.courses.rules import KIND, SAYS, Kind, Rule
from gateway.courses.treatment import Treatment, TreatmentKind
from gateway.model.line import Line, LineRole, ServiceCode
from gateway.model.outcome import ReferenceKind
from gateway.model.request import Intent, PARequest
from gateway.model.standing import Standing
from gateway.model.status import SETTLED, CaseStatus, LineOutcome, of_line
from gateway.model.units import CODES
from gateway.profiles.courses import CourseRules, Part

_CHANGED: MappingProxyType[Misfit, tuple[Part, str]] = MappingProxyType(
    {
        Misfit.OTHER_PLACE: ("site", "/place_of_service"),
        Misfit.OTHER_PROVIDER: ("provider", "/provider_npi"),
        Misfit.BEFORE_ITS_START: ("dates", "/on"),
    }
)
"""Which part of an authorization would have to be another one, and the field of the event that says so."""


@dataclass(frozen=True)
class Seen:
    """A case as this room sees it. ``asked_at`` is when it was taken, ``unasked`` are lines that no payer has: they
    went nowhere, or were refused."""

    id: UUID
    request: PARequest
    standing: Standing
    asked_at: datetime
    unasked: frozenset[str] = frozenset()

    def number(self, *kinds: ReferenceKind) -> str | None:
        """The payer's latest number of one of these kinds."""
        found = [one.value for one in self.standing.references if one.kind in kinds]
        return found[-1] if found else None


@dataclass(frozen=True)
class Advice:
    """``seen`` and ``line`` are the case and line that it rests on, ``grant`` the authorization. ``left`` is in the
    grant's unit, ``ends`` its last day. ``pointers`` point into the event."""

    kind: Kind
    rule: Rule
    says: str
    pointers: tuple[str, ...]
    seen: Seen | None = None
    line: Line | None = None
    grant: Grant | None = None
    left: Decimal | None = None
    ends: date | None = None
    why_not: Misfit | None = None


Rules = Callable[[str], CourseRules]
"""What a payer's profile says of courses."""


def advise(event: Treatment, cases: Sequence[Seen], ledger: Ledger, rules: Rules) -> Advice:
    """What the event comes to. The ledger has the event, if it uses something, and every other event too."""
    wanted = _wanted(event, ledger)
    if event.kind is TreatmentKind.ADMINISTERED:
        account = ledger.account_of(event.id)
    else:
        fitting = (one for one in ledger.candidates(wanted) if ledger.misfit(one, wanted, event.begins) is None)
        account = next(fitting, None)
    if account is not None:
        return _covered(event, account, cases, ledger)
    return (
        _asked(event, cases, ledger, rules)
        or _granted(event, wanted, cases, ledger, rules)
        or _anew(event, cases, ledger)
    )


def retracted(event: Treatment) -> Advice:
    """Of an event that never happened, and of the one that says so."""
    pointers = ("/retracts",) if event.kind is TreatmentKind.RETRACTED else ("/id",)
    return _advice(Rule.RETRACTED, pointers, None)


def _wanted(event: Treatment, ledger: Ledger) -> Wanted:
    """What the event takes: a cycle that does not say how much takes what was given on the last day before it."""
    wanted = Wanted.of(event)
    if event.kind is not TreatmentKind.CYCLE_STARTED or wanted.amount is not None:
        return wanted
    given = [held for one in ledger.candidates(wanted) for held in one.bookings if held.on < event.on]
    lately = max((held.on for held in given), default=None)
    last = [held.amount for held in given if held.on == lately]
    if len({(amount.code, amount.unit) for amount in last}) != 1:
        return wanted
    return replace(wanted, amount=replace(last[0], value=sum((amount.value for amount in last), Decimal(0))))


def _covered(event: Treatment, account: Account, cases: Sequence[Seen], ledger: Ledger) -> Advice:
    ends = account.grant.terms.end
    if event.until is None or ends is None or event.until <= ends:
        return _of_account(Rule.FITS, event, account, cases, ledger, ("/code", "/on"))
    if _goes_on(event, event.until, ends, ledger):
        rule = Rule.GOES_ON
    else:
        rule = Rule.RENEWING if _renewing(event, event.until, ends, cases, ledger) else Rule.OUTLASTS
    return _of_account(rule, event, account, cases, ledger, ("/code", "/on", "/until"))


def _goes_on(event: Treatment, until: date, ends: date, ledger: Ledger) -> bool:
    """Whether other authorizations of it follow without a day between, to the end of the course."""
    while ends < until:
        after = ends + timedelta(days=1)
        wanted = Wanted(after, event.code, None, event.place_of_service, event.provider_npi)
        reach = [
            one.grant.terms.end or date.max
            for one in ledger.candidates(wanted)
            if ledger.misfit(one, wanted, (after,)) is None
        ]
        if max(reach, default=ends) <= ends:
            return False
        ends = max(reach)
    return True


def _renewing(event: Treatment, until: date, ends: date, cases: Sequence[Seen], ledger: Ledger) -> bool:
    """Whether an open case asks for it, where it is given, for time after the authorization."""
    return any(
        _is_open(seen, line)
        and _is_asked(line, event.code, event, ledger)
        and line.dates.start <= until
        and (line.dates.end is None or line.dates.end > ends)
        and "/place_of_service" not in _differences(event, seen, line)
        for seen in cases
        for line in seen.request.lines
    )


def _asked(event: Treatment, cases: Sequence[Seen], ledger: Ledger, rules: Rules) -> Advice | None:
    """By an open case of the service, or of the one that is not given any more."""
    for code in filter(None, (event.code, event.instead_of)):
        for seen in _of_event(event, cases):
            for line in seen.request.lines:
                if not _is_open(seen, line) or not _is_asked(line, code, event, ledger):
                    continue
                if code != event.code and not _on_one_side(line.code, event.code):
                    continue  # whoever is asked for it does not decide the new one
                if event.on < line.dates.start and ledger.candidates(Wanted.of(event)):
                    continue  # it asks for the time after the authorization
                differs = _differences(event, seen, line)
                if not differs:
                    return _advice(Rule.ASKED, ("/code",), seen, line)
                taken = rules(seen.request.coverages[0].payer).update_open
                return _advice(Rule.OPEN if taken else Rule.OPEN_FIXED, differs, seen, line)
    return None


def _granted(event: Treatment, wanted: Wanted, cases: Sequence[Seen], ledger: Ledger, rules: Rules) -> Advice | None:
    """By an authorization of the service that does not fit, or of the one that is not given any more."""
    elsewhere = replace(wanted, place_of_service=None, provider_npi=None)

    def rank(found: tuple[Account, Misfit]) -> tuple[bool, int, bool]:
        account, why = found
        has_room = ledger.misfit(account, elsewhere, event.begins) is None
        return event.case_id not in account.grant.cases, list(Misfit).index(why), not has_room

    for account, why in sorted(_misfits(event, wanted, ledger), key=rank):
        if why in (Misfit.USED_UP, Misfit.AFTER_ITS_END):
            rule = Rule.RUNS_OUT if why is Misfit.USED_UP else Rule.ENDED
            used_up = ("/quantity",) if event.quantity else ("/code",)
            where = used_up if why is Misfit.USED_UP else ("/on",)
        elif why in _CHANGED:
            part, field = _CHANGED[why]
            if denied := _denied_change(event, account, cases):
                return _advice(Rule.DENIED, (field,), *denied)
            permitted = part in rules(account.grant.payer).update_granted
            rule, where = Rule.PERMITTED if permitted else Rule.NOT_PERMITTED, (field,)
        elif why is Misfit.WITHDRAWN:
            rule, where = Rule.WITHDRAWN, ("/code",)
        else:
            rule, where = Rule.UNCOUNTED, ("/quantity",)
        return _of_account(rule, event, account, cases, ledger, where, why)
    if event.instead_of is None:
        return None
    old = Wanted(event.on, event.instead_of, None, case_id=event.case_id)
    for account in ledger.candidates(old):
        if account.grant.terms.granted:
            permitted = "drug" in rules(account.grant.payer).update_granted
            permitted = permitted and _on_one_side(account.grant.terms.code, event.code)
            rule = Rule.PERMITTED if permitted else Rule.NOT_PERMITTED
            return _of_account(rule, event, account, cases, ledger, ("/code", "/instead_of"))
    return None


def _denied_change(event: Treatment, account: Account, cases: Sequence[Seen]) -> tuple[Seen, Line] | None:
    """The case that asked for this very change of the authorization, and was denied it."""
    for seen in _of_event(event, cases):
        number = seen.request.previous_authorization
        if seen.request.intent is Intent.REVISION and same_number(number, account.grant.terms.number):
            for line in seen.request.lines:
                if _is_denied(seen, line) and line.code == event.code and not _differences(event, seen, line):
                    return seen, line
    return None


def _is_denied(seen: Seen, line: Line) -> bool:
    result = seen.standing.lines.get(line.id)
    return result is not None and result.outcome is LineOutcome.NOT_CERTIFIED


def _misfits(event: Treatment, wanted: Wanted, ledger: Ledger) -> list[tuple[Account, Misfit]]:
    found = ((one, ledger.misfit(one, wanted, event.begins)) for one in ledger.candidates(wanted))
    # What fits before it and was not booked had room only until what happened earlier, and was told later, took it.
    return [(one, why or Misfit.USED_UP) for one, why in found]


def _anew(event: Treatment, cases: Sequence[Seen], ledger: Ledger) -> Advice:
    for code in filter(None, (event.code, event.instead_of)):
        for seen in _of_event(event, cases):
            for line in seen.request.lines:
                result = seen.standing.lines.get(line.id)
                if result is None or not _is_asked(line, code, event, ledger):
                    continue
                if _is_denied(seen, line):
                    return _advice(Rule.DENIED, ("/code",), seen, line)
                if result.outcome is LineOutcome.NOT_REQUIRED and not _differences(event, seen, line):
                    return _advice(Rule.NONE_NEEDED, ("/code",), seen, line)
    nearest = sorted(
        _of_event(event, cases), key=lambda seen: not any(alike(line, event) for line in seen.request.lines)
    )
    return _advice(Rule.NOTHING, ("/code",), nearest[0] if nearest else None)


def alike(line: Line, event: Treatment) -> bool:
    """Whether the line is of a drug as the event is, or of a service as it is; any is where the code does not tell."""
    return event.of_drug is None or event.of_drug == (line.role in (LineRole.DRUG, LineRole.SUPPORTIVE))


def _of_event(event: Treatment, cases: Sequence[Seen]) -> list[Seen]:
    """The case that the event names first, then the latest."""
    latest = sorted(cases, key=lambda seen: (seen.asked_at, str(seen.id)), reverse=True)
    return sorted(latest, key=lambda seen: seen.id != event.case_id)


def _is_open(seen: Seen, line: Line) -> bool:
    result = seen.standing.lines.get(line.id)
    if line.id in seen.unasked or (result is not None and of_line(result.outcome) in SETTLED):
        return False
    # That one part of a case failed says nothing of the others.
    return seen.standing.status is CaseStatus.FAILED or seen.standing.status not in SETTLED


def _on_one_side(one: ServiceCode, other: ServiceCode) -> bool:
    """Both are billed by who gives them, or both are products that are dispensed."""
    return (one.system in CODES) == (other.system in CODES)


def _is_asked(line: Line, code: ServiceCode, event: Treatment, ledger: Ledger) -> bool:
    return same_service(code, line.code, line.ndc, ledger.reference, event.on)


def _differences(event: Treatment, seen: Seen, line: Line) -> tuple[str, ...]:
    """Fields of the event that an open line asks for otherwise."""
    place = line.place_of_service or seen.request.site.place_of_service
    quantity, ends = event.quantity, line.dates.end
    found = {
        "/instead_of": event.instead_of is not None and line.code != event.code,
        "/place_of_service": event.place_of_service not in (None, place),
        "/on": event.on < line.dates.start or (ends is not None and event.on > ends),
        "/until": event.until is not None and ends is not None and event.until > ends,
        "/quantity": quantity is not None
        and line.code == event.code
        and (quantity.unit != line.quantity.unit or quantity.value > line.quantity.value),
    }
    return tuple(field for field, differs in found.items() if differs)


def _of_account(
    rule: Rule,
    event: Treatment,
    account: Account,
    cases: Sequence[Seen],
    ledger: Ledger,
    pointers: tuple[str, ...],
    why: Misfit | None = None,
) -> Advice:
    grant = account.grant
    seen = next((one for one in cases if one.id == grant.case_id), None)
    line = None if seen is None else next((one for one in seen.request.lines if one.id == grant.line_id), None)
    after = (*event.place, "") if event.kind is TreatmentKind.ADMINISTERED else event.begins
    return Advice(
        kind=KIND[rule],
        rule=rule,
        says=SAYS[rule],
        pointers=pointers,
        seen=seen,
        line=line,
        grant=grant,
        left=account.left(ledger.reference, after),
        ends=grant.terms.end,
        why_not=why,
    )


def _advice(rule: Rule, pointers: tuple[str, ...], seen: Seen | None, line: Line | None = None) -> Advice:
    return Advice(KIND[rule], rule, SAYS[rule], pointers, seen, line)
