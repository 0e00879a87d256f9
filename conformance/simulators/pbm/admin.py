"""The operators' door of the PBMs under /sim: the ledger, what was sent, the clock, orders. JSON; no credentials.

A test bed's door: it shows member ids, which here are all made up.
"""

from __future__ import annotations

import base64
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from conformance.simulators.admin import bad_request, read_object
from conformance.simulators.clock import Clock
from conformance.simulators.pbm.desk import Desk
from conformance.simulators.pbm.door import Door
from conformance.simulators.pbm.members import WORDS
from conformance.simulators.pbm.misbehaviour import Kind, Order, Orders
from conformance.simulators.pbm.outbox import Outbox
from conformance.simulators.pbm.partners import PBMS
from conformance.simulators.pbm.postman import Callback

_MOST_LOGGED = 1000
_LONGEST_LOGGED = 1_000_000
"""Bytes of a message: of an oversized one the beginning is enough."""
_NAMES = (
    *("PAInitiationRequest", "PARequest", "PAAppealRequest", "PACancelRequest", "GetMessage"),
    *("PAInitiationResponse", "PAResponse", "PAAppealResponse", "PACancelResponse", "Verify"),
)


@dataclass(slots=True)
class Log:
    """The newest exchanges, whoever began them."""

    clock: Clock
    entries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_MOST_LOGGED))

    def note(self, message: str, outcome: str, received: bytes, sent: bytes) -> None:
        self.entries.append(
            {
                "at": self.clock.now(),
                "message": message,
                "outcome": outcome,
                "received": base64.b64encode(received[:_LONGEST_LOGGED]).decode(),
                "sent": base64.b64encode(sent[:_LONGEST_LOGGED]).decode(),
            }
        )


@dataclass(slots=True)
class Admin:
    clock: Clock
    desk: Desk
    outbox: Outbox
    orders: Orders
    callback: Callback
    door: Door
    log: Log

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sim/filings", self.filings)
        app.router.add_get("/sim/messages", self.messages)
        app.router.add_get("/sim/log", self.exchanges)
        app.router.add_get("/sim/members", self.members)
        app.router.add_get("/sim/clock", self.now)
        app.router.add_post("/sim/clock", self.set_clock)
        app.router.add_get("/sim/behaviour", self.behaviours)
        app.router.add_post("/sim/behaviour", self.order)
        app.router.add_get("/sim/callback", self.door_of_ours)
        app.router.add_post("/sim/callback", self.set_callback)
        app.router.add_post("/sim/reset", self.reset)

    async def filings(self, request: web.Request) -> web.Response:
        """An entry a case; ``alike`` counts initiations for the same member, drug and prescriber, under any name."""
        pbm, member = request.query.get("pbm"), request.query.get("member")
        told = [
            {**case.told(), "alike": self.desk.cases.alike(case)}
            for case in self.desk.cases
            if pbm in (None, case.pbm.id) and member in (None, case.member_id)
        ]
        return web.json_response({"total": sum(each["count"] for each in told), "filings": told})

    async def messages(self, request: web.Request) -> web.Response:
        """What the PBMs had to say, and what became of it."""
        reference = request.query.get("reference")
        told = [each.told() for each in self.outbox.sendings if reference in (None, each.reference)]
        return web.json_response({"messages": told})

    async def exchanges(self, request: web.Request) -> web.Response:
        return web.json_response({"exchanges": list(self.log.entries)})

    async def members(self, request: web.Request) -> web.Response:
        return web.json_response({f"SIMRX{word}": member.says for word, member in WORDS.items()})

    async def now(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self.clock.now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        asked = await read_object(request, {"advance_seconds", "factor"})
        for name in asked:
            _number(asked, name)
        self.clock.advance(asked.get("advance_seconds", 0))
        if "factor" in asked:
            self.clock.run_at(asked["factor"])
        self.desk.tick()
        return await self.now(request)

    async def behaviours(self, request: web.Request) -> web.Response:
        given = [
            {"kind": each.kind, "count": each.count, "pbm": each.pbm, "message": each.message}
            for each in self.orders.given
        ]
        return web.json_response({"orders": given, "kinds": list(Kind)})

    async def order(self, request: web.Request) -> web.Response:
        """``{"kind": ..., "count": n, "pbm": id, "message": ..., "seconds": s, "code": ...}``; only kind is needed."""
        asked = await read_object(request, {"kind", "count", "pbm", "message", "seconds", "code"})
        for name in ("count", "seconds"):
            if asked.get(name) is not None:
                _number(asked, name)
        for name, known in (("kind", [*Kind]), ("pbm", [*PBMS, None]), ("message", [*_NAMES, None])):
            if asked.get(name) not in known:
                raise bad_request(f"{name} is one of: {', '.join(filter(None, known))}.")
        self.orders.given.append(Order(**{**asked, "kind": Kind(asked["kind"])}))
        return await self.behaviours(request)

    async def door_of_ours(self, request: web.Request) -> web.Response:
        return web.json_response({"url": self.callback.url, "username": self.callback.username})

    async def set_callback(self, request: web.Request) -> web.Response:
        """``{"url": ..., "username": ..., "password": ...}``: where messages go from now on; empty, they wait."""
        asked = await read_object(request, {"url", "username", "password"})
        for name, value in asked.items():
            if not isinstance(value, str):
                raise bad_request(f"{name} is a text.")
            setattr(self.callback, name, value)
        return await self.door_of_ours(request)

    async def reset(self, request: web.Request) -> web.Response:
        self.orders.given.clear()
        self.log.entries.clear()
        self.outbox.forget()
        self.desk.forget()
        self.door.forget()
        return web.json_response({"total": 0})


def _number(asked: dict[str, Any], name: str) -> None:
    if not isinstance(asked[name], int | float) or isinstance(asked[name], bool) or asked[name] < 0:
        raise bad_request(f"{name} is a number, 0 or more.")
