"""What a service review asks: a strict reader of the API's JSON, into what the payers' desk reviews. Knows no HTTP.

A submission is written in the words of X12, as the desk's is: the API's codes are X12's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from conformance.simulators.payers import PAYERS
from conformance.simulators.shapes import is_npi
from conformance.simulators.submission import Service, Submission
from conformance.simulators.x12 import Segment

_TEXT, _OBJECT, _LIST = str, dict, list
_ADDRESS = ("addressLine1", "addressLine2", "city", "stateCode", "zipCode")
_PERSON = dict.fromkeys(("lastName", "firstName", "middleName", "suffix", *_ADDRESS), _TEXT)
_PROVIDER = _PERSON | dict.fromkeys(
    ("npi", "taxId", "specialtyCode", "contactName", "phone", "extension", "fax", "emailAddress", "roleCode"), _TEXT
)
_MODIFIERS = tuple(f"modifierCode{number}" for number in range(1, 5))
_AMOUNT = ("quantity", "quantityTypeCode", "fromDate", "toDate")
_CODES = ("requestTypeCode", "serviceTypeCode", "serviceLevelCode", "placeOfServiceCode", "fromDate", "toDate")
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "": {
        **dict.fromkeys((*_CODES, "referenceNumber"), _TEXT),
        **dict.fromkeys(("payer", "requestingProvider", "subscriber", "patient", "supplementalInformation"), _OBJECT),
        **dict.fromkeys(("renderingProviders", "diagnoses", "procedures", "providerNotes"), _LIST),
    },
    "payer": {"id": _TEXT},
    "requestingProvider": _PROVIDER,
    "renderingProviders": _PROVIDER,
    "subscriber": _PERSON | {"memberId": _TEXT},
    "patient": _PERSON | dict.fromkeys(("birthDate", "genderCode", "subscriberRelationshipCode"), _TEXT),
    "diagnoses": dict.fromkeys(("code", "qualifierCode", "date"), _TEXT),
    "procedures": dict.fromkeys(
        ("code", "qualifierCode", "revenueCode", "description", *_AMOUNT, *_MODIFIERS),
        _TEXT,
    ),
    "providerNotes": dict.fromkeys(("message", "type", "typeCode"), _TEXT),
    "supplementalInformation": {"refAuthNumber": _TEXT},
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,30}")


class Illegal(Exception):
    """Refused by the network before a payer sees it: the status, the field, and our words."""

    def __init__(self, text: str, field: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.status = status


def read_review(body: bytes, media: str) -> tuple[dict[str, Any], Submission]:
    """The review as told, and as a submission. Raises Illegal."""
    if media != "application/json":
        raise Illegal("JSON is spoken here: application/json.", "", 415)
    try:
        told = json.loads(body)
    except ValueError:
        raise Illegal("The body is not JSON.", "") from None
    _check(told, "")
    for name in ("payer", "requestingProvider", "subscriber", "patient", "diagnoses", "procedures", *_CODES[:2]):
        if not told.get(name):
            raise Illegal("The field is required.", name, 422)
    if told["payer"].get("id") not in PAYERS:
        raise Illegal("The payer is not known here.", "payer.id")
    if not _REFERENCE.fullmatch(told.get("referenceNumber", "")):
        raise Illegal("The field is required.", "referenceNumber", 422)
    for provider in (told["requestingProvider"], *told.get("renderingProviders", ())):
        if not is_npi(provider.get("npi", "")):
            raise Illegal("The NPI is none.", "npi", 422)
    return told, _submission(told)


def _check(value: Any, name: str) -> None:
    """Known members of their kinds, and no empty ones."""
    shape = _SHAPES[name]
    if not isinstance(value, dict):
        raise Illegal("This is not an object.", name)
    for key, inside in value.items():
        if key not in shape or not isinstance(inside, shape[key]) or not inside:
            raise Illegal("This member is not known, is of another kind, or is empty.", f"{name}.{key}".lstrip("."))
        if shape[key] is _OBJECT:
            _check(inside, key)
        elif shape[key] is _LIST:
            for item in inside:
                _check(item, key)
        elif key.endswith("Date") and not _DAY.fullmatch(inside):
            raise Illegal("This is not a date.", f"{name}.{key}".lstrip("."))


def _submission(told: dict[str, Any]) -> Submission:
    patient, subscriber = told["patient"], told["subscriber"]
    born: Segment = ["DMG", "D8", _day(patient.get("birthDate", "")), patient.get("genderCode", "U")]
    own = patient.get("subscriberRelationshipCode", "18") == "18"
    reference = told["referenceNumber"]
    return Submission(
        inquiry=False,
        component=":",
        reference=reference,
        submitted_on="99991231",
        umo=["NM1", "X3", "2", "", "", "", "", "", "PI", told["payer"]["id"]],
        requester=_named("1P", told["requestingProvider"], "XX", told["requestingProvider"]["npi"]),
        subscriber=_named("IL", subscriber, "MI", subscriber.get("memberId", "")),
        subscriber_birth=born if own else None,
        dependent=None if own else _named("QC", patient, "", ""),
        dependent_birth=None if own else born,
        dependent_relationship=None,
        traces=(["TRN", "1", reference, "9000000000"],),
        um=["UM", told["requestTypeCode"], "I", told["serviceTypeCode"]],
        references=tuple(told.get("supplementalInformation", {}).values()),
        event_date=None,
        dates={"435": told["fromDate"].replace("-", "")} if "fromDate" in told else {},
        delivery=None,
        diagnoses=tuple((item.get("qualifierCode", ""), item["code"].replace(".", "")) for item in told["diagnoses"]),
        controls=(),
        parties=tuple(
            _named(item.get("roleCode", ""), item, "XX", item["npi"]) for item in told.get("renderingProviders", ())
        ),
        services=tuple(_service(item) for item in told["procedures"]),
    )


def _service(told: dict[str, Any]) -> Service:
    system, code = told.get("qualifierCode", "NU"), told.get("code") or told.get("revenueCode", "")
    start = told.get("fromDate", "")
    days = f"{_day(start)}-{_day(told.get('toDate', start))}"
    return Service(
        traces=(),
        um=None,
        date=["DTP", "472", "RD8", days] if start else None,
        service=["SV1", f"{system}:{code}", "", told.get("quantityTypeCode", "UN"), told.get("quantity", "1")],
        code=code,
        system=system,
        pointers=(),
        delivery=None,
        parties=(),
    )


def _named(role: str, told: dict[str, Any], qualifier: str, number: str) -> Segment:
    return ["NM1", role, "1", told.get("lastName", ""), told.get("firstName", ""), "", "", "", qualifier, number]


def _day(text: str) -> str:
    return text.replace("-", "")
