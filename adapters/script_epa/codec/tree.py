"""Reads XML so that every element keeps its bytes. The only module that knows lxml.

No document type, no entities, no network; size, number and depth of elements are bounded. lxml says whether the
document is sound, and what its texts are; it keeps no byte offsets, so the tags are found once more in the bytes, and
each is held against lxml's element. A question is a leaf here: its inside is read from the element alone, because sets
have hundreds of elements and one place for each question is enough. One in the usual form is not even parsed: it is
known to be sound, and an empty one stands for it and those beside it, for whether the rest is sound does not depend on
what is in it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from lxml import etree

from adapters.script_epa.codec.usual import Found, Usual
from gateway.contract.errors import Unreadable

MOST_BYTES, MOST_OF_OURS = 10_000_000, 32 << 20
"""Of what comes, as much as a door takes and a reply may have unless a profile says otherwise; and of what we say
ourselves: that carries a document besides what came."""
MOST_TAGS = 200_000
"""With their attributes: both are counted before anything is parsed, for each costs as much."""
MOST_PLACED = 20_000
"""Elements that are not within a leaf, each of which becomes a node: no message has so many."""
DEEPEST = 24

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("us-ascii", "ascii"), "ascii"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1"), "latin-1"),
    **dict.fromkeys(("windows-1252", "cp1252"), "cp1252"),
}
"""As partners write them and libxml2 knows them, and as Python calls them: of one byte for each sign, but for UTF-8."""
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_ASIDE = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
"""Where what looks like a tag is none. In a sound document each of these ends."""
_INSIDE = r"""(?:[^>"'/]++|"[^"]*+"|'[^']*+'|/(?!>))*+"""
_TAG = re.compile(r"<(?:/[^>]*>|([^ \t\r\n/>!?]++)(?:>([^<]*</\1>)?|" + _INSIDE + r"(/)?>))")
"""A tag: the last group that it has says which. None ends an element, the first opens one, the second is a whole
element with a text at most, and the third an empty one."""
_OPENS, _IS_TEXT = 1, 2
_LESS, _MANY = ord("<"), 1000
_NO_SIGNS = bytes(sign for sign in range(32) if sign not in b"\t\n")
"""What no XML may hold of ASCII, and what its readers change."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Elements whose inside gets no nodes: how they are called, what ends one, an empty one, and how many elements of a
    document are not within one."""

    name: str
    ends: re.Pattern[str]
    empty: bytes
    placed: etree.XPath


@cache
def leaf_of(name: str) -> Leaf:
    ends, placed = re.compile(f"</{name}[ \\t\\r\\n]*>"), etree.XPath(f"count(//*) - count(//{name}//*)")
    return Leaf(name, ends, f"<{name}/>".encode(), placed)


@dataclass(eq=False, slots=True)
class Node:
    """An element and its bytes, ``start`` to ``end``. ``name`` is its tag, with a namespace it has, ``path``
    the names that lead to it from below the root."""

    name: str
    start: int
    element: etree._Element = field(repr=False)
    end: int
    path: str
    children: Sequence[Node] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """Its text without blanks around it; nothing where it holds elements."""
        return "" if len(self.element) else (self.element.text or "").strip()

    def get(self, *names: str) -> Node | None:
        """The first element under these names, None where there is none."""
        node = self
        for name in names:
            for child in node.children:
                if child.name == name:
                    node = child
                    break
            else:
                return None
        return node

    def word(self, *names: str) -> Node | None:
        """The same, None where it is empty or holds elements."""
        node = self.get(*names)
        return node if node is not None and node.text else None

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator[Node]:
        """It and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """``encoding`` is that of the bytes, as Python calls it; ``aside`` says whether anything in it looks like a tag and
    is none. ``letters`` is the document as text where each byte of it is a letter and nothing is aside: as most are.
    ``usual`` are the questions in the usual form, by their beginning; their elements are empty."""

    body: bytes = field(repr=False)
    root: Node
    encoding: str
    aside: bool
    letters: str | None = field(repr=False)
    usual: Mapping[int, Found] = field(repr=False)

    def utf8(self, start: int, end: int) -> bytes:
        """A part of the document as it stands, in UTF-8."""
        part = self.body[start:end]
        return part if self.encoding in ("utf-8", "ascii") else part.decode(self.encoding).encode()

    def plain(self, start: int, end: int) -> str | None:
        """A part of the document as text; None where it may hold a comment or the like."""
        if self.letters is not None:
            return self.letters[start:end]
        if self.aside:
            return None
        part = self.body[start:end]
        return None if b"\r" in part else part.decode(self.encoding)


def _refuse(what: str) -> Unreadable:
    return Unreadable(f"the message {what}")


def _parser(ours: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=ours,  # libxml2 takes no text of more than ten million bytes otherwise
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


_THEIRS, _OURS = _parser(ours=False), _parser(ours=True)
"""Made once: a new one for each message costs a tenth of what it takes to parse one with thirty questions."""
_SHARED = 1 << 16
"""Of longer messages each has a parser to itself: whoever shares one waits until it is free."""


def _encoding(body: bytes) -> str:
    if b"\0" in body:
        raise _refuse("is in an encoding that is not taken here")
    told = _DECLARED.match(body.removeprefix(_BOM))
    declared = told[1].decode("ascii").lower() if told else "utf-8"
    encoding = _ENCODINGS.get(declared)
    if encoding is None or (body.startswith(_BOM) and encoding in ("latin-1", "cp1252")):
        raise _refuse("is in an encoding that is not taken here")
    return encoding


def read(body: bytes, leaf: Leaf, usual: Usual | None = None, *, ours: bool = False) -> Tree:
    """The tree of a document; questions are a ``leaf`` of it, ``usual`` is how they are usually written, and ``ours``
    for one that we wrote. Raises Unreadable."""
    most = MOST_OF_OURS if ours else MOST_BYTES
    tags = 0 if ours or len(body) <= MOST_PLACED * len(b"<a/>") else body.count(b"<")
    if len(body) > most or (len(body) > MOST_TAGS and tags and tags + body.count(b"=") > MOST_TAGS):
        raise _refuse("is too large")
    encoding = _encoding(body)
    marked = b"!" in body and b"<!" in body
    if marked and _DECLARATION.search(body):
        raise _refuse("holds a document type declaration")
    places = body.decode("latin-1")  # a sign for each byte, so that a place in the one is a place in the other
    plain = not marked and body.isascii()
    leaves = _usual_leaves(body, places, usual) if plain and usual is not None else []
    rest, runs = _without(body, leaf, leaves) if leaves else (body, {})
    aside = marked or _instructs(rest)
    if aside and leaves:  # some may be no elements
        leaves, rest, runs = [], body, {}
    root = None
    with suppress(etree.XMLSyntaxError, ValueError):  # kept out of what is raised: their texts quote the document
        shared = _OURS if ours else _THEIRS
        root = etree.fromstring(rest, shared if len(rest) <= _SHARED else _parser(ours))
    if root is None:
        raise _refuse("is not XML")
    if tags > MOST_PLACED and leaf.placed(root) > MOST_PLACED:
        raise _refuse("is too large")
    letters = places if plain and not aside and b"\r" not in body else None
    if aside:
        places = _ASIDE.sub(lambda found: " " * len(found[0]), places)
    top = _placed(places, leaf, runs, encoding, root)
    return Tree(body, top, encoding, aside, letters, {start: found for start, _, found in leaves})


def _usual_leaves(body: bytes, places: str, usual: Usual) -> list[tuple[int, int, Found]]:
    """Where the leaves begin and end that are in the usual form, and what they are."""
    return usual.find_all(places) if len(body.translate(None, _NO_SIGNS)) == len(body) else []


Run = list[tuple[int, int]]
"""Where leaves begin and end that have nothing between them."""


def _without(body: bytes, leaf: Leaf, leaves: Sequence[tuple[int, int, Found]]) -> tuple[bytes, dict[int, Run]]:
    """The document with one empty leaf for each run of these, and the runs by their beginning."""
    parts: list[bytes] = []
    runs: dict[int, Run] = {}
    run: Run = []
    at = 0
    for start, end, _ in leaves:
        if not run or (at != start and not body[at:start].isspace()):
            parts.append(body[at:start])
            runs[start] = run = []
        run.append((start, end))
        at = end
    return leaf.empty.join((*parts, body[at:])), runs


def _instructs(body: bytes) -> bool:
    """Whether a processing instruction may stand in it. The declaration before everything is none."""
    start = 1 if body.startswith(b"<?xml ") else 0
    if body.count(b"?") > _MANY:
        return body.find(b"<?", start) >= 0
    # To look for one byte is ten times quicker than for two, and most messages have few of these.
    at = body.find(b"?", start + 1)
    while at > 0 and body[at - 1] != _LESS:
        at = body.find(b"?", at + 1)
    return at > 0


def _placed(places: str, leaf: Leaf, runs: Mapping[int, Run], encoding: str, root: etree._Element) -> Node:
    """The nodes of a sound document, in which one element stands for each of ``runs``. Raises Unreadable where the
    bytes and the elements do not go together.

    Nodes do not know what is above them: a message is freed as soon as nobody needs it."""
    elements, search, end, leaf_name = root.iter(), _TAG.search, 0, leaf.name
    above: list[tuple[Node, list[Node], str]] = []
    parent: etree._Element | None = None
    beside: list[Node] = []
    path = ""
    while (found := search(places, end)) is not None:
        start, end = found.span()
        form = found.lastindex
        if form is None:
            if not above:
                raise _refuse("cannot be followed")
            inside = beside
            node, beside, path = above.pop()
            node.children, node.end = inside, end
            parent = above[-1][0].element if above else None
            continue
        element, name = next(elements, None), found[1]
        if element is None or element.getparent() is not parent:
            raise _refuse("cannot be followed")
        tag = element.tag
        if tag != name and not _is_named(tag, name, encoding):
            raise _refuse("cannot be followed")
        if form == _OPENS and name == leaf_name:
            run = runs.get(start)
            if run is None:  # it was parsed, with all that is in it
                run = [(start, _end_of_leaf(places, leaf, end))]
                deque(islice(elements, sum(1 for _ in element.iterdescendants())), maxlen=0)
            beside += [Node(tag, first, element, last, path + tag) for first, last in run]
            end = run[-1][1]
            continue
        node = Node(tag, start, element, end, path + tag)
        beside.append(node)
        if form == _OPENS:
            if len(above) >= DEEPEST:
                raise _refuse("is too deep")
            above.append((node, beside, path))
            parent, beside, path = element, [], f"{path}{tag}/" if len(above) > 1 else ""
        elif form == _IS_TEXT and (len(element) or len(above) >= DEEPEST):
            raise _refuse("cannot be followed" if len(element) else "is too deep")
    if above or len(beside) != 1 or next(elements, None) is not None:
        raise _refuse("cannot be followed")
    return beside[0]


def _is_named(tag: object, name: str, encoding: str) -> bool:
    """Whether a tag can be that of an element: a name with a prefix, or with letters of more than a byte."""
    own = name.rpartition(":")[2].encode("latin-1")
    return isinstance(tag, str) and tag.rpartition("}")[2].encode(encoding, "replace") == own


def _end_of_leaf(places: str, leaf: Leaf, start: int) -> int:
    """Where a leaf ends whose inside begins at ``start``. In a sound document it ends, one way or another."""
    last = leaf.ends.search(places, start)
    return last.end() if last is not None else start
