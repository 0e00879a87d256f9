"""Juniper Health's portal, which this project simulates: one page of scripts, lists that fill as one types, notices."""

from __future__ import annotations

from types import MappingProxyType

from adapters.portal.site import Site
from adapters.portal.sites.juniper import errands
from adapters.portal.sites.juniper.login import AT_HOME, PUZZLED, sign_in
from adapters.portal.sites.juniper.lookup import STATUSES
from adapters.portal.sites.juniper.pages import ANYWHERE, SENDS, SUBMITS, obstacle
from adapters.portal.tables import NO, YES

SITE = Site(
    name="juniper",
    statuses=STATUSES,
    anchors=MappingProxyType({"Certified": YES, "Not certified": NO}),
    home="/app/requests",
    at_home=(AT_HOME, PUZZLED),
    anywhere=ANYWHERE,
    obstacle=obstacle,
    sign_in=sign_in,
    files=(("POST", SUBMITS), ("POST", SENDS)),
    errands=errands,
)
