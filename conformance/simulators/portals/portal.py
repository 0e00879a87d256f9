"""One simulated portal without its pages: who may come in, what is on file, what was asked of it, what goes wrong."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from conformance.simulators.clock import Clock, local
from conformance.simulators.portals.accounts import Accounts
from conformance.simulators.portals.challenges import Challenges
from conformance.simulators.portals.filings import Asked, Document, Filing, View, Wish
from conformance.simulators.portals.members import order_of, stages_of
from conformance.simulators.portals.misbehaviour import Kind, Order, Orders, fits
from conformance.simulators.portals.people import People, word_of

_MOST_NOTED = 5000
_DOCUMENTS = {"LA": "Laboratory results", "09": "Progress note"}
"""How pages call what members.py asks for (PWK01)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """``words`` are the portal's for HCR01 codes, and for ``asked`` and ``withdrawn``. ``lag`` virtual seconds pass
    before a search finds what was filed."""

    id: str
    payer: str
    name: str
    initials: str
    authorization: str
    words: dict[str, str]
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class Visited:
    """A request that came, without anything that could tell of whom."""

    at: float
    method: str
    template: str
    status: int


@dataclass(slots=True)
class Ledger:
    """``finals`` counts the arrivals of the final step by draft, those that were dropped and those refused too."""

    requests: deque[Visited] = field(default_factory=lambda: deque(maxlen=_MOST_NOTED))
    finals: Counter[str] = field(default_factory=Counter)


class Portal:
    def __init__(self, identity: Identity, clock: Clock, accounts: Accounts) -> None:
        self.identity = identity
        self.clock = clock
        self.accounts = accounts
        self.people = People()
        self.orders = Orders()
        self.challenges = Challenges(clock)
        self.ledger = Ledger()
        self.filings: list[Filing] = []
        self.lag = identity.lag
        self._once: set[tuple[str, str]] = set()

    def today(self) -> date:
        return local(self.clock.now()).date()

    def view(self, filing: Filing) -> View:
        return filing.view(self.identity.words, self.clock.now())

    def order(self, kinds: Iterable[Kind], step: str, member_id: str = "") -> Order | None:
        """What goes wrong at this step: as ordered, else as the member id asks for."""
        wanted = frozenset(kinds)
        ordered = self.orders.next(wanted, step, member_id)
        if ordered is not None or not member_id:
            return ordered
        word, key = word_of(member_id), (member_id.upper(), step)
        asked = order_of(member_id, word, first=key not in self._once)
        if asked is None or asked.kind not in wanted or not fits(asked, step):
            return None
        self._once.add(key)
        return asked

    def arrived(self, draft: str) -> None:
        self.ledger.finals[draft] += 1

    def record(self, wish: Wish, account: str, draft: str) -> Filing:
        """Puts it on file, whatever is there already."""
        member = stages_of(wish.member_id, word_of(wish.member_id))
        now, serial = self.clock.now(), len(self.filings) + 1
        asks = member.stages[0].decision.asks
        filing = Filing(
            f"{self.identity.initials}-{local(now):%y%m%d}-{serial:05d}",
            f"{self.identity.authorization}{serial:07d}",
            wish,
            member,
            account,
            draft,
            now,
            now + max(self.lag, member.blind),
            [Asked(_DOCUMENTS.get(each.report, "Clinical records")) for each in asks],
        )
        filing.events.append((now, "Request received"))
        self.filings.append(filing)
        return filing

    def visible(self) -> list[Filing]:
        """What a search can find, the newest first."""
        now = self.clock.now()
        return [each for each in reversed(self.filings) if each.visible_at <= now]

    def named(self, reference: str) -> Filing | None:
        return next((each for each in self.filings if each.reference == reference.strip().upper()), None)

    def duplicate_of(self, wish: Wish) -> Filing | None:
        """The newest visible filing for the member with one of the procedures on one of the days, unless it is over."""
        for filing in self.visible():
            if filing.wish.member_id.upper() == wish.member_id.upper() and not self._is_over(filing):
                for mine in wish.services:
                    for theirs in filing.wish.services:
                        if mine.code == theirs.code and mine.start <= theirs.end and theirs.start <= mine.end:
                            return filing
        return None

    def _is_over(self, filing: Filing) -> bool:
        return filing.withdrawn_at is not None or filing.decision(self.clock.now()).action in ("A3", "C")

    def answer(self, filing: Filing, documents: list[Document], comment: str, wanted: str | None = None) -> None:
        """Documents for what was asked: for the one named, or for all."""
        now = self.clock.now()
        filing.answers += documents
        if comment:
            filing.comments.append(comment)
        for each in filing.asked:
            each.answered = each.answered or wanted in (None, each.name)
        if filing.asked and all(each.answered for each in filing.asked) and filing.answered_at is None:
            filing.answered_at = now
        filing.events.append((now, "Information received"))

    def ask(self, filing: Filing, names: list[str]) -> None:
        """A reviewer wants documents; what was wanted before is no longer."""
        filing.asked = [Asked(name) for name in names]
        filing.answered_at = None
        filing.events.append((self.clock.now(), "Information requested"))

    def withdraw(self, filing: Filing) -> bool:
        """False where the portal keeps it: SIMKEEP, or a request that is over."""
        if filing.member.keeps or self._is_over(filing):
            return False
        filing.withdrawn_at = self.clock.now()
        filing.events.append((filing.withdrawn_at, "Request withdrawn"))
        return True

    def alike(self, filing: Filing) -> int:
        return sum(each.wish.likeness == filing.wish.likeness for each in self.filings)

    def forget(self) -> None:
        self.filings.clear()
        self.orders.given.clear()
        self.challenges.forget()
        self.people.forget()
        self.ledger = Ledger()
        self.lag = self.identity.lag
        self._once.clear()

    def file_by_hand(self, wish: Wish, account: str) -> Filing:
        """As if a colleague had filed it on the pages: it comes from no draft, and is found at once."""
        filing = self.record(wish, account, "")
        filing.visible_at = filing.filed_at
        return filing
