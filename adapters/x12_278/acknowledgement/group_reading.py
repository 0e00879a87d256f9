"""Reads the transactions that speak of groups, 999 and 997: every AK1 in them, with all that hangs on it.

Whatever the order and the number of the segments, each ends in a record or is kept, and what is odd is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from adapters.x12_278.acknowledgement.codes import KNOWN, REFUSED, TAKEN
from adapters.x12_278.acknowledgement.oddity import Kind, Oddity
from adapters.x12_278.acknowledgement.told import Cut, KeptSegment, Line, Told, read_line, text_of
from adapters.x12_278.acknowledgement.verdicts import (
    Context,
    ElementFault,
    GroupEnd,
    GroupVerdict,
    SegmentFault,
    TransactionEnd,
    TransactionVerdict,
)

L = TypeVar("L", bound=Line)
_NEWER = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}


@dataclass(slots=True)
class _OpenSegment:
    line: SegmentFault
    contexts: list[Context] = field(default_factory=list)
    elements: list[ElementFault] = field(default_factory=list)

    def closed(self) -> SegmentFault:
        return replace(self.line, contexts=tuple(self.contexts), elements=tuple(self.elements))


@dataclass(slots=True)
class _OpenTransaction:
    line: TransactionVerdict
    segments: list[_OpenSegment] = field(default_factory=list)
    end: TransactionEnd | None = None

    def closed(self) -> TransactionVerdict:
        return replace(self.line, segments=tuple(each.closed() for each in self.segments), end=self.end)


@dataclass(slots=True)
class _OpenGroup:
    line: GroupVerdict
    transactions: list[_OpenTransaction] = field(default_factory=list)
    end: GroupEnd | None = None

    def closed(self) -> GroupVerdict:
        return replace(self.line, transactions=tuple(each.closed() for each in self.transactions), end=self.end)


class GroupReader:
    """Takes the segments of one transaction after another."""

    def __init__(self) -> None:
        self.kept: list[KeptSegment] = []
        self.oddities: list[Oddity] = []
        self._groups: list[_OpenGroup] = []
        self._older = False

    def read(self, st: Cut, body: Iterable[Cut]) -> tuple[GroupVerdict, ...]:
        """The groups that a transaction speaks of: one, if it is as the guide has it."""
        self._groups = []
        self._older = st.raw(1) == b"997"
        if self._older:
            self._odd(Kind.OLDER_TRANSACTION, "a 997 stands where a 999 belongs", st)
        for segment in body:
            self._take(segment)
        if not self._groups:
            self._odd(Kind.MISSING, "no AK1 says which group is meant", st)
        for group in self._groups:
            self._judge(group)
        return tuple(group.closed() for group in self._groups)

    def _take(self, segment: Cut) -> None:
        tag = _NEWER.get(segment.tag, segment.tag)
        if tag != segment.tag and not self._older:
            self._odd(Kind.OLDER_SEGMENTS, f"{segment.tag} stands where {tag} belongs", segment)
        group = self._groups[-1] if self._groups else None
        transaction = group.transactions[-1] if group and not group.end and group.transactions else None
        faulty = transaction.segments[-1] if transaction and not transaction.end and transaction.segments else None
        if tag == "AK1":
            if group:
                self._odd(Kind.SEVERAL_GROUPS, "a second AK1 stands in one transaction", segment)
            self._groups.append(_OpenGroup(self._line(GroupVerdict, segment, "AK101", "AK102")))
        elif tag == "AK2" and group and not group.end:
            group.transactions.append(_OpenTransaction(self._line(TransactionVerdict, segment, "AK201", "AK202")))
        elif tag == "IK3" and transaction and not transaction.end:
            transaction.segments.append(_OpenSegment(self._segment_fault(segment)))
        elif tag == "IK4" and faulty:
            line = self._line(ElementFault, segment, "IK401", "IK403")
            self._coded("IK403", (line.code,), segment)
            faulty.elements.append(line)
        elif tag == "CTX" and faulty:
            self._context(faulty, self._line(Context, segment))
        elif tag == "IK5" and transaction and not transaction.end:
            transaction.end = self._line(TransactionEnd, segment, "IK501")
            self._coded("IK501", (transaction.end.verdict,), segment)
            self._coded("IK502", transaction.end.codes, segment)
        elif tag == "AK9" and group and not group.end:
            group.end = self._line(GroupEnd, segment, "AK901", "AK902", "AK903", "AK904")
            self._coded("AK901", (group.end.verdict,), segment)
            self._coded("AK905", group.end.codes, segment)
        else:
            self.kept.append(KeptSegment.of(segment))
            self._odd(Kind.MISPLACED, f"{segment.tag} has no place there", segment)

    def _segment_fault(self, segment: Cut) -> SegmentFault:
        line = self._line(SegmentFault, segment, "IK301", "IK302")
        if segment.tag == "IK3" and len(line.codes) > 1:
            self._odd(Kind.EXTRA, "IK3 has more than one code, as only AK3 may", segment)
        self._coded("IK304", line.codes, segment)
        return line

    @staticmethod
    def _context(faulty: _OpenSegment, line: Context) -> None:
        if faulty.elements:
            last = faulty.elements[-1]
            faulty.elements[-1] = replace(last, contexts=(*last.contexts, line))
        else:
            faulty.contexts.append(line)

    def _line(self, form: type[L], segment: Cut, *needed: str) -> L:
        line = read_line(form, segment)
        self.oddities += surplus(line)
        for name in needed:
            if not segment.raw(int(name[-2:])).strip():
                self._odd(Kind.MISSING, f"{segment.tag}{name[-2:]} is missing", segment)
        return line

    def _coded(self, element: str, codes: Sequence[Told | None], segment: Cut) -> None:
        for code in codes:
            if code and code.text not in KNOWN[element]:
                says = f"{code.label} holds no code that is known there"
                self.oddities.append(Oddity(Kind.UNKNOWN_CODE, says, segment.number, code.start))

    def _judge(self, group: _OpenGroup) -> None:
        for transaction in group.transactions:
            if transaction.end is None:
                says = "a transaction is named and no IK5 says what became of it"
                self._of(Kind.NO_TRANSACTION_VERDICT, says, transaction.line)
        if group.end is None:
            self._of(Kind.NO_GROUP_VERDICT, "no AK9 says what became of the group", group.line)
            return
        words = [text_of(each.end.verdict) for each in group.transactions if each.end]
        taken = sum(word in TAKEN for word in words)
        refused = sum(word in REFUSED for word in words)
        whole_word = text_of(group.end.verdict)
        if (whole_word in TAKEN and refused) or (whole_word in REFUSED and taken):
            self._of(Kind.CONTRADICTION, "AK901 and an IK501 of the group contradict each other", group.end)
        received, accepted = _count(group.end.received), _count(group.end.taken)
        # A sender may leave out those that it took: then more are received and taken than are told of.
        fits = max(len(group.transactions), taken + refused) <= received and taken <= accepted <= received - refused
        if not fits or accepted < 0:
            self._of(Kind.COUNTS, "AK903 and AK904 do not add up to what is told of the transactions", group.end)

    def _of(self, kind: Kind, says: str, line: Line) -> None:
        self.oddities.append(Oddity(kind, says, line.where.segment, line.where.offset))

    def _odd(self, kind: Kind, says: str, segment: Cut) -> None:
        self.oddities.append(Oddity(kind, says, segment.number, segment.start))


def surplus(line: Line) -> list[Oddity]:
    """An oddity for each value that a record has no field for."""
    says = "{} is more than the segment has"
    return [Oddity(Kind.EXTRA, says.format(each.label), each.segment, each.offset) for each in line.kept]


def _count(value: Told | None) -> int:
    """The number, -1 where there is none."""
    text = text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
