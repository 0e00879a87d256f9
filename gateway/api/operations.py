"""Handlers for those who run the gateway: is it alive, is it ready, what does it count; and the API's own document.

Open to anybody who can reach the port, so none of them tells anything of a tenant.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.api.problems import UNAUTHENTICATED, Refusal
from gateway.api.route import respond
from gateway.model.record import Record

Check = Callable[[], Awaitable[bool]]

_CHECK_SECONDS = 3.0


@dataclass(frozen=True)
class Pages:
    """What is rendered once: the OpenAPI document, its page, and the page's Content-Security-Policy."""

    document: bytes
    page: bytes
    page_policy: str


PAGES = web.AppKey("pages", Pages)
CHECKS = web.AppKey("checks", Mapping[str, Check])
METRICS_TOKEN = web.AppKey("metrics_token", str)


class Health(Record):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Record):
    """Whether the gateway can take requests, and what is in the way."""

    ready: bool
    checks: Mapping[str, bool]


async def health(request: web.Request) -> web.Response:
    return respond(Health())


async def readiness(request: web.Request) -> web.Response:
    checks = request.app[CHECKS]
    results = await asyncio.gather(*(_passes(check) for check in checks.values()))
    found = dict(zip(checks, results, strict=True))
    ready = all(results)
    return respond(Readiness(ready=ready, checks=found), 200 if ready else 503)


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except Exception:  # a check may fail with anything its library raises, and each means the same: not ready
        return False


async def metrics(request: web.Request) -> web.Response:
    wanted = request.app[METRICS_TOKEN]
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted and not (kind.lower() == "bearer" and hmac.compare_digest(_bytes(given), _bytes(wanted))):
        raise Refusal(
            UNAUTHENTICATED,
            "The metrics need the token of GATEWAY_METRICS_TOKEN.",
            headers={"WWW-Authenticate": 'Bearer realm="payer-gateway metrics"'},
        )
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _bytes(text: str) -> bytes:
    """As they came: a header may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


async def openapi(request: web.Request) -> web.Response:
    return web.Response(body=request.app[PAGES].document, content_type="application/json")


async def docs(request: web.Request) -> web.Response:
    pages = request.app[PAGES]
    return web.Response(
        body=pages.page,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": pages.page_policy},
    )
