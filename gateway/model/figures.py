"""Numbers written with characters of their own, in plain ones: digits of other scripts, fractions, powers, indices.

No number becomes another: what would run into its neighbour is set apart, and a power says that it is one. Knows of
a channel only which signs it carries; letters and other signs are the channel's own business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_SAME = frozenset(
    {
        "<wide>", "<narrow>", "<small>", "<vertical>", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>",
        "<isolated>",
        # Ligatures, Roman numerals, the degree Celsius, an ellipsis. With a digit in it, apart: ⒈5 is not 1.5.
        "<compat>",
        # Units in one character: mg, and m² with its power still one.
        "<square>",
        # Letters only (1ˢᵗ). What a raised or lowered digit is depends on what it stands behind: see the patterns.
        "<super>", "<sub>",
    }
)  # fmt: skip
"""Compatibility decompositions of Unicode, by tag, that are the same characters in another shape."""
_APART = "<circle>"
"""In brackets: 5① is not 51."""
_OWN = {"ℓ": "L", "™": "(TM)", "℠": "(SM)", "⁄": "/", "∕": "/", "٫": ".", "٬": ","}
"""A litre in capitals, since 5l reads as 51. A trade mark is no part of a name. Arabic has its own marks in numbers."""
_LOOK_LIKE_DIGITS = "lIOo"

_RAISED, _LOWERED, _RAISED_SIGNS, _LOWERED_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⁺⁻", "₊₋"
_PLAIN = str.maketrans(_RAISED + _LOWERED + _RAISED_SIGNS + _LOWERED_SIGNS, "0123456789" * 2 + "+-" * 2)
_VULGAR = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉"
_KEPT = frozenset(_RAISED + _LOWERED + _RAISED_SIGNS + _LOWERED_SIGNS + _VULGAR + "⅟")

_LETTER = r"[^\W\d_]"
_METRE = rf"(?<!{_LETTER})[cdkmnμ]?m"
_FRACTION = re.compile(
    rf"(?P<whole>[{_VULGAR}])|(?P<over>[{_RAISED}]+)[⁄/](?P<under>[{_LOWERED}]+)|⅟(?P<part>[{_LOWERED}]+|\d+)"
)
_SQUARE = re.compile(rf"({_METRE})([²³])(?![{_RAISED}])")
_NUCLIDE = re.compile(rf"(?<![\w)\].,^])(?<!\d )[{_RAISED}]+(?=m?[A-Z])")
_CHARGE = re.compile(rf"(?:(?<={_LETTER})[{_RAISED}]+|(?<=[\w)\]]))[{_RAISED_SIGNS}](?![{_RAISED}\d])")
_STATUS = re.compile(rf"(?<=[\w)\]])[{_LOWERED_SIGNS}](?![{_LOWERED}\d])")
"""A marker's result, written below: HER2₊."""
_POWER = re.compile(rf"[{_RAISED_SIGNS}]?[{_RAISED}]+")
_INDEX = re.compile(rf"(?P<behind>(?<={_LETTER})[{_LOWERED}]+)|[{_LOWERED_SIGNS}]?[{_LOWERED}]+")
_MICROGRAM = re.compile(rf"(?<!{_LETTER})μ(?=g(?!{_LETTER}))")
_TYPED_SQUARE = re.compile(rf"({_METRE})\^(?=[23](?![.,]?\d))")
_TYPED_POWER = re.compile(r"(?<=[\w)\]])\^(?=[+-]?\d)")
_TYPED_COUNT = re.compile(
    r"(?:(?<![\w.,])|(?<![A-Za-z][xX])(?<=[xX]))10\*(?=[+-]?\d{1,2}/(?:[cdfmnpuμ]?[Ll]|mm)(?![a-z]))"
)
"""UCUM's power of ten in a count of cells: 10*3/uL. Elsewhere 10*3 is as likely thirty."""


def plain_figures(text: str, carried: Container[str]) -> str:
    """The text with its numbers in plain characters, or in signs of the text's own that the connection carries."""
    pieces: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        plain = character if character in carried else _plain(character)
        behind_digit = bool(pieces) and pieces[-1][-1:].isdigit()
        pieces.append(" " + plain if plain != character and behind_digit and plain[:1] in _LOOK_LIKE_DIGITS else plain)
    text = "".join(pieces)
    # A sign where there is one, and else a word: 10E3 is ten thousand to some readers, and 10(3) thirty.
    power = "^" if "^" in carried else " power "
    text = _FRACTION.sub(_fraction, text)
    text = _SQUARE.sub(lambda found: _set_apart(found, found[1] + found[2].translate(_PLAIN)), text)
    text = _NUCLIDE.sub(lambda found: found[0].translate(_PLAIN), text)
    text = _CHARGE.sub(lambda found: found[0].translate(_PLAIN), text)
    text = _STATUS.sub(lambda found: found[0].translate(_PLAIN), text)
    text = _POWER.sub(lambda found: _set_apart(found, power + found[0].translate(_PLAIN), _LOOK_LIKE_DIGITS), text)
    text = _INDEX.sub(_index, text)
    # Written ug it has been read as mg; the ISMP's list of error-prone abbreviations asks for mcg.
    text = _MICROGRAM.sub("mc", text)
    if "^" not in carried:
        text = _TYPED_POWER.sub(power, _TYPED_SQUARE.sub(r"\1", text))
    if "*" not in carried:
        text = _TYPED_COUNT.sub(f"10{power}", text)
    return text


def _plain(character: str) -> str:
    """The same character in its plain shape; itself where it has none, or where its neighbours decide."""
    if character in _OWN:
        return _OWN[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    if character in _KEPT:
        return character
    tag, *points = unicodedata.decomposition(character).split(" ")
    parts = "".join(chr(int(point, 16)) for point in points)
    if tag == _APART or (tag == "<compat>" and any(map(str.isdigit, parts))):
        return f"({''.join(map(_plain, parts.strip('().,')))})"
    if tag in _SAME:
        return "".join(map(_plain, parts))
    if category == "No" and (value := unicodedata.numeric(character)).is_integer():
        # Circled digits without a decomposition (❶), and numerals that have no places.
        return f"({value:.0f})"
    return character


def _set_apart(found: re.Match[str], written: str, close: str = "") -> str:
    """What was written, and a blank if a number follows, or one of the letters that stand too ``close`` to a number."""
    following = found.string[found.end() : found.end() + 2]
    runs_on = following[:1].isdigit() or (following[:1] in tuple(".,/:") and following[1:].isdigit())
    return f"{written} " if runs_on or following[:1] in tuple(close) else written


def _fraction(found: re.Match[str]) -> str:
    """1½ is 1 1/2, and never 11/2."""
    if found["whole"]:
        written = unicodedata.normalize("NFKD", found["whole"]).replace("⁄", "/")
    else:
        written = f"{found['over'] or '1'}/{found['under'] or found['part']}".translate(_PLAIN)
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    apart = before.isalnum() or before in tuple(".,/:)]")
    return (" " if apart else "") + _set_apart(found, written, _LOOK_LIKE_DIGITS)


def _index(found: re.Match[str]) -> str:
    """H₂O is H2O; behind anything but a letter an index would be another number's digit."""
    plain = found[0].translate(_PLAIN)
    return _set_apart(found, plain if found["behind"] else f" sub {plain}")
