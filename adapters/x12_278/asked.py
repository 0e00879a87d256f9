"""What was asked, for whoever reads the answer: by which verb, with which stamp, about which filing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from adapters.x12_278 import traces
from adapters.x12_278.authorizations import Authorizations
from gateway.contract.adapter import Stamp
from gateway.model.member import bare
from gateway.model.outcome import ReferenceKind
from gateway.model.request import PARequest

Verb = Literal["file", "cancel", "answer", "inquire"]


@dataclass(frozen=True)
class Asked:
    """``stamp`` is that of the frame, ``filed`` that of the filing it is about (the same one, for a filing)."""

    verb: Verb
    request: PARequest
    stamp: Stamp
    filed: Stamp
    company: str
    """TRN03 of our own trace numbers."""
    numbers: Mapping[str, ReferenceKind] = field(default_factory=dict, repr=False)
    """The payer's own numbers for the filing, as far as they are known, and what each is."""
    notice: bool = False
    """True for a filing that only tells the payer (X216), which holds it then and decides nothing."""
    known: Authorizations = field(default=Authorizations(), repr=False)
    """What these numbers are of."""
    authorizations: frozenset[str] = field(default=frozenset(), repr=False)
    """The authorizations that a change refers to (REF BB)."""

    @cached_property
    def line_places(self) -> dict[str, int]:
        """The place of each line (from 0) by its TRN02."""
        return {traces.line(self.filed, place + 1): place for place in range(len(self.request.lines))}

    @cached_property
    def line_traces(self) -> dict[str, str]:
        """The id of each line by its TRN02."""
        return {trace: self.request.lines[place].id for trace, place in self.line_places.items()}

    @cached_property
    def filing_traces(self) -> frozenset[str]:
        """Every TRN02 by which the filing itself can be known."""
        return frozenset((traces.submission(self.filed), traces.event(self.filed), *self.line_places))

    def has_sent(self, authorization: str) -> bool:
        """True for a number that went out with what was asked, or earlier, as that of an authorization before it."""
        known = self.numbers.get(authorization) is ReferenceKind.AUTHORIZATION
        return known or authorization in self.authorizations or authorization == self.request.previous_authorization

    def names(self, text: str) -> bool:
        """True for a trace or document number that we gave ourselves, and the payer only repeats."""
        return text.upper().startswith((traces.submission(self.filed), traces.submission(self.stamp)))

    def has_said(self, text: str) -> bool:
        """True for what the request itself is or names somebody by, and so no number of the payer's."""
        return self.names(text) or bare(text) in self._ids

    @cached_property
    def _ids(self) -> frozenset[str]:
        request = self.request
        providers = (
            request.requester,
            *request.servicing,
            *(each for line in request.lines for each in line.servicing),
        )
        ids = [
            self.company,
            *(each for coverage in request.coverages for each in (coverage.member_id, coverage.group_number)),
        ]
        ids += [each for provider in providers for each in (provider.npi, provider.tax_id)]
        return frozenset(bare(each) for each in ids if each)
