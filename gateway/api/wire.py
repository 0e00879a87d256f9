"""The HTTP server under the application, for what it would answer by itself: calls that never come to the door.

aiohttp's own answers repeat what was sent (a header's value, the bytes it could not read). These are problem
documents like all others, and repeat nothing. Knows no route.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from aiohttp import web

from gateway.api.problems import EXPECTATION, INTERNAL, NOT_HTTP, SECURITY_HEADERS, Refusal, respond


class Runner(web.AppRunner):
    """Serves an application. A body that is sent compressed is refused, so it is not unpacked either."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, auto_decompress=False, **options)

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server  # aiohttp has no setting for the class of its connections
        return server


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What could not be read as HTTP, and what broke outside of the door. The rest is aiohttp's: it logs, and ends
        a connection on which an answer has begun."""
        super().handle_error(request, status, exc, None)
        if status < 500:
            refusal = Refusal(NOT_HTTP, "The bytes could not be read as an HTTP request.")
        else:
            refusal = Refusal(INTERNAL, "The failure is in the gateway's log.")
        response = _answer(refusal)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Any:
        """An Expect header is answered before any of the application's own code runs."""
        if isinstance(resp, web.HTTPExpectationFailed):
            resp = _answer(Refusal(EXPECTATION, "The only expectation that is met is 100-continue."))
        return await super().finish_response(request, resp, start_time)


def _answer(refusal: Refusal) -> web.Response:
    request_id = str(uuid4())
    response = respond(refusal, request_id)
    response.headers.update({**SECURITY_HEADERS, "X-Request-Id": request_id})
    return response
