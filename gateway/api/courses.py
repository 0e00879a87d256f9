"""Handlers for treatments: events of a patient, what is left of authorizations, and the patient's timeline.

A patient is named by the opaque id that cases show (``patient``), so nothing of a person stands in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from gateway.api.problems import EVENT_KNOWN, NOT_FOUND, Refusal, invalid_fields
from gateway.api.route import JSON, Call, respond
from gateway.courses.advice import Advice
from gateway.courses.draft import draft
from gateway.courses.ledger import Account, Ledger, Misfit, Wanted
from gateway.courses.rules import Kind, Rule
from gateway.courses.story import Course, Happened, Happening
from gateway.courses.treatment import Treatment
from gateway.engine.refusals import Unknown
from gateway.engine.treating import ForeignCase, NotThatEvent, Told
from gateway.model.faults import Fault
from gateway.model.line import LineRole, ServiceCode
from gateway.model.record import Record
from gateway.model.status import CaseStatus, LineOutcome
from gateway.store.treatments import PATIENT_BYTES

_PATIENT = re.compile(f"[0-9a-f]{{{2 * PATIENT_BYTES}}}")


class AdviceView(Record):
    """What an event comes to, and why. It is advice: nothing was filed. A posted ``draft`` is a new request."""

    livemode: bool
    event: Annotated[str, Field(description="The sender's id of the event.")]
    kind: Kind
    rule: Annotated[Rule, Field(description="The rule that decided.")]
    says: str
    pointers: Annotated[tuple[str, ...], Field(description="Fields of the event that it turned on.")]
    why_not: Annotated[Misfit | None, Field(description="Why the nearest authorization does not cover it.")] = None
    case_id: Annotated[UUID | None, Field(description="The case that it rests on.")] = None
    line: str | None = None
    authorization_number: str | None = None
    units_left: Annotated[Decimal | None, Field(description="After the event, in the authorization's unit.")] = None
    unit: str | None = None
    ends_on: date | None = None
    days_left: Annotated[int | None, Field(description="From the event's day to the authorization's last.")] = None
    draft: Annotated[
        Mapping[str, Any] | None,
        Field(description="A body for POST /v1/requests, as it is; null where nothing is to be asked, or by hand."),
    ] = None


class UseView(Record):
    """What an event used."""

    event: str
    on: date
    quantity: Annotated[Decimal, Field(description="As it was told.")]
    code: ServiceCode


class AuthorizationView(Record):
    """One line that a payer granted, and what is left of it."""

    case_id: UUID
    line: str
    role: LineRole
    payer: str
    code: ServiceCode
    authorization_number: str | None
    in_force: Annotated[bool, Field(description="False once the payer took it back.")]
    start: date | None
    end: date | None
    place_of_service: str | None
    provider_npi: str | None
    unit: str
    granted: Annotated[Decimal | None, Field(description="For the whole period; null where nobody knows.")]
    used: Annotated[Decimal | None, Field(description="In the authorization's unit; null where it cannot be counted.")]
    left: Decimal | None
    days_left: Annotated[int | None, Field(description="From today (UTC); 0 on the last day, below it after.")]
    decisions: Annotated[int, Field(description="How often the payer decided it, changes counted.")]
    uses: tuple[UseView, ...]


class ApartView(UseView):
    """What was given and is covered by no authorization. Nothing was booked."""

    why: Annotated[
        tuple[Misfit, ...], Field(description="Of each authorization of the service; none where there is no such.")
    ]


class AuthorizationList(Record):
    """The ledger of a patient."""

    livemode: bool
    patient: str
    data: tuple[AuthorizationView, ...]
    apart: Annotated[tuple[ApartView, ...], Field(description="What was given and fits no authorization.")]


class HappenedLine(Record):
    """A line as it stood after a decision."""

    line: str
    outcome: LineOutcome
    authorization_number: str | None


class HappeningView(Record):
    """Something that happened: a case was asked, a payer said something that changed it, or the patient was treated."""

    what: Happened
    on: date
    at: Annotated[datetime | None, Field(description="Where more than the day is known.")]
    case_id: UUID | None = None
    status: CaseStatus | None = None
    lines: tuple[HappenedLine, ...] = ()
    event: Treatment | None = None
    advice: Annotated[AdviceView | None, Field(description="What the event comes to, by all that is known now.")] = None


class Timeline(Record):
    """Everything of a patient in the order in which it happened, whenever it was told."""

    livemode: bool
    patient: str
    data: tuple[HappeningView, ...]


async def tell_treatment(call: Call) -> web.Response:
    event: Treatment = call.body
    patient = _patient(call)

    def render(advice: Advice, drafted: dict[str, Any] | None) -> bytes:
        return _advice(event, advice, drafted, call.live).model_dump_json().encode()

    try:
        answer = await call.desk.treating.tell(call.caller, patient, event, render)
    except Unknown:
        raise _nobody() from None
    except Told:
        raise Refusal(EVENT_KNOWN, "Another event was told under this id; it stays as it was.") from None
    except ForeignCase:
        message, fix = "This is no case of this patient.", "Send a case of the patient, or none."
        raise invalid_fields([Fault(pointer="/case_id", code="case_id", message=message, fix=fix)]) from None
    except NotThatEvent:
        message, fix = "The event of this id has another code, or retracts one.", "Send the id and code of that event."
        raise invalid_fields([Fault(pointer="/retracts", code="retracts", message=message, fix=fix)]) from None
    return web.Response(body=answer, content_type=JSON)


async def show_authorizations(call: Call) -> web.Response:
    patient, course = await _course(call)
    ledger, today = course.ledger(), datetime.now(UTC).date()
    return respond(
        AuthorizationList(
            livemode=call.live,
            patient=patient,
            data=tuple(_authorization(account, ledger, today) for account in ledger.accounts),
            apart=tuple(_apart(event, ledger) for event in sorted(ledger.apart.values(), key=lambda one: one.place)),
        )
    )


async def show_timeline(call: Call) -> web.Response:
    patient, course = await _course(call)
    told = tuple(_happening(one, call.live) for one in course.tell())
    return respond(Timeline(livemode=call.live, patient=patient, data=told))


async def _course(call: Call) -> tuple[str, Course]:
    patient = _patient(call)
    try:
        return patient.hex(), await call.desk.treating.course(call.caller, patient)
    except Unknown:
        raise _nobody() from None


def _patient(call: Call) -> bytes:
    given = call.request.match_info["patient"]
    if not _PATIENT.fullmatch(given):
        raise _nobody()
    return bytes.fromhex(given)


def _nobody() -> Refusal:
    return Refusal(NOT_FOUND, "This key's tenant has no case of such a patient in this mode.")


def _advice(event: Treatment, advice: Advice, drafted: Mapping[str, Any] | None, live: bool) -> AdviceView:
    terms = advice.grant.terms if advice.grant else None
    return AdviceView(
        livemode=live,
        event=event.id,
        kind=advice.kind,
        rule=advice.rule,
        says=advice.says,
        pointers=advice.pointers,
        why_not=advice.why_not,
        case_id=advice.seen.id if advice.seen else None,
        line=advice.line.id if advice.line else None,
        authorization_number=terms.number if terms else None,
        units_left=advice.left,
        unit=terms.unit if terms else None,
        ends_on=advice.ends,
        days_left=(advice.ends - event.on).days if advice.ends else None,
        draft=drafted,
    )


def _authorization(account: Account, ledger: Ledger, today: date) -> AuthorizationView:
    grant, terms = account.grant, account.grant.terms
    return AuthorizationView(
        case_id=grant.case_id,
        line=grant.line_id,
        role=grant.role,
        payer=grant.payer,
        code=terms.code,
        authorization_number=terms.number,
        in_force=terms.granted,
        start=terms.start,
        end=terms.end,
        place_of_service=terms.place_of_service,
        provider_npi=terms.provider_npi,
        unit=terms.unit,
        granted=terms.quantity,
        used=account.used(terms, ledger.reference),
        left=account.left(ledger.reference),
        days_left=(terms.end - today).days if terms.end else None,
        decisions=len(grant.versions),
        uses=tuple(
            UseView(event=held.event, on=held.on, quantity=held.amount.value, code=held.amount.code)
            for held in account.bookings
        ),
    )


def _apart(event: Treatment, ledger: Ledger) -> ApartView:
    wanted = Wanted.of(event)
    assert event.quantity is not None  # noqa: S101 - whatever was given has one
    found = (ledger.misfit(one, wanted, (date.max, "")) for one in ledger.candidates(wanted))
    return ApartView(
        event=event.id,
        on=event.on,
        quantity=event.quantity.value,
        code=event.code,
        why=tuple(dict.fromkeys(why for why in found if why)),
    )


def _happening(one: Happening, live: bool) -> HappeningView:
    advice = None
    if one.event is not None and one.advice is not None:
        advice = _advice(one.event, one.advice, draft(one.event, one.advice), live)
    return HappeningView(
        what=one.what,
        on=one.on,
        at=one.at,
        case_id=one.case_id,
        status=one.status,
        lines=tuple(
            HappenedLine(line=line, outcome=result.outcome, authorization_number=result.authorization_number)
            for line, result in one.lines.items()
        ),
        event=one.event,
        advice=advice,
    )
