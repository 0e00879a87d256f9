"""What PBMs have to say by themselves: numbered, written, and kept until it was taken. Where it misbehaves is decided
here; the sending over a socket is ``postman``'s.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import Any

from lxml import etree

from conformance.simulators.clock import Clock
from conformance.simulators.pbm import writing
from conformance.simulators.pbm.envelope import Asker
from conformance.simulators.pbm.misbehaviour import SENDINGS, Kind, Order, Orders
from conformance.simulators.pbm.partners import Pbm

_MAILBOX = "GWBOX1"
_HELD = 5.0
_OVERSIZE = 12_000_000
_STRANGE = b"<StructureNobodyKnows><Inside>1</Inside></StructureNobodyKnows>"
_UNNAMED = {(Kind.NO_REFERENCE, "PAInitiationResponse"), (Kind.CASE_ONLY, "PAResponse")}
_OLD = b'<Message xmlns="http://www.ncpdp.org/schema/transport" '


class State(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    UNSENT = "unsent"


@dataclass(slots=True)
class Sending:
    """A message and what became of it. ``due`` is the moment of the next attempt."""

    pbm: Pbm
    reference: str
    name: str
    id: str
    body: bytes
    due: float
    state: State = State.WAITING
    attempts: int = 0
    order: Order | None = None
    replies: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        return {
            "pbm": self.pbm.id,
            "reference": self.reference,
            "message": self.name,
            "message_id": self.id,
            "state": self.state,
            "attempts": self.attempts,
            "replies": self.replies,
            "misbehaviour": self.order.kind if self.order else None,
        }


class Outbox:
    def __init__(self, clock: Clock, orders: Orders) -> None:
        self._clock = clock
        self._orders = orders
        self.forget()

    def forget(self) -> None:
        """Numbers start anew under another run's token: a gateway may remember those of before."""
        self._run = secrets.token_hex(4)
        self._numbers = count(1)
        self.sendings: list[Sending] = []

    def reply(self, pbm: Pbm, asker: Asker, body: etree._Element) -> bytes:
        """A message that is said at once."""
        return writing.envelope(pbm, asker, self._id(pbm), self._clock.now(), body)

    def put(self, pbm: Pbm, reference: str, asker: Asker, body: etree._Element, sends: Kind | None = None) -> None:
        """A message that waits to be sent or asked for; ``sends`` is how its member has it misbehave."""
        name, number = str(body.tag), self._id(pbm)
        order = self._orders.next(SENDINGS, pbm.id, name) or (Order(sends) if sends else None)
        kind = order.kind if order else None
        if (kind, name) in _UNNAMED:
            for named in body.findall("PAReferenceID"):
                body.remove(named)
        if (kind, name) == (Kind.CASE_ONLY, "PAResponse"):
            asker = replace(asker, message_id="")
        if (kind, name) == (Kind.OTHER_CASE, "PAResponse"):
            for named in body.iter("PACaseID"):
                named.text = "NOTOURS"
        mailbox = None
        if pbm.mailbox:
            mailbox = writing.make(("Mailbox", [("MailboxID", _MAILBOX), ("DeliveredID", f"D{number}")]))
        now = self._clock.now()
        raw = writing.envelope(pbm, asker, number, now, body, mailbox=mailbox)
        sending = Sending(pbm, reference, name, number, _spoilt(raw, kind), now, order=order)
        if order is not None and kind is Kind.LATE:
            sending.due += order.seconds
        if kind is Kind.REORDERED and not any(each.order and each.order.kind is kind for each in self._open(sending)):
            sending.due += _HELD
        if kind is Kind.UNSENT:
            sending.state = State.UNSENT
        self.sendings.append(sending)

    def due(self) -> Iterator[Sending]:
        """What may be sent now to a door: of one case, one after the other."""
        busy: set[tuple[str, str]] = set()
        for sending in tuple(self.sendings):
            key = (sending.pbm.id, sending.reference)
            if sending.pbm.mailbox or sending.state is not State.WAITING or key in busy:
                continue
            held = sending.order is not None and sending.order.kind in (Kind.REORDERED, Kind.LATE)
            if sending.due > self._clock.now():
                if not held:
                    busy.add(key)
                continue
            busy.add(key)
            yield sending

    def delivered(self, sending: Sending) -> None:
        """It was taken: what was held behind it goes now, and what comes twice comes again."""
        sending.state = State.DELIVERED
        kind = sending.order.kind if sending.order else None
        now = self._clock.now()
        for other in self._open(sending):
            if other.order is not None and other.order.kind is Kind.REORDERED:
                other.due = now
        if kind in (Kind.TWICE, Kind.CHANGED):
            body = sending.body if kind is Kind.TWICE else _changed(sending.body)
            again = replace(sending, body=body, due=now, state=State.WAITING, attempts=0, order=None, replies=[])
            self.sendings.append(again)

    def waits(self, pbm: Pbm) -> bool:
        return self._next(pbm) is not None

    def collect(self, pbm: Pbm, acknowledged: str) -> bytes | None:
        """The next message of a mailbox, after what was acknowledged is taken out of it."""
        for sending in tuple(self.sendings):
            if sending.pbm is pbm and sending.state is State.WAITING and acknowledged == f"D{sending.id}":
                self.delivered(sending)
                break
        sending_next = self._next(pbm)
        if sending_next is None:
            return None
        sending_next.attempts += 1
        return sending_next.body

    def _next(self, pbm: Pbm) -> Sending | None:
        now = self._clock.now()
        ready = (each for each in self.sendings if each.pbm is pbm and each.state is State.WAITING and each.due <= now)
        return min(ready, key=lambda each: each.due, default=None)

    def _open(self, sending: Sending) -> list[Sending]:
        key = (sending.pbm, sending.reference)
        return [each for each in self.sendings if (each.pbm, each.reference) == key and each.state is State.WAITING]

    def _id(self, pbm: Pbm) -> str:
        return f"{pbm.prefix}{self._run}{next(self._numbers):08d}"


def _changed(raw: bytes) -> bytes:
    return raw.replace(b"Simulated PBM", b"Simulated PBM 2")


def _spoilt(raw: bytes, kind: Kind | None) -> bytes:
    match kind:
        case Kind.NAMESPACED:
            return raw.replace(b"<Message ", _OLD, 1).replace(writing.VERSION.encode(), b"2013101")
        case Kind.WRONG_VERSION:
            return raw.replace(writing.VERSION.encode(), b"20230115")
        case Kind.UNKNOWN_ELEMENTS:
            return raw.replace(b"</Header>", _STRANGE + b"</Header>", 1).replace(b"</Body>", _STRANGE + b"</Body>", 1)
        case Kind.OVERSIZED:
            return raw.replace(b"</Message>", b" " * _OVERSIZE + b"</Message>", 1)
        case Kind.BROKEN:
            return raw[: len(raw) // 2]
    return raw
