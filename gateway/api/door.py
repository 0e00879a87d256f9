"""The way in and out of every request: who calls, what was sent, what is answered, what is logged.

Handlers see only calls that their route allows, and raise Refusal where they refuse. Whatever else they raise becomes
a 500 that says nothing of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.api import access, body, problems
from gateway.api.auth import admit
from gateway.api.inputs import CURSOR_FIX, NO_CURSOR
from gateway.api.problems import SECURITY_HEADERS, Refusal
from gateway.api.route import Call, Route
from gateway.engine.desk import Desk
from gateway.model.faults import Fault, faults_of
from gateway.store.cursors import BadCursor
from gateway.store.errors import CannotOpen, Unavailable
from gateway.store.master_key import MasterKeyError

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
KEY_ID = web.RequestKey("key_id", str)
CALLER_GONE = 499
"""No status of HTTP's; proxies write it of a caller who closed the connection before the answer."""

_OF_THE_BODY = (problems.INVALID, problems.INEXPRESSIBLE, problems.POLICY)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WHOLE = re.compile(r"[0-9]{1,9}")
_log = structlog.get_logger("api.door")


@web.middleware
async def door(request: web.Request, handler: Next) -> web.StreamResponse:
    """Around everything, paths that do not exist among it."""
    began = time.perf_counter()
    request_id = request[REQUEST_ID] = str(uuid4())
    access.OPEN.inc()
    try:
        response = await _answer(request, handler, request_id)
    finally:
        access.OPEN.dec()
    headers = response.headers
    for name, value in SECURITY_HEADERS.items():
        if name not in headers:
            headers[name] = value
    headers["X-Request-Id"] = request_id
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else access.UNMATCHED
    access.record(request.method, route, response.status, began, request_id, request.get(KEY_ID))
    return response


async def _answer(request: web.Request, follow: Next, request_id: str) -> web.StreamResponse:
    try:
        return await follow(request)
    except Refusal as refused:
        refusal = refused
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        refusal = Refusal(problems.NOT_ALLOWED, f"Allowed here: {allowed}.", headers={"Allow": allowed})
    except web.HTTPNotFound:
        refusal = Refusal(problems.NOT_FOUND, "There is nothing under this path.")
    except BadCursor:
        refusal = _bad_cursor(request)
    except body.HungUp:
        return web.Response(status=CALLER_GONE)  # for the log and the metrics: nobody hears it
    except (Unavailable, TimeoutError) as error:
        _log.warning("cannot_work_now", request_id=request_id, exc_info=error)
        refusal = Refusal(problems.UNAVAILABLE, "The database cannot be reached.", headers={"Retry-After": "5"})
    except CannotOpen as error:  # its words are ours: a column, and no value
        _log.error("stored_data_changed", request_id=request_id, exc_info=error)
        refusal = Refusal(problems.CHANGED, "A sealed value does not open: it, or what stands beside it, was changed.")
    except MasterKeyError:
        refusal = _not_ours()
    except Exception as error:
        _log.error("request_failed", request_id=request_id, exc_info=error)
        refusal = Refusal(problems.INTERNAL, "The failure is in the gateway's log under this request's id.")
    return problems.respond(refusal, request_id)


def _not_ours() -> Refusal:
    detail = "This process has not the master key that the database is sealed with now: tell who runs the gateway."
    return Refusal(problems.UNAVAILABLE, detail, headers={"Retry-After": "5"})


def _bad_cursor(request: web.Request) -> Refusal:
    """Of a cursor that has the form of one, and still leads nowhere. One that stands in no query came in the body."""
    for name in ("after", "cursor"):
        if name in request.query:
            fault = problems.ProblemFault(parameter=name, code="cursor", message=NO_CURSOR, fix=CURSOR_FIX)
            return Refusal(problems.INVALID_PARAMETER, "The cursor leads nowhere.", [fault])
    return problems.invalid_fields([Fault(pointer="/cursor", code="cursor", message=NO_CURSOR, fix=CURSOR_FIX)])


def enter(route: Route, desk: Desk) -> Next:
    """A route's handler behind its checks: key and scope first, so that strangers' bodies are not even read."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not desk.database.is_ours:
            raise _not_ours()
        caller = await admit(desk.database, request, route.scope)
        request[KEY_ID] = caller.id
        call = Call(request, request[REQUEST_ID], desk, caller)
        call.query = _query(request, route.query)
        if route.again is not None:
            call.idempotency_key = _idempotency_key(request)
        try:
            if route.body is not None:
                await _take_body(call, route, route.body)
            return await route.handler(call)
        except Refusal as refusal:
            earlier = await route.again(call) if route.again and refusal.kind in _OF_THE_BODY else None
            if earlier is None:
                raise
            return earlier

    return handle


async def _take_body(call: Call, route: Route, model: type[BaseModel]) -> None:
    if route.body_optional and not call.request.body_exists:
        found = body.Body(b"", {}, b"{}")
    else:
        found = await body.read(call.request, route.limits)
    call.written = found.raw
    if route.again is not None:
        # Kept for the life of a case, so it rests on nothing that a change of our code would change.
        call.digest = found.digest(f"{route.method} {_path(call, route)}")
    try:
        call.body = model.model_validate(found.tree)
    except ValidationError as error:
        more = () if route.beyond is None else route.beyond(call, found.tree)
        raise problems.invalid_body(error, more) from None


def _path(call: Call, route: Route) -> str:
    """The path in its one spelling: an id in capitals is the same id, and a number with noughts before it the same."""
    named = {"n": call.number("n")} if "{n}" in route.path else {}
    return route.path.format(id=call.id(), **named) if "{id}" in route.path else route.path


def _query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    given = request.query
    twice = sorted({name for name in given if len(given.getall(name)) > 1})
    # pydantic alone would take 1_0, 5.0, blanks around it and the digits of all scripts.
    texts = {
        name: value if _WHOLE.fullmatch(value) or not _is_whole(model, name) else "" for name, value in given.items()
    }
    try:
        query = model.model_validate(texts)
    except ValidationError as error:
        raise problems.invalid_query(faults_of(error), twice, list(model.model_fields)) from None
    if twice:
        raise problems.invalid_query((), twice, ())
    return query


def _is_whole(model: type[BaseModel], name: str) -> bool:
    return name in model.model_fields and model.model_fields[name].annotation is int


def _idempotency_key(request: web.Request) -> str | None:
    given = request.headers.getall("Idempotency-Key", [])
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise problems.invalid_header(
            "Idempotency-Key",
            "idempotency_key",
            "The key is not one word of 1 to 255 visible ASCII characters.",
            "Send a fresh random key, a UUID for example.",
        )
    return given[0]
