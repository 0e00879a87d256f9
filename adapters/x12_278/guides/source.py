"""Reads maps of pyx12's XML format, with ``dataele.xml``, ``codes.xml`` and ``maps.xml``, from their bytes.

What the format says as an attribute it may say as a child element of that name as well.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.x12_278.guides.grammar import (
    UNBOUNDED,
    Composite,
    Element,
    Grammar,
    Key,
    Loop,
    Note,
    SegmentNode,
    Sure,
    Usage,
)

_NOTE = re.compile(r"([PRECL])((?:[0-9]{2}){2,})")


class UnreadableGuide(ValueError):
    """A file of the guides is not what it should be. The text names the file and the place."""


@dataclass(frozen=True, slots=True)
class Row:
    """Which map is for a group, and a transaction in it by its purpose (BHT02), where ``purpose`` is given; and how
    well that is known."""

    version: str
    guide: str
    group: str
    purpose: str
    map: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class DataElement:
    kind: str
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Tables:
    elements: Mapping[str, DataElement]
    lists: Mapping[str, frozenset[bytes]]


def parse(name: str, text: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableGuide(f"{name} is not XML") from error


def read_rows(text: bytes) -> tuple[Row, ...]:
    return tuple(
        Row(
            version.get("icvn", ""),
            row.get("vriic", ""),
            row.get("fic", ""),
            row.get("tspc", ""),
            (row.text or "").strip(),
            Sure(row.get("sure", Sure.AGREED)),
        )
        for version in parse("maps.xml", text).iter("version")
        for row in version.iter("map")
    )


def read_tables(elements: bytes, codes: bytes) -> Tables:
    found = {
        row.get("ele_num"): DataElement(
            row.get("data_type") or "", int(row.get("min_len") or 1), int(row.get("max_len") or UNBOUNDED)
        )
        for row in parse("dataele.xml", elements).iter("data_ele")
    }
    lists = {
        (row.findtext("id") or "").strip(): frozenset((code.text or "").strip().encode() for code in row.iter("code"))
        for row in parse("codes.xml", codes).iter("codeset")
    }
    return Tables(found, lists)


def read_map(name: str, text: bytes, tables: Tables) -> Grammar:
    return _Reader(name, tables).grammar(parse(name, text))


def _said(node: etree._Element, key: str) -> str:
    return (node.get(key) or node.findtext(key) or "").strip()


class _Reader:
    def __init__(self, name: str, tables: Tables) -> None:
        self._name = name
        self._tables = tables
        self._known: defaultdict[str, set[bytes]] = defaultdict(set)

    def grammar(self, root: etree._Element) -> Grammar:
        sure = self._sure(root, Sure.AGREED)
        loops = [self._loop(each, sure) for each in root.findall("loop")]
        if len(loops) != 1:
            raise UnreadableGuide(f"{self._name} has not one loop at its top")
        envelope = loops[0]
        found = [loop for loop in envelope.loops() if loop.id == "ST_LOOP"]
        known = {number: frozenset(codes) for number, codes in self._known.items()}
        return Grammar(self._name.removesuffix(".xml"), envelope, found[0] if found else None, known)

    def _loop(self, node: etree._Element, above: Sure) -> Loop:
        sure = self._sure(node, above)
        # Of one position loops come first, as with pyx12.
        children: list[Loop | SegmentNode] = [self._loop(each, sure) for each in node.findall("loop")]
        segments = node.findall("segment")
        shared = Counter((_said(each, "xid"), self._number(each, "pos", None)) for each in segments)
        for each in segments:
            several = shared[_said(each, "xid"), self._number(each, "pos", None)] > 1
            children.append(self._segment(each, sure, several))
        return Loop(
            _said(node, "xid"),
            self._usage(node),
            self._number(node, "pos", None),
            self._number(node, "repeat", UNBOUNDED),
            _said(node, "name"),
            sure,
            tuple(sorted(children, key=lambda child: child.pos)),
        )

    def _segment(self, node: etree._Element, above: Sure, several: bool) -> SegmentNode:
        sure = self._sure(node, above)
        elements: list[Element | Composite] = [self._element(each, sure) for each in node.findall("element")]
        elements += [self._composite(each, sure) for each in node.findall("composite")]
        elements.sort(key=lambda each: each.place)
        if [each.place for each in elements] != list(range(1, len(elements) + 1)):
            raise UnreadableGuide(f"{self._name}: the elements of {_said(node, 'xid')} are not counted from 1")
        key, codes = key_of(_said(node, "xid"), elements)
        return SegmentNode(
            _said(node, "xid"),
            self._usage(node),
            self._number(node, "pos", None),
            self._number(node, "max_use", UNBOUNDED),
            _said(node, "name"),
            tuple(elements),
            self._notes(node),
            sure,
            key,
            codes,
            several,
        )

    def _composite(self, node: etree._Element, above: Sure) -> Composite:
        sure = self._sure(node, above)
        return Composite(
            _said(node, "xid"),
            self._number(node, "seq", None),
            _said(node, "data_ele"),
            self._usage(node),
            _said(node, "name"),
            tuple(self._element(each, sure) for each in node.findall("element")),
            self._notes(node),
            self._number(node, "repeat", 1),
            sure,
        )

    def _element(self, node: etree._Element, above: Sure) -> Element:
        number = _said(node, "data_ele")
        data = self._tables.elements.get(number)
        if data is None:
            raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} names a data element that dataele.xml has not")
        listed = node.find("valid_codes")
        codes: frozenset[bytes] = frozenset()
        outside: frozenset[bytes] = frozenset()
        if listed is not None:
            codes = frozenset((code.text or "").strip().encode() for code in listed.findall("code"))
            self._known[number] |= codes
            name = listed.get("external")
            if name:
                if name not in self._tables.lists:
                    raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} names a list that codes.xml has not")
                outside = self._tables.lists[name]
        return Element(
            _said(node, "xid"),
            self._number(node, "seq", None),
            number,
            self._usage(node),
            _said(node, "name"),
            data.kind,
            data.shortest,
            data.longest,
            codes,
            outside,
            self._number(node, "repeat", 1),
            self._sure(node, above),
        )

    def _notes(self, node: etree._Element) -> tuple[Note, ...]:
        notes = []
        for each in node.findall("syntax"):
            found = _NOTE.fullmatch((each.text or "").strip())
            if not found:
                raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} has a syntax note of no known form")
            places = found[2]
            notes.append(Note(found[1], tuple(int(places[at : at + 2]) for at in range(0, len(places), 2))))
        return tuple(notes)

    def _usage(self, node: etree._Element) -> Usage:
        try:
            return Usage(_said(node, "usage"))
        except ValueError:
            raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} has no usage") from None

    def _sure(self, node: etree._Element, above: Sure) -> Sure:
        said = node.get("sure")
        if said is None:
            return above
        try:
            return Sure(said)
        except ValueError:
            raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} is sure in no known way") from None

    def _number(self, node: etree._Element, key: str, otherwise: int | None) -> int:
        said = _said(node, key)
        if said == ">1":
            return UNBOUNDED
        if not said and otherwise is not None:
            return otherwise
        if not said.isdigit():
            raise UnreadableGuide(f"{self._name}: {_said(node, 'xid')} has no number for {key}")
        return int(said)


def key_of(tag: str, elements: Sequence[Element | Composite]) -> tuple[Key | None, frozenset[bytes]]:
    """As pyx12 tells segments of one id apart."""
    first = elements[0] if elements else None
    if isinstance(first, Element) and first.kind == "ID" and first.usage is Usage.REQUIRED and first.codes:
        return Key(1, 0), first.codes
    if isinstance(first, Composite) and first.parts and first.parts[0].codes:
        part = first.parts[0]
        if part.kind == "ID" or (tag == "CTX" and part.kind == "AN"):
            return Key(1, 1), part.codes
    if tag == "HL" and len(elements) > 2 and isinstance(elements[2], Element) and elements[2].codes:
        return Key(3, 0), elements[2].codes
    return None, frozenset()
