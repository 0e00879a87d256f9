"""Requests as a practice sends them. Nobody in them exists; the member id steers the simulated payer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

EVERGREEN, BLUESTEM = "evergreen_health", "bluestem_mutual"


def compose(member: str, *, payer: str = EVERGREEN, lines: int = 1) -> dict[str, Any]:
    """A request for infused drugs under this member id."""
    codes = ("J9271", "J9035", "J1745")
    address = {"street": ["1 Example Plaza"], "city": "Testville", "state": "PA", "zip_code": "19087"}
    sampleton = {"npi": "1234567893", "last_name": "Sampleton", "first_name": "Orla", "taxonomy": "207RX0202X"}
    return {
        "reference": f"order-{uuid4().hex[:12]}",
        "patient": {
            "last_name": "Testperson",
            "first_name": "Ada",
            "birth_date": "1961-04-12",
            "gender": "female",
            "address": address,
        },
        "coverages": [{"payer": payer, "member_id": member, "line_of_business": "commercial"}],
        "requester": {
            **sampleton,
            "address": address,
            "contact": {"name": "Prior Auth Desk", "phone": "2155550100", "fax": "2155550101"},
        },
        "servicing": [{"role": "rendering", **sampleton, "address": address}],
        "site": {"place_of_service": "11"},
        "diagnoses": [{"code": "C34.11"}],
        "lines": [
            {
                "id": str(place),
                "role": "drug",
                "code": {"system": "hcpcs", "code": codes[place - 1]},
                "quantity": {"value": 200, "unit": "units"},
                "dates": {"start": "2026-12-01", "end": "2027-05-31"},
                "diagnoses": [1],
            }
            for place in range(1, lines + 1)
        ],
    }
