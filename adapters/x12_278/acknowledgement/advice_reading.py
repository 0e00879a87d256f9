"""Reads an 824: every segment of it into a record at the level where it stands; what has no level is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from adapters.x12_278.acknowledgement.advice import (
    Advice,
    Advised,
    Amount,
    Code,
    Contact,
    Fault,
    Moment,
    Note,
    Party,
    Person,
    Purpose,
    Quantity,
    Reference,
    Related,
    Source,
    Street,
    Town,
)
from adapters.x12_278.acknowledgement.group_reading import surplus
from adapters.x12_278.acknowledgement.oddity import Kind, Oddity
from adapters.x12_278.acknowledgement.told import Cut, KeptSegment, Line, read_line
from adapters.x12_278.acknowledgement.verdicts import Context

_Below = Mapping[str, tuple[type[Line], str]]

_OF: Mapping[type[Line], _Below] = MappingProxyType(
    {
        Advice: {"N1": (Party, "parties"), "OTI": (Advised, "verdicts")},
        Party: {
            "N3": (Street, "streets"),
            "N4": (Town, "towns"),
            "REF": (Reference, "references"),
            "PER": (Contact, "contacts"),
        },
        Advised: {
            "REF": (Reference, "references"),
            "DTM": (Moment, "moments"),
            "PER": (Contact, "contacts"),
            "AMT": (Amount, "amounts"),
            "QTY": (Quantity, "quantities"),
            "NM1": (Person, "parties"),
            "TED": (Fault, "faults"),
            "LM": (Source, "sources"),
        },
        Fault: {"CTX": (Context, "contexts"), "NTE": (Note, "notes"), "RED": (Related, "related")},
        Source: {"LQ": (Code, "codes")},
        Code: {"RED": (Related, "related")},
    }
)
"""What may stand under what, in the order in which it is written."""
ORDER = {form: tuple((tag, below, name) for tag, (below, name) in found.items()) for form, found in _OF.items()}
_OPENS = frozenset(_OF)
_NEEDED = MappingProxyType({"BGN": (1, 2, 3), "N1": (1,), "OTI": (1, 2, 3), "TED": (1,), "LM": (1,)})


@dataclass(slots=True)
class _Open:
    line: Line
    below: dict[str, list[_Open]] = field(default_factory=dict)

    def closed(self) -> Any:
        found: dict[str, Any] = {name: tuple(each.closed() for each in lines) for name, lines in self.below.items()}
        return replace(self.line, **found) if found else self.line


class AdviceReader:
    """Takes the segments of one 824 after another."""

    def __init__(self) -> None:
        self.kept: list[KeptSegment] = []
        self.oddities: list[Oddity] = []

    def read(self, st: Cut, body: Iterable[Cut]) -> Advice:
        open_ = [_Open(self._line(Advice, st))]
        purpose: Purpose | None = None
        for segment in body:
            if segment.tag == "BGN" and purpose is None:
                purpose = self._line(Purpose, segment)
            elif not self._placed(open_, segment):
                self.kept.append(KeptSegment.of(segment))
                says = f"{segment.tag} has no place there"
                self.oddities.append(Oddity(Kind.MISPLACED, says, segment.number, segment.start))
        advice: Advice = open_[0].closed()
        for missing, name in ((purpose is None, "BGN"), (not advice.verdicts, "OTI")):
            if missing:
                self.oddities.append(Oddity(Kind.MISSING, f"the 824 has no {name}", st.number, st.start))
        return replace(advice, purpose=purpose)

    def _placed(self, open_: list[_Open], segment: Cut) -> bool:
        """Puts a segment under the innermost record that has a place for it, and closes those within."""
        for level in range(len(open_) - 1, -1, -1):
            form = _OF[type(open_[level].line)].get(segment.tag)
            if form is None:
                continue
            made = _Open(self._line(form[0], segment))
            open_[level].below.setdefault(form[1], []).append(made)
            if form[0] in _OPENS:
                del open_[level + 1 :]
                open_.append(made)
            return True
        return False

    def _line(self, form: type[Line], segment: Cut) -> Any:
        line = read_line(form, segment)
        self.oddities += surplus(line)
        for place in _NEEDED.get(segment.tag, ()):
            if not segment.raw(place).strip():
                says = f"{segment.tag}{place:02d} is missing"
                self.oddities.append(Oddity(Kind.MISSING, says, segment.number, segment.start))
        return line
