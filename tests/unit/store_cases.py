"""What the store's tests share: an open store, a made-up request, and a case on its way."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.adapter import Stamp
from gateway.contract.destination import Mode
from gateway.model.outcome import Answer, LineResult, Outcome, Source
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing, settle
from gateway.model.status import CaseStatus, Delivery, LineOutcome
from gateway.routing.decision import Decision, Plan
from gateway.store.acceptance import Acceptance, Accepted, NewRequest, accept
from gateway.store.cases import load_case, write
from gateway.store.database import Database
from gateway.store.master_key import MasterKey
from gateway.store.records import (
    Attempt,
    Case,
    DeliveryMove,
    EntryKind,
    NewEntry,
    NewEvent,
    Step,
    Submission,
    Verb,
    Written,
)

MASTER = MasterKey(bytes(range(32)))
TENANT = "clinic-one"
SEED = "0123456789abcdef" * 2


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[Database]:
    """The store on a database, closed in the end."""
    database = await Database.open(url, MASTER, **settings)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the store: what somebody with psql can do."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def made_up(
    reference: str = "REF-1", member_id: str = "ZZTEST0001", last_name: str = "Testperson", note: str | None = None
) -> PARequest:
    """A request for two lines."""
    lines = [
        {
            "role": role,
            "code": {"system": system, "code": code},
            "quantity": {"value": "2"},
            "dates": {"start": "2026-03-02"},
        }
        for role, system, code in [("drug", "hcpcs", "J9271"), ("administration", "cpt", "96413")]
    ]
    return PARequest.model_validate(
        {
            "reference": reference,
            "patient": {
                "last_name": last_name,
                "first_name": "Sample",
                "birth_date": "1961-07-23",
                "gender": "female",
            },
            "coverages": [
                {"payer": "evergreen_health", "member_id": member_id, "line_of_business": "commercial"},
            ],
            "requester": {"npi": "1234567893", "last_name": "Sampleton Oncology"},
            "site": {"place_of_service": "11"},
            "diagnoses": [{"code": "C34.11"}],
            "lines": lines,
            **({"note": note} if note else {}),
        }
    )


def new_request(
    request: PARequest | None = None,
    *,
    tenant: str = TENANT,
    mode: Mode = Mode.TEST,
    key: str | None = None,
    body: bytes = b"body",
) -> NewRequest:
    case_id = uuid4()
    digest = hashlib.sha256(body).digest()
    request = request or made_up()
    written = request.model_dump_json().encode()
    return NewRequest(case_id, tenant, mode, request, written, key, digest, f'{{"id":"{case_id}"}}'.encode())


async def try_accept(database: Database, new: NewRequest) -> Acceptance:
    async with database.transaction() as connection:
        return await accept(database, connection, new)


async def take(
    database: Database, request: PARequest | None = None, *, tenant: str = TENANT, mode: Mode = Mode.TEST
) -> UUID:
    """Accept a request; its case."""
    taken = await try_accept(database, new_request(request, tenant=tenant, mode=mode))
    assert isinstance(taken, Accepted)
    return taken.case_id


async def load(database: Database, case_id: UUID) -> Case:
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id)
    assert case is not None
    return case


async def do(database: Database, step: Step) -> Written:
    """Write a step in a transaction of its own."""
    async with database.transaction() as connection:
        case = await load_case(database, connection, step.case_id, lock=True)
        assert case is not None
        return await write(database, connection, case, step)


def submission(line_ids: tuple[str, ...] = ("1", "2"), place: int = 1, **more: Any) -> Submission:
    return Submission(
        id=uuid4(),
        place=place,
        payer="evergreen_health",
        connection="demo_clearinghouse",
        channel="x12_278",
        benefit="medical",
        line_ids=line_ids,
        **({"status": CaseStatus.QUEUED} | more),
    )


def attempt(of: Submission, verb: Verb = Verb.SUBMIT, **more: Any) -> Attempt:
    moment = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
    return Attempt(
        id=uuid4(),
        submission_id=of.id,
        verb=verb,
        stamp=Stamp(at=moment, number=41, seed=SEED),
        delivery=Delivery.PLANNED,
        planned_at=moment,
        **more,
    )


def approval(number: str = "AUTH-77") -> Outcome:
    return Outcome(
        answer=Answer.REVIEWED,
        lines=tuple(
            LineResult(line=line, outcome=LineOutcome.CERTIFIED, authorization_number=number) for line in ("1", "2")
        ),
        sources={"/lines/0/outcome": Source(path="2000F/HCR01", segment=12, start=210, end=212, entry=4)},
    )


def standing_of(outcome: Outcome, delivery: Delivery = Delivery.APP_ACKED) -> Standing:
    return settle(("1", "2"), delivery, [Heard(outcome, datetime.now(UTC))])


def routed_step(case_id: UUID, *made: Submission) -> Step:
    """The step that makes a case's submissions, with the decision that says so."""
    plans = tuple(
        Plan(
            payer=one.payer, connection=one.connection, channel=one.channel, benefit=one.benefit, line_ids=one.line_ids
        )
        for one in made
    )
    decision = Decision(sides=(), plans=plans, tried=(), unrouted=())
    note = NewEntry(EntryKind.NOTE, decision.as_json(), meta={"note": "routed"})
    return Step(case_id, submissions=made, entries=(note,))


def sent_step(case_id: UUID, of: Submission, said: Attempt) -> Step:
    """The step that plans an attempt and marks it as sent."""
    return Step(
        case_id,
        submissions=(of,),
        attempts=(said,),
        moves=(DeliveryMove(said.id, Delivery.PLANNED, Delivery.SENT),),
        entries=(NewEntry(EntryKind.FRAME, b"ISA*00*said~", of.id, said.id, {"method": "POST"}),),
        events=(NewEvent("case.submitting", {"status": "submitting"}),),
    )


def answered_step(case_id: UUID, of: Submission, said: Attempt, outcome: Outcome | None = None) -> Step:
    """The step that records an approval."""
    outcome = outcome or approval()
    standing = standing_of(outcome)
    return Step(
        case_id,
        submissions=(of,),
        moves=(DeliveryMove(said.id, Delivery.SENT, Delivery.APP_ACKED),),
        entries=(
            NewEntry(EntryKind.REPLY, b"<heard/>", of.id, said.id, {"status": 200}),
            NewEntry(EntryKind.OUTCOME, outcome.model_dump_json().encode(), of.id, said.id),
        ),
        standing=standing,
        events=(NewEvent(f"case.{standing.status}", {"status": standing.status}),),
    )
