"""What a site is: its name, its table of status words, what may stand in the way on it, and its way through each verb.

A site is a folder of its own, ours or a third party's; it is found through the entry point group
``payer_gateway.portal_sites`` under the name that a connection's settings have as ``site``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from adapters.portal.page import Page
from adapters.portal.tables import Anchors
from adapters.portal.visit import Obstacle, Sheet, Steps, Visit
from gateway.contract.adapter import Answers, Change, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.turns import Element
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest


@dataclass(frozen=True)
class Errand:
    """What somebody goes to the site for: the worksheet, and the way from its home page to the outcome."""

    sheet: Sheet
    way: Callable[[Visit, Page], Steps[Outcome]] = field(repr=False)


class Errands(Protocol):
    """The verbs of a site. Each raises CannotExpress for what the site has no place for."""

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Errand: ...

    def inquire(self, filed: Filed, to: Destination) -> Errand: ...

    def answer(self, filed: Filed, answers: Answers, to: Destination) -> Errand: ...

    def amend(self, filed: Filed, change: Change, to: Destination) -> Errand: ...


@dataclass(frozen=True)
class Site:
    """``home`` is the address below the site's root where every visit begins; of its tables, which may list others,
    nothing is read in passing. ``anywhere`` are the elements that show that one of the ``obstacle``\\ s has come up,
    and ``sign_in`` is the way from whatever page that is to the home page. ``files`` are all requests by which
    something is filed there (method, path below the root): a turn without an effect sends none of them."""

    name: str
    statuses: str
    anchors: Anchors
    home: str
    at_home: tuple[Element, ...]
    anywhere: tuple[Element, ...]
    obstacle: Callable[[Page], Obstacle | None]
    sign_in: Callable[[Visit, Page], Steps[Page]]
    files: tuple[tuple[str, str], ...]
    errands: Errands
