"""Reads the numbers of an answer: our traces that it repeats, authorizations, and the payer's numbers for the review.

Which of them a line's result shows is the business of ``lines``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.lines import Lines
from adapters.x12_278.hearing.loops import Event, Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.verdicts import GRANTED, Verdict, is_number
from adapters.x12_278.segment import Value
from gateway.model.outcome import Reference, ReferenceKind

_REFERS = {"BB": ReferenceKind.PREVIOUS_AUTHORIZATION, "NT": ReferenceKind.REVIEW}
"""REF01."""


class _Of(NamedTuple):
    """Whether a number is an authorization for a line, or the event, and whether it is of a part of that alone."""

    authorized: bool
    part: bool


class References:
    """The references of an outcome in the making."""

    def __init__(self, asked: Asked | None, reading: Reading) -> None:
        self.asked = asked
        self.reading = reading
        self.found: list[Reference] = []

    def read(self, event: Event, lines: Lines | None) -> None:
        """A verdict's number is the authorization where something was granted. Else it is what the case knows it as (a
        cancellation names the authorization it ends), or the number of the review."""
        granted = any(result.outcome in GRANTED for result in (lines.results if lines else ()))
        verdict = lines.verdict if lines else None
        authorizes = granted and verdict is not None and verdict.authorizes()
        # Payers that speak of one service write its number at the event too.
        part = lines is not None and lines.words.are_of_a_part([verdict], None)
        self._read_loop(event.loop, verdict, {None: _Of(authorizes, part)})
        for index, (service, word) in enumerate(zip(event.services, lines.verdicts, strict=True) if lines else ()):
            self._read_loop(service, word, self._lines_of(index, service, lines) or {None: _Of(False, True)})

    def _lines_of(self, index: int, service: Loop, lines: Lines | None) -> dict[str | None, _Of]:
        """A service may be several lines, or none, or one of several that are a line. In a cancellation only its traces
        tell."""
        results = {each.line: each.outcome in GRANTED for each in (lines.answers(index) if lines else ())}
        if lines is None or not results:
            traced = self.asked.line_traces if self.asked else {}
            return {traced[told]: _Of(False, False) for trn in service.all("TRN") if (told := trn.text(2)) in traced}
        granted = any(results.values())
        named = lines.named(index) or {None: True}
        return {line: _Of(results.get(line, granted), part) for line, part in named.items()}

    def _read_loop(self, loop: Loop, verdict: Verdict | None, named: Mapping[str | None, _Of]) -> None:
        ours = self.asked.filing_traces if self.asked else frozenset()
        traced = self.asked.line_traces if self.asked else {}
        known = self.asked.numbers if self.asked else {}
        earlier = self.asked.request.previous_review if self.asked else None
        for trn in loop.all("TRN"):
            # TRN01 1 is the payer's own number.
            theirs = self.asked is None and trn.text(1) == "2"
            if (value := trn.value(2)) and (value.text in ours or theirs):
                own = traced.get(value.text)
                line = own if own in named else next(iter(named))
                self._refer(ReferenceKind.TRACE, loop, value, line, named[line])
        number = verdict.number if verdict else None
        if number:
            held = known.get(number.text, ReferenceKind.REVIEW)
            for line, of in named.items():
                self._refer(ReferenceKind.AUTHORIZATION if of.authorized else held, loop, number, line, of)
        for ref in loop.all("REF"):
            value = ref.value(2)
            if value and ref.text(1) in _REFERS and value != number and is_number(value.text, self.asked):
                kind = _REFERS[ref.text(1)]
                if kind is ReferenceKind.REVIEW and value.text == earlier:
                    # An inquiry that knew it as this review's would find the earlier one.
                    kind = ReferenceKind.PREVIOUS_REVIEW
                for line, of in named.items():
                    self._refer(kind, loop, value, line, of)

    def _refer(self, kind: ReferenceKind, loop: Loop, value: Value, line: str | None, of: _Of) -> None:
        if self.asked and self.asked.verb == "cancel" and value.text not in self.asked.numbers:
            # It may be that of the cancellation itself.
            of = of._replace(part=of.part or kind is ReferenceKind.REVIEW)
        self.reading.keep(f"/references/{len(self.found)}/value", loop.name, value)
        self.found.append(Reference(kind=kind, value=value.text, line=line, part=of.part))
