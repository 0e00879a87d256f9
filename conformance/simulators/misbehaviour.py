"""Ways a payer fails its callers, and the orders to do so. Knows no HTTP: ``server`` carries them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Each says whether the message was recorded before things went wrong."""

    DOWN = "down"
    """503 and an HTML page. Not recorded."""
    TOO_MANY = "too_many"
    """429 and an HTML page: refused for now, and unread. Not recorded."""
    CLOSE = "close"
    """The connection is closed before the request is read. Not recorded."""
    LOST = "drop_before_recording"
    """The request is read whole, the connection closed without a byte. Not recorded."""
    DROP_AFTER_RECORDING = "drop_after_recording"
    """The same, but the request is on file."""
    RESET = "reset"
    """On file; the connection is reset (RST) after a part of the answer."""
    TRUNCATED = "truncated"
    """On file; half of the answer, then the connection is closed."""
    SLOW = "slow"
    """On file; the answer comes late."""
    TWICE = "twice"
    """On file; the same HTTP response is written a second time on the connection, later."""
    HTML_200 = "html_200"
    """A page under 200, as a gateway in front of the payer gives it. Not recorded."""
    HTML_AFTER_RECORDING = "html_after_recording"
    GARBAGE = "garbage"
    """On file; bytes under a SOAP content type that are no XML."""
    GZIP_GARBAGE = "gzip_garbage"
    """On file; said to be gzip, and is not."""
    EMPTY = "empty"
    """On file; 200 and no body."""
    BYTE_ORDER_MARK = "byte_order_mark"
    """On file; the right answer after a UTF-8 byte order mark."""
    GUIDE_REJECT = "999"
    """A 999 that rejects what was in order. Not recorded."""
    INTERCHANGE_REJECT = "ta1"
    """A TA1 that rejects what was in order. Not recorded."""
    NUMBER_USED = "number_used"
    """A TA1 with 025: the control number is said to have been seen before. Not recorded."""
    UNAVAILABLE = "unavailable"
    """A 278 with AAA 42 P in 2000A, to documents too: try again later. Not recorded, but its control number is used."""
    CORE_ENVELOPE_ERROR = "core_envelope_error"
    """CoreEnvelopeError under 200. Not recorded."""
    SOAP_FAULT_RECEIVER = "soap_fault_receiver"
    """SOAP fault Receiver under 500. Not recorded."""
    CREDENTIAL_EXPIRED = "credential_expired"
    """401 that calls the access token invalid, though it is good. Not recorded."""
    CREDENTIAL_EXPIRED_AFTER_RECORDING = "credential_expired_after_recording"
    """On file; the same 401, with the right answer beside it."""
    WRONG_CORRELATION = "wrong_correlation"
    """On file; PayloadID, BHT03 and TRN02 of the answer are somebody else's."""
    QUALIFIED_CHILDREN = "qualified_children"
    """On file; the answer's CORE fields are in the namespace, as some servers write them."""
    ACKNOWLEDGED_AT_ONCE = "acknowledged_at_once"
    """Batch, verb receipt: a 999 in the answer to the submission."""
    UNKNOWN_BATCH = "unknown_batch"
    """Batch, as all below: the PayloadID is said to be unknown."""
    NO_FILE = "no_file"
    """Nothing can be fetched for now."""
    WRONG_CHECKSUM = "wrong_checksum"
    BROKEN_REFERENCE = "broken_reference"
    """The envelope refers to a part that is not there."""
    RESULTS_TWICE = "results_twice"
    """The same interchange stands in the file a second time."""
    OTHERS_RESULTS = "others_results"
    """An answer to somebody else's filing stands in the file too."""
    CONFIRMED_GONE = "confirmed_gone"
    """Results that this confirms can never be fetched again, and nobody hears that it arrived."""
    COPIED = "copied"
    """Files, as all below, verb receipt: to rename is to copy and to delete, and the line breaks between. On file."""
    RESULTS_FIRST = "results_first"
    """The answer is put out before its acknowledgement."""
    MIXED_RESULTS = "mixed_results"
    """The answer waits for the next one, and shares a file with it."""
    GROWING = "growing"
    """The file of the answer is there before it is whole."""
    ORPHAN = "orphan"
    """A file with an answer to somebody else's filing is put out too."""
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_REASON = "unknown_reason"
    CONTRADICTION = "contradiction"
    """The last three: on file, reviewed as member words UNMAPPED, REASON and CONTRADICT are."""


UNRECORDED = frozenset(
    {
        Kind.DOWN,
        Kind.TOO_MANY,
        Kind.CLOSE,
        Kind.LOST,
        Kind.HTML_200,
        Kind.GUIDE_REJECT,
        Kind.INTERCHANGE_REJECT,
        Kind.NUMBER_USED,
        Kind.UNAVAILABLE,
        Kind.CORE_ENVELOPE_ERROR,
        Kind.SOAP_FAULT_RECEIVER,
        Kind.CREDENTIAL_EXPIRED,
    }
)

REVIEWED_AS = {Kind.UNKNOWN_ACTION: "UNMAPPED", Kind.UNKNOWN_REASON: "REASON", Kind.CONTRADICTION: "CONTRADICT"}


@dataclass(slots=True)
class Order:
    """Misbehave so at the next ``count`` messages (None: until reset) of that payer and verb, if any are named."""

    kind: Kind
    count: int | None = None
    payer: str | None = None
    verb: str | None = None
    seconds: float = 5.0
    code: str = ""


class Orders:
    """The orders in force; the oldest that fits is obeyed."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def give(self, order: Order) -> None:
        self._orders.append(order)

    def clear(self) -> None:
        self._orders.clear()

    def next(self, payer: str, verb: str) -> Order | None:
        for order in self._orders:
            if order.payer in (None, payer) and order.verb in (None, verb):
                return self._spend(order)
        return None

    def next_before_reading(self) -> Order | None:
        """Only what needs no knowledge of the message: such orders name neither payer nor verb."""
        for order in self._orders:
            if order.kind in (Kind.DOWN, Kind.CLOSE) and order.payer is None and order.verb is None:
                return self._spend(order)
        return None

    def _spend(self, order: Order) -> Order:
        if order.count is not None:
            order.count -= 1
            if order.count <= 0:
                self._orders.remove(order)
        return order

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders)
