"""A door: what HTTP itself refuses, and what a ``Delivery`` does to the connection. Reads no envelope.

What a door is for is said by the function that opens it: ``open_soap`` here, others beside their carriages.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Protocol

from aiohttp import web

from conformance.simulators.carriage import SOAP, Carriage
from conformance.simulators.envelope import ACTION, SoapFault
from conformance.simulators.misbehaviour import Kind
from conformance.simulators.reception import Delivery

_ACTION = re.compile(r';\s*action\s*=\s*"?([^";]*)"?')


Opened = Carriage | Delivery | web.Response
"""A message's carriage; or a refusal, before its body is read (a response) or after (a delivery)."""


class Receives(Protocol):
    """Whoever takes what comes through a door."""

    def before_reading(self) -> Delivery | None: ...

    def receive(self, body: bytes, carriage: Carriage) -> Delivery: ...


class Door:
    """``latency`` seconds are waited in turn before each answer."""

    def __init__(
        self, reception: Receives, latency: tuple[float, ...], opened: Callable[[web.Request], Opened]
    ) -> None:
        self._reception = reception
        self._latency = cycle(latency or (0.0,))
        self._opened = opened

    async def handle(self, request: web.Request) -> web.StreamResponse:
        early = self._reception.before_reading()
        if early is not None:
            return await deliver(request, early)
        opened = self._opened(request)
        if isinstance(opened, web.Response):
            return opened
        body = await request.read()
        if isinstance(opened, Delivery):
            return await deliver(request, opened)
        delivery = self._receive(body, opened)
        wait = next(self._latency)
        if wait:
            await asyncio.sleep(wait)
        return await deliver(request, delivery)

    def _receive(self, body: bytes, carriage: Carriage) -> Delivery:
        try:
            return self._reception.receive(body, carriage)
        except Exception as error:
            # The text of an exception may hold a value from the message: only its kind and place are told.
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
            print(f"simulator fault: {type(error).__name__} at {place}", file=sys.stderr, flush=True)
            status, said = carriage.fail(SoapFault("Receiver", "The simulator itself failed."))
            return Delivery(status, said, carriage.media)


def open_soap(request: web.Request) -> Opened:
    if request.content_type != "application/soap+xml":
        # Also SOAP 1.1, which comes as text/xml.
        return web.Response(status=415, text="SOAP 1.2 is spoken here: application/soap+xml.")
    refusal = _refusal_of_header(request)
    if refusal is not None:
        status, said = SOAP.fail(refusal)
        return Delivery(status, said, SOAP.media)
    return SOAP


def _refusal_of_header(request: web.Request) -> SoapFault | None:
    if (request.charset or "utf-8").lower() != "utf-8":
        return SoapFault("Sender", "The message is not in UTF-8.")
    action = _ACTION.search(request.headers.get("Content-Type", ""))
    if action is None or action[1] != ACTION:
        return SoapFault("Sender", f"The content type's action is not {ACTION}.")
    return None


async def deliver(request: web.Request, delivery: Delivery) -> web.StreamResponse:
    """Sends it, and does to the connection what it says."""
    transport = request.transport
    headers = {"Content-Type": delivery.content_type}
    if delivery.encoding:
        headers["Content-Encoding"] = delivery.encoding
    if delivery.location:
        headers["Location"] = delivery.location
    if delivery.challenge:
        headers["WWW-Authenticate"] = delivery.challenge
    response = web.Response(status=delivery.status, body=delivery.body, headers=headers)
    if transport is None:
        return response
    match delivery.then:
        case Kind.SLOW:
            await asyncio.sleep(delivery.seconds)
        case Kind.LOST | Kind.DROP_AFTER_RECORDING | Kind.CLOSE:
            transport.close()
        case Kind.RESET | Kind.TRUNCATED:
            return await _break_off(request, transport, delivery)
        case Kind.TWICE:
            copy = _on_the_wire(delivery)
            asyncio.get_running_loop().call_later(delivery.seconds, transport.write, copy)
    return response


async def _break_off(request: web.Request, transport: asyncio.Transport, delivery: Delivery) -> web.StreamResponse:
    """Sends the head and half of the body, then ends the connection: by RST, or quietly."""
    partial = web.StreamResponse(status=delivery.status, headers={"Content-Type": delivery.content_type})
    partial.content_length = len(delivery.body)
    await partial.prepare(request)
    await partial.write(delivery.body[: len(delivery.body) // 2])
    if delivery.then is Kind.RESET:
        link: socket.socket = transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    return partial


def _on_the_wire(delivery: Delivery) -> bytes:
    head = f"HTTP/1.1 {delivery.status} OK\r\nContent-Type: {delivery.content_type}\r\n"
    return head.encode() + f"Content-Length: {len(delivery.body)}\r\n\r\n".encode() + delivery.body
