"""Evidence shows the bytes, and nobody in them: people, credentials and free text are blotted out."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from html import unescape
from xml.sax.saxutils import escape

import pytest

from conformance.live.fixtures import FOLDER, read_fixtures
from conformance.live.masking import BLOT, Mask, mask_for
from conformance.live.talk import Said
from gateway.contract.destination import Mode
from gateway.contract.frames import Https, Reply, Secret
from gateway.profiles.authorization import ClientCredentials
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

ISA = "ISA{0}00{0}          {0}00{0}          {0}ZZ{0}EVERGREEN      {0}ZZ{0}PAYERGW        "
ISA += "{0}261122{0}1200{0}^{0}00501{0}000000001{0}0{0}T{0}{1}~"
BODY = (
    "GS*HI*EVERGREEN*PAYERGW*20261122*1200*1*X*005010X217~ST*278*0001*005010X217~BHT*0007*11*PGAB*20261122*1200~"
    "NM1*X3*2*Evergreen*****PI*EVERGREEN~NM1*1P*1*SECRETNAME*Orla****XX*1234567893~"
    "NM1*IL*1*STRANGER*QUENTIN*Q***MI*W000111222~REF*SY*123456789~REF*NT*EVGR1~"
    "N3*77 HIDDEN & LOST ST~N4*NOWHERE*PA*19087~"
    "DMG*D8*19700131*F~PER*IC*DESK*TE*2155550100~MSG*CALL MR STRANGER~HCR*A1*EVGA1~SE*11*0001~GE*1*1~IEA*1*000000001~"
)
HIDDEN = (
    "SECRETNAME",
    "STRANGER",
    "QUENTIN",
    "W000111222",
    "123456789~",
    "HIDDEN",
    "NOWHERE",
    "19700131",
    "DESK",
    "555",
)
KEPT = ("NM1*X3*2*Evergreen", "XX*1234567893", "REF*NT*EVGR1", "HCR*A1*EVGA1", "SE*11*0001", "BHT*0007*11*PGAB")


def x12(element: str = "*", component: str = ":") -> str:
    return ISA.format(element, component) + BODY.replace("*", element)


def soap(document: str) -> Reply:
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<c:COREEnvelopeRealTimeResponse xmlns:c="x"><Payload>'
        f"{escape(document)}</Payload></c:COREEnvelopeRealTimeResponse></s:Body></s:Envelope>"
    )
    return Reply(200, (("content-type", "application/soap+xml"),), body.encode())


def in_json(document: str) -> Reply:
    return Reply(200, (("content-type", "application/json"),), json.dumps({"x12": document}).encode())


@pytest.mark.parametrize(
    ("reply", "carrier", "element"),
    [
        (soap(x12()), "core_soap", "*"),
        (soap(x12("|", ">")), "core_soap", "|"),
        (in_json(x12()), "rest_x12", "*"),
        (in_json(x12("!", ">").replace("~", "~\n")), "rest_x12", "!"),
    ],
    ids=["soap", "soap with marks that XML escapes", "json", "json of lines"],
)
def test_people_are_blotted_out_whoever_they_are_and_nothing_else_is(reply: Reply, carrier: str, element: str) -> None:
    mask = Mask()
    for text in (mask.heard(reply), "~".join(mask.segments(reply, carrier))):
        for word in HIDDEN:
            assert word not in text
        for word in KEPT:
            assert word.replace("*", element) in text
        assert BLOT * len("STRANGER") in text
    assert len(unescape(mask.heard(reply))) == len(unescape(reply.body.decode()))


def test_people_are_blotted_out_however_their_letters_are_spelt() -> None:
    reply = soap(x12())
    spelt = Reply(200, reply.headers, reply.body.replace(b"STRANGER", b"STR&#65;NGER"))
    assert Mask().heard(spelt) == Mask().heard(reply)
    told = json.dumps({"x12": x12()}).replace("STRANGER", "STR\\u0041NGER")
    assert "NGER" not in Mask().heard(Reply(200, (), told.encode()))


def test_names_beyond_ascii_are_blotted_out_as_well() -> None:
    reply = soap(x12().replace("STRANGER*QUENTIN", "STRÄNGER*ZOË"))
    text = Mask().heard(reply)
    assert "HCR*A1" in text
    assert "NGER*" not in text
    assert "ZO" not in text


def test_members_of_a_review_are_shown_by_their_names_and_no_others() -> None:
    told = {"subscriber": {"memberId": "W000111222", "firstName": "Que\\ntin", "birthDate": "1970-01-31"}, "code": "A1"}
    reply = Reply(200, (("content-type", "application/json"),), json.dumps(told).encode())
    text = Mask().heard(reply)
    assert "W000111222" not in text
    assert "tin" not in text
    assert "1970" not in text
    assert '"memberId": "' in text
    assert '"code": "A1"' in text


def test_what_is_no_document_shows_what_it_is_and_nothing_in_it() -> None:
    page = b"<html>Member W000111222 of 19700131 <b>stranger</b>" + b"x" * 50000
    text = Mask().heard(Reply(200, (("content-type", "text/html"),), page))
    assert text.startswith("<html>")
    assert set(text[6:20000].replace("<b>", "").replace("</b>", "")) <= {BLOT, " ", "<", ">"}
    assert text.endswith("more characters]")


SOMEBODY = "ROE"
"""Stands in each of these where nobody expects a person."""
STRAY = {
    "fault": '<s:Body><s:Fault><s:Reason><s:Text xml:lang="en">Member JANE ROE</s:Text></s:Reason></s:Fault>',
    "fault's code": "<s:Envelope><s:Body><s:Fault><s:Code><s:Value>s:ROE</s:Value></s:Code></s:Fault>",
    "fault's detail": "<s:Envelope><s:Body><s:Fault><s:Detail><m:who m:name='ROE'>ROE</m:who></s:Detail></s:Fault>",
    "error message": "<Body><ErrorMessage>ROE</ErrorMessage></Body>",
    "error code in words": "<ErrorCode>JANE ROE is unknown</ErrorCode>",
    "field of its own": "<c:COREEnvelopeRealTimeResponse><Member>ROE</Member></c:COREEnvelopeRealTimeResponse>",
    "element": "<Envelope><ROE/></Envelope>",
    "attribute": '<Envelope member="ROE" xmlns="http://ROE"/>',
    "prefix": "<JANEROE:Envelope/>",
    "comment": "<Envelope><!-- ROE --><?ROE?></Envelope>",
    "document type": "<!DOCTYPE ROE [<!ENTITY who 'ROE'>]><Envelope/>",
    "CDATA": "<ErrorMessage><![CDATA[ROE]]></ErrorMessage>",
    "behind a field": "<SenderID>A<ROE",
    "text of two elements": "<SenderID>A</SenderID>ROE",
    "no payload": "<Payload>ROE</Payload>",
    "page": "<html><title>ROE</title><a href='/ROE'>ROE</a></html>",
    "plain text": "Member ROE",
    "member": '{"subscriberName": "ROE", "code": "A1"}',
    "member's name": '{"ROE": {"code": "A1"}}',
    "name as a member": '{"name": "ROE"}',
    "list": '{"notes": ["ROE called"], "code": ["ROE"]}',
    "words of a code": '{"code": "JANE ROE"}',
    "broken JSON": '{"code": "A1" "ROE" ROE',
    "part of a form": '--b\r\nContent-Disposition: form-data; name="ErrorMessage"\r\n\r\nROE\r\n--b--\r\n',
    "name of a part": '--b\r\nContent-Disposition: form-data; name="ROE"; filename="ROE"\r\n\r\nROE\r\n--b--\r\n',
    "header of a part": "--b\r\nX-Member: ROE\r\n\r\n<Envelope>ROE</Envelope>\r\n--b--ROE",
}
STRAY_SEGMENTS = {
    "N2": "N2*JANE ADDITIONAL ROE",
    "small id": "nm1*IL*1*ROE*JANE",
    "no segment": "ROE",
    "own segment": "ZZZ*ROE",
    "organisation of a person": "NM1*QC*2*ROE*****MI*ROE",
    "social security number": "NM1*SJ*1*A*B****34*ROE",
    "copy of bad data": "IK4*2*67*7*ROE",
    "description": "SV1*HC:J9271:::::ROE**UN*200",
    "words": "HCR*A1*JANE ROE",
    "reference": "REF*ZZ*ROE",
}


@pytest.mark.parametrize("told", STRAY.values(), ids=STRAY)
def test_somebody_who_stands_where_nobody_expects_a_person_is_blotted_out(told: str) -> None:
    text = Mask().heard(Reply(200, (), told.encode()))
    assert SOMEBODY not in text
    assert BLOT * 3 in text


@pytest.mark.parametrize("segment", STRAY_SEGMENTS.values(), ids=STRAY_SEGMENTS)
def test_a_segment_shows_the_elements_that_are_listed_and_no_others(segment: str) -> None:
    reply = soap(x12().replace("HCR*A1*EVGA1", f"HCR*A1*EVGA1~{segment}"))
    for text in (Mask().heard(reply), "~".join(Mask().segments(reply, "core_soap"))):
        assert SOMEBODY not in text
        assert "HCR*A1*EVGA1" in text


def test_a_header_shows_its_value_only_where_that_is_one_of_its_own() -> None:
    shown = [
        ("Content-Type", 'application/soap+xml; charset=utf-8; action="RealTimeTransaction"'),
        ("Retry-After", "5"),
    ]
    shown += [("WWW-Authenticate", 'Bearer error="invalid_token"'), ("Date", "Sun, 22 Nov 2026 12:40:17 GMT")]
    hidden = [("X-Member", "ROE"), ("Content-Type", "text/html; member ROE"), ("Date", "ROE"), ("Server", "ROE")]
    hidden += [("WWW-Authenticate", 'Bearer error="invalid_token", error_description="ROE"'), ("Location", "/ROE")]
    mask = Mask(endpoint="https://payer.example/reviews")
    assert mask.headers(shown) == shown
    assert SOMEBODY not in str(mask.headers(hidden))
    assert mask.address("https://payer.example/reviews/ROE?a=ROE") == f"https://payer.example/reviews{BLOT * 10}"
    assert mask.address("https://other.example/ROE") == f"https://other.example{BLOT * 4}"


LINK = Link(
    "demo",
    "https://test.example.com/core",
    Mode.TEST,
    auth=ClientCredentials(
        grant="client_credentials",
        token_endpoint="/token",
        client_id="us",
        proof="client_secret_basic",
        secret="rest-secret",
    ),
)
ENVIRONMENT = {"GATEWAY_SECRET_CORE_PASSWORD": "p&ss<word", "GATEWAY_SECRET_REST_SECRET": "client+s3cret"}


def test_a_payer_that_repeats_our_credentials_and_members_does_not_bring_them_into_the_report() -> None:
    found = read_fixtures(FOLDER / "evergreen_health.yaml", "evergreen_health", "run", date(2026, 11, 22))
    frame = Https(method="POST", url=LINK.endpoint, effect=False, body=(b"<Password>", Secret("core-password", "xml")))
    said = Said(1, "file", frame, None, None, datetime(2026, 11, 22, tzinfo=UTC), 0.1)
    mask = mask_for([each.request for each in found.requests], [said], LINK, Secrets(ENVIRONMENT))
    told = "p&ss<word p&amp;ss&lt;word p%26ss%3Cword client+s3cret testPERSON SIMAPPROVE90 19610412 1961-04-12 "
    told += base64.b64encode(b"client+s3cret").decode()
    text = mask.heard(Reply(400, (("content-type", "text/plain"),), told.encode()))
    assert set(text) <= {BLOT, " ", "="}
    assert mask.words("the client+s3cret") == f"the {BLOT * 13}"
    assert "[secret core-password]" in mask.sent(frame)
    headers = dict(mask.headers([("Authorization", "Bearer abc"), ("Set-Cookie", "a=b"), ("X-Told", "p&ss<word")]))
    assert headers == {"Authorization": BLOT * 8, "Set-Cookie": BLOT * 8, "X-Told": BLOT * 8}


def test_a_short_name_is_blotted_out_as_a_word_and_not_inside_others() -> None:
    assert Mask(["Ada"]).words("metadata of ADA, adapter") == f"metadata of {BLOT * 3}, adapter"
