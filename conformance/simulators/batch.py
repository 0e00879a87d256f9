"""CAQH CORE vC2.2.0 batch: a mailbox for each batch, from which acknowledgement and results are fetched by PayloadID.

A submission is taken by the reception as any other message is; only its answers wait here until they are fetched.
Results that were confirmed can be fetched again until newer ones come, as CORE recommends for a month; by order they
are gone at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aiohttp import web

from conformance.simulators.answer import Reply278
from conformance.simulators.batch_wire import (
    ACKNOWLEDGEMENT,
    CONFIRM,
    RESULTS,
    SUBMIT,
    Answer,
    BatchCarriage,
    opened_operation,
)
from conformance.simulators.carriage import Carriage
from conformance.simulators.clock import timestamp
from conformance.simulators.desk import somebody_elses
from conformance.simulators.door import Opened
from conformance.simulators.envelope import CoreError, Credentials, SoapFault
from conformance.simulators.filings import Filing
from conformance.simulators.findings import Findings
from conformance.simulators.members import Refusal
from conformance.simulators.misbehaviour import UNRECORDED, Kind, Order
from conformance.simulators.payers import PAYERS, Payer
from conformance.simulators.reception import Delivery, Reception, page, spoilt
from conformance.simulators.submission import Submission
from conformance.simulators.wrapping import Outbox

ACKNOWLEDGED_AFTER, RESULTS_AFTER = 1.0, 3.0
"""Virtual seconds from a submission to each. CORE gives an hour to the first and days to the second."""

_VERBS = {ACKNOWLEDGEMENT: "acknowledgement", RESULTS: "results", CONFIRM: "confirmation"}
_TAKEN = "X12_BatchReceiptConfirmation"
_CONFIRMED = "X12_Response_ConfirmReceiptReceived"
_NOTHING = {
    ACKNOWLEDGEMENT: "X12_005010_Response_NoBatchAckFile",
    RESULTS: "X12_005010_Response_NoBatchResultsFile",
}


@dataclass(slots=True)
class _Box:
    """One batch. ``told`` is the decision that its last file gave; ``waiting`` says that this is not confirmed."""

    at: float
    payer: Payer
    acknowledgement: str
    file: str = ""
    waiting: bool = False
    asked: Submission | None = None
    filing: Filing | None = None
    told: object = None


@dataclass
class Batches:
    """Stands where a reception stands, for the messages of a batch."""

    reception: Reception
    credentials: Credentials
    _boxes: dict[str, _Box] = field(default_factory=dict)
    _outbox: Outbox = field(default_factory=Outbox)
    confirmed: list[str] = field(default_factory=list)
    """PayloadIDs whose results were confirmed, in order."""

    def __post_init__(self) -> None:
        self.reception.forgetting.append(self.forget)

    def forget(self) -> None:
        self._boxes.clear()
        self.confirmed.clear()

    def open(self, request: web.Request) -> Opened:
        opened = opened_operation(request)
        return opened if isinstance(opened, web.Response | Delivery) else BatchCarriage(*opened, self._keep)

    def before_reading(self) -> Delivery | None:
        return self.reception.before_reading()

    def receive(self, body: bytes, carriage: Carriage) -> Delivery:
        if not isinstance(carriage, BatchCarriage) or carriage.operation == SUBMIT:
            return self.reception.receive(body, carriage)
        verb, outcome = _VERBS[carriage.operation], "answered"
        try:
            fields = carriage.read(body, self.credentials)
            order = self.reception.orders.next(PAYERS[fields["ReceiverID"]].id, verb)
            delivery = self._deliver(fields, carriage, order)
        except SoapFault as fault:
            delivery, outcome = _sent(carriage, carriage.fail(fault)), f"fault {fault.code}"
        except CoreError as error:
            delivery, outcome = _sent(carriage, carriage.refuse(error, self._now())), f"core {error.code}"
        self.reception.keep(body, delivery, verb, outcome)
        return delivery

    def _deliver(self, fields: dict[str, str], carriage: BatchCarriage, order: Order | None) -> Delivery:
        kind = order.kind if order else None
        if kind in UNRECORDED:
            lost = Delivery(200, b"", carriage.media, then=Kind.LOST)
            return lost if kind is Kind.LOST else page(kind or Kind.DOWN, 503)
        box = self._boxes.get(fields["PayloadID"])
        if box is None or kind is Kind.UNKNOWN_BATCH:
            raise CoreError("PayloadIDIllegal", "No batch of this PayloadID is known here.", fields)
        answer = self._answer(fields, carriage.operation, box, kind)
        wrapped = carriage.write(fields, self._now(), answer, otherwise=kind is Kind.QUALIFIED_CHILDREN)
        delivery = _sent(carriage, (200, wrapped))
        if kind is Kind.CONFIRMED_GONE:
            return replace(delivery, then=Kind.LOST)
        return spoilt(delivery, order) if order is not None and kind not in _IN_THE_ANSWER else delivery

    def _answer(self, fields: dict[str, str], operation: str, box: _Box, kind: Kind | None) -> Answer:
        since = self.reception.clock.now() - box.at
        if operation == CONFIRM:
            if not fields["Payload"].startswith("ISA") or "AK9" not in fields["Payload"]:
                raise CoreError("PayloadIllegal", "Results are confirmed with a 999.", fields)
            box.waiting = False
            if kind is Kind.CONFIRMED_GONE:
                box.file = ""
            self.confirmed.append(fields["PayloadID"])
            return Answer(_CONFIRMED)
        if operation == ACKNOWLEDGEMENT:
            text = box.acknowledgement if since >= ACKNOWLEDGED_AFTER else ""
            name = "X12_999_Response_005010X231A1"
        else:
            text, name = self._results(box, kind) if since >= RESULTS_AFTER else "", "X12_278_Response_005010X217E1_2"
        if not text or kind is Kind.NO_FILE:
            return Answer(_NOTHING[operation])
        return Answer(name, text.encode("latin-1"), kind is Kind.WRONG_CHECKSUM, kind is Kind.BROKEN_REFERENCE)

    def _results(self, box: _Box, kind: Kind | None) -> str:
        """The file of a batch. One that was confirmed gives way to another once the decision is another."""
        now = self.reception.clock.now()
        if box.filing is not None and box.asked is not None and not box.waiting:
            decision = box.filing.decision(now)
            if decision is not box.told:
                reply = Reply278(box.payer, box.asked, now, box.filing, decision)
                box.file = self._outbox.group(box.payer, "HI", reply.guide, reply.segments(), now)
                box.waiting, box.told = True, decision
        if kind is Kind.RESULTS_TWICE:
            return box.file + box.file
        if kind is Kind.OTHERS_RESULTS and box.asked is not None:
            stranger = somebody_elses(Reply278(box.payer, box.asked, now, refusal=Refusal("2000A", "42", "P")))
            return self._outbox.group(box.payer, "HI", stranger.guide, stranger.segments(), now) + box.file
        return box.file

    def _keep(self, fields: dict[str, str], kind: str, payload: str) -> Answer:
        """What a submission was answered with waits in its box; that it was taken goes back at once."""
        payer, now = PAYERS[fields["ReceiverID"]], self.reception.clock.now()
        heard = self.reception.desk.read(fields["Payload"], payer)
        box = self._boxes[fields["PayloadID"]] = _Box(now, payer, payload)
        if "_278_" in kind and heard.interchange is not None:
            accepted = self._outbox.implementation_acknowledgment(payer, heard.interchange, Findings(), now)
            box.acknowledgement, box.file, box.waiting = accepted, payload, True
            asked = heard.submission
            filing = self.reception.desk.filings.named(payer, asked.names) if asked else None
            if asked is not None and filing is not None:
                box.asked, box.filing, box.told = asked, filing, filing.decision(now)
        order = self.reception.orders.next(payer.id, "receipt")
        if order is not None and order.kind is Kind.ACKNOWLEDGED_AT_ONCE:
            return Answer("X12_999_Response_005010X231A1", box.acknowledgement.encode("latin-1"))
        return Answer(_TAKEN)

    def _now(self) -> str:
        return timestamp(self.reception.clock.now())


_IN_THE_ANSWER = frozenset(
    {
        Kind.QUALIFIED_CHILDREN,
        Kind.UNKNOWN_BATCH,
        Kind.CONFIRMED_GONE,
        Kind.NO_FILE,
        Kind.WRONG_CHECKSUM,
        Kind.BROKEN_REFERENCE,
        Kind.RESULTS_TWICE,
        Kind.OTHERS_RESULTS,
    }
)


def _sent(carriage: BatchCarriage, wrapped: tuple[int, bytes]) -> Delivery:
    return Delivery(wrapped[0], wrapped[1], carriage.media)
