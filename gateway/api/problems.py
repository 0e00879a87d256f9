"""Every error the API answers with, as RFC 9457 problem documents: one catalogue, one document shape.

Types are URNs and stay what they are; clients may switch on them. No text here ever repeats a value that was sent,
and none is made from an exception. Knows HTTP; knows no route.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, ValidationError

from gateway.model.faults import MORE, MOST_FAULTS, Fault, faults_of
from gateway.model.record import Record

MEDIA_TYPE = "application/problem+json"
_PLACE = re.compile("[0-9]{1,9}")

SECURITY_HEADERS = MappingProxyType(
    {
        "Server": "payer-gateway",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
"""On every answer, unless its handler set its own."""


class ProblemFault(Record):
    """One thing that is wrong with what was sent, and what to do about it."""

    model_config = ConfigDict(str_strip_whitespace=False)  # a name in the pointer may begin or end with a blank

    pointer: Annotated[str | None, Field(description="JSON Pointer (RFC 6901) into the body.")] = None
    parameter: Annotated[str | None, Field(description="Name of the query parameter or header.")] = None
    code: str
    message: str
    fix: str
    rule: Annotated[
        str | None, Field(description="The rule of a payer's policy that says so: pack, version, rule.")
    ] = None
    source: Annotated[str | None, Field(description="Where that rule was learned.")] = None


class Problem(Record):
    """A problem document (RFC 9457), sent as application/problem+json."""

    type: Annotated[str, Field(description="What kind of problem it is. Stable; switch on this.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The request it happened to; quote it when you ask for help.")]
    retryable: Annotated[bool, Field(description="True when the same request may succeed later.")]
    next_action: Annotated[str, Field(description="What to do now.")]
    faults: Annotated[tuple[ProblemFault, ...], Field(description="All faults at once.")] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its name, its status, and what a caller does about it."""

    slug: str
    status: int
    title: str
    next_action: str
    retryable: bool = False

    @property
    def type(self) -> str:
        return f"urn:payer-gateway:problem:{self.slug}"


NOT_HTTP = Kind("malformed-http", 400, "This is not well-formed HTTP", "Send well-formed HTTP/1.1.")
MALFORMED = Kind("malformed-json", 400, "The body is not well-formed JSON", "Send well-formed JSON in UTF-8.")
DUPLICATE_NAME = Kind(
    "duplicate-name", 400, "An object in the body names a field twice", "Send each field of an object once."
)
INVALID_PARAMETER = Kind(
    "invalid-parameter", 400, "A query parameter or header is not valid", "Correct the parameters under faults."
)
UNAUTHENTICATED = Kind(
    "unauthenticated", 401, "No valid API key", "Send Authorization: Bearer with a key that is in force."
)
STRANGER = Kind(
    "unknown-partner",
    401,
    "Nobody this connection knows",
    "Send the user name and password that were agreed for this connection (Basic).",
)
FORBIDDEN = Kind("missing-scope", 403, "The key may not do this", "Use a key that has the scope named in detail.")
NOT_FOUND = Kind(
    "not-found", 404, "There is no such thing here", "Check the path, and that the key is of the same tenant and mode."
)
NOT_ALLOWED = Kind("method-not-allowed", 405, "This path does not take that method", "Use a method named in Allow.")
TOO_SLOW = Kind("body-too-slow", 408, "The body did not arrive in time", "Send the request again.", retryable=True)
NOT_NOW = Kind("not-now", 409, "The case is in no state for this", "Read the case and decide again.")
EVENT_KNOWN = Kind(
    "event-known",
    409,
    "Another event was told under this id",
    "Send the event as it was, or another one under a new id.",
)
IN_FLIGHT = Kind(
    "in-flight",
    409,
    "A request with this Idempotency-Key is still being worked on",
    "Send the same request again after Retry-After seconds.",
    retryable=True,
)
TOO_LARGE = Kind("body-too-large", 413, "The body is too large", "Send less at once.")
UNSUPPORTED = Kind(
    "unsupported-media-type", 415, "The body is not sent as plain JSON", "Send Content-Type: application/json."
)
EXPECTATION = Kind(
    "expectation-failed", 417, "The Expect header cannot be met", "Send Expect: 100-continue, or no Expect header."
)
INVALID = Kind("invalid-request", 422, "The body does not fit the schema", "Correct the fields under faults.")
MISMATCH = Kind(
    "idempotency-mismatch",
    422,
    "This Idempotency-Key was used with another request",
    "Send a new key with a new request, or the first request unchanged.",
)
INEXPRESSIBLE = Kind(
    "cannot-be-told",
    422,
    "The payer cannot be told this over its connection",
    "Do what the faults say, or call the payer.",
)
POLICY = Kind(
    "policy-not-met",
    422,
    "The payer's policy wants what the request does not bring",
    "Mend what is under faults, or have preflight set to warn for your tenant.",
)
INTERNAL = Kind(
    "internal-error",
    500,
    "The gateway failed",
    "Send the same request again with the Idempotency-Key it had. If it had none, look first whether it was taken.",
    retryable=True,
)
CHANGED = Kind(
    "stored-data-changed",
    500,
    "What is stored was changed by somebody else than the gateway",
    "Tell who runs the gateway: `payer-gateway explain ID` names what was changed.",
)
UNAVAILABLE = Kind(
    "unavailable", 503, "The gateway cannot work now", "Send the request again after Retry-After.", retryable=True
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.slug: kind
        for kind in (
            NOT_HTTP,
            MALFORMED,
            DUPLICATE_NAME,
            INVALID_PARAMETER,
            UNAUTHENTICATED,
            STRANGER,
            FORBIDDEN,
            NOT_FOUND,
            NOT_ALLOWED,
            TOO_SLOW,
            NOT_NOW,
            EVENT_KNOWN,
            IN_FLIGHT,
            TOO_LARGE,
            UNSUPPORTED,
            EXPECTATION,
            INVALID,
            MISMATCH,
            INEXPRESSIBLE,
            POLICY,
            INTERNAL,
            CHANGED,
            UNAVAILABLE,
        )
    }
)


@dataclass(eq=False)
class Refusal(Exception):
    """Raised where a request is refused; becomes a problem document at the door. ``detail`` is our own sentence."""

    kind: Kind
    detail: str
    faults: Sequence[ProblemFault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.kind.slug


def respond(refusal: Refusal, request_id: str) -> web.Response:
    """The answer to a refused request."""
    kind = refusal.kind
    problem = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=refusal.detail,
        instance=f"urn:payer-gateway:request:{request_id}",
        retryable=kind.retryable,
        next_action=kind.next_action,
        faults=tuple(refusal.faults),
    )
    return web.Response(
        status=kind.status,
        body=problem.model_dump_json(exclude_none=True).encode(),
        content_type=MEDIA_TYPE,
        headers=refusal.headers,
    )


def invalid_body(error: ValidationError, more: Iterable[Fault] = ()) -> Refusal:
    """All faults of a body that does not fit its model, in the order of their pointers.

    ``more`` are faults that the model cannot see. A place that has a fault already gets no second one.
    """
    found = faults_of(error)
    taken = {fault.pointer for fault in found}
    found += tuple(fault for fault in more if fault.pointer not in taken)
    return invalid_fields(sorted(found, key=_reading_order))


def invalid_fields(faults: Iterable[Fault]) -> Refusal:
    """The refusal of a body for these faults."""
    told = [ProblemFault(**fault.model_dump()) for fault in faults]
    return Refusal(INVALID, _counted(told, "field"), told)


def _reading_order(fault: Fault) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Items of a list by number, fields by name; what is said of the whole list of faults (how many more) last."""
    steps = [
        (False, int(step), "") if _PLACE.fullmatch(step) else (True, 0, step) for step in fault.pointer.split("/")[1:]
    ]
    return fault.code == MORE, steps


def invalid_query(found: Iterable[Fault], twice: Iterable[str], accepted: Sequence[str]) -> Refusal:
    """All faults of a query string, by parameter name; ``twice`` are those given more than once."""
    listed = ", ".join(accepted) or "none"
    message, fix = "This parameter is given twice.", "Send it once."
    faults = [ProblemFault(parameter=name, code="repeated", message=message, fix=fix) for name in twice]
    for fault in found:
        name = fault.pointer.split("/")[1] if fault.pointer else None
        if fault.code == "extra_forbidden":
            message, fix = "There is no such query parameter here.", f"Accepted here: {listed}."
        else:
            message, fix = fault.message, fault.fix
        faults.append(ProblemFault(parameter=name, code=fault.code, message=message, fix=fix))
    return Refusal(INVALID_PARAMETER, _counted(faults, "query parameter"), faults)


def invalid_header(name: str, code: str, message: str, fix: str) -> Refusal:
    return Refusal(
        INVALID_PARAMETER,
        f"The header {name} is not valid.",
        [ProblemFault(parameter=name, code=code, message=message, fix=fix)],
    )


def _counted(faults: Sequence[ProblemFault], what: str) -> str:
    if any(fault.code == MORE for fault in faults):
        return f"More than {MOST_FAULTS} {what}s to correct."
    return f"{len(faults)} {what}{'s' if len(faults) != 1 else ''} to correct."
