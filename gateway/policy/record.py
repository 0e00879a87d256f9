"""The facts of a request by the words of policies, each looked up once however many rules ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from gateway.model.clinical import Biomarker, Histology, Laboratory, PriorTherapy, Stage
from gateway.policy.asked import Asked
from gateway.policy.tumors import of_tumors, sites_of
from gateway.policy.words import Words
from gateway.profiles.ranges import DiagnosisRange

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Therapy:
    """A prior therapy and the drugs it names. ``in_turn``: one after another, so its days are those of none."""

    pointer: str
    drugs: frozenset[str]
    fact: PriorTherapy
    in_turn: bool = False


class PatientRecord:
    """What ``asked`` states."""

    def __init__(self, asked: Asked, words: Words) -> None:
        self.asked = asked
        self.words = words
        self._once: dict[Hashable, Any] = {}
        self._sites: frozenset[str] = frozenset()

    def about(self, diagnoses: Sequence[str], wanted: Sequence[DiagnosisRange] | None) -> PatientRecord:
        """Without the facts of other primary tumors than those of these diagnoses that are wanted."""
        if not self._told_sites:
            return self
        sites = sites_of(diagnoses, wanted)
        if not sites or self._told_sites <= sites:
            return self
        return self.once(("about", sites), lambda: self._narrowed(sites))

    def _narrowed(self, sites: frozenset[str]) -> PatientRecord:
        found = PatientRecord(self.asked, self.words)
        found._sites = sites
        return found

    @cached_property
    def _told_sites(self) -> frozenset[str]:
        facts = self.asked.facts
        told = (fact.diagnosis for fact in (*facts.stage, *facts.histology, *facts.biomarkers))
        return sites_of([code for code in told if code is not None])

    @property
    def stages(self) -> Iterator[tuple[int, Stage]]:
        return of_tumors(self.asked.facts.stage, self._sites)

    @property
    def histologies(self) -> Iterator[tuple[int, Histology]]:
        return of_tumors(self.asked.facts.histology, self._sites)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What comes out of this work, done once however many lines want it. The key names what it depends on."""
        if key not in self._once:
            self._once[key] = work()
        found: T = self._once[key]
        return found

    @cached_property
    def biomarkers(self) -> dict[str, list[tuple[str, Biomarker]]]:
        found: dict[str, list[tuple[str, Biomarker]]] = defaultdict(list)
        for place, fact in of_tumors(self.asked.facts.biomarkers, self._sites):
            if marker := self.words.marker(fact.marker):
                found[marker].append((f"/facts/biomarkers/{place}", fact))
        return found

    @cached_property
    def laboratories(self) -> dict[str, list[tuple[str, Laboratory]]]:
        found: dict[str, list[tuple[str, Laboratory]]] = defaultdict(list)
        for place, fact in enumerate(self.asked.facts.laboratories):
            if word := self.words.laboratory(fact.name, fact.loinc):
                found[word].append((f"/facts/laboratories/{place}", fact))
        return found

    @cached_property
    def therapies(self) -> tuple[Therapy, ...]:
        return tuple(
            Therapy(
                f"/facts/prior_therapies/{place}",
                self.words.drugs(fact.drug, fact.rxnorm),
                fact,
                self.words.are_in_turn(fact.drug),
            )
            for place, fact in enumerate(self.asked.facts.prior_therapies)
        )
