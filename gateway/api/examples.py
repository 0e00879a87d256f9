"""Bodies that work, for the OpenAPI document and its page. The people and places in them do not exist.

Unit tests check each against its model.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

REQUEST: MappingProxyType[str, Any] = MappingProxyType(
    {
        "reference": "ORD-2026-0417",
        "patient": {
            "last_name": "Testperson",
            "first_name": "Ada",
            "birth_date": "1961-04-12",
            "gender": "female",
        },
        "coverages": [
            {"payer": "evergreen_health", "member_id": "EVG0000001", "line_of_business": "commercial"},
        ],
        "requester": {
            "npi": "1234567893",
            "last_name": "Sampleton",
            "first_name": "Grace",
            "taxonomy": "207RX0202X",
            "contact": {"name": "Prior Authorization Desk", "phone": "2155550100", "fax": "2155550101"},
        },
        "servicing": [
            {"role": "facility", "npi": "1982000006", "last_name": "Sampleton Infusion Center"},
        ],
        "site": {"place_of_service": "19"},
        "diagnoses": [{"code": "C34.11"}],
        "regimen": {"name": "pembrolizumab, first line", "intent": "palliative", "cycle_days": 21, "cycles": 6},
        "lines": [
            {
                "id": "1",
                "role": "drug",
                "code": {"system": "hcpcs", "code": "J9271"},
                "quantity": {"value": 200, "unit": "units"},
                "frequency": {"times": 1, "every": 3, "period": "week", "count": 6},
                "dates": {"start": "2026-12-01", "end": "2027-05-31"},
                "diagnoses": [1],
            },
            {
                "id": "2",
                "role": "administration",
                "code": {"system": "cpt", "code": "96413"},
                "quantity": {"value": 6, "unit": "units"},
                "dates": {"start": "2026-12-01", "end": "2027-05-31"},
                "diagnoses": [1],
            },
        ],
        "facts": {
            "stage": [{"group": "IV", "staged_on": "2026-10-20"}],
            "biomarkers": [{"marker": "PD-L1", "result": "TPS 60 %", "method": "22C3"}],
            "performance": [{"scale": "ecog", "score": 1}],
        },
    }
)

RECORD: MappingProxyType[str, Any] = MappingProxyType(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "resource": {
                    "resourceType": "Patient",
                    "id": "ada",
                    "name": [{"family": "Testperson", "given": ["Ada"]}],
                    "gender": "female",
                    "birthDate": "1961-04-12",
                }
            },
            {
                "resource": {
                    "resourceType": "Observation",
                    "id": "ecog",
                    "status": "final",
                    "code": {"coding": [{"system": "http://loinc.org", "code": "89247-1"}]},
                    "subject": {"reference": "Patient/ada"},
                    "effectiveDateTime": "2026-10-20",
                    "valueInteger": 1,
                }
            },
        ],
    }
)

ORDER: MappingProxyType[str, Any] = MappingProxyType(
    {
        "coverages": [{"payer": "evergreen_health", "line_of_business": "commercial"}],
        "patient": {"birth_date": "1961-04-12", "gender": "female"},
        "site": {"place_of_service": "22"},
        "diagnoses": [{"code": "M05.79"}],
        "lines": [{"role": "drug", "code": {"system": "hcpcs", "code": "J1745"}}],
        "facts": {
            "prior_therapies": [
                {
                    "drug": "methotrexate",
                    "started_on": "2026-03-02",
                    "stopped_on": "2026-05-04",
                    "outcome": "inadequate_response",
                    "dose": "20 mg weekly",
                }
            ],
        },
    }
)

TREATMENT: MappingProxyType[str, Any] = MappingProxyType(
    {
        "id": "EMR-ADM-2026-0117",
        "kind": "administered",
        "on": "2026-12-22",
        "code": {"system": "hcpcs", "code": "J9271"},
        "quantity": {"value": 200, "unit": "units"},
        "place_of_service": "19",
    }
)

ANSWERS: MappingProxyType[str, Any] = MappingProxyType(
    {
        "attachments": [
            {
                "id": "note-1",
                "kind": "clinical_notes",
                "title": "Visit of 20 October",
                "media_type": "text/plain",
                "content": "Tm8gcGVyc29uIGlzIGRlc2NyaWJlZCBoZXJlLgo=",
            }
        ],
        "control_numbers": {"note-1": "EVGDOC0001"},
    }
)

SEARCH: MappingProxyType[str, Any] = MappingProxyType({"member_id": "EVG0000001", "limit": 25})
CANCELLATION: MappingProxyType[str, Any] = MappingProxyType({"reason": "The order was withdrawn."})
SETTLED: MappingProxyType[str, Any] = MappingProxyType({"found": "REF-000777"})
EXTENSION: MappingProxyType[str, Any] = MappingProxyType({"until": "2026-12-21", "told_on": "2026-12-04"})
RESUMED: MappingProxyType[str, Any] = MappingProxyType({"answer": "7KQ2M"})
APPEAL: MappingProxyType[str, Any] = MappingProxyType(
    {
        "reason": "Two preferred drugs failed: methotrexate from January to April, leflunomide from May to August.",
        "lines": ["1"],
    }
)
TALK: MappingProxyType[str, Any] = MappingProxyType(
    {
        "offered_by": "payer",
        "lines": ["1"],
        "phone": "2155550142",
        "slots": [{"start": "2099-03-10T15:00:00Z", "minutes": 20}],
    }
)
SLOTS: MappingProxyType[str, Any] = MappingProxyType(
    {"by": "practice", "slots": [{"start": "2099-03-10T16:00:00Z", "minutes": 20}]}
)
SCHEDULE: MappingProxyType[str, Any] = MappingProxyType({"slot": {"start": "2099-03-10T16:00:00Z", "minutes": 20}})
TALK_OUTCOME: MappingProxyType[str, Any] = MappingProxyType({"outcome": "upheld", "reference": "CALL-100"})
ENDPOINT: MappingProxyType[str, Any] = MappingProxyType(
    {"url": "https://hooks.example.org/pa", "types": ["case.approved", "case.denied"]}
)
ENDPOINT_CHANGE: MappingProxyType[str, Any] = MappingProxyType({"enabled": False})
ROTATION: MappingProxyType[str, Any] = MappingProxyType({"overlap_hours": 24})
RESEND: MappingProxyType[str, Any] = MappingProxyType(
    {"since": "2026-12-01T08:00:00Z", "until": "2026-12-01T09:00:00Z"}
)

_CLOCK = {
    "lines": ["1"],
    "roles": ["drug"],
    "outcomes": ["certified"],
    "state": "met",
    "received_at": "2026-12-01T15:04:07Z",
    "received_by": "payer",
    "due_at": "2026-12-04T15:04:07Z",
    "decided_at": "2026-12-01T15:04:07Z",
    "paused_seconds": 0,
    "extended_days": 0,
    "line_of_business": "medicare_advantage",
    "urgency": "standard",
    "rule": "ma_part_b_drug_standard",
    "limit": "72 hours",
    "says": "A plan decides a standard request for a Part B drug within 72 hours of its receipt.",
    "source": "42 CFR 422.568(b)(3)",
}
_CASE = "0f8e8c1e-5f3a-4a53-9a52-9a3a5b1f6c01"
_LINKS = {
    "self": f"/v1/requests/{_CASE}",
    "events": f"/v1/requests/{_CASE}/events",
    "questions": f"/v1/requests/{_CASE}/questions",
    "recourse": f"/v1/requests/{_CASE}/recourse",
    "raw": f"/v1/requests/{_CASE}/raw",
}
ACCEPTED: MappingProxyType[str, Any] = MappingProxyType({"id": _CASE, "livemode": False, "links": _LINKS})
CANCELLING: MappingProxyType[str, Any] = MappingProxyType(
    {
        **ACCEPTED,
        "untold": [
            {
                "submission": "5a0c2d7e-2a40-4a0e-8d2b-0c1f3c9e7a02",
                "payer": "evergreen_health",
                "why": "the payer has not said under which number it has the case, and takes no change without one",
                "fix": "Wait for its first answer, or call the payer.",
            }
        ],
    }
)
CASE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "id": _CASE,
        "livemode": False,
        "reference": "ORD-2026-0417",
        "payer": "evergreen_health",
        "patient": "5f2a9c0d7be1446380d2f1a6b3c4e79015c8d3e2f7a64b1c9d0e8f3a2b5c6d71",
        "follows": None,
        "status": "approved",
        "attention": {"who": "none", "why": None},
        "created_at": "2026-12-01T15:04:05.123000Z",
        "updated_at": "2026-12-01T15:04:09.456000Z",
        "links": _LINKS,
        "reference_pending": False,
        "expected_by": None,
        "lines": [
            {
                "id": "1",
                "role": "drug",
                "code": {"system": "hcpcs", "code": "J9271"},
                "outcome": "certified",
                "quantity": {"value": "200", "unit": "units"},
                "period": {"start": "2026-12-01", "end": "2027-05-31"},
                "place_of_service": None,
                "provider_npi": None,
                "authorization_number": "EVG-A-000417",
                "reasons": [],
                "no_route": None,
            }
        ],
        "requested": [],
        "questions": [],
        "appeals": [],
        "contacts": [],
        "follow_up": [],
        "reasons": [],
        "references": [{"kind": "authorization", "value": "EVG-A-000417", "line": "1", "part": False}],
        "messages": [],
        "challenge": None,
        "contradictions": 0,
        "preflight": None,
        "submissions": [
            {
                "id": "5a0c2d7e-2a40-4a0e-8d2b-0c1f3c9e7a02",
                "payer": "evergreen_health",
                "connection": "demo_clearinghouse",
                "channel": "x12_278",
                "benefit": "medical",
                "lines": ["1"],
                "status": "approved",
                "attention": {"who": "none", "why": None},
                "instead_of": None,
                "recommends": False,
                "confirms": None,
                "due_at": None,
                "attempts": [
                    {
                        "id": "b7d0a0a4-77a2-4b52-a7f0-3b9b5e0c8d03",
                        "verb": "submit",
                        "delivery": "app_acked",
                        "planned_at": "2026-12-01T15:04:05.130000Z",
                        "sent_at": "2026-12-01T15:04:05.160000Z",
                        "ended_at": "2026-12-01T15:04:09.440000Z",
                        "error": None,
                    }
                ],
                "clocks": [_CLOCK],
            }
        ],
        "sources": {
            "/lines/0/outcome": {"path": "2000F/HCR01", "segment": 21, "start": 812, "end": 814, "entry": 4},
        },
    }
)
EVENT: MappingProxyType[str, Any] = MappingProxyType(
    {
        "id": "3c1b2a90-8a1f-4d0c-9b77-6a5e4d3c2b04",
        "type": "case.approved",
        "timestamp": "2026-12-01T15:04:09.456000Z",
        "data": {
            "case_id": _CASE,
            "livemode": False,
            "sequence": 3,
            "status": "approved",
            "previous_status": "submitting",
            "attention": "none",
            "attention_why": None,
            "reference_pending": False,
            "expected_by": None,
            "lines": {"1": "certified"},
            "talk": None,
            "expiring": {},
            "appeals": {},
            "clocks": [
                {
                    "submission": "5a0c2d7e-2a40-4a0e-8d2b-0c1f3c9e7a02",
                    "payer": "evergreen_health",
                    "channel": "x12_278",
                    "benefit": "medical",
                    "clocks": [_CLOCK],
                }
            ],
            "preflight": [],
        },
    }
)

_FIGURES: dict[str, Any] = {
    "requests": 2,
    "items": 3,
    "approved": 2,
    "modified": 0,
    "denied": 1,
    "otherwise": 0,
    "undecided": 0,
    "overdue": 0,
    "decided_late": 1,
    "extended": 0,
    "extended_approved": 0,
    "appealed": 1,
    "approved_on_appeal": 0,
    "mean_hours": 31.5,
    "median_hours": 12.25,
    "p90_hours": 76.0,
}
TIMELINESS: MappingProxyType[str, Any] = MappingProxyType(
    {
        "rows": [
            {"of": {"payer": "evergreen_health", "line_of_business": "commercial", "urgency": "standard"}, **_FIGURES}
        ],
        "total": {"of": {}, **_FIGURES},
        "withheld": 0,
    }
)
ANSWER: MappingProxyType[str, Any] = MappingProxyType(
    {
        "text": "Denied. Infusion in a hospital outpatient department is not covered; use a preferred infusion center.",
        "codes": [{"system": "x12_hcr03", "code": "0F"}],
    }
)
