"""Records read as they are in the tests of intake: on one day, with the words that ship."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from gateway.intake.intake import Taken, take_in
from gateway.main.config import PROJECT
from gateway.profiles.drug_names import DrugNames
from gateway.profiles.policies import load_policies
from gateway.profiles.shelf import shelve
from gateway.profiles.terms import TermList, Terms
from tests.intake_material import LOINC, RXNORM, bundle, concept

TODAY = date(2026, 11, 23)
ER = concept(LOINC, "85337-4")
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
POSITIVE, NEGATIVE = concept(LOINC, "LA6576-8"), concept(LOINC, "LA6577-6")


@cache
def terms() -> Terms:
    faults: list[Any] = []
    lists = shelve(PROJECT / "mappings", TermList, "intake", "list", faults)
    assert not faults
    return Terms.of(lists.profiles.values())


@cache
def drugs() -> DrugNames:
    return load_policies(PROJECT / "mappings").drugs


def read(record: Any, who: str | None = None) -> Taken:
    return take_in(record, terms(), drugs(), TODAY, {}, who)


def taken(*resources: dict[str, Any], who: str | None = None) -> Taken:
    return read(bundle(*resources), who)


def order(name: str, **more: Any) -> dict[str, Any]:
    code = concept("http://www.ama-assn.org/go/cpt", "78815")
    asked = {"status": "active", "intent": "order", "code": code, "subject": {"reference": "Patient/ada"}}
    return {"resourceType": "ServiceRequest", "id": name, **asked, **more}


def codes(found: Taken) -> set[str]:
    return {one.code for one in found.findings}


def allergy(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"resourceType": "AllergyIntolerance", "id": "al", "patient": {"reference": "Patient/ada"}, "code": code}
    return told | more


METHOTREXATE = concept(RXNORM, "6851", "methotrexate")
