"""What is on file at a portal, and what its pages say of it at a virtual time. Memory only; of documents the hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta

from conformance.simulators.members import Decision, Member
from conformance.simulators.portals.people import Person


@dataclass(frozen=True, slots=True)
class Document:
    """``kind`` is a key of the catalogue's DOCUMENT_KINDS. The bytes are not kept."""

    name: str
    kind: str
    sha256: str
    size: int

    @classmethod
    def of(cls, name: str, kind: str, body: bytes) -> Document:
        return cls(name, kind, hashlib.sha256(body).hexdigest(), len(body))


@dataclass(frozen=True, slots=True)
class Service:
    """One procedure asked for; the dates are both included."""

    code: str
    words: str
    units: int
    start: date
    end: date
    place: str


@dataclass(slots=True)
class Asked:
    """A document that the reviewer wants. ``name`` is how the page calls it."""

    name: str
    answered: bool = False


@dataclass(slots=True)
class Said:
    """What an operator put in the place of the review's own words; None leaves them."""

    status: str | None = None
    services: list[str] | None = None
    note: str | None = None
    authorization: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody files: everything the pages asked for."""

    member_id: str
    person: Person
    services: tuple[Service, ...]
    diagnoses: tuple[str, ...]
    npi: str
    phone: str
    documents: tuple[Document, ...] = ()
    rendering_npi: str = ""
    urgent: bool = False
    comments: str = ""

    @property
    def likeness(self) -> tuple[object, ...]:
        """Two filings with the same one are the same wish filed twice."""
        return (self.member_id.upper(), tuple(sorted((each.code, each.start, each.end) for each in self.services)))


@dataclass(frozen=True, slots=True)
class Line:
    """What the pages say of one service. ``units`` and dates are None while nothing is granted."""

    service: Service
    status: str
    units: int | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What the pages say of a filing."""

    status: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    authorization: str
    asked: tuple[str, ...]
    """Names of documents that are still wanted."""
    open: bool
    """Whether it can still become something else by itself."""


@dataclass(slots=True)
class Filing:
    """One recorded request. Two of them for one wish is what a client must never cause."""

    reference: str
    authorization: str
    wish: Wish
    member: Member
    account: str
    draft: str
    """The draft, or the client's own number for its form, under which the final step came."""
    filed_at: float
    visible_at: float
    """From when on the search and the check for duplicates know of it."""
    asked: list[Asked] = field(default_factory=list)
    answered_at: float | None = None
    withdrawn_at: float | None = None
    said: Said = field(default_factory=Said)
    answers: list[Document] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)

    def decision(self, now: float) -> Decision:
        """The review's decision in force, whatever an operator said."""
        held = self.member.stages[0].decision
        for stage in self.member.stages:
            since = self.answered_at if stage.documents else self.filed_at
            if since is not None and now >= since + stage.after:
                held = stage.decision
        return held

    def view(self, words: dict[str, str], now: float) -> View:
        """``words`` are the portal's for HCR01 codes, and for ``asked`` and ``withdrawn``."""
        held = self.decision(now)
        wanted = tuple(each.name for each in self.asked if not each.answered)
        if self.withdrawn_at is not None:
            lines = tuple(Line(each, words["withdrawn"]) for each in self.wish.services)
            return self._told(View(words["withdrawn"], lines, (), "", (), open=False))
        status = words["asked"] if wanted else words.get(held.action, held.message)
        lines = tuple(
            _line(held, place, each, status if wanted else "", words) for place, each in enumerate(self.wish.services)
        )
        notes = (held.message,) if held.message and status != held.message else ()
        number = self.authorization if held.number else ""
        return self._told(View(status, lines, notes, number, wanted, open=held.action == "A4"))

    def _told(self, view: View) -> View:
        said = self.said
        lines = view.lines
        if said.services is not None:
            lines = tuple(
                Line(line.service, word, line.units, line.start, line.end)
                for line, word in zip(lines, said.services, strict=True)
            )
        return View(
            view.status if said.status is None else said.status,
            lines,
            view.notes if said.note is None else (said.note,),
            view.authorization if said.authorization is None else said.authorization,
            view.asked,
            view.open,
        )


def _line(held: Decision, place: int, service: Service, status: str, words: dict[str, str]) -> Line:
    action, _ = held.line(place)
    status = status or words.get(action, held.message)
    if action not in ("A1", "A6"):
        return Line(service, status)
    units = max(1, service.units // 2) if action == "A6" or held.halved else service.units
    days = (service.end - service.start).days
    end = service.start + timedelta(days=days // 2) if held.shortened else service.end
    return Line(service, status, units, service.start, end)
