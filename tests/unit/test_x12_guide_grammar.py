"""How maps are read: both notations, the marks of sureness, and what is not a map."""

from __future__ import annotations

import re
from importlib.resources import files as resources

import pytest

from adapters.x12_278.guides.grammar import UNBOUNDED, Composite, Element, Key, Note, Sure, Usage
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.guides.patterns import Patterns
from adapters.x12_278.guides.source import UnreadableGuide, read_map, read_tables
from adapters.x12_278.segment import Delimiters
from tests.unit.x12_checker import files, guides

FILES = files()
TABLES = read_tables(FILES["dataele.xml"], FILES["codes.xml"])
REQUEST = "278_request_005010X217.xml"
MAPS = sorted({row.map for row in guides().rows if row.guide})


def test_a_map_is_read_as_it_stands() -> None:
    event = guides().grammar(REQUEST).envelope.find("2000E")
    um = next(child for child in event.children if getattr(child, "tag", "") == "UM")
    assert (event.usage, event.pos, event.most) == (Usage.REQUIRED, 1810, 1)
    facility = um.elements[3]  # type: ignore[union-attr]
    assert isinstance(facility, Composite)
    assert facility.parts[1].codes == {b"A", b"B"}
    assert guides().grammar(REQUEST).envelope.find("2000F").most == UNBOUNDED


def test_a_mark_of_sureness_reaches_everything_below_it() -> None:
    trace = guides().grammar("278_notification_005010X216.xml").envelope.find("2000E").children[1]
    assert trace.sure is Sure.INFERRED


def test_segments_of_one_id_are_told_apart_by_their_code() -> None:
    event = guides().grammar(REQUEST).envelope.find("2000E")
    keys = {child.label(): child.key for child in event.children if getattr(child, "tag", "") in ("REF", "HL", "HI")}  # type: ignore[union-attr]
    assert keys == {"HL": Key(3, 0), "REF[BB]": Key(1, 0), "REF[NT]": Key(1, 0), "HI": Key(1, 1)}


def test_both_notations_of_a_map_say_the_same() -> None:
    text = FILES["999_005010X231A1.xml"].decode()
    other = re.sub(r' (usage|name|max_use)="([^"]*)"([^<>]*[^/])>', r"\3><\1>\2</\1>", text)
    assert other != text
    first = read_map("a.xml", text.encode(), TABLES)
    second = read_map("b.xml", other.encode(), TABLES)
    assert [(loop.id, node.label(), node.usage, node.most) for loop, node in first.envelope.segments()] == [
        (loop.id, node.label(), node.usage, node.most) for loop, node in second.envelope.segments()
    ]


def test_the_maps_of_pyx12_can_be_read() -> None:
    folder = resources("pyx12") / "map"
    tables = read_tables((folder / "dataele.xml").read_bytes(), (folder / "codes.xml").read_bytes())
    grammar = read_map("older.xml", (folder / "278.4010.X094.A1.xml").read_bytes(), tables)
    assert grammar.transaction is not None
    assert grammar.transaction.find("2000E").first_segment() is not None


@pytest.mark.parametrize("file", MAPS)
def test_every_pattern_of_every_map_compiles(file: str) -> None:
    patterns = Patterns(Delimiters(b"|", b">", b"", b"\x1c"))
    transaction = guides().grammar(file).transaction
    assert transaction is not None
    for _, node in transaction.segments():
        assert patterns.of(node).fullmatch(b"") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<transaction", "<transactio"),
        ('usage="R"', 'usage="Q"'),
        ('data_ele="1364"', 'data_ele="99999"'),
        ('seq="02"', 'seq="07"'),
        ('external="states"', 'external="planets"'),
        ('max_use="2"', 'max_use="two"'),
        ("<syntax>P0809", "<syntax>Q0809"),
        ('sure="inferred"', 'sure="perhaps"'),
        ('<?xml version="1.0" encoding="utf-8"?>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
)
def test_what_is_not_a_map_is_refused(old: str, new: str) -> None:
    text = FILES[REQUEST].decode()
    assert old in text
    with pytest.raises(UnreadableGuide, match=REQUEST):
        read_map(REQUEST, text.replace(old, new, 1).encode(), TABLES)


def test_guides_need_their_tables_and_every_map_that_is_named() -> None:
    for name in ("maps.xml", "dataele.xml", REQUEST):
        with pytest.raises(UnreadableGuide, match=name):
            Guides({key: value for key, value in FILES.items() if key != name}, {})


@pytest.mark.parametrize(
    ("note", "fits", "breaks"),
    [
        (Note("P", (1, 2)), [set(), {1, 2}], [{1}, {2}]),
        (Note("R", (1, 2)), [{1}, {2}, {1, 2}], [set()]),
        (Note("E", (1, 2)), [set(), {1}, {2}], [{1, 2}]),
        (Note("C", (1, 2, 3)), [set(), {2}, {1, 2, 3}], [{1}, {1, 2}]),
        (Note("L", (1, 2, 3)), [set(), {1, 3}, {1, 2}], [{1}]),
    ],
)
def test_syntax_notes_mean_what_they_say(note: Note, fits: list[set[int]], breaks: list[set[int]]) -> None:
    assert all(note.holds(each) for each in fits)
    assert not any(note.holds(each) for each in breaks)


def test_which_guide_is_for_a_transaction_is_said_by_the_index() -> None:
    def chosen(*key: str) -> str:
        choice = guides().choose(*key)
        return choice.name if choice else ""

    assert chosen("00501", "HI", "005010X217", "", "13") == REQUEST
    assert chosen("00501", "HI", "005010X217", "", "11") == "278_response_005010X217.xml"
    assert chosen("00501", "HI", "005010X217", "", "99") == ""
    assert chosen("00501", "HI", "005010", "005010X217", "13") == REQUEST
    assert chosen("00501", "FA", "005010X231", "", "") == "999_005010X231A1.xml"
    assert chosen("00401", "FA", "005010X231", "", "") == ""


def test_an_element_knows_its_data_element() -> None:
    um = guides().grammar(REQUEST).envelope.find("2000E").children[2]
    first = um.elements[0]  # type: ignore[union-attr]
    assert isinstance(first, Element)
    assert (first.number, first.kind, first.shortest, first.longest) == ("1525", "ID", 1, 2)
