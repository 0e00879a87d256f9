"""CAQH CORE Connectivity vC2.2.0, real time, over SOAP 1.2: one interchange in, one interchange back.

Knows envelopes and HTTP statuses; knows nothing of what an interchange says. What a reply means is decided in one
order: HTTP, then SOAP faults, then the CORE error code, then what it carries. Only words on the lists below prove that
a request was refused unread, and only where no answer stands beside them: every other failure leaves open whether it
was filed. Whose answer it is, its interchange says: SenderID and ReceiverID are what payers make of them (unswapped,
blank, a clearinghouse's own).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from adapters.x12_278.carriers import core_codec
from adapters.x12_278.carriers.core_fields import is_envelope_error, judge_error_code, request_fields
from adapters.x12_278.carriers.http import fail
from adapters.x12_278.carriers.refusal import believed_alone
from adapters.x12_278.carriers.soap_reply import envelope_of, judge_fault, part_of, root_of
from adapters.x12_278.settings import Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible, Unreadable
from gateway.contract.frames import Https, Loss, Reply

_ENVELOPE = "a SOAP envelope"


class CoreSoap:
    """The carrier ``core_soap``."""

    def wrap(
        self,
        interchange: bytes,
        transaction: Transaction,
        effect: bool,
        losses: Sequence[Loss],
        to: Destination,
        stamp: Stamp,
    ) -> Https:
        """The frame that carries the interchange; the same stamp and interchange give the same bytes."""
        settings = connection_settings(to)
        fields = request_fields(interchange, transaction, settings, stamp)
        credentials = None
        if settings.username_secret and settings.password_secret:
            credentials = settings.username_secret, settings.password_secret
        written = None
        with suppress(ValueError):  # a UnicodeDecodeError is one too; its text quotes the interchange
            written = core_codec.write(fields | {"Payload": interchange.decode()}, credentials)
        if written is None:
            raise CannotExpress(
                Inexpressible(
                    pointer="",
                    why="the interchange holds characters that an XML string cannot carry",
                    fix="Choose printable delimiters in the connection's settings, or a connection that takes bytes.",
                )
            )
        return Https(
            method="POST",
            url=to.endpoint,
            effect=effect,
            headers=written[1],
            body=written[0],
            document=interchange,
            document_type="application/edi-x12",
            losses=tuple(losses),
            deadline=settings.deadline,
        )

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        """The payload of a reply, as it stands. Raises EnvelopeRefused besides the errors of the contract."""
        with believed_alone(lambda: _carries_answer(reply)):
            return _payload(reply, effect)


def _payload(reply: Reply, effect: bool) -> bytes:
    envelope = envelope_of(reply)
    if envelope is None:
        fail(reply, effect, _ENVELOPE)
    judge_fault(envelope)
    if reply.status != 200:
        fail(reply, effect, _ENVELOPE)
    response = core_codec.read(envelope)
    judge_error_code(response.fields)
    if response.href is not None:
        return _attached(reply, response.href)
    if not response.fields["Payload"]:
        raise Unreadable("the reply says Success and carries nothing")
    return response.fields["Payload"].encode()


def _attached(reply: Reply, href: str) -> bytes:
    """The payload that stands in a part of its own. CORE has no such thing in real time."""
    payload = part_of(reply, href)
    if not payload or len(payload) > core_codec.MAX_BYTES:
        raise Unreadable("the part that the reply refers to is empty or too large")
    return payload


def _carries_answer(reply: Reply) -> bool:
    """True when a CORE response with a payload, and not as an envelope error, stands anywhere in the body."""
    return any(not is_envelope_error(kind) for kind in core_codec.claims(core_codec.parse(root_of(reply))))
