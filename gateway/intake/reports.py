"""Imaging with what it found, and the documents that the record holds."""

from __future__ import annotations

from gateway.intake.elements import EFFECTIVE, REPORTED, bare, each, first_day, name, names, part, status, words
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.clinical import ImagingStudy, RecordedDocument
from gateway.profiles.terms import Meaning, plain

_RADIOLOGY = frozenset({"RAD", "LP29684-5", "imaging", "radiology", "CT", "NMR", "US"})
_REPORTED = frozenset({"final", "amended", "corrected", "appended"})
_WRITTEN = frozenset({"final", "amended", "corrected", "appended", ""})


def take_reports(taking: Taking) -> None:
    told: set[str] = set()
    for one in taking.chart.of("DiagnosticReport"):
        if status(one.resource) not in _REPORTED:
            taking.notes.tell("not_final", one, "status")
            continue
        told |= _imaging(taking, one)
        if any(True for _ in each(one.resource, "presentedForm")):
            _document(taking, one, "code", "presentedForm[0]", *REPORTED)
    for one in taking.chart.of("ImagingStudy"):
        if one.name not in told:
            taking.notes.tell("no_finding", one)
    for one in taking.chart.of("DocumentReference"):
        if status(one.resource) not in ("current", ""):
            continue
        if status(one.resource, "docStatus") not in _WRITTEN:
            taking.notes.tell("not_final", one, "docStatus")
        else:
            _document(taking, one, "type", "type", "context.period.start", "date")


def _imaging(taking: Taking, one: Found) -> set[str]:
    """The report's study as a fact. Returns the names of the imaging studies it tells of."""
    studies = [
        study
        for index, reference in each(one.resource, "imagingStudy")
        if (study := taking.chart.follow(reference, one, f"imagingStudy[{index}]"))
    ]
    concept = one.resource.get("code")
    modality = _modality(taking, concept, studies)
    categories = {code for _, of in each(one.resource, "category") for code in bare(of)}
    if not studies and not categories & _RADIOLOGY:
        return set()
    finding = words(one.resource.get("conclusion")) or next(
        (text for _, of in each(one.resource, "conclusionCode") if (text := name(of))), None
    )
    sites = [name(series.get("bodySite")) for study in studies for _, series in each(study.resource, "series")]
    sites += [
        words(part(series.get("bodySite"), "display"))
        for study in studies
        for _, series in each(study.resource, "series")
    ]
    region = next((site for site in sites if site), None) or name(concept)
    when = first_day(one.resource, *EFFECTIVE)
    if not when.path:
        when = next((done for study in studies if (done := first_day(study.resource, "started")).path), when)
    if finding is None or region is None:
        taking.notes.tell("no_finding", one)
    elif when.day is None and not (when.partial or when.wrong):
        taking.notes.tell("undated_left_out", one)
    elif taking.past(one, when) and when.day is not None:
        taking.add(
            "imaging",
            ImagingStudy,
            one,
            "conclusion",
            modality=modality or "other",
            region=region,
            finding=finding,
            performed_on=when.day,
        )
    return {study.name for study in studies}


def _modality(taking: Taking, concept: object, studies: list[Found]) -> str | None:
    for study in studies:
        for _, coding in [*each(study.resource, "modality")] + [
            (index, series.get("modality")) for index, series in each(study.resource, "series")
        ]:
            hit = taking.meaning(Meaning.MODALITY, {"coding": [coding]}, "")
            if hit:
                return hit[0]
    for text, _ in names(concept, ""):
        spoken = plain(text).split()
        for count in (2, 1):
            if word := taking.terms.name(Meaning.MODALITY, " ".join(spoken[:count])):
                return word
    return None


def _document(taking: Taking, one: Found, kind_of: str, path: str, *dates: str) -> None:
    concept = one.resource.get(kind_of)
    hit = taking.meaning(Meaning.DOCUMENT, concept, kind_of)
    when = first_day(one.resource, *dates)
    if taking.past(one, when):
        taking.add(
            "documents",
            RecordedDocument,
            one,
            path,
            kind=hit[0] if hit else "other",
            title=name(concept),
            dated_on=when.day,
        )
