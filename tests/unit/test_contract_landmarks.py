"""Whether a page is the one that a site's description means."""

from __future__ import annotations

from time import process_time

import pytest

from gateway.contract.landmarks import controls_of, differences, is_at, masked, nodes_of
from gateway.contract.turns import Landmark
from gateway.transport.browser.evidence import outline_of

PAGE = """\
- banner:
  - link "Sign out":
    - /url: /out
- main:
  - heading "Review request 4711" [level=1]
  - text: Everything is right
  - table:
    - row "Member W123":
      - cell "W123"
  - 'textbox "Note: what else"': no
  - combobox "Plan":
    - option "Gold" [selected]
  - group "Ways":
    - button "Remove file 12" [disabled]
  - 'button "It''s \\"right\\""'
- contentinfo:
  - link "Terms"
"""
REVIEW = Landmark(
    "review",
    "/requests/{}/review",
    frozenset(
        {
            ("textbox", "Note: what else"),
            ("combobox", "Plan"),
            ("button", "Remove file 1"),
            ("button", 'It\'s "right"'),
        }
    ),
)


def test_the_controls_of_a_page_are_those_of_its_main_region_with_numbers_folded() -> None:
    assert controls_of(PAGE) == {(role, name.replace("1", "0")) for role, name in REVIEW.controls}
    assert [role for _, role, _ in nodes_of(PAGE)][:3] == ["banner", "link", "main"]


def test_a_page_without_a_main_region_is_taken_whole() -> None:
    assert controls_of('- link "Home"\n- button "Go"') == {("link", "Home"), ("button", "Go")}


def test_a_page_that_is_as_described_differs_in_nothing() -> None:
    assert differences(REVIEW, "/requests/R-77/review?step=", PAGE) == ()


def test_what_is_missing_new_or_elsewhere_is_told() -> None:
    changed = PAGE.replace('button "Remove file 12"', 'button "Discard 12"')
    assert differences(REVIEW, "/requests/R-77/edit", changed) == (
        "its address is not /requests/{}/review",
        'no button "Remove file 0"',
        'a new button "Discard 0"',
    )


def test_what_may_be_there_and_what_holds_data_is_not_compared() -> None:
    lenient = Landmark(
        "review",
        REVIEW.path,
        REVIEW.controls - {("combobox", "Plan")} | {("option", "Silver")},
        optional=frozenset({("combobox", "Plan"), ("button", "Undo")}),
        variable=frozenset({"option"}),
    )
    assert differences(lenient, "/requests/1/review", PAGE) == ()
    strict = Landmark("review", REVIEW.path, REVIEW.controls | {("option", "Silver")})
    assert differences(strict, "/requests/1/review", PAGE) == ('no option "Silver"', 'a new option "Gold"')


@pytest.mark.parametrize(
    ("pattern", "path", "same"),
    [
        ("/a/{}/c", "/a/b/c", True),
        ("/a/{}/c", "/a/b/b/c", False),
        ("/a/{}/c", "/a//c", False),
        ("/a.b", "/aXb", False),
        ("/a", "/a?x=1", True),
        ("/a", "/a/", False),
    ],
)
def test_a_pattern_leaves_one_part_of_a_path_open(pattern: str, path: str, same: bool) -> None:
    assert is_at(pattern, path) is same


def test_words_of_a_request_and_numbers_are_masked() -> None:
    assert (
        masked("Jane ROE-Smith, J1745 for Jane", frozenset({"jane", "Roe", "jan"})) == "[...] [...]-Smith, J0 for [...]"
    )
    assert masked("Dates", frozenset()) == "Dates"


def test_a_long_outline_with_many_words_is_masked_in_a_moment() -> None:
    words = frozenset(f"word{number}x" for number in range(1500))
    snapshot = "\n".join(f'- button "Press the button {number}"' for number in range(20_000))
    began = process_time()
    told = outline_of(snapshot, words)
    assert process_time() - began < 8
    assert len(told) <= 50_000
