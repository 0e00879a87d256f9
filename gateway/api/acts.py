"""Handlers for what a practice does with a case that is open: questions and answers, cancellation, appeal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from aiohttp import web

from gateway.api import questions, showing
from gateway.api.inputs import Appealed, Cancellation, GivenAnswers
from gateway.api.problems import (
    INEXPRESSIBLE,
    INVALID,
    NOT_NOW,
    UNAVAILABLE,
    Kind,
    ProblemFault,
    Refusal,
    invalid_fields,
)
from gateway.api.requests import no_case, took
from gateway.api.route import Call, respond
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.engine.asking import Progress
from gateway.engine.refusals import Hindered, NotNow, Unfit, Unknown
from gateway.model.faults import Fault, pointer

_HINDERED_SECONDS = 300
"""After how long to try again what a person must mend first."""


async def show_questions(call: Call) -> web.Response:
    try:
        case, asked = await call.desk.questions(call.caller, call.id())
    except Unknown:
        raise no_case() from None
    return respond(questions.show(case, asked))


async def answer_request(call: Call) -> web.Response:
    given: GivenAnswers = call.body
    case_id = call.id()
    response = showing.accepted_body(case_id, call.live)
    with refusing("answer", INVALID, "The payer cannot be told this."):
        taken = await call.desk.answer(
            call.caller, case_id, given.answers(), call.idempotency_key, call.digest, response, submit=given.submit
        )
    if isinstance(taken, Progress):
        return respond(questions.progress_of(taken, call.live))
    return took(taken, case_id, response)


async def cancel_request(call: Call) -> web.Response:
    cancellation: Cancellation = call.body
    case_id = call.id()
    answer = partial(showing.cancellation_body, case_id, call.live)
    with refusing("cancellation", INEXPRESSIBLE, "The cancellation was not sent."):
        taken, response = await call.desk.cancel(
            call.caller, case_id, cancellation.reason, call.idempotency_key, call.digest, answer
        )
    return took(taken, case_id, response)


async def appeal_request(call: Call) -> web.Response:
    given: Appealed = call.body
    case_id = call.id()
    response = showing.accepted_body(case_id, call.live)
    appeal = Change(
        kind=ChangeKind.APPEAL,
        reason=given.reason,
        lines=given.lines or (),
        urgency=given.urgency,
        attachments=given.attachments,
    )
    with refusing("appeal", INEXPRESSIBLE, "The appeal was not sent."):
        taken = await call.desk.appeal(call.caller, case_id, appeal, call.idempotency_key, call.digest, response)
    return took(taken, case_id, response)


@contextmanager
def refusing(act: str, unsaid: Kind, detail: str) -> Iterator[None]:
    """Why the engine does not do an act, as a problem. ``unsaid`` and ``detail`` tell that no channel can say it."""
    try:
        yield
    except Unknown:
        raise no_case() from None
    except NotNow as refusal:
        raise Refusal(NOT_NOW, str(refusal)) from None
    except Hindered as error:
        raise Refusal(UNAVAILABLE, str(error), headers={"Retry-After": str(_HINDERED_SECONDS)}) from None
    except CannotExpress as error:
        raise Refusal(unsaid, detail, faults=[_fault_of(item, act) for item in error.items]) from None
    except Unfit as unfit:
        raise invalid_fields(
            Fault(pointer=pointer(one.at), code=one.code, message=one.message, fix=one.fix) for one in unfit.findings
        ) from None


_OF_BODY = ("/reason", "/attachments", "/urgency")


def _fault_of(item: Inexpressible, act: str) -> ProblemFault:
    """Of an answer: its pointer leads into the body. That of a cancellation or an appeal leads into the case's request,
    unless it is of the body."""
    of_body = act == "answer" or item.pointer.startswith(_OF_BODY)
    return ProblemFault(pointer=item.pointer if of_body else None, code=act, message=item.why, fix=item.fix)
