"""Characters that do not travel are written with others, visibly, and never as something else that could be meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.characters import Alphabet

EXTENDED = Alphabet("extended", "*:^~")
BASIC = Alphabet("basic", "*:^~")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë Müller", "Zoe Muller"),
        ("Zoe\u0308", "Zoe"),
        ("Weiß Łukasz Øst", "Weiss Lukasz Ost"),
        ("TNF-α ≥ 5 µg", "TNF-alpha >= 5 ug"),
        ("“quoted” – it’s", '"quoted" - it\'s'),
        ("ANA 1:160", "ANA 1;160"),
        ("HLA-B*27", "HLA-B?27"),
        ("~5 mg", "ca. 5 mg"),
        ("½ tablet", "1/2 tablet"),
        ("10²", "102"),
        ("A東B", "A?B"),
        ("東京", ""),
        ("—", "-"),
    ],
)
def test_a_character_becomes_what_people_would_write(text: str, written: str) -> None:
    assert EXTENDED.written(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [("Müller", "MULLER"), ("a_b@c", "A-B AT C"), ("5 % <2", "5 PCT LT 2"), ("Weiß", "WEISS"), ("≥ 5", "GT = 5")],
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
    assert BASIC.written("5 \u03bcg") == "5 UG"


def test_a_ratio_never_becomes_another_number() -> None:
    for delimiters in ("*:^~", "*:^~;", "*:^~;?"):
        assert Alphabet("extended", delimiters).written("1:160") not in ("1.160", "1160", "1-160", "1:160")


@given(st.text(max_size=60), st.sampled_from(["extended", "basic"]), st.sampled_from(["*:^~", "|>!'", "?#.-", "*+ ,"]))
def test_whatever_is_written_can_travel(text: str, charset: str, delimiters: str) -> None:
    alphabet = Alphabet(charset, delimiters)  # type: ignore[arg-type]
    written = alphabet.written(text)
    assert alphabet.carries(written)
    assert not set(written) & set(delimiters)


@given(st.text("ABC xyz0129.,-()", max_size=60))
def test_what_can_travel_is_not_touched(text: str) -> None:
    assert EXTENDED.written(text) == text
