"""Writes what a checker's report comes to: interchanges with TA1, 999 and 824, addressed back to whoever sent.

``judgement`` and ``advising`` say what; here are envelopes, numbers and bytes. Sender and receiver change places, test
or production and the delimiters stay what they were. Control numbers and the time come from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.x12_278.acknowledgement.advice import Advised, Party
from adapters.x12_278.acknowledgement.advising import advice, advised, guide_of
from adapters.x12_278.acknowledgement.forms import Forms
from adapters.x12_278.acknowledgement.judgement import BEYOND, Judge
from adapters.x12_278.acknowledgement.received import ReceivedGroup, ReceivedInterchange
from adapters.x12_278.acknowledgement.segments import Tagged, segments_of_advice, segments_of_group
from adapters.x12_278.acknowledgement.told import Told, told, write_line
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, InterchangeVerdict
from adapters.x12_278.guides.envelope import faults_of
from adapters.x12_278.guides.faults import InterchangeReport, Report
from adapters.x12_278.segment import Delimiters

IMPLEMENTATION = "005010X231A1"
MOST_NUMBER = 999_999_999
_QUALIFIERS = frozenset({"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"})
_SPARE = b"^!|;&{}"
"""Repetition separators for whoever declared none."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who acknowledges: ISA and GS address, and a name for the 824. What is empty is taken from what was received."""

    qualifier: str = ""
    identifier: str = ""
    application: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """``document`` is empty where nothing is to be said. ``untold`` are sentences without values of the document."""

    document: bytes = field(repr=False)
    untold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    """One interchange to be written: a TA1, and groups of one kind, each with the application ids it goes between."""

    to: ReceivedInterchange
    ta1: InterchangeVerdict | None = None
    acknowledged: tuple[tuple[ReceivedGroup, tuple[GroupVerdict, ...]], ...] = ()
    advised: tuple[tuple[ReceivedGroup, tuple[Advised, ...]], ...] = ()

    @property
    def numbers(self) -> int:
        return max(1, len(self.acknowledged) + len(self.advised))


def numbers_needed(
    report: Report, received: Sequence[ReceivedInterchange], me: Me | None = None, beyond: frozenset[int] = BEYOND
) -> int:
    """How many control numbers ``write_acknowledgement`` takes for the same."""
    return sum(letter.numbers for letter in _letters(report, received, me or Me(), beyond, []))


def write_acknowledgement(
    report: Report,
    received: Sequence[ReceivedInterchange],
    me: Me | None,
    numbers: Sequence[int],
    at: datetime,
    beyond: frozenset[int] = BEYOND,
) -> Written:
    """For each interchange that was received what answers it: TA1 and 999 in one interchange, 824 in another.

    Raises ValueError where ``numbers`` are too few, the same twice, or no control numbers.
    """
    untold: list[str] = []
    me = me or Me()
    letters = list(_letters(report, received, me, beyond, untold))
    needed = sum(letter.numbers for letter in letters)
    if len(numbers) < needed or len(set(numbers)) != len(numbers):
        raise ValueError(f"{needed} different control numbers are needed. Give them.")
    if not all(1 <= number <= MOST_NUMBER for number in numbers):
        raise ValueError(f"A control number is from 1 to {MOST_NUMBER}. Give such numbers.")
    left = iter(numbers)
    made = [
        _Writer(letter, me, [next(left) for _ in range(letter.numbers)], at, untold).written() for letter in letters
    ]
    return Written(b"".join(made), tuple(untold))


def _letters(
    report: Report,
    received: Sequence[ReceivedInterchange],
    me: Me,
    beyond: frozenset[int],
    untold: list[str],
) -> Iterator[_Letter]:
    reports = {each.segment: each for each in report.interchanges}
    if report.cut:
        says = f"The document has more faults than are told: nothing behind segment {report.segments} was looked at."
        untold.append(says)
    if report.untold:
        untold.append(f"{report.untold} faults that were found are not in the report, and not told.")
    inside = sum(1 for one in report.interchanges for _ in faults_of(one))
    if len(report.faults) > inside:
        untold.append("What stands behind the last interchange is no X12, and nobody can be answered about it.")
    starts = [group.segment for envelope in received for group in envelope.groups]
    last = max((start for start in starts if start <= report.segments), default=0)
    for envelope in received:
        if report.cut and envelope.segment > report.segments:
            continue
        if _answerable(envelope, me):
            judge = Judge(envelope, report.segments, report.cut, last, beyond)
            yield from _of(reports.get(envelope.segment), judge)
            untold += judge.untold
        else:
            says = "ISA06, ISA08 or ISA13 cannot be repeated, so nobody can be answered."
            untold.append(f"segment {envelope.segment}: {says}")


def _of(report: InterchangeReport | None, judge: Judge) -> Iterator[_Letter]:
    """``report`` is none where an interchange without a fault is not told."""
    received = judge.received
    reports = {each.segment: each for each in report.groups} if report else {}
    acknowledged: dict[tuple[str, str], tuple[ReceivedGroup, list[GroupVerdict]]] = {}
    advices: dict[tuple[str, str, str], tuple[ReceivedGroup, list[Advised]]] = {}
    named = nameless = 0
    for group in received.groups:
        each = reports.get(group.segment)
        if not judge.is_judged(group, reported=each is not None):
            continue
        faults, transactions = (each.faults, each.transactions) if each else ((), ())
        if group.kind == "FA":
            judge.silent(faults, transactions)
            continue
        verdict = judge.group(faults, transactions, group)
        named += verdict is not None
        nameless += verdict is None
        if verdict:
            acknowledged.setdefault((group.sender, group.receiver), (group, []))[1].append(verdict)
        if found := advised(judge, transactions, group):
            key = (group.sender, group.receiver, guide_of(group.version))
            advices.setdefault(key, (group, []))[1].extend(found)
    ta1 = judge.interchange(report.faults if report else (), nameless, named)
    if ta1 and ta1.verdict == Told("R"):
        if named:
            says = "of the groups of an interchange that is refused no 999 tells."
            judge.untold.append(f"segment {received.segment}: {says}")
        yield _Letter(received, ta1)
        return
    if ta1 or acknowledged:
        yield _Letter(received, ta1, tuple((group, tuple(found)) for group, found in acknowledged.values()))
    if advices:
        yield _Letter(received, advised=tuple((group, tuple(found)) for group, found in advices.values()))


def _answerable(received: ReceivedInterchange, me: Me) -> bool:
    forms = Forms(received.marks)
    ids = (received.element(6), me.identifier or received.element(8))
    return bool(forms.interchange_number(received.element(13))) and all(forms.fits(each, 2, 15) for each in ids)


class _Writer:
    def __init__(self, letter: _Letter, me: Me, numbers: Sequence[int], at: datetime, untold: list[str]) -> None:
        self._letter = letter
        self._me = me
        self._numbers = numbers
        self._at = at
        self._untold = untold
        self._forms = Forms(letter.to.marks)
        self._marks = letter.to.marks
        if not self._marks.repetition:
            used = set(b"".join(self._marks))
            spare = next(mark for mark in _SPARE if mark not in used)
            self._marks = Delimiters(self._marks.element, self._marks.component, bytes((spare,)), self._marks.segment)
            self._forms = Forms(self._marks)

    def written(self) -> bytes:
        segments = [self._isa()]
        if self._letter.ta1:
            segments.append(write_line("TA1", self._ta1(self._letter.ta1), self._marks))
        numbers = iter(self._numbers)
        for group, verdicts in self._letter.acknowledged:
            bodies = [list(segments_of_group(verdict)) for verdict in verdicts]
            segments += self._group("FA", "999", IMPLEMENTATION, group, bodies, next(numbers))
        for group, found in self._letter.advised:
            number, guide = next(numbers), guide_of(group.version)
            made = advice(found, guide, "0001", f"{number:09d}", self._at, self._parties())
            segments += self._group("AG", "824", guide, group, [list(segments_of_advice(made))], number)
        count = len(self._letter.acknowledged) + len(self._letter.advised)
        segments.append(self._join("IEA", str(count), f"{self._numbers[0]:09d}"))
        end = self._marks.segment
        return end.join(segments) + end

    def _isa(self) -> bytes:
        received, me = self._letter.to, self._me
        return self._join(
            "ISA",
            *("00", " " * 10, "00", " " * 10),
            *self._address(me.qualifier or received.element(7), me.identifier or received.element(8)),
            *self._address(received.element(5), received.element(6)),
            f"{self._at:%y%m%d}",
            f"{self._at:%H%M}",
            self._marks.repetition.decode(),
            "00501",
            f"{self._numbers[0]:09d}",
            "0",  # nobody acknowledges an acknowledgement
            "T" if received.element(15) == "T" else "P",
            self._marks.component.decode(),
        )

    def _address(self, qualifier: str, identifier: str) -> tuple[str, str]:
        return qualifier if qualifier in _QUALIFIERS else "ZZ", identifier.ljust(15)

    def _ta1(self, verdict: InterchangeVerdict) -> InterchangeVerdict:
        received, forms = self._letter.to, self._forms
        day, time = forms.day(received.element(9)), forms.time(received.element(10))
        if not day or not time:
            says = "ISA09 or ISA10 cannot be repeated; the TA1 gives the day and time of its own."
            self._untold.append(f"segment {received.segment}: {says}")
        return replace(
            verdict,
            control=Told(forms.interchange_number(received.element(13))),
            date=Told(day or f"{self._at:%y%m%d}"),
            time=Told(time or f"{self._at:%H%M}"),
        )

    def _group(
        self, kind: str, transaction: str, guide: str, group: ReceivedGroup, bodies: list[list[Tagged]], number: int
    ) -> list[bytes]:
        sender = self._application(self._me.application or group.receiver, self._me.identifier or self._isa_id(8))
        receiver = self._application(group.sender, self._isa_id(6))
        day, time = f"{self._at:%Y%m%d}", f"{self._at:%H%M}"
        segments = [self._join("GS", kind, sender, receiver, day, time, str(number), "X", guide)]
        for count, body in enumerate(bodies, start=1):
            control = f"{count:04d}"
            segments.append(self._join("ST", transaction, control, guide))
            segments += [write_line(tag, line, self._marks) for tag, line in body]
            segments.append(self._join("SE", str(len(body) + 2), control))
        return [*segments, self._join("GE", str(len(bodies)), str(number))]

    def _application(self, name: str, address: str) -> str:
        """GS02 or GS03; the address of the interchange where it cannot be repeated."""
        return name if self._forms.fits(name, 2, 15) else address

    def _isa_id(self, place: int) -> str:
        return self._letter.to.element(place)

    def _parties(self) -> tuple[Party, ...]:
        ours, name = self._me.identifier or self._isa_id(8), self._me.name
        return (
            Party(role=Told("41"), name=told(name), qualifier=Told("ZZ"), identifier=Told(ours)),
            Party(role=Told("40"), qualifier=Told("ZZ"), identifier=Told(self._isa_id(6))),
        )

    def _join(self, *elements: str) -> bytes:
        return self._marks.element.join(each.encode("ascii") for each in elements)
