"""Which sites there are: those that the entry point group ``payer_gateway.portal_sites`` names, ours and others'."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType

from adapters.portal.site import Site

GROUP = "payer_gateway.portal_sites"


def load_sites() -> Mapping[str, Site]:
    """By name. Raises TypeError for an entry that is no site, or has another name than its site, or another's."""
    sites: dict[str, Site] = {}
    for entry in entry_points(group=GROUP):
        site = entry.load()
        if not isinstance(site, Site) or site.name != entry.name:
            raise TypeError(f"the entry point {entry.name} of {GROUP} is no site of that name")
        if sites.setdefault(site.name, site) is not site:
            raise TypeError(f"there are two sites of the name {entry.name} in {GROUP}: give one another name")
    return MappingProxyType(sites)


SITES = load_sites()
