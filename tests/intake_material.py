"""Clinical records in the shapes that Synthea, US Core and mCODE write. The people in them do not exist."""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID

Json = dict[str, Any]
LOINC, SCT, RXNORM = "http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ME = {"reference": "Patient/ada"}


def concept(system: str, code: str, display: str | None = None) -> Json:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": display} if display else {})


def patient(**more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": "ada",
        "name": [{"use": "official", "family": "Testperson", "given": ["Ada", "Sample"]}],
        "gender": "female",
        "birthDate": "1961-04-12",
        "address": [{"line": ["1 Made Up Way"], "city": "Sampleton", "state": "PA", "postalCode": "19087"}],
        **more,
    }


def observation(name: str, code: Json, on: str | None = "2026-03-01T09:30:00-05:00", **more: Any) -> Json:
    dated = {"effectiveDateTime": on} if on else {}
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": code,
        "subject": ME,
        **dated,
        **more,
    }


def condition(name: str, *codings: tuple[str, str], **more: Any) -> Json:
    listed = [{"system": system, "code": code} for system, code in codings]
    return {"resourceType": "Condition", "id": name, "subject": ME, "code": {"coding": listed}, **more}


def medication(name: str, drug: str, status: str = "completed", **more: Any) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": status,
        "subject": ME,
        "medicationCodeableConcept": {"text": drug},
        **more,
    }


def bundle(*resources: Json, kind: str = "collection") -> Json:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {"fullUrl": f"https://ehr.invalid/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
        ],
    }


def oncology() -> Json:
    """A record of mCODE's shape, with everything intake reads."""
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    return bundle(
        patient(),
        {
            "resourceType": "Coverage",
            "id": "card",
            "status": "active",
            "beneficiary": ME,
            "subscriberId": "EVG0000001",
            "relationship": {
                "coding": [{"code": "self", "system": "http://terminology.hl7.org/CodeSystem/subscriber-relationship"}]
            },
            "type": concept("https://nahdo.org/sopt", "512"),
            "payor": [{"display": "Evergreen Health"}],
            "class": [
                {"type": concept("http://terminology.hl7.org/CodeSystem/coverage-class", "rxbin"), "value": "999991"},
                {"type": concept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"), "value": "G-77"},
            ],
        },
        {
            "resourceType": "Practitioner",
            "id": "grace",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
            "name": [{"family": "Sampleton", "given": ["Grace"]}],
        },
        condition(
            "lung",
            (SCT, "254637007"),
            (icd, "C34.11"),
            extension=[
                {
                    "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
                    "valueCodeableConcept": concept(
                        "http://terminology.hl7.org/CodeSystem/icd-o-3", "8140/3", "Adenocarcinoma"
                    ),
                }
            ],
        ),
        condition("snomed-only", (SCT, "48694002")),
        observation(
            "group", concept(LOINC, "21908-9"), valueCodeableConcept=concept("http://cancerstaging.org", "3B", "IIIB")
        ),
        observation("t", concept(LOINC, "21905-5"), valueCodeableConcept=concept("http://cancerstaging.org", "cT3")),
        observation("pdl1", concept(LOINC, "83052-1"), valueQuantity={"value": 60, "unit": "%", "code": "%"}),
        observation("alk", concept(LOINC, "78205-2"), dataAbsentReason={"text": "Insufficient tissue"}),
        observation("er", concept(LOINC, "85337-4"), valueCodeableConcept=concept(LOINC, "LA6577-6", "Negative")),
        observation("ecog", concept(LOINC, "89247-1"), valueInteger=1, interpretation=[concept(LOINC, "LA9623-5")]),
        observation("weight", concept(LOINC, "29463-7"), valueQuantity={"value": 155, "code": "[lb_av]"}),
        observation("height", concept(LOINC, "8302-2"), valueQuantity={"value": 65, "code": "[in_i]"}),
        observation(
            "variant",
            concept(LOINC, "69548-6"),
            valueCodeableConcept=concept(LOINC, "LA9633-4", "Present"),
            component=[
                {
                    "code": concept(LOINC, "48018-6"),
                    "valueCodeableConcept": concept("http://www.genenames.org/geneId", "HGNC:3236", "EGFR"),
                },
            ],
        ),
        medication(
            "carboplatin",
            "carboplatin",
            "stopped",
            effectivePeriod={"start": "2026-04-01", "end": "2026-06-15"},
            statusReason=[{"text": "Disease progression"}],
        ),
        medication("pemetrexed", "pemetrexed", effectivePeriod={"start": "2026-01-05", "end": "2026-03-20"}),
        {
            "resourceType": "MedicationRequest",
            "id": "order",
            "status": "active",
            "intent": "order",
            "subject": ME,
            "authoredOn": "2026-10-20",
            "requester": {"reference": "Practitioner/grace"},
            "medicationCodeableConcept": concept(HCPCS, "J9271", "pembrolizumab"),
            "dosageInstruction": [
                {"text": "200 mg every 3 weeks", "timing": {"repeat": {"boundsPeriod": {"start": "2026-12-01"}}}}
            ],
        },
        {
            "resourceType": "DocumentReference",
            "id": "note",
            "status": "current",
            "subject": ME,
            "type": concept(LOINC, "11506-3", "Progress note"),
            "date": "2026-10-20T10:00:00Z",
            "content": [{"attachment": {"contentType": "text/plain"}}],
        },
    )


def large(megabytes: float) -> Json:
    """A record of Synthea's shape: urn:uuid references, years of laboratory values, claims and encounters."""
    whole = oncology()
    person = f"urn:uuid:{UUID(int=1)}"
    whole["entry"][0]["fullUrl"] = person
    claim = {
        "resourceType": "Claim",
        "status": "active",
        "patient": {"reference": person},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Evergreen Health"}}],
        "item": [
            {"sequence": place, "productOrService": concept(SCT, "162673000", "General examination")}
            for place in range(1, 9)
        ],
    }
    entries = whole["entry"]
    for place in range(int(megabytes * 500)):
        value = observation(
            f"lab-{place}",
            concept(LOINC, f"{2000 + place % 40}-{place % 10}", "Made-up value [Mass/volume] in Serum"),
            f"20{10 + place % 16}-0{1 + place % 9}-1{place % 10}T08:00:00-05:00",
            category=[concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")],
            valueQuantity={"value": place / 7, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        )
        value["subject"] = {"reference": person}
        bill = copy.deepcopy(claim) | {"id": f"claim-{place}"}
        for one in (value, bill):
            entries.append({"fullUrl": f"urn:uuid:{UUID(int=2 * place + len(one['id']) * 10**9)}", "resource": one})
    return whole
