"""The PBMs' door: POST of XML with a name and a password; the reply is a Status or an Error, or goes wrong on order."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from conformance.simulators.pbm import writing
from conformance.simulators.pbm.cases import member_id_of
from conformance.simulators.pbm.desk import Desk
from conformance.simulators.pbm.envelope import MEDIA, Received, Unacceptable, read
from conformance.simulators.pbm.members import Member, member_named
from conformance.simulators.pbm.misbehaviour import REPLIES, UNRECORDED, Kind, Order, Orders
from conformance.simulators.pbm.notation import Fault
from conformance.simulators.pbm.outbox import Outbox

_PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>Sorry<br>nobody is here.</body></html>"
_PAGES = {
    Kind.DOWN: 503,
    Kind.HTML_200: 200,
    Kind.HTML_AFTER_RECORDING: 200,
    Kind.SERVER_ERROR: 500,
    Kind.SERVER_ERROR_AFTER_RECORDING: 500,
}
_OTHERS = "0123456789abcdef0123456789abcdef"


class Door:
    def __init__(
        self,
        desk: Desk,
        outbox: Outbox,
        orders: Orders,
        credentials: tuple[str, str],
        log: Callable[[str, str, bytes, bytes], None],
    ) -> None:
        self._desk = desk
        self._outbox = outbox
        self._orders = orders
        self._credentials = credentials
        self._log = log
        self._once: set[str] = set()

    def forget(self) -> None:
        self._once.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not self._known(request):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="pbm"'})
        if request.content_type not in MEDIA:
            return web.Response(status=415, text="SCRIPT 2017071 in XML is spoken here.")
        body = await request.read()
        try:
            received = read(body)
        except Unacceptable as refused:
            said = self._desk.error(None, refused)
            self._log("unreadable", _told(refused), body, said)
            return _xml(said)
        return await self._answer(request, received)

    async def _answer(self, request: web.Request, received: Received) -> web.StreamResponse:
        order = self._order(received)
        if order is not None and order.kind in UNRECORDED:
            code = order.code or "600"
            faults = [Fault(each, "", "") for each in code.split()[1:]]
            said = self._outbox.reply(received.pbm, received.asker, writing.error(code.split()[0], faults))
            self._log(received.kind, f"not recorded: {order.kind} {order.code}".strip(), received.raw, b"")
            return await self._misbehave(request, order, said)
        try:
            said, outcome = self._desk.take(received), "taken"
        except Unacceptable as refused:
            said, outcome = self._desk.error(received.pbm, refused), _told(refused)
        if order is not None and order.kind is Kind.WRONG_CORRELATION:
            others = replace(received.asker, message_id=_OTHERS)
            said = self._desk.status(received.pbm, others, received.pbm.taken)
        if order is not None and order.kind is Kind.REFUSED_AFTER_RECORDING:
            said = self._outbox.reply(received.pbm, received.asker, writing.error(order.code or "602", []))
        self._log(received.kind, outcome + (f", {order.kind}" if order else ""), received.raw, said)
        return _xml(said) if order is None else await self._misbehave(request, order, said)

    def _order(self, received: Received) -> Order | None:
        """What is ordered, else what the member id asks for at an initiation that was never heard before."""
        order = self._orders.next(REPLIES, received.pbm.id, received.kind)
        if order is not None or received.kind != "PAInitiationRequest" or self._desk.was_heard(received):
            return order
        member_id = member_id_of(received)
        member = member_named(member_id)
        if member is None:
            return None
        first = member_id.upper() not in self._once
        self._once.add(member_id.upper())
        return _of_member(member, first=first)

    async def _misbehave(self, request: web.Request, order: Order, said: bytes) -> web.StreamResponse:
        transport = request.transport
        if order.kind in _PAGES:
            return web.Response(status=_PAGES[order.kind], body=_PAGE, content_type="text/html")
        match order.kind:
            case Kind.EMPTY:
                return _xml(b"")
            case Kind.SLOW:
                await asyncio.sleep(order.seconds)
            case Kind.LOST | Kind.DROP_AFTER_RECORDING:
                if transport is not None:
                    transport.close()
            case Kind.TRUNCATED if transport is not None:
                partial = web.StreamResponse(headers={"Content-Type": MEDIA[0]})
                partial.content_length = len(said)
                await partial.prepare(request)
                await partial.write(said[: len(said) // 2])
                transport.close()
                return partial
        return _xml(said)

    def _known(self, request: web.Request) -> bool:
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(coded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, ":".join(self._credentials).encode())


def _of_member(member: Member, *, first: bool) -> Order | None:
    error = member.refused or (member.refused_first if first else None)
    if error is not None:
        return Order(Kind.ERROR, code=" ".join((error.code, *error.reasons)))
    return Order(member.first) if member.first is not None and first else None


def _told(refused: Unacceptable) -> str:
    return "; ".join(f"{fault.code} {fault.path} {fault.says}" for fault in refused.faults)


def _xml(said: bytes) -> web.Response:
    return web.Response(body=said, headers={"Content-Type": f"{MEDIA[0]}; charset=utf-8"})
