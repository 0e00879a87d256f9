"""The channel script_epa as the gateway sees it: requests to a pharmacy benefit manager, and messages that come.

What is heard in the reply to a request is only whether the partner has it. Every decision comes later, to our door or
by asking a mailbox, and is heard as a letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from adapters.script_epa import door, post
from adapters.script_epa.asking.requests import (
    Written,
    write_answers,
    write_appeal,
    write_cancellation,
    write_initiation,
)
from adapters.script_epa.codec.envelope import MEDIA_TYPE, derived, receive
from adapters.script_epa.codec.schema import Schema, approve, read_schema
from adapters.script_epa.hearing.replies import read_reply
from adapters.script_epa.settings import ConnectionSettings, PayerSettings, address_to, connection_settings
from adapters.script_epa.tables import CODE_ANCHORS, CODE_TABLES
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.contract.guides import SchemaFiles
from gateway.contract.inbound import Message, Partner, Said
from gateway.contract.mailbox import Letter, Placed, Posted, Saying, Spot
from gateway.model.outcome import Answer, Outcome, Reference
from gateway.model.record import Record
from gateway.model.request import PARequest


class ElectronicPriorAuthorization:
    """Implements ``Adapter``, ``Correspondent``, ``Doorkeeper``, ``Collector`` and ``Schooled`` of the contract."""

    channel: ClassVar[str] = "script_epa"
    announces: ClassVar[bool] = False
    takes_products: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = PayerSettings
    connection_settings: ClassVar[type[Record]] = ConnectionSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = CODE_TABLES
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = CODE_ANCHORS

    def parties(self, to: Destination) -> tuple[str, str]:
        """From and To of the header."""
        address = address_to(to)
        return address.from_.address, address.to.address

    def repeats(self, to: Destination) -> bool:
        """A message is known by its id: what was lost is said again, byte for byte."""
        return True

    def read_schema(self, files: SchemaFiles) -> Schema:
        return read_schema(files)

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        return (yield from _say(write_initiation(request, to, stamp), Answer.REJECTED, to, stamp))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        if change.kind is ChangeKind.CANCEL:
            return (yield from _say(write_cancellation(filed, change, to, stamp), Answer.CANCEL_REFUSED, to, stamp))
        if change.kind is ChangeKind.APPEAL:
            return (yield from _say(write_appeal(filed, change, to, stamp), Answer.REJECTED, to, stamp))
        raise CannotExpress(
            Inexpressible(
                "/kind",
                "SCRIPT cancels and appeals, and changes nothing that was asked for",
                "Cancel it and send a new request.",
            )
        )

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        return (yield from _say(write_answers(filed, answers, to, stamp), Answer.REJECTED, to, stamp))

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        raise CannotExpress(
            Inexpressible(
                "", "SCRIPT has no question where a request stands", "Wait for the answer, or call the payer."
            )
        )
        yield  # a generator, as every verb

    def registered(self, document: bytes, to: Destination) -> frozenset[str]:
        return post.registered(document)

    def numbers(self, references: Sequence[Reference]) -> frozenset[str]:
        return post.numbers(references)

    def open(self, body: bytes) -> tuple[Letter, ...]:
        return post.opened(body)

    def place(self, letters: Sequence[Letter], known: Sequence[Posted]) -> tuple[Placed, ...]:
        return post.placed(letters, known)

    def answers_inquiries(self, to: Destination) -> bool:
        return False

    def puts_into(self, to: Destination) -> tuple[Spot, ...]:
        return ()

    def hear(self, letters: Sequence[Letter], said: Saying, to: Destination) -> tuple[Outcome, ...]:
        return post.heard(letters, said, to)

    def admit(self, body: bytes, media_type: str, at: Partner, stamp: Stamp) -> Message:
        return door.admit(body, media_type, at, stamp)

    def acknowledge(self, message: Message, at: Partner, stamp: Stamp) -> Said:
        return door.acknowledge(message, at, stamp)

    def contradict(self, message: Message, at: Partner, stamp: Stamp) -> Said:
        return door.contradict(message, at, stamp)

    def collect(self, at: Partner, stamp: Stamp, receipt: str | None) -> Https:
        return door.collect(at, stamp, receipt)

    def collected(self, reply: Reply, at: Partner, stamp: Stamp) -> tuple[Message, str] | None:
        return door.collected(reply, at, stamp)


def _say(written: Written, refusal: Answer, to: Destination, stamp: Stamp) -> Exchange:
    body, losses = written
    _read_back(body)
    approve(body, to.xsd)
    reply = yield Https(
        method="POST",
        url=to.endpoint,
        effect=True,
        headers=(("Content-Type", f"{MEDIA_TYPE}; charset=utf-8"), ("Accept", MEDIA_TYPE)),
        body=(body,),
        document=body,
        document_type=MEDIA_TYPE,
        losses=losses,
        deadline=connection_settings(to.connection_settings).deadline,
    )
    return read_reply(reply, derived(stamp.seed, "message"), stamp, refusal, to)


def _read_back(body: bytes) -> None:
    """Hold what is about to be said against what we can read ourselves. Raises CannotExpress."""
    try:
        receive(body, ours=True)
    except Unreadable as error:
        why = f"{error.what}, as it would be sent"
        raise CannotExpress(
            Inexpressible("", why, "Call the payer, and send a smaller document if there is one.")
        ) from None
