"""What is on file: every filing, how often, and where its review stands at a virtual time. Memory only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.simulators.members import CANCELLED, Ask, Decision, Member
from conformance.simulators.payers import Payer
from conformance.simulators.submission import Submission
from conformance.simulators.x12 import Segment


@dataclass(slots=True)
class Asked:
    """A document asked for. ``line`` is the place of the service it belongs to, None for the event."""

    ask: Ask
    control: str
    line: int | None
    delivered: bool = False


@dataclass(slots=True)
class Filing:
    """One recorded request. Two of them for one wish is what a client must never cause."""

    serial: int
    payer: Payer
    submission: Submission
    control: str
    """ISA13 of the interchange that filed it."""
    member: Member
    filed_at: float
    likeness: str
    asked: tuple[Asked, ...]
    documents_at: float | None = None
    cancelled_at: float | None = None
    appealed_at: list[float] = field(default_factory=list)

    @property
    def authorization(self) -> str:
        return f"{self.payer.initials}A{self.serial:07d}"

    @property
    def review(self) -> str:
        return f"{self.payer.initials}R{self.serial:07d}"

    def decision(self, now: float) -> Decision:
        """The decision in force."""
        if self.cancelled_at is not None:
            return CANCELLED
        stages, begun = self.member.stages, self.filed_at
        if self.appealed_at and self.member.appeal:
            stages, begun = self.member.appeal, self.appealed_at[0]
        held = stages[0].decision
        for stage in stages:
            since = self.documents_at if stage.documents else begun
            if since is not None and now >= since + stage.after:
                held = stage.decision
        return held

    def found_at(self, now: float) -> bool:
        """Whether an inquiry finds it yet: some payers index what they file only later."""
        return now >= self.filed_at + self.member.blind


@dataclass(slots=True)
class Filings:
    """``requests`` and ``appeals`` count those seen by payer and member, recorded or not."""

    _all: list[Filing] = field(default_factory=list)
    _by_name: dict[tuple[str, str], list[Filing]] = field(default_factory=lambda: defaultdict(list))
    _by_member: dict[tuple[str, str], list[Filing]] = field(default_factory=lambda: defaultdict(list))
    _by_document: dict[tuple[str, str], tuple[Filing, Asked]] = field(default_factory=dict)
    likenesses: Counter[tuple[str, str]] = field(default_factory=Counter)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    appeals: Counter[tuple[str, str]] = field(default_factory=Counter)

    def record(self, payer: Payer, submission: Submission, control: str, member: Member, now: float) -> Filing:
        serial = len(self._all) + 1
        filing = Filing(
            serial=serial,
            payer=payer,
            submission=submission,
            control=control,
            member=member,
            filed_at=now,
            likeness=submission.likeness(),
            asked=tuple(_asked(payer, submission, member, serial)),
        )
        self._all.append(filing)
        for name in {*submission.names, filing.authorization, filing.review}:
            self._by_name[payer.id, name].append(filing)
        self._by_member[payer.id, submission.member].append(filing)
        for asked in filing.asked:
            self._by_document[payer.id, asked.control] = filing, asked
        self.likenesses[payer.id, filing.likeness] += 1
        return filing

    def named(self, payer: Payer, names: tuple[str, ...]) -> Filing | None:
        """The newest filing that goes by one of these trace or reference numbers."""
        for name in names:
            found = self._by_name.get((payer.id, name))
            if found:
                return found[-1]
        return None

    def numbered(self, payer: Payer, inquiry: Submission) -> Filing | None:
        """The member's newest filing that this payer gave one of the inquiry's reference numbers."""
        for filing in reversed(self._by_member.get((payer.id, inquiry.member), [])):
            if {filing.authorization, filing.review} & set(inquiry.references):
                return filing
        return None

    def alike(self, payer: Payer, inquiry: Submission, now: float) -> Filing | None:
        """The newest filing of the member and requester that can be found yet, holds every service asked about, and
        has a day in common with the event date if one is named."""
        codes = {line.code for line in inquiry.services}
        for filing in reversed(self._by_member.get((payer.id, inquiry.member), [])):
            held = filing.submission
            if (
                filing.found_at(now)
                and held.requester[9] == inquiry.requester[9]
                and codes <= {line.code for line in held.services}
                and _share_a_day(inquiry.event_date, held)
            ):
                return filing
        return None

    def deliver(self, payer: Payer, control: str, now: float) -> None:
        """A document that was asked for has come."""
        filing, asked = self._by_document[payer.id, control]
        asked.delivered = True
        if filing.documents_at is None and all(item.delivered for item in filing.asked):
            filing.documents_at = now

    def awaits(self, payer: Payer, control: str) -> bool:
        """Whether this control number is one the payer gave, or one a request on file announced."""
        return (payer.id, control) in self._by_document

    def announced(self, payer: Payer, member: str, control: str) -> bool:
        return any(control in filing.submission.controls for filing in self._by_member.get((payer.id, member), []))

    def __iter__(self) -> Iterator[Filing]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _share_a_day(asked: Segment | None, held: Submission) -> bool:
    dates = [line.date for line in held.services] if held.event_date is None else [held.event_date]
    known = [_days(date) for date in dates if date]
    if asked is None or not known:
        return True
    first, last = _days(asked)
    return any(start <= last and first <= end for start, end in known)


def _days(date: Segment) -> tuple[str, str]:
    """First and last day of a DTP."""
    return date[3][:8], date[3][-8:]


def _asked(payer: Payer, submission: Submission, member: Member, serial: int) -> Iterator[Asked]:
    line = 0 if payer.asks_per_line and submission.services else None
    asks = [ask for stage in member.stages for ask in stage.decision.asks]
    for number, ask in enumerate(asks, start=1):
        yield Asked(ask, f"{payer.initials}D{serial:07d}-{number}", line)
