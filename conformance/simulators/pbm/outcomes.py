"""Writes what a PBM says about a case: PAInitiationResponse, PAResponse, PAAppealResponse, PACancelResponse."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conformance.simulators.pbm.cases import Asked, Case
from conformance.simulators.pbm.members import Answer, Status
from conformance.simulators.pbm.partners import Pbm
from conformance.simulators.pbm.questions import PHONE, header, question_set, questions
from conformance.simulators.pbm.writing import Node, day, end_of_day, make, optional, when

INITIATION, RESPONSE, APPEAL, CANCEL = (
    "PAInitiationResponse",
    "PAResponse",
    "PAAppealResponse",
    "PACancelResponse",
)
_TAIL = ("RequestReferenceNumber", "Attachment", "Request")
_DAY = 86400.0
_YEAR = 365 * _DAY
_NUMBERED = ("CF", "FQ")
_CASED = ("CF", "FQ", "CG", "CY", "FL")


@dataclass(frozen=True, slots=True)
class Saying:
    """One answer, of which message, at which moment; ``processor`` is whom it names instead of itself."""

    name: str
    answer: Answer
    now: float
    processor: Pbm | None = None


def body_of(case: Case, saying: Saying) -> etree._Element:
    """The element of Body. Sets what the case is asked."""
    body = make((saying.name, []))
    for child in case.body:
        if child.tag in _TAIL or (child.tag == "PAReferenceID" and not _names_case(case, saying)):
            continue
        if saying.processor is not None:
            # Where it is not the processor itself, the benefits that a PBM gives back name who is.
            if child.tag == "BenefitsCoordination":
                continue
            if child.tag == "Patient":
                body.append(make(("BenefitsCoordination", _identified(saying.processor))))
        body.append(deepcopy(child))
    response: list[Node | etree._Element | None] = []
    if saying.name == INITIATION:
        response.append(("ReferenceNumber", f"R-{case.number}"))
    response.append(("ResponseStatus", [(str(saying.answer.status), _status(case, saying))]))
    if saying.name == INITIATION:
        response.append(("PayerContactCommunicationNumber", [("PrimaryTelephone", [("Number", PHONE)])]))
    body.append(make(("Response", response)))
    return body


def cancelled(reference: str, priority: str, number: str, reason: str) -> etree._Element:
    """``reason`` empty: the cancel is approved."""
    note: Node = ("PANote", "The request is cancelled." if not reason else "The request is not cancelled.")
    outcome: Node = ("Denied", [("ReasonCode", reason), note]) if reason else ("Approved", [note])
    told: list[Node | etree._Element | None] = [("PACaseID", number), ("ResponseStatus", [outcome])]
    return make((CANCEL, [("PAReferenceID", reference), optional("PAPriorityIndicator", priority), ("Response", told)]))


def _names_case(case: Case, saying: Saying) -> bool:
    return case.pbm.names_case or saying.name != INITIATION


def _status(case: Case, saying: Saying) -> list[Node | etree._Element | None]:
    answer = saying.answer
    number: list[Node | etree._Element | None] = [("PACaseID", case.number)]
    if saying.name == APPEAL and answer.status is not Status.CLOSED:
        number.append(("AppealCaseID", case.appeal_number))
    note = optional("PANote", answer.note)
    match answer.status:
        case Status.OPEN:
            return [*number, *_asked(case, saying), note]
        case Status.CLOSED:
            return _closed(case, saying)
        case Status.IN_PROCESS:
            expected: Node = ("ExpectedResponseDate", [("Date", day(saying.now + _DAY))])
            return [*number, expected, note]
        case Status.DENIED:
            return [*number, _appeal(answer, saying.now), note]
    detail = _detail() if answer.status is Status.PARTIAL and answer.number else None
    return [*number, *_granted(case, answer, saying.now, detail), _appeal(answer, saying.now), note]


def _asked(case: Case, saying: Saying) -> list[Node | etree._Element | None]:
    asks = saying.answer.asks
    assert asks is not None  # noqa: S101 - an Open without questions is nobody's answer
    due = saying.now + case.member.deadline
    deadline = make(when("DeadlineForReply", due, case.pbm))
    if case.pbm.deadline == "date":
        due = end_of_day(due)
    if saying.name == INITIATION:
        holder = question_set(asks)
        written: list[Node | etree._Element | None] = [deadline, holder]
    else:
        holder = make(("MoreInformationRequired", [header(asks), *questions(asks), deadline]))
        written = [holder]
    case.asked = Asked(deepcopy(holder), deepcopy(deadline), due, appeal=saying.name == APPEAL)
    return written


def _closed(case: Case, saying: Saying) -> list[Node | etree._Element | None]:
    codes = saying.answer.codes
    name = "ReasonCode" if saying.name == INITIATION else "ClosedReasonCode"
    cased = saying.name != INITIATION or any(code in _CASED for code in codes)
    granted = _granted(case, saying.answer, saying.now, None) if any(code in _NUMBERED for code in codes) else []
    limits = [_detail()] if any(code in ("FO", "FP") for code in codes) else []
    return [
        optional("PACaseID", case.number if cased else ""),
        *((name, code) for code in codes),
        *granted[:1],
        *limits,
        *granted[1:],
        optional("PANote", saying.answer.note),
        ("PAProcessor", _identified(saying.processor)) if saying.processor else None,
    ]


def _granted(case: Case, answer: Answer, now: float, detail: Node | None) -> list[Node | etree._Element | None]:
    period: Node = (
        "AuthorizationPeriod",
        [("EffectiveDate", [("Date", day(now))]), ("ExpirationDate", [("Date", day(now + _YEAR))])],
    )
    if answer.number:
        case.authorization = case.authorization or f"{case.pbm.prefix}A{case.number[-6:]}"
    return [
        optional("AuthorizationNumber", case.authorization if answer.number else ""),
        *([detail] if detail else []),
        *([period] if answer.period else []),
    ]


def _detail() -> Node:
    quantity: Node = (
        "Quantity",
        [("Value", "30"), ("CodeListQualifier", "38"), ("QuantityUnitOfMeasure", [("Code", "C48542")])],
    )
    more: list[Node | etree._Element | None] = [
        ("PharmacyType", "S"),
        quantity,
        ("DaysSupply", "30"),
        ("NumberOfRefills", "2"),
        ("PANote", "Thirty tablets in thirty days, twice refilled."),
    ]
    return ("AuthorizationDetail", more)


def _appeal(answer: Answer, now: float) -> Node:
    if not answer.appealable:
        return ("Appeal", [("IsEAppealSupported", "N")])
    until: Node = ("ExpirationDate", [("Date", day(now + 60 * _DAY))])
    return ("Appeal", [("IsEAppealSupported", "Y"), until])


def _identified(pbm: Pbm) -> list[Node | etree._Element | None]:
    ids: list[Node | etree._Element | None] = [
        ("PayerID", pbm.address),
        ("ProcessorIdentificationNumber", pbm.pcn),
        ("IINNumber", pbm.bin),
    ]
    return [("PayerIdentification", ids), ("PayerName", pbm.name)]
