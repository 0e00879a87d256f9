"""A document for a person to read: its loops, segments and elements by name, with their values.

Values are PHI, and shown: who asks for them has the document. What is no printable character is spelled out, so that
nothing in a document steers a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.x12_278.guides.grammar import Composite, Element
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.tools.outline import Standing, standings

_INDENT = "  "
COUNTED = frozenset({"BIN02", "BDS03"})
"""Data of which the element before says how many bytes they are: in whatever guide, and in none."""


def lines(chunks: bytes | Iterable[bytes], guides: Guides) -> Iterator[str]:
    for standing in standings(chunks, guides):
        entered = standing.loops[len(standing.loops) - standing.entered :]
        for count, loop in enumerate(entered):
            depth = standing.depth - standing.entered + count
            yield f"{_INDENT * depth}{loop.id}  {loop.name}"
        name = standing.node.name if standing.node else "(without a place in the guide)"
        yield f"{_INDENT * standing.depth}{standing.values[0].decode()}  {name}"
        for label, what, value in named(standing):
            says = f"{what}: " if what else ""
            yield f"{_INDENT * (standing.depth + 1)}{label}  {says}{visible(value)}"


def named(standing: Standing) -> Iterator[tuple[str, str, bytes]]:
    """Each value of a segment that is not empty: its place, what the guide calls it, its bytes."""
    tag, marks = standing.values[0].decode(), standing.marks
    nodes = standing.node.elements if standing.node else ()
    for place, value in enumerate(standing.values[1:], start=1):
        node = nodes[place - 1] if place <= len(nodes) else None
        label = f"{tag}{place:02d}"
        if tag == "ISA" or label in COUNTED:
            if value.strip():
                told = value if tag == "ISA" else f"({standing.values[place - 1].decode()} bytes)".encode()
                yield label, node.name if node else "", told
            continue
        repeats = value.split(marks.repetition) if marks.repetition else [value]
        for count, repeat in enumerate(repeats, start=1):
            again = f"({count})" if len(repeats) > 1 else ""
            parts = repeat.split(marks.component)
            for number, part in enumerate(parts, start=1):
                if part:
                    is_part = len(parts) > 1 or isinstance(node, Composite)
                    yield f"{label}{again}{f'-{number}' if is_part else ''}", _name(node, number), part


def visible(value: bytes) -> str:
    """The text, with what is not printable spelled out."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("cp1252", errors="replace")
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _name(node: Element | Composite | None, number: int) -> str:
    if isinstance(node, Composite):
        return node.parts[number - 1].name if number <= len(node.parts) else ""
    return node.name if node else ""
