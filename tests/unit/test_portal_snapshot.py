"""The accessibility snapshot as Playwright writes it: read whole, or refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.portal.reading.node import Node
from adapters.portal.reading.snapshot import DEEPEST, MOST_NODES, read_snapshot
from adapters.portal.reading.tables import alerts, read_table, read_terms
from gateway.contract.errors import Unreadable

PAGE = r"""- banner: Ironwood Plan
- main:
  - heading "Dates \"and\" units" [level=2]
  - 'link "Back: member"':
    - /url: /new
  - textbox "Units" [disabled]: "40"
  - checkbox "Yes" [checked=mixed] [active]
  - text: "a: \"b\"\n\x01\\"
  - paragraph
  - 'button "It''s # here" [disabled]': go
  - iframe"""


def test_roles_names_texts_and_states_are_read() -> None:
    main = read_snapshot(PAGE).only("main")
    assert main is not None
    assert [(node.role, node.name, node.text) for node in main.children] == [
        ("heading", 'Dates "and" units', ""),
        ("link", "Back: member", ""),
        ("textbox", "Units", "40"),
        ("checkbox", "Yes", ""),
        ("text", "", 'a: "b"\n\x01\\'),
        ("paragraph", "", ""),
        ("button", "It's # here", "go"),
        ("iframe", "", ""),
    ]
    assert main.children[3].states == {"checked": "mixed", "active": ""}


def test_a_node_knows_its_bytes_and_its_place() -> None:
    text = '- main:\n  - text: "é"\n  - cell "ü": ö'
    cell = read_snapshot(text).only("cell")
    assert cell is not None
    assert text.encode()[cell.start : cell.end].decode() == 'cell "ü": ö'
    assert cell.path == "main[1]/cell[1]"


@pytest.mark.parametrize(
    "text",
    [
        "main",
        "-main",
        " - main",
        "- Main",
        "- main\n  - button",
        "- main:\n    - button",
        '- button "a',
        '- button "a" b',
        "- button [x",
        '- \'button "a"',
        "- 'button'x",
        "- text: ",
        '- text: "a',
        '- text: "a"b"',
        r'- text: "\q"',
        r'- text: "\x1"',
        "- text: 'a'",
        r'- button "\ud800"',
        "- text: \ud800",
        "\n",
        "- main:\n\n",
    ],
)
def test_what_playwright_does_not_write_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_snapshot(text)


def test_a_page_without_end_is_refused() -> None:
    deep = "\n".join("  " * depth + "- group:" for depth in range(DEEPEST + 1))
    for text in (deep, "\n".join(["- text: a"] * (MOST_NODES + 1))):
        with pytest.raises(Unreadable):
            read_snapshot(text)


PIECES = st.sampled_from(
    (
        *(
            "- ",
            "  ",
            "main",
            "cell",
            "row",
            "table",
            ":",
            ": ",
            '"',
            "'",
            '"a"',
            "\\",
            "\\n",
            " [level=1]",
            "[",
            "]",
            "text",
        ),
        *("/url: x", "\n", "é", "\u2028", "\r", "#", "- text: a", "- row:", "- columnheader", "- cell", "- term"),
        *("- definition", "- alert", "- listitem: x"),
    )
)


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200))
def test_any_text_is_a_tree_or_unreadable(text: str) -> None:
    try:
        tree = read_snapshot(text)
    except Unreadable:
        return
    for node in tree.walk():
        assert 0 <= node.start <= node.end <= len(text.encode())
    read_table(tree)
    read_terms(tree)
    list(alerts(tree))


NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(max_examples=2 * settings().max_examples, deadline=None)
@given(NAMES, NAMES)
def test_any_name_and_text_come_back_as_they_were_written(name: str, text: str) -> None:
    tree = read_snapshot(f"- main:\n  - {written_key('button', name)}: {written_value(text)}")
    button = tree.only("button")
    assert button is not None
    assert (button.name, button.text) == (name, text)


def written_key(role: str, name: str) -> str:
    """As ``renderAriaSnapshotAsYaml`` writes a key."""
    key = f"{role} {json.dumps(name, ensure_ascii=False)}" if name else role
    return "'" + key.replace("'", "''") + "'" if any(sign in key for sign in ":#{}`'") else key


def written_value(text: str) -> str:
    """As it writes a text that needs quotes."""
    special = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    signs = (
        special.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign)
        for sign in text
    )
    return f'"{"".join(signs)}"'


def test_a_table_with_rows_of_other_widths_is_ragged() -> None:
    head = '- table "T":\n  - row "a b":\n    - columnheader "a"\n    - columnheader "b"\n'
    sound = read_table(read_snapshot(head + '  - row "1 2":\n    - cell "1"\n    - cell "2"'))
    assert [{name: cell.said for name, cell in row.items()} for row in sound.rows] == [{"a": "1", "b": "2"}]
    assert not sound.ragged
    assert read_table(read_snapshot(head + '  - row "1":\n    - cell "1"')).ragged


def test_a_term_that_stands_twice_has_both() -> None:
    tree = read_snapshot("- term: a\n- definition: x\n- term: a\n- definition: y\n- term: b\n- definition: z")
    assert {name: [node.told for node in told] for name, told in read_terms(tree).items()} == {
        "a": ["x", "y"],
        "b": ["z"],
    }


def test_what_a_node_says_is_its_name_or_what_is_in_it() -> None:
    tree = read_snapshot('- cell "named":\n  - text: inner\n- listitem:\n  - text: one\n  - strong: two')
    cell, item = tree.children
    assert (cell.said, cell.told, item.said) == ("named", "inner", "one two")
    assert isinstance(item.holding("two"), Node)
    assert item.holding("two").role == "strong"
