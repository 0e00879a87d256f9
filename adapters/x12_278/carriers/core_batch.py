"""CAQH CORE Connectivity vC2.2.0, batch, over SOAP 1.2: what goes in comes back later, by its PayloadID.

A payload travels as a part of its own (MTOM) or as base64, and is counted and summed as what it is decoded. Knows
envelopes; knows nothing of what a payload says, nor in which order a conversation goes.

The names by which questions and answers of a batch go (PayloadType) are recalled from the rule, and only that of the
receipt is seen in use: so of an answer only those are believed that say there is nothing, and all else by its payload.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

from adapters.x12_278.carriers import core_codec
from adapters.x12_278.carriers.core_fields import (
    is_envelope_error,
    judge_code,
    payload_id,
    payload_type,
    sender_fields,
)
from adapters.x12_278.carriers.http import fail
from adapters.x12_278.carriers.multipart import write_related
from adapters.x12_278.carriers.refusal import EnvelopeRefused, believed_alone
from adapters.x12_278.carriers.soap_reply import envelope_of, judge_fault, part_of, root_of
from adapters.x12_278.settings import BatchMessage, BatchSettings, ConnectionSettings, Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import MaybeSent, Unreadable
from gateway.contract.frames import Https, Loss, Reply

Question = Literal["acknowledgement", "results"]

PAYLOAD_TYPES: Mapping[BatchMessage, str] = {
    "acknowledgement": "X12_999_RetrievalRequest_005010X231A1",
    "results": "X12_005010_Request_Batch_Results_278",
    "confirmation": "X12_999_SubmissionRequest_005010X231A1",
    "no_acknowledgement": "X12_005010_Response_NoBatchAckFile",
    "no_results": "X12_005010_Response_NoBatchResultsFile",
}
_SUBMISSION = "BatchSubmitTransaction"
_CONFIRMATION = "BatchResultsAckSubmitTransaction"
_QUESTIONS: Mapping[Question, str] = {
    "acknowledgement": "BatchSubmitAckRetrievalTransaction",
    "results": "BatchResultsRetrievalTransaction",
}
_NOTHING: tuple[BatchMessage, ...] = ("no_acknowledgement", "no_results")
_UNKNOWN = frozenset({"PayloadIDIllegal", "PayloadIDNotUnderstood"})
_ACCEPTED = 202
"""What the rule lets a payer answer that has taken a batch and looked at nothing."""
_ENVELOPE = "a SOAP envelope"
_BLANK = re.compile(rb"[ \t\r\n]+")


class Unknown(Exception):
    """The other side does not know the PayloadID that it was asked about."""


def submission(
    interchange: bytes, transaction: Transaction, losses: Sequence[Loss], to: Destination, stamp: Stamp
) -> Https:
    """The frame that files; the same stamp and interchange give the same bytes."""
    kind = payload_type(transaction, connection_settings(to))
    frame = _frame(_SUBMISSION, kind, interchange, to, stamp, stamp)
    return Https(**{**vars(frame), "effect": True, "losses": tuple(losses)})


def question(about: Question, filed: Stamp, to: Destination, stamp: Stamp) -> Https:
    """The frame that asks for what has become of the batch that this stamp filed."""
    return _frame(_QUESTIONS[about], _named(about, _settings(to)), None, to, filed, stamp)


def confirmation(acknowledgement: bytes, filed: Stamp, to: Destination, stamp: Stamp) -> Https:
    """The frame that confirms the receipt of a batch's results. To confirm twice is to confirm once."""
    return _frame(_CONFIRMATION, _named("confirmation", _settings(to)), acknowledgement, to, filed, stamp)


def read_receipt(reply: Reply, to: Destination) -> bytes | None:
    """What came with the receipt of a submission: X12, which has no place there and is not thrown away, or None.

    Raises EnvelopeRefused besides the errors of the contract.
    """
    if reply.status == _ACCEPTED and not reply.body.strip():
        return None
    response, payload = _response(reply, _SUBMISSION, effect=True), None
    with suppress(Unreadable):  # CONNECT answers with a payload that is none, under a length that is not its own
        payload = _decoded(reply, response, to)
    return payload if payload is not None and payload.lstrip().startswith(b"ISA") else None


def read_file(reply: Reply, about: Question, to: Destination) -> bytes | None:
    """The file that was asked for, None where there is none yet. Raises Unknown, and as ``read_receipt`` does."""
    operation = _QUESTIONS[about]
    try:
        response = _response(reply, operation, effect=False)
    except EnvelopeRefused as refusal:
        if refusal.code in _UNKNOWN:
            raise Unknown from None
        raise
    nothing = {_named(each, _settings(to)).lower() for each in _NOTHING}
    kind = (response.fields["PayloadType"] or "").strip().lower()
    payload = _decoded(reply, response, to)
    if kind in nothing and not payload:
        return None
    if not payload:
        raise Unreadable("the reply says Success, carries nothing, and does not say that there is nothing")
    return payload


def read_confirmed(reply: Reply) -> None:
    """Raises unless the confirmation was taken."""
    _response(reply, _CONFIRMATION, effect=False)


def batch_id(stamp: Stamp) -> str:
    """The PayloadID of the batch that this stamp filed: whoever knows the stamp can ask for it."""
    return payload_id(stamp, b"")


def _settings(to: Destination) -> BatchSettings:
    return connection_settings(to).batch or BatchSettings()


def _named(message: BatchMessage, settings: BatchSettings) -> str:
    return settings.payload_types.get(message, PAYLOAD_TYPES[message])


def _frame(operation: str, kind: str, payload: bytes | None, to: Destination, filed: Stamp, stamp: Stamp) -> Https:
    settings, batch = connection_settings(to), _settings(to)
    fields: dict[str, str | bytes] = {
        "PayloadType": kind,
        "ProcessingMode": "Batch",
        "PayloadID": batch_id(filed),
        **sender_fields(settings, stamp),
    }
    name = f"{batch_id(stamp)}@payload"
    attached = payload is not None and batch.payload == "mtom"
    if payload is not None:
        fields["PayloadLength"] = str(len(payload))
        fields["CheckSum"] = hashlib.new(batch.checksum, payload, usedforsecurity=False).hexdigest()
        fields["Payload"] = (
            f'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{name}"/>'.encode()
            if attached
            else base64.b64encode(payload)
        )
    body, headers = core_codec.write(fields, _credentials(settings), operation)
    if payload is not None and attached:
        body, kind_header = write_related(body, payload, name, operation)
        headers = (*(each for each in headers if each[0] != "Content-Type"), kind_header)
    return Https(
        method="POST",
        url=to.endpoint,
        effect=False,
        headers=headers,
        body=body,
        document=payload,
        document_type="application/edi-x12" if payload is not None else None,
        deadline=settings.deadline,
    )


def _credentials(settings: ConnectionSettings) -> tuple[str, str] | None:
    if settings.username_secret and settings.password_secret:
        return settings.username_secret, settings.password_secret
    return None


def _response(reply: Reply, operation: str, *, effect: bool) -> core_codec.Response:
    with believed_alone(lambda: _carries_answer(reply, operation)):
        envelope = envelope_of(reply, operation)
        if envelope is None:
            fail(reply, effect, _ENVELOPE)
        judge_fault(envelope)
        if reply.status not in (200, _ACCEPTED):
            fail(reply, effect, _ENVELOPE)
        response = core_codec.read(envelope, operation)
        judge_code(response.fields)
    if is_envelope_error(response.fields["PayloadType"]):
        if effect:
            raise MaybeSent("the reply is an envelope error that says Success")
        raise Unreadable("the reply is an envelope error that says Success")
    return response


def _carries_answer(reply: Reply, operation: str) -> bool:
    root = core_codec.parse(root_of(reply), operation)
    return any(not is_envelope_error(kind) for kind in core_codec.claims(root, operation))


def _decoded(reply: Reply, response: core_codec.Response, to: Destination) -> bytes | None:
    """The payload as it was before it was wrapped, counted and summed where the envelope does so. Raises Unreadable."""
    written = response.fields["Payload"]
    if response.href is not None:
        payload = part_of(reply, response.href)
    elif written is not None:
        payload = _of_base64(written)
    else:
        return None
    length, told = response.fields["PayloadLength"], response.fields["CheckSum"]
    if length is not None and length.strip().lstrip("0") != str(len(payload)):
        raise Unreadable("the payload is not as long as PayloadLength says")
    found = hashlib.new(_settings(to).checksum, payload, usedforsecurity=False).hexdigest()
    if told is not None and not hmac.compare_digest(told.strip().lower().encode(), found.encode()):
        raise Unreadable("the payload's CheckSum is another")
    return payload


def _of_base64(written: str) -> bytes:
    payload = None
    with suppress(binascii.Error, UnicodeEncodeError):  # whose texts may quote the reply
        payload = base64.b64decode(_BLANK.sub(b"", written.encode("ascii")), validate=True)
    if payload is None:
        raise Unreadable("the payload is not base64")
    return payload
