"""Conditions as diagnoses by ICD-10-CM where the record itself has the code, with histology and stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gateway.intake.elements import codings, each, first_day, names, part, stated
from gateway.intake.findings import Found
from gateway.intake.markers import take_histology
from gateway.intake.stage_texts import in_doubt
from gateway.intake.staging import stage_value
from gateway.intake.taking import Taking
from gateway.intake.tumors import CODE, ICD10CM, WHO, tumor_code
from gateway.model.clinical import Stage

_TUMOR_PROFILES = ("mcode-primary-cancer-condition", "mcode-secondary-cancer-condition")
_HISTOLOGY = "mcode-histology-morphology-behavior"
_UNSURE = frozenset({"unconfirmed", "provisional", "differential", "refuted"})
_OVER = frozenset({"resolved", "inactive"})
_STATUSES = {
    "verificationStatus": frozenset({*_UNSURE, "confirmed", "presumed", "unknown", "entered-in-error"}),
    "clinicalStatus": frozenset({*_OVER, "active", "recurrence", "relapse", "remission", "unknown"}),
}
_MOST = 12


def take_conditions(taking: Taking) -> tuple[list[dict[str, Any]], list[tuple[Found, str]]]:
    """The diagnoses of the draft, and where each was read."""
    diagnoses: list[dict[str, Any]] = []
    read: list[tuple[Found, str]] = []
    observed: Sequence[Stage] = tuple(taking.all("stage"))
    for one in taking.chart.of("Condition"):
        resource = one.resource
        if stated(resource, "verificationStatus") & _UNSURE:
            taking.notes.tell("unconfirmed", one, "verificationStatus")
            continue
        if unknown := unknown_status(resource):
            taking.notes.tell("unknown_status", one, unknown)
            continue
        if over := _where_over(resource, taking.today):
            taking.notes.tell("not_active", one, over)
            continue
        _tell_current(taking, one)
        for index, extension in each(resource, "extension"):
            if str(extension.get("url")).rsplit("/", 1)[-1] == _HISTOLOGY:
                path = f"extension[{index}].valueCodeableConcept"
                take_histology(taking, one, extension.get("valueCodeableConcept"), path)
        found = [coding for coding in codings(resource.get("code"), "code") if coding.system in ICD10CM]
        _stage(taking, one, observed)
        if not found:
            taking.notes.tell("no_icd10", one, "code")
        elif all(coding.system == WHO for coding in found):
            taking.notes.tell("icd10_of_the_who", one, found[0].path)
        for coding in found:
            code = taking.sound(CODE, coding.code, one, f"{coding.path}.code")
            if code is None:
                continue
            onset = first_day(resource, "onsetDateTime", "onsetPeriod.start")
            day = onset.day.isoformat() if taking.past(one, onset, tell=False) and onset.day else None
            if known := next((known for known in diagnoses if known["code"] == code), None):
                if day is not None and known.setdefault("onset", day) != day:
                    taking.notes.tell("conflict_onset", one, onset.path)
                continue
            diagnosis = {"code": code} | ({"onset": day} if day else {})
            diagnoses.append(diagnosis)
            read.append((one, coding.path))
    if len(diagnoses) > 1:
        taking.notes.tell("order_of_diagnoses", *read[0])
    if len(diagnoses) > _MOST:
        taking.notes.tell("more_diagnoses", *read[_MOST])
        taking.facts["comorbidities"] = [one["code"] for one in diagnoses[_MOST:]]
    return diagnoses[:_MOST], read[:_MOST]


def _where_over(resource: Mapping[str, Any], today: date) -> str | None:
    """Where a condition says that it is over: its status, or, without one, that it abated."""
    if status := stated(resource, "clinicalStatus"):
        return "clinicalStatus" if status & _OVER else None
    return _abated(resource, today)


def _abated(resource: Mapping[str, Any], today: date) -> str | None:
    path = next((name for name in resource if name.startswith("abatement") and resource[name] is not False), None)
    when = first_day(resource, "abatementDateTime", "abatementPeriod.end").day
    return None if when is not None and when > today else path


def _tell_current(taking: Taking, one: Found) -> None:
    """What speaks against a condition that its status calls current."""
    status = stated(one.resource, "clinicalStatus")
    if "remission" in status:
        taking.notes.tell("in_remission", one, "clinicalStatus")
    elif status and (path := _abated(one.resource, taking.today)):
        taking.notes.tell("current_and_over", one, path)


def unknown_status(resource: Mapping[str, Any]) -> str | None:
    """Which status of a condition or an allergy is there, and none that FHIR has in any of its editions."""
    for name, known in _STATUSES.items():
        told = stated(resource, name)
        if told and told.isdisjoint(known):
            return name
    return None


def _is_tumor(resource: Mapping[str, Any]) -> bool:
    """Kidneys, hearts and wounds have stages too."""
    profiles = part(resource.get("meta"), "profile")
    told = [each for each in profiles if isinstance(each, str)] if isinstance(profiles, list) else []
    return tumor_code(resource) is not None or any(name in each for each in told for name in _TUMOR_PROFILES)


def _stage(taking: Taking, one: Found, observed: Sequence[Stage]) -> None:
    """A stage that stands in the condition. Where observations tell the tumor's group, it only has to fit one of
    them."""
    tumor, diagnosis = _is_tumor(one.resource), tumor_code(one.resource)
    own = [stage for stage in observed if None in (stage.diagnosis, diagnosis) or stage.diagnosis == diagnosis]
    groups = {stage.group for stage in own if stage.group}
    for index, stage in each(one.resource, "stage"):
        path = f"stage[{index}].summary"
        summary = part(stage, "summary")
        value = stage_value("group", summary, path)
        if value is None:
            if tumor and any(in_doubt("group", text) for text, _ in names(summary, path)):
                taking.notes.tell("unreadable", one, path)
        elif not tumor:
            taking.notes.tell("stage_of_no_tumor", one, path)
        elif not groups:
            taking.notes.tell("undated", one, path)
            taking.add("stage", Stage, one, value.path, group=value.value, diagnosis=diagnosis)
        elif not any(_fit(value.value, group) for group in groups):
            taking.notes.tell("conflict_stage_of_condition", one, path)


def _fit(one: str, other: str) -> bool:
    """Whether two groups may be the same: II is told of IIB too."""
    number, letters = _parts(one)
    other_number, other_letters = _parts(other)
    return number == other_number and (letters.startswith(other_letters) or other_letters.startswith(letters))


def _parts(group: str) -> tuple[str, str]:
    number = group.rstrip("ABCD0123456789") or group
    return number, group[len(number) :]
