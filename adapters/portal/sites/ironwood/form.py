"""What the Ironwood portal's pages are filled with for a request, and what of it they have no field for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adapters.portal.asked import coverage_of
from adapters.portal.limits import Limits, phone_of, rendering_of
from adapters.portal.names import Name
from adapters.portal.papers import Paper, Takes
from adapters.portal.visit import Sheet
from adapters.portal.worksheet import Worksheet
from gateway.contract.destination import Destination
from gateway.model.line import Line
from gateway.model.request import Attachment, PARequest

LIMITS = Limits(
    services=4,
    diagnoses=4,
    documents=5,
    units=9999,
    days=365,
    places=frozenset({"11", "12", "19", "22", "49"}),
    one_form=True,
)
_ROOM = 1000
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
TAKES = Takes(kinds=_KINDS, media_types=("application/pdf",), most_bytes=5 * 1024**2)


@dataclass(frozen=True)
class Service:
    code: str
    units: str


@dataclass(frozen=True)
class Form:
    """Every field of the wizard, as it is typed or chosen."""

    member_id: str
    birth_date: str
    npi: str
    rendering_npi: str
    phone: str
    place: str
    services: tuple[Service, ...]
    diagnoses: tuple[str, ...]
    start: date
    end: date
    urgent: bool
    papers: tuple[Paper, ...]
    comments: str
    name: Name

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(service.code for service in self.services)


def fill_in(request: PARequest, to: Destination) -> tuple[Form, Sheet]:
    """The fields, and the worksheet that tells of them. Raises CannotExpress."""
    sheet = Worksheet("ironwood", "submit", request, room=_ROOM)
    LIMITS.refuse(sheet, request)
    number, coverage = coverage_of(request, to.payer)
    sheet.carry(f"/coverages/{number}/payer")
    patient, first = request.patient, request.lines[0]
    sheet.carry("/patient/last_name", "/patient/first_name")  # held against what the site finds
    page = "Member and provider"
    member_id = sheet.enter(page, "Member ID", coverage.member_id.upper(), f"/coverages/{number}/member_id")
    birth_date = sheet.enter(page, "Date of birth", _us(patient.birth_date), "/patient/birth_date")
    npi = sheet.enter(page, "Requesting provider NPI", request.requester.npi, "/requester/npi")
    rendering = rendering_of(sheet, request, page, "Rendering provider NPI (if another)")
    phone = phone_of(sheet, request, page, "Phone for questions")
    page = "Service details"
    place = sheet.enter(page, "Place of service", request.site.place_of_service, "/site/place_of_service")
    services = tuple(_service(sheet, line, number) for number, line in enumerate(request.lines))
    diagnoses = tuple(diagnosis.code for diagnosis in request.diagnoses[: LIMITS.diagnoses])
    sheet.enter(page, "Diagnoses", ", ".join(diagnoses), *(f"/diagnoses/{n}/code" for n in range(len(diagnoses))))
    page, end = "Dates and units", first.dates.end or first.dates.start
    sheet.enter(page, "Service dates", f"{_us(first.dates.start)} to {_us(end)}")
    urgent = request.urgency.level == "expedited"
    sheet.enter(page, "Urgency", "Urgent" if urgent else "Standard", "/urgency/level")
    papers = tuple(_paper(sheet, each, f"/attachments/{n}") for n, each in enumerate(request.attachments))
    comments = LIMITS.note(sheet, request)
    if comments:
        sheet.enter("Documents", "Comments for the reviewer", comments)
    told = sheet.settled()
    return (
        Form(
            member_id=member_id,
            birth_date=birth_date,
            npi=npi,
            rendering_npi=rendering,
            phone=phone,
            place=place,
            services=services,
            diagnoses=diagnoses,
            start=first.dates.start,
            end=end,
            urgent=urgent,
            papers=papers,
            comments=comments,
            name=Name.of(patient),
        ),
        told,
    )


def _service(sheet: Worksheet, line: Line, place: int) -> Service:
    at = f"/lines/{place}"
    code = sheet.enter(
        "Service details", "Procedure", line.code.code, f"{at}/code", f"{at}/dates", f"{at}/place_of_service"
    )
    units = format(line.quantity.value, "f")
    return Service(code, sheet.enter("Dates and units", f"Units of {code}", units, f"{at}/quantity"))


def _paper(sheet: Worksheet, attachment: Attachment, at: str) -> Paper:
    paper = TAKES.paper(sheet, attachment, at)
    sheet.enter("Documents", paper.kind, paper.name, at)
    return paper


def service_type(code: str) -> str:
    """Under which type the site lists a procedure."""
    if code.startswith(("J8", "J9")):
        return "Cancer treatment"
    return "Medical equipment" if code.startswith("E") else "Drug infusion or injection"


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"
