"""What a document may be that is read at all: in which encodings, and how large before anybody parses it."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.script_epa.codec import tree
from adapters.script_epa.codec.envelope import receive
from adapters.script_epa.codec.messages import content_of
from gateway.contract.errors import Unreadable
from gateway.profiles.inbound import Inbound
from tests.unit.script_material import CASE, answer, heard, message, opening, status

NOTED = answer("PAResponse", f"<Denied><PACaseID>{CASE}</PACaseID><PANote>\xa7 \xfc</PANote></Denied>").decode()


class Parsed(Exception):
    """It went to the parser."""


def many(attributes: int = 0, elements: int = 0, inside: str = "Odd") -> bytes:
    told = " ".join(f'a{place}=""' for place in range(attributes))
    return message(f"<Status><Code>000</Code><{inside} {told}>{'<x/>' * elements}</{inside}></Status>")


@pytest.mark.parametrize(
    "body",
    [many(attributes=200_000), many(attributes=150_000, elements=60_000), many(elements=200_001)],
    ids=["attributes", "both", "elements"],
)
def test_what_would_take_seconds_to_parse_is_refused_before_that(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object) -> None:
        raise Parsed

    monkeypatch.setattr(tree.etree, "fromstring", parse)
    with pytest.raises(Unreadable, match="is too large"):
        receive(body)
    with pytest.raises(Parsed):
        receive(many(attributes=1000))


def test_what_a_door_takes_unless_its_profile_says_otherwise_is_read() -> None:
    most = Inbound(user="a-name", password="a-word").max_message_bytes
    short = status(more="<!-- -->")
    body = short.replace(b"<!-- -->", b"<!--" + b" " * (most - len(short) + 1) + b"-->")
    assert len(body) == most
    assert receive(body).kind == "Status"
    with pytest.raises(Unreadable, match="is too large"):
        receive(body + b" ")


def test_elements_that_would_each_become_a_node_are_few_and_those_of_questions_many() -> None:
    with pytest.raises(Unreadable, match="is too large"):
        receive(many(elements=tree.MOST_PLACED))
    assert receive(many(elements=tree.MOST_PLACED - 100)).kind == "Status"
    assert receive(many(elements=5 * tree.MOST_PLACED, inside="Question")).kind == "Status"


def test_whoever_reads_a_long_message_makes_nobody_wait_for_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    parsers = []
    parse = etree.fromstring

    def seen(body: bytes, parser: etree.XMLParser) -> etree._Element:
        parsers.append(parser)
        return parse(body, parser)

    monkeypatch.setattr(tree.etree, "fromstring", seen)
    long = many(attributes=10_000)
    for body in (long, long, many(), many()):
        receive(body)
    assert parsers[2] is parsers[3]
    assert len(set(map(id, parsers))) == 3


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        *((name, "utf-8") for name in ("utf8", "UTF8", "utf-8")),
        *((name, "latin-1") for name in ("latin1", "Latin1", "ISO8859-1", "iso_8859-1", "ISO-8859-1")),
        *((name, "cp1252") for name in ("windows-1252", "Windows-1252", "cp1252")),
    ],
)
def test_an_encoding_goes_by_the_names_that_partners_write(name: str, codec: str) -> None:
    sign = "\u201c" if codec == "cp1252" else "\xe9"
    body = NOTED.replace("UTF-8", name).replace("\xfc", sign).encode(codec)
    found = heard(body)
    assert found.lines[0].reasons[0].text == f"\xa7 {sign}"
    source = found.sources["/lines/0/reasons/0"]
    assert body[source.start : source.end].decode(codec) == f"<PANote>\xa7 {sign}</PANote>"


def test_what_goes_back_to_the_payer_goes_in_utf_8_whatever_it_came_in() -> None:
    asked = opening().decode().replace("UTF-8", "windows-1252").replace("Kind of", "\u201cKind\u201d of")
    content = content_of(receive(asked.encode("cp1252")))
    assert "\u201cKind\u201d of" in content.response.status.questions.decode()  # type: ignore[union-attr]
    found = heard(asked.encode("cp1252")).questions
    assert found is not None
    assert found.questions[0].text == "\u201cKind\u201d of tumour?"


@pytest.mark.parametrize("name", ["windows-1252", "utf8", "ascii"])
def test_bytes_that_an_encoding_does_not_have_are_refused(name: str) -> None:
    body = NOTED.replace("UTF-8", name).encode("latin-1").replace(b"\xfc", b"\x81")
    with pytest.raises(Unreadable, match="is not XML"):
        receive(body)
