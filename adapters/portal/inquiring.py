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
from gateway.model.outcome import Answer, Outcome, put_together
from gateway.model.status import Attention

_ANOTHER = "a search finds another request that may be this one, filed twice: look at the site"


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
            way = partial(self._look, filed=filed, reference=reference, member_id=coverage.member_id)
            return Errand(sheet.settled(), way)
        sheet.enter(*self.sought, coverage.member_id, f"/coverages/{place}/member_id")
        return Errand(sheet.settled(), partial(self.search, filed=filed, member_id=coverage.member_id))

    def _look(self, visit: Visit, page: Page, filed: Filed, reference: str, member_id: str) -> Steps[Outcome]:
        """Where the browser sends what is filed, it may have sent it again by itself, and the site have both."""
        if visit.guard != "observe":
            return (yield from self.look(visit, page, filed, reference, member_id))
        found = yield from self.search(visit, page, filed, member_id)
        if reference in [each.value for each in found.references]:
            return found
        told = yield from self.look(visit, page, filed, reference, member_id)
        if found.answer is Answer.NOT_FOUND:
            return told  # what is on file may be found later only
        whys = told.attention_whys or ((told.attention_why,) if told.attention_why else ())
        return told.model_copy(update={"attention": Attention.OPERATOR, **put_together((*whys, _ANOTHER))})


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
