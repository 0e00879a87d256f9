"""The operators' door of the portals under /sim: the ledger, orders, status words, challenges, accounts. JSON.

A test bed's door, without credentials: it shows member ids, which here are all made up.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from conformance.simulators.admin import bad_request, read_object
from conformance.simulators.clock import Clock
from conformance.simulators.members import WORDS as SHARED
from conformance.simulators.portals import checking
from conformance.simulators.portals.catalogue import PROCEDURES
from conformance.simulators.portals.filings import Service, Wish
from conformance.simulators.portals.ironwood.site import Ironwood
from conformance.simulators.portals.juniper.site import Juniper
from conformance.simulators.portals.members import WORDS
from conformance.simulators.portals.misbehaviour import STEPS, Kind, Order
from conformance.simulators.portals.people import Person
from conformance.simulators.portals.telling import told

_SITE = "/sim/portals/{portal}"
_HAND_NPI = "1234567893"
_HAND_PHONE = "215-555-0100"

Site = Ironwood | Juniper
Verb = Callable[[Site, web.Request], Awaitable[Any]]


@dataclass(slots=True)
class Admin:
    clock: Clock
    ironwood: Ironwood
    juniper: Juniper

    def add_routes(self, app: web.Application) -> None:
        get, post = app.router.add_get, app.router.add_post
        get("/sim/clock", self.now)
        post("/sim/clock", self.set_clock)
        get("/sim/members", self.members)
        post("/sim/reset", self.reset)
        for path, verb in _READ.items():
            get(f"{_SITE}/{path}", self._at(verb))
        for path, verb in _CHANGE.items():
            post(f"{_SITE}/{path}", self._at(verb))

    def _at(self, verb: Verb) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            sites: dict[str, Site] = {"ironwood": self.ironwood, "juniper": self.juniper}
            sites |= {site.portal.identity.payer: site for site in sites.values()}
            site = sites.get(request.match_info["portal"])
            if site is None:
                raise _not_found("The portals are ironwood and juniper.")
            return web.json_response(await verb(site, request))

        return handle

    async def now(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self.clock.now()})

    async def set_clock(self, request: web.Request) -> web.Response:
        asked = await read_object(request, {"advance_seconds", "factor"})
        for name in asked:
            _number(asked, name)
        self.clock.advance(asked.get("advance_seconds", 0))
        if "factor" in asked:
            self.clock.run_at(asked["factor"])
        return await self.now(request)

    async def members(self, request: web.Request) -> web.Response:
        shared = {f"SIM{word}": member.says for word, member in SHARED.items()}
        return web.json_response(shared | {f"SIM{word}": visit.says for word, visit in WORDS.items()})

    async def reset(self, request: web.Request) -> web.Response:
        """Forgets filings, orders, sessions, people and what the accounts did; the clock stays."""
        for site in (self.ironwood, self.juniper):
            site.portal.forget()
            site.sessions.end_all()
            for account in site.portal.accounts:
                site.portal.accounts.unlock(account)
                account.logins = account.refused = 0
        return web.json_response({"total": 0})


async def _filings(site: Site, request: web.Request) -> Any:
    """``drafts`` are all final steps that arrived, by draft; ``final_posts`` their sum."""
    member = request.query.get("member", "").upper()
    portal = site.portal
    entries = [told(portal, each) for each in portal.filings if member in ("", each.wish.member_id.upper())]
    drafts = dict(portal.ledger.finals)
    return {"total": len(entries), "final_posts": sum(drafts.values()), "drafts": drafts, "filings": entries}


async def _file(site: Site, request: web.Request) -> Any:
    """``{"member": id, "code": ..., "start": "YYYY-MM-DD", "end": ..., "units": n}``: a colleague filed
    it on the pages."""
    asked = await read_object(request, {"member", "code", "start", "end", "units"})
    start, end = (checking.iso_date(str(asked.get(name, ""))) for name in ("start", "end"))
    person, code = site.portal.people.named(str(asked.get("member", ""))), str(asked.get("code", ""))
    if person is None or code not in PROCEDURES or start is None or end is None:
        raise bad_request("A member id, a procedure code on the list, start and end are needed.")
    units = asked.get("units", 1)
    if not isinstance(units, int) or not 1 <= units <= checking.MOST_UNITS:
        raise bad_request("units is a whole number, 1 or more.")
    service = Service(code, PROCEDURES[code], units, start, end, "11")
    wish = Wish(str(asked["member"]).upper(), person, (service,), ("M05.79",), _HAND_NPI, _HAND_PHONE)
    account = next(iter(site.portal.accounts)).name
    return told(site.portal, site.portal.file_by_hand(wish, account))


async def _say(site: Site, request: web.Request) -> Any:
    """``{"status": words, "services": [words], "note": text, "authorization": number, "ask": [names]}``, any of them.

    The words are shown as they are, in the place of the review's own, whether anybody knows them or not.
    """
    filing = site.portal.named(request.match_info["reference"])
    if filing is None:
        raise _not_found("No filing has this reference.")
    asked = await read_object(request, {"status", "services", "note", "authorization", "ask"})
    for name in ("status", "note", "authorization"):
        if not isinstance(asked.get(name), str | None):
            raise bad_request(f"{name} is a text.")
    services, wanted = (_texts(asked, name) for name in ("services", "ask"))
    if services is not None and len(services) != len(filing.wish.services):
        raise bad_request("services has the words of each service.")
    for name in ("status", "note", "authorization", "services"):
        if name in asked:
            setattr(filing.said, name, asked[name])
    if wanted is not None:
        site.portal.ask(filing, wanted)
    return told(site.portal, filing)


async def _requests(site: Site, request: web.Request) -> Any:
    """What came, oldest first: method, path template, status (0 where the connection was cut)."""
    return {
        "requests": [
            {"at": each.at, "method": each.method, "path": each.template, "status": each.status}
            for each in site.portal.ledger.requests
        ]
    }


async def _accounts(site: Site, request: web.Request) -> Any:
    now = site.portal.clock.now()
    accounts = [
        {"name": each.name, "logins": each.logins, "refused": each.refused, "locked": now < each.locked_until}
        for each in site.portal.accounts
    ]
    return {"accounts": accounts, "logins": sum(each.logins for each in site.portal.accounts)}


async def _unlock(site: Site, request: web.Request) -> Any:
    """``{"unlock": name}``: as if nobody had tried; a code that was used can be used again. Without a name, all."""
    asked = await read_object(request, {"unlock"})
    for account in site.portal.accounts:
        if asked.get("unlock") in (None, account.name):
            site.portal.accounts.unlock(account)
    return await _accounts(site, request)


async def _sessions(site: Site, request: web.Request) -> Any:
    """``{"end": true}``: all are over. ``{"idle_seconds": n}``: how long one lasts unused, from now on."""
    asked = await read_object(request, {"end", "idle_seconds"})
    if "idle_seconds" in asked:
        _number(asked, "idle_seconds")
        site.sessions.idle = asked["idle_seconds"]
    ended = site.sessions.end_all() if asked.get("end") is True else 0
    return {"ended": ended, "idle_seconds": site.sessions.idle}


async def _orders(site: Site, request: web.Request) -> Any:
    given = [
        {"kind": each.kind, "count": each.count, "step": each.step, "member": each.member}
        for each in site.portal.orders.given
    ]
    return {"orders": given, "kinds": list(Kind), "lag": site.portal.lag}


async def _misbehave(site: Site, request: web.Request) -> Any:
    """``{"kind": ..., "count": n, "step": ..., "member": id, "seconds": s}``; only kind is needed.
    ``{"lag": seconds}``: how long a search does not find what was filed. ``{"clear": true}``: as if nothing had been
    ordered."""
    asked = await read_object(request, {"kind", "count", "step", "member", "seconds", "lag", "clear"})
    for name in ("count", "seconds", "lag"):
        if asked.get(name) is not None:
            _number(asked, name)
    if asked.pop("clear", None) is True:
        site.portal.orders.given.clear()
        site.portal.lag = site.portal.identity.lag
    lag = asked.pop("lag", None)
    if lag is not None:
        site.portal.lag = lag
    if not asked:
        return await _orders(site, request)
    for name, known in (("kind", [*Kind]), ("step", [*STEPS, None])):
        if asked.get(name) not in known:
            raise bad_request(f"{name} is one of: {', '.join(filter(None, known))}.")
    if not isinstance(asked.get("member"), str | None):
        raise bad_request("member is an id.")
    member = asked.get("member")
    kept = {name: asked[name] for name in ("count", "step", "seconds") if asked.get(name) is not None}
    site.portal.orders.given.append(Order(Kind(asked["kind"]), member=member and member.upper(), **kept))
    return await _orders(site, request)


async def _challenges(site: Site, request: web.Request) -> Any:
    return {
        "challenges": [
            {"id": each.id, "form": each.form, "account": each.account, "until": each.until, "answer": each.answer}
            for each in site.portal.challenges.waiting()
        ]
    }


async def _meet(site: Site, request: web.Request) -> Any:
    """``{"id": ...}``: somebody did what it asks. Without an id, all that wait."""
    asked = await read_object(request, {"id"})
    waiting = site.portal.challenges.waiting()
    met = [each for each in waiting if asked.get("id") in (None, each.id)]
    for challenge in met:
        challenge.met = True
    return {"met": len(met)}


async def _people(site: Site, request: web.Request) -> Any:
    """``{"member": id, "first_name": ..., "last_name": ..., "birth_date": "YYYY-MM-DD"}``: whose id it is."""
    asked = await read_object(request, {"member", "first_name", "last_name", "birth_date"})
    given = {name: value for name, value in asked.items() if isinstance(value, str) and value}
    birth = checking.iso_date(given.get("birth_date", ""))
    if len(given) != 4 or birth is None:
        raise bad_request("member, first_name, last_name and birth_date are needed.")
    site.portal.people.register(given["member"], Person(given["first_name"], given["last_name"], birth))
    return {"member": given["member"].upper()}


_READ: dict[str, Verb] = {
    "filings": _filings,
    "requests": _requests,
    "accounts": _accounts,
    "misbehave": _orders,
    "challenges": _challenges,
}
_CHANGE: dict[str, Verb] = {
    "filings": _file,
    "filings/{reference}": _say,
    "accounts": _unlock,
    "sessions": _sessions,
    "misbehave": _misbehave,
    "challenges": _meet,
    "people": _people,
}


def _texts(asked: dict[str, Any], name: str) -> list[str] | None:
    value = asked.get(name)
    if value is not None and (not isinstance(value, list) or not all(isinstance(each, str) for each in value)):
        raise bad_request(f"{name} is a list of texts.")
    return value


def _number(asked: dict[str, Any], name: str) -> None:
    if not isinstance(asked[name], int | float) or isinstance(asked[name], bool) or asked[name] < 0:
        raise bad_request(f"{name} is a number, 0 or more.")


def _not_found(text: str) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=json.dumps({"error": text}), content_type="application/json")
