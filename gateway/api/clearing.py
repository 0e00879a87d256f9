"""Handlers for what an operator does with a case: settle what is in doubt, answer what a site asks, say that a payer
takes longer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from gateway.api import showing
from gateway.api.acts import refusing
from gateway.api.problems import INVALID, NOT_FOUND, Refusal
from gateway.api.requests import no_case, took
from gateway.api.route import Call
from gateway.engine.clearing import Act
from gateway.engine.extending import Extended
from gateway.engine.refusals import Unknown
from gateway.engine.settling import Word
from gateway.model.codes import CalendarDate, ShortText
from gateway.model.faults import Finding, merged, raise_findings
from gateway.model.record import Record
from gateway.model.text import ONE_LINE

_Number = Annotated[str, Field(min_length=1, max_length=140), ONE_LINE]
_PICTURES = ("image/png", "image/jpeg")


class Settled(Record):
    """What a person found out about what was sent and got no usable answer: one of found and absent."""

    submission: Annotated[UUID | None, Field(description="Which, where several of the case are in doubt.")] = None
    attempt: Annotated[UUID | None, Field(description="Which, where several of the submission are in doubt.")] = None
    found: Annotated[_Number | None, Field(description="The payer's number for what it has.")] = None
    absent: Annotated[Literal[True] | None, Field(description="The payer has nothing: it is sent again, once.")] = None

    @model_validator(mode="wrap")
    @classmethod
    def _one(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Reports the rule between the fields together with the fields' own faults."""
        findings: list[Finding] = []
        if isinstance(value, dict):
            given = [name for name in ("found", "absent") if value.get(name) is not None]
            if not given:
                says, fix = "Nothing says what was found out.", "Send found with the payer's number, or absent: true."
                findings.append(Finding((), "missing", says, fix))
            elif len(given) > 1:
                says, fix = "It is either found or absent.", "Send one of them."
                findings.append(Finding(("absent",), "contradiction", says, fix))
        try:
            settled = handler(value)
        except ValidationError as error:
            raise merged(error, findings) from None
        raise_findings(cls.__name__, findings)
        return settled


class Extension(Record):
    """What a letter or a call said: the payer takes longer to decide than it had to."""

    until: Annotated[CalendarDate, Field(description="The last day of the time that the payer takes now.")]
    told_on: Annotated[CalendarDate | None, Field(description="The day of the letter or call; without one, today.")] = (
        None
    )
    submission: Annotated[UUID | None, Field(description="Which, where several payers' time runs.")] = None


class Resumed(Record):
    """What a person did about what the payer's site asked."""

    answer: Annotated[
        ShortText | None, Field(description="What the picture says. Nothing where a step was approved.")
    ] = None


async def settle_request(call: Call) -> web.Response:
    given: Settled = call.body
    word = Word(given.found, call.caller.name, given.submission, given.attempt)
    act = _act(call)
    with refusing("settle", INVALID, "The case was not settled."):
        taken = await call.desk.clearing.settle(call.caller, call.id(), word, act)
    return took(taken, call.id(), act.response)


async def extend_request(call: Call) -> web.Response:
    given: Extension = call.body
    word = Extended(given.until, call.caller.name, given.told_on, given.submission)
    act = _act(call)
    with refusing("extension", INVALID, "The extension was not recorded."):
        taken = await call.desk.clearing.extend(call.caller, call.id(), word, act)
    return took(taken, call.id(), act.response)


async def resume_request(call: Call) -> web.Response:
    given: Resumed | None = call.body
    act = _act(call)
    with refusing("resume", INVALID, "The case was not resumed."):
        answer = given.answer if given is not None else None
        taken = await call.desk.clearing.resume(call.caller, call.id(), answer, act)
    return took(taken, call.id(), act.response)


async def show_challenge(call: Call) -> web.Response:
    try:
        found = await call.desk.clearing.challenge(call.caller, call.id())
    except Unknown:
        raise no_case() from None
    if found is None or found.picture is None or found.picture_type not in _PICTURES:
        raise Refusal(NOT_FOUND, "No picture of this case waits for anybody.")
    return web.Response(body=found.picture, headers={"Content-Type": found.picture_type, "Cache-Control": "no-store"})


def _act(call: Call) -> Act:
    return Act(call.idempotency_key, call.digest, showing.accepted_body(call.id(), call.live))
