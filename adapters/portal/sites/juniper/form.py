"""What the form of the Juniper Health portal is filled with for a request, and what of it it has no field for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.portal.asked import coverage_of
from adapters.portal.names import Name
from adapters.portal.notes import notes_of
from adapters.portal.papers import Paper, Takes
from adapters.portal.visit import Sheet
from adapters.portal.worksheet import Worksheet
from gateway.contract.destination import Destination
from gateway.model.line import CodeSystem, Line
from gateway.model.request import Intent, PARequest, Review, ServicingRole

MOST_SERVICES, MOST_DIAGNOSES, MOST_DOCUMENTS, MOST_UNITS, MOST_DAYS = 6, 6, 5, 9999, 365
_ROOM = 1000
PLACES: Mapping[str, str] = {
    "11": "Office",
    "12": "Home",
    "19": "Off-campus outpatient hospital",
    "22": "On-campus outpatient hospital",
    "49": "Independent clinic",
}
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
    _refuse(sheet, request)
    number, coverage = coverage_of(request, to.payer)
    sheet.carry(f"/coverages/{number}/payer")
    sheet.carry("/patient/last_name", "/patient/first_name")  # held against what the site finds
    phone = request.requester.contact.phone if request.requester.contact else None
    if phone is None:
        sheet.refuse("/requester", "the site asks for a phone for questions", "Send requester.contact.phone.")
    diagnoses = tuple(diagnosis.code for diagnosis in request.diagnoses[:MOST_DIAGNOSES])
    filled = Form(
        member_id=sheet.enter("Member", "Member", coverage.member_id.upper(), f"/coverages/{number}/member_id"),
        birth_date=sheet.enter(
            "Member", "Date of birth", request.patient.birth_date.isoformat(), "/patient/birth_date"
        ),
        npi=sheet.enter("Provider", "Requesting provider NPI", request.requester.npi, "/requester/npi"),
        rendering_npi=_rendering(sheet, request),
        phone=sheet.enter("Provider", "Callback phone", phone or "", "/requester/contact/phone"),
        diagnoses=diagnoses,
        services=tuple(_service(sheet, request, line, place) for place, line in enumerate(request.lines)),
        papers=tuple(TAKES.paper(sheet, each, f"/attachments/{n}") for n, each in enumerate(request.attachments)),
        priority="Expedited" if request.urgency.level == "expedited" else "Standard",
        comments=_comments(sheet, request),
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


def _comments(sheet: Worksheet, request: PARequest) -> str:
    for place, diagnosis in enumerate(request.diagnoses[MOST_DIAGNOSES:], start=MOST_DIAGNOSES):
        sheet.note(f"Also diagnosed: {diagnosis.code}.", f"/diagnoses/{place}/code")
    for sentence, pointers in notes_of(request):
        sheet.note(sentence, *pointers)
    return sheet.notes


def _refuse(sheet: Worksheet, request: PARequest) -> None:
    """What the site has no place for, and must not be filed without."""
    if request.intent not in (Intent.INITIAL, Intent.RENEWAL):
        sheet.refuse("/intent", "the site takes new requests alone", "Call the payer.")
    if request.review is not Review.SERVICES:
        sheet.refuse("/review", "the site takes requests for services alone", "Call the payer.")
    if request.site.place_of_service not in PLACES:
        sheet.refuse("/site/place_of_service", "the site does not offer this place", "Call the payer.")
    for place, line in enumerate(request.lines):
        if place >= MOST_SERVICES:
            why = f"a request on this site has {MOST_SERVICES} services"
            sheet.refuse(f"/lines/{place}", why, "Send it in a request of its own.")
        _refuse_line(sheet, request, line, place)
    if len(request.attachments) > MOST_DOCUMENTS:
        sheet.refuse("/attachments", f"the site takes {MOST_DOCUMENTS} documents", "Put them into fewer files.")


def _refuse_line(sheet: Worksheet, request: PARequest, line: Line, place: int) -> None:
    at, apart = f"/lines/{place}", "Send it in a request of its own."
    if line.code.system is not CodeSystem.HCPCS:
        sheet.refuse(f"{at}/code", "the site has HCPCS Level II codes alone", "Send a HCPCS code, or another way.")
    if line.code in [other.code for other in request.lines[:place]]:
        why = "what the site decides of each of two services with one code could not be told apart"
        sheet.refuse(f"{at}/code", why, "Put the quantities together, or send them apart.")
    if line.quantity.unit != "units" or line.quantity.value % 1 or line.quantity.value > MOST_UNITS:
        sheet.refuse(f"{at}/quantity", f"the site counts whole units, {MOST_UNITS} at most", "Send billing units.")
    if line.dates.end is None:
        sheet.refuse(f"{at}/dates", "the site wants a last day", "Send dates.end.")
    elif (line.dates.end - line.dates.start).days > MOST_DAYS:
        sheet.refuse(f"{at}/dates", f"a request on this site covers {MOST_DAYS} days at most", "Send a shorter period.")
    if line.place_of_service is not None and line.place_of_service not in PLACES:
        sheet.refuse(f"{at}/place_of_service", "the site does not offer this place", "Call the payer.")
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
    return sheet.enter("Provider", "Rendering provider NPI (optional)", provider.npi, f"/servicing/{place}/npi")


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
