"""What a site's page of a request comes to: its words through the site's table, its services to our lines.

A word that the table does not have is never guessed: the line is UNKNOWN, the raw word is told, a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapters.portal.reading.node import Node
from adapters.portal.tables import GRANTED, OPEN
from gateway.contract.adapter import Filed
from gateway.contract.destination import Destination
from gateway.contract.errors import NeedsPerson
from gateway.model.line import Line
from gateway.model.member import bare
from gateway.model.outcome import (
    Answer,
    ApprovedQuantity,
    LineResult,
    Outcome,
    Reference,
    ReferenceKind,
    RequestedItem,
    Source,
    Span,
    put_together,
)
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention, LineOutcome

_LONGEST_CODE, _LONGEST_TEXT, _MOST_NOTES = 80, 500, 20
_NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
"""Of an authorization: one word, with a digit in it."""
_STOPPED = frozenset({LineOutcome.NOT_CERTIFIED, LineOutcome.CANCELLED})
_BEARS_OUT: Mapping[LineOutcome, frozenset[LineOutcome]] = {
    LineOutcome.CERTIFIED: GRANTED,
    LineOutcome.CERTIFIED_MODIFIED: GRANTED,
    LineOutcome.NOT_CERTIFIED: frozenset({LineOutcome.NOT_CERTIFIED}),
    LineOutcome.CANCELLED: frozenset({LineOutcome.CANCELLED}),
    LineOutcome.NOT_REQUIRED: frozenset({LineOutcome.NOT_REQUIRED}),
    LineOutcome.PENDING: OPEN,
    LineOutcome.INFO_REQUESTED: OPEN,
    LineOutcome.CONTACT_PAYER: OPEN,
}
"""What one service at the least must have become where the whole request is said to be that."""


@dataclass(frozen=True)
class Service:
    """A service as the page has it. ``units`` and ``period`` are what is granted, None where nothing is said; where
    something is said that cannot be read, ``unclear`` is true. ``requested`` are the units that were asked for, None
    where that cannot be read."""

    code: str
    status: Node
    units: Decimal | None = None
    period: tuple[date, date] | None = None
    unclear: bool = False
    requested: Decimal | None = None


@dataclass(frozen=True)
class Standing:
    """All that a page says of one request. ``wanted`` are documents that the reviewer waits for."""

    reference: str
    member_id: str
    status: Node
    services: tuple[Service, ...]
    document: bytes = field(repr=False)
    authorization: Node | None = None
    notes: tuple[Node, ...] = ()
    wanted: tuple[Node, ...] = ()
    whole: bool = True
    """False where a part of the page could not be read."""


def service_of(cells: Mapping[str, Node], granted: str, day: Callable[[str], date | None]) -> Service:
    """A row of a table of services, with ``Procedure``, ``Units requested``, ``From``, ``To`` and ``Status``; in the
    column ``granted`` are the units that are, and ``day`` reads a site's dates."""
    units, start, end = cells[granted].said, day(cells["From"].said), day(cells["To"].said)
    number = _whole(units)
    return Service(
        code=cells["Procedure"].said,
        status=cells["Status"],
        units=number,
        period=(start, end) if start and end and start <= end else None,
        unclear=(number is None and units != "-") or start is None or end is None or end < start,
        requested=_whole(cells["Units requested"].said),
    )


def _whole(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,8}", text) else None


def unmapped(document: bytes, why: str) -> Outcome:
    """A person looks."""
    return Outcome(answer=Answer.UNMAPPED, attention=Attention.OPERATOR, attention_why=why, document=document)


def is_about(standing: Standing, reference: str, member_id: str) -> bool:
    """True where the page is that of this request, and of this member."""
    return standing.reference == reference and bare(standing.member_id) == bare(member_id)


def _asks_for(standing: Standing, filed: Filed) -> bool:
    """True where the page has the services that were filed, with their units: two requests of one day may be alike in
    all that a list of them tells."""
    wanted = [(line.code.code, line.quantity.value) for line in filed.request.lines]
    return sorted(wanted) == sorted((each.code, each.requested or Decimal(0)) for each in standing.services)


def hold_to(standing: Standing, filed: Filed, site: str, *, reference: str, member_id: str) -> None:
    """Before anything is changed: the number may be one that a person has typed. Raises NeedsPerson where the page is
    of nobody known here, or of another request of the same patient."""
    if not is_about(standing, reference, member_id):
        raise NeedsPerson(f"{site}: the request of this number is another member's, nothing was done", only_this=True)
    if not _asks_for(standing, filed):
        why = f"{site}: the request of this number is for other services or units, nothing was done"
        raise NeedsPerson(why, only_this=True)


def outcome_of(
    standing: Standing, filed: Filed, to: Destination, table: str, *, reference: str, member_id: str
) -> Outcome:
    """What the page says of the filing. ``reference`` is the one that was asked for, ``member_id`` the patient's."""
    if not is_about(standing, reference, member_id):
        return unmapped(standing.document, "the page of a request is about another request, or another member")
    if reference not in [each.value for each in filed.references] and not _asks_for(standing, filed):
        return unmapped(standing.document, "a search found one request, and its page asks for other services or units")
    return _Reading(standing, filed, to, table).outcome()


@dataclass
class _Reading:
    standing: Standing
    filed: Filed
    to: Destination
    table: str
    sources: dict[str, Source] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def outcome(self) -> Outcome:
        standing = self.standing
        whole = self._means(standing.status, "/reasons/0")
        lines = self._borne_out(whole, tuple(self._lines(whole)))
        if not standing.whole:
            self._doubt("a part of the page could not be read")
        references = tuple(self._references(lines))
        notes = tuple(self._notes())
        requested = tuple(self._requested())
        cancelled = whole is LineOutcome.CANCELLED and all(line.outcome is LineOutcome.CANCELLED for line in lines)
        denied = any(line.outcome is LineOutcome.NOT_CERTIFIED for line in lines)
        raw = (self._raw(standing.status),) if whole is None else ()
        said = tuple(Reason(word=Word.OTHER, text=note[:_LONGEST_TEXT]) for note in notes) if denied else ()
        return Outcome(
            answer=Answer.CANCELLED if cancelled else Answer.REVIEWED,
            lines=() if cancelled else lines,
            reasons=raw + said,
            references=references,
            requested=requested,
            messages=notes,
            final=not any(line.outcome in OPEN for line in lines),
            attention=Attention.OPERATOR if self.doubts else Attention.NONE,
            **put_together(tuple(self.doubts)),
            sources={
                at: source
                for at, source in self.sources.items()
                if not (cancelled and at.startswith("/lines/")) and (raw or not at.startswith("/reasons/"))
            },
            document=standing.document,
        )

    def _borne_out(self, whole: LineOutcome | None, lines: tuple[LineResult, ...]) -> tuple[LineResult, ...]:
        """The lines; none is decided where the page says of the request what it says of no service, or what nobody
        understands."""
        said = {line.outcome for line in lines}
        if whole is not None:
            wanted = _BEARS_OUT.get(whole)
            if wanted is None or said & (wanted | {LineOutcome.UNKNOWN}):
                return lines
            self._doubt("what the page says of the request, it says of none of its services")
        keeps = OPEN | {LineOutcome.UNKNOWN}
        # A word that nobody knows may take back what still stands beside the services: rescinded, overturned.
        self.sources = {at: told for at, told in self.sources.items() if not at.endswith("/authorization_number")}
        return tuple(
            line if line.outcome in keeps else LineResult(line=line.line, outcome=LineOutcome.UNKNOWN) for line in lines
        )

    def _lines(self, whole: LineOutcome | None) -> Iterator[LineResult]:
        ours = {line.code.code: line for line in self.filed.request.lines}
        told = [service.code for service in self.standing.services]
        if set(told) != set(ours) or len(told) != len(set(told)):
            self._doubt("the services of the page are not those of the request")
        number = 0
        for service in self.standing.services:
            line = ours.pop(service.code, None)
            if line is None:
                continue
            yield self._line(line, service, whole, number)
            number += 1
        for line in ours.values():
            yield LineResult(line=line.id, outcome=LineOutcome.UNKNOWN)

    def _line(self, line: Line, service: Service, whole: LineOutcome | None, number: int) -> LineResult:
        at = f"/lines/{number}"
        means = self._means(service.status, f"{at}/outcome")
        outcome = LineOutcome.UNKNOWN if means is None else means
        if outcome in GRANTED:
            outcome = self._granted(outcome, line, service, whole)
        if outcome is LineOutcome.NOT_CERTIFIED and whole is LineOutcome.CERTIFIED:
            self._doubt("a service is denied in a request that is granted")
            outcome = LineOutcome.UNKNOWN
        if outcome is LineOutcome.PENDING and self.standing.wanted:
            outcome = LineOutcome.INFO_REQUESTED
        granted = outcome in GRANTED
        number_of = self._number() if granted else None
        if number_of is not None:
            self._keep(f"{at}/authorization_number", number_of)
        units = ApprovedQuantity(value=service.units, unit="units") if granted and service.units is not None else None
        span = Span(start=service.period[0], end=service.period[1]) if granted and service.period else None
        return LineResult(
            line=line.id,
            outcome=outcome,
            quantity=units,
            period=span,
            authorization_number=number_of.said if number_of is not None else None,
            reasons=(self._raw(service.status),) if means is None else (),
        )

    def _number(self) -> Node | None:
        """The authorization's. Some sites say there that it is still to come, or in a letter."""
        told = self.standing.authorization
        if told is None or _NUMBER.fullmatch(told.said):
            return told
        self._doubt("what is granted has no number that can be read")
        return None

    def _granted(self, outcome: LineOutcome, line: Line, service: Service, whole: LineOutcome | None) -> LineOutcome:
        """A grant held against what was asked for. Never a plain yes for less, or where the page contradicts itself."""
        if whole in _STOPPED:
            self._doubt("a service is granted in a request that is not")
            return LineOutcome.UNKNOWN
        if service.unclear or service.units == 0:
            self._doubt("what is granted cannot be read")
            return LineOutcome.UNKNOWN
        fewer = service.units is not None and service.units < line.quantity.value
        start, end = line.dates.start, line.dates.end or line.dates.start
        shorter = service.period is not None and (service.period[0] > start or service.period[1] < end)
        return LineOutcome.CERTIFIED_MODIFIED if fewer or shorter else outcome

    def _means(self, word: Node, pointer: str) -> LineOutcome | None:
        """What a status word means; None, and a doubt, for one that the site's table does not have."""
        entry = self.to.entry(self.table, word.said)
        self._keep(pointer, word)
        if entry is None:
            self._doubt("a status word of the site is not on its list")
            return None
        return LineOutcome(entry.means)

    def _raw(self, word: Node) -> Reason:
        return Reason(word=Word.UNMAPPED, code=word.said[:_LONGEST_CODE] or None, code_system=self.table)

    def _references(self, lines: tuple[LineResult, ...]) -> Iterator[Reference]:
        yield Reference(kind=ReferenceKind.REVIEW, value=self.standing.reference)
        number = self._number() if any(line.outcome in GRANTED for line in lines) else None
        if number is not None:
            self._keep("/references/1", number)
            yield Reference(kind=ReferenceKind.AUTHORIZATION, value=number.said)

    def _notes(self) -> Iterator[str]:
        for place, note in enumerate([note for note in self.standing.notes if note.said][:_MOST_NOTES]):
            self._keep(f"/messages/{place}", note)
            yield note.said[:1000]

    def _requested(self) -> Iterator[RequestedItem]:
        for place, name in enumerate([name for name in self.standing.wanted if name.said][:_MOST_NOTES]):
            self._keep(f"/requested/{place}", name)
            yield RequestedItem(
                kind=kind_of(name.said),
                code=name.said[:50],  # the reviewer's own words, of no code system
                text=name.said[:500],
            )

    def _keep(self, pointer: str, node: Node) -> None:
        self.sources[pointer] = Source(path=node.path or "/", start=node.start, end=node.end)

    def _doubt(self, why: str) -> None:
        if why not in self.doubts:
            self.doubts.append(why)


_KINDS: Mapping[str, tuple[str, ...]] = {
    "laboratory_results": ("laborator", "lab result", "labs"),
    "pathology_report": ("patholog",),
    "imaging_report": ("imaging", "radiolog", "scan"),
    "medication_history": ("medication", "drug history"),
    "treatment_plan": ("treatment plan",),
    "letter_of_medical_necessity": ("medical necessity",),
    "clinical_notes": ("note", "chart", "clinical record"),
}


def kind_of(name: str) -> str:
    """Our word for a document that a site asks for by a name of its own; ``other`` where the name tells nothing."""
    said = name.casefold()
    found = [kind for kind, words in _KINDS.items() if any(word in said for word in words)]
    return found[0] if len(found) == 1 else "other"
