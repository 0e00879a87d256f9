"""The Ironwood Plan's portal, which this project simulates: page after page, a form in a frame, a calendar."""

from __future__ import annotations

from types import MappingProxyType

from adapters.portal.site import Site
from adapters.portal.sites.ironwood import errands
from adapters.portal.sites.ironwood.login import sign_in
from adapters.portal.sites.ironwood.lookup import STATUSES
from adapters.portal.sites.ironwood.pages import ANYWHERE, DOCUMENTS_TO, SUBMITS, WITHDRAWS, heading, obstacle
from adapters.portal.tables import NO, YES

SITE = Site(
    name="ironwood",
    statuses=STATUSES,
    anchors=MappingProxyType({"Approved": YES, "Denied": NO}),
    home="/home",
    at_home=(heading("Welcome"),),
    anywhere=ANYWHERE,
    obstacle=obstacle,
    sign_in=sign_in,
    files=(("POST", SUBMITS), ("POST", DOCUMENTS_TO), ("POST", WITHDRAWS)),
    errands=errands,
)
