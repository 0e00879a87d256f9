"""What a report of the checker comes to: a TA1 for an interchange, a 999 for a group, an 824 for what neither can say.

Faults of the envelope go into TA1, those of the syntax and of the guide (SNIP 1 to 3) into the 999, those of rules (4),
of codes of others (5) and of a payer (7) into the 824: ``BEYOND``. A trading partner that reads no 824 is told all in
the 999 (``beyond`` empty). No value of the document goes back but its control numbers, its references and the member id
that names a business unit. What could not be said is told in sentences of places and counts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from adapters.x12_278.acknowledgement.codes import ELEMENT, GROUP, NOTE, SEGMENT, TRANSACTION
from adapters.x12_278.acknowledgement.forms import Forms
from adapters.x12_278.acknowledgement.received import ReceivedGroup, ReceivedInterchange, ReceivedTransaction
from adapters.x12_278.acknowledgement.told import Told, told
from adapters.x12_278.acknowledgement.verdicts import (
    Context,
    ElementFault,
    GroupEnd,
    GroupVerdict,
    InterchangeVerdict,
    Position,
    SegmentFault,
    Subject,
    TransactionEnd,
    TransactionVerdict,
)
from adapters.x12_278.guides.faults import Fault, Kind, TransactionReport

BEYOND = frozenset({4, 5, 7})
"""SNIP levels of faults that the 824 tells of."""
MOST_SEGMENTS = 1000
"""IK3 of one transaction. The map has no limit; a reader has."""
MOST_ELEMENTS = 99
"""IK4 of one IK3."""
MOST_CODES = 5
"""IK502 to IK506, AK905 to AK909."""
_BUSINESS_UNIT = "SUBSCRIBER NAME NM109"
"""A 999 about a 278 was seen to name its business unit so."""
_WRAPPERS = frozenset({"HEADER", "DETAIL", "FOOTER"})
_LOOP = re.compile(r"[0-9A-Z]{1,6}")
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")


@dataclass(slots=True)
class Judge:
    """Judges one interchange. ``looked`` is the last segment that the checker looked at, ``cut`` tells that it looked
    no further; ``last`` is the group that it looked at last."""

    received: ReceivedInterchange
    looked: int
    cut: bool
    last: int = 0
    beyond: frozenset[int] = BEYOND
    untold: list[str] = field(default_factory=list)
    forms: Forms = field(init=False)

    def __post_init__(self) -> None:
        self.forms = Forms(self.received.marks)

    def interchange(self, faults: Sequence[Fault], nameless: int, named: int) -> InterchangeVerdict | None:
        """TA1 of an interchange by its own faults, or none where it has none and ISA14 does not ask for one.
        ``nameless`` are groups that no 999 can name, ``named`` those that one does."""
        refused = any(fault.refuses for fault in faults) or (nameless > 0 and not named)
        if not faults and not nameless and self.received.element(14) != "1":
            return None
        if self.received.acknowledges and not self.received.groups:
            self._untold(faults, "TA1 is not answered by a TA1")
            return None
        notes = [
            fault.code if fault.kind is Kind.INTERCHANGE else "024" for fault in faults if fault.refuses == refused
        ]
        notes = [note for note in [*notes, *["024"] * bool(nameless)] if note in NOTE]
        if len(faults) > 1:
            self.untold.append(f"A TA1 has one note; {len(faults) - 1} other faults of the interchange are not told.")
        verdict = "R" if refused else "E" if faults or nameless else "A"
        return InterchangeVerdict(verdict=Told(verdict), note=Told(notes[0] if notes else "000"))

    def group(
        self, faults: Sequence[Fault], transactions: Sequence[TransactionReport], received: ReceivedGroup
    ) -> GroupVerdict | None:
        """The 999 of a group by its own faults and those of its transactions; none where it cannot name it. A
        transaction that is not reported has no fault, unless nobody looked at it."""
        forms = self.forms
        kind, control, version = forms.code(received.kind, 2), forms.number(received.control), received.version
        if not kind or not control or not forms.fits(version, 1, 12):
            self.untold.append(f"segment {received.segment}: GS01, GS06 or GS08 cannot be repeated in a 999.")
            return None
        refused = any(fault.refuses for fault in faults)
        reports = {each.segment: each.faults for each in transactions}
        told_of: list[TransactionVerdict] = []
        taken = unread = 0
        for transaction in received.transactions:
            if self.cut and transaction.segment > self.looked:
                unread += 1
                continue
            verdict = self.transaction(reports.get(transaction.segment, ()), transaction)
            is_taken = verdict.end is not None and verdict.end.verdict in (Told("A"), Told("E")) and not refused
            taken += is_taken
            if verdict.kind and verdict.control:
                told_of.append(verdict)
            else:
                says = "ST01 or ST02 cannot be repeated in a 999, which counts the transaction and does not name it."
                self.untold.append(f"segment {transaction.segment}: {says}")
        if refused:  # a group that is refused takes none; of those without a fault it says nothing more
            told_of = [each for each in told_of if each.end and each.end.verdict == Told("R")]
        if unread:
            self.untold.append(f"{unread} transactions behind segment {self.looked} were not looked at, nor taken.")
        count = len(received.transactions)
        end = self._end(faults, received, count, taken, refused, any(each.end != _END_TAKEN for each in told_of))
        return GroupVerdict(
            kind=told(kind), control=told(control), version=told(version), transactions=tuple(told_of), end=end
        )

    def _end(
        self, faults: Sequence[Fault], received: ReceivedGroup, count: int, taken: int, refused: bool, noted: bool
    ) -> GroupEnd:
        if refused or (count and not taken):
            verdict = "R"
        elif taken < count:
            verdict = "P"
        else:
            verdict = "E" if noted or faults else "A"
        announced = received.announced if re.fullmatch("[0-9]{1,6}", received.announced) else str(count)
        if count > 999_999:
            self.untold.append(f"segment {received.segment}: {count} transactions are more than AK9 can count.")
        codes = self._codes([fault.code for fault in faults], GROUP, received.segment)
        counts = [Told(str(min(number, 999_999))) for number in (count, taken)]
        return GroupEnd(
            verdict=Told(verdict), announced=Told(announced), received=counts[0], taken=counts[1], codes=codes
        )

    def transaction(self, reported: Sequence[Fault], received: ReceivedTransaction) -> TransactionVerdict:
        faults = [fault for fault in reported if not self.is_beyond(fault)]
        own = [fault for fault in faults if fault.kind is Kind.TRANSACTION]
        inner = [fault for fault in faults if fault.kind is not Kind.TRANSACTION]
        segments = self._segments(inner, received)
        codes = [fault.code for fault in own]
        codes += ["5"] * any(fault.level == 1 for fault in inner) + ["I5"] * any(fault.level > 1 for fault in inner)
        verdict = "R" if any(fault.refuses for fault in faults) else "E" if faults else "A"
        guide = received.guide if self.forms.fits(received.guide, 1, 35) else ""
        return TransactionVerdict(
            kind=told(self.forms.code(received.kind, 3)),
            control=told(self.forms.control(received.control) or ""),
            guide=told(guide),
            segments=tuple(segments),
            end=TransactionEnd(verdict=Told(verdict), codes=self._codes(codes, TRANSACTION, received.segment)),
        )

    def is_beyond(self, fault: Fault) -> bool:
        return fault.level in self.beyond and fault.kind in (Kind.SEGMENT, Kind.ELEMENT)

    def _segments(self, faults: Sequence[Fault], received: ReceivedTransaction) -> list[SegmentFault]:
        found: list[SegmentFault] = []
        left = 0
        for fault in faults:
            line = self._segment(fault, received)
            if line is None:
                left += 1
            elif fault.kind is Kind.ELEMENT and found and _same_segment(found[-1], line):
                if len(found[-1].elements) < MOST_ELEMENTS:
                    found[-1] = replace(found[-1], elements=(*found[-1].elements, *line.elements))
                else:
                    left += 1
            elif line in found[-1:]:
                continue
            elif len(found) < MOST_SEGMENTS:
                found.append(line)
            else:
                left += 1
        if left:
            self.untold.append(
                f"segment {received.segment}: {left} faults of this transaction are not told in the 999."
            )
        return found

    def _segment(self, fault: Fault, received: ReceivedTransaction) -> SegmentFault | None:
        known = ELEMENT if fault.kind is Kind.ELEMENT else SEGMENT
        if not _TAG.fullmatch(fault.tag) or fault.code not in known:
            return None
        ordinal = fault.ordinal or fault.segment - received.segment + 1
        loop = fault.loop if _LOOP.fullmatch(fault.loop) and fault.loop not in _WRAPPERS else ""
        elements: tuple[ElementFault, ...] = ()
        code = fault.code
        if fault.kind is Kind.ELEMENT:
            if not 1 <= fault.element <= 99:
                return None
            code, elements = "8", (_element(fault),)
        return SegmentFault(
            tag=told(fault.tag),
            ordinal=Told(str(ordinal)),
            loop=told(loop),
            codes=(Told(code),),
            contexts=() if fault.tag in ("ST", "SE") else tuple(self._contexts(ordinal, received)),
            elements=elements,
        )

    def _contexts(self, ordinal: int, received: ReceivedTransaction) -> Iterator[Context]:
        """The business unit that a segment is in: the last subscriber named up to there."""
        named = bisect_right(received.subscribers, ordinal, key=lambda each: each[0])
        name = received.subscribers[named - 1][1] if named else ""
        if self.forms.fits(name, 1, 35):
            yield Context(subjects=(Subject(name=Told(_BUSINESS_UNIT), value=Told(name)),))

    def _codes(self, codes: Sequence[str], known: frozenset[str], segment: int) -> tuple[Told, ...]:
        each = [code for code in dict.fromkeys(codes) if code in known]
        if len(each) > MOST_CODES:
            self.untold.append(f"segment {segment}: {len(each) - MOST_CODES} kinds of faults are not told.")
        return tuple(Told(code) for code in each[:MOST_CODES])

    def is_judged(self, group: ReceivedGroup, *, reported: bool) -> bool:
        """Whether somebody looked at the group: one that is not reported has no fault, unless looking ended in it."""
        if not self.cut or group.segment < self.last or (group.segment == self.last and reported):
            return True
        self.untold.append(f"segment {group.segment}: this group was not looked at wholly, and is not acknowledged.")
        return False

    def silent(self, group: Sequence[Fault], transactions: Sequence[TransactionReport]) -> None:
        """Of a group of acknowledgements, which nobody acknowledges."""
        faults = [*group, *(fault for each in transactions for fault in each.faults)]
        self._untold(faults, "an acknowledgement is not acknowledged")

    def _untold(self, faults: Sequence[Fault], why: str) -> None:
        if faults:
            self.untold.append(f"{len(faults)} faults from segment {faults[0].segment} on are not told: {why}.")


_END_TAKEN = TransactionEnd(verdict=Told("A"))


def _same_segment(last: SegmentFault, line: SegmentFault) -> bool:
    return bool(last.elements) and replace(last, elements=line.elements) == line


def _element(fault: Fault) -> ElementFault:
    component, repetition = (told(str(place)) if place else None for place in (fault.component, fault.repetition))
    position = Position(element=Told(str(fault.element)), component=component, repetition=repetition)
    return ElementFault(position=position, number=told(fault.number), code=Told(fault.code))
