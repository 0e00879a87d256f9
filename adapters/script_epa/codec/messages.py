"""The messages as types: the eight of electronic prior authorization, and Status, Error and Verify.

``read`` and ``write`` are each other's contrary for every message that may be written. Knows nobody's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from adapters.script_epa.codec import form
from adapters.script_epa.codec.envelope import Header, Received, enclose, header_of, receive
from adapters.script_epa.codec.form import LONG, Malformed, Part, Writer, choice, date, element, part, text, verbatim
from adapters.script_epa.codec.parties import ANY, ID, Case
from adapters.script_epa.codec.verdicts import (
    AppealApproved,
    AppealDenied,
    AppealOpen,
    AppealPartiallyDenied,
    Approved,
    Closed,
    Denied,
    Ended,
    InProcess,
    Open,
    PartiallyDenied,
    StillOpen,
)
from adapters.script_epa.codec.versions import Version
from gateway.contract.errors import Unreadable

_FAULTS, _SHORT = 10, 70


@element
class Attachment(Part):
    number: str | None = text("AttachmentControlNumber", ID)
    source: str | None = text("AttachmentSource", ANY, needed=True)
    data: str | None = text("AttachmentData", 16 << 20, needed=True, shape="[A-Za-z0-9+/]+={0,2}")
    media_type: str | None = text(
        "MIMEType", 30, needed=True, shape="application/(pdf|jpeg|png|tiff|hl7-sda[+]xml|x-ccr)"
    )


@element
class Solicited(Part):
    word = "SolicitedModel"
    case: str | bytes | None = text("PACaseID", ID, needed=True)
    deadline: str | bytes | None = date("DeadlineForReply", needed=True)
    questions: bytes | None = verbatim("QuestionSet", needed=True)


@element
class Unsolicited(Part):
    word = "UnsolicitedModel"
    questions: bytes | None = verbatim("QuestionSet")


@element
class Appealing(Part):
    case: str | bytes | None = text("PACaseID", ID, needed=True)
    appeal_case: str | bytes | None = text("AppealCaseID", ID)
    deadline: str | bytes | None = date("DeadlineForReply")
    questions: bytes | None = verbatim("QuestionSet")
    note: str | None = text("PANote", LONG)


@element
class Cancelling(Part):
    case: str | None = text("PACaseID", ID, needed=True)
    reason: str | None = text("CancelReasonCode", 2, shape="AC|BW|BY")
    patient_knows: str | None = text("IsPatientNotified", 1, shape="[YN]")
    note: str | None = text("PANote", LONG)


@element
class PAInitiationRequest(Case):
    pass


@element
class PARequest(Case):
    attachment: Attachment | None = part("Attachment", Attachment)
    request: Solicited | Unsolicited | None = choice("Request", Solicited, Unsolicited)


@element
class PAAppealRequest(Case):
    attachment: Attachment | None = part("Attachment", Attachment)
    request: Appealing | None = part("Request", Appealing, needed=True)


@element
class PACancelRequest(Case):
    request: Cancelling | None = part("Request", Cancelling, needed=True)


@element
class InitiationAnswer(Part):
    reference_number: str | None = text("ReferenceNumber", ID)
    status: Open | Closed | None = choice("ResponseStatus", Open, Closed)
    contact: bytes | None = verbatim("PayerContactCommunicationNumber")


@element
class Determination(Part):
    reference_number: str | None = text("ReferenceNumber", ID)
    status: Approved | Denied | InProcess | StillOpen | Ended | PartiallyDenied | None = choice(
        "ResponseStatus", Approved, Denied, InProcess, StillOpen, Ended, PartiallyDenied
    )
    contact: bytes | None = verbatim("PayerContactCommunicationNumber")


@element
class AppealDetermination(Part):
    reference_number: str | None = text("ReferenceNumber", ID)
    status: AppealApproved | AppealDenied | AppealOpen | Ended | AppealPartiallyDenied | None = choice(
        "ResponseStatus", AppealApproved, AppealDenied, AppealOpen, Ended, AppealPartiallyDenied
    )
    contact: bytes | None = verbatim("PayerContactCommunicationNumber")


@element
class PAInitiationResponse(Case):
    reference: str | None = text("PAReferenceID", ID)
    response: InitiationAnswer | None = part("Response", InitiationAnswer, needed=True)


@element
class PAResponse(Case):
    attachment: Attachment | None = part("Attachment", Attachment)
    response: Determination | None = part("Response", Determination, needed=True)


@element
class PAAppealResponse(Case):
    attachment: Attachment | None = part("Attachment", Attachment)
    response: AppealDetermination | None = part("Response", AppealDetermination, needed=True)


@element
class Cancelled(Part):
    word = "Approved"
    note: str | None = text("PANote", LONG)


@element
class NotCancelled(Part):
    word = "Denied"
    reason: str | None = text("ReasonCode", 2, shape="BY|BZ|CA|CB")
    note: str | None = text("PANote", LONG)


@element
class CancelAnswer(Part):
    case: str | None = text("PACaseID", ID, needed=True)
    status: Cancelled | NotCancelled | None = choice("ResponseStatus", Cancelled, NotCancelled)


@element
class PACancelResponse(Part):
    reference: str | None = text("PAReferenceID", ID, needed=True)
    priority: str | None = text("PAPriorityIndicator", 1, shape="[SX]")
    response: CancelAnswer | None = part("Response", CancelAnswer, needed=True)


@element
class Status(Part):
    code: str | None = text("Code", 3, needed=True, shape="00[01235]|010")
    details: tuple[str, ...] = text("DescriptionCode", 4, many=_FAULTS)
    description: str | None = text("Description", _SHORT)


@element
class Error(Part):
    code: str | None = text("Code", 3, needed=True, shape="60[012]|[79]00")
    details: tuple[str, ...] = text("DescriptionCode", 4, many=_FAULTS)
    description: str | None = text("Description", LONG)


@element
class Receipt(Part):
    code: str | None = text("Code", 3, needed=True, shape="010")
    details: tuple[str, ...] = text("DescriptionCode", 4, many=_FAULTS)
    description: str | None = text("Description", _SHORT)


@element
class Verify(Part):
    status: Receipt | None = part("VerifyStatus", Receipt, needed=True)


@element
class GetMessage(Part):
    """Asks a mailbox for what is in it."""


CONTENTS: Mapping[str, type[Part]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            *(PAInitiationRequest, PAInitiationResponse, PARequest, PAResponse, PAAppealRequest, PAAppealResponse),
            *(PACancelRequest, PACancelResponse, Status, Error, Verify, GetMessage),
        )
    }
)
"""By the kind of the message."""


@dataclass(frozen=True)
class Message:
    version: Version
    header: Header
    content: Part


def read(body: bytes) -> Message:
    """Raises OtherVersion and Unreadable."""
    received = receive(body)
    return Message(received.version, header_of(received), content_of(received))


def content_of(received: Received) -> Part:
    """Raises Unreadable for what is no message of those known here."""
    of = CONTENTS.get(received.kind)
    if of is None:
        raise Unreadable("the message is of a kind that is not known")
    return form.read(of, received.content, received.tree, received.version.tags)


def write(message: Message) -> bytes:
    """Raises Malformed."""
    kind = type(message.content).__name__
    if kind not in CONTENTS:
        raise Malformed(f"{kind}: it is no message")
    return enclose(message.version, message.header, _writer_of(message.version).write(message.content, kind))


@cache
def _writer_of(version: Version) -> Writer:
    return Writer(version.tags)
