"""A number is the same number to who reads it at the payer, whatever characters it was written with."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.asking.characters import Alphabet

DEFAULT = Alphabet("extended", "*:^~")
WITH_A_CARET = Alphabet("extended", "*:!~")
BASIC = Alphabet("basic", "*:^~")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1½ mg", "1 1/2 mg"),
        ("½ tablet", "1/2 tablet"),
        ("½½", "1/2 1/2"),
        ("½2", "1/2 2"),
        ("½l", "1/2 l"),
        ("T½", "T 1/2"),
        ("1⁄2", "1/2"),
        ("2¹⁄₃", "2 1/3"),
        ("2⅟₃", "2 1/3"),
        ("75 mg/m²", "75 mg/m2"),
        ("75 mg/m^2", "75 mg/m2"),
        ("1.73m²", "1.73m2"),
        ("20㎡", "20m2"),
        ("m²5", "m2 5"),
        ("H₂O, CO₂, HbA₁c, log₁₀", "H2O, CO2, HbA1c, log10"),
        ("CO₂5", "CO2 5"),
        ("10₂", "10 sub 2"),
        ("t₋₁", "t sub -1"),
        ("CD4⁺, Ca²⁺, Na⁺", "CD4+, Ca2+, Na+"),
        ("¹⁸F-FDG, [¹⁷⁷Lu], ⁹⁹ᵐTc", "18F-FDG, [177Lu], 99mTc"),
        ("5①", "5(1)"),
        ("⒈5", "(1)5"),
        ("5❶", "5(1)"),
        ("stage Ⅲb", "stage IIIb"),
        ("5Ⅰ", "5 I"),
        ("36º", "36 o"),
        ("1ˢᵗ", "1st"),
        ("３７．５℃", "37.5 deg C"),
        ("٣٫٥ mg", "3.5 mg"),
        ("5㎎", "5mg"),
        ("5㎍, 5 µg, 5 μg/mL", "5mcg, 5 mcg, 5 mcg/mL"),
        ("5 µL", "5 uL"),
        ("5ℓ", "5L"),
        ("5·10", "5?10"),
        ("5•10", "5; 10"),
    ],
)
def test_a_number_is_written_so_that_it_is_read_as_the_same(text: str, written: str) -> None:
    assert DEFAULT.written(text) == written


@pytest.mark.parametrize(
    ("text", "with_words", "with_a_caret"),
    [
        ("150 10³/µL", "150 10 power 3/uL", "150 10^3/uL"),
        ("1.2 x 10⁹/L", "1.2 x 10 power 9/L", "1.2 x 10^9/L"),
        ("10⁻³", "10 power -3", "10^-3"),
        ("10³5", "10 power 3 5", "10^3 5"),
        ("10³.5", "10 power 3 .5", "10^3 .5"),
        ("min⁻¹", "min power -1", "min^-1"),
        ("10 ⁹L", "10 power 9L", "10 ^9L"),
        ("10^3/uL", "10 power 3/uL", "10^3/uL"),
        ("10^-3", "10 power -3", "10^-3"),
        ("10*3/uL", "10 power 3/uL", "10^3/uL"),
        ("x10*9/L", "x10 power 9/L", "x10^9/L"),
        ("10*6/mm2", "10 power 6/mm2", "10^6/mm2"),
        # Perhaps a power and perhaps a product: the reader sees that something is missing.
        ("10*3 mg", "10?3 mg", "10?3 mg"),
        ("10*3/day", "10?3/day", "10?3/day"),
        ("5*3/uL", "5?3/uL", "5?3/uL"),
        ("110*3/uL", "110?3/uL", "110?3/uL"),
        ("HLA-B*27", "HLA-B?27", "HLA-B?27"),
    ],
)
def test_a_power_says_that_it_is_one(text: str, with_words: str, with_a_caret: str) -> None:
    assert DEFAULT.written(text) == with_words
    assert WITH_A_CARET.written(text) == with_a_caret
    assert BASIC.written(text) == with_words.upper()


def test_what_the_connection_carries_is_left_as_it_was_typed() -> None:
    alphabet = Alphabet("extended", "|>!'")
    assert alphabet.written("10*3/uL, 10^3/uL, mg/m^2") == "10*3/uL, 10^3/uL, mg/m^2"


SAME_SIGN = {".": ".․٫﹒．", ",": ",，٬﹐︐"}
"""What may stand between two digits as a decimal point or comma: those, in other shapes."""


@pytest.mark.parametrize("alphabet", [DEFAULT, BASIC, WITH_A_CARET])
def test_no_character_between_two_numbers_makes_them_one(alphabet: Alphabet) -> None:
    made = []
    for character in map(chr, range(sys.maxunicode + 1)):
        # Digits join by right; and of letters of other scripts and unassigned ones nothing is written.
        if unicodedata.category(character) in ("Nd", "Lo", "Cn", "Co", "Cs"):
            continue
        written = alphabet.written(f"1{character}5")
        numbers = re.findall(r"\d+", written)
        decimal = re.search(r"\d([.,])\d", written)
        whole = numbers[0] == "1" and numbers[-1] == "5"
        if not whole or (decimal and character not in SAME_SIGN[decimal[1]]):
            made.append((f"U+{ord(character):04X}", written))
    assert made == []


HARD = "¼½¾⅓⅟²³⁰⁹⁺⁻₀₂₋⁄∕·•|\\_*^~①⑴⒈❶Ⅲº″µ→‰®\u0336\u0301\u20e3 \u00a0東é"


@given(st.lists(st.integers(0, 999).map(str) | st.sampled_from(HARD) | st.sampled_from("m/.,x-lOF"), max_size=12))
def test_no_text_runs_two_of_its_numbers_together(pieces: list[str]) -> None:
    text = "".join(pieces)
    for alphabet in (DEFAULT, BASIC, WITH_A_CARET):
        written = iter(re.findall("[0-9]+", alphabet.written(text)))
        # In their order, each whole; numbers that were raised, lowered or fractions stand among them.
        assert [number for number in re.findall("[0-9]+", text) if number not in written] == []
