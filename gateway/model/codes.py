"""Identifiers and codes as types: each refuses what is not in its system's shape and says how to mend it.

Shapes only. No code descriptions live here: they are licensed (X12, AMA) or change every quarter.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from gateway.model.record import refuse
from gateway.model.shape import Shape
from gateway.model.text import MANY_LINES, ONE_LINE

_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Each digit doubled, and the digits of that added up."""


def luhn_valid(digits: str) -> bool:
    """True when the last digit is the Luhn check digit of the rest (ISO/IEC 7812-1 annex B)."""
    return sum(map(int, digits[-1::-2] + digits[-2::-2].translate(_DOUBLED))) % 10 == 0


_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _npi(value: str) -> str:
    # 45 CFR 162.406: the check digit is computed with the card-issuer prefix 80840 before the NPI.
    if not luhn_valid("80840" + value):
        refuse("npi", "The NPI's check digit is wrong.", "Compare the NPI with the NPPES registry.")
    return value


def _icd10(value: str) -> str:
    """With its point: ``C3411`` becomes ``C34.11``, so one code has one spelling."""
    bare = value.replace(".", "")
    return bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"


def _ndc(value: str) -> str:
    """To 11 digits (5-4-2). Hyphens say which part of a 10-digit NDC lacks its zero; without them nobody knows.

    Source: FDA, National Drug Code format (21 CFR 207.33); HIPAA's 11-digit form, 45 CFR 162.1002.
    """
    fix = "Send 11 digits without hyphens, or the label's hyphenated form (4-4-2, 5-3-2, 5-4-1, 5-4-2)."
    if re.fullmatch(r"[0-9]{11}", value):
        return value
    if re.fullmatch(r"[0-9]{10}", value):
        refuse("ndc_ambiguous", "A 10-digit NDC without hyphens can be read three ways.", fix)
    parts = value.split("-")
    if not all(re.fullmatch(r"[0-9]+", part) for part in parts) or tuple(map(len, parts)) not in {
        (4, 4, 2),
        (5, 3, 2),
        (5, 4, 1),
        (5, 4, 2),
    }:
        refuse("ndc", "This is not a National Drug Code.", fix)
    labeler, product, package = parts
    return labeler.zfill(5) + product.zfill(4) + package.zfill(2)


STATES = frozenset(
    {
        *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA"),
        *("KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM"),
        *("NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA"),
        *("WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI", "FM", "MH", "PW", "UM", "AA", "AE", "AP"),
    }
)
"""USPS Publication 28, appendix B: states, territories, freely associated states, and the forces' three."""


def _state(value: str) -> str:
    if value not in STATES:
        refuse("state", "There is no such state.", "Send the two letters of the postal service, e.g. PA.")
    return value


def _calendar_date(value: object) -> object:
    """ISO 8601 full dates only: pydantic would otherwise take numbers and date-times as dates."""
    if isinstance(value, str) and not _DATE_SHAPE.fullmatch(value):
        refuse("date", "A date is written YYYY-MM-DD.", "Send the year, month and day, for example 2026-03-09.")
    if not isinstance(value, str | date) or isinstance(value, datetime):
        refuse("date", "A date is a string.", "Send the year, month and day as a string, YYYY-MM-DD.")
    return value


def _date_schema(title: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": "date", "title": title})


CalendarDate = Annotated[date, BeforeValidator(_calendar_date), _date_schema("Calendar date")]

_YEAR = re.compile(r"[0-9]{4}-")


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # 0001-01-01T00:00:00+14:00
        refuse("time", "The time lies outside of the years 1 to 9999 in UTC.", "Send a time within them.")


def _written(value: object) -> object:
    """pydantic would take numbers too, in a string or bare, as seconds since 1970."""
    if not (isinstance(value, datetime) or (isinstance(value, str) and _YEAR.match(value))):
        refuse("time", "This is not a time as RFC 3339 writes it.", "Send one like 2026-03-09T08:00:00Z.")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_to_utc)]
"""A moment, in UTC."""

NPI = Annotated[
    str,
    Shape("npi", r"[12][0-9]{9}", "An NPI is 10 digits and starts with 1 or 2.", "Send the provider's 10-digit NPI."),
    AfterValidator(_npi),
]

ICD10 = Annotated[
    str,
    Shape(
        "icd10cm",
        r"[A-Za-z][0-9][0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?",
        "An ICD-10-CM code is a letter, a digit, a letter or digit, then up to four more after a point.",
        "Send the full ICD-10-CM code, for example C34.11.",
        upper=True,
    ),
    AfterValidator(_icd10),
]

_PRIMARY = re.compile(r"C(?!7[789B]|80)..|D(?:0|3[7-9]|4).?")
"""Neoplasms but for secondary ones, those of no known site, and benign ones."""


def primary_site(code: str) -> str | None:
    """The category (``C50``) of the ICD-10-CM code of a primary tumor; None of any other code."""
    return code[:3] if _PRIMARY.match(code.upper()) else None


NDC = Annotated[
    str,
    AfterValidator(_ndc),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^([0-9]{11}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-([0-9]{4}-[0-9]{1,2}|[0-9]{3}-[0-9]{2}))$",
        }
    ),
]

HCPCS = Annotated[
    str,
    Shape(
        "hcpcs",
        r"[A-Va-v][0-9]{4}",
        "A HCPCS Level II code is a letter A to V and four digits.",
        "Send the five characters, for example J9271; a CPT code goes under system cpt.",
        upper=True,
    ),
]

CPT = Annotated[
    str,
    Shape(
        "cpt",
        r"[0-9]{4}[0-9A-Za-z]",
        "A CPT code is four digits and a digit or letter.",
        "Send the five characters, for example 96413; a J-code goes under system hcpcs.",
        upper=True,
    ),
]

RxNorm = Annotated[
    str,
    Shape("rxnorm", r"[1-9][0-9]{0,7}", "An RxCUI is up to 8 digits.", "Send the RxCUI."),
]

RevenueCode = Annotated[
    str,
    Shape("revenue", r"[0-9]{4}", "A revenue code is four digits.", "Send four digits, for example 0636."),
]

CDT = Annotated[
    str,
    Shape(
        "cdt",
        r"[Dd][0-9]{4}",
        "A CDT code is the letter D and four digits.",
        "Send the five characters, for example D7140.",
        upper=True,
    ),
]

Taxonomy = Annotated[
    str,
    Shape(
        "taxonomy",
        r"[0-9A-Za-z]{9}[Xx]",
        "A provider taxonomy code is ten characters and ends with X.",
        "Send the NUCC taxonomy code, for example 207RX0202X.",
        upper=True,
    ),
]

PlaceOfService = Annotated[
    str,
    Shape(
        "place_of_service",
        r"[0-9]{2}",
        "A place of service is two digits (CMS POS code set).",
        "Send the CMS code, for example 11 office, 12 home, 19 or 22 outpatient hospital, 49 clinic.",
    ),
]

State = Annotated[
    str,
    Shape("state", r"[A-Za-z]{2}", "A state is its two-letter postal code.", "Send two letters, e.g. PA.", upper=True),
    AfterValidator(_state),
]

ZipCode = Annotated[
    str,
    Shape("zip", r"[0-9]{5}(-?[0-9]{4})?", "A ZIP code is five or nine digits.", "Send 19087 or 19087-1234."),
]

Phone = Annotated[
    str,
    Shape(
        "phone",
        r"[2-9][0-9]{9}",
        "A US telephone number is ten digits.",
        "Send ten digits without country code, spaces or punctuation.",
    ),
]

MemberId = Annotated[
    str,
    Shape(
        "member_id",
        r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,78}[A-Za-z0-9]",
        "A member id is 2 to 80 letters, digits, spaces, points, hyphens or underscores.",
        "Send the id as printed on the insurance card.",
    ),
]

Name = Annotated[str, Field(min_length=1, max_length=60), ONE_LINE]
ShortText = Annotated[str, Field(min_length=1, max_length=264), ONE_LINE]
LongText = Annotated[str, Field(min_length=1, max_length=4000), MANY_LINES]
Identifier = Annotated[str, Field(min_length=1, max_length=50), ONE_LINE]
"""An id of somebody else's making: a trace, an authorization number, a document control number."""
