"""The OpenAPI 3.1 document, made from the route table and the models it names. Nothing in it is written twice.

Knows routes and models; knows no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.api import examples, problems
from gateway.api.problems import Kind, Problem
from gateway.api.route import Good, OpenRoute, Route
from gateway.notify.payload import Event

Json = dict[str, Any]
Refs = Mapping[tuple[Any, JsonSchemaMode], Json]

_ABOUT = """\
One request in, every payer's channel out. Send a prior authorization request once; the gateway finds the payer's
channel, speaks its language, and tells you where the case stands.

- **Test and live** never mix: the key's prefix decides (`pgw_test_`, `pgw_live_`), and every object says `livemode`.
- **Idempotency-Key**: send one with every POST that has it. The same key and body give the same answer for the life
  of the case; another body gives 422; one that is still being worked on gives 409 with Retry-After. Bodies are the
  same when their JSON is: order of names, blanks and escapes make no difference.
- **Problems** are RFC 9457 documents; `type` is stable, `faults` names every field at once.
- **Unknown words**: new statuses, reasons and event types may be added. Tolerate them.
- **PHI** travels in bodies, never in URLs: search by member id or reference with a POST.
"""

_EVENT_ABOUT = """\
Sent to every enabled endpoint that wants the type. Signed as Standard Webhooks say: verify the signature over the raw
body, drop a `webhook-id` you have seen, and answer 2xx within 15 seconds. Other answers are tried again for about a
day; 410 disables the endpoint.
"""

_KEY_HEADER: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh random word for this act; send the same one when you repeat it.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}

_REQUEST_ID: Json = {
    "description": "Names this request in the gateway's log.",
    "schema": {"type": "string", "format": "uuid"},
}

_PATH_SCHEMAS: Mapping[str, Json] = {
    "id": {"type": "string", "format": "uuid"},
    "n": {"type": "integer", "minimum": 1},
    "patient": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "connection": {"type": "string", "pattern": "^[a-z][a-z0-9_]{1,40}$"},
}

_ALWAYS = (problems.UNAUTHENTICATED, problems.INVALID_PARAMETER, problems.INTERNAL, problems.UNAVAILABLE)
_WITH_BODY = (
    problems.MALFORMED,
    problems.DUPLICATE_NAME,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNSUPPORTED,
    problems.INVALID,
)
_WITH_KEY = (problems.IN_FLIGHT, problems.MISMATCH)


def document(routes: Sequence[Route | OpenRoute], version: str) -> Json:
    """The whole document."""
    refs, schemas = _schemas(routes)
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    tags = list(dict.fromkeys(route.tag for route in routes))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Payer gateway",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "webhooks": {"case": {"post": _webhook(refs)}},
        "components": {
            "schemas": schemas,
            "examples": {kind.slug: {"summary": kind.title, "value": _example(kind)} for kind in _kinds(routes)},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, pgw_test_… or pgw_live_…, with the scopes an operation names.",
                },
                "partner": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The credentials by which a connection's profile knows its other side.",
                },
            },
        },
    }


def _schemas(routes: Sequence[Route | OpenRoute]) -> tuple[Refs, Json]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for route in routes:
        if isinstance(route, Route) and route.body is not None:
            wanted[(route.body, "validation")] = None
        for good in route.goods.values():
            if good.model is not None:
                wanted[(good.model, "serialization")] = None
    wanted[(Problem, "serialization")] = None
    wanted[(Event, "serialization")] = None
    refs, found = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    return refs, dict(sorted(found["$defs"].items()))


def _operation(route: Route | OpenRoute, refs: Refs) -> Json:
    operation: Json = {"operationId": route.name, "tags": [route.tag], "summary": route.summary}
    if route.about:
        operation["description"] = route.about
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[name]}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if isinstance(route, Route):
        parameters += _query_parameters(route.query)
        if route.again:
            parameters.append(_KEY_HEADER)
        if route.body is not None:
            content: Json = {"schema": refs[(route.body, "validation")]}
            if route.example is not None:
                content["example"] = dict(route.example)
            operation["requestBody"] = {
                "required": not route.body_optional,
                "content": dict.fromkeys(route.limits.media_types, content),
            }
        operation["security"] = [{"key": [route.scope.value] if route.scope else []}]
    else:
        operation["security"] = [{route.security: []}] if route.security else []
        if route.takes:
            operation["requestBody"] = {"required": True, "content": {route.takes: {}}}
    if parameters:
        operation["parameters"] = parameters
    operation["responses"] = {
        **{str(status): _good(good, refs) for status, good in route.goods.items()},
        **_bad(kinds_of(route), refs),
    }
    return operation


def kinds_of(route: Route | OpenRoute) -> tuple[Kind, ...]:
    """Every kind of problem an operation may answer with."""
    if isinstance(route, OpenRoute):
        return (*route.problems, problems.INTERNAL)
    kinds = [*_ALWAYS, *route.problems]
    if route.scope:
        kinds.append(problems.FORBIDDEN)
    if route.body is not None:
        kinds += _WITH_BODY
    if route.again:
        kinds += _WITH_KEY
    if "{" in route.path:
        kinds += (problems.NOT_FOUND, problems.CHANGED)
    return tuple(kind for kind in problems.KINDS.values() if kind in kinds)


def _kinds(routes: Iterable[Route | OpenRoute]) -> list[Kind]:
    used = {kind for route in routes for kind in kinds_of(route)}
    return [kind for kind in problems.KINDS.values() if kind in used]


def _query_parameters(model: type[BaseModel]) -> list[Json]:
    schema = _inlined(model.model_json_schema())
    required = schema.get("required", [])
    parameters = []
    for name, field in schema.get("properties", {}).items():
        # A parameter that is not sent is null in the model; in a query string there is no null.
        plain = [option for option in field.get("anyOf", []) if option.get("type") != "null"]
        shown = {**(plain[0] if plain else {}), **{key: value for key, value in field.items() if key != "anyOf"}}
        if shown.get("default") in (None, []):
            shown.pop("default", None)
        parameter: Json = {"name": name, "in": "query", "required": name in required}
        if "description" in shown:
            parameter["description"] = shown.pop("description")
        parameters.append({**parameter, "schema": shown})
    return parameters


def _inlined(schema: Json) -> Json:
    """A query's schema without references: its enumerations are short."""
    definitions = schema.pop("$defs", {})

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                target = definitions[value["$ref"].rsplit("/", 1)[1]]
                return resolve({**target, **{key: part for key, part in value.items() if key != "$ref"}})
            return {key: resolve(part) for key, part in value.items()}
        return [resolve(part) for part in value] if isinstance(value, list) else value

    resolved: Json = resolve(schema)
    return resolved


def _good(good: Good, refs: Refs) -> Json:
    answer: Json = {"description": good.what, "headers": {"X-Request-Id": _REQUEST_ID}}
    for name, what in good.headers.items():
        answer["headers"][name] = {"description": what, "schema": {"type": "string"}}
    if good.model is not None:
        content = {"schema": refs[(good.model, "serialization")]}
        if good.example is not None:
            content["example"] = dict(good.example)
        answer["content"] = {good.media_type: content}
    elif good.media_type != "application/json":
        answer["content"] = {good.media_type: {}}
    return answer


def _bad(kinds: Iterable[Kind], refs: Refs) -> Json:
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    answers: Json = {}
    for status, several in sorted(by_status.items()):
        answers[str(status)] = {
            "description": "; ".join(kind.title for kind in several) + ".",
            "headers": {"X-Request-Id": _REQUEST_ID},
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": refs[(Problem, "serialization")],
                    "examples": {kind.slug: {"$ref": f"#/components/examples/{kind.slug}"} for kind in several},
                }
            },
        }
    return answers


def _example(kind: Kind) -> Json:
    problem = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail="What exactly, in a sentence.",
        instance="urn:payer-gateway:request:7c0f6a3e-5f0e-4c86-9a4b-2f6f5d1f0a11",
        retryable=kind.retryable,
        next_action=kind.next_action,
    )
    return problem.model_dump(mode="json", exclude_none=True)


def _webhook(refs: Refs) -> Json:
    header: Json = {"in": "header", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "receive_event",
        "summary": "A case changed",
        "description": _EVENT_ABOUT,
        "parameters": [
            {**header, "name": "webhook-id", "description": "The event's id, the same over all tries."},
            {**header, "name": "webhook-timestamp", "description": "Seconds since 1970 of this try."},
            {**header, "name": "webhook-signature", "description": "v1 signatures with blanks between; one must hold."},
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": refs[(Event, "serialization")], "example": dict(examples.EVENT)}
            },
        },
        "responses": {"2XX": {"description": "Taken."}, "410": {"description": "Send nothing more here."}},
    }
