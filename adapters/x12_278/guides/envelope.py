"""The envelope of a document: interchanges and groups, their control numbers and counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.guides.controls import Controls
from adapters.x12_278.guides.elements import Flaw, flaws
from adapters.x12_278.guides.faults import Fault, GroupReport, InterchangeReport, Kind, TransactionReport, Verdict
from adapters.x12_278.guides.grammar import SegmentNode
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.guides.patterns import Patterns
from adapters.x12_278.guides.tell import Spot, Teller
from adapters.x12_278.segment import Delimiters

SAME_CONTROL = "{} was used before in what is around it. Give every control number once."
OTHER_CONTROL = "{} is not the control number of {}. Repeat that number."
OTHER_COUNT = "{} is not the number of {}. Count again."
NO_END = "The {} has no {} at its end. Give it."
TOO_LONG = (
    "The transaction has more than {} segments, and behind segment {} nothing of it was looked at. Give what it says in"
    " several transactions."
)
NO_PLACE = "This segment has no place outside of a transaction. Leave it out, or put it where it belongs."

_ISA = {1: "010", 2: "011", 3: "012", 4: "013", 5: "005", 6: "006", 7: "007", 8: "008", 9: "014", 10: "015"}
_ISA_REST = {11: "026", 12: "017", 13: "018", 14: "019", 15: "020", 16: "027"}
_GS = {1: "1", 8: "2"}
_GS_OTHERS = "6"
_MARKS = (11, 16)
_VERSION = 12


def told(
    tell: Teller, kind: Kind, code: str, says: str, spot: Spot, *, element: int = 0, level: int = 1, start: int = 0
) -> Fault:
    return Fault(
        kind=kind,
        code=code,
        level=level,
        says=says,
        segment=spot.number,
        offset=spot.at(start),
        tag=spot.tag,
        ordinal=spot.ordinal,
        guide=tell.guide,
        element=element,
    )


def text(values: Sequence[bytes], place: int) -> str:
    return values[place].decode("latin-1") if place < len(values) else ""


def count(values: Sequence[bytes], place: int) -> int:
    """The number in an element, -1 where there is none."""
    found = text(values, place)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 12 else -1


class Group:
    """A group as far as it was read."""

    def __init__(self, spot: Spot, values: Sequence[bytes]) -> None:
        self.spot = spot
        self.kind, self.control, self.guide = text(values, 1), text(values, 6), text(values, 8)
        self.controls = Controls()
        self.transactions: list[TransactionReport] = []
        self.count = self.rejected = self.warned = 0
        self.faults: list[Fault] = []

    def take(self, transaction: TransactionReport, *, kept: TransactionReport | None) -> None:
        """What a transaction was found to be, and what of it is told."""
        self.count += 1
        verdict = transaction.verdict
        self.rejected += verdict is Verdict.REJECTED
        self.warned += verdict is Verdict.WARNED
        if kept is not None:
            self.transactions.append(kept)

    def report(self) -> GroupReport:
        return GroupReport(
            kind=self.kind,
            version=self.guide,
            control=self.control,
            segment=self.spot.number,
            faults=tuple(self.faults),
            count=self.count,
            rejected=self.rejected,
            warned=self.warned,
            transactions=tuple(self.transactions),
        )


class Interchange:
    """An interchange as far as it was read. ``again`` tells that its control number was used before in the document.

    Unless it is ``whole``, groups without a fault are counted, and not told.
    """

    def __init__(
        self,
        guides: Guides,
        patterns: Patterns,
        marks: Delimiters,
        spot: Spot,
        values: Sequence[bytes],
        *,
        again: bool,
        whole: bool,
    ) -> None:
        self._guides = guides
        self._patterns = patterns
        self._marks = marks
        self._tell = Teller(guides.control)
        self._nodes = guides.envelope
        self._spot = spot
        self._whole = whole
        self._stray = 0
        self._indented = False
        self._controls = Controls()
        self._groups: list[GroupReport] = []
        self._count = self._rejected = self._warned = 0
        self._faults: list[Fault] = []
        self.group: Group | None = None
        self.counted = 0
        """How many faults of its own and of its groups' own there are."""
        self.version, self.control = text(values, _VERSION), text(values, 13)
        self._isa(values)
        if again:
            self._say("025", SAME_CONTROL.format("ISA13"), spot, 13)

    def report(self) -> InterchangeReport:
        return InterchangeReport(
            control=self.control,
            version=self.version,
            segment=self._spot.number,
            faults=tuple(self._faults),
            count=self._count,
            rejected=self._rejected,
            warned=self._warned,
            groups=tuple(self._groups),
        )

    def take(self, spot: Spot, values: Sequence[bytes], *, indented: bool) -> None:
        """A segment that is neither an ISA nor in a transaction."""
        if indented and not self._indented:
            self._indented = True
            self._say("022", f"{spot.tag} has spaces in front of it. Leave them out.", spot)
        if spot.tag == "TA1" and self.group is None:
            self._look(self._nodes["TA1"], spot, values)
        elif spot.tag == "GS":
            self._gs(spot, values)
        elif spot.tag == "GE" and self.group is not None:
            self._ge(self.group, spot, values)
        elif spot.tag == "IEA":
            self._iea(spot, values)
        else:  # of several in a row the first is told
            if self._stray != spot.number - 1:
                self._say("022", NO_PLACE, spot)
            self._stray = spot.number

    def torn(self, error: Malformed, number: int) -> None:
        """It cannot be read further."""
        self._close_group()
        spot = Spot(number, lambda _, within: error.at + within, 0, "")
        self._say(error.note, f"The interchange cannot be read further: {error.says}. {error.fix}", spot)

    def _isa(self, values: Sequence[bytes]) -> None:
        isa = self._nodes["ISA"]
        codes = _ISA | _ISA_REST
        plain = [b"X" if place in _MARKS else value for place, value in enumerate(values)]
        for flaw in self._flaws(isa, plain):
            if flaw.place not in _MARKS and flaw.place != _VERSION:
                self._say(codes.get(flaw.place, "022"), flaw.says, self._spot, flaw.place, flaw.start)
        if self.version not in self._guides.versions:
            says = "ISA12 is of a version that no guide here is for. Write 00501."
            self._say("017", says, self._spot, _VERSION)

    def _gs(self, spot: Spot, values: Sequence[bytes]) -> None:
        self._end_group(spot)
        group = self.group = Group(spot, values)
        self._count += 1
        for flaw in self._flaws(self._nodes["GS"], values):
            if flaw.place not in _GS:
                self._of_group(group, _GS_OTHERS, flaw.says, spot, flaw.place, flaw.start)
        if not self._controls.add(group.control):
            self._of_group(group, "19", SAME_CONTROL.format("GS06"), spot, 6)
        if self.version not in self._guides.versions:
            return
        if not self._guides.knows_group(self.version, group.kind):
            says = "GS01 is of a kind of group that no guide here is for. Correct it."
            self._of_group(group, _GS[1], says, spot, 1)
        elif not self._guides.knows_guide(self.version, group.kind, group.guide):
            says = "GS08 names no guide that is known here. Correct it."
            self._of_group(group, _GS[8], says, spot, 8)

    def _ge(self, group: Group, spot: Spot, values: Sequence[bytes]) -> None:
        for flaw in self._flaws(self._nodes["GE"], values):
            self._of_group(group, _GS_OTHERS, flaw.says, spot, flaw.place, flaw.start)
        if text(values, 2) != group.control:
            self._of_group(group, "4", OTHER_CONTROL.format("GE02", "GS06"), spot, 2)
        if count(values, 1) != group.count:
            self._of_group(group, "5", OTHER_COUNT.format("GE01", "transactions"), spot, 1)
        self._close_group()

    def _iea(self, spot: Spot, values: Sequence[bytes]) -> None:
        self._end_group(spot)
        for flaw in self._flaws(self._nodes["IEA"], values):
            self._say("022", flaw.says, spot, flaw.place, flaw.start)
        if text(values, 2) != self.control:
            self._say("001", OTHER_CONTROL.format("IEA02", "ISA13"), spot, 2)
        if count(values, 1) != self._count:
            self._say("021", OTHER_COUNT.format("IEA01", "groups"), spot, 1)

    def _end_group(self, spot: Spot) -> None:
        if self.group is not None:
            self._of_group(self.group, "3", NO_END.format("group", "GE"), spot)
            self._close_group()

    def _close_group(self) -> None:
        if self.group is not None:
            report = self.group.report()
            verdict = report.verdict
            self._rejected += verdict is Verdict.REJECTED
            self._warned += verdict is Verdict.WARNED
            if self._whole or report.faults or report.transactions:
                self._groups.append(report)
        self.group = None

    def _flaws(self, node: SegmentNode, values: Sequence[bytes]) -> list[Flaw]:
        if self._patterns.of(node).fullmatch(self._marks.element.join(values)):
            return []
        return flaws(node, values, self._marks, self._guides.control.known)

    def _look(self, node: SegmentNode, spot: Spot, values: Sequence[bytes]) -> None:
        for flaw in self._flaws(node, values):
            self.counted += 1
            self._faults.append(self._tell.element(flaw, node, "ISA_LOOP", spot))

    def _of_group(self, group: Group, code: str, says: str, spot: Spot, element: int = 0, start: int = 0) -> None:
        self.counted += 1
        group.faults.append(told(self._tell, Kind.GROUP, code, says, spot, element=element, start=start))

    def _say(self, code: str, says: str, spot: Spot, element: int = 0, start: int = 0) -> None:
        self.counted += 1
        self._faults.append(told(self._tell, Kind.INTERCHANGE, code, says, spot, element=element, start=start))


def faults_of(interchange: InterchangeReport) -> Iterator[Fault]:
    yield from interchange.faults
    for group in interchange.groups:
        yield from group.faults
        for transaction in group.transactions:
            yield from transaction.faults
