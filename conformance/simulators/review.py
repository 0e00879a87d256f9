"""The payers' business rules: what is refused with an AAA before anybody reviews it. Codes: see README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.simulators.members import Member, Refusal
from conformance.simulators.payers import Payer
from conformance.simulators.stays import refusal_of_days
from conformance.simulators.submission import CANCEL, Service, Submission, quantities_of
from conformance.simulators.x12 import Segment

_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")
_SHAPES = {
    "HC": re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]"),
    "N4": re.compile(r"\d{11}"),
    "NU": re.compile(r"\d{4}"),
}
_REFERRING_BACK = frozenset({"1", "2", "4", "R", "N"})


def refusal(payer: Payer, submission: Submission, member: Member) -> Refusal | None:
    """The first rule broken, from the outermost loop inwards; the member's own refusal at its loop's turn."""
    own = member.refused
    for found in (
        own if own and own.loop == "2000A" else None,
        _organisation(payer, submission),
        own if own and own.loop == "2010A" else None,
        _requester(payer, submission),
        own if own and own.loop == "2010B" else None,
        own if own and own.loop == "2010C" else None,
        None if submission.inquiry else _patient(submission),
        _event(payer, submission),
        own if own and own.loop == "2000F" else None,
        _services(submission),
    ):
        if found is not None:
            return found
    return None


def _organisation(payer: Payer, submission: Submission) -> Refusal | None:
    if submission.umo[8] != "PI" or submission.umo[9] != payer.receiver:
        return Refusal("2010A", "79", "N")
    return None


def _requester(payer: Payer, submission: Submission) -> Refusal | None:
    if submission.requester[8] != "XX":
        return Refusal("2010B", "43", "C")
    if payer.needs_contact and not submission.contact and _asks(submission):
        return Refusal("2010B", "15", "C")
    return None


def _asks(submission: Submission) -> bool:
    """Whether it is a request for services, and neither an inquiry nor a cancellation."""
    return not submission.inquiry and submission.certification != CANCEL


def _patient(submission: Submission) -> Refusal | None:
    """CAQH CORE 278 data content asks for names and birth date, so that the patient can be matched."""
    loop, person, birth = "2010C", submission.subscriber, submission.subscriber_birth
    if submission.dependent is not None:
        loop, person, birth = "2010D", submission.dependent, submission.dependent_birth
    if not (len(person) > 4 and person[3] and person[4]):
        return Refusal(loop, "65", "C")
    if birth is None:
        return Refusal(loop, "58", "C")
    if birth[2] > submission.submitted_on:
        return Refusal(loop, "58", "C")
    return None


def _event(payer: Payer, submission: Submission) -> Refusal | None:
    if submission.certification in _REFERRING_BACK and not submission.references:
        return Refusal("2000E", "T5", "C", "Name the review or certification this refers to.")
    if not _asks(submission):
        return None
    for qualifier, code in submission.diagnoses:
        if qualifier in ("ABK", "ABF", "ABJ", "APR") and not _ICD10.fullmatch(code):
            return Refusal("2000E", "AF", "C", "A diagnosis is no ICD-10-CM code without its point.")
    if not submission.diagnoses:
        return Refusal("2000E", "AF", "C", "No diagnosis is given.")
    if wrong := refusal_of_days(submission):
        return wrong
    if not _above_nothing(quantities_of(submission.delivery)):
        return Refusal("2000E", "33", "C", "A quantity is not above nothing.")
    if _ends_before_it_starts(submission.event_date):
        return Refusal("2000E", "57", "C", "The event ends before it starts.")
    if len(submission.services) > payer.max_lines:
        return Refusal("2000E", "33", "C", f"More than {payer.max_lines} services in one request.")
    if len(submission.diagnoses) > payer.max_diagnoses:
        return Refusal("2000E", "33", "C", f"More than {payer.max_diagnoses} diagnoses in one request.")
    if payer.places and not _places(submission) <= payer.places:
        return Refusal("2000E", "33", "C", "Nothing is reviewed for this place of service.")
    if len(submission.documents) > payer.most_documents:
        return Refusal("2000E", "33", "C", f"More than {payer.most_documents} documents are announced.")
    if payer.document_kinds and not payer.document_kinds.issuperset(submission.documents):
        return Refusal("2000E", "33", "C", "A document of this kind is not read.")
    providers = [party for line in submission.services for party in line.parties] + list(submission.parties)
    if payer.needs_rendering and not any(party[1] == "SJ" for party in providers):
        return Refusal("2000E", "15", "C", "The rendering provider is not named.")
    return None


def _places(submission: Submission) -> set[str]:
    return {submission.um[4].split(submission.component)[0]} if submission.um[4:5] and submission.um[4] else set()


def _services(submission: Submission) -> Refusal | None:
    if not _asks(submission):
        return None
    if submission.um[1] == "HS" and not submission.services:
        return Refusal("2000E", "15", "C", "No service is asked for.")
    for place, line in enumerate(submission.services):
        code, message = _line_fault(line, submission)
        if code:
            return Refusal("2000F", code, "C", message, line=place)
    return None


def _line_fault(line: Service, submission: Submission) -> tuple[str, str]:
    if not line.service:
        return "15", "A service level names no service."
    shape = _SHAPES.get(line.system)
    if shape is not None and not shape.fullmatch(line.code):
        return "AG", "A procedure code is not in the shape of its list."
    if any(not 0 < int(pointer) <= len(submission.diagnoses) for pointer in line.pointers):
        return "33", "A service points at a diagnosis that is not given."
    if not _above_nothing(line.quantities):
        return "33", "A quantity is not above nothing."
    if line.date is None and submission.event_date is None:
        return "57", "No date is given."
    if _ends_before_it_starts(line.date):
        return "57", "A service ends before it starts."
    return "", ""


def _above_nothing(quantities: Iterable[str]) -> bool:
    return all(float(quantity) > 0 for quantity in quantities)


def _ends_before_it_starts(date: Segment | None) -> bool:
    return date is not None and date[2] == "RD8" and date[3][9:] < date[3][:8]
