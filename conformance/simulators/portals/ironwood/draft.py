"""A request while somebody fills in the wizard of the simulated Ironwood Plan: what it has, and what is missing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date

from conformance.simulators.portals.catalogue import PROCEDURES
from conformance.simulators.portals.filings import Document, Service, Wish
from conformance.simulators.portals.people import Person

STEPS = ("member", "service", "dates", "documents", "review")
TITLES = {
    "member": "Member and provider",
    "service": "Service details",
    "dates": "Dates and units",
    "documents": "Documents",
    "review": "Review and submit",
}
MOST_SERVICES = 4


@dataclass(slots=True)
class Draft:
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    member_id: str = ""
    person: Person | None = None
    npi: str = ""
    rendering_npi: str = ""
    phone: str = ""
    place: str = ""
    service_type: str = ""
    codes: list[str] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    start: date | None = None
    end: date | None = None
    units: dict[str, int] = field(default_factory=dict)
    urgent: bool = False
    documents: list[Document] = field(default_factory=list)
    comments: str = ""
    passed_puzzle: bool = False
    duplicate: str = ""
    """The reference of the request that this one seems to repeat, once it was tried."""

    def first_missing(self) -> str:
        """The first page that is not done; ``review`` when all are."""
        if self.person is None or not self.npi:
            return "member"
        if not self.codes:
            return "service"
        if self.start is None or self.end is None or set(self.units) != set(self.codes):
            return "dates"
        return "review"

    def reachable(self, step: str) -> bool:
        return STEPS.index(step) <= STEPS.index(self.first_missing())

    def wish(self) -> Wish:
        """Only when nothing is missing."""
        assert self.person is not None  # noqa: S101 - first_missing() was asked
        assert self.start is not None  # noqa: S101 - as above
        assert self.end is not None  # noqa: S101 - as above
        return Wish(
            self.member_id,
            self.person,
            tuple(
                Service(code, PROCEDURES[code], self.units[code], self.start, self.end, self.place)
                for code in self.codes
            ),
            tuple(self.diagnoses),
            self.npi,
            self.phone,
            tuple(self.documents),
            self.rendering_npi,
            self.urgent,
            self.comments,
        )
