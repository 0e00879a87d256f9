"""Characters that do not travel are written with others, visibly, and never as something else that could be meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.asking.characters import Alphabet

EXTENDED = Alphabet("extended", "*:^~")
BASIC = Alphabet("basic", "*:^~")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë Müller", "Zoe Muller"),
        ("Zoe\u0308", "Zoe"),
        ("Weiß Łukasz Øst", "Weiss Lukasz Ost"),
        ("TNF-α ≥ 5 µL", "TNF-alpha >= 5 uL"),
        ("“quoted” – it’s", '"quoted" - it\'s'),
        ("ANA 1:160", "ANA 1;160"),
        ("HLA-B*27", "HLA-B?27"),
        ("~5 mg", "ca. 5 mg"),
        ("Keytruda® Opdivo™", "Keytruda(R) Opdivo(TM)"),
        ("↑ALT, ∞", "up ALT, infinite"),
        ("HER2₊ CD34₋", "HER2+ CD34-"),
        ("• ECOG 1 • 5 mg", "; ECOG 1 ; 5 mg"),
        ("a·b", "a.b"),
        ("´", "?"),
        ("⃠", "?"),
        ("A東B", "A?B"),
        ("東京", ""),
        ("—", "-"),
    ],
)
def test_a_character_becomes_what_people_would_write(text: str, written: str) -> None:
    assert EXTENDED.written(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("10->5", "10 TO 5"),
        ("CRP<5", "CRP LT 5"),
        ("1|2 N|A", "1?2 N/A"),
        ("Müller", "MULLER"),
        ("a_b@c", "A-B AT C"),
        ("5 % <2", "5 PCT LT 2"),
        ("Weiß", "WEISS"),
        ("≥ 5", "GT = 5"),
    ],
)
def test_the_basic_set_has_capitals_and_words_for_signs(text: str, written: str) -> None:
    assert BASIC.written(text) == written


@pytest.mark.parametrize(
    "text", ["Testperson, Ada", "dose  doubled", " as needed ", "Nothing to fold 1-2", "UPPER lower"]
)
def test_text_that_only_lacks_capitals_is_otherwise_not_touched(text: str) -> None:
    assert BASIC.written(text) == text.upper()
    assert EXTENDED.written(text) == text


def test_a_capital_greek_letter_is_not_taken_for_another_by_folding() -> None:
    assert BASIC.written("5 \u03bcL") == "5 UL"


def test_a_ratio_never_becomes_another_number() -> None:
    for delimiters in ("*:^~", "*:^~;", "*:^~;?"):
        assert Alphabet("extended", delimiters).written("1:160") not in ("1.160", "1160", "1-160", "1:160")


@pytest.mark.parametrize("text", ["≮ 5", "≯ 5", "≰ 5", "≱ 5", "≠ 5"])
def test_a_sign_that_is_struck_out_is_not_written_as_the_sign(text: str) -> None:
    assert EXTENDED.written(text).startswith("not ")


def test_what_is_struck_out_stays_so() -> None:
    assert EXTENDED.written("1\u03360\u0336") == "1?0?"
    assert EXTENDED.written("o\u0336k") == "o?k"
    assert EXTENDED.written("0.3\u0307") == "0.3?"


@pytest.mark.parametrize("delimiters", ["*:^~", "*:?~", "*:?!", "?!&:", "?!&;", ":;?#"])
def test_what_stands_for_a_lost_sign_is_part_of_no_number(delimiters: str) -> None:
    for alphabet in (Alphabet("extended", delimiters), Alphabet("basic", delimiters)):
        assert re.fullmatch("1[?!&=]6", alphabet.written("1東6"))


@pytest.mark.parametrize(
    ("text", "changed", "lost"),
    [
        ("plain", False, False),
        ("Zoë", True, False),
        ("x☃", True, False),
        ("x東", True, True),
        ("東京", True, True),
        ("xΆ", True, True),
    ],
)
def test_a_writing_says_what_became_of_the_text(text: str, changed: bool, lost: bool) -> None:
    assert EXTENDED.writing(text)[1:] == (changed, lost)


@given(st.text(max_size=60), st.sampled_from([EXTENDED, BASIC]))
def test_a_text_travels_unchanged_but_for_its_case_or_says_that_it_does_not(text: str, alphabet: Alphabet) -> None:
    writing = alphabet.writing(text)
    if not writing.changed:
        assert writing.text == (text.upper() if alphabet.capitals else text)
    assert writing.changed == (not text.isascii() or writing.text.upper() != text.upper())


@pytest.mark.proves("EN-07")
@given(st.text(max_size=60), st.sampled_from(["extended", "basic"]), st.sampled_from(["*:^~", "|>!'", "?#.-", "*+ ,"]))
def test_whatever_is_written_can_travel(text: str, charset: str, delimiters: str) -> None:
    alphabet = Alphabet(charset, delimiters)  # type: ignore[arg-type]
    written = alphabet.written(text)
    assert alphabet.carries(written)
    assert not set(written) & set(delimiters)


@given(st.text("ABC xyz0129.,-()", max_size=60))
def test_what_can_travel_is_not_touched(text: str) -> None:
    assert EXTENDED.written(text) == text
