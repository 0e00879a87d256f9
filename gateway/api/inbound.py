"""The payers' door: what the other side of a connection sends to us by itself.

It has credentials of its own, which the connection's profile names, and no API key. What is said at this door is in
the channel's language; only what never reaches the channel (no such door, wrong credentials, too long) is a problem
document.
"""

from __future__ import annotations

import asyncio
import base64
import binascii

import structlog
from aiohttp import web

from gateway.api import body, problems
from gateway.api.problems import Refusal
from gateway.contract.errors import NeedsPerson
from gateway.engine.reception import NoDoor, Reception, Stranger

RECEPTION = web.AppKey("reception", Reception)
_LONGEST_CREDENTIALS = 1000
_REALM = {"WWW-Authenticate": 'Basic realm="payer-gateway", charset="UTF-8"'}
_log = structlog.get_logger("api.inbound")


async def receive_message(request: web.Request) -> web.Response:
    reception, connection = request.app.get(RECEPTION), request.match_info["connection"]
    if reception is None:
        raise Refusal(problems.NOT_FOUND, "There is nothing under this path.")
    try:
        most = reception.most_bytes(connection)
        reception.admit(connection, *_credentials(request))
    except NoDoor:
        raise Refusal(problems.NOT_FOUND, "There is nothing under this path.") from None
    except Stranger:
        raise Refusal(problems.STRANGER, "These are not this connection's credentials.", headers=_REALM) from None
    except NeedsPerson as missing:
        _log.error("door_has_no_credentials", connection=connection, exc_info=missing)
        raise Refusal(problems.UNAVAILABLE, "This door is not open now.", headers={"Retry-After": "60"}) from None
    said = await reception.receive(connection, request.content_type, await _message(request, most))
    return web.Response(status=said.status, body=said.body, headers={"Content-Type": said.media_type})


def _credentials(request: web.Request) -> tuple[bytes, bytes]:
    """Name and password (RFC 7617). Raises Stranger for none, for several and for what is none."""
    given = request.headers.getall("Authorization", [])
    scheme, _, coded = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "basic" or len(coded) > _LONGEST_CREDENTIALS:
        raise Stranger
    try:
        user, colon, password = base64.b64decode(coded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        raise Stranger from None
    if not colon:
        raise Stranger
    return user, password


async def _message(request: web.Request, most: int) -> bytes:
    """The body, which is read only up to what this connection may send."""
    too_large = Refusal(problems.TOO_LARGE, f"A message over this connection may have {most} bytes.")
    if any(coding != "identity" for coding in request.headers.getall("Content-Encoding", ["identity"])):
        raise Refusal(problems.UNSUPPORTED, "The body must not be compressed.", headers={"Accept-Encoding": "identity"})
    if (request.content_length or 0) > most:
        raise too_large
    got = bytearray()
    try:
        async with asyncio.timeout(body.SECONDS):
            async for piece in request.content.iter_any():
                got += piece
                if len(got) > most:
                    raise too_large
    except TimeoutError:
        raise Refusal(problems.TOO_SLOW, f"The body did not arrive within {body.SECONDS:.0f} seconds.") from None
    except ConnectionError:
        raise body.HungUp from None
    return bytes(got)
