"""What the portals refuse in single fields, in the words that stand at the field. An empty text: nothing to refuse."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime

from conformance.simulators.portals.catalogue import DIAGNOSES, PROCEDURES
from conformance.simulators.portals.people import People, word_of
from conformance.simulators.shapes import is_npi

PAST_DAYS = 90
LONGEST_DAYS = 365
MOST_UNITS = 9999
MOST_DOCUMENTS = 5
MOST_BYTES = 5 * 1024 * 1024
LONGEST_TEXT = 1000
PDF = b"%PDF-"
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")

_HCPCS = re.compile(r"[A-Z]\d{4}")
_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
_PHONE = re.compile(r"\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}")


def us_date(text: str) -> date | None:
    """MM/DD/YYYY, and a day that exists."""
    if not re.fullmatch(r"\d{2}/\d{2}/\d{4}", text, re.ASCII):
        return None
    with suppress(ValueError):
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no time zone
    return None


def iso_date(text: str) -> date | None:
    """YYYY-MM-DD, and a day that exists."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def member(people: People, member_id: str, born: date | None, *, born_asked: bool = True) -> dict[str, str]:
    """Faults at ``member`` and ``birth_date``. The words do not say which of two is wrong where that would tell."""
    if not member_id.strip():
        return {"member": "Enter a member ID."}
    if born is None and born_asked:
        return {"birth_date": "Enter a date of birth."}
    person, word = people.named(member_id), word_of(member_id)
    if person is None or (born_asked and person.birth != born) or word == "BIRTHDATE":
        return {"member": "No member matches this ID and date of birth."}
    if word == "INELIGIBLE":
        return {"member": "This member's coverage is not active."}
    return {}


def npi(value: str, member_id: str = "") -> str:
    if not re.fullmatch(r"\d{10}", value, re.ASCII):
        return "Enter the 10 digits of an NPI."
    if not is_npi(value):
        return "This is not a valid NPI: its check digit is wrong."
    if word_of(member_id) == "PROVIDER":
        return "This provider is not on file with the plan."
    return ""


def phone(value: str) -> str:
    return "" if _PHONE.fullmatch(value) else "Enter a phone number with area code."


def procedure(code: str, offered: dict[str, str] | None = None) -> str:
    if not _HCPCS.fullmatch(code):
        return "A procedure code is one letter and four digits."
    return "" if code in (PROCEDURES if offered is None else offered) else "This procedure code is not on our list."


def diagnosis(code: str) -> str:
    if not _ICD10.fullmatch(code):
        return "This is not an ICD-10-CM code. Example: M05.79"
    return "" if code in DIAGNOSES else "This diagnosis code is not on our list."


def units(value: str) -> str:
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII) or not 1 <= int(value) <= MOST_UNITS:
        return f"Units are a whole number from 1 to {MOST_UNITS}."
    return ""


def period(start: date | None, end: date | None, today: date, member_id: str = "") -> dict[str, str]:
    """Faults at ``start`` and ``end``."""
    if start is None:
        return {"start": "Choose a start date."}
    if end is None:
        return {"end": "Choose an end date."}
    if (today - start).days > PAST_DAYS:
        return {"start": f"The start date is more than {PAST_DAYS} days in the past."}
    if end < start:
        return {"end": "The end date is before the start date."}
    if (end - start).days > LONGEST_DAYS:
        return {"end": f"A request covers at most {LONGEST_DAYS} days."}
    if word_of(member_id) == "DATES":
        return {"start": "The service dates are outside what this plan reviews."}
    return {}


def document(body: bytes, already: int, allowed: tuple[bytes, ...], names: str) -> str:
    """``names`` says in words what begins with one of ``allowed``."""
    if already >= MOST_DOCUMENTS:
        return f"At most {MOST_DOCUMENTS} documents can be sent."
    if not body:
        return "Choose a file that is not empty."
    if len(body) > MOST_BYTES:
        return "The file is larger than 5 MB."
    return "" if body.startswith(allowed) else f"The file is not a {names}."


def text(value: str) -> str:
    return f"At most {LONGEST_TEXT} characters." if len(value) > LONGEST_TEXT else ""
