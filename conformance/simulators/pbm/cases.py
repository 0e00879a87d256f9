"""What a PBM has on file: one case for each PAReferenceID, and everything that was sent about it. The tests' ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from conformance.simulators.pbm.envelope import Asker, Received
from conformance.simulators.pbm.members import Member
from conformance.simulators.pbm.partners import Pbm

_DRUG = ("MedicationPrescribed/DrugDescription", "MedicationPrescribed/DrugCoded/ProductCode/Code")
_LIKENESS = (*_DRUG, "Prescriber/NonVeterinarian/Identification/NPI", "Patient/HumanPatient/DateOfBirth/Date")


@dataclass(frozen=True, slots=True)
class Seen:
    message_id: str
    reference: str
    at: float


@dataclass(slots=True)
class Asked:
    """Questions that wait for answers. ``holder`` has Header and Questions, ``deadline`` is DeadlineForReply sent."""

    holder: etree._Element
    deadline: etree._Element
    due: float
    appeal: bool = False


@dataclass(slots=True)
class Case:
    """``round`` and ``appealed`` count what was answered by a decision or by more questions."""

    pbm: Pbm
    number: str
    reference: str
    member_id: str
    member: Member
    likeness: tuple[str, ...]
    body: etree._Element
    asker: Asker
    state: str = "new"
    asked: Asked | None = None
    round: int = 0
    appealed: int = 0
    appeal_number: str = ""
    authorization: str = ""
    initiations: list[Seen] = field(default_factory=list)
    answers: list[Seen] = field(default_factory=list)
    appeals: list[Seen] = field(default_factory=list)
    cancels: list[Seen] = field(default_factory=list)
    refused: int = 0
    repeats: int = 0

    @property
    def live(self) -> bool:
        """Whether another initiation for the same would be a duplicate."""
        return self.state not in ("Closed", "cancelled")

    @property
    def decided(self) -> bool:
        return self.state in ("Approved", "Denied", "PartiallyDenied", "Closed", "cancelled")

    def told(self) -> dict[str, Any]:
        """``count`` is how often it was initiated, sendings of the same message aside. One is right."""
        return {
            "pbm": self.pbm.id,
            "reference": self.reference,
            "case": self.number,
            "member": self.member_id,
            "count": len(self.initiations),
            "state": self.state,
            "asked": self.asked is not None,
            "authorization": self.authorization,
            "appeal_case": self.appeal_number,
            "initiations": [_seen(each) for each in self.initiations],
            "answers": [_seen(each) for each in self.answers],
            "appeals": [_seen(each) for each in self.appeals],
            "cancels": [_seen(each) for each in self.cancels],
            "refused": self.refused,
            "repeats": self.repeats,
        }


def _seen(seen: Seen) -> dict[str, Any]:
    return {"message_id": seen.message_id, "reference": seen.reference, "at": seen.at}


class Cases:
    """By PAReferenceID. An initiation that repeats a live case joins it, with its own PAReferenceID."""

    def __init__(self) -> None:
        self._by_reference: dict[tuple[str, str], Case] = {}
        self._all: list[Case] = []

    def __iter__(self) -> Iterator[Case]:
        return iter(self._all)

    def named(self, pbm: Pbm, reference: str) -> Case | None:
        return self._by_reference.get((pbm.id, reference))

    def like(self, pbm: Pbm, likeness: tuple[str, ...]) -> Case | None:
        return next((case for case in self._all if case.pbm is pbm and case.likeness == likeness and case.live), None)

    def alike(self, case: Case) -> int:
        """How many initiations at this PBM were for the same member, drug and prescriber."""
        return sum(
            len(each.initiations) for each in self._all if (each.pbm, each.likeness) == (case.pbm, case.likeness)
        )

    def add(self, case: Case) -> None:
        self._all.append(case)
        self.join(case, case.reference)

    def join(self, case: Case, reference: str) -> None:
        self._by_reference[case.pbm.id, reference] = case


def likeness(received: Received, member_id: str) -> tuple[str, ...]:
    return (member_id, *(received.text(path) for path in _LIKENESS))


def member_id_of(received: Received) -> str:
    """The first id that a BenefitsCoordination tells: the PBM's own before the card's."""
    for benefits in received.element.findall("BenefitsCoordination"):
        for name in ("PBMMemberID", "CardholderID"):
            if found := (benefits.findtext(name) or "").strip():
                return found
    return ""
