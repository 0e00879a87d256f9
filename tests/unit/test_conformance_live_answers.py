"""What is seen in an answer: the right one keeps everything, one fault is named by one assertion, bytes do no harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.live import core_answers, http_answers, review_answers, x12_answers
from conformance.live.heard import hear, looked
from conformance.live.masking import Mask
from conformance.live.talk import Said
from conformance.live.trials import spoilt
from conformance.simulators.envelope import write_response
from conformance.simulators.mime import MimeCarriage
from conformance.verdict import Verdict
from gateway.contract.frames import Https, Reply

HEAD = "ISA*00*          *00*          *ZZ*{0}*ZZ*{1}*261122*1200*^*00501*{2}*0*T*:~"
US, THEM = "PAYERGW        ", "EVERGREEN      "
ASKED = HEAD.format(US, THEM, "000000007") + (
    "GS*HI*PAYERGW*EVERGREEN*20261122*1200*7*X*005010X217~ST*278*0001*005010X217~BHT*0007*13*PGAB*20261122*1200~"
    "HL*1**20*1~NM1*X3*2*Evergreen*****PI*EVERGREEN~TRN*1*PGABE*1999999999~SE*6*0001~GE*1*7~IEA*1*000000007~"
)
ANSWER = HEAD.format(THEM, US, "000000001") + (
    "GS*HI*EVERGREEN*PAYERGW*20261122*1200*1*X*005010X217~ST*278*0001*005010X217~BHT*0007*11*PGAB*20261122*1200~"
    "HL*1**20*1~NM1*X3*2*Evergreen*****PI*EVERGREEN~HL*2*1*EV*0~TRN*2*PGABE*1999999999~SE*7*0001~GE*1*1~IEA*1*000000001~"
)
ADVICE = HEAD.format(THEM, US, "000000002") + (
    "GS*FA*EVERGREEN*PAYERGW*20261122*1200*2*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HI*7*005010X217~"
    "AK2*278*0001*005010X217~IK5*R*4~AK9*R*1*1*0~SE*6*0001~GE*1*2~IEA*1*000000002~"
)
REFUSAL = HEAD.format(THEM, US, "000000003") + "TA1*000000007*261122*1200*R*023~IEA*0*000000003~"
FIELDS = {
    "PayloadType": "X12_278_Request_005010X217E1_2",
    "ProcessingMode": "RealTime",
    "PayloadID": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "TimeStamp": "2026-11-22T12:00:00Z",
    "SenderID": "PAYERGW",
    "ReceiverID": "EVERGREEN",
    "CORERuleVersion": "2.2.0",
}
BOUNDARY = "a-boundary"
LOOKS: dict[str, Any] = {
    "core_soap": (*http_answers.LOOKS, *core_answers.SOAP_LOOKS, *x12_answers.LOOKS),
    "core_mime": (*http_answers.LOOKS, *core_answers.MIME_LOOKS, *x12_answers.LOOKS),
    "rest_x12": (*http_answers.LOOKS, *x12_answers.LOOKS),
    "rest_review": (*http_answers.LOOKS, *review_answers.LOOKS),
}
TYPE_OF = {ANSWER: "X12_278_Response_005010X217E1_2", ADVICE: "X12_999_Response_005010X231A1"}


def soap(document: str, kind: str = "X12_278_Response_005010X217E1_2") -> Reply:
    body = write_response(FIELDS, "2026-11-22T12:00:01Z", kind, document)
    return Reply(200, (("content-type", "application/soap+xml; charset=utf-8"),), body)


def form(document: str) -> Reply:
    carriage = MimeCarriage(BOUNDARY)
    status, body = carriage.answer(FIELDS, "2026-11-22T12:00:01Z", TYPE_OF[ANSWER], document)
    return Reply(status, (("content-type", carriage.media),), body)


def in_json(document: str) -> Reply:
    return Reply(200, (("content-type", "application/json"),), json.dumps({"submission": {"x12": document}}).encode())


GOOD = {"core_soap": soap(ANSWER), "core_mime": form(ANSWER), "rest_x12": in_json(ANSWER)}


def asked(carrier: str, **changed: Any) -> Https:
    made = Https(
        method="POST",
        url="https://test.example.com/v2/service-reviews",
        effect=True,
        document=ASKED.encode() if carrier != "rest_review" else b"{}",
        **changed,
    )
    if carrier == "core_soap":
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in FIELDS.items())
        return replace(made, body=(f"<e>{fields}</e>".encode(),))
    if carrier == "core_mime":
        parts = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in FIELDS.items()
        )
        header = (("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),)
        return replace(made, headers=header, body=(f"{parts}--{BOUNDARY}--\r\n".encode(),))
    return made


def unkept(carrier: str, reply: Reply, *, faulty: bool = False, seconds: float = 0.1, **changed: Any) -> set[str]:
    frame = replace(asked(carrier), **changed)
    said = Said(1, "file", frame, reply, None, datetime(2026, 11, 22, tzinfo=UTC), seconds)
    checks = list(looked(hear(said, reply, carrier, faulty=faulty), LOOKS[carrier]))
    assert checks
    return {check.assertion for check in checks if check.verdict is not Verdict.PASS}


@pytest.mark.parametrize("carrier", sorted(GOOD))
def test_the_right_answer_keeps_everything(carrier: str) -> None:
    assert unkept(carrier, GOOD[carrier]) == set()


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_an_answer_of_lines_keeps_everything(line: str) -> None:
    assert unkept("core_soap", soap(ANSWER.replace("~", f"~{line}"))) == set()


def test_a_999_and_a_ta1_to_a_faulty_interchange_keep_everything() -> None:
    assert unkept("core_soap", soap(ADVICE, TYPE_OF[ADVICE]), faulty=True) == set()
    assert unkept("core_soap", soap(REFUSAL, "X12_TA1_Response_00501X231A1"), faulty=True) == set()


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ("*ZZ*EVERGREEN      *", "*ZZ*EVERGREEN*", "EN-01"),
        ("*^*00501*", "*:*00501*", "EN-02"),
        ("*0*T*:~GS", "*0*T*:~\nGS", "EN-04"),
        ("*0*T*:~", "*0*P*:~", "EN-05"),
        ("*Evergreen*", "*Ever\x07green*", "EN-07"),
        ("*X*005010X217~", "*X*005010X279A1~", "EN-08"),
        ("GS*HI*", "GS*HS*", "EN-08"),
        ("IEA*1*000000001", "IEA*1*000000009", "EN-03"),
        ("IEA*1*", "IEA*2*", "EN-03"),
        ("GE*1*1~", "GE*1*2~", "EN-03"),
        ("GE*1*1~", "GE*2*1~", "EN-03"),
        ("SE*7*0001", "SE*7*0002", "EN-03"),
        ("SE*7*", "SE*8*", "EN-03"),
        ("*PGAB*20261122", "*OTHER*20261122", "AK-01"),
        ("TRN*2*PGABE", "TRN*2*OTHER", "AK-01"),
        ("*PI*EVERGREEN~", "*PI*SOMEBODY~", "PP-02"),
        ("*Evergreen*", "*Ever&amp;green*", "RT-08"),
        ("GS*HI*EVERGREEN*PAYERGW", "GS*HI*EVERGREEN*SOMEBODY", "PP-01"),
    ],
)
def test_one_fault_of_the_interchange_is_named_by_its_assertion_alone(old: str, new: str, assertion: str) -> None:
    assert ANSWER.count(old) == 1
    changed = ANSWER.replace(old, new)
    document = in_json(changed) if "\x07" in new else soap(changed)
    assert unkept("rest_x12" if "\x07" in new else "core_soap", document) == {assertion}


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        (b"<ProcessingMode>RealTime<", b"<ProcessingMode>Realtime<", "RT-04"),
        (b"<TimeStamp>2026-11-22T12:00:01Z<", b"<TimeStamp>2026-11-22T12:00:000Z<", "RT-06"),
        (b"<TimeStamp>2026-11-22T12:00:01Z<", b"<TimeStamp>2026-11-22T24:00:00Z<", "RT-06"),
        (b"<CORERuleVersion>2.2.0<", b"<CORERuleVersion>v2.2.0<", "RT-07"),
        (b"<ErrorCode>Success</ErrorCode>", b"", "RT-12"),
        (b"<ErrorCode>Success<", b"<ErrorCode>success<", "RT-12"),
        (b"<SenderID>EVERGREEN<", b"<SenderID><", "RT-10"),
        (b"X12_278_Response_005010X217E1_2", b"X12_999_Response_005010X231A1", "RT-03"),
        (b"<ProcessingMode>", b"<More>1</More><ProcessingMode>", "RT-01"),
        (b"<ErrorMessage>None</ErrorMessage>", b"<ErrorMessage/><ErrorMessage/>", "RT-01"),
    ],
)
def test_one_fault_of_the_envelope_is_named_by_its_assertion_alone(old: bytes, new: bytes, assertion: str) -> None:
    reply = soap(ANSWER)
    assert reply.body.count(old) == 1
    assert unkept("core_soap", replace(reply, body=reply.body.replace(old, new))) == {assertion}


@pytest.mark.parametrize(
    ("field", "also"),
    [
        (b"<ProcessingMode>RealTime</ProcessingMode>", {"RT-04"}),
        (b"<ErrorMessage>None</ErrorMessage>", set[str]()),
    ],
)
def test_a_field_that_is_missing_is_named(field: bytes, also: set[str]) -> None:
    reply = soap(ANSWER)
    assert unkept("core_soap", replace(reply, body=reply.body.replace(field, b""))) == {"RT-01", *also}


def test_fields_out_of_order_and_an_id_that_is_no_uuid_are_named() -> None:
    reply = soap(ANSWER)
    error = b"<ErrorCode>Success</ErrorCode>"
    early = reply.body.replace(error, b"").replace(b"<PayloadType>", error + b"<PayloadType>")
    assert unkept("core_soap", replace(reply, body=early)) == {"RT-01"}
    short = reply.body.replace(FIELDS["PayloadID"].encode(), b"12345")
    assert unkept("core_soap", replace(reply, body=short)) == {"RT-05", "RT-10"}


@pytest.mark.parametrize(
    "change",
    [
        lambda reply: replace(reply, headers=(("content-type", "text/html"),)),
        lambda reply: replace(reply, headers=(*reply.headers, ("content-encoding", "gzip"))),
        lambda reply: replace(reply, body=b"\xef\xbb\xbf" + reply.body),
        lambda reply: replace(reply, body=b""),
        lambda reply: replace(reply, body=reply.body[:200]),
        lambda reply: replace(reply, status=503, body=b"<html>later"),
    ],
    ids=["a page by its type", "compressed", "a mark in front", "empty", "half", "not now"],
)
def test_an_answer_that_is_not_of_its_kind_is_named(change: Callable[[Reply], Reply]) -> None:
    assert "RT-15" in unkept("core_soap", change(soap(ANSWER)))


def test_two_transactions_in_one_answer_are_named() -> None:
    st = ANSWER[ANSWER.index("ST*") : ANSWER.index("GE*")]
    twice = ANSWER.replace("GE*1*", st.replace("0001", "0002") + "GE*2*")
    assert unkept("core_soap", soap(twice)) == {"RT-09"}


def test_a_faulty_interchange_that_is_answered_as_any_other_is_named() -> None:
    assert unkept("core_soap", soap(ANSWER), faulty=True) == {"RT-11"}


def test_an_acknowledgement_of_another_or_one_that_accepts_a_fault_is_named() -> None:
    other = ADVICE.replace("AK1*HI*7*", "AK1*HI*8*")
    assert unkept("core_soap", soap(other, TYPE_OF[ADVICE]), faulty=True) == {"AK-01"}
    taken = ADVICE.replace("IK5*R*4", "IK5*A").replace("AK9*R*1*1*0", "AK9*A*1*1*1")
    assert unkept("core_soap", soap(taken, TYPE_OF[ADVICE]), faulty=True) == {"AK-02"}


def test_a_form_whose_boundary_lines_end_otherwise_is_named() -> None:
    reply = form(ANSWER)
    assert unkept("core_mime", replace(reply, body=reply.body.replace(b"\r\n--payer", b"\n--payer"))) == {"MI-01"}


@pytest.mark.parametrize(
    ("status", "location", "kept"),
    [
        (202, "https://test.example.com/v2/service-reviews/r1", True),
        (201, "/v2/service-reviews/r1", True),
        (202, "https://TEST.example.com/v2/service-reviews/r1", True),
        (200, "/v2/service-reviews/r1", False),
        (202, "", False),
        (202, "https://other.example.com/v2/service-reviews/r1", False),
        (202, "http://test.example.com/v2/service-reviews/r1", False),
        (202, "//other.example.com/v2/service-reviews/r1", False),
        (202, "https://test.example.com@other.example.com/v2/service-reviews/r1", False),
        (202, "/v2/claims/r1", False),
        (202, "//[::1", False),
    ],
)
def test_a_location_is_on_the_same_host_and_in_the_same_collection(status: int, location: str, kept: bool) -> None:
    headers = (("content-type", "application/json"), ("location", location))
    assert ("RE-03" not in unkept("rest_review", Reply(status, headers, b""))) is kept


def test_the_count_is_spoilt_in_the_document_and_in_what_carries_it() -> None:
    for carrier, body in (("xml", ASKED), ("json", json.dumps({"x12": ASKED}))):
        frame = spoilt(Https("POST", "https://x.example.com", False, body=(body.encode(),), document=ASKED.encode()))
        assert frame is not None, carrier
        assert b"SE*7*0001" in (frame.document or b"")
        assert b"SE*7*0001" in frame.redacted()
        assert b"SE*6*0001" not in frame.redacted()


MEDIA = st.sampled_from(
    [
        "application/soap+xml",
        "application/json",
        "multipart/form-data; boundary=payer",
        'multipart/related; boundary="\x00=?utf-8?b?//8=?="',
        "text/html",
        "",
        "multipart/form-data",
    ]
)


@settings(max_examples=2 * settings().max_examples)
@given(
    st.sampled_from(sorted(LOOKS)),
    st.sampled_from(sorted(GOOD)),
    MEDIA | st.none(),
    st.sampled_from([200, 202, 204, 301, 400, 401, 500, 503]) | st.integers(100, 599),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=12)), max_size=4),
    st.integers(0, 3000),
)
@example("core_soap", "core_soap", None, 200, [(555, b"\t\t\t")], 991)
def test_whatever_a_payer_sends_is_judged_and_shown_without_an_exception(
    carrier: str, like: str, media: str | None, status: int, edits: list[tuple[int, bytes]], cut: int
) -> None:
    body = GOOD[like].body
    for place, new in edits:
        body = body[:place] + new + body[place + len(new) :]
    headers = GOOD[like].headers if media is None else (("content-type", media),)
    reply = Reply(status, (*headers, ("location", "//[::1")), body[:cut])
    unkept(carrier, reply)
    mask = Mask(secrets=["EVERGREEN"])
    assert "EVERGREEN" not in mask.heard(reply)
    mask.segments(reply, carrier)
