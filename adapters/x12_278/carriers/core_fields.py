"""The fields of CAQH CORE Connectivity vC2.2.0, which SOAP and MIME carry alike: what they say of a request, and what
an ErrorCode says of an answer. Knows no envelope.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC

from adapters.x12_278.carriers.refusal import EnvelopeRefused
from adapters.x12_278.settings import ConnectionSettings, Transaction
from gateway.contract.adapter import Stamp
from gateway.contract.errors import MaybeSent, NeedsPerson, Unreadable

PAYLOAD_TYPES: Mapping[Transaction, str] = {
    "278_request": "X12_278_Request_005010X217E1_2",
    "278_inquiry": "X12_278_Request_005010X215",
    "278_notification": "X12_278_Request_005010X216",
    "275": "X12_275_Request_006020X316",
}
"""What a request's payload is called. The first and the last are seen in use (CMS esMD); those of inquiry and
notice follow their pattern, unverified."""

_ANSWERS = ("x12_278_", "x12_999_", "x12_ta1_", "x12_824_", "x12_275_")
"""How the payload type of an answer begins, in small letters: payers write 005010x231A1 as well as 005010X231A1."""

_ENVELOPE_ERROR = "coreenvelopeerror"

_FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "PayloadLength",
    "TimeStamp",
    "UserName",
    "Password",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "CheckSum",
    "Payload",
)
_FIELD_ERRORS = tuple(f"{field}{fault}" for field in _FIELDS for fault in ("Required", "Illegal", "NotUnderstood"))
_REFUSALS = {code.lower(): code for code in (*_FIELD_ERRORS, "Sender", "VersionMismatch", "ChecksumMismatched")}
"""ErrorCode values by which the envelope layer says that it did not pass the request on."""


def request_fields(
    interchange: bytes, transaction: Transaction, settings: ConnectionSettings, stamp: Stamp
) -> dict[str, str]:
    """The fields of a real-time request but its credentials and its payload."""
    return {
        "PayloadType": payload_type(transaction, settings),
        "ProcessingMode": "RealTime",
        "PayloadID": payload_id(stamp, interchange),
    } | sender_fields(settings, stamp)


def payload_type(transaction: Transaction, settings: ConnectionSettings) -> str:
    return settings.payload_types.get(transaction, PAYLOAD_TYPES[transaction])


def sender_fields(settings: ConnectionSettings, stamp: Stamp) -> dict[str, str]:
    """The fields that say when, from whom, to whom and by which rule, whatever is carried."""
    return {
        "TimeStamp": stamp.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SenderID": settings.core_sender_id or settings.isa_sender_id,
        "ReceiverID": settings.core_receiver_id or settings.isa_receiver_id,
        "CORERuleVersion": settings.core_rule_version,
    }


def payload_id(stamp: Stamp, interchange: bytes) -> str:
    """A UUID in the form of version 4, the same for every retransmission and for no other interchange.

    The rule asks for a MAC address inside (version 1); partners take any UUID, and a MAC tells about our machines.
    """
    digest = hashlib.sha256(stamp.seed.encode() + interchange).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def is_answer(kind: str | None) -> bool:
    """True for a PayloadType that answers a request."""
    return (kind or "").strip().lower().startswith(_ANSWERS)


def is_envelope_error(kind: str | None) -> bool:
    return (kind or "").strip().lower() == _ENVELOPE_ERROR


def judge_error_code(fields: Mapping[str, str | None]) -> None:
    """Raise unless the CORE error code says success, which is a word, of what answers a request."""
    judge_code(fields)
    if not is_answer(fields.get("PayloadType")):
        raise Unreadable("the reply's PayloadType is not one that answers a request")


def judge_code(fields: Mapping[str, str | None]) -> None:
    """Raise unless the CORE error code says success, whatever is answered."""
    code = (fields.get("ErrorCode") or "").strip().lower()
    kind = fields.get("PayloadType")
    if code == "unauthorized":
        raise NeedsPerson("the connection's credentials were refused (CORE UnAuthorized)")
    if code == "receiver":
        raise MaybeSent("the payer's server failed (CORE Receiver)")
    if code in _REFUSALS:
        raise EnvelopeRefused(_REFUSALS[code], fields.get("ErrorMessage"))
    if not code and is_envelope_error(kind):
        # CONNECT, the gateway of a federal payer, writes this when its own call further on failed.
        raise MaybeSent("the reply is an envelope error without a code")
    if code != "success":
        raise Unreadable("the reply's ErrorCode is missing or not known")
