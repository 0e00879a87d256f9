"""The maps against facts that were typed in apart from them (``x12_facts``), both ways: nothing less, and nothing more.

What a map has beyond them stands in the lists below, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.unit.guide_opinion import GUIDES
from tests.unit.test_guides_x12 import ELEMENTS, root
from tests.unit.x12_facts import CODES, DOCUMENTS, LENGTHS, REQUEST, RESPONSE

MAPS = {"278_request_005010X217": REQUEST, "278_response_005010X217": RESPONSE, "275_006020X316": DOCUMENTS}
COMPLETE = [name for name in MAPS if name.startswith("278")]
"""Of these the sources tell all that is used; of the 275 they tell loops and segments."""

_OLDER = "the response of 4010 has it in this place, by pyx12's map of it; no source of 5010 has"
MORE = {
    ("278_response_005010X217", "2010A/AAA03"): ({"04"}, _OLDER),
    ("278_response_005010X217", "2010B/AAA03"): ({"50"}, _OLDER),
    ("278_response_005010X217", "2010C/AAA03"): ({"15"}, _OLDER),
    ("999_005010X231A1", "IK403"): ({"11"}, "pyx12's map of the 999 has it"),
}
"""Codes that a map takes beyond the facts. A payer that sends one is not refused for it."""

LENIENT = {
    "CR1": {"07", "08"},
    "CR2": {"05", "06", "07"},
    "CR5": {"01", "02"},
    "CR6": {"05", "06", "18", "19", "20", "21"},
}
"""Elements of the standard that no source of 5010 names as used: they are let pass, and marked as inferred."""

_STANDARD = "the X12 standard has no others"
_NEIGHBOUR = "as in the loops beside it"
SILENT = {
    "AAA01": _STANDARD,
    "CR105": "units of a distance, by the sources without a place",
    "CR603": _STANDARD,
    "CR608": "UM02 has the same data element",
    "DTP02": _STANDARD,
    "HI-03": "the form of a date: one in the request",
    "HL04": "an answer may end at any level",
    "NM102": _STANDARD,
    "NM108": _NEIGHBOUR,
    "PER": _NEIGHBOUR,
}
"""Elements whose codes a map closes though the facts do not name them; ``HI-03`` is a component of each."""


class Fact(NamedTuple):
    tag: str
    usage: str
    most: str
    required: frozenset[str] | None
    situational: frozenset[str] | None
    unused: frozenset[str]
    codes: dict[str, frozenset[str]]


def facts(text: str) -> dict[str, tuple[str, str, list[Fact]]]:
    found: dict[str, tuple[str, str, list[Fact]]] = {}
    for line in filter(str.strip, text.splitlines()):
        words = line.split()
        if not line.startswith(" "):
            found[words[0]] = (words[1], words[2], last := [])
            continue
        lists: dict[str, list[str]] = {}
        kind = ""
        for word in words[3:]:
            if word in ("!", "s", "x", ":"):
                kind = word
                lists[kind] = []
            else:
                lists.setdefault(":" if "=" in word else kind, []).append(word)
        codes = dict(each.split("=") for each in lists.get(":", ()))
        last.append(
            Fact(
                words[0], words[1], words[2],
                frozenset(lists["!"]) if "!" in lists else None,
                frozenset(lists["s"]) if "s" in lists else None,
                frozenset(lists.get("x", ())),
                {place: frozenset(each.split(",")) for place, each in codes.items()},
            )
        )  # fmt: skip
    return found


def loops(name: str) -> dict[str, Any]:
    envelope = {"ISA_LOOP", "GS_LOOP", "ST_LOOP", "DETAIL", "FOOTER"}
    return {each.get("xid"): each for each in root(f"{name}.xml").iter("loop") if each.get("xid") not in envelope}


def uses(segment: Any, usage: str) -> set[str]:
    places = (each for each in segment if each.tag in ("element", "composite"))
    return {each.get("xid")[-2:] for each in places if each.get("usage") == usage}


def inferred(segment: Any, place: str) -> bool:
    (found,) = [each for each in segment if each.get("xid") == f"{segment.get('xid')}{place}"]
    return bool(found.get("usage") == "S" and found.get("sure") == "inferred")


def codes(segment: Any) -> dict[str, set[str]]:
    """By place, of the elements and components that may be used and have codes."""
    found = {}
    for place in segment:
        if place.tag in ("element", "composite") and place.get("usage") != "N":
            for each in place.iter("element"):
                key = each.get("xid").removeprefix(segment.get("xid"))
                if (values := {code.text for code in each.iter("code")}) and each.get("usage") != "N":
                    found[key] = values
    return found


def pairs(name: str) -> Iterator[tuple[str, Fact, Any]]:
    """Each segment with what is known of it: those of one id are told apart by their first code."""
    maps = loops(name)
    for loop, (_, _, told) in facts(MAPS[name]).items():
        segments = maps[loop].findall("segment")
        for fact in told:
            alike = [each for each in segments if each.get("xid") == fact.tag]
            if len(alike) > 1:
                alike = [each for each in alike if codes(each).get("01") == fact.codes["01"]]
            (segment,) = alike
            yield f"{loop}/{fact.tag}", fact, segment


def silent(place: str, key: str) -> bool:
    tag = place.rpartition("/")[2]
    return any(name in SILENT for name in (tag, f"{tag}{key}", f"{tag}{key[2:]}"))


@pytest.mark.parametrize("name", MAPS)
def test_a_map_has_the_loops_and_segments_that_are_known_and_no_others(name: str) -> None:
    told = facts(MAPS[name])
    maps = loops(name)
    assert list(maps) == list(told)
    for loop, (usage, repeats, segments) in told.items():
        assert usage in ("?", maps[loop].get("usage")), loop
        assert repeats in ("?", maps[loop].get("repeat")), loop
        tags = [each.get("xid") for each in maps[loop].findall("segment")]
        assert sorted(tags) == sorted(fact.tag for fact in segments), loop


@pytest.mark.parametrize("name", MAPS)
def test_segments_and_elements_are_used_as_often_and_as_is_known(name: str) -> None:
    differences = []
    for place, fact, segment in pairs(name):
        required, situational, unused = (uses(segment, usage) for usage in "RSN")
        fits = {
            "usage": fact.usage in ("?", segment.get("usage")),
            "most": fact.most in ("?", segment.get("max_use")),
            "required": fact.required in (None, required),
            "situational": fact.situational in (None, situational - LENIENT.get(fact.tag, set())),
            "lenient": all(inferred(segment, each) for each in LENIENT.get(fact.tag, ())),
            "not used": fact.unused <= unused,
        }
        differences += [(place, what) for what, right in fits.items() if not right]
    assert differences == []


@pytest.mark.parametrize("name", MAPS)
def test_an_element_takes_the_codes_that_are_known_and_no_others(name: str) -> None:
    differences = {}
    for place, fact, segment in pairs(name):
        found = codes(segment)
        for key, known in fact.codes.items():
            more, _ = MORE.get((name, f"{place}{key}"), (set(), ""))
            if found.get(key) != known | more:
                differences[f"{place}{key}"] = sorted(found.get(key, set()) ^ (known | more))
        if name in COMPLETE:
            for key in found.keys() - fact.codes.keys():
                if not silent(place, key):
                    differences[f"{place}{key}"] = sorted(found[key])
    assert differences == {}


def test_every_code_beyond_the_facts_says_where_it_comes_from() -> None:
    for (name, place), (beyond, why) in MORE.items():
        assert why
        if "/" not in place:
            continue
        loop, _, element = place.partition("/")
        (found,) = [each for each in loops(name)[loop].findall("segment/element") if each.get("xid") == element]
        assert found.get("sure") == "inferred"
        text = (GUIDES / f"{name}.xml").read_text()
        assert all(f"<!-- {code} is here in the response of 4010" in text for code in beyond)


@pytest.mark.parametrize(("name", "element"), CODES)
def test_codes_of_acknowledgements_and_envelopes_are_those_that_are_known(name: str, element: str) -> None:
    found = [each for each in root(f"{name}.xml").iter("element") if each.get("xid") == element]
    more, _ = MORE.get((name, element), (set(), ""))
    known = frozenset(CODES[name, element].split(",")) | more
    assert {frozenset(code.text for code in each.iter("code")) for each in found} == {known}


def test_lengths_are_those_that_are_known() -> None:
    found = {number: (int(ELEMENTS[number].get("min_len")), int(ELEMENTS[number].get("max_len"))) for number in LENGTHS}
    assert found == LENGTHS
