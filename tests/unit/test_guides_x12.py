"""The folder of X12 guides as a whole: every file is named, loads, and holds together. What is in them: beside this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from defusedxml import ElementTree  # type: ignore[import-untyped]

from tests.unit.guide_opinion import GUIDES, load

Node = Any
SURE = {None, "agreed", "single", "inferred", "unverified"}
INDEX = ElementTree.parse(GUIDES / "maps.xml").getroot()
FILES = sorted({row.text for row in INDEX.iter("map")})
ELEMENTS = {row.get("ele_num"): row for row in ElementTree.parse(GUIDES / "dataele.xml").getroot()}
LISTS = {row.findtext("id") for row in ElementTree.parse(GUIDES / "codes.xml").getroot()}
TYPES = {"AN", "B", "DT", "ID", "N0", "N2", "R", "TM"}

everywhere = pytest.mark.parametrize("file", FILES)


def root(file: str) -> Node:
    return ElementTree.parse(GUIDES / file).getroot()


def siblings(file: str) -> Iterator[list[Node]]:
    """The loops and segments of each loop, in the order they are written in."""
    for loop in root(file).iter("loop"):
        yield [child for child in loop if child.tag in ("loop", "segment")]


def first_codes(node: Node) -> set[str] | None:
    """What tells a segment, or a loop by its first, from others of the same id; nothing where nothing does."""
    segment = node if node.tag == "segment" else next(node.iter("segment"))
    place = 2 if segment.get("xid") == "HL" else 0
    element = [child for child in segment if child.tag in ("element", "composite")][place]
    found = element if element.tag == "element" else next(element.iter("element"))
    codes = {code.text for code in found.iter("code")}
    return codes if found.get("usage") == "R" and codes else None


def test_every_map_is_named_in_the_index_and_every_file_there_is_there() -> None:
    beside = {"maps.xml", "dataele.xml", "codes.xml"}
    assert {path.name for path in GUIDES.glob("*.xml")} - beside == set(FILES)


def test_no_two_rows_of_the_index_are_for_the_same_group_and_purpose() -> None:
    for version in INDEX.iter("version"):
        rows = Counter(tuple(row.get(key) for key in ("vriic", "fic", "tspc")) for row in version)
        assert set(rows.values()) == {1}


@everywhere
def test_pyx12_loads_the_map(file: str) -> None:
    loaded = load(file)
    assert loaded.getnodebypath("/ISA_LOOP/GS_LOOP/GS").id == "GS"
    assert loaded.icvn == "00501"


@everywhere
def test_every_element_has_a_type_and_lengths(file: str) -> None:
    for element in root(file).iter("element"):
        row = ELEMENTS[element.get("data_ele")]
        assert row.get("data_type") in TYPES
        assert 1 <= int(row.get("min_len")) <= int(row.get("max_len"))


@everywhere
def test_every_code_can_be_written_in_its_element(file: str) -> None:
    for element in root(file).iter("element"):
        row = ELEMENTS[element.get("data_ele")]
        codes = [code.text for code in element.iter("code")]
        assert len(codes) == len(set(codes))
        assert all(int(row.get("min_len")) <= len(code) <= int(row.get("max_len")) for code in codes)


@everywhere
def test_every_outside_list_is_there(file: str) -> None:
    assert {codes.get("external") for codes in root(file).iter("valid_codes")} <= LISTS | {None}


@everywhere
def test_places_ascend_and_are_named_after_their_segment(file: str) -> None:
    for children in siblings(file):
        assert all(int(one.get("pos")) <= int(next_.get("pos")) for one, next_ in pairwise(children))
    for segment in root(file).iter("segment"):
        places = [child for child in segment if child.tag in ("element", "composite")]
        assert [child.get("xid") for child in places] == [
            f"{segment.get('xid')}{n:02d}" for n in range(1, len(places) + 1)
        ]
        assert [int(child.get("seq")) for child in places] == list(range(1, len(places) + 1))


@everywhere
def test_every_loop_has_a_path_of_its_own(file: str) -> None:
    for children in siblings(file):
        names = Counter(child.get("xid") for child in children if child.tag == "loop")
        assert set(names.values()) <= {1}


@everywhere
def test_segments_of_one_id_at_one_position_are_told_apart_by_a_code_and_the_last_may_take_the_rest(file: str) -> None:
    for children in siblings(file):
        seen: dict[tuple[str, str], list[set[str] | None]] = {}
        for segment in children:
            if segment.tag == "segment":
                seen.setdefault((segment.get("xid"), segment.get("pos")), []).append(first_codes(segment))
        for codes in (found for found in seen.values() if len(found) > 1):
            told = [code for each in codes for code in each or ()]
            assert None not in codes[:-1]
            assert len(told) == len(set(told))


@everywhere
def test_loops_that_start_alike_are_told_apart_by_a_code(file: str) -> None:
    for children in siblings(file):
        loops = [child for child in children if child.tag == "loop" and child.get("type") != "wrapper"]
        starts = Counter(next(loop.iter("segment")).get("xid") for loop in loops)
        assert all(first_codes(loop) for loop in loops if starts[next(loop.iter("segment")).get("xid")] > 1)


@everywhere
def test_notes_name_elements_that_are_there(file: str) -> None:
    for segment in [*root(file).iter("segment"), *root(file).iter("composite")]:
        count = sum(child.tag in ("element", "composite") for child in segment)
        for note in segment.findall("syntax"):
            kind, places = note.text[0], [int(note.text[n : n + 2]) for n in range(1, len(note.text), 2)]
            assert kind in "PRECL"
            assert len(places) > 1
            assert max(places) <= count


@everywhere
def test_usages_and_marks_are_words_everybody_knows(file: str) -> None:
    for node in root(file).iter():
        if node.tag in ("loop", "segment", "element", "composite"):
            assert node.get("usage") in {"R", "S", "N"}
            assert node.get("name")
        assert node.get("sure") in SURE


def test_marks_of_rows_are_words_everybody_knows() -> None:
    assert {row.get("sure") for row in [*INDEX.iter("map"), *ELEMENTS.values()]} <= SURE
