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
    for text in (mask.heard(reply, carrier), "~".join(mask.segments(reply, carrier))):
        for word in HIDDEN:
            assert word not in text
        for word in KEPT:
            assert word.replace("*", element) in text
        assert BLOT * len("STRANGER") in text
    assert len(unescape(mask.heard(reply, carrier))) == len(unescape(reply.body.decode()))


def test_a_body_in_which_people_cannot_be_blotted_out_in_place_is_not_shown() -> None:
    reply = soap(x12())
    spelt = Reply(200, reply.headers, reply.body.replace(b"STRANGER", b"STR&#65;NGER"))
    text = Mask().heard(spelt, "core_soap")
    assert text.startswith("[not shown as it came")
    assert "QUENTIN" not in text


def test_names_beyond_ascii_are_blotted_out_as_well() -> None:
    reply = soap(x12().replace("STRANGER*QUENTIN", "STRÄNGER*ZOË"))
    text = Mask().heard(reply, "core_soap")
    assert "HCR*A1" in text
    assert "NGER*" not in text
    assert "ZO" not in text


def test_members_of_a_review_are_blotted_out_by_their_names() -> None:
    told = {"subscriber": {"memberId": "W000111222", "firstName": "Que\\ntin", "birthDate": "1970-01-31"}, "id": "r1"}
    reply = Reply(200, (("content-type", "application/json"),), json.dumps(told).encode())
    text = Mask().heard(reply, "rest_review")
    assert "W000111222" not in text
    assert "tin" not in text
    assert "1970" not in text
    assert '"id": "r1"' in text


def test_what_is_no_document_loses_its_long_numbers_and_its_tail() -> None:
    page = b"<html>Member W000111222 of 19700131" + b"x" * 5000
    text = Mask().heard(Reply(200, (("content-type", "text/html"),), page), "core_soap")
    assert "000111222" not in text
    assert "19700131" not in text
    assert len(text) < 2100


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
    frame = Https(method="POST", url=LINK.endpoint, effect=False, body=(b"<p>", Secret("core-password", "xml")))
    said = Said(1, "file", frame, None, None, datetime(2026, 11, 22, tzinfo=UTC), 0.1)
    mask = mask_for([each.request for each in found.requests], [said], LINK, Secrets(ENVIRONMENT))
    told = "p&ss<word p&amp;ss&lt;word p%26ss%3Cword client+s3cret testPERSON SIMAPPROVE90 19610412 1961-04-12 "
    told += base64.b64encode(b"client+s3cret").decode()
    text = mask.heard(Reply(400, (("content-type", "text/plain"),), told.encode()), "core_soap")
    assert set(text) <= {BLOT, " ", "="}
    assert mask.words("the client+s3cret") == f"the {BLOT * 13}"
    assert "[secret core-password]" in mask.sent(frame)
    headers = dict(mask.headers([("Authorization", "Bearer abc"), ("Set-Cookie", "a=b"), ("X-Told", "p&ss<word")]))
    assert headers == {"Authorization": BLOT * 8, "Set-Cookie": BLOT * 8, "X-Told": BLOT * 9}


def test_a_short_name_is_blotted_out_as_a_word_and_not_inside_others() -> None:
    assert Mask(["Ada"]).words("metadata of ADA, adapter") == f"metadata of {BLOT * 3}, adapter"


def test_a_body_with_very_many_people_is_not_shown() -> None:
    many = "".join(f"NM1*QC*1*PERSON{number}~" for number in range(1000))
    assert Mask().heard(soap(x12().replace("SE*11", many + "SE*11")), "core_soap").startswith("[not shown as it came")
