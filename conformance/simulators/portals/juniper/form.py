"""What the form of the simulated Juniper Health sends, and what is refused in it, by field. Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from conformance.simulators.portals import checking
from conformance.simulators.portals.catalogue import DOCUMENT_KINDS, PLACES, PROCEDURES
from conformance.simulators.portals.filings import Document, Service, Wish
from conformance.simulators.portals.juniper.site import Json, Problem, Upload, text_of
from conformance.simulators.portals.people import People

MOST_SERVICES = 6
MOST_DIAGNOSES = 6
FIELDS = frozenset(
    {"member", "birth_date", "npi", "rendering_npi", "phone", "diagnoses", "services", "priority", "documents"}
    | {"comments"}
)
_SERVICE = frozenset({"code", "units", "start", "end", "place"})
_DOCUMENT = frozenset({"id", "kind"})


@dataclass(frozen=True, slots=True)
class Read:
    """``wish`` is None where there are faults."""

    member_id: str
    faults: dict[str, str]
    wish: Wish | None


def read_form(sent: Json, people: People, uploads: dict[str, Upload], today: date) -> Read:
    """Raises Problem for what no form sends: members of another kind."""
    faults: dict[str, str] = {}
    member_id = text_of(sent, "member").upper()
    faults |= checking.member(people, member_id, checking.iso_date(text_of(sent, "birth_date")))
    rendering = text_of(sent, "rendering_npi")
    faults |= _only(
        npi=checking.npi(text_of(sent, "npi"), member_id),
        rendering_npi=checking.npi(rendering) if rendering else "",
        phone=checking.phone(text_of(sent, "phone")),
        priority="" if text_of(sent, "priority") in ("standard", "expedited") else "Choose a priority.",
        comments=checking.text(text_of(sent, "comments")),
    )
    diagnoses = _texts(sent.get("diagnoses", []))
    faults |= _only(diagnoses=_diagnoses(diagnoses))
    services, wrong = _services(sent.get("services", []), today, member_id)
    documents, unkind = read_documents(sent.get("documents", []), uploads)
    faults |= wrong | unkind
    person = people.named(member_id)
    if faults or person is None:
        return Read(member_id, faults, None)
    wish = Wish(
        member_id,
        person,
        tuple(services),
        tuple(diagnoses),
        text_of(sent, "npi"),
        text_of(sent, "phone"),
        tuple(documents),
        rendering,
        text_of(sent, "priority") == "expedited",
        text_of(sent, "comments"),
    )
    return Read(member_id, {}, wish)


def read_documents(sent: Any, uploads: dict[str, Upload]) -> tuple[list[Document], dict[str, str]]:
    """Uploads by id, each with its kind."""
    documents: list[Document] = []
    for each in _objects(sent, _DOCUMENT):
        upload = uploads.get(text_of(each, "id"))
        kind = text_of(each, "kind")
        if upload is None:
            return [], {"documents": "A document was not uploaded. Remove it and add it again."}
        if kind not in DOCUMENT_KINDS:
            return [], {"documents": f"Choose a document type for {upload.name}."}
        documents.append(replace(upload.body_is, kind=kind))
    if len(documents) > checking.MOST_DOCUMENTS:
        return [], {"documents": f"At most {checking.MOST_DOCUMENTS} documents can be sent."}
    return documents, {}


def _services(sent: Any, today: date, member_id: str) -> tuple[list[Service], dict[str, str]]:
    services: list[Service] = []
    faults: dict[str, str] = {}
    asked = _objects(sent, _SERVICE)
    if not asked or len(asked) > MOST_SERVICES:
        return [], {"services": f"A request has 1 to {MOST_SERVICES} services."}
    for place, each in enumerate(asked):
        code, units = text_of(each, "code").upper(), text_of(each, "units")
        start, end = checking.iso_date(text_of(each, "start")), checking.iso_date(text_of(each, "end"))
        wrong = _only(
            code=checking.procedure(code) if code else "Choose a procedure code.",
            units=checking.units(units),
            place="" if text_of(each, "place") in PLACES else "Choose a place of service.",
        ) | checking.period(start, end, today, member_id)
        faults |= {f"services.{place}.{name}": text for name, text in wrong.items()}
        if not wrong and start is not None and end is not None:
            services.append(Service(code, PROCEDURES[code], int(units), start, end, text_of(each, "place")))
    return services, faults


def _diagnoses(codes: list[str]) -> str:
    if not 1 <= len(codes) <= MOST_DIAGNOSES:
        return f"A request has 1 to {MOST_DIAGNOSES} diagnoses."
    return next((fault for code in codes if (fault := checking.diagnosis(code))), "")


def _only(**found_at: str) -> dict[str, str]:
    return {name: text for name, text in found_at.items() if text}


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Problem(400, "The request has a field of another kind.")
    return [each.strip().upper() for each in value]


def _objects(value: Any, known: frozenset[str]) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(each, dict) and set(each) <= known for each in value):
        raise Problem(400, "The request has fields that we do not know.")
    return value
