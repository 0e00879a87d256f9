"""Writes the circumstances of a patient event: the kind of care, a stay, an accident, care at home, a late filing.

Places and codes: reference "X12 facts", 2.1 and 3. The codes of UM03 (1365), UM08 and CR601 (923), CL101 and CL102
(the uniform bill's) are common knowledge of the trade [K]; a payer that has its own for UM03 says so in its profile.
"""

from __future__ import annotations

from types import MappingProxyType

from adapters.x12_278.asking.draft import Draft, day, days
from adapters.x12_278.settings import PayerSettings
from gateway.model.request import Accident, Admission, Care, LateReason, LineOfBusiness, PARequest, Review

CARE = MappingProxyType(
    {
        Care.MEDICAL: "1",
        Care.SURGICAL: "2",
        Care.CONSULTATION: "3",
        Care.RADIATION_THERAPY: "6",
        Care.EQUIPMENT_PURCHASE: "12",
        Care.EQUIPMENT_RENTAL: "18",
        Care.DENTAL: "35",
        Care.HOME_HEALTH: "42",
        Care.HOSPICE: "45",
        Care.INPATIENT: "48",
        Care.OUTPATIENT_HOSPITAL: "50",
        Care.LONG_TERM_CARE: "54",
        Care.IMAGING: "62",
        Care.CHEMOTHERAPY: "78",
        Care.REHABILITATION: "A9",
        Care.SKILLED_NURSING: "AG",
    }
)
"""UM03."""
PROGNOSIS = MappingProxyType(
    {
        "poor": "1",
        "guarded": "2",
        "fair": "3",
        "good": "4",
        "very_good": "5",
        "excellent": "6",
        "under_six_months": "7",
        "terminal": "8",
    }
)
"""UM08 and CR601."""
_LATE = MappingProxyType(
    {
        LateReason.ELIGIBILITY_UNKNOWN: "1",
        LateReason.LITIGATION: "2",
        LateReason.AUTHORIZATION_DELAYED: "3",
        LateReason.PROVIDER_CERTIFICATION_DELAYED: "4",
        LateReason.THIRD_PARTY: "7",
        LateReason.ELIGIBILITY_DETERMINATION_DELAYED: "8",
        LateReason.PRIOR_REVIEW_DELAYED: "10",
        LateReason.OTHER: "11",
        LateReason.NATURAL_DISASTER: "15",
        LateReason.INFORMATION_MISSING: "16",
        LateReason.NO_RESPONSE: "17",
    }
)
"""UM10."""
_CAUSES = MappingProxyType({"auto": "AA", "another_party": "AP", "work": "EM"})
"""UM05."""
_KINDS = MappingProxyType({"emergency": "1", "urgent": "2", "elective": "3", "newborn": "4", "trauma": "5"})
"""CL101."""
_SOURCES = MappingProxyType(
    {
        "home": "1",
        "clinic": "2",
        "another_hospital": "4",
        "skilled_nursing_facility": "5",
        "another_facility": "6",
        "court_or_police": "8",
        "same_hospital": "D",
        "ambulatory_surgery": "E",
        "hospice": "F",
    }
)
"""CL102; of a newborn the same digits mean something else."""
_MEDICARE = frozenset({LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICARE_PART_D})


def care_type(payer: PayerSettings, request: PARequest) -> str:
    """UM03: the payer's own code for the kind of care, else the usual one; without a kind that of the review."""
    if request.care is None:
        return payer.service_type(request.review)
    return payer.care_types.get(request.care) or CARE[request.care]


def causes(draft: Draft, accident: Accident | None) -> str:
    """UM05."""
    if accident is None:
        return ""
    codes = [_CAUSES[cause] for cause in accident.causes]
    return draft.composite(*codes, *("",) * (3 - len(codes)), accident.state or "")


def late(request: PARequest) -> str:
    """UM10."""
    return _LATE[request.late_because] if request.late_because else ""


def write_dates(draft: Draft, request: PARequest) -> None:
    """DTP of the event. An admission without a day of its own begins with the first of its lines."""
    if request.accident:
        draft.add("DTP", "439", "D8", day(request.accident.occurred_on))
    if request.review is Review.ADMISSION:
        stay = request.admission
        admitted = stay.admitted_on if stay else min(line.dates.start for line in request.lines)
        draft.add("DTP", "435", "D8", day(admitted))
        if stay and stay.discharged_on:
            draft.add("DTP", "096", "D8", day(stay.discharged_on))


def write_stay(draft: Draft, stay: Admission | None) -> None:
    """CL1."""
    if stay is None:
        return
    kind, source = _KINDS.get(stay.kind or "", ""), _SOURCES.get(stay.source or "", "")
    if source and stay.kind == "newborn":
        draft.lose("/admission/source", "of a newborn a 278 says where it was born, not where it came from")
        source = ""
    if kind or source:
        draft.add("CL1", kind, source)


def write_home_care(draft: Draft, request: PARequest, certification: str) -> None:
    """CR6. CR607 says whether Medicare covers the patient, and is required: the coverages say it [I]."""
    care = request.home_care
    if care is None:
        return
    elements = [""] * 13
    elements[0] = PROGNOSIS[request.facts.prognosis or ""]
    elements[1] = day(care.started_on)
    if care.certified:
        elements[2:4] = days(care.certified.start, care.certified.end)
    if care.skilled_nursing is not None:
        elements[5] = "Y" if care.skilled_nursing else "N"
    elements[6] = "Y" if any(coverage.line_of_business in _MEDICARE for coverage in request.coverages) else "N"
    elements[7] = certification
    elements[11] = day(care.ordered_on) if care.ordered_on else ""
    elements[12] = day(care.last_visit_on) if care.last_visit_on else ""
    draft.add("CR6", *elements)
