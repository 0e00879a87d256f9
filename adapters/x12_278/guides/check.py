"""Checks a document against the guides: ``check(document, guides)``.

Where all is right a transaction is looked at once, by ``automaton``; ``walk`` explains what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.guides import envelope
from adapters.x12_278.guides.conclusion import concluded_of_watched
from adapters.x12_278.guides.controls import Controls
from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.envelope import Group, Interchange, count, text
from adapters.x12_278.guides.faults import Fault, InterchangeReport, Kind, Report, TransactionReport
from adapters.x12_278.guides.grammar import Sure
from adapters.x12_278.guides.library import Compiled, Guides
from adapters.x12_278.guides.tell import Spot, Teller
from adapters.x12_278.guides.walk import ENVELOPE, Walk
from adapters.x12_278.segment import Delimiters

MOST_TOLD = 2000
"""Faults told of one document. Of a transaction that comes later only the first that refuses is told."""
MOST_FAULTS = 50_000
"""Faults that refuse, after which nobody looks further: the file is of another kind than its sender believes."""
Told = Callable[[TransactionReport], None]


def check(chunks: bytes | Iterable[bytes], guides: Guides, each: Told | None = None, limits: Limits = LIMITS) -> Report:
    """Raises Malformed for what does not begin with an ISA. Whatever stands behind it, the answer is a report.

    Where ``each`` is given it hears of every transaction in turn, and the report keeps those with faults only, so that
    memory does not grow with the document.
    """
    return _Check(Document(chunks, limits), guides, each, limits.transaction).report()


class _Check:
    def __init__(self, document: Document, guides: Guides, each: Told | None, most: int) -> None:
        self._document = document
        self._most = most
        self._each = each
        self._guides = guides
        self._segments = document.segments(1)
        self._open: Interchange | None = None
        self._done: list[InterchangeReport] = []
        self._count = 0
        self._faults = 0
        self._told_of = 0
        self._untold = 0
        self._controls = Controls()
        self._number = 0
        self._rest: list[Fault] = []

    def report(self) -> Report:
        try:
            for number, segment in self._all():
                self._number = number
                self._document.keep(number)
                self._outside(number, segment)
        except Malformed as error:
            self._torn(error)
        self._close()
        faults = sorted(chain.from_iterable(map(envelope.faults_of, self._done)), key=lambda fault: fault.segment)
        return Report(
            faults=(*faults, *self._rest),
            count=self._count,
            interchanges=tuple(self._done),
            segments=self._number,
            untold=self._untold,
            cut=self._faults > MOST_FAULTS,
        )

    def _all(self) -> Iterator[tuple[int, bytes]]:
        """The segments outside of transactions: who reads one moves ``_segments`` on."""
        while self._faults <= MOST_FAULTS and (item := next(self._segments, None)) is not None:
            yield item

    def _outside(self, number: int, segment: bytes) -> None:
        """A segment that is in no transaction."""
        marks = self._document.marks(number)
        values = segment.split(marks.element)
        if values[0] == b"ISA" or self._open is None:
            self._begin(number, values, marks)
            return
        interchange = self._open
        if values[0] == b"ST" and interchange.group:
            self._transaction(number, segment, values, interchange, interchange.group)
            return
        before = interchange.counted
        interchange.take(self._spot(number, values), values, indented=self._document.indented(number))
        self._faults += interchange.counted - before

    def _begin(self, number: int, values: list[bytes], marks: Delimiters) -> None:
        self._close()
        self._marks = marks
        new = Interchange(
            self._guides,
            self._guides.patterns(marks),
            marks,
            self._spot(number, values),
            values,
            again=not self._controls.add(text(values, 13)),
            whole=self._each is None,
        )
        self._faults += new.counted
        self._count += 1
        self._open = new

    def _close(self) -> None:
        if self._open is not None:
            report = self._open.report()
            if self._each is None or report.faults or report.groups:
                self._done.append(report)
            self._open = None

    def _torn(self, error: Malformed) -> None:
        if not self._count:
            raise error
        if self._open is not None and error.segment is not None and self._document.before < self._number:
            self._number = max(self._number, self._document.before + error.segment)
            self._open.torn(error, self._number)
            return
        spot = Spot(self._number + 1, lambda _, within: error.at + within, 0, "")
        says = f"What stands behind the last interchange cannot be read: {error.says}. {error.fix}"
        self._rest.append(envelope.told(Teller(self._guides.control), Kind.INTERCHANGE, error.note, says, spot))

    def _spot(self, number: int, values: list[bytes]) -> Spot:
        return Spot(number, self._document.place, 0, values[0].decode())

    def _transaction(
        self, number: int, segment: bytes, values: list[bytes], interchange: Interchange, group: Group
    ) -> None:
        ahead = next(self._segments, None)
        purpose, bht = self._purpose(ahead)
        kind, control, st_guide = text(values, 1), text(values, 2), text(values, 3)
        choice = self._guides.choose(interchange.version, group.kind, group.guide, st_guide, purpose)
        faults: list[Fault] = []
        if choice is None:
            faults.append(self._unknown(number, interchange, group, bht))
            last = self._skip(number)
            name = ""
        else:
            compiled = self._guides.compiled(choice.name, self._marks)
            name = compiled.grammar.name
            last, faults = self._inside(number, segment, ahead, compiled, control)
        if not group.controls.add(control):
            faults.append(self._told(number, Kind.TRANSACTION, "23", 1, envelope.SAME_CONTROL.format("ST02")))
        self._number = last
        whole = TransactionReport(
            kind=kind,
            control=control,
            guide=name,
            segment=number,
            segments=last - number + 1,
            faults=tuple(faults),
            sure=choice.sure if choice else Sure.AGREED,
        )
        if self._each is not None:
            self._each(whole)
        group.take(whole, kept=self._kept(whole))

    def _kept(self, whole: TransactionReport) -> TransactionReport | None:
        """What the report tells of a transaction: all of it, while there is room."""
        if not whole.faults:
            return whole if self._each is None else None
        refusing = [fault for fault in whole.faults if fault.refuses]
        self._faults += len(refusing)
        told = whole
        if self._told_of >= MOST_TOLD:
            told = replace(whole, faults=tuple(refusing[:1]))
            self._untold += len(whole.faults) - len(told.faults)
        self._told_of += len(told.faults)
        return told if told.faults or self._each is None else None

    def _purpose(self, ahead: tuple[int, bytes] | None) -> tuple[str, bool]:
        values = ahead[1].split(self._marks.element, 3) if ahead else []
        bht = bool(values) and values[0] == b"BHT"
        return (text(values, 2) if bht else ""), bht

    def _inside(
        self, number: int, segment: bytes, ahead: tuple[int, bytes] | None, compiled: Compiled, control: str
    ) -> tuple[int, list[Fault]]:
        if ahead and compiled.machine.begins(segment):
            machine = compiled.machine
            places: list[int] = []
            noted: list[bytes] = []
            try:
                end = machine.run(
                    machine.start(), islice(chain((ahead,), self._segments), self._most - 1), places, noted
                )
            except Malformed:
                end = None
            if end and self._counted(end, number, control) and not self._document.indented_since(number):
                if compiled.plans.holds(places, noted):
                    return end[0], []
                return end[0], concluded_of_watched(compiled, self._document, number, places, noted)
        return self._explained(number, compiled, control)

    def _counted(self, end: tuple[int, bytes], first: int, control: str) -> bool:
        values = end[1].split(self._marks.element)
        return count(values, 1) == end[0] - first + 1 and text(values, 2) == control

    def _explained(self, number: int, compiled: Compiled, control: str) -> tuple[int, list[Fault]]:
        walked = Walk(compiled, self._document, number, self._most).walk()
        faults = walked.faults
        tell = Teller(compiled.grammar)
        spot = Spot(walked.last, self._document.place, walked.last - number + 1, "SE")
        if walked.beyond:
            says = envelope.TOO_LONG.format(self._most, walked.last)
            faults.append(envelope.told(tell, Kind.TRANSACTION, "1", says, walked.beyond))
            return self._skip(walked.last), faults
        if walked.torn:
            says = "The transaction cannot be read to its end, for the interchange cannot. Mend that first."
            faults.append(envelope.told(tell, Kind.TRANSACTION, "2", says, spot))
        elif walked.se is None:
            faults.append(envelope.told(tell, Kind.TRANSACTION, "2", envelope.NO_END.format("transaction", "SE"), spot))
        else:
            if text(walked.se_values, 2) != control:
                says = envelope.OTHER_CONTROL.format("SE02", "ST02")
                faults.append(envelope.told(tell, Kind.TRANSACTION, "3", says, walked.se, element=2))
            if count(walked.se_values, 1) != walked.last - number + 1:
                says = envelope.OTHER_COUNT.format("SE01", "segments, ST and SE with them")
                faults.append(envelope.told(tell, Kind.TRANSACTION, "4", says, walked.se, element=1))
        self._segments = self._document.segments(walked.last + 1)
        return walked.last, faults

    def _skip(self, number: int) -> int:
        """Passes over what is left of a transaction that nobody looks at, and says where it ended."""
        last = number
        for each, segment in self._document.segments(number):
            tag = segment.partition(self._marks.element)[0]
            if each > number and tag in ENVELOPE:
                break
            last = each
            self._document.keep(each)
            if tag == b"SE":
                break
        self._segments = self._document.segments(last + 1)
        return last

    def _unknown(self, number: int, interchange: Interchange, group: Group, bht: bool) -> Fault:
        if not self._guides.purposes(interchange.version, group.kind, group.guide):
            says = "There is no guide here for this transaction, so nothing of it was checked. Correct GS08 and ST03."
            return self._told(number, Kind.TRANSACTION, "I6", 2, says)
        if not bht:
            says = "Behind the ST stands no BHT, so that nobody knows what the transaction is for. Give it."
            return self._told(number, Kind.SEGMENT, "3", 2, says, tag="BHT")
        says = "BHT02 is of no purpose that a guide is known for, so nothing else was checked. Correct it."
        return self._told(number + 1, Kind.ELEMENT, "7", 2, says, tag="BHT", element=2)

    def _told(
        self, number: int, kind: Kind, code: str, level: int, says: str, tag: str = "ST", element: int = 0
    ) -> Fault:
        return Fault(
            kind=kind,
            code=code,
            level=level,
            says=says,
            segment=number,
            offset=self._document.place(number),
            tag=tag,
            ordinal=1,
            element=element,
        )
