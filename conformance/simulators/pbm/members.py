"""The member ids that the simulated PBMs know, and what each makes them do. README.md lists them. Data only.

An id is ``SIMRX``, a word and any digits: SIMRXAPPROVE01, SIMRXAPPROVE02 ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from conformance.simulators.pbm import question_sets as sets
from conformance.simulators.pbm.misbehaviour import Kind
from conformance.simulators.pbm.questions import QuestionSet


class Status(StrEnum):
    APPROVED = "Approved"
    DENIED = "Denied"
    PARTIAL = "PartiallyDenied"
    IN_PROCESS = "InProcess"
    OPEN = "Open"
    CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a PBM says, ``after`` virtual seconds: of what it answers, or of what it said before."""

    status: Status
    after: float = 0.5
    number: bool = True
    period: bool = True
    appealable: bool = True
    codes: tuple[str, ...] = ()
    note: str = ""
    asks: QuestionSet | None = None


@dataclass(frozen=True, slots=True)
class Error:
    """An Error in the HTTP reply: its code and description codes."""

    code: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """``opening`` answers the initiation. ``rounds`` answer the first, second ... PARequest; what follows a decision by
    itself stands behind it in the same round. ``first`` and ``always`` misbehave in the reply to an initiation,
    ``sends`` in the sending of what follows it."""

    says: str
    opening: Answer | None = None
    rounds: tuple[tuple[Answer, ...], ...] = ()
    appeal: tuple[Answer, ...] = ()
    cancel: str = ""
    """Why a cancel is denied; empty: it is approved while nothing is decided, and CB afterwards."""
    first: Kind | None = None
    refused: Error | None = None
    refused_first: Error | None = None
    sends: Kind | None = None
    deadline: float = 3 * 86400
    verifies: bool = False


def _asks(asked: QuestionSet = sets.PLAIN) -> Answer:
    return Answer(Status.OPEN, asks=asked)


APPROVED = Answer(Status.APPROVED)
DENIED = Answer(
    Status.DENIED, note="A preferred drug was not tried first. Two of them must have failed, with dates in the chart."
)
PARTIAL = Answer(Status.PARTIAL, note="Approved for fewer refills than asked for.")
IN_PROCESS = Answer(Status.IN_PROCESS, note="A pharmacist reads the request.")
_DECIDED = ((APPROVED,),)
_LATER = 60.0


def _approving(says: str, asked: QuestionSet = sets.PLAIN, **more: object) -> Member:
    return Member(says, _asks(asked), _DECIDED, **more)  # type: ignore[arg-type]


def _deciding(says: str, *answers: Answer, **more: object) -> Member:
    return Member(says, _asks(), (answers,), **more)  # type: ignore[arg-type]


def _closed(*codes: str, note: str = "") -> Answer:
    return Answer(Status.CLOSED, codes=codes, note=note)


_OPENING = ["CC", "CD", "CE", "CF", "CG", "CO", "CP", "CY", "BX", "BY", "FL", "FM", "FN", "FO", "FP", "FQ", "FR"]
_LATE = [*_OPENING, *["CH", "CJ", "CK", "CL", "CM", "CN"]]
_WHY = {
    "BY": "The request was withdrawn on the phone. Call if this is not so.",
    "FO": "The plan pays up to 30 tablets in 30 days without prior authorization.",
    "FP": "The plan pays up to 30 tablets in 30 days, and never more.",
}

WORDS: dict[str, Member] = {
    "APPROVE": _approving("Two questions; approved with a number and dates."),
    "ONCOLYTIC": _approving("The set for an oral oncolytic (coded references); approved.", sets.ONCOLYTIC),
    "KINDS": _approving("A set with every kind of question; approved.", sets.KINDS),
    "LONG": _approving("Thirty questions; approved.", sets.LONG),
    "DOCUMENT": _approving(
        "AttachementRequired Y: answers without an attachment are refused (2000).", sets.WITH_DOCUMENT
    ),
    "DANGLING": Member("A question that leads to none.", _asks(sets.DANGLING)),
    "CIRCLE": Member("Questions that lead in a circle.", _asks(sets.CIRCLE)),
    "NAMEDTWICE": Member("Two questions of one QuestionID.", _asks(sets.TWICE_NAMED)),
    "MORE": Member(
        "One further question (PAResponse Open), then approved.",
        _asks(),
        ((_asks(sets.FURTHER.of("M1")),), (APPROVED,)),
    ),
    "ONEBYONE": Member(
        "One question at a time: four rounds, then approved.",
        _asks(sets.PLAIN.of("1")),
        (*((_asks(sets.FURTHER.of(name)),) for name in ("M1", "M2", "M3")), (APPROVED,)),
    ),
    "SAMEAGAIN": Member(
        "One further question, asked again once it was answered; then approved. At Maple, whose deadlines are days, in "
        "the same words.",
        _asks(),
        ((_asks(sets.FURTHER.of("M1")),), (_asks(sets.FURTHER.of("M1")),), (APPROVED,)),
    ),
    "NONUMBER": _deciding("Approved without a number and without dates.", Answer(Status.APPROVED, 0.5, False, False)),
    "NODATES": _deciding("Approved with a number, without dates.", Answer(Status.APPROVED, period=False)),
    "PARTIAL": _deciding(
        "PartiallyDenied with an AuthorizationDetail; an appeal is approved.", PARTIAL, appeal=(APPROVED,)
    ),
    "PARTIALBARE": _deciding("PartiallyDenied without number and dates.", Answer(Status.PARTIAL, 0.5, False, False)),
    "DENY": _deciding(
        "Denied with a note; an appeal is asked about (Open), then approved.",
        DENIED,
        appeal=(Answer(Status.OPEN, asks=sets.APPEAL), APPROVED),
    ),
    "APPEALDENY": _deciding("Denied; an appeal with a note is denied too.", DENIED, appeal=(DENIED,)),
    "APPEALPARTIAL": _deciding("Denied; an appeal is granted in part.", DENIED, appeal=(PARTIAL,)),
    "APPEALBY": _deciding("Denied; an appeal is closed (BY).", DENIED, appeal=(_closed("BY"),)),
    "NOAPPEAL": _deciding(
        "Denied, IsEAppealSupported N; an appeal is closed (BY).",
        Answer(Status.DENIED, appealable=False, note="Not covered for this use."),
        appeal=(_closed("BY", note="Appeals are taken by letter only."),),
    ),
    "INPROCESS": _deciding(
        "InProcess; approved after 60 virtual seconds.", IN_PROCESS, Answer(Status.APPROVED, _LATER)
    ),
    "INPROCESSDENY": _deciding(
        "InProcess; denied after 60 virtual seconds.", IN_PROCESS, Answer(Status.DENIED, _LATER, note=DENIED.note)
    ),
    "WAITING": _deciding("InProcess for ever: for cancels.", IN_PROCESS),
    "CANCELBY": _deciding("InProcess; a cancel is denied BY.", IN_PROCESS, cancel="BY"),
    "CANCELBZ": _deciding("InProcess; a cancel is denied BZ.", IN_PROCESS, cancel="BZ"),
    "CANCELCA": _deciding("InProcess; a cancel is denied CA.", IN_PROCESS, cancel="CA"),
    "CANCELCB": _deciding(
        "InProcess; a cancel is denied CB, and after 60 virtual seconds the approval comes.",
        IN_PROCESS,
        Answer(Status.APPROVED, _LATER),
        cancel="CB",
    ),
    "CORRECT": _deciding("Approved; reduced after 60 virtual seconds.", APPROVED, Answer(Status.PARTIAL, _LATER)),
    "RESCIND": _deciding("Approved; denied after 60 virtual seconds.", APPROVED, Answer(Status.DENIED, _LATER)),
    "CONTRADICT": _deciding(
        "Approved; InProcess after 60 virtual seconds.", APPROVED, Answer(Status.IN_PROCESS, _LATER)
    ),
    "EXPIRE": _approving("The deadline is 30 virtual seconds away; later answers: Closed FL.", deadline=30.0),
    "BRIEF": _approving("The deadline is 3 virtual seconds away; later answers: Closed FL.", deadline=3.0),
    "TWOCODES": Member("Closed with CD and CE.", _closed("CD", "CE")),
    "UNMAPPED": Member("Closed with ZZ, a code nobody published.", _closed("ZZ")),
    "SILENT": Member("Status 000, and never another word."),
    "QUIET": Member("Questions; the answers are taken and never answered.", _asks()),
    "LATE": Member(
        "The answer to the initiation comes after 3600 virtual seconds.",
        Answer(Status.OPEN, 3600.0, asks=sets.PLAIN),
        _DECIDED,
    ),
    "VERIFY": _approving("A Verify (010) comes before the answer.", verifies=True),
    "HANDOVER": _approving("At Birch Closed CP, with Alder named; Alder approves."),
    "COMM": _approving("Error 600 the first time; then approved.", refused_first=Error("600")),
    "TIMEDOUT": _approving("Error 600 with 008 the first time; then approved.", refused_first=Error("600", ("008",))),
    "SYSTEM": _approving("Error 602 the first time; then approved.", refused_first=Error("602")),
    "DOWN": Member("Error 600, always.", refused=Error("600")),
    "CANNOT": Member("Error 601, always.", refused=Error("601")),
    "CONFIGURED": Member("Error 700, always.", refused=Error("700")),
    "REJECT": Member("Error 900 with 1000, always.", refused=Error("900", ("1000",))),
    "INVALID": Member("Error 900 with 2000 and an XPath, always.", refused=Error("900", ("2000",))),
    "SENDER": Member("Error 900 with 4030, always.", refused=Error("900", ("4030",))),
    "SEENBEFORE": Member(
        "Error 900 with 220 at the first sending, and nothing on file.", refused=Error("900", ("220",))
    ),
    "DROP": _approving("Filed, then the connection closed without a byte.", first=Kind.DROP_AFTER_RECORDING),
    "LOST": _approving("The first initiation is lost with its connection.", first=Kind.LOST),
    "HTML": _approving("HTML under 200 the first time, nothing filed.", first=Kind.HTML_200),
    "HTMLFILED": _approving("Filed, but answered with HTML under 200.", first=Kind.HTML_AFTER_RECORDING),
    "FAULT": _approving("500 the first time, nothing filed.", first=Kind.SERVER_ERROR),
    "FAULTFILED": _approving("Filed, but answered with 500.", first=Kind.SERVER_ERROR_AFTER_RECORDING),
    "TRUNCATED": _approving("Filed, but the answer breaks off.", first=Kind.TRUNCATED),
    "OTHERS": _approving("Filed, but the Status is for another MessageID.", first=Kind.WRONG_CORRELATION),
    "SLOW": _approving("The Status comes after 3 seconds.", first=Kind.SLOW),
    "TWICE": _approving("Each message to the door is sent twice.", sends=Kind.TWICE),
    "REORDER": _deciding(
        "InProcess and Approved, sent in reverse order.",
        IN_PROCESS,
        Answer(Status.APPROVED, 1.0),
        sends=Kind.REORDERED,
    ),
    "CHANGED": _approving("Each message comes a second time with another body.", sends=Kind.CHANGED),
    "NOREFERENCE": _approving("A PAInitiationResponse without PAReferenceID.", sends=Kind.NO_REFERENCE),
    "OTHERCASE": _approving("A PAResponse under another PACaseID.", sends=Kind.OTHER_CASE),
    "CASEONLY": _approving("A PAResponse with PACaseID alone to know it by.", sends=Kind.CASE_ONLY),
    "OLD": _approving("Messages in the namespaces of 2013101.", sends=Kind.NAMESPACED),
    "VERSION": _approving("Messages of another version.", sends=Kind.WRONG_VERSION),
    "UNKNOWN": _approving("Messages with elements nobody published.", sends=Kind.UNKNOWN_ELEMENTS),
    "OVERSIZED": _approving("Messages of more than 12 MB.", sends=Kind.OVERSIZED),
    "NOTXML": _approving("Messages that break off in the middle.", sends=Kind.BROKEN),
    **{code: Member(f"Closed {code} at once.", _closed(code, note=_WHY.get(code, ""))) for code in _OPENING},
    **{
        f"THEN{code}": _deciding(f"Two questions; then Closed {code}.", _closed(code, note=_WHY.get(code, "")))
        for code in _LATE
    },
}

_ID = re.compile(r"SIMRX([A-Z]+)\d*")


def member_named(member_id: str) -> Member | None:
    """What the id stands for; an id that is no published word is nobody's."""
    match = _ID.fullmatch(member_id.upper())
    return WORDS.get(match[1]) if match else None
