"""What codes of clinical records mean in our words, as data: one list for each meaning and code system.

A code or a name that no list holds means nothing: nobody guesses. Knows no record and no FHIR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, get_args

from pydantic import Field, ValidationInfo, field_validator

from gateway.model.clinical import (
    BoneDensity,
    ConservativeCare,
    DiseaseActivity,
    DocumentKind,
    ImagingStudy,
    PerformanceStatus,
    TherapyOutcome,
)
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Id, Provenance


class Meaning(StrEnum):
    """What a list is of. Words of ``biomarker`` are names of markers, of ``answer`` results, of ``edition`` editions
    of a staging manual; ``grade`` maps an answer to its number on a scale."""

    BIOMARKER = "biomarker"
    GENE = "gene"
    ANSWER = "answer"
    NOT_FEASIBLE = "not_feasible"
    STAGE = "stage"
    EDITION = "edition"
    PERFORMANCE = "performance"
    GRADE_ECOG = "grade_ecog"
    GRADE_KARNOFSKY = "grade_karnofsky"
    BODY = "body"
    DISEASE_ACTIVITY = "disease_activity"
    BONE_DENSITY = "bone_density"
    SCREENING = "screening"
    LABORATORY = "laboratory"
    HISTOLOGY = "histology"
    DOCUMENT = "document"
    MODALITY = "modality"
    THERAPY_END = "therapy_end"
    CONSERVATIVE_CARE = "conservative_care"
    NSAID = "nsaid"
    LINE_OF_BUSINESS = "line_of_business"


def _words(of: type[Record], name: str) -> frozenset[str]:
    return frozenset(get_args(of.model_fields[name].annotation))


_SIDES = ("clinical", "pathologic", "either")
_WORDS: Mapping[Meaning, frozenset[str]] = {
    Meaning.NOT_FEASIBLE: frozenset({"not_feasible"}),
    Meaning.STAGE: frozenset(f"{part}_{side}" for part in ("group", "t", "n", "m") for side in _SIDES),
    Meaning.PERFORMANCE: _words(PerformanceStatus, "scale"),
    Meaning.GRADE_ECOG: frozenset(map(str, range(6))),
    Meaning.GRADE_KARNOFSKY: frozenset(map(str, range(0, 101, 10))),
    Meaning.BODY: frozenset({"height", "weight", "surface"}),
    Meaning.DISEASE_ACTIVITY: _words(DiseaseActivity, "instrument"),
    Meaning.BONE_DENSITY: _words(BoneDensity, "site"),
    Meaning.SCREENING: frozenset({"tuberculosis", "hepatitis_b", "hepatitis_c"}),
    Meaning.GENE: frozenset({"studied", "variant"}),
    Meaning.HISTOLOGY: frozenset({"histology"}),
    Meaning.DOCUMENT: frozenset(get_args(DocumentKind)),
    Meaning.MODALITY: _words(ImagingStudy, "modality"),
    Meaning.THERAPY_END: frozenset(TherapyOutcome),
    Meaning.CONSERVATIVE_CARE: _words(ConservativeCare, "kind"),
    Meaning.NSAID: frozenset({"nsaid"}),
    Meaning.LINE_OF_BUSINESS: frozenset(LineOfBusiness),
}
"""The words that a list may map to; any for those not named here."""

Word = Annotated[str, Field(min_length=1, max_length=60)]


class TermList(Record):
    """One file: codes of one system (its URL), and names in plain words, with what each means. Names are compared
    whole, without case and signs."""

    list: Id
    provenance: Provenance
    means: Meaning
    system: Annotated[str, Field(min_length=3, max_length=200)]
    codes: Annotated[dict[Word, Word], Field(default_factory=dict, max_length=2000)]
    names: Annotated[dict[Word, Word], Field(default_factory=dict, max_length=2000)]

    @field_validator("codes", "names")
    @classmethod
    def _known(cls, given: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
        allowed = _WORDS.get(info.data["means"]) if "means" in info.data else None
        if allowed is not None and not allowed >= set(given.values()):
            refuse("word", "A word is none of this meaning's.", f"Write one of: {', '.join(sorted(allowed))}.")
        return given


_SIGNS = re.compile(r"[\W_]+")


def plain(name: str) -> str:
    """A name in the spelling in which it is compared."""
    return _SIGNS.sub(" ", name.casefold()).strip()


@dataclass(frozen=True)
class Terms:
    """All lists. ``codes`` by meaning, then by system and code; ``names`` by meaning."""

    codes: Mapping[Meaning, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    names: Mapping[Meaning, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, lists: Iterable[TermList]) -> Terms:
        codes: dict[Meaning, dict[tuple[str, str], str]] = {}
        names: dict[Meaning, dict[str, str]] = {}
        for each in lists:
            codes.setdefault(each.means, {}).update({(each.system, code): word for code, word in each.codes.items()})
            names.setdefault(each.means, {}).update({plain(name): word for name, word in each.names.items()})
        return cls(codes, names)

    def code(self, means: Meaning, system: str, code: str) -> str | None:
        return self.codes.get(means, {}).get((system, code))

    def name(self, means: Meaning, name: str) -> str | None:
        return self.names.get(means, {}).get(plain(name))
