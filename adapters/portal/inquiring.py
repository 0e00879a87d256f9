"""How one asks after a filing on any site: by the page of its number; where the number was never heard, by a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from adapters.portal.asked import coverage_of, reference_of
from adapters.portal.finding import Row, find
from adapters.portal.page import Page
from adapters.portal.site import Errand
from adapters.portal.status import unmapped
from adapters.portal.visit import Steps, Visit
from adapters.portal.worksheet import Worksheet
from gateway.contract.adapter import Filed
from gateway.contract.destination import Destination
from gateway.model.outcome import Answer, Outcome


class Look(Protocol):
    """What the page of a request says."""

    def __call__(self, visit: Visit, page: Page, filed: Filed, reference: str, member_id: str) -> Steps[Outcome]: ...


class Search(Protocol):
    """A filing whose number was never heard; its rows go to ``judged``."""

    def __call__(self, visit: Visit, page: Page, filed: Filed, member_id: str) -> Steps[Outcome]: ...


@dataclass(frozen=True)
class Inquiry:
    """A site's. ``number`` is the shape of its numbers, ``shown`` and ``sought`` are page and field of either way."""

    site: str
    number: re.Pattern[str]
    shown: tuple[str, str]
    sought: tuple[str, str]
    look: Look
    search: Search

    def errand(self, filed: Filed, to: Destination) -> Errand:
        sheet = Worksheet(self.site, "inquire", filed.request)
        sheet.carry("")
        place, coverage = coverage_of(filed.request, to.payer)
        reference = reference_of(filed, self.number)
        if reference is not None:
            sheet.enter(*self.shown, reference)
            way = partial(self.look, filed=filed, reference=reference, member_id=coverage.member_id)
            return Errand(sheet.settled(), way)
        sheet.enter(*self.sought, coverage.member_id, f"/coverages/{place}/member_id")
        return Errand(sheet.settled(), partial(self.search, filed=filed, member_id=coverage.member_id))


def judged(
    rows: tuple[Row, ...], told: bytes, filed: Filed, member_id: str, look: Callable[[str], Steps[Outcome]]
) -> Steps[Outcome]:
    """What every row of a search comes to: the one that fits is looked at, none is on file, or a person looks. ``told``
    is the page of the search."""
    found = find(rows, filed.request, member_id, filed.stamp.at)
    if found.one is not None:
        return (yield from look(found.one))
    if found.unclear:
        return unmapped(told, "a search found several requests that may be this one, or one that cannot be told")
    return Outcome(answer=Answer.NOT_FOUND, document=told)
