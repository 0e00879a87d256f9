"""What a payer says of a case, as types: each is what may stand in ResponseStatus.

What has ``many=0`` or is absent may not be written there, and is read all the same: payers write it.
"""

from __future__ import annotations

from adapters.script_epa.codec.form import LONG, Part, absent, date, element, part, text, verbatim
from adapters.script_epa.codec.parties import ID, Amount

NUMBER = 140
_COUNT = r"[0-9]{1,3}"


@element
class Period(Part):
    start: str | None = date("EffectiveDate")
    end: str | None = date("ExpirationDate")


@element
class Limit(Part):
    """How much is granted, for one kind of pharmacy."""

    pharmacy: str | None = text("PharmacyType", 1, shape="[RMSLA]")
    quantity: Amount | None = part("Quantity", Amount)
    days: str | None = text("DaysSupply", 3, shape=_COUNT)
    cycles: str | None = text("NumberOfCycles", 3, shape=_COUNT)
    refills: str | None = text("NumberOfRefills", 3, shape=_COUNT)
    note: str | None = text("PANote", LONG)


@element
class Appeal(Part):
    """Whether it can be appealed this way, and until when."""

    supported: str | None = text("IsEAppealSupported", 1, needed=True, shape="[YN]")
    until: str | None = date("ExpirationDate")
    note: str | None = text("PANote", LONG)


@element
class Open(Part):
    """To an initiation: the questions."""

    word = "Open"
    case: str | None = text("PACaseID", ID, needed=True)
    expiring_case: str | None = text("ExpiringPACaseID", ID)
    expires: str | None = date("ExpirationDate")
    deadline: str | None = date("DeadlineForReply", needed=True)
    questions: bytes | None = verbatim("QuestionSet", needed=True)
    note: str | None = text("PANote", LONG)


@element
class StillOpen(Part):
    """To answers: more questions, with no set around them."""

    word = "Open"
    case: str | None = text("PACaseID", ID, needed=True)
    appeal_case: str | None = absent("AppealCaseID")
    more: bytes | None = verbatim("MoreInformationRequired", needed=True)
    note: str | None = text("PANote", LONG)


@element
class Closed(Part):
    """Without a decision, or because there is one. An initiation is closed with another element than answers are;
    payers take either."""

    word = "Closed"
    case: str | None = text("PACaseID", ID)
    codes: tuple[str, ...] = text("InitiationClosedCode", 2, needed=True, many=10, also="ClosedCode")
    number: str | None = text("AuthorizationNumber", NUMBER)
    limits: tuple[Limit, ...] = part("AuthorizationDetail", Limit, many=5)
    period: Period | None = part("AuthorizationPeriod", Period)
    note: str | None = text("PANote", LONG)
    processor: bytes | None = verbatim("PAProcessor")


@element
class Ended(Closed):
    """To answers."""

    codes: tuple[str, ...] = text("ClosedCode", 2, needed=True, many=10, also="InitiationClosedCode")


@element
class Approved(Part):
    word = "Approved"
    case: str | None = text("PACaseID", ID, needed=True)
    appeal_case: str | None = absent("AppealCaseID")
    number: str | None = text("AuthorizationNumber", NUMBER)
    limits: tuple[Limit, ...] = part("AuthorizationDetail", Limit, many=0)
    period: Period | None = part("AuthorizationPeriod", Period)
    appeal: Appeal | None = part("Appeal", Appeal, needed=True)
    note: str | None = text("PANote", LONG)
    processor: bytes | None = verbatim("PAProcessor")


@element
class PartiallyDenied(Approved):
    """Approved, and for less than was asked."""

    word = "PartiallyDenied"
    limits: tuple[Limit, ...] = part("AuthorizationDetail", Limit, many=5)


@element
class Denied(Part):
    """It has no code."""

    word = "Denied"
    case: str | None = text("PACaseID", ID, needed=True)
    appeal_case: str | None = absent("AppealCaseID")
    appeal: Appeal | None = part("Appeal", Appeal, needed=True)
    note: str | None = text("PANote", LONG)
    processor: bytes | None = verbatim("PAProcessor")


@element
class InProcess(Part):
    word = "InProcess"
    case: str | None = text("PACaseID", ID, needed=True)
    expected: str | None = date("ExpectedResponseDate")
    note: str | None = text("PANote", LONG)


@element
class AppealOpen(StillOpen):
    appeal_case: str | None = text("AppealCaseID", ID, needed=True)


@element
class AppealApproved(Approved):
    appeal_case: str | None = text("AppealCaseID", ID, needed=True)


@element
class AppealPartiallyDenied(PartiallyDenied):
    appeal_case: str | None = text("AppealCaseID", ID, needed=True)


@element
class AppealDenied(Denied):
    appeal_case: str | None = text("AppealCaseID", ID, needed=True)
