"""The operators' door under /sim: see what was filed, move the clock, order misbehaviour. JSON; no credentials.

A test bed's door: it shows member ids, which here are all made up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from conformance.simulators.filings import Filing
from conformance.simulators.members import WORDS
from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.payers import PAYERS
from conformance.simulators.reception import Reception
from conformance.simulators.reviews import Reviews
from conformance.simulators.tokens import Tokens

REFUSE = "refuse"
"""The one order that is about the listening socket: connections are refused for some seconds of real time."""

_VERBS = ("request", "inquiry", "attachment", "receipt", "acknowledgement", "results", "confirmation")


class Admin:
    def __init__(self, reception: Reception, tokens: Tokens, reviews: Reviews, refuse: Callable[[float], None]) -> None:
        self._reception = reception
        self._tokens = tokens
        self._reviews = reviews
        self._refuse = refuse

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sim/filings", self.filings)
        app.router.add_get("/sim/log", self.log)
        app.router.add_get("/sim/members", self.members)
        app.router.add_get("/sim/clock", self.clock)
        app.router.add_post("/sim/clock", self.set_clock)
        app.router.add_get("/sim/behaviour", self.behaviours)
        app.router.add_post("/sim/behaviour", self.order)
        app.router.add_get("/sim/tokens", self.tokens)
        app.router.add_post("/sim/tokens", self.forget_tokens)
        app.router.add_post("/sim/reset", self.reset)

    async def filings(self, request: web.Request) -> web.Response:
        """One entry for each trace number: how often it was filed, and how many filings are alike it."""
        payer, member = request.query.get("payer"), request.query.get("member")
        entries: dict[tuple[str, str], dict[str, Any]] = {}
        total = 0
        for filing in self._reception.desk.filings:
            if payer in (None, filing.payer.id) and member in (None, filing.submission.member):
                total += 1
                self._add(entries, filing)
        return web.json_response({"total": total, "filings": list(entries.values())})

    def _add(self, entries: dict[tuple[str, str], dict[str, Any]], filing: Filing) -> None:
        asked = filing.submission
        entry = entries.setdefault(
            (filing.payer.id, asked.names[0]),
            {
                "payer": filing.payer.id,
                "member": asked.member,
                "trace": asked.names[0],
                "reference": asked.reference,
                "certification": asked.certification,
                "count": 0,
                "alike": self._reception.desk.filings.likenesses[filing.payer.id, filing.likeness],
                "received": [],
                "controls": [],
            },
        )
        now = self._reception.clock.now()
        entry["count"] += 1
        entry["received"].append(filing.filed_at)
        entry["controls"].append(filing.control)
        entry["appeals"] = len(filing.appealed_at)
        entry["outcome"] = filing.decision(now).action
        entry["authorization"] = filing.authorization
        entry["review"] = filing.review
        entry["documents"] = [{"control": a.control, "delivered": a.delivered} for a in filing.asked]

    async def log(self, request: web.Request) -> web.Response:
        entries = [
            {
                "number": entry.number,
                "at": entry.at,
                "verb": entry.verb,
                "outcome": entry.outcome,
                "received": base64.b64encode(entry.received).decode(),
                "sent": base64.b64encode(entry.sent).decode(),
            }
            for entry in self._reception.log
        ]
        return web.json_response({"exchanges": entries})

    async def members(self, request: web.Request) -> web.Response:
        return web.json_response({f"SIM{word}": member.says for word, member in WORDS.items()})

    async def clock(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self._reception.clock.now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        asked = await read_object(request, {"advance_seconds", "factor"})
        for name in asked:
            _number(asked, name)
        self._reception.clock.advance(asked.get("advance_seconds", 0))
        if "factor" in asked:
            self._reception.clock.run_at(asked["factor"])
        return await self.clock(request)

    async def behaviours(self, request: web.Request) -> web.Response:
        orders = [
            {"kind": order.kind, "count": order.count, "payer": order.payer, "verb": order.verb}
            for order in self._reception.orders
        ]
        return web.json_response({"orders": orders, "kinds": [REFUSE, *Kind]})

    async def order(self, request: web.Request) -> web.Response:
        """``{"kind": ..., "count": n, "payer": id, "verb": ..., "seconds": s, "code": ...}``; only kind is needed."""
        asked = await read_object(request, {"kind", "count", "payer", "verb", "seconds", "code"})
        for name in ("count", "seconds"):
            if asked.get(name) is not None:
                _number(asked, name)
        if asked.get("kind") == REFUSE:
            self._refuse(asked.get("seconds", 5.0))
            return await self.behaviours(request)
        _one_of(asked, "kind", [REFUSE, *Kind], optional=False)
        _one_of(asked, "payer", [payer.id for payer in PAYERS.values()], optional=True)
        _one_of(asked, "verb", list(_VERBS), optional=True)
        self._reception.orders.give(Order(**{**asked, "kind": Kind(asked["kind"])}))
        return await self.behaviours(request)

    async def tokens(self, request: web.Request) -> web.Response:
        return web.json_response({"given": self._tokens.given})

    async def forget_tokens(self, request: web.Request) -> web.Response:
        """From now on every token that was given is invalid."""
        self._tokens.forget()
        return await self.tokens(request)

    async def reset(self, request: web.Request) -> web.Response:
        self._reception.reset()
        self._reviews.forget()
        return web.json_response({"total": 0})


async def read_object(request: web.Request, known: set[str]) -> dict[str, Any]:
    """The JSON object that was sent, with known members only."""
    try:
        value = json.loads(await request.read() or b"{}")
    except ValueError:
        raise bad_request("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise bad_request("The body is not a JSON object.")
    if set(value) - known:
        raise bad_request(f"Known members: {', '.join(sorted(known))}.")
    return value


def _number(asked: dict[str, Any], name: str) -> None:
    if not isinstance(asked[name], int | float) or isinstance(asked[name], bool) or asked[name] < 0:
        raise bad_request(f"{name} is a number, 0 or more.")


def _one_of(asked: dict[str, Any], name: str, known: list[str], *, optional: bool) -> None:
    if asked.get(name) is None and optional:
        return
    if asked.get(name) not in known:
        raise bad_request(f"{name} is one of: {', '.join(known)}.")


def bad_request(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": text}), content_type="application/json")
