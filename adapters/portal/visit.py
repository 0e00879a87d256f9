"""A visit to a site: turns are taken on it one after the other, and what may stand in the way of any page is seen here.

A session that ended raises ``SessionEnded`` (the whole visit begins anew: nothing was filed), maintenance and errors of
the server, or of what stands before it, ``NotSent``.
What answers a turn with an effect is given as it came: it was sent, and is never begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, TypeVar

from adapters.portal.page import Page
from adapters.portal.recognising import Eye, Shape
from gateway.contract.destination import Destination
from gateway.contract.errors import Challenged, MaybeSent, NotSent
from gateway.contract.frames import Loss, Reply, Secret, Turn
from gateway.contract.turns import Commit, Element, Go, Step, Totp
from gateway.model.outcome import Outcome

T = TypeVar("T")
Steps = Generator[Turn, Reply, T]
"""Some steps of a person at a site, up to what they come to."""

DEADLINE = 45.0
"""Seconds that one turn may take."""
APPROVAL_SECONDS = 300
"""How long a page waits for somebody to approve the sign-in elsewhere."""


RETRY_SECONDS = 60
"""When a site is gone to again that did not work."""
_TOO_MANY, _SERVER_ERROR = 429, 500


class SessionEnded(Exception):
    """The site wants a new sign-in. Never leaves the adapter."""


class Answered(Exception):
    """The site has answered before the end of the way. Never leaves the adapter."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Obstacle(Enum):
    """What may stand in the way of any page."""

    SIGNED_OUT = auto()
    APPROVAL = auto()
    MAINTENANCE = auto()


@dataclass(frozen=True)
class Sheet:
    """What a verb's first turn carries for previews: the worksheet, and what the site does not take."""

    document: bytes = field(repr=False)
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class Account:
    """The names of the credentials by which one signs in."""

    username: Secret
    password: Secret
    totp: Totp


@dataclass
class Visit:
    """One conversation with a site. ``obstacle`` tells what stands in the way, ``anywhere`` are the elements by which
    any such page is seen to be settled, ``files`` the requests by which the site files. ``home`` is where it begins,
    and where a site may list all that the account has filed, for whomever: in passing no table there is read."""

    to: Destination
    eye: Eye
    account: Account
    origin: str
    guard: Literal["fetch", "observe"]
    obstacle: Callable[[Page], Obstacle | None]
    anywhere: tuple[Element, ...]
    maintenance_seconds: int
    files: tuple[tuple[str, str], ...]
    home: str

    @property
    def withholds(self) -> tuple[tuple[str, str], ...]:
        """For every turn: a site that changed may file by a click that only went on before."""
        return tuple((method, f"{self.eye.root}{path}") for method, path in self.files)

    def url(self, path: str) -> str:
        """An address of the site, ``path`` being below its root."""
        return f"{self.origin}{self.eye.root}{path}"

    def open(self, path: str, *until: Element, begins: bool = False, sheet: Sheet | None = None) -> Steps[Page]:
        """Go to an address. Where a visit ``begins``, a page that wants a sign-in is given back."""
        reply = yield Turn(
            steps=(Go(self.url(path)),),
            settled=(*until, *self.anywhere),
            document=sheet.document if sheet else None,
            document_type="application/json" if sheet else None,
            losses=sheet.losses if sheet else (),
            deadline=DEADLINE,
            words=self.eye.words,
            withholds=self.withholds,
            shared=(f"{self.eye.root}{self.home}",),
        )
        page = Page.of(reply)
        self._look(page, signing_in=begins)
        return page

    def turn(self, *steps: Step, until: tuple[Element, ...], deadline: float = DEADLINE) -> Steps[Page]:
        """Steps without an effect, and the page they lead to."""
        settled = (*until, *self.anywhere)
        reply = yield Turn(
            steps=steps, settled=settled, deadline=deadline, words=self.eye.words, withholds=self.withholds
        )
        page = Page.of(reply)
        self._look(page, signing_in=False)
        return page

    def sign_in(self, *steps: Step, until: tuple[Element, ...]) -> Steps[Page]:
        """Steps by which a session is opened."""
        settled = (*until, *self.anywhere)
        reply = yield Turn(
            steps=steps,
            settled=settled,
            signs_in=True,
            deadline=DEADLINE,
            words=self.eye.words,
            withholds=self.withholds,
            shared=(f"{self.eye.root}{self.home}",),
        )
        page = Page.of(reply)
        self._look(page, signing_in=True)
        return page

    def commit(
        self, page: Page, on: Shape, *steps: Step, method: Literal["POST", "PUT"], path: str, until: tuple[Element, ...]
    ) -> Steps[Page]:
        """The steps that file something, on a page that is the one described. Raises MaybeSent where nobody tells how
        the site answered."""
        if (method, path) not in self.files:
            raise ValueError("a site names every request by which it files")
        self.eye.expect(page, on)
        reply = yield Turn(
            steps=steps,
            settled=(*until, *self.anywhere),
            effect=True,
            on=on.landmark(self.eye.root),
            commit=Commit(method, f"{self.eye.root}{path}", self.guard),
            deadline=DEADLINE,
            words=self.eye.words,
            withholds=self.withholds,
        )
        after = Page.of(reply)
        if after.settled.committed is None:
            raise MaybeSent("the turn that files came back without the answer to what it sent")
        return after

    def _look(self, page: Page, *, signing_in: bool) -> None:
        found = self.obstacle(page)
        if found is Obstacle.MAINTENANCE:
            raise NotSent("the site is down for maintenance", self.maintenance_seconds)
        if found is Obstacle.APPROVAL:
            says = "Somebody must approve the sign-in on the device of the account's owner."
            raise Challenged("approval", says, APPROVAL_SECONDS)
        if found is Obstacle.SIGNED_OUT and not signing_in:
            raise SessionEnded
        status = page.settled.status
        if found is None and status is not None and (status == _TOO_MANY or status >= _SERVER_ERROR):
            raise NotSent(f"the site does not work just now (HTTP {status})", RETRY_SECONDS)
