"""What the Ironwood portal's pages are filled with for a request, and what of it they have no field for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adapters.portal.asked import coverage_of
from adapters.portal.names import Name
from adapters.portal.notes import notes_of
from adapters.portal.papers import Paper, Takes
from adapters.portal.visit import Sheet
from adapters.portal.worksheet import Worksheet
from gateway.contract.destination import Destination
from gateway.model.line import CodeSystem, Line
from gateway.model.request import Attachment, Intent, PARequest, Review, ServicingRole

MOST_SERVICES, MOST_DIAGNOSES, MOST_DOCUMENTS, MOST_UNITS, MOST_DAYS = 4, 4, 5, 9999, 365
_ROOM = 1000
PLACES = frozenset({"11", "12", "19", "22", "49"})
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
    _refuse(sheet, request)
    number, coverage = coverage_of(request, to.payer)
    sheet.carry(f"/coverages/{number}/payer")
    patient, first = request.patient, request.lines[0]
    sheet.carry("/patient/last_name", "/patient/first_name")  # held against what the site finds
    page = "Member and provider"
    member_id = sheet.enter(page, "Member ID", coverage.member_id.upper(), f"/coverages/{number}/member_id")
    birth_date = sheet.enter(page, "Date of birth", _us(patient.birth_date), "/patient/birth_date")
    npi = sheet.enter(page, "Requesting provider NPI", request.requester.npi, "/requester/npi")
    rendering = _rendering(sheet, request)
    phone = request.requester.contact.phone if request.requester.contact else None
    if phone is None:
        sheet.refuse("/requester", "the site asks for a phone for questions", "Send requester.contact.phone.")
    sheet.enter(page, "Phone for questions", phone or "", "/requester/contact/phone")
    page = "Service details"
    place = sheet.enter(page, "Place of service", request.site.place_of_service, "/site/place_of_service")
    services = tuple(_service(sheet, line, number) for number, line in enumerate(request.lines))
    diagnoses = tuple(diagnosis.code for diagnosis in request.diagnoses[:MOST_DIAGNOSES])
    sheet.enter(page, "Diagnoses", ", ".join(diagnoses), *(f"/diagnoses/{n}/code" for n in range(len(diagnoses))))
    page, end = "Dates and units", first.dates.end or first.dates.start
    sheet.enter(page, "Service dates", f"{_us(first.dates.start)} to {_us(end)}")
    urgent = request.urgency.level == "expedited"
    sheet.enter(page, "Urgency", "Urgent" if urgent else "Standard", "/urgency/level")
    papers = tuple(_paper(sheet, each, f"/attachments/{n}") for n, each in enumerate(request.attachments))
    for number, diagnosis in enumerate(request.diagnoses[MOST_DIAGNOSES:], start=MOST_DIAGNOSES):
        sheet.note(f"Also diagnosed: {diagnosis.code}.", f"/diagnoses/{number}/code")
    for sentence, pointers in notes_of(request):
        sheet.note(sentence, *pointers)
    if sheet.notes:
        sheet.enter("Documents", "Comments for the reviewer", sheet.notes)
    told = sheet.settled()
    return (
        Form(
            member_id=member_id,
            birth_date=birth_date,
            npi=npi,
            rendering_npi=rendering,
            phone=phone or "",
            place=place,
            services=services,
            diagnoses=diagnoses,
            start=first.dates.start,
            end=end,
            urgent=urgent,
            papers=papers,
            comments=sheet.notes,
            name=Name.of(patient),
        ),
        told,
    )


def _refuse(sheet: Worksheet, request: PARequest) -> None:
    """What the site has no place for, and must not be filed without."""
    apart = "Send it in a request of its own."
    if request.intent not in (Intent.INITIAL, Intent.RENEWAL):
        sheet.refuse("/intent", "the site takes new requests alone", "Call the payer.")
    if request.review is not Review.SERVICES:
        sheet.refuse("/review", "the site takes requests for services alone", "Call the payer.")
    if request.site.place_of_service not in PLACES:
        sheet.refuse("/site/place_of_service", "the site does not offer this place", "Call the payer.")
    if len(request.lines) > MOST_SERVICES:
        for place in range(MOST_SERVICES, len(request.lines)):
            sheet.refuse(f"/lines/{place}", f"a request on this site has {MOST_SERVICES} services", apart)
    for place, line in enumerate(request.lines):
        _refuse_line(sheet, request, line, place)
    if len(request.attachments) > MOST_DOCUMENTS:
        sheet.refuse("/attachments", f"the site takes {MOST_DOCUMENTS} documents", "Put them into fewer files.")


def _refuse_line(sheet: Worksheet, request: PARequest, line: Line, place: int) -> None:
    at, first, apart = f"/lines/{place}", request.lines[0], "Send it in a request of its own."
    if line.code.system is not CodeSystem.HCPCS:
        sheet.refuse(f"{at}/code", "the site has HCPCS Level II codes alone", "Send a HCPCS code, or another way.")
    if line.code in [other.code for other in request.lines[:place]]:
        sheet.refuse(f"{at}/code", "the site takes each procedure once in a request", "Put the quantities together.")
    if line.quantity.unit != "units" or line.quantity.value % 1 or line.quantity.value > MOST_UNITS:
        why = f"the site counts whole units, {MOST_UNITS} at most"
        sheet.refuse(f"{at}/quantity", why, "Send billing units.")
    if line.dates.end is None:
        sheet.refuse(f"{at}/dates", "the site wants a last day", "Send dates.end.")
    elif (line.dates.start, line.dates.end) != (first.dates.start, first.dates.end):
        sheet.refuse(f"{at}/dates", "a request on this site has one period for all its services", apart)
    elif (line.dates.end - line.dates.start).days > MOST_DAYS:
        sheet.refuse(f"{at}/dates", f"a request on this site covers {MOST_DAYS} days at most", "Send a shorter period.")
    if line.place_of_service not in (None, request.site.place_of_service):
        sheet.refuse(
            f"{at}/place_of_service", "a request on this site names one place, that of all its services", apart
        )
    ours = {provider.npi for provider in request.servicing}
    for number, provider in enumerate(line.servicing):
        if provider.npi not in ours:
            sheet.refuse(f"{at}/servicing/{number}", "a request on this site names one rendering provider", apart)
    if line.revenue_code is not None:
        sheet.refuse(f"{at}/revenue_code", "the site has no field for a revenue code", "Call the payer.")


def _rendering(sheet: Worksheet, request: PARequest) -> str:
    found = ((n, each) for n, each in enumerate(request.servicing) if each.role is ServicingRole.RENDERING)
    place, provider = next(found, (0, None))
    if provider is None or provider.npi == request.requester.npi:
        return ""
    sheet.carry(f"/servicing/{place}/role")
    return sheet.enter(
        "Member and provider", "Rendering provider NPI (if another)", provider.npi, f"/servicing/{place}/npi"
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
