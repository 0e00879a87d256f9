"""What the readers of single resources share: the terms, the day, and the making of a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gateway.intake.chart import Chart
from gateway.intake.elements import Coding, When, codings, first_day, names
from gateway.intake.findings import Found, Notes
from gateway.model.record import Record
from gateway.profiles.drug_names import DrugNames
from gateway.profiles.terms import Meaning, Terms

F = TypeVar("F", bound=Record)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass
class Taking:
    """``facts`` by the field of ClinicalFacts they belong to, as they come up."""

    chart: Chart
    notes: Notes
    terms: Terms
    drugs: DrugNames
    today: date
    facts: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, field: str, model: type[F], at: Found, path: str, /, **values: Any) -> F | None:
        """A fact with where it was read. What its model refuses is told and left out."""
        values = {key: value for key, value in values.items() if value is not None}
        origin = {"kind": "fhir", "reference": at.name, "path": at.path_of(path)[:264]}
        try:
            fact = model.model_validate({**values, "origin": origin})
        except ValidationError:
            self.notes.tell("unreadable", at, path)
            return None
        self.facts.setdefault(field, []).append(fact)
        return fact

    def sound(self, adapter: TypeAdapter[Any], value: Any, at: Found, path: str) -> Any:
        """The value as the canonical field has it; None where it has not its form, which is told."""
        if value is None:
            return None
        try:
            return adapter.validate_python(value)
        except ValidationError:
            self.notes.tell("not_in_the_draft", at, path)
            return None

    def past(self, at: Found, when: When, *, tell: bool = True) -> bool:
        """True when a fact of this date may be taken. What is wrong with the date is told."""
        if when.wrong:
            self.notes.tell("unreadable", at, when.path)
        elif when.partial:
            self.notes.tell("partial_date", at, when.path)
        elif when.day is None and tell:
            self.notes.tell("undated", at)
        if when.day is not None and when.day > self.today:
            self.notes.tell("future", at, when.path)
            return False
        return True

    def dated(self, at: Found, *paths: str) -> When | None:
        """The date of what is no fact without one."""
        when = first_day(at.resource, *paths)
        if not self.past(at, when, tell=False):
            return None
        if when.day is None:
            if not (when.partial or when.wrong):
                self.notes.tell("undated_left_out", at)
            return None
        return when

    def meaning(self, means: Meaning, concept: Any, path: str) -> tuple[str, str] | None:
        """What a concept means, and where that stands: by its codes first, then by its names."""
        return next(self.meanings(means, concept, path), None)

    def meanings(self, means: Meaning, concept: Any, path: str) -> Iterator[tuple[str, str]]:
        """All that its codes and then its names mean."""
        for coding in codings(concept, path):
            if word := self.by_code(means, coding):
                yield word, coding.path
        for text, at in names(concept, path):
            if word := self.terms.name(means, text):
                yield word, at

    def is_of_two_drugs(self, *concepts: Any) -> bool:
        """Whether the names and the codes of what should be one drug are of different ones."""
        told = [self.drugs.named(text)[0] for concept in concepts for text, _ in names(concept, "")]
        for coding in (coding for concept in concepts for coding in codings(concept, "")):
            drug = self.drugs.of_rxnorm(coding.code) if coding.system == RXNORM else None
            told.append(frozenset({drug} if drug else ()))
        return self.drugs.differ(told)

    def by_code(self, means: Meaning, coding: Coding) -> str | None:
        return self.terms.code(means, coding.system, coding.code)

    def all(self, name: str) -> Sequence[Any]:
        return self.facts.get(name, ())
