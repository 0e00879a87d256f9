"""The published member ids and what each makes the payer do. README.md lists them; data only.

A member id is a word and any digits: SIMAPPROVE01, SIMAPPROVE02 ... Messages are our own words. Codes of HCR03 were
chosen from the meanings open sources give: see README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.simulators.misbehaviour import Kind


@dataclass(frozen=True, slots=True)
class Ask:
    """A document asked for: PWK01 and a LOINC code for the HI segment."""

    report: str
    loinc: str


@dataclass(frozen=True, slots=True)
class Decision:
    """``lines`` are taken in turn, by the place of the line; empty means every line as the event."""

    action: str
    reason: str = ""
    message: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    number: bool = False
    contact: bool = False
    halved: bool = False
    """Half of the units asked for, whatever the action says. A6 always has."""
    shortened: bool = False
    """Half of the days asked for, whatever the action says."""
    asks: tuple[Ask, ...] = ()

    @property
    def further(self) -> bool:
        """Whether the payer says that more will follow (BHT06 19)."""
        return self.action == "A4"

    def line(self, place: int) -> tuple[str, str]:
        return self.lines[place % len(self.lines)] if self.lines else (self.action, self.reason)


@dataclass(frozen=True, slots=True)
class Stage:
    """A decision in force ``after`` virtual seconds: of the filing, or of the last document asked for."""

    decision: Decision
    after: float = 0.0
    documents: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """AAA: loop, AAA03, AAA04, and which service for 2000F. ``valid`` is AAA01. ``filed`` says the request is on file
    all the same."""

    loop: str
    code: str
    follow_up: str
    message: str = ""
    valid: str = "N"
    filed: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """``first`` misbehaves at the first request of that id, ``always`` at each. ``refusals`` are used up in order,
    then ``refused`` stands for good. ``blind`` virtual seconds the filing cannot be found by an inquiry."""

    says: str
    stages: tuple[Stage, ...] = ()
    refused: Refusal | None = None
    refusals: tuple[Refusal, ...] = ()
    first: Kind | None = None
    always: Kind | None = None
    blind: float = 0.0
    keeps: bool = False
    """True: a cancel is refused."""
    appeal: tuple[Stage, ...] = ()
    """What becomes of an appeal (UM02 1 or 2), counted from its coming; without any, it is filed as any request."""
    first_appeal: Kind | None = None
    at: str = ""
    """The receiver of the only payer at which it is so; any other approves."""


APPROVED = Decision("A1", number=True)
CANCELLED = Decision("C", "2", message="The review is cancelled as the provider asked.")
_APPROVE = (Stage(APPROVED),)
_PENDED = Decision("A4", "0W", message="The review is open. No document is needed now.")
_DENIED = Decision("A3", "14", message="Step therapy is not shown. Two preferred agents must be tried first.")
_ASKED = Decision(
    "A4",
    "0U",
    message="Send the laboratory results and the latest progress note.",
    lines=(("A4", ""),),
    asks=(Ask("LA", "11502-2"), Ask("09", "11506-3")),
)
_REDUCED = Decision("A6", "4", message="Certified for half of the units asked for.", number=True)

WORDS: dict[str, Member] = {
    "APPROVE": Member("Approved in full, with a number and dates.", _APPROVE),
    "RXAPPROVE": Member("Approved in full; the PBMs know this id too.", _APPROVE),
    "RXBX": Member("Approved in full; of the PBMs' own word for it: they take no electronic request.", _APPROVE),
    "DENY": Member("Denied: step therapy (HCR03 14 and a message).", (Stage(_DENIED),)),
    "APPEAL": Member("Denied; an appeal is approved.", (Stage(_DENIED),), appeal=_APPROVE),
    "APPEALPEND": Member(
        "Denied; an appeal is pended, and after 60 virtual seconds approved.",
        (Stage(_DENIED),),
        appeal=(Stage(_PENDED), Stage(APPROVED, 60)),
    ),
    "APPEALDENY": Member(
        "Denied; an appeal is pended, and after 60 virtual seconds denied.",
        (Stage(_DENIED),),
        appeal=(Stage(_PENDED), Stage(_DENIED, 60)),
    ),
    "APPEALDROP": Member(
        "Denied; the first appeal is taken and the connection closed without a byte; an inquiry finds it approved.",
        (Stage(_DENIED),),
        appeal=_APPROVE,
        first_appeal=Kind.DROP_AFTER_RECORDING,
    ),
    "APPEALLOST": Member(
        "Denied; the first appeal is lost with its connection; an inquiry finds the denial.",
        (Stage(_DENIED),),
        appeal=_APPROVE,
        first_appeal=Kind.LOST,
    ),
    "NECESSITY": Member(
        "Denied: not medically necessary (HCR03 0F).",
        (Stage(Decision("A3", "0F", message="The notes do not show why this drug is needed.")),),
    ),
    "PEND": Member("Pended (A4, 0W); approved after 60 virtual seconds.", (Stage(_PENDED), Stage(APPROVED, 60))),
    "PENDDENY": Member("Pended; denied after 60 virtual seconds.", (Stage(_PENDED), Stage(_DENIED, 60))),
    "DOCS": Member(
        "Two documents asked for (A4, 0U, PWK and LOI); approved once a 275 has brought both.",
        (Stage(_ASKED), Stage(APPROVED, documents=True)),
    ),
    "PARTIAL": Member(
        "A2; lines A1, A3, A6 in turn.",
        (
            Stage(
                Decision(
                    "A2",
                    lines=(("A1", ""), ("A3", "0F"), ("A6", "4")),
                    number=True,
                    message="Certified in part. See each service.",
                )
            ),
        ),
    ),
    "MIXED": Member(
        "A1 at the event, but every second line is denied (A3): the event alone would mislead. An appeal is approved.",
        (Stage(Decision("A1", lines=(("A1", ""), ("A3", "0M")), number=True)),),
        appeal=_APPROVE,
    ),
    "MODIFY": Member("A6: half of the units asked for.", (Stage(_REDUCED),)),
    "FEWER": Member("A1, but half of the units asked for.", (Stage(Decision("A1", number=True, halved=True)),)),
    "SHORTER": Member("A1, but half of the days asked for.", (Stage(Decision("A1", number=True, shortened=True)),)),
    "CALL": Member(
        "CT: the provider must call.",
        (Stage(Decision("CT", "0V", message="Call utilization review about this request.", contact=True)),),
    ),
    "NOTREQUIRED": Member("NA: no authorization needed.", (Stage(Decision("NA", "0H")),)),
    "CANCELLED": Member("C at once.", (Stage(Decision("C", "7", message="Closed by the plan.")),)),
    "DUPLICATE": Member(
        "A3 with 0Q: a duplicate, and nothing says of what.",
        (Stage(Decision("A3", "0Q", message="This repeats another request.")),),
    ),
    "KEEP": Member("Approved; a cancel is refused (AAA 33 N).", _APPROVE, keeps=True),
    "NOTFOUND": Member("AAA 75 C in 2010C, as every unknown id.", refused=Refusal("2010C", "75", "C")),
    "INELIGIBLE": Member("AAA 95 N in 2010C.", refused=Refusal("2010C", "95", "N")),
    "BIRTHDATE": Member("AAA 71 C in 2010C.", refused=Refusal("2010C", "71", "C")),
    "PROVIDER": Member("AAA 51 C in 2010B: the requester is not on file.", refused=Refusal("2010B", "51", "C")),
    "DATES": Member(
        "AAA 57 C in 2000F: the service dates.",
        refused=Refusal("2000F", "57", "C", "The service dates are outside what this plan reviews."),
    ),
    "DOWN": Member("AAA 42 P in 2000A, always.", refused=Refusal("2000A", "42", "P", valid="Y")),
    "BUSY": Member(
        "AAA 42 P in 2000A the first time, then approved.",
        _APPROVE,
        refusals=(Refusal("2000A", "42", "P", valid="Y"),),
    ),
    "WAIT": Member(
        "AAA 42 Y in 2010A: on file, do not send again; an inquiry finds it approved after 60 virtual seconds.",
        (Stage(_PENDED), Stage(APPROVED, 60)),
        refused=Refusal("2010A", "42", "Y", valid="Y", filed=True),
    ),
    "DROP": Member(
        "Filed, then the connection is closed without a byte; an inquiry finds it approved.",
        _APPROVE,
        first=Kind.DROP_AFTER_RECORDING,
    ),
    "LOST": Member("The first request is lost with its connection; the next is approved.", _APPROVE, first=Kind.LOST),
    "BLIND": Member(
        "Filed, connection closed; for 120 virtual seconds an inquiry does not find it, then it is approved.",
        _APPROVE,
        first=Kind.DROP_AFTER_RECORDING,
        blind=120,
    ),
    "HTML": Member("HTML under 200 and nothing filed, the first time; then approved.", _APPROVE, first=Kind.HTML_200),
    "HTMLFILED": Member("Filed, but answered with HTML under 200.", _APPROVE, first=Kind.HTML_AFTER_RECORDING),
    "GARBAGE": Member("Filed, but answered with bytes that mean nothing.", _APPROVE, first=Kind.GARBAGE),
    "TRUNCATED": Member("Filed, but the answer breaks off.", _APPROVE, first=Kind.TRUNCATED),
    "EXPIRED": Member(
        "Filed, but answered with 401 that calls the access token invalid, and with the right answer beside it.",
        _APPROVE,
        first=Kind.CREDENTIAL_EXPIRED_AFTER_RECORDING,
    ),
    "OTHERS": Member("Filed, but somebody else's answer comes back.", _APPROVE, first=Kind.WRONG_CORRELATION),
    "TWICE": Member("Approved; the answer comes a second time on the connection.", _APPROVE, first=Kind.TWICE),
    "SLOW": Member("Approved after the slow answer's seconds.", _APPROVE, always=Kind.SLOW),
    "GUIDE": Member("999 instead of a 278, always.", always=Kind.GUIDE_REJECT),
    "INTERCHANGE": Member("TA1 reject instead of a 278, always.", always=Kind.INTERCHANGE_REJECT),
    "USED": Member(
        "TA1 025 the first time, as to a number seen before; then approved.", _APPROVE, first=Kind.NUMBER_USED
    ),
    "TAKEN": Member("TA1 025, always.", always=Kind.NUMBER_USED),
    "ENVELOPE": Member("CoreEnvelopeError under 200, always.", always=Kind.CORE_ENVELOPE_ERROR),
    "FAULT": Member("SOAP fault Receiver, always.", always=Kind.SOAP_FAULT_RECEIVER),
    "VENDOR": Member(
        "At Evergreen CT: another one decides it, Cedar Valley by name. Approved anywhere else.",
        (
            Stage(
                Decision(
                    "CT", "0V", message="This service needs authorization through our vendor partner, Cedar Valley."
                )
            ),
        ),
        at="EVERGREEN",
    ),
    "NEWVENDOR": Member(
        "At Evergreen CT: another one decides it, whom no profile knows. Approved anywhere else.",
        (
            Stage(
                Decision(
                    "CT", "0V", message="This service needs authorization through our vendor partner, Teasel Review."
                )
            ),
        ),
        at="EVERGREEN",
    ),
    "WRONGPAYER": Member(
        "At Bluestem AAA 79 N in 2010A: it takes no request for this member's services. Approved anywhere else.",
        refused=Refusal("2010A", "79", "N"),
        at="BLUESTEM",
    ),
    "UNMAPPED": Member(
        "HCR01 Z9, a code nobody published.", (Stage(Decision("Z9", message="Routed to programme seven.")),)
    ),
    "REASON": Member(
        "Denied with HCR03 ZZ9, a code nobody published.",
        (Stage(Decision("A3", "ZZ9", message="Not certified under rule nine.")),),
    ),
    "NONUMBER": Member(
        "Approved without a number; an inquiry finds the number after 60 virtual seconds.",
        (Stage(Decision("A1", message="The number follows.")), Stage(APPROVED, 60)),
    ),
    "RESCIND": Member(
        "Approved; after 60 virtual seconds an inquiry finds it withdrawn (A3, HCR03 7).",
        (
            Stage(APPROVED),
            Stage(Decision("A3", "7", message="The approval is withdrawn."), 60),
        ),
    ),
    "CORRECT": Member("Approved; after 60 virtual seconds reduced (A6).", (Stage(APPROVED), Stage(_REDUCED, 60))),
    "CONTRADICT": Member(
        "Approved; after 60 virtual seconds pended again (A4), which no review does.",
        (Stage(APPROVED), Stage(_PENDED, 60)),
    ),
}

UNKNOWN = Member("Not a member.", refused=Refusal("2010C", "75", "C"))

_ID = re.compile(r"SIM([A-Z]+)\d*")


def member_named(member_id: str, receiver: str = "") -> Member:
    """What the id stands for at this payer; an id that is no published word is nobody's."""
    match = _ID.fullmatch(member_id.upper())
    member = WORDS.get(match[1], UNKNOWN) if match else UNKNOWN
    return WORDS["APPROVE"] if member.at not in ("", receiver) else member
