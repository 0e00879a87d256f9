"""How cases are written down: documents folded for the reader, HTTP messages, outcomes with what was read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.case import ExpectedOutcome
from conformance.text import Misshapen, folded, read_reply, unfolded, write_outcome, write_reply
from gateway.contract.frames import Reply
from gateway.model.outcome import Outcome, Source

ISA = b"ISA*00*          *00*          *ZZ*PAYERGW        *ZZ*EVERGREEN      *261121*1004*^*00501*000000042*0*T*:~"


@given(st.lists(st.text("ABC*:^ ", min_size=1), max_size=6))
def test_folding_a_document_loses_nothing(segments: list[str]) -> None:
    document = ISA + b"".join(segment.encode() + b"~" for segment in segments)
    assert unfolded(folded(document)) == document
    assert folded(document).count(b"\n") == len(segments) + 1


def test_a_document_folds_at_its_own_terminator() -> None:
    document = ISA[:-1] + b"'GS*HI'IEA*1'"
    assert folded(document).splitlines() == [ISA[:-1] + b"'", b"GS*HI'", b"IEA*1'"]


@given(st.lists(st.text("AB~ ", min_size=1), max_size=6))
def test_folding_xml_loses_nothing_and_breaks_between_tags(texts: list[str]) -> None:
    document = b"<a>" + b"".join(f"<b>{text}</b>".encode() for text in texts) + b"</a>"
    assert unfolded(folded(document)) == document
    assert folded(document).count(b"\n") == (len(texts) + 1 if texts else 1)


def test_line_breaks_inside_xml_that_are_no_folds_stay() -> None:
    document = b"<a>\n  <b>x>\ny</b>\n  </a>"
    assert unfolded(document) == document


def test_what_is_no_x12_stays_as_it_is() -> None:
    assert folded(b"<html>~</html>") == unfolded(b"<html>~</html>") == b"<html>~</html>"


def test_a_document_whose_terminator_is_a_line_break_is_not_unfolded() -> None:
    document = ISA[:-1] + b"\nGS*HI\n"
    assert unfolded(document) == document


def test_a_reply_is_read_to_its_last_byte() -> None:
    message = b"HTTP/1.1 503 Service Unavailable\nContent-Type: text/html\nRetry-After:  30\n\nbody\n\nmore\r\n"
    reply = read_reply(message)
    assert reply == Reply(503, (("content-type", "text/html"), ("retry-after", "30")), b"body\n\nmore\r\n")


@given(st.integers(100, 599), st.binary(max_size=50))
def test_a_written_reply_reads_as_it_was(status: int, body: bytes) -> None:
    reply = Reply(status, (("content-type", "text/plain"),), body)
    assert read_reply(write_reply(reply)) == reply


@pytest.mark.parametrize("message", [b"", b"HTTP/1.1 200 OK", b"200 OK\n\n", b"HTTP/1.1 200 OK\nno colon\n\nbody"])
def test_a_misshapen_reply_is_refused(message: bytes) -> None:
    with pytest.raises(Misshapen):
        read_reply(message)


def test_an_outcome_shows_the_bytes_each_value_was_read_from() -> None:
    outcome = Outcome(
        answer="rejected",
        messages=(" Not ours. ",),
        sources={
            "/messages/0": Source(path="2000E/MSG01", segment=9, start=4, end=10),
            "/answer": Source(path="2000A/AAA03", segment=2, start=0, end=4),
        },
        document=b"AAA* words~",
    )
    text = write_outcome(ExpectedOutcome.of(outcome))
    assert '"/answer": {"path": "2000A/AAA03", "segment": 2, "start": 0, "end": 4, "reads": "AAA*"}' in text
    assert list(json.loads(text)["sources"]) == ["/answer", "/messages/0"]
    assert json.loads(text)["sources"]["/messages/0"]["reads"] == " words"
    assert "attention" not in json.loads(text)


def test_an_outcome_that_was_written_reads_as_it_was() -> None:
    outcome = ExpectedOutcome.of(Outcome(answer="received", final=False))
    assert ExpectedOutcome.model_validate_json(write_outcome(outcome)) == outcome
