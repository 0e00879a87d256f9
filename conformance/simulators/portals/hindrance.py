"""Carries out what goes wrong, and notes what came: the parts of it that both portals share. Knows HTTP, no page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from conformance.simulators.portals.misbehaviour import Kind, Order
from conformance.simulators.portals.portal import Portal, Visited

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_PAGES = {Kind.MAINTENANCE: 503, Kind.MAINTENANCE_200: 200, Kind.PAGE_AFTER_RECORDING: 200}
CUT = web.RequestKey("portals_cut", bool)
_MAINTENANCE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Scheduled maintenance</title></head>
<body><main><h1>Scheduled maintenance</h1>
<p>The provider portal is not available right now. We expect to be back shortly.</p></main></body></html>
"""
_FAULT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Something went wrong</title></head>
<body><main><h1>Something went wrong</h1>
<p>An unexpected error occurred. Please try again later.</p></main></body></html>
"""


def noted(portal: Portal, handler: Handler) -> Handler:
    """Keeps method, path template and status of what came; of a connection that was cut, status 0."""

    async def handle(request: web.Request) -> web.StreamResponse:
        status = 0
        try:
            answer = await handler(request)
            status = 0 if request.get(CUT, False) else answer.status
            return answer
        except web.HTTPException as raised:
            status = raised.status
            raise
        finally:
            resource = request.match_info.route.resource
            template = resource.canonical if resource is not None else ""
            portal.ledger.requests.append(Visited(portal.clock.now(), request.method, template, status))

    return handle


def cut(request: web.Request) -> web.StreamResponse:
    """Cuts the connection; not a byte of an answer leaves, whatever is returned."""
    request[CUT] = True
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def hinder(order: Order | None) -> web.StreamResponse | None:
    """The page that stands in the way, if any, or only the wait."""
    if order is None:
        return None
    if order.kind is Kind.SLOW:
        await asyncio.sleep(order.seconds)
        return None
    return _page(_MAINTENANCE, _PAGES[order.kind])


def unrecorded(order: Order, request: web.Request) -> web.StreamResponse:
    """In the place of what was asked for."""
    return cut(request) if order.kind is Kind.LOST else _page(_FAULT, 500)


def after_recording(order: Order, request: web.Request) -> web.StreamResponse:
    """In the place of the right answer."""
    match order.kind:
        case Kind.DROP_AFTER_RECORDING:
            return cut(request)
        case Kind.PAGE_AFTER_RECORDING:
            return _page(_MAINTENANCE, 200)
        case _:
            return _page(_FAULT, 500)


async def drain(request: web.Request) -> None:
    """Reads what is still to come, so that whoever sent it can hear the answer."""
    with suppress(web.HTTPException, ConnectionError):
        await request.read()


def _page(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
