"""Conditions as diagnoses by ICD-10-CM where the record itself has the code, with histology and stage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from gateway.intake.elements import codings, each, first_day, names, part, stated
from gateway.intake.findings import Found
from gateway.intake.markers import take_histology
from gateway.intake.stage_texts import in_doubt
from gateway.intake.staging import stage_value
from gateway.intake.taking import Taking
from gateway.model.clinical import Stage
from gateway.model.codes import ICD10

_WHO = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = ("http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90", _WHO)
_TUMORS = re.compile(r"C|D[0-4]", re.IGNORECASE)
"""How the codes of neoplasms begin, in both editions."""
_TUMOR_PROFILES = ("mcode-primary-cancer-condition", "mcode-secondary-cancer-condition")
_HISTOLOGY = "mcode-histology-morphology-behavior"
_UNSURE = frozenset({"unconfirmed", "provisional", "differential", "refuted"})
_OVER = frozenset({"resolved", "inactive"})
_STATUSES = {
    "verificationStatus": frozenset({*_UNSURE, "confirmed", "presumed", "unknown", "entered-in-error"}),
    "clinicalStatus": frozenset({*_OVER, "active", "recurrence", "relapse", "remission", "unknown"}),
}
_MOST = 12
_CODE: TypeAdapter[str] = TypeAdapter(ICD10)


def take_conditions(taking: Taking) -> tuple[list[dict[str, Any]], list[tuple[Found, str]]]:
    """The diagnoses of the draft, and where each was read."""
    diagnoses: list[dict[str, Any]] = []
    read: list[tuple[Found, str]] = []
    groups = {stage.group for stage in taking.all("stage") if stage.group}
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
        _stage(taking, one, _is_tumor(resource, [coding.code for coding in found]), groups)
        if not found:
            taking.notes.tell("no_icd10", one, "code")
        elif all(coding.system == _WHO for coding in found):
            taking.notes.tell("icd10_of_the_who", one, found[0].path)
        for coding in found:
            code = taking.sound(_CODE, coding.code, one, f"{coding.path}.code")
            if code is None or any(code == known["code"] for known in diagnoses):
                continue
            onset = first_day(resource, "onsetDateTime", "onsetPeriod.start")
            diagnosis = {"code": code}
            if taking.past(one, onset, tell=False) and onset.day:
                diagnosis["onset"] = onset.day.isoformat()
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


def _is_tumor(resource: Mapping[str, Any], codes: list[str]) -> bool:
    """Kidneys, hearts and wounds have stages too."""
    profiles = part(resource.get("meta"), "profile")
    told = [each for each in profiles if isinstance(each, str)] if isinstance(profiles, list) else []
    return any(map(_TUMORS.match, codes)) or any(name in each for each in told for name in _TUMOR_PROFILES)


def _stage(taking: Taking, one: Found, tumor: bool, observed: Set[str]) -> None:
    """A stage that stands in the condition. Where observations tell the group, it only has to fit one of them."""
    for index, stage in each(one.resource, "stage"):
        path = f"stage[{index}].summary"
        summary = part(stage, "summary")
        value = stage_value("group", summary, path)
        if value is None:
            if tumor and any(in_doubt("group", text) for text, _ in names(summary, path)):
                taking.notes.tell("unreadable", one, path)
        elif not tumor:
            taking.notes.tell("stage_of_no_tumor", one, path)
        elif not observed:
            taking.notes.tell("undated", one, path)
            taking.add("stage", Stage, one, value.path, group=value.value)
        elif not any(_fit(value.value, group) for group in observed):
            taking.notes.tell("conflict_stage_of_condition", one, path)


def _fit(one: str, other: str) -> bool:
    """Whether two groups may be the same: II is told of IIB too."""
    number, letters = _parts(one)
    other_number, other_letters = _parts(other)
    return number == other_number and (letters.startswith(other_letters) or other_letters.startswith(letters))


def _parts(group: str) -> tuple[str, str]:
    number = group.rstrip("ABCD0123456789") or group
    return number, group[len(number) :]
