"""Handlers for webhook endpoints: make, list, change, remove, replace the secret, resend, see what was delivered.

A secret is shown once, when it is drawn. Sending is notify's business, keeping the store's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from gateway.api.inputs import DeliveryFilter, EndpointChange, NewEndpoint, Resend, Rotation
from gateway.api.problems import NOT_FOUND, NOT_NOW, Refusal, invalid_fields
from gateway.api.route import Call, respond
from gateway.contract.destination import Mode
from gateway.model.faults import Fault
from gateway.model.record import Record
from gateway.notify.reach import Reach
from gateway.notify.sender import FIXES, refuse_url
from gateway.notify.signature import draw_secret
from gateway.store import deliveries, events, webhooks
from gateway.store.deliveries import UNREADABLE, Delivery, DeliveryState

REACH = web.AppKey("reach", Reach)
RESEND_LIMIT = 10_000
_FIXES = {
    **FIXES,
    "endpoint_disabled": "Enable the endpoint, then resend what it has missed.",
    UNREADABLE: "Tell who runs the gateway: its log names what cannot be read. It is tried again meanwhile.",
}


class EndpointView(Record):
    """Where events are sent."""

    id: UUID
    livemode: bool
    url: str
    types: Annotated[tuple[str, ...], Field(description="Event types sent there; all when empty.")]
    enabled: bool
    disabled_why: str | None
    created_at: datetime
    updated_at: datetime


class EndpointSecret(EndpointView):
    """An endpoint with its signing secret, which is shown this once."""

    secret: Annotated[str, Field(description="Verify signatures with it (Standard Webhooks, whsec_…).")]


class EndpointList(Record):
    data: tuple[EndpointView, ...]


class DeliveryView(Record):
    """One event on its way to one endpoint."""

    id: UUID
    livemode: bool
    event_id: UUID
    event_type: str
    case_id: UUID
    state: Annotated[DeliveryState, Field(description="dead: given up; resend it when the receiver works again.")]
    tries: int
    due_at: Annotated[datetime | None, Field(description="When it is tried next.")]
    error: Annotated[str | None, Field(description="Why the last try failed, in a word.")]
    fix: Annotated[str | None, Field(description="What to do about it.")]
    http_status: int | None
    created_at: datetime
    updated_at: datetime


class DeliveryList(Record):
    """A page of deliveries, the newest first."""

    data: tuple[DeliveryView, ...]
    next_cursor: str | None


class Resent(Record):
    """How many events are being sent again."""

    count: int
    complete: Annotated[bool, Field(description="False when there were more than one call sends; ask for later ones.")]


async def create_webhook(call: Call) -> web.Response:
    asked: NewEndpoint = call.body
    _check_url(call, asked.url)
    secret = draw_secret()
    caller = call.caller
    types = asked.types or (webhooks.EVERY_TYPE,)
    made = await webhooks.add_endpoint(call.desk.database, caller.tenant, caller.mode, asked.url, types, secret)
    return _with_secret(made, secret, 201)


async def list_webhooks(call: Call) -> web.Response:
    found = await webhooks.list_endpoints(call.desk.database, call.caller.tenant, call.caller.mode)
    return respond(EndpointList(data=tuple(_show(endpoint) for endpoint in found)))


async def show_webhook(call: Call) -> web.Response:
    return respond(_show(await _own(call)))


async def change_webhook(call: Call) -> web.Response:
    asked: EndpointChange = call.body
    if asked == EndpointChange():
        return await show_webhook(call)
    if asked.url is not None:
        _check_url(call, asked.url)
    types = None if asked.types is None else asked.types or (webhooks.EVERY_TYPE,)
    changed = await webhooks.change_endpoint(
        call.desk.database,
        call.caller.tenant,
        call.caller.mode,
        call.id(),
        url=asked.url,
        event_types=types,
        enabled=asked.enabled,
    )
    return respond(_show(_there(changed)))


async def remove_webhook(call: Call) -> web.Response:
    if not await webhooks.remove_endpoint(call.desk.database, call.caller.tenant, call.caller.mode, call.id()):
        raise _no_endpoint()
    return web.Response(status=204)


async def rotate_webhook_secret(call: Call) -> web.Response:
    asked: Rotation = call.body
    secret = draw_secret()
    until = call.desk.database.now() + asked.overlap
    changed = await webhooks.replace_secret(
        call.desk.database, call.caller.tenant, call.caller.mode, call.id(), secret, until
    )
    return _with_secret(_there(changed), secret, 200)


async def resend_webhook(call: Call) -> web.Response:
    asked: Resend = call.body
    endpoint = await _own(call)
    if endpoint.disabled_why is not None:
        raise Refusal(NOT_NOW, "The endpoint is disabled; enable it first.")
    count = await deliveries.resend_events(
        call.desk.database,
        call.caller.tenant,
        call.caller.mode,
        endpoint.id,
        case_id=asked.case_id,
        event_id=asked.event_id,
        since=asked.since,
        until=asked.until,
        limit=RESEND_LIMIT,
    )
    if not count and asked.case_id is not None:
        await _find_named(call, asked.case_id, asked.event_id)
    return respond(Resent(count=count, complete=count < RESEND_LIMIT), 202)


async def _find_named(call: Call, case_id: UUID, event_id: UUID | None) -> None:
    """Refuse a case or an event that is not there: nobody waits for what cannot come."""
    found = await events.read_case_events(call.desk.database, call.caller.tenant, call.caller.mode, case_id)
    if not found:
        raise Refusal(NOT_FOUND, "This key's tenant has no such case in this mode.")
    if event_id is not None and all(event.id != event_id for event in found):
        raise Refusal(NOT_FOUND, "The case has no such event.")


async def list_webhook_deliveries(call: Call) -> web.Response:
    asked: DeliveryFilter = call.query
    endpoint = await _own(call)
    page = await deliveries.list_deliveries(
        call.desk.database,
        call.caller.tenant,
        call.caller.mode,
        endpoint.id,
        state=asked.state,
        after=asked.cursor,
        limit=asked.limit,
    )
    shown = tuple(_delivery(delivery, call.live) for delivery in page.deliveries)
    return respond(DeliveryList(data=shown, next_cursor=page.next))


async def _own(call: Call) -> webhooks.Endpoint:
    caller = call.caller
    return _there(await webhooks.get_endpoint(call.desk.database, caller.tenant, caller.mode, call.id()))


def _there(endpoint: webhooks.Endpoint | None) -> webhooks.Endpoint:
    if endpoint is None:
        raise _no_endpoint()
    return endpoint


def _no_endpoint() -> Refusal:
    return Refusal(NOT_FOUND, "This key's tenant has no such endpoint in this mode.")


def _check_url(call: Call, url: str) -> None:
    fault = refuse_url(url, live=call.live, reach=call.request.app[REACH])
    if fault is not None:
        raise invalid_fields([fault])


def find_refused_url(call: Call, sent: Any) -> tuple[Fault, ...]:
    """The same fault of a body that has others, so that all are told at once."""
    url = sent.get("url") if isinstance(sent, dict) else None
    fault = refuse_url(url.strip(), live=call.live, reach=call.request.app[REACH]) if isinstance(url, str) else None
    return () if fault is None else (fault,)


def _show(endpoint: webhooks.Endpoint) -> EndpointView:
    return EndpointView(
        id=endpoint.id,
        livemode=endpoint.mode is Mode.LIVE,
        url=endpoint.url,
        types=() if webhooks.EVERY_TYPE in endpoint.event_types else endpoint.event_types,
        enabled=endpoint.disabled_why is None,
        disabled_why=endpoint.disabled_why,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
    )


def _with_secret(endpoint: webhooks.Endpoint, secret: str, status: int) -> web.Response:
    shown = EndpointSecret(**_show(endpoint).model_dump(), secret=secret)
    return respond(shown, status, {"Location": f"/v1/webhooks/{endpoint.id}"} if status == 201 else None)


def _delivery(delivery: Delivery, live: bool) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        livemode=live,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        case_id=delivery.case_id,
        state=delivery.state,
        tries=delivery.tries,
        due_at=delivery.due_at,
        error=delivery.error,
        fix=_FIXES.get(delivery.error) if delivery.error else None,
        http_status=delivery.http_status,
        created_at=delivery.created_at,
        updated_at=delivery.updated_at,
    )
