"""Handlers for what can be done about a denial, and for talks of peers over one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, Field

from gateway.api import showing
from gateway.api.acts import refusing
from gateway.api.inputs import LineId
from gateway.api.problems import INVALID, NOT_FOUND, NOT_NOW, Refusal
from gateway.api.requests import no_case, took
from gateway.api.route import Call, respond
from gateway.contract.destination import Mode
from gateway.engine.clearing import Act
from gateway.engine.recourse import Opening, Situation
from gateway.engine.refusals import Unknown
from gateway.model.bounds import Bounds
from gateway.model.codes import Identifier, Instant, Phone
from gateway.model.record import Record, refuse
from gateway.model.status import CaseStatus
from gateway.model.talk import Side, Slot, Talk, TalkOutcome
from gateway.policy.verdict import LineVerdict, PolicyFinding
from gateway.recourse.invitation import MEDIA_TYPE, write_invitation
from gateway.recourse.levels import LeveledAppeal
from gateway.recourse.options import Option
from gateway.store.acceptance import Acceptance


def _different(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    if len({slot.start for slot in slots}) < len(slots):
        refuse("slots", "Two of these times begin at the same moment.", "Name each time once.")
    return slots


class TalkOpened(Record):
    """A talk of peers that the payer offers, or that the practice asks for."""

    offered_by: Side
    lines: Annotated[
        tuple[LineId, ...],
        Bounds(0, 99),
        Field(description="Denied lines of one payer; without any, all that one payer denied."),
    ] = ()
    phone: Annotated[Phone | None, Field(description="Whom to call, where the payer named it.")] = None
    until: Annotated[
        Instant | None, Field(description="The end of the payer's window, where it named one; else it is worked out.")
    ] = None
    slots: Annotated[tuple[Slot, ...], Bounds(0, 20), AfterValidator(_different)] = ()


class SlotsGiven(Record):
    """Times for a talk, in the place of those that were named before."""

    by: Side
    slots: Annotated[tuple[Slot, ...], Bounds(1, 20), AfterValidator(_different)]


class TalkScheduled(Record):
    """The time of a talk, fixed or moved."""

    slot: Slot
    phone: Phone | None = None


class TalkConcluded(Record):
    """What came of a talk. Nothing is granted by it: of what was overturned the payer is asked for its written word."""

    outcome: TalkOutcome
    reference: Annotated[Identifier | None, Field(description="The payer's own number of the call.")] = None


class TalkView(Talk):
    """A talk of peers."""

    invitation: Annotated[str | None, Field(description="Path of its calendar entry, once it has had a time.")] = None


class TalkList(Record):
    data: tuple[TalkView, ...]


class LineEvidence(Record):
    """What the payer's policy wants for a denied line, what of it the request holds and where, and what to add."""

    line: str
    verdict: LineVerdict
    findings: tuple[PolicyFinding, ...]


class EvidenceView(Record):
    """The request as it is, held against its payer's policy today."""

    known: Annotated[bool, Field(description="False where no policy of this payer is known here.")]
    policies: Annotated[tuple[str, ...], Field(description="The packs that hold, with their versions.")]
    lines: tuple[LineEvidence, ...]


class RecourseView(Record):
    """What can be done about the denials of a case, and with what."""

    id: UUID
    livemode: bool
    status: CaseStatus
    denied: Annotated[tuple[str, ...], Field(description="Lines that are denied as it stands.")]
    reduced: Annotated[tuple[str, ...], Field(description="Lines that were granted for less than was asked.")]
    options: Annotated[tuple[Option, ...], Field(description="What the denials' reasons suggest first.")]
    peer_to_peer: tuple[TalkView, ...]
    appeals: tuple[LeveledAppeal, ...]
    evidence: Annotated[EvidenceView | None, Field(description="Null where nothing is denied or reduced.")]


async def show_recourse(call: Call) -> web.Response:
    return respond(_show(await _situation(call)))


async def list_talks(call: Call) -> web.Response:
    situation = await _situation(call)
    return respond(TalkList(data=_talks(situation)))


async def show_invitation(call: Call) -> web.Response:
    situation, n = await _situation(call), call.number("n")
    talk = next((each for each in situation.talks if each.n == n), None)
    if talk is None:
        raise _no_talk()
    written = write_invitation(situation.case.id, talk)
    if written is None:
        raise Refusal(NOT_NOW, "The talk has no time yet. Fix one with POST .../schedule.")
    return web.Response(body=written, content_type=MEDIA_TYPE, charset="utf-8")


async def open_talk(call: Call) -> web.Response:
    given: TalkOpened = call.body
    opening = Opening(given.offered_by, given.lines, given.phone, given.until, given.slots)
    return await _act(call, lambda act: call.desk.recourse.open(call.caller, call.id(), opening, act))


async def propose_slots(call: Call) -> web.Response:
    given: SlotsGiven = call.body
    n = call.number("n")
    return await _act(
        call, lambda act: call.desk.recourse.propose(call.caller, call.id(), n, given.by, given.slots, act), talk=True
    )


async def schedule_talk(call: Call) -> web.Response:
    given: TalkScheduled = call.body
    n = call.number("n")
    return await _act(
        call,
        lambda act: call.desk.recourse.schedule(call.caller, call.id(), n, given.slot, given.phone, act),
        talk=True,
    )


async def conclude_talk(call: Call) -> web.Response:
    given: TalkConcluded = call.body
    n = call.number("n")
    return await _act(
        call,
        lambda act: call.desk.recourse.conclude(call.caller, call.id(), n, given.outcome, given.reference, act),
        talk=True,
    )


async def _act(call: Call, done: Callable[[Act], Awaitable[Acceptance]], *, talk: bool = False) -> web.Response:
    case_id = call.id()
    response = showing.accepted_body(case_id, call.live)
    with refusing("peer_to_peer", INVALID, "Nothing was taken."):
        try:
            taken = await done(Act(call.idempotency_key, call.digest, response))
        except Unknown:
            raise _no_talk() if talk else no_case() from None
    return took(taken, case_id, response)


async def _situation(call: Call) -> Situation:
    try:
        return await call.desk.recourse.show(call.caller, call.id())
    except Unknown:
        raise no_case() from None


def _no_talk() -> Refusal:
    return Refusal(NOT_FOUND, "This key's tenant has no such request in this mode, or the request no such talk.")


def _show(situation: Situation) -> RecourseView:
    case, report = situation.case, situation.report
    evidence = None
    if report is not None:
        evidence = EvidenceView(
            known=report.known,
            policies=report.policies,
            lines=tuple(
                LineEvidence(
                    line=verdict.line,
                    verdict=verdict,
                    findings=tuple(each for each in report.findings if each.line == verdict.line),
                )
                for verdict in report.lines
                if verdict.line in (*situation.denied, *situation.reduced)
            ),
        )
    return RecourseView(
        id=case.id,
        livemode=case.mode is Mode.LIVE,
        status=case.status,
        denied=situation.denied,
        reduced=situation.reduced,
        options=situation.options,
        peer_to_peer=_talks(situation),
        appeals=situation.appeals,
        evidence=evidence,
    )


def _talks(situation: Situation) -> tuple[TalkView, ...]:
    path = f"/v1/requests/{situation.case.id}/peer-to-peer"
    return tuple(
        TalkView(**dict(talk), invitation=f"{path}/{talk.n}/invitation.ics" if talk.scheduled else None)
        for talk in situation.talks
    )
