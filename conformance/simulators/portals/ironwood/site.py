"""The simulated Ironwood Plan's portal: sessions in a cookie, forms with a token, pages from templates.

What every page has in common is here: who may see it, what stands in the way of it, how it is rendered.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.simulators.clock import Clock, local
from conformance.simulators.portals.accounts import Accounts, Session, Sessions
from conformance.simulators.portals.hindrance import drain, hinder, noted
from conformance.simulators.portals.ironwood.draft import STEPS, TITLES, Draft
from conformance.simulators.portals.misbehaviour import ANYWHERE, Kind
from conformance.simulators.portals.portal import Identity, Portal

ROOT = "/ironwood"
COOKIE = "ironwood_session"
IDENTITY = Identity(
    id="ironwood",
    payer="ironwood_plan",
    name="Ironwood Plan (simulated)",
    initials="IRW",
    authorization="IRWA",
    words={
        "A1": "Approved",
        "A2": "Approved in part",
        "A3": "Denied",
        "A4": "Pending clinical review",
        "A6": "Approved with changes",
        "C": "Closed",
        "CT": "Call the plan",
        "NA": "No authorization required",
        "asked": "Additional information requested",
        "withdrawn": "Withdrawn",
    },
)
_CHANGED = {
    "Next": "Continue",
    "Member ID": "Subscriber number",
    "Date of birth": "Birth day",
    "Find member": "Look up",
    "Add service": "Keep this service",
    "Upload": "Attach",
    "Submit request": "Send for review",
    "Reference number": "Tracking number",
    "Status": "Disposition",
    "Search": "Find requests",
    "Search requests": "My worklist",
    "New authorization request": "Start a referral",
}
"""What buttons and fields are called when labels have changed."""


@dataclass(slots=True)
class Visit:
    """``stage`` is how far a login is: password, puzzle, code, push, and then in."""

    stage: str = "password"
    drafts: dict[str, Draft] = field(default_factory=dict)
    terms_due: bool = False
    terms_seen: bool = False
    flash: str = ""
    challenge: str = ""


Form = dict[str, str | FileField]
Page = Callable[["Ironwood", web.Request, Session[Visit]], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """A whole page in the place of the one asked for."""

    def __init__(self, status: int, heading: str, text: str) -> None:
        super().__init__(heading)
        self.status, self.heading, self.text = status, heading, text


class Ironwood:
    def __init__(self, clock: Clock, accounts: Accounts, idle: float, *, secure: bool) -> None:
        self.portal = Portal(IDENTITY, clock, accounts)
        self.sessions: Sessions[Visit] = Sessions(clock, idle)
        self._secure = secure
        templates = FileSystemLoader(Path(__file__).parent / "templates")
        self._pages = Environment(loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._pages.filters |= {"day": _day, "moment": _moment}
        self._pages.globals |= {"root": ROOT, "plan": IDENTITY.name, "steps": STEPS, "titles": TITLES}

    # What every page goes through

    def page(self, step: str, handler: Page, *, public: bool = False, fragment: bool = False) -> Any:
        """``public`` pages need no login; of a ``fragment`` (what scripts fetch) nobody is led to another page."""

        async def handle(request: web.Request) -> web.StreamResponse:
            session = self.session(request)
            draft = request.match_info.get("draft", "")
            if step == "submit":
                self.portal.arrived(draft)
            try:
                held = session.holds.drafts.get(draft) if session is not None else None
                return await self._guarded(step, handler, request, session, held, public=public, fragment=fragment)
            except Refusal as refused:
                return self.render(step, "refusal.html", session, refused.status, refused=refused)

        return noted(self.portal, handle)

    async def _guarded(
        self,
        step: str,
        handler: Page,
        request: web.Request,
        session: Session[Visit] | None,
        draft: Draft | None,
        *,
        public: bool,
        fragment: bool,
    ) -> web.StreamResponse:
        member = draft.member_id if draft is not None else ""
        stands = await hinder(self.portal.order(ANYWHERE - {Kind.SESSION}, step, member))
        if stands is not None:
            await drain(request)
            return stands
        if public:
            return await handler(self, request, session or self.sessions.begin("", Visit()))
        if session is not None and self.portal.order({Kind.SESSION}, step, member):
            self.sessions.end(session)
            session = None
        if session is None or session.holds.stage != "in":
            await drain(request)
            if fragment:
                return web.Response(status=401)
            return self.to("/login?expired=1" if request.cookies.get(COOKIE) and session is None else "/login")
        if step == "terms" or fragment:
            return await handler(self, request, session)
        if not session.holds.terms_seen and self.portal.order({Kind.INTERSTITIAL}, step, member):
            session.holds.terms_due = True
        if session.holds.terms_due:
            await drain(request)
            return self.to("/terms")
        return await handler(self, request, session)

    def session(self, request: web.Request) -> Session[Visit] | None:
        return self.sessions.find(request.cookies.get(COOKIE, ""))

    # What pages use

    def draft(self, request: web.Request, session: Session[Visit]) -> Draft:
        """The live draft that the address names. Raises Refusal."""
        draft = session.holds.drafts.get(request.match_info["draft"])
        if draft is None:
            raise Refusal(
                409, "This request can no longer be edited", "It was submitted or has expired. Start a new request."
            )
        return draft

    async def form(self, request: web.Request, session: Session[Visit], known: Collection[str]) -> Form:
        """The fields that were sent. Raises Refusal without the session's token, or for fields that no page has."""
        try:
            sent = await request.post()
        except (ValueError, LookupError):  # a part without a name, a charset that nobody knows
            raise Refusal(400, "This form cannot be read", "It is no form.") from None
        token = sent.get("_token", "")
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(errors="replace"), session.csrf.encode()):
            raise Refusal(403, "Your form is out of date", "Go back, reload the page and try again.")
        if set(sent) - {"_token", *known} or len(set(sent)) != len(sent):
            raise Refusal(400, "This form cannot be read", "It has fields that we do not know.")
        return {name: value for name, value in sent.items() if isinstance(value, str | FileField)}

    def to(self, path: str) -> web.Response:
        return web.Response(status=302, headers={"Location": ROOT + path, "Cache-Control": "no-store"})

    def render(
        self, step: str, template: str, session: Session[Visit] | None, status: int = 200, /, **held: Any
    ) -> web.Response:
        changed = self.portal.orders.next({Kind.LABELS}, step) is not None
        flash = ""
        if session is not None:
            flash, session.holds.flash = session.holds.flash, ""
        text = self._pages.get_template(template).render(
            step=step,
            say=(lambda words: _CHANGED.get(words, words)) if changed else (lambda words: words),
            account=session.account if session is not None and session.holds.stage == "in" else "",
            token=session.csrf if session is not None else "",
            flash=flash,
            **held,
        )
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    def carry(self, answer: web.StreamResponse, session: Session[Visit]) -> None:
        """Gives the visitor the session's cookie."""
        answer.set_cookie(
            COOKIE, session.token, path=f"{ROOT}/", httponly=True, samesite="Lax", secure=self._secure or None
        )


def text_of(form: Form, name: str) -> str:
    """A field's text without blanks around it; empty where it was not sent."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _day(value: date) -> str:
    return f"{value:%m/%d/%Y}"


def _moment(seconds: float) -> str:
    return f"{local(seconds):%m/%d/%Y %I:%M %p}"
