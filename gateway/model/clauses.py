"""Clinical facts in short clauses, for whoever reads a payer's mail where its channel has no field for them.

A clause holds a fact whole. Nothing is inferred, reordered within a fact, or cut: a clinical fact that lost its end
could mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from gateway.model.clinical import (
    Biomarker,
    Body,
    BoneDensity,
    CompendiumCitation,
    ConservativeCare,
    DiseaseActivity,
    Histology,
    ImagingStudy,
    Laboratory,
    OfATumor,
    PerformanceStatus,
    PriorTherapy,
    RecordedDocument,
    SiteNeed,
    Stage,
)
from gateway.model.request import PARequest

Told = TypeVar("Told")


class Clause(NamedTuple):
    """A text, and the parts of the request it tells (JSON Pointers)."""

    text: str
    pointers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return self.text if self.text.endswith(".") else f"{self.text}."


def clauses_of(request: PARequest) -> Iterator[Clause]:
    """The case's facts, the most useful to a reviewer first."""
    facts = request.facts
    # First, for what is off label is denied without it, and the message has room for little.
    places = {line.id: place for place, line in enumerate(request.lines, start=1)}
    yield from _told("compendium", facts.compendium, lambda citation: _citation(citation, places))
    yield from _told("stage", facts.stage, _stage)
    yield from _told("biomarkers", facts.biomarkers, _biomarker)
    yield from _told("histology", facts.histology, _histology)
    yield from _told("performance", facts.performance, _performance)
    yield from _told("prior_therapies", facts.prior_therapies, _prior)
    yield from _told("disease_activity", facts.disease_activity, _activity)
    yield from _told("laboratories", facts.laboratories, _laboratory)
    yield from _told("imaging", facts.imaging, _imaging)
    yield from _told("conservative_care", facts.conservative_care, _care)
    yield from _told("bone_density", facts.bone_density, _density)
    yield from _told("site_needs", facts.site_needs, _need)
    yield from _told("documents", facts.documents, _document)
    if facts.body and (told := _body(facts.body)):
        yield Clause(told, ("/facts/body",))
    if facts.comorbidities:
        yield Clause("Comorbid " + " ".join(facts.comorbidities), ("/facts/comorbidities",))


def _told(kind: str, facts: Sequence[Told], tell: Callable[[Told], str]) -> Iterator[Clause]:
    for place, fact in enumerate(facts):
        # A stage or a body of which nothing is said says nothing.
        if told := tell(fact):
            yield Clause(told, (f"/facts/{kind}/{place}",))


def spoken(word: str) -> str:
    """A word of the model as people say it."""
    return word.replace("_", " ")


def join(parts: Iterable[str | None]) -> str:
    return ", ".join(part for part in parts if part)


def _side_by_side(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def labelled(label: str, value: object) -> str | None:
    return None if value is None else f"{label} {value}"


def _stage(stage: Stage) -> str:
    tnm = (_axis(axis, value) for axis, value in (("T", stage.t), ("N", stage.n), ("M", stage.m)) if value)
    edition = labelled("edition", stage.edition)
    said = join([_side_by_side(stage.group, *tnm), stage.basis, edition, _on(stage.staged_on)])
    told = join([said, _of(stage)]) if said else ""
    return f"Stage {told}" if told else ""


def _axis(axis: str, value: str) -> str:
    """Some write T3 or ypT3, some 3 or yp3. What is staged leads the value: in 0(sn) the n is that of sentinel node."""
    if re.match(rf"[cpyrmau]*{axis}([\dX+(]|IS|A\b|MI|$)", value, re.IGNORECASE):
        return value
    prefix = re.match(r"[cpyrmau]*(?=\d|X\b|IS\b|A\b)", value, re.IGNORECASE)
    if prefix is None:
        return f"{axis} {value}"
    return f"{prefix[0]}{axis}{value[prefix.end() :]}"


def _biomarker(fact: Biomarker) -> str:
    said = "not feasible" if fact.not_feasible else None
    return join([fact.marker, said, fact.result, labelled("by", fact.method), _on(fact.specimen_on), _of(fact)])


def _on(moment: object) -> str | None:
    return labelled("on", moment)


def _of(fact: OfATumor) -> str | None:
    return labelled("of", fact.diagnosis)


def _histology(fact: Histology) -> str:
    return join([f"Histology {fact.text}", labelled("ICD-O", fact.icd_o), _of(fact)])


def _performance(fact: PerformanceStatus) -> str:
    return join([f"{'ECOG' if fact.scale == 'ecog' else 'Karnofsky'} {fact.score}", _on(fact.assessed_on)])


def _prior(fact: PriorTherapy) -> str:
    return join(
        [
            f"Prior {fact.drug}",
            labelled("RxNorm", fact.rxnorm),
            fact.dose,
            labelled("from", fact.started_on),
            labelled("to", fact.stopped_on),
            spoken(fact.outcome),
            fact.reason,
            labelled("line", fact.line_of_therapy),
        ]
    )


def _activity(fact: DiseaseActivity) -> str:
    return join([f"{fact.instrument.upper().replace('_', '-')} {_amount(fact.score)}", _on(fact.assessed_on)])


def _amount(value: float) -> str:
    return format(Decimal(str(value)).normalize(), "f")


def _laboratory(fact: Laboratory) -> str:
    # "4 10*3/uL" has a number beside a number; people say "times".
    times = "x" if fact.unit and fact.unit[0].isdigit() else None
    result = _side_by_side(fact.result, times, fact.unit)
    return join([fact.name, labelled("LOINC", fact.loinc), result, _on(fact.resulted_on)])


def _imaging(fact: ImagingStudy) -> str:
    modality = fact.modality.upper().replace("_", "-")
    return join([f"Imaging {modality} {fact.region}", fact.finding, _on(fact.performed_on)])


def _citation(fact: CompendiumCitation, places: dict[str, int]) -> str:
    compendium = fact.compendium.upper().replace("_", " ")
    # The payer knows a line by its place, not by our id of it.
    line = None if fact.line_id is None else f"for line {places.get(fact.line_id, fact.line_id)}"
    return join([_side_by_side(compendium, fact.category), fact.context, line])


def _body(fact: Body) -> str:
    parts = (("height cm", fact.height_cm), ("weight kg", fact.weight_kg), ("BSA m2", fact.bsa_m2))
    told = [f"{label} {_amount(value)}" for label, value in parts if value is not None]
    return join([*told, labelled("measured on", fact.measured_on)])


def _care(fact: ConservativeCare) -> str:
    dates = [labelled("from", fact.started_on), labelled("to", fact.stopped_on)]
    return join([f"Tried {spoken(fact.kind)}", *dates, fact.outcome])


def _density(fact: BoneDensity) -> str:
    return join([f"T-score {spoken(fact.site)} {_amount(fact.t_score)}", _on(fact.measured_on)])


def _need(fact: SiteNeed) -> str:
    return join([f"Site needed {spoken(fact.kind)}", fact.text, _on(fact.observed_on)])


def _document(fact: RecordedDocument) -> str:
    return join([f"On record {spoken(fact.kind)}", fact.title, _on(fact.dated_on)])
