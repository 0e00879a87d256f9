"""What a request must be for a site to have a place for it, and what of it every site's form asks for.

Sites differ in numbers more than in kind. What one of them has no place for is refused here, before anybody goes there.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from adapters.portal.notes import notes_of
from adapters.portal.worksheet import Worksheet
from gateway.model.line import CodeSystem, Line
from gateway.model.request import Intent, PARequest, Review, ServicingRole

_APART = "Send it in a request of its own."


@dataclass(frozen=True)
class Limits:
    """How many ``services``, ``diagnoses`` and ``documents`` a request on the site has at most, how many ``units`` a
    service and how many ``days`` its period; ``places`` of service that it offers. With ``one_form`` all services have
    one period and one place."""

    services: int
    diagnoses: int
    documents: int
    units: int
    days: int
    places: Container[str]
    one_form: bool = False

    def refuse(self, sheet: Worksheet, request: PARequest) -> None:
        """What the site has no place for, and must not be filed without."""
        if request.intent not in (Intent.INITIAL, Intent.RENEWAL):
            sheet.refuse("/intent", "the site takes new requests alone", "Call the payer.")
        if request.review is not Review.SERVICES:
            sheet.refuse("/review", "the site takes requests for services alone", "Call the payer.")
        if request.site.place_of_service not in self.places:
            sheet.refuse("/site/place_of_service", "the site does not offer this place", "Call the payer.")
        for place, line in enumerate(request.lines):
            if place >= self.services:
                sheet.refuse(f"/lines/{place}", f"a request on this site has {self.services} services", _APART)
            self._refuse_line(sheet, request, line, place)
        if len(request.attachments) > self.documents:
            sheet.refuse("/attachments", f"the site takes {self.documents} documents", "Put them into fewer files.")

    def _refuse_line(self, sheet: Worksheet, request: PARequest, line: Line, place: int) -> None:
        at = f"/lines/{place}"
        if line.code.system is not CodeSystem.HCPCS:
            sheet.refuse(f"{at}/code", "the site has HCPCS Level II codes alone", "Send a HCPCS code, or another way.")
        if line.code in [other.code for other in request.lines[:place]]:
            why = "what the site decides of each of two services with one code could not be told apart"
            sheet.refuse(f"{at}/code", why, "Put the quantities together, or send them apart.")
        if line.quantity.unit != "units" or line.quantity.value % 1 or line.quantity.value > self.units:
            why = f"the site counts whole units, {self.units} at most"
            sheet.refuse(f"{at}/quantity", why, "Send billing units.")
        self._refuse_dates(sheet, request, line, at)
        if self.one_form and line.place_of_service not in (None, request.site.place_of_service):
            why = "a request on this site names one place, that of all its services"
            sheet.refuse(f"{at}/place_of_service", why, _APART)
        elif line.place_of_service is not None and line.place_of_service not in self.places:
            sheet.refuse(f"{at}/place_of_service", "the site does not offer this place", "Call the payer.")
        ours = {provider.npi for provider in request.servicing}
        for number, provider in enumerate(line.servicing):
            if provider.npi not in ours:
                why = "a request on this site names one rendering provider"
                sheet.refuse(f"{at}/servicing/{number}", why, _APART)
        if line.revenue_code is not None:
            sheet.refuse(f"{at}/revenue_code", "the site has no field for a revenue code", "Call the payer.")

    def _refuse_dates(self, sheet: Worksheet, request: PARequest, line: Line, at: str) -> None:
        first = request.lines[0]
        if line.dates.end is None:
            sheet.refuse(f"{at}/dates", "the site wants a last day", "Send dates.end.")
        elif self.one_form and (line.dates.start, line.dates.end) != (first.dates.start, first.dates.end):
            sheet.refuse(f"{at}/dates", "a request on this site has one period for all its services", _APART)
        elif (line.dates.end - line.dates.start).days > self.days:
            why = f"a request on this site covers {self.days} days at most"
            sheet.refuse(f"{at}/dates", why, "Send a shorter period.")

    def note(self, sheet: Worksheet, request: PARequest) -> str:
        """What a person at the payer should read: diagnoses for which there is no field, and all else that has none."""
        for place, diagnosis in enumerate(request.diagnoses[self.diagnoses :], start=self.diagnoses):
            sheet.note(f"Also diagnosed: {diagnosis.code}.", f"/diagnoses/{place}/code")
        for sentence, pointers in notes_of(request):
            sheet.note(sentence, *pointers)
        return sheet.notes


def phone_of(sheet: Worksheet, request: PARequest, page: str, field: str) -> str:
    """Whom the site calls with questions."""
    phone = request.requester.contact.phone if request.requester.contact else None
    if phone is None:
        sheet.refuse("/requester", "the site asks for a phone for questions", "Send requester.contact.phone.")
    return sheet.enter(page, field, phone or "", "/requester/contact/phone")


def rendering_of(sheet: Worksheet, request: PARequest, page: str, field: str) -> str:
    """The NPI of who renders the services, where that is another than who asks; else empty."""
    found = ((n, each) for n, each in enumerate(request.servicing) if each.role is ServicingRole.RENDERING)
    place, provider = next(found, (0, None))
    if provider is None or provider.npi == request.requester.npi:
        return ""
    sheet.carry(f"/servicing/{place}/role")
    return sheet.enter(page, field, provider.npi, f"/servicing/{place}/npi")
