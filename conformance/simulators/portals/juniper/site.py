"""The simulated Juniper Health's portal: one page of scripts, and the JSON interface beneath it, with a bearer token.

What every call has in common is here: who may make it, what stands in its way, how a refusal is told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from conformance.simulators.clock import Clock
from conformance.simulators.portals.accounts import Accounts, Session, Sessions
from conformance.simulators.portals.filings import Document
from conformance.simulators.portals.hindrance import drain, hinder, noted
from conformance.simulators.portals.misbehaviour import ANYWHERE, Kind
from conformance.simulators.portals.portal import Identity, Portal

ROOT = "/juniper"
IDENTITY = Identity(
    id="juniper",
    payer="juniper_health",
    name="Juniper Health (simulated)",
    initials="JNP",
    authorization="JNPC",
    words={
        "A1": "Certified",
        "A2": "Partially certified",
        "A3": "Not certified",
        "A4": "In review",
        "A6": "Certified with changes",
        "C": "Void",
        "CT": "Contact us",
        "NA": "Not required",
        "asked": "Information needed",
        "withdrawn": "Void",
    },
    lag=2.0,
)
_CHANGED = {
    "Submit request": "Send for certification",
    "Yes, submit": "Confirm",
    "Date of birth": "Born on",
    "Member": "Patient",
    "Procedure code": "Service code",
    "New request": "Ask for certification",
    "My requests": "Work queue",
    "Status": "Outcome",
    "Certification number": "Our number",
}
"""What buttons and fields are called when labels have changed."""


@dataclass(slots=True)
class Upload:
    name: str
    body_is: Document


@dataclass(slots=True)
class Visit:
    passed_puzzle: bool = False
    challenge: str = ""


Json = dict[str, Any]
Call = Callable[["Juniper", web.Request, Session[Visit]], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """A call that is refused: ``{"message": ..., "errors": {field: text}}``."""

    def __init__(self, status: int, message: str, errors: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status, self.told = status, {"message": message, "errors": errors or {}, **more}


class Juniper:
    def __init__(self, clock: Clock, accounts: Accounts, idle: float) -> None:
        self.portal = Portal(IDENTITY, clock, accounts)
        self.sessions: Sessions[Visit] = Sessions(clock, idle)
        self._uploads: dict[str, dict[str, Upload]] = {}
        self._shell = (Path(__file__).parent / "static" / "index.html").read_text(encoding="utf-8")

    def call(self, step: str, handler: Call) -> Any:
        """A call of somebody who is in."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if step == "submit":
                self.portal.arrived(request.headers.get("X-Form-Id", "")[:64])
            elif (stands := await self.stands(request, step)) is not None:
                return stands
            try:
                return await handler(self, request, self._session(request, step))
            except Problem as refused:
                await drain(request)
                return answered(refused.told, refused.status)

        return noted(self.portal, handle)

    def open_call(self, step: str, handler: Callable[[Juniper, web.Request], Awaitable[web.StreamResponse]]) -> Any:
        """A call that anybody may make."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if (stands := await self.stands(request, step)) is not None:
                return stands
            try:
                return await handler(self, request)
            except Problem as refused:
                await drain(request)
                return answered(refused.told, refused.status)

        return noted(self.portal, handle)

    async def stands(self, request: web.Request, step: str) -> web.StreamResponse | None:
        """What stands in the way at this step, whoever the member is."""
        stands = await hinder(self.portal.order(ANYWHERE - {Kind.SESSION}, step))
        if stands is not None:
            await drain(request)
        return stands

    async def shell(self, request: web.Request) -> web.StreamResponse:
        """The one page there is, at every address of the application."""
        text = self._shell.replace("%ROOT%", ROOT)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def settings(self, request: web.Request) -> web.StreamResponse:
        """What the page is told when it is loaded. Each load uses up one time of changed labels and missing fields."""
        orders = self.portal.orders
        return answered(
            {
                "labels": _CHANGED if orders.next({Kind.LABELS}, "home") else {},
                "birth_date": orders.next({Kind.FIELD_GONE}, "home") is None,
                "notice": orders.next({Kind.INTERSTITIAL}, "home") is not None,
            }
        )

    def _session(self, request: web.Request, step: str) -> Session[Visit]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        session = self.sessions.find(token) if scheme == "Bearer" else None
        if session is not None and self.portal.order({Kind.SESSION}, step):
            self.end(session)
            session = None
        if session is None:
            raise Problem(401, "Your session has timed out.")
        return session

    def uploads(self, session: Session[Visit]) -> dict[str, Upload]:
        """What the account has uploaded. It outlives the session, so that one can log in again in the middle."""
        return self._uploads.setdefault(session.account, {})

    def end(self, session: Session[Visit]) -> None:
        self.sessions.end(session)


def answered(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store"})


async def read(request: web.Request, known: Collection[str]) -> Json:
    """The JSON object that was sent. Raises Problem for anything else, and for members that no form has."""
    if request.content_type != "application/json":
        raise Problem(415, "This is not JSON.")
    try:
        value = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Problem(400, "This is not JSON.") from None
    if not isinstance(value, dict) or set(value) - set(known):
        raise Problem(400, "The request has fields that we do not know.")
    return value


def text_of(value: Json, name: str) -> str:
    """A text; empty where it is missing. Raises Problem for anything else."""
    held = value.get(name, "")
    if not isinstance(held, str):
        raise Problem(400, "The request has a field of another kind.")
    return held.strip()


async def pause() -> None:
    """What a search takes: a moment, so that answers can come in another order than they were asked for."""
    await asyncio.sleep(0.02)
