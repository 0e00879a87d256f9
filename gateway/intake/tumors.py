"""Which tumor a fact is of: the condition that it is about, by its ICD-10-CM code."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from gateway.intake.chart import Chart
from gateway.intake.elements import codings, each, part
from gateway.intake.findings import Found
from gateway.model.codes import ICD10

WHO = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = ("http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90", WHO)
CODE: TypeAdapter[str] = TypeAdapter(ICD10)
_TUMORS = re.compile(r"C|D[0-4]", re.IGNORECASE)
"""How the codes of neoplasms begin, in both editions."""


class Tumor(NamedTuple):
    """The name of the condition, and its code where it is one of a neoplasm; neither where nothing says of which."""

    condition: str | None
    diagnosis: str | None


def tumor_code(condition: Any) -> str | None:
    """The first ICD-10-CM code of a neoplasm that a condition has."""
    for coding in codings(part(condition, "code"), "code"):
        if coding.system in ICD10CM and _TUMORS.match(coding.code):
            try:
                return CODE.validate_python(coding.code)
            except ValidationError:
                continue
    return None


def tumor_of(chart: Chart, one: Found) -> Tumor:
    """Of a condition, itself; of an observation, the one condition of its ``focus``."""
    conditions = [one] if one.kind == "Condition" else []
    for index, focus in each(one.resource, "focus"):
        about = chart.follow(focus, one, f"focus[{index}]")
        if about is not None and about.kind == "Condition":
            conditions.append(about)
    if len(conditions) != 1:
        return Tumor(None, None)
    return Tumor(conditions[0].name, tumor_code(conditions[0].resource))
