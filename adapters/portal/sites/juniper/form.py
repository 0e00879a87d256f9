"""What the form of the Juniper Health portal is filled with for a request, and what of it it has no field for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.portal.asked import coverage_of
from adapters.portal.limits import Limits, phone_of, rendering_of
from adapters.portal.names import Name
from adapters.portal.papers import Paper, Takes
from adapters.portal.visit import Sheet
from adapters.portal.worksheet import Worksheet
from gateway.contract.destination import Destination
from gateway.model.line import Line
from gateway.model.request import PARequest

_ROOM = 1000
PLACES: Mapping[str, str] = {
    "11": "Office",
    "12": "Home",
    "19": "Off-campus outpatient hospital",
    "22": "On-campus outpatient hospital",
    "49": "Independent clinic",
}
LIMITS = Limits(services=6, diagnoses=6, documents=5, units=9999, days=365, places=PLACES)
_KINDS: Mapping[str, str] = {
    "clinical_notes": "Chart notes",
    "laboratory_results": "Laboratory results",
    "pathology_report": "Laboratory results",
    "imaging_report": "Imaging report",
    "letter_of_medical_necessity": "Letter of medical necessity",
    "medication_history": "Chart notes",
    "treatment_plan": "Chart notes",
    "other": "Other",
}
TAKES = Takes(kinds=_KINDS, media_types=("application/pdf", "image/png", "image/jpeg"), most_bytes=5 * 1024**2)


@dataclass(frozen=True)
class Service:
    """Days are YYYY-MM-DD, ``place`` is the site's words."""

    code: str
    units: str
    place: str
    start: str
    end: str


@dataclass(frozen=True)
class Form:
    """Every field of the form, as it is typed or chosen."""

    member_id: str
    birth_date: str
    npi: str
    rendering_npi: str
    phone: str
    diagnoses: tuple[str, ...]
    services: tuple[Service, ...]
    papers: tuple[Paper, ...]
    priority: str
    comments: str
    name: Name


def fill_in(request: PARequest, to: Destination) -> tuple[Form, Sheet]:
    """The fields, and the worksheet that tells of them. Raises CannotExpress."""
    sheet = Worksheet("juniper", "submit", request, room=_ROOM)
    LIMITS.refuse(sheet, request)
    number, coverage = coverage_of(request, to.payer)
    sheet.carry(f"/coverages/{number}/payer")
    sheet.carry("/patient/last_name", "/patient/first_name")  # held against what the site finds
    diagnoses = tuple(diagnosis.code for diagnosis in request.diagnoses[: LIMITS.diagnoses])
    filled = Form(
        member_id=sheet.enter("Member", "Member", coverage.member_id.upper(), f"/coverages/{number}/member_id"),
        birth_date=sheet.enter(
            "Member", "Date of birth", request.patient.birth_date.isoformat(), "/patient/birth_date"
        ),
        npi=sheet.enter("Provider", "Requesting provider NPI", request.requester.npi, "/requester/npi"),
        rendering_npi=rendering_of(sheet, request, "Provider", "Rendering provider NPI (optional)"),
        phone=phone_of(sheet, request, "Provider", "Callback phone"),
        diagnoses=diagnoses,
        services=tuple(_service(sheet, request, line, place) for place, line in enumerate(request.lines)),
        papers=tuple(TAKES.paper(sheet, each, f"/attachments/{n}") for n, each in enumerate(request.attachments)),
        priority="Expedited" if request.urgency.level == "expedited" else "Standard",
        comments=LIMITS.note(sheet, request),
        name=Name.of(request.patient),
    )
    sheet.enter(
        "Diagnoses", "Diagnosis code", ", ".join(diagnoses), *(f"/diagnoses/{n}/code" for n in range(len(diagnoses)))
    )
    for place, paper in enumerate(filled.papers):
        sheet.enter("Supporting documents", paper.kind, paper.name, f"/attachments/{place}")
    sheet.enter("Priority and comments", "Priority", filled.priority, "/urgency/level")
    if filled.comments:
        sheet.enter("Priority and comments", "Comments", filled.comments)
    return filled, sheet.settled()


def _service(sheet: Worksheet, request: PARequest, line: Line, number: int) -> Service:
    at, page = f"/lines/{number}", f"Service {number + 1}"
    place = line.place_of_service or request.site.place_of_service
    end = line.dates.end or line.dates.start
    sheet.carry("/site/place_of_service")
    return Service(
        code=sheet.enter(page, "Procedure code", line.code.code, f"{at}/code"),
        units=sheet.enter(page, "Units", format(line.quantity.value, "f"), f"{at}/quantity"),
        place=sheet.enter(page, "Place of service", PLACES.get(place, place), f"{at}/place_of_service"),
        start=sheet.enter(page, "Start date", line.dates.start.isoformat(), f"{at}/dates"),
        end=sheet.enter(page, "End date", end.isoformat()),
    )
