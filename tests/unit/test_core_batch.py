"""The batch carrier: what it writes, length and sum included, and what it makes of every kind of reply."""

from __future__ import annotations

import base64
import hashlib
from email.parser import BytesParser
from typing import Any

import pytest
from lxml import etree

from adapters.x12_278.carriers import core_batch
from adapters.x12_278.carriers.refusal import EnvelopeRefused
from conformance.simulators.batch_wire import ACKNOWLEDGEMENT, RESULTS, SUBMIT, Answer, BatchCarriage
from conformance.simulators.envelope import CoreError, Credentials, SoapFault
from gateway.contract.destination import Destination
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Reply, Secret
from tests.unit.test_core_soap import STAMP, X12, destination

KNOWN = Credentials("user & co", "pass<word")
SECRETS = {"core-username": b"user &amp; co", "core-password": b"pass&lt;word"}
LATER = STAMP.model_copy(update={"number": 77, "seed": "f" * 32})


def to(**batch: Any) -> Destination:
    """A connection of the partners that the simulator knows."""
    names = {"core_sender_id": "PAYERGW", "core_receiver_id": "GOLDENROD"}
    secrets = {"username_secret": "core-username", "password_secret": "core-password"}
    return destination(carrier="core_batch", batch=batch, **names, **secrets)


def wire(frame: Https) -> tuple[bytes, str]:
    body = b"".join(SECRETS[piece.name] if isinstance(piece, Secret) else piece for piece in frame.body)
    return body, next(value for name, value in frame.headers if name == "Content-Type")


def read(frame: Https, operation: str) -> dict[str, str]:
    """The fields, as the strict reader of the simulated payers has them."""
    body, kind = wire(frame)
    return BatchCarriage(operation, kind, lambda *_: Answer("")).read(body, KNOWN)


def answer(operation: str, told: Answer, *, otherwise: bool = False, status: int = 200, **error: str) -> Reply:
    carriage = BatchCarriage(operation, "", lambda *_: told)
    code = (error.get("code", "Success"), "None")
    asked = {"PayloadID": "0", "SenderID": "S", "ReceiverID": "R"}
    body = carriage.write(asked, "2026-11-22T10:00:00Z", told, code, otherwise=otherwise)
    return Reply(status, (("content-type", carriage.media),), body)


@pytest.mark.proves("BA-01", "BA-02")
@pytest.mark.parametrize("payload", ["mtom", "inline"])
@pytest.mark.parametrize("document", [X12, b"ISA*\r\n--part-\x1c\x1d\xff~\r\n"])
def test_a_submission_counts_and_sums_what_is_decoded(payload: str, document: bytes) -> None:
    frame = core_batch.submission(document, "278_request", (), to(payload=payload), STAMP)
    fields = read(frame, SUBMIT)
    assert frame.effect
    assert frame.document == document
    assert fields["Payload"].encode("latin-1") == document
    assert fields["PayloadLength"] == str(len(document))
    assert fields["CheckSum"] == hashlib.sha1(document).hexdigest()  # noqa: S324 - what vC2.2.0 asks for
    assert fields["PayloadID"] == core_batch.batch_id(STAMP)
    assert (document in wire(frame)[0]) is (payload == "mtom")


@pytest.mark.proves("BA-02")
@pytest.mark.parametrize("checksum", ["sha256", "sha512"])
def test_a_partner_may_want_a_stronger_sum(checksum: str) -> None:
    frame = core_batch.submission(X12, "278_request", (), to(checksum=checksum, payload="inline"), STAMP)
    found = etree.fromstring(wire(frame)[0]).findtext(".//CheckSum")
    assert found == hashlib.new(checksum, X12).hexdigest()
    with pytest.raises(CoreError, match="SHA-1"):
        read(frame, SUBMIT)


@pytest.mark.proves("BA-03")
def test_the_message_of_parts_is_one_for_the_standard_librarys_reader_too() -> None:
    body, kind = wire(core_batch.submission(X12, "278_request", (), to(), STAMP))
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    root, payload = message.get_payload()  # type: ignore[misc]
    assert message.get_param("start") == root["Content-ID"]  # type: ignore[union-attr]
    assert payload.get_payload(decode=True) == X12  # type: ignore[union-attr]
    assert message.get_param("type") == root.get_content_type() == "application/xop+xml"  # type: ignore[union-attr]


def test_a_boundary_that_stands_in_the_payload_is_not_used() -> None:
    name = core_batch.batch_id(STAMP)
    document = b"ISA\r\n--part-" + name.encode() + b"-0--\r\n"
    assert read(core_batch.submission(document, "278_request", (), to(), STAMP), SUBMIT)["Payload"].encode() == document


@pytest.mark.parametrize(("about", "operation"), [("acknowledgement", ACKNOWLEDGEMENT), ("results", RESULTS)])
def test_a_question_names_the_batch_by_what_filed_it_and_carries_nothing(
    about: core_batch.Question, operation: str
) -> None:
    frame = core_batch.question(about, STAMP, to(), LATER)
    fields = read(frame, operation)
    assert not frame.effect
    assert fields["PayloadID"] == core_batch.batch_id(STAMP) != core_batch.batch_id(LATER)
    assert not {"Payload", "PayloadLength", "CheckSum"} & fields.keys()


def test_a_receipt_says_that_the_batch_was_taken() -> None:
    assert core_batch.read_receipt(answer(SUBMIT, Answer("X12_BatchReceiptConfirmation")), to()) is None
    assert core_batch.read_receipt(Reply(202), to()) is None
    told = Answer("X12_BatchReceiptConfirmation", b"no X12", wrong_sum=True)
    assert core_batch.read_receipt(answer(SUBMIT, told), to()) is None


@pytest.mark.parametrize("otherwise", [False, True])
def test_x12_that_comes_with_a_receipt_is_not_thrown_away(otherwise: bool) -> None:
    told = answer(SUBMIT, Answer("X12_999_Response_005010X231A1", X12), otherwise=otherwise)
    assert core_batch.read_receipt(told, to()) == X12


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503), MaybeSent),
        (Reply(429), NotSent),
        (Reply(401), NeedsPerson),
        (Reply(200, (("content-type", "text/html"),), b"<html></html>"), Unreadable),
        (answer(SUBMIT, Answer("CoreEnvelopeError"), code="Receiver"), MaybeSent),
        (answer(SUBMIT, Answer("CoreEnvelopeError"), code="UnAuthorized"), NeedsPerson),
        (answer(SUBMIT, Answer("CoreEnvelopeError")), MaybeSent),
        (answer(SUBMIT, Answer("CoreEnvelopeError"), code="ChecksumMismatched"), EnvelopeRefused),
        (answer(SUBMIT, Answer("X12_278", X12), code="ChecksumMismatched"), Unreadable),
        (answer(RESULTS, Answer("X12_BatchReceiptConfirmation")), Unreadable),
    ],
)
def test_only_what_says_so_is_a_receipt(reply: Reply, error: type[Exception]) -> None:
    with pytest.raises(error):
        core_batch.read_receipt(reply, to())


@pytest.mark.proves("BA-03")
@pytest.mark.parametrize("otherwise", [False, True])
def test_a_file_comes_as_a_part_or_as_base64(otherwise: bool) -> None:
    reply = answer(RESULTS, Answer("X12_278_Response_005010X217E1_2", X12), otherwise=otherwise)
    assert core_batch.read_file(reply, "results", to()) == X12


@pytest.mark.proves("BA-05")
@pytest.mark.parametrize("kind", ["X12_005010_Response_NoBatchResultsFile", "x12_005010_response_nobatchackfile"])
def test_that_there_is_nothing_yet_is_no_error(kind: str) -> None:
    assert core_batch.read_file(answer(RESULTS, Answer(kind)), "results", to()) is None


def test_a_partner_may_have_names_of_its_own() -> None:
    own = to(payload_types={"results": "Ask", "no_results": "Nothing"})
    assert b"<PayloadType>Ask</PayloadType>" in wire(core_batch.question("results", STAMP, own, LATER))[0]
    assert core_batch.read_file(answer(RESULTS, Answer("nothing")), "results", own) is None
    with pytest.raises(Unreadable):
        core_batch.read_file(answer(RESULTS, Answer("nothing")), "results", to())


@pytest.mark.parametrize(
    "told", [Answer("X12_278", X12, wrong_sum=True), Answer("X12_278", X12, broken=True), Answer("X12_278")]
)
def test_a_file_that_is_not_what_its_envelope_says_is_not_read(told: Answer) -> None:
    with pytest.raises(Unreadable):
        core_batch.read_file(answer(RESULTS, told), "results", to())


@pytest.mark.parametrize("wrong", [b"!!!!", b"QQ", base64.b64encode(X12)[:-2], "é".encode()])
def test_base64_that_is_none_is_not_guessed_at(wrong: bytes) -> None:
    reply = answer(RESULTS, Answer("X12_278", X12), otherwise=True)
    spoilt = reply.body.replace(base64.b64encode(X12), wrong)
    with pytest.raises(Unreadable):
        core_batch.read_file(Reply(200, reply.headers, spoilt), "results", to())


@pytest.mark.proves("BA-01")
@pytest.mark.parametrize("otherwise", [False, True])
def test_a_length_that_is_another_or_no_number_is_not_believed_nor_logged(
    otherwise: bool, caplog: pytest.LogCaptureFixture
) -> None:
    reply = answer(RESULTS, Answer("X12_278", X12), otherwise=otherwise)
    right = f"PayloadLength>{len(X12)}<".encode()
    assert right in reply.body
    for length in (b"1", b"TESTPERSON", b"", b"\xc2\xb2", b"9" * 5000):
        spoilt = Reply(200, reply.headers, reply.body.replace(right, b"PayloadLength>%b<" % length))
        if not length:
            assert core_batch.read_file(spoilt, "results", to()) == X12
            continue
        with pytest.raises(Unreadable, match="PayloadLength"):
            core_batch.read_file(spoilt, "results", to())
    written = Reply(200, reply.headers, reply.body.replace(right, b"PayloadLength> 0%d\n<" % len(X12)))
    assert core_batch.read_file(written, "results", to()) == X12
    assert caplog.text == ""


@pytest.mark.proves("BA-02")
def test_a_sum_in_capitals_is_the_same() -> None:
    reply = answer(RESULTS, Answer("X12_278", X12))
    digest = hashlib.sha1(X12).hexdigest().encode()  # noqa: S324 - as above
    shouted = Reply(200, reply.headers, reply.body.replace(digest, digest.upper()))
    assert core_batch.read_file(shouted, "results", to()) == X12


@pytest.mark.parametrize("about", ["acknowledgement", "results"])
def test_a_batch_that_is_not_known_is_told_from_a_refusal(about: core_batch.Question) -> None:
    operation = ACKNOWLEDGEMENT if about == "acknowledgement" else RESULTS
    with pytest.raises(core_batch.Unknown):
        core_batch.read_file(answer(operation, Answer("CoreEnvelopeError"), code="PayloadIDIllegal"), about, to())
    with pytest.raises(EnvelopeRefused):
        core_batch.read_file(answer(operation, Answer("CoreEnvelopeError"), code="SenderIDIllegal"), about, to())


@pytest.mark.proves("BA-08")
@pytest.mark.parametrize("otherwise", [False, True])
def test_more_than_ten_megabytes_go_and_come(otherwise: bool) -> None:
    document = b"ISA" + bytes(range(33, 127)) * 130_000
    assert len(document) > 12_000_000
    settings = to(payload="inline" if otherwise else "mtom")
    frame = core_batch.submission(document, "278_request", (), settings, STAMP)
    assert read(frame, SUBMIT)["PayloadLength"] == str(len(document))
    reply = answer(RESULTS, Answer("X12_278", document), otherwise=otherwise)
    assert core_batch.read_file(reply, "results", settings) == document


def test_an_envelope_of_endless_tags_is_not_read() -> None:
    body = answer(RESULTS, Answer("X12_278", X12), otherwise=True)
    deep = body.body.replace(b"<core:Payload>", b"<core:Payload>" + b"<a>" * 300)
    with pytest.raises(Unreadable, match="too large"):
        core_batch.read_file(Reply(200, body.headers, deep), "results", to())


@pytest.mark.parametrize("batch", [None, {}])
def test_batch_settings_stand_where_they_are_needed_and_nowhere_else(batch: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match="batch is for the carrier core_batch"):
        destination(carrier="core_soap" if batch == {} else "core_batch", batch=batch)


def test_the_simulator_refuses_a_count_or_a_part_that_is_not_right() -> None:
    body, kind = wire(core_batch.submission(X12, "278_request", (), to(), STAMP))
    carriage = BatchCarriage(SUBMIT, kind, lambda *_: Answer(""))
    with pytest.raises(CoreError, match="PayloadLength"):
        carriage.read(body.replace(b"<PayloadLength>", b"<PayloadLength>1"), KNOWN)
    with pytest.raises(SoapFault, match="reference"):
        carriage.read(body.replace(b'href="cid:', b'href="cid:x'), KNOWN)
    with pytest.raises(SoapFault, match="binary"):
        carriage.read(body.replace(b"Encoding: binary", b"Encoding: 8bit"), KNOWN)


def test_no_word_of_a_payload_is_in_an_error() -> None:
    reply = answer(RESULTS, Answer("X12_278", b"ISA SYNTHETIC-NAME", wrong_sum=True))
    with pytest.raises(ExchangeError) as raised:
        core_batch.read_file(reply, "results", to())
    assert "SYNTHETIC" not in str(raised.value)
