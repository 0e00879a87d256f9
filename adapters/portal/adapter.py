"""The portal channel as the gateway sees it: a visit to a payer's web site for each verb, as a person would pay it.

A visit begins at the site's home page, signs in where it is asked to, and goes the site's way. A session that ends on
the way ends nothing but the way: one signs in again and begins anew, for nothing was filed. After the one turn that
files something nothing is ever begun anew.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from adapters.portal.recognising import Eye, words_of
from adapters.portal.registry import SITES
from adapters.portal.settings import ConnectionSettings, PayerSettings, connection_settings, payer_settings
from adapters.portal.site import Errand, Site
from adapters.portal.visit import Account, Answered, SessionEnded, Visit
from gateway.contract.adapter import Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import NotSent
from gateway.contract.frames import Frame, Reply, Secret
from gateway.contract.turns import Totp
from gateway.model.outcome import Outcome
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.model.status import LineOutcome

SESSIONS = 3
"""How many sessions one visit may use up."""
_RETRY_SECONDS = 300


class Portal:
    """Implements ``gateway.contract.adapter.Adapter``."""

    channel: ClassVar[str] = "portal"
    announces: ClassVar[bool] = False
    turns_pages: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = PayerSettings
    connection_settings: ClassVar[type[Record]] = ConnectionSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = MappingProxyType(
        {site.statuses: LineOutcome for site in SITES.values()}
    )
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = MappingProxyType(
        {site.statuses: site.anchors for site in SITES.values()}
    )

    def parties(self, to: Destination) -> tuple[str, str]:
        """The connection and the payer behind it: a site numbers nothing of ours."""
        return to.connection, payer_settings(to).payer_id

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        site = _site(to)
        return (yield from _visit(site, site.errands.submit(request, to, stamp), to, request))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        del stamp
        site = _site(to)
        return (yield from _visit(site, site.errands.amend(filed, change, to), to, filed.request, change))

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        del stamp
        site = _site(to)
        return (yield from _visit(site, site.errands.answer(filed, answers, to), to, filed.request, answers))

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        del stamp
        site = _site(to)
        return (yield from _visit(site, site.errands.inquire(filed, to), to, filed.request))


def _site(to: Destination) -> Site:
    return SITES[connection_settings(to).site]


def _visit(site: Site, errand: Errand, to: Destination, *about: Record) -> Generator[Frame, Reply, Outcome]:
    """Goes to the site for an errand, with as many sessions as that takes up to a bound."""
    settings = connection_settings(to)
    origin, root = _parted(to.endpoint)
    visit = Visit(
        to=to,
        eye=Eye(site.name, root, words_of([each.model_dump(mode="json", exclude={"attachments"}) for each in about])),
        account=Account(Secret(settings.username_secret), Secret(settings.password_secret), Totp(settings.totp_secret)),
        origin=origin,
        guard=settings.guard,
        obstacle=site.obstacle,
        anywhere=site.anywhere,
        maintenance_seconds=settings.maintenance_seconds,
        files=site.files,
        home=site.home,
    )
    for session in range(SESSIONS):
        sheet = None if session else errand.sheet
        try:
            page = yield from visit.open(site.home, *site.at_home, begins=True, sheet=sheet)
            page = yield from site.sign_in(visit, page)
            return (yield from errand.way(visit, page))
        except SessionEnded:
            continue
        except Answered as answered:
            return answered.outcome
    raise NotSent(f"{site.name}: the session ended {SESSIONS} times before anything was filed", _RETRY_SECONDS)


def _parted(endpoint: str) -> tuple[str, str]:
    """Scheme and host of an address, and its path without the slash at its end."""
    scheme, _, rest = endpoint.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", f"{slash}{path}".rstrip("/")
