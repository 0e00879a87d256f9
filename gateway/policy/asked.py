"""A request, or an order on its way to be one, as policies look at it: in one shape, worked out once.

Knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from gateway.model.benefit import SupplyMode
from gateway.model.clinical import ClinicalFacts, DocumentKind, Origin
from gateway.model.codes import STATES
from gateway.model.line import CodeSystem, Line, LineRole, Period, Quantity, Regimen, ServiceCode
from gateway.model.people import Gender, LineOfBusiness
from gateway.model.request import Attachment, Intent, PARequest
from gateway.model.sent import field, listed
from gateway.policy.order import Order, OrderDocument, OrderLine
from gateway.profiles.policies_words import regimen_words


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One line. ``codes`` are its own, its NDC, and those that the NDC is billed under; ``diagnoses`` those it is for:
    where it points at none, all of the request's. ``quantity`` is None where it counts no billing units."""

    place: int
    id: str
    role: LineRole | None
    codes: tuple[ServiceCode, ...]
    quantity: Quantity | None
    dates: Period | None
    site: str | None
    diagnoses: tuple[str, ...]
    supply: SupplyMode | None

    @property
    def pointer(self) -> str:
        return f"/lines/{self.place}"


@dataclass(frozen=True, slots=True)
class Held:
    """A document, attached or on record, with the place it stands at."""

    kind: DocumentKind
    dated_on: date | None
    pointer: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The whole. ``filed_on`` is the day on which it is, or would be, filed."""

    payer: str
    business: LineOfBusiness
    filed_on: date
    intent: Intent
    born: date | None
    gender: Gender | None
    state: str | None
    regimen: Regimen | None
    regimen_words: frozenset[str]
    lines: tuple[AskedLine, ...]
    facts: ClinicalFacts
    documents: tuple[Held, ...]
    diagnoses: tuple[str, ...]


Billed = Callable[[str, date], tuple[ServiceCode, ...]]
"""The codes that an NDC is billed under on a day."""


def asked(request: PARequest | Order, filed_on: date, billed: Billed) -> Asked:
    coverage, regimen = request.coverages[0], request.regimen
    codes = tuple(diagnosis.code for diagnosis in request.diagnoses)
    return Asked(
        payer=coverage.payer,
        business=coverage.line_of_business,
        filed_on=filed_on,
        intent=request.intent,
        born=_born(request.patient.birth_date, filed_on),
        gender=None if request.patient.gender is Gender.UNKNOWN else request.patient.gender,
        state=_state(request),
        regimen=regimen,
        regimen_words=frozenset() if regimen is None else regimen_words(regimen.name),
        lines=tuple(_lines(request, codes, filed_on, billed)),
        facts=request.facts,
        documents=tuple(_documents(request)),
        diagnoses=codes,
    )


def _born(birth_date: date | None, filed_on: date) -> date | None:
    """A day that is still to come is a slip of the pen, and tells no age."""
    return None if birth_date is None or birth_date > filed_on else birth_date


def _lines(request: PARequest | Order, codes: tuple[str, ...], filed_on: date, billed: Billed) -> Iterator[AskedLine]:
    lines: tuple[Line | OrderLine, ...] = request.lines
    for place, line in enumerate(lines):
        product = line.code.system is CodeSystem.NDC
        own: tuple[ServiceCode, ...] = (line.code,)
        if product:
            own += billed(line.code.code, line.dates.start if line.dates else filed_on)
        elif line.ndc is not None:
            own += (ServiceCode(system=CodeSystem.NDC, code=line.ndc),)
        pointed = tuple(codes[number - 1] for number in line.diagnoses if number <= len(codes))
        yield AskedLine(
            place=place,
            id=line.id or str(place + 1),
            role=line.role,
            codes=own,
            quantity=None if product else line.quantity,
            dates=line.dates,
            site=line.place_of_service or request.site.place_of_service,
            diagnoses=pointed or codes,
            supply=line.supply or request.supply,
        )


def _documents(request: PARequest | Order) -> Iterator[Held]:
    attached: tuple[Attachment | OrderDocument, ...] = request.attachments
    for place, sent in enumerate(attached):
        yield Held(sent.kind, sent.dated_on, f"/attachments/{place}")
    for place, known in enumerate(request.facts.documents):
        yield Held(known.kind, known.dated_on, f"/facts/documents/{place}", known.origin)


def _state(request: PARequest | Order) -> str | None:
    """Where the service is given: at the facility, else with whoever gives it, else where it is ordered."""
    servicing = listed(request, "servicing")
    facilities = [one for one in servicing if field(one, "role") == "facility"]
    for provider in (*facilities, *servicing, request.requester):
        found = field(field(provider, "address"), "state")
        if isinstance(found, str) and found.upper() in STATES:
            return found.upper()
    return None
