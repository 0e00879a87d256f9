"""The channel as the gateway drives it: a frame out through a carrier, an answer in, an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import pytest

from adapters.x12_278 import ADAPTER
from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused
from adapters.x12_278.settings import ConnectionSettings, PayerSettings, Transaction
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Stamp
from gateway.contract.destination import Destination
from gateway.contract.drive import drive, first_frame
from gateway.contract.errors import CannotExpress, MaybeSent
from gateway.contract.frames import Frame, Https, Loss, Reply
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Word
from gateway.model.status import Attention
from tests.x12_material import LATER, STAMP, destination, filed, line, request, response


@dataclass
class Plain:
    """A carrier without an envelope. A reply of status 400 is a refused one."""

    carried: list[tuple[Transaction, bool]]

    def wrap(
        self,
        interchange: bytes,
        transaction: Transaction,
        effect: bool,
        losses: Sequence[Loss],
        to: Destination,
        stamp: Stamp,
    ) -> Https:
        self.carried.append((transaction, effect))
        return Https("POST", to.endpoint, effect, body=(interchange,), document=interchange, losses=tuple(losses))

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        if reply.status == 400:
            raise EnvelopeRefused("SenderIDIllegal", "who are you")
        if reply.status == 500:
            raise MaybeSent("the payer's server failed")
        return reply.body


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Plain:
    plain = Plain([])
    monkeypatch.setattr("adapters.x12_278.adapter.CARRIERS", {"core_soap": plain})
    return plain


def talk(exchange: Exchange, *replies: Reply) -> Outcome:
    left = list(replies)

    def say(_: Frame) -> Reply:
        return left.pop(0)

    return drive(exchange, say)


APPROVAL = response("UM*HS*I", "HCR*A1*AUTH1")
DOCUMENT = {
    "id": "path-1",
    "kind": "pathology_report",
    "title": "Pathology report",
    "media_type": "application/pdf",
    "content": "JVBERi0xLjc=",
}


def exchanges() -> dict[str, Exchange]:
    about = filed(request(attachments=[DOCUMENT]))
    return {
        "submit": ADAPTER.submit(request(), destination(), STAMP),
        "cancel": ADAPTER.amend(about, Change(kind=ChangeKind.CANCEL), destination(), LATER),
        "answer": ADAPTER.answer(about, Answers(attachments=about.request.attachments), destination(), LATER),
        "inquire": ADAPTER.inquire(about, destination(), LATER),
    }


def test_a_submission_is_one_frame_and_one_answer(carrier: Plain) -> None:
    outcome = talk(ADAPTER.submit(request(), destination(), STAMP), Reply(200, body=APPROVAL))
    assert outcome.answer is Answer.REVIEWED
    assert outcome.document == APPROVAL
    assert carrier.carried == [("278_request", True)]


def test_only_an_inquiry_may_be_said_twice(carrier: Plain) -> None:
    for exchange in exchanges().values():
        first_frame(exchange)
    assert carrier.carried == [("278_request", True), ("278_request", True), ("275", True), ("278_inquiry", False)]


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("submit", Answer.REJECTED),
        ("cancel", Answer.CANCEL_REFUSED),
        ("answer", Answer.REJECTED),
        ("inquire", Answer.REJECTED),
    ],
)
def test_a_refused_envelope_is_a_rejection_for_an_operator(carrier: Plain, verb: str, answer: Answer) -> None:
    outcome = talk(exchanges()[verb], Reply(400))
    assert (outcome.answer, outcome.attention) == (answer, Attention.OPERATOR)
    assert [(reason.word, reason.code) for reason in outcome.reasons] == [
        (Word.CHANNEL_NOT_SUPPORTED, "SenderIDIllegal")
    ]
    assert outcome.messages == ("who are you",)
    assert carrier.carried


def test_what_the_carrier_cannot_tell_passes_through(carrier: Plain) -> None:
    with pytest.raises(MaybeSent):
        talk(ADAPTER.submit(request(), destination(), STAMP), Reply(500))


def test_what_cannot_be_said_is_known_before_anything_is_sent(carrier: Plain) -> None:
    with pytest.raises(CannotExpress):
        first_frame(ADAPTER.submit(request(lines=[line("1", "rxnorm")]), destination(), STAMP))
    assert carrier.carried == []


def test_the_frame_carries_the_losses(carrier: Plain) -> None:
    frame = first_frame(ADAPTER.submit(request(note="hello"), destination(), STAMP))
    assert {loss.pointer for loss in frame.losses} == {"/coverages/0/line_of_business", "/note"}


def test_numbers_are_unique_between_interchange_sender_and_receiver() -> None:
    assert ADAPTER.parties(destination()) == ("ZZ:SENDER", "ZZ:RECEIVER")


def test_every_carrier_that_settings_may_name_is_there() -> None:
    """Batches and files are conversations of their own, not carriers."""
    named = set(get_args(ConnectionSettings.model_fields["carrier"].annotation))
    assert named | {"core_soap"} == {*CARRIERS, "core_batch", "sftp_x12"}


@pytest.mark.parametrize(
    "over",
    [
        {"company_id": "123"},
        {"element_delimiter": "A"},
        *({f"{which}_delimiter": mark} for which in ("element", "component", "segment") for mark in "+-./="),
        {"element_delimiter": "\x1d"},
        {"element_delimiter": ":"},
        {"username_secret": "core-user"},
        {"isa_sender_id": "THIS-IS-LONGER-THAN-15"},
        {"isa_sender_id": "A*B"},
        *({"deadline": value} for value in (0, 0.0001, "10", True)),
        {"core_sender_id": "A\x07B"},
        {"unheard_of": 1},
    ],
)
def test_connection_settings_are_strict(over: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ConnectionSettings"):
        destination(connection=over)


@pytest.mark.parametrize(
    "over",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc"},
        *({"umo_id": value} for value in ("1", "EVER*GREEN~", "EVER:GREEN", "EVER^GREEN", "EVERGRÜN", "A\tB", "A\nB")),
        {"umo_name": "EVER\x07GREEN"},
        *({name: value} for name in ("max_lines", "max_diagnoses") for value in (True, "10", 3.0)),
        {"max_diagnoses": 13},
        {"attachments": "fax"},
    ],
)
def test_payer_settings_are_strict(over: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="PayerSettings"):
        destination(payer=over)


def test_settings_of_another_channel_are_a_mistake_of_ours() -> None:
    to = destination()
    swapped = to.model_copy(update={"payer_settings": to.connection_settings, "connection_settings": to.payer_settings})
    with pytest.raises(TypeError):
        first_frame(ADAPTER.submit(request(), swapped, STAMP))
    assert isinstance(to.payer_settings, PayerSettings)
