"""Handlers for requests and their cases: take, show, list, find, preview.

They translate between HTTP and the desk. What a case is and how it moves is the engine's business.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from aiohttp import web

from gateway.api import previews, requirements, showing, views
from gateway.api.inputs import CaseFilter, CaseSearch
from gateway.api.problems import (
    IN_FLIGHT,
    INEXPRESSIBLE,
    MISMATCH,
    NOT_FOUND,
    ProblemFault,
    Refusal,
    invalid_fields,
)
from gateway.api.route import JSON, Call, respond
from gateway.engine.desk import Seen
from gateway.model.faults import Fault
from gateway.model.plausible import date_faults
from gateway.model.request import PARequest
from gateway.routing.plan import payer_fault
from gateway.store.acceptance import Acceptance, Accepted, InFlight, Mismatch, NewRequest, Replayed
from gateway.store.listing import CaseFilters, list_cases

RETRY_AFTER_SECONDS = 1
_log = structlog.get_logger("api.requests")


async def submit_request(call: Call) -> web.Response:
    request: PARequest = call.body
    _check(call, request)
    if request.follows is not None and await call.desk.show(call.caller, request.follows) is None:
        message, fix = "This key's tenant has no such case in this mode.", "Send a case's id, or drop follows."
        raise invalid_fields([Fault(pointer="/follows", code="follows", message=message, fix=fix)])
    if against := call.desk.objections(call.caller, request):
        told = [
            ProblemFault(pointer=why.pointer, code=why.rule, message=why.says, fix=why.fix or "") for why in against
        ]
        raise Refusal(INEXPRESSIBLE, "Nothing was taken: no route to this payer can carry it as it is.", told)
    preflight = await call.desk.policing.preflight(call.caller, request)
    requirements.refuse(preflight)
    case_id = uuid4()
    response = showing.accepted_body(case_id, call.live)
    new = NewRequest(
        case_id,
        call.caller.tenant,
        call.caller.mode,
        request,
        call.written,
        call.idempotency_key,
        call.digest,
        response,
        None if preflight is None else preflight.kept(),
    )
    taken = await call.desk.accept(new)
    return took(taken, case_id, response)


async def show_request(call: Call) -> web.Response:
    seen = await call.desk.see(call.caller, call.id())
    if seen is None:
        raise no_case()
    preflight, challenge = requirements.show(seen.preflight), _challenge(seen)
    return respond(showing.show(seen.case, seen.patient, seen.heard, challenge, preflight, seen.appeals))


def _challenge(seen: Seen) -> views.ChallengeView | None:
    """What waits for a person on a page of a payer's site."""
    found = seen.challenge
    if found is None:
        return None
    picture = f"/v1/requests/{seen.case.id}/challenge" if found.picture is not None else None
    return views.ChallengeView(kind=found.kind, says=found.says, until=found.open_until, picture=picture)


async def list_requests(call: Call) -> web.Response:
    asked: CaseFilter = call.query
    return await _page(call, asked, CaseFilters(status=asked.status, payer=asked.payer, attention=asked.attention))


async def search_requests(call: Call) -> web.Response:
    asked: CaseSearch = call.body
    filters = CaseFilters(
        status=asked.status,
        payer=asked.payer,
        attention=asked.attention,
        reference=asked.reference,
        member_id=asked.member_id,
    )
    return await _page(call, asked, filters)


async def _page(call: Call, asked: CaseFilter, filters: CaseFilters) -> web.Response:
    caller = call.caller
    page = await list_cases(
        call.desk.database, caller.tenant, caller.mode, filters, after=asked.cursor, limit=asked.limit
    )
    for case in page.cases:
        for column in case.changed:
            _log.error("stored_data_changed", request_id=call.request_id, case_id=case.id, where=f"requests.{column}")
    return respond(
        views.CaseList(data=tuple(showing.summarise(case, call.live) for case in page.cases), next_cursor=page.next)
    )


async def preview_request(call: Call) -> web.Response:
    request: PARequest = call.body
    _check(call, request)
    preview = call.desk.preview(call.caller, request)
    preflight = requirements.show(await call.desk.policing.preflight(call.caller, request))
    return respond(previews.show(preview, call.live, preflight))


async def repeat(call: Call) -> web.Response | None:
    """The first answer again to what was taken before and would be refused now: profiles and days change."""
    if call.idempotency_key is None:
        return None
    case_id = call.id() if "id" in call.request.match_info else None
    earlier = await call.desk.find_earlier(call.caller, call.idempotency_key, call.digest, case_id)
    return None if earlier is None else took(earlier, earlier.case_id, b"")


def took(taken: Acceptance, case_id: UUID, response: bytes) -> web.Response:
    """202 once the transaction is committed, the first answer again for a repeated key, or why not."""
    match taken:
        case Accepted():
            return _accepted(case_id, response, {})
        case Replayed(case_id=earlier, response=kept):
            return _accepted(earlier, kept, {"Idempotent-Replayed": "true"})
        case Mismatch():
            raise Refusal(MISMATCH, "The Idempotency-Key belongs to a request that differs from this one.")
        case InFlight():
            raise Refusal(
                IN_FLIGHT,
                "The first request with this key has not been answered yet.",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )


def _accepted(case_id: UUID, body: bytes, headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=202, body=body, content_type=JSON, headers={"Location": f"/v1/requests/{case_id}", **headers}
    )


def no_case() -> Refusal:
    return Refusal(NOT_FOUND, "This key's tenant has no such request in this mode.")


def find_faults(call: Call, sent: Any) -> tuple[Fault, ...]:
    """What the model of a request cannot see: a payer that this key cannot reach, dates nobody can mean. Told before
    anything is kept, and of a body with other faults together with those."""
    payer = payer_fault(sent, call.desk.library, call.caller.mode)
    return (*(() if payer is None else (payer,)), *date_faults(sent, datetime.now(UTC).date()))


def _check(call: Call, request: PARequest) -> None:
    if faults := find_faults(call, request):
        raise invalid_fields(faults)
