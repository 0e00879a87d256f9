"""From the body of a POST to what is to be sent back: carriage, then desk, then whatever misbehaviour is ordered.

Knows no socket: a ``Delivery`` says what ``server`` must do with the connection.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.simulators.carriage import SOAP, Carriage, Wrapped
from conformance.simulators.clock import Clock, timestamp
from conformance.simulators.desk import Desk, Duplicates, Heard, Said
from conformance.simulators.envelope import CoreError, Credentials, SoapFault
from conformance.simulators.interchange import NoInterchange
from conformance.simulators.members import member_named
from conformance.simulators.misbehaviour import REVIEWED_AS, UNRECORDED, Kind, Order, Orders
from conformance.simulators.payers import PAYERS
from conformance.simulators.submission import APPEALS, CANCEL

_HTML = b"<!DOCTYPE html><html><head><title>Notice</title></head><body><p>We are working on it.</p></body></html>"
_GARBAGE = bytes(range(256)) * 3
_TYPES = {
    "005010X217": "X12_278_Response_005010X217E1_2",
    "005010X215": "X12_278_Response_005010X215",
    "005010X216": "X12_278_Response_005010X216",
    "005010X231A1": "X12_999_Response_005010X231A1",
    "": "X12_TA1_Response_00501X231A1",
}
CHALLENGE = 'Bearer realm="payer", error="invalid_token"'
_LOG_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """``then`` is what is done to the connection besides sending this, after ``seconds`` where it waits."""

    status: int
    body: bytes
    content_type: str
    encoding: str = ""
    then: Kind | None = None
    seconds: float = 0.0
    location: str = ""
    challenge: str = ""
    """WWW-Authenticate, where the caller must show other credentials."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One exchange as it was on the wire. Kept in memory only: the newest ``log_size``, and no more than 64 MB."""

    number: int
    at: float
    received: bytes
    sent: bytes
    verb: str
    outcome: str

    @property
    def size(self) -> int:
        return len(self.received) + len(self.sent)


class Reception:
    """One clock, one desk, the orders in force and the log. Everything the admin door can see or change."""

    def __init__(
        self,
        clock: Clock,
        credentials: Credentials,
        *,
        duplicates: Duplicates = "ta1",
        slow_seconds: float = 3.0,
        log_size: int = 1000,
    ) -> None:
        self.clock = clock
        self.desk = Desk(clock, duplicates)
        self.orders = Orders()
        self.log: deque[LogEntry] = deque()
        self._log_size = log_size
        self._log_bytes = 0
        self.credentials = credentials
        self._slow_seconds = slow_seconds
        self._heard = 0
        self._payloads: dict[str, bytes] = {}
        self.forgetting: list[Callable[[], None]] = []
        """Called at a reset: what is kept elsewhere of what came in here."""

    def reset(self) -> None:
        """Forget filings, orders and log. The clock is left where it is: time does not go back."""
        self.desk.reset()
        self.orders.clear()
        self.log.clear()
        self._log_bytes = 0
        self._payloads.clear()
        for forget in self.forgetting:
            forget()

    def receive(self, body: bytes, carriage: Carriage = SOAP) -> Delivery:
        verb, outcome = "", ""
        try:
            fields = carriage.read(body, self.credentials)
            heard = self._open(fields)
            verb = heard.verb
            order = self.order(heard)
            delivery, outcome = self._deliver(heard, fields, order, carriage)
        except SoapFault as fault:
            delivery, outcome = _sent(carriage, carriage.fail(fault)), f"fault {fault.code}"
        except CoreError as error:
            delivery, outcome = self._refuse(error, carriage), f"core {error.code}"
        self.keep(body, delivery, verb, outcome)
        return delivery

    def keep(self, body: bytes, delivery: Delivery, verb: str, outcome: str) -> None:
        """Put an exchange into the log."""
        self._heard += 1
        entry = LogEntry(self._heard, self.clock.now(), body, delivery.body, verb, outcome)
        self.log.append(entry)
        self._log_bytes += entry.size
        while len(self.log) > self._log_size or self._log_bytes > _LOG_BYTES:
            self._log_bytes -= self.log.popleft().size

    def before_reading(self) -> Delivery | None:
        """An order that is obeyed without reading what was sent."""
        order = self.orders.next_before_reading()
        return page(order.kind, 503) if order else None

    def _open(self, fields: dict[str, str]) -> Heard:
        payload = fields["Payload"]
        digest = hashlib.sha256(payload.encode()).digest()
        if self._payloads.get(fields["PayloadID"], digest) != digest:
            raise CoreError("PayloadIDIllegal", "This PayloadID came before with another payload.", fields)
        try:
            heard = self.desk.read(payload.encode().decode("latin-1"), PAYERS[fields["ReceiverID"]])
        except NoInterchange as fault:
            raise CoreError("PayloadIllegal", f"Not a real-time payload: {fault}.", fields) from None
        if not _is_of_type(heard, fields["PayloadType"]):
            raise CoreError("PayloadTypeIllegal", "The payload is not of the PayloadType.", fields)
        return heard

    def order(self, heard: Heard) -> Order | None:
        """The admin's orders first; then what the member id asks for."""
        order = self.orders.next(heard.payer.id, heard.verb)
        if heard.verb != "request" or heard.submission is None or heard.submission.certification == CANCEL:
            return order
        member = member_named(heard.member)
        appeals = heard.submission.certification in APPEALS
        seen = self.desk.filings.appeals if appeals else self.desk.filings.requests
        seen[heard.payer.id, heard.member] += 1
        first = member.first_appeal if appeals else member.first
        kind = first if seen[heard.payer.id, heard.member] == 1 else None
        kind = kind or member.always
        return order or (Order(kind, seconds=self._slow_seconds) if kind else None)

    def _deliver(
        self, heard: Heard, fields: dict[str, str], order: Order | None, carriage: Carriage
    ) -> tuple[Delivery, str]:
        kind = order.kind if order else None
        if order is not None and kind in UNRECORDED:
            return self._unrecorded(heard, fields, order, carriage), f"misbehaved {kind}"
        self._payloads[fields["PayloadID"]] = hashlib.sha256(fields["Payload"].encode()).digest()
        word = REVIEWED_AS.get(kind) if kind and heard.verb == "request" else None
        said = self.desk.act(heard, word, misdirected=kind is Kind.WRONG_CORRELATION)
        if order is None:
            return self._answer(said, fields, carriage), said.outcome
        return self._recorded(said, fields, order, carriage), f"{said.outcome}, misbehaved {kind}"

    def _answer(
        self, said: Said, fields: dict[str, str], carriage: Carriage, *, otherwise: bool = False, other: str = ""
    ) -> Delivery:
        wrapped = carriage.answer(
            fields, self._timestamp(), _TYPES[said.guide], said.text, otherwise=otherwise, payload_id=other
        )
        return _sent(carriage, wrapped)

    def _timestamp(self) -> str:
        return timestamp(self.clock.now())

    def _refuse(self, error: CoreError, carriage: Carriage) -> Delivery:
        return _sent(carriage, carriage.refuse(error, self._timestamp()))

    def _unrecorded(self, heard: Heard, fields: dict[str, str], order: Order, carriage: Carriage) -> Delivery:
        match order.kind:
            case Kind.GUIDE_REJECT if heard.interchange is not None:
                return self._answer(self.desk.reject_guide(heard), fields, carriage)
            case Kind.GUIDE_REJECT | Kind.INTERCHANGE_REJECT:
                return self._answer(self.desk.reject_interchange(heard, order.code), fields, carriage)
            case Kind.NUMBER_USED:
                return self._answer(self.desk.reject_interchange(heard, "025"), fields, carriage)
            case Kind.UNAVAILABLE if heard.interchange is not None:
                return self._answer(self.desk.turn_away(heard), fields, carriage)
            case Kind.TOO_MANY:
                return page(order.kind, 429)
            case Kind.CORE_ENVELOPE_ERROR:
                error = CoreError(order.code or "Receiver", "The message was not processed.", fields)
                return self._refuse(error, carriage)
            case Kind.SOAP_FAULT_RECEIVER:
                return _sent(carriage, carriage.fail(SoapFault("Receiver", "The message could not be processed.")))
            case Kind.CREDENTIAL_EXPIRED:
                return Delivery(401, b"", carriage.media, challenge=CHALLENGE)
            case Kind.HTML_200:
                return page(order.kind, 200)
            case Kind.LOST:
                return Delivery(200, b"", carriage.media, then=Kind.LOST)
            case _:
                return page(order.kind, 503)

    def _recorded(self, said: Said, fields: dict[str, str], order: Order, carriage: Carriage) -> Delivery:
        match order.kind:
            case Kind.QUALIFIED_CHILDREN:
                return self._answer(said, fields, carriage, otherwise=True)
            case Kind.WRONG_CORRELATION:
                return self._answer(said, fields, carriage, other="00000000-0000-4000-8000-00000000000f")
            case _:
                return spoilt(self._answer(said, fields, carriage), order)


def spoilt(delivery: Delivery, order: Order) -> Delivery:
    """The answer to what is on file, as the order has it on the wire."""
    match order.kind:
        case Kind.HTML_AFTER_RECORDING:
            return page(order.kind, 200)
        case Kind.GARBAGE:
            return replace(delivery, body=_GARBAGE)
        case Kind.GZIP_GARBAGE:
            return replace(delivery, body=_GARBAGE, encoding="gzip")
        case Kind.EMPTY:
            return replace(delivery, body=b"")
        case Kind.CREDENTIAL_EXPIRED_AFTER_RECORDING:
            return replace(delivery, status=401, challenge=CHALLENGE)
        case Kind.BYTE_ORDER_MARK:
            return replace(delivery, body=b"\xef\xbb\xbf" + delivery.body)
        case _:
            return replace(delivery, then=order.kind, seconds=order.seconds)


def page(kind: Kind, status: int) -> Delivery:
    """What a gateway in front of the payer shows to people."""
    return Delivery(status, _HTML, "text/html; charset=utf-8", then=kind if kind is Kind.CLOSE else None)


def _sent(carriage: Carriage, wrapped: Wrapped) -> Delivery:
    status, body = wrapped
    return Delivery(status, body, carriage.media)


def _is_of_type(heard: Heard, payload_type: str) -> bool:
    """CORE publishes no PayloadType for X215: an inquiry may come under X217's."""
    if heard.interchange is None or heard.interchange.gs[8] not in ("005010X217", "005010X215", "006020X316"):
        return True
    guide = heard.interchange.guide
    return guide[6:] in payload_type.upper() or (guide.endswith("X215") and "X217" in payload_type.upper())
