"""An outcome in the making: values with the bytes they were read from, and what was not understood on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from adapters.rest_review.tables import REASONS, STATUSES, Status
from adapters.rest_review.tree import Node
from gateway.contract.destination import CodeEntry, Destination
from gateway.model.numbers import is_placeholder
from gateway.model.outcome import Source
from gateway.model.reasons import Reason, Word
from gateway.model.status import LineOutcome

_DAY = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MOMENT = re.compile(r"([0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(Z|[+-][0-9]{2}:?[0-9]{2})")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
Given = tuple[Reason, CodeEntry | None]
"""A reason, and what its table says of it."""
GRANTED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})


class Reading:
    """A doubt means that a person of ours must look."""

    def __init__(self, to: Destination) -> None:
        self._to = to
        self.sources: dict[str, Source] = {}
        self.doubts: list[str] = []

    def aside(self) -> Reading:
        """One whose sources and doubts are nobody's, for what is looked at before it is read."""
        return Reading(self._to)

    def keep(self, pointer: str, node: Node) -> None:
        """Remember where the outcome's value at ``pointer`` was read."""
        self.sources[pointer] = Source(path=node.path or "/", start=node.start, end=node.end)

    def doubt(self, why: str) -> None:
        if why not in self.doubts:
            self.doubts.append(why)

    def status(self, node: Node) -> Status:
        """What a status code means; UNKNOWN, and a doubt, for one that nobody published."""
        entry = self._to.entry(STATUSES, (node.text or "").strip().upper())
        if entry is None:
            self.doubt("a status code of the answer is not known")
            return Status.UNKNOWN
        return Status(entry.means)

    def reasons(self, pointer: str, *items: Node) -> tuple[Given, ...]:
        """The reasons of a review or a procedure, or of both together, which will stand at ``pointer``."""
        return tuple(self._reasons(pointer, items))

    def asks(self, reason: Reason) -> bool:
        """True where a reason asks for documents."""
        entry = self._to.entry(REASONS, (reason.code or "").upper())
        return entry is not None and entry.asks

    def _reasons(self, pointer: str, items: tuple[Node, ...]) -> Iterator[Given]:
        seen: set[tuple[str, ...]] = set()
        for told in (told for item in items for told in item.items("statusReasons")[:20]):
            code, text = told.word("code"), told.word("value")
            said = tuple((node.text or "").strip() if node else "" for node in (code, text))
            if said in seen or not any(said):
                continue
            entry = self._to.entry(REASONS, said[0].upper()) if code else None
            if entry is None:
                self.doubt("a reason of the answer is not known")
            self.keep(f"{pointer}/reasons/{len(seen)}", code or told)
            seen.add(said)
            yield (
                Reason(
                    word=Word(entry.means) if entry else Word.UNMAPPED,
                    code=said[0][:80],
                    code_system=REASONS,
                    text=text.text[:500] if text and text.text else None,
                    suggested=entry.next if entry else None,
                ),
                entry,
            )


def outcome_for(status: Status, reasons: tuple[Given, ...], reading: Reading) -> LineOutcome:
    """A status with its reasons: some take a grant back, or say that nothing was denied. Never a plain yes."""
    outcome = LineOutcome(status.value)
    entries = [entry for _, entry in reasons]
    if outcome is LineOutcome.NOT_CERTIFIED:
        said = {entry.refused if entry else None for entry in entries} or {None}
        if said == {None}:
            return outcome
        [word, *more] = said
        if more or word is None:
            reading.doubt("the reasons of one denial do not come to the same")
            return LineOutcome.UNKNOWN
        if word == "unknown":
            reading.doubt("the reason of a denial leaves open whether anything was denied")
        return LineOutcome(word)
    if outcome in GRANTED and entries:
        if any(entry is None or entry.granted == "unknown" for entry in entries):
            reading.doubt("what is granted has a reason against it")
            return LineOutcome.UNKNOWN
        if any(entry.granted for entry in entries if entry):
            return LineOutcome.CERTIFIED_MODIFIED
    if outcome is LineOutcome.PENDING and any(entry.asks for entry in entries if entry):
        return LineOutcome.INFO_REQUESTED
    return outcome


def day(node: Node) -> date | None:
    """A calendar day, with a time of day or without; None where it cannot be read."""
    found = _DAY.fullmatch(node.said)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def amount(node: Node) -> Decimal | None:
    """A plain number, None for any other: an exponent would make a megabyte of digits of a few characters."""
    return Decimal(node.said) if _AMOUNT.fullmatch(node.said) else None


def moment(node: Node) -> datetime | None:
    """A time with its zone; the API writes ``+0000``."""
    found = _MOMENT.fullmatch((node.text or "").strip())
    if found is None:
        return None
    zone = found[2] if found[2] == "Z" or ":" in found[2] else f"{found[2][:3]}:{found[2][3:]}"
    try:
        return datetime.fromisoformat(found[1] + zone.replace("Z", "+00:00"))
    except ValueError:
        return None


def number_at(item: Node) -> Node | None:
    """An authorization's number: a text that can be one, and short enough."""
    node = item.word("certificationNumber")
    if node is None or len(node.said) > 80 or is_placeholder(node.said):
        return None
    return node
