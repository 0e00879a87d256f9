"""Reads a 278 request back into the canonical shape, as far as it carries it. For tests only.

Written from the loop tree, not from the encoder: it splits text itself and shares no code with the adapter.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_INTENT = {"I": "initial", "R": "renewal", "S": "revision", "4": "extension", "1": "appeal", "2": "appeal"}
_REVIEW = {"HS": "services", "SC": "referral", "AR": "admission"}
_GENDER = {"F": "female", "M": "male", "U": "unknown"}
_RELATION = {"01": "spouse", "19": "child", "G8": "other"}
_ROLE = {
    "SJ": "rendering",
    "FA": "facility",
    "DK": "ordering",
    "P3": "primary_care",
    "71": "attending",
    "72": "operating",
    "73": "somebody else",
    "AAJ": "admitting",
    "DD": "assistant_surgeon",
    "DN": "referring",
    "DQ": "supervising",
    "QV": "group",
}
_CARE = {
    "1": "medical",
    "2": "surgical",
    "3": "consultation",
    "6": "radiation_therapy",
    "12": "equipment_purchase",
    "18": "equipment_rental",
    "35": "dental",
    "42": "home_health",
    "45": "hospice",
    "48": "inpatient",
    "50": "outpatient_hospital",
    "54": "long_term_care",
    "62": "imaging",
    "78": "chemotherapy",
    "A9": "rehabilitation",
    "AG": "skilled_nursing",
}
_CAUSES = {"AA": "auto", "AP": "another_party", "EM": "work"}
_PROGNOSIS = {"1": "poor", "2": "guarded", "8": "terminal"}
_LATE = {
    "1": "eligibility_unknown",
    "2": "litigation",
    "3": "authorization_delayed",
    "4": "provider_certification_delayed",
    "7": "third_party",
    "8": "eligibility_determination_delayed",
    "10": "prior_review_delayed",
    "11": "other",
    "15": "natural_disaster",
    "16": "information_missing",
    "17": "no_response",
}
_ADMISSION_KINDS = {"1": "emergency", "3": "elective", "4": "newborn"}
_ADMISSION_SOURCES = {"1": "home", "4": "another_hospital", "F": "hospice"}
_WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_PATTERNS = {"A": _WEEK[:5], "C": _WEEK, "D": _WEEK[:1], "SY": ["monday", "wednesday", "thursday"]}
_TIMES = {"D": "morning", "E": "afternoon", "F": "as_directed"}
_SURFACES = {"B": "buccal", "D": "distal", "M": "mesial"}
_UNIT = {"UN": "units", "MJ": "minutes", "F2": "international_units", "DA": "days", "DY": "days", "VS": "visits"}
_PERIOD = {"DA": "day", "WK": "week", "MO": "month"}
_KIND = {
    "M1": "clinical_notes",
    "P4": "pathology_report",
    "LA": "laboratory_results",
    "RR": "imaging_report",
    "D2": "medication_history",
    "08": "treatment_plan",
    "03": "letter_of_medical_necessity",
    "77": "other",
}


def read_back(interchange: bytes) -> tuple[Json, str]:
    """The request's JSON without what the interchange does not carry, and all its free text."""
    text = interchange.decode("ascii")
    element, component, end = text[3], text[104], text[105]
    segments = [part.split(element) for part in text.split(end) if part]
    body = segments[4:-3]
    levels: list[list[list[str]]] = []
    for segment in body:
        if segment[0] == "HL":
            levels.append([])
        levels[-1].append(segment)
    by_code: dict[str, list[list[list[str]]]] = {}
    for level in levels:
        by_code.setdefault(level[0][3], []).append(level)
    event = _Loop(by_code["EV"][0], component)
    lines = [_Loop(level, component) for level in by_code["SS"]]
    requester = _Loop(by_code["21"][0], component)
    subscriber = _Loop(by_code["22"][0], component)
    um = event.one("UM")
    value: Json = {
        "intent": _INTENT[_at(um, 2)],
        "review": _REVIEW[_at(um, 1)],
        "urgency": {"level": "expedited" if _at(um, 6) == "U" else "standard"},
        "requester": _provider(requester.parties()[0]),
        "site": {"place_of_service": event.split(_at(um, 4))[0]},
        "diagnoses": [_diagnosis(event.split(part)) for part in event.one("HI")[1:]],
        "lines": [_line(line) for line in lines],
        "attachments": [
            {"kind": _KIND[_at(pwk, 1)], "title": _at(pwk, 7)} for loop in (event, *lines) for pwk in loop.all("PWK")
        ],
    }
    coverage: Json = {"member_id": _at(subscriber.one("NM1"), 9), "relationship": "self"}
    for ref in subscriber.all("REF"):
        coverage["group_number"] = _at(ref, 2)
    if "23" in by_code:
        dependent = _Loop(by_code["23"][0], component)
        coverage["relationship"] = _RELATION[_at(dependent.one("INS"), 2)]
        value |= {"patient": _person(dependent), "subscriber": _person(subscriber)}
    else:
        value["patient"] = _person(subscriber)
    value["coverages"] = [coverage]
    numbers = {"BB": "previous_authorization", "NT": "previous_review"}
    for ref in event.all("REF"):
        if _at(ref, 1) in numbers:
            value[numbers[_at(ref, 1)]] = _at(ref, 2)
    value |= _circumstances(event)
    value["servicing"] = []
    for party in event.parties():
        if _at(party.one("NM1"), 9):
            value["servicing"].append(_provider(party) | {"role": _ROLE[_at(party.one("NM1"), 1)]})
            if _at(party.one("NM1"), 1, 2) == "FA2":
                value["site"].setdefault("facility_names", []).append(_at(party.one("NM1"), 3))
        else:
            value["site"]["facility_name"] = _at(party.one("NM1"), 3)
    told = " ".join(_at(msg, 1) for loop in (event, *lines) for msg in loop.all("MSG"))
    return value, told


class _Loop:
    """The segments of a level; those of its NM1 loops apart."""

    def __init__(self, segments: list[list[str]], component: str) -> None:
        self.segments = segments
        self.component = component

    def all(self, tag: str) -> list[list[str]]:
        return [segment for segment in self.segments if segment[0] == tag]

    def one(self, tag: str) -> list[str]:
        found = self.all(tag)
        return found[0] if found else [tag]

    def split(self, text: str) -> list[str]:
        return text.split(self.component)

    def parties(self) -> list[_Loop]:
        found: list[_Loop] = []
        for segment in self.segments:
            if segment[0] == "NM1":
                found.append(_Loop([], self.component))
            if found:
                found[-1].segments.append(segment)
        return found


def _at(segment: list[str], *places: int) -> str:
    return "".join(segment[place] if place < len(segment) else "" for place in places)


def _kept(value: Json) -> Json:
    return {name: part for name, part in value.items() if part not in ("", [], {}, None)}


def _iso(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text else ""


def _person(loop: _Loop) -> Json:
    name, dmg = loop.one("NM1"), loop.one("DMG")
    return _kept(
        {
            "last_name": _at(name, 3),
            "first_name": _at(name, 4),
            "middle_name": _at(name, 5),
            "suffix": _at(name, 7),
            "birth_date": _iso(_at(dmg, 2)),
            "gender": _GENDER[_at(dmg, 3)],
            "address": _address(loop),
        }
    )


def _address(loop: _Loop) -> Json:
    place = loop.one("N4")
    return _kept(
        {"street": loop.one("N3")[1:], "city": _at(place, 1), "state": _at(place, 2), "zip_code": _at(place, 3)}
    )


def _provider(loop: _Loop) -> Json:
    name, per = loop.one("NM1"), loop.one("PER")
    numbers = {_at(per, place): _at(per, place + 1) for place in (3, 5, 7)}
    contact = {
        "name": _at(per, 2),
        "phone": numbers.get("TE"),
        "extension": numbers.get("EX"),
        "fax": numbers.get("FX"),
        "email": numbers.get("EM"),
    }
    return _kept(
        {
            "npi": _at(name, 9),
            "last_name": _at(name, 3),
            "first_name": _at(name, 4),
            "taxonomy": _at(loop.one("PRV"), 3),
            "tax_id": _at(loop.one("REF"), 2),
            "address": _address(loop),
            "contact": _kept(contact),
        }
    )


def _diagnosis(parts: list[str]) -> Json:
    code = parts[1]
    pointed = code if len(code) == 3 else f"{code[:3]}.{code[3:]}"
    kind = {"ABJ": "admitting", "APR": "visit_reason"}.get(parts[0], "")
    return _kept({"code": pointed, "onset": _iso(parts[3]) if len(parts) > 3 else "", "kind": kind})


def _circumstances(event: _Loop) -> Json:
    um, cl1, cr6 = event.one("UM"), event.one("CL1"), event.one("CR6")
    dates = {_at(dtp, 1): _iso(_at(dtp, 3)) for dtp in event.all("DTP")}
    causes = [*event.split(_at(um, 5)), *[""] * 5]
    home_care = {
        "started_on": _iso(_at(cr6, 2)),
        "certified": _period(_at(cr6, 4)),
        "skilled_nursing": {"Y": True, "N": False, "": None}[_at(cr6, 6)],
        "ordered_on": _iso(_at(cr6, 12)),
        "last_visit_on": _iso(_at(cr6, 13)),
    }
    return _kept(
        {
            "care": _CARE[_at(um, 3)],
            "late_because": _LATE.get(_at(um, 10)),
            "facts": _kept({"prognosis": _PROGNOSIS.get(_at(um, 8))}),
            "accident": _kept(
                {
                    "occurred_on": dates.get("439"),
                    "causes": [_CAUSES[cause] for cause in causes[:3] if cause],
                    "state": causes[3],
                }
            ),
            "admission": _kept(
                {
                    "admitted_on": dates.get("435"),
                    "discharged_on": dates.get("096"),
                    "kind": _ADMISSION_KINDS.get(_at(cl1, 1)),
                    "source": _ADMISSION_SOURCES.get(_at(cl1, 2)),
                }
            ),
            "home_care": _kept(home_care),
        }
    )


def _period(text: str) -> Json:
    start, _, end = text.partition("-")
    return _kept({"start": _iso(start), "end": _iso(end)})


def _line(loop: _Loop) -> Json:
    sv1, sv2, sv3, hsd = loop.one("SV1"), loop.one("SV2"), loop.one("SV3"), loop.one("HSD")
    composite = loop.split(_at(sv1, 1) or _at(sv2, 2) or _at(sv3, 1))
    code: Json
    ndc = composite[1] if composite[0] == "N4" else ""
    revenue = _at(sv2, 1)
    if composite[0] == "AD":
        code = {"system": "cdt", "code": composite[1]}
    elif revenue and composite[0] in ("", "N4"):
        # Beside an NDC it may be either one's; the comparison knows which was meant.
        code = {"system": "revenue", "code": _at(sv2, 1)}
    elif ndc:
        code = {"system": "ndc", "code": ndc}
    else:
        code = {"system": "hcpcs" if composite[1][0].isalpha() else "cpt", "code": composite[1]}
    unit, amount = (_at(sv1, 3), _at(sv1, 4)) if _at(sv1, 1) else (_at(sv2, 4), _at(sv2, 5))
    if _at(sv3, 6):
        unit, amount = "UN", _at(sv3, 6)
    frequency: Json = {}
    if _at(hsd, 3):
        every = int(_at(hsd, 4) or 1)
        frequency = {"times": int(_at(hsd, 2)), "every": every, "period": _PERIOD[_at(hsd, 3)]}
        if _at(hsd, 6):
            frequency["count"] = int(_at(hsd, 6)) // every
        frequency |= _kept({"weekdays": _PATTERNS.get(_at(hsd, 7)), "time_of_day": _TIMES.get(_at(hsd, 8))})
    elif _at(hsd, 1):
        unit, amount = _at(hsd, 1), _at(hsd, 2)
    modifiers = [part for part in composite[2:6] if part]
    return _kept(
        {
            "code": code,
            "ndc": ndc,
            "modifiers": modifiers,
            "description": composite[6] if len(composite) > 6 else "",
            "quantity": {"value": amount, "unit": _UNIT[unit]},
            "frequency": frequency,
            "dates": _period(_at(loop.one("DTP"), 3)),
            "revenue_code": revenue if code["system"] != "revenue" else "",
            "servicing": [_provider(party) | {"role": _ROLE[_at(party.one("NM1"), 1)]} for party in loop.parties()],
            "teeth": [_tooth(too, loop.split(_at(too, 3))) for too in loop.all("TOO")],
            "place_of_service": loop.split(_at(loop.one("UM"), 4))[0],
            "diagnoses": [int(part) for part in loop.split(_at(sv1, 7)) if part],
        }
    )


def _tooth(too: list[str], surfaces: list[str]) -> Json:
    return _kept({"number": _at(too, 2), "surfaces": [_SURFACES[part] for part in surfaces if part]})
