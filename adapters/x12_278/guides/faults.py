"""What a check says: faults with their place and code, and a verdict on each transaction, group and interchange."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adapters.x12_278.guides.grammar import Sure


class Kind(StrEnum):
    """The element of an acknowledgment that a fault's code belongs into."""

    SEGMENT = "IK304"
    ELEMENT = "IK403"
    TRANSACTION = "IK502"
    GROUP = "AK905"
    INTERCHANGE = "TA105"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    WARNED = "warned"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. No text in it repeats a value of the document.

    ``segment`` counts from 1 in the document, ``ordinal`` from the ST of the transaction (0 outside of one); ``offset``
    is the byte where the element begins, or the segment. ``at`` names the place as rules do, ``pos`` is its position in
    the guide, ``number`` the data element. ``level`` is WEDI SNIP's; of level 7 ``layer`` says whose wish it is, and
    where that was learned. ``elsewhere`` is where a rule wants something otherwise, if that is not ``at``. ``allowed``
    are the codes that may stand where another does, ``most`` is how often something may come that comes too often.
    """

    kind: Kind
    code: str
    level: int
    says: str
    segment: int
    offset: int
    tag: str
    ordinal: int = 0
    loop: str = ""
    at: str = ""
    guide: str = ""
    pos: int = 0
    element: int = 0
    component: int = 0
    repetition: int = 0
    number: str = ""
    sure: Sure = Sure.AGREED
    refuses: bool = True
    rule: str = ""
    layer: str = ""
    elsewhere: str = ""
    allowed: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionReport:
    """``segment`` is the number of the ST. ``guide`` is empty where none was found; ``sure`` is how well it is known
    to be the right one. Where that was only concluded, a transaction without faults is warned of."""

    kind: str
    control: str
    guide: str
    segment: int
    segments: int
    faults: tuple[Fault, ...]
    sure: Sure = Sure.AGREED

    @property
    def doubted(self) -> bool:
        return self.sure not in (Sure.AGREED, Sure.SINGLE)

    @property
    def verdict(self) -> Verdict:
        found = verdict_of(self.faults)
        return Verdict.WARNED if found is Verdict.ACCEPTED and self.doubted else found


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """``faults`` are the group's own. A group of nothing but rejected transactions is rejected.

    ``count`` is how many transactions there were, of which only some may be told; ``rejected`` and ``warned`` how many
    of them were so.
    """

    kind: str
    version: str
    control: str
    segment: int
    faults: tuple[Fault, ...]
    count: int
    rejected: int = 0
    warned: int = 0
    transactions: tuple[TransactionReport, ...]

    @property
    def verdict(self) -> Verdict:
        return _over(self.faults, self.count, self.rejected, self.warned)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeReport:
    """``count``, ``rejected`` and ``warned`` are those of its groups, of which only some may be told."""

    control: str
    version: str
    segment: int
    faults: tuple[Fault, ...]
    count: int = 0
    rejected: int = 0
    warned: int = 0
    groups: tuple[GroupReport, ...]

    @property
    def verdict(self) -> Verdict:
        return _over(self.faults, self.count, self.rejected, self.warned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``faults`` are in the order of the document: those of interchanges, and one where it ends in something else.

    ``count`` is how many interchanges there were, of which only some may be told. ``untold`` is how many faults were
    found beyond those told; ``cut`` tells that nobody looked further.
    """

    faults: tuple[Fault, ...]
    count: int
    interchanges: tuple[InterchangeReport, ...]
    segments: int
    untold: int = 0
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing refuses, and there was something to look at."""
        return self.count > 0 and not self.cut and not any(fault.refuses for fault in self.faults)


def verdict_of(faults: tuple[Fault, ...]) -> Verdict:
    if not faults:
        return Verdict.ACCEPTED
    return Verdict.REJECTED if any(fault.refuses for fault in faults) else Verdict.WARNED


def _over(faults: tuple[Fault, ...], count: int, rejected: int, warned: int) -> Verdict:
    own = verdict_of(faults)
    if own is Verdict.REJECTED or 0 < count == rejected:
        return Verdict.REJECTED
    return Verdict.WARNED if rejected or warned else own
