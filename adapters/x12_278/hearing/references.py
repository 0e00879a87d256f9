"""Reads the numbers of an answer: our traces that it repeats, authorizations, and the payer's numbers for the review.

Which of them a line's result shows is the business of ``lines``.
"""

from __future__ import annotations

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.lines import Lines
from adapters.x12_278.hearing.loops import Event, Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.verdicts import GRANTED, Verdict
from adapters.x12_278.numbers import is_placeholder
from adapters.x12_278.segment import Value
from gateway.model.outcome import Reference, ReferenceKind

_REFERS = {"BB": ReferenceKind.PREVIOUS_AUTHORIZATION, "NT": ReferenceKind.REVIEW}
"""REF01."""


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
        self._read_loop(event.loop, verdict, {None: granted and verdict is not None and verdict.authorizes()})
        for index, (service, word) in enumerate(zip(event.services, lines.verdicts, strict=True) if lines else ()):
            # A service may be several lines; in a cancellation none is told.
            results = lines.answers(index) if lines else ()
            self._read_loop(service, word, {each.line: each.outcome in GRANTED for each in results} or {None: False})

    def _read_loop(self, loop: Loop, verdict: Verdict | None, named: dict[str | None, bool]) -> None:
        """``named`` are the lines of the loop, and whether its number is an authorization for them."""
        ours = self.asked.filing_traces if self.asked else frozenset()
        traced = self.asked.line_traces if self.asked else {}
        known = self.asked.numbers if self.asked else {}
        earlier = self.asked.request.previous_review if self.asked else None
        for trn in loop.all("TRN"):
            # TRN01 1 is the payer's own number.
            theirs = self.asked is None and trn.text(1) == "2"
            if (value := trn.value(2)) and (value.text in ours or theirs):
                own = traced.get(value.text)
                self._refer(ReferenceKind.TRACE, loop, value, own if own in named else next(iter(named)))
        number = verdict.number if verdict else None
        if number:
            held = known.get(number.text, ReferenceKind.REVIEW)
            for line, authorized in named.items():
                self._refer(ReferenceKind.AUTHORIZATION if authorized else held, loop, number, line)
        for ref in loop.all("REF"):
            value = ref.value(2)
            if value and ref.text(1) in _REFERS and value != number and not is_placeholder(value.text):
                kind = _REFERS[ref.text(1)]
                if kind is ReferenceKind.REVIEW and value.text == earlier:
                    # An inquiry that knew it as this review's would find the earlier one.
                    kind = ReferenceKind.PREVIOUS_REVIEW
                for line in named:
                    self._refer(kind, loop, value, line)

    def _refer(self, kind: ReferenceKind, loop: Loop, value: Value, line: str | None) -> None:
        self.reading.keep(f"/references/{len(self.found)}/value", loop.name, value)
        self.found.append(Reference(kind=kind, value=value.text, line=line))
