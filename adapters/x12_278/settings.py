"""What the X12 channel must be told of a payer and of a connection: ids, delimiters, limits. Strict; no credential.

Does not know where the settings are written; ``gateway.profiles`` reads them and checks them against these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from gateway.contract.destination import Destination
from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.model.request import Care, Review
from gateway.model.shape import Shape
from gateway.model.text import ONE_LINE

Transaction = Literal["278_request", "278_inquiry", "278_notification", "275"]
"""What a carrier can be asked to carry."""

Qualifier = Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
InterchangeId = Annotated[str, Field(pattern=r"^[ -~]{1,15}$")]
ApplicationId = Annotated[str, Field(pattern=r"^[ -~]{2,15}$")]
SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
ServiceType = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,2}$")]

_SERVICE_TYPES = {Review.SERVICES: "1", Review.REFERRAL: "3", Review.ADMISSION: "48"}


Carried = Shape(
    "carried",
    r"[0-9A-Za-z +./=-]*",
    "This holds a character that may be a delimiter, or that X12 does not have.",
    "Write letters, digits, spaces, and + - . / = only.",
)
"""What every interchange can carry, whichever delimiters it has (``Delimiter``)."""


class PayerSettings(Record):
    """How one payer wants to be spoken to in X12."""

    umo_id: Annotated[str, Field(min_length=2, max_length=80), Carried]
    """2010A NM109: the payer's (utilization management organization's) id."""
    umo_qualifier: Literal["24", "34", "46", "PI", "XV", "XX"] = "PI"
    """2010A NM108: what kind of id that is."""
    umo_name: Annotated[str, Field(min_length=1, max_length=60), ONE_LINE] | None = None
    """2010A NM103; without it the payer's own name is written."""
    receiver_id: Annotated[str, Field(pattern=r"^[0-9A-Z]{2,15}$")] | None = None
    """ISA08, GS03 and the carrier's receiver, on a network that tells its payers apart by them; without it the
    connection's own."""
    time_zone: str = "America/New_York"
    """The zone in which BHT04/BHT05 are written and read: the formats carry no zone of their own."""
    max_lines: Annotated[int, Field(strict=True, ge=1, le=99)] = 99
    """How many services (2000F) the payer takes in one request."""
    max_diagnoses: Annotated[int, Field(strict=True, ge=1, le=12)] = 12
    """How many diagnoses (HI composites) the payer reads."""
    service_types: Mapping[Review, ServiceType] = _SERVICE_TYPES
    """UM03 by kind of review; what is not named here keeps the usual code."""
    care_types: Mapping[Care, ServiceType] = {}
    """UM03 by kind of care, where the request says one; what is not named here keeps the usual code."""
    release_of_information: Literal["I", "M", "Y"] | None = None
    """UM09, for a payer that insists on it. Never assumed: it says what the patient signed."""
    admissions: Literal["review", "notification"] = "review"
    """``notification``: the payer is told of admissions (X216), and reviews none in advance."""
    notification_purpose: Literal["14", "22", "CN"] = "14"
    """BHT02 of such a notice; public sources do not agree on it."""
    attachments: Literal["275", "none"] = "none"
    """``275``: documents are announced with PWK and follow in a 275. ``none``: the payer takes none this way."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            refuse("time_zone", "This is not a known time zone.", "Send an IANA name, for example America/Chicago.")
        return name

    def service_type(self, review: Review) -> str:
        return self.service_types.get(review) or _SERVICE_TYPES[review]


Delimiter = Annotated[str, Field(pattern=r"^[!-*,:-<>-@\[-`{-~]$")]
"""Not + - . / =, which stand in amounts, date ranges and base64, where no other character can take their place."""


HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,60}$")]
RestPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+([/.][A-Za-z0-9_-]+)*$", max_length=100)]
_OWN_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"cookie", "expect", "host", "transfer-encoding", "user-agent"}
)


class RestSettings(Record):
    """How a partner takes X12 in JSON: where each kind of transaction goes, and which headers it asks for."""

    paths: Annotated[Mapping[Transaction, RestPath], Field(min_length=1)]
    """Under the endpoint. What has no path cannot be carried."""
    headers: Mapping[HeaderName, Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=200)]] = {}
    """Headers that are the same in every message (a tenant). No credential: these are in the journal."""
    correlation_header: HeaderName | None = None
    """The header in which each message gets a UUID of its own."""

    @model_validator(mode="after")
    def _leaves_ours_alone(self) -> Self:
        names = [name.lower() for name in (*self.headers, *filter(None, [self.correlation_header]))]
        if len(set(names)) != len(names) or _OWN_HEADERS & set(names):
            refuse("headers", "A header stands twice, or is one the gateway writes itself.", "Remove it.")
        return self


BatchMessage = Literal["acknowledgement", "results", "confirmation", "no_acknowledgement", "no_results"]
"""What besides a submission goes over a batch connection: two questions, a confirmation, and two answers of nothing."""


class BatchSettings(Record):
    """How a partner takes batches (CAQH CORE Connectivity vC2.2.0)."""

    payload: Literal["mtom", "inline"] = "mtom"
    """``mtom``: in a part of its own, as the schema has it. ``inline``: as base64 in the envelope. Both are read."""
    checksum: Literal["sha1", "sha256", "sha512"] = "sha1"
    """CheckSum, in hex: SHA-1 by vC2.2.0, a stronger one where the partner takes it."""
    confirm: bool = True
    """Whether the receipt of results is confirmed, by a 999."""
    unknown: Literal["open", "absent"] = "open"
    """What it proves that the partner does not know the PayloadID of a filing. ``absent``: that it has no such filing,
    which is then sent again; only for a partner that says so of itself. ``open``: nothing, and an operator asks."""
    payload_types: Mapping[BatchMessage, Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]] = {}
    """PayloadType of each of these, where the partner departs from the usual names."""


FileName = Annotated[
    str,
    Field(pattern=r"^(?:[A-Za-z0-9._-]|\{(?:id|short|number|kind|date|time)\}){1,100}$"),
]
TemporaryName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,20}\{name\}[A-Za-z0-9._-]{0,20}$")]


class FileSettings(Record):
    """Where a partner takes files from, and what it calls them."""

    directory: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,200}$")]
    """Where files are put down."""
    name: FileName = "{kind}_{id}.x12"
    """With ``{id}`` (32 characters that no other file has) or ``{short}`` (16 of them) in it; ``{kind}`` is 278 or 275,
    ``{number}`` ISA13, ``{date}`` and ``{time}`` those of the filing in UTC (YYYYMMDD, HHMMSS)."""
    temporary: TemporaryName = "{name}.tmp"
    """The name while it is written, which the partner leaves alone; ``{name}`` is the name it gets in the end."""
    rename: Literal["unknown", "atomic"] = "unknown"
    """``atomic``: by the partner's word a rename is done whole or not at all, so that what still has its temporary name
    was never put down, and goes again. ``unknown``: there are servers (object stores) that copy and then delete, where
    the line may break between; an operator asks."""

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if "{id}" not in self.name and "{short}" not in self.name:
            refuse("name", "Two files could have the same name.", "Write {id} or {short} into it.")
        if self.temporary == "{name}":
            refuse(
                "temporary", "A file would be taken while it is written.", "Write {name}.tmp, or as the partner says."
            )
        return self


class Acknowledger(Record):
    """Somebody who acknowledges what was sent to another, for instance a clearinghouse under an id of its own."""

    qualifier: Qualifier
    """ISA05."""
    id: InterchangeId
    """ISA06."""


class ConnectionSettings(Record):
    """How a connection wants its envelopes: the X12 interchange, and what the carrier wraps around it."""

    carrier: Literal["core_batch", "core_mime", "core_soap", "rest_x12", "sftp_x12"] = "core_soap"
    """Which carrier wraps the interchange: ``core_batch``, ``sftp_x12``, or a key of
    ``adapters.x12_278.carriers.CARRIERS``."""

    isa_sender_qualifier: Qualifier = "ZZ"
    """ISA05."""
    isa_sender_id: InterchangeId
    """ISA06, written padded to 15."""
    isa_receiver_qualifier: Qualifier = "ZZ"
    """ISA07."""
    isa_receiver_id: InterchangeId
    """ISA08, written padded to 15."""
    gs_sender_id: ApplicationId | None = None
    """GS02; the interchange sender where it is not given."""
    gs_receiver_id: ApplicationId | None = None
    """GS03; the interchange receiver where it is not given."""
    company_id: Annotated[str, Field(pattern=r"^[0-9A-Z]{10}$")]
    """TRN03: who made the trace numbers. Exactly ten characters, usually 1 and the nine digits of the tax id."""

    element_delimiter: Delimiter = "*"
    component_delimiter: Delimiter = ":"
    repetition_delimiter: Delimiter = "^"
    segment_delimiter: Delimiter = "~"
    """Printable on purpose: an XML string cannot carry the control characters some partners use."""
    charset: Literal["basic", "extended"] = "extended"
    """``basic`` has capital letters, digits and some punctuation only; ``extended`` adds the rest of ASCII."""

    core_sender_id: Annotated[str, Field(min_length=1, max_length=50), ONE_LINE] | None = None
    """SenderID of the CORE envelope; the interchange sender where it is not given."""
    core_receiver_id: Annotated[str, Field(min_length=1, max_length=50), ONE_LINE] | None = None
    """ReceiverID of the CORE envelope; the interchange receiver where it is not given."""
    core_rule_version: Annotated[str, Field(pattern=r"^v?\d+\.\d+\.\d+$")] = "2.2.0"
    """CORERuleVersion as the partner wants it written (some insist on a leading v)."""
    payload_types: Mapping[Transaction, Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]] = {}
    """PayloadType for each kind of transaction, where the partner departs from the usual names."""
    username_secret: SecretName | None = None
    """The name of the secret that holds the user name; without it no user name is sent."""
    password_secret: SecretName | None = None
    """The name of the secret that holds the password."""
    rest: RestSettings | None = None
    """For the carrier rest_x12 only, and needed there."""
    batch: BatchSettings | None = None
    """For the carrier core_batch only, and needed there."""
    acknowledged_by: Annotated[tuple[Acknowledger, ...], Bounds(0, 10)] = ()
    """Who else may acknowledge what was sent here (TA1, 999, 824 in files) as the sender of the interchange, besides
    those it was sent to. What is sent from then on is found by it."""
    files: FileSettings | None = None
    """For the carrier sftp_x12 only, and needed there."""
    deadline: Annotated[float, Field(strict=True, ge=1, le=600, allow_inf_nan=False)] = 60.0
    """Seconds to wait for the whole reply. CORE keeps the connection open for 60."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        marks = (self.element_delimiter, self.component_delimiter, self.repetition_delimiter, self.segment_delimiter)
        if len(set(marks)) != len(marks):
            refuse("delimiters", "Two delimiters are the same.", "Choose four different characters.")
        if (self.username_secret is None) != (self.password_secret is None):
            refuse("secrets", "A user name without a password, or the reverse.", "Name both secrets, or neither.")
        if (self.rest is None) != (self.carrier != "rest_x12"):
            refuse("rest", "rest is for the carrier rest_x12, which needs it.", "Write it, or remove it.")
        if (self.batch is None) != (self.carrier != "core_batch"):
            refuse(
                "batch", "batch is for the carrier core_batch, which needs it.", "Write it ({} will do), or remove it."
            )
        if (self.files is None) != (self.carrier != "sftp_x12"):
            refuse("files", "files is for the carrier sftp_x12, which needs it.", "Write it, or remove it.")
        ids = (self.isa_sender_id, self.isa_receiver_id, self.gs_sender_id, self.gs_receiver_id)
        if any(mark in value for value in ids if value for mark in marks):
            refuse("delimiters", "A sender or receiver id contains a delimiter.", "Choose other delimiters.")
        return self


def payer_settings(to: Destination) -> PayerSettings:
    """The payer's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.payer_settings, PayerSettings):
        raise TypeError("the payer settings are not those of x12_278")
    return to.payer_settings


def connection_settings(to: Destination) -> ConnectionSettings:
    """The connection's settings as they are for this payer. Raises TypeError for another channel's."""
    if not isinstance(to.connection_settings, ConnectionSettings):
        raise TypeError("the connection settings are not those of x12_278")
    receiver = payer_settings(to).receiver_id
    if receiver is None:
        return to.connection_settings
    return to.connection_settings.model_copy(
        update={"isa_receiver_id": receiver, "gs_receiver_id": receiver, "core_receiver_id": receiver}
    )
