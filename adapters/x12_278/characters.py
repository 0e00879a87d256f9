"""Which characters a connection carries, and how others are written with those.

The basic and extended character sets of X12 (both ASCII), less the delimiters in use. What is replaced can be seen to
be replaced: a letter loses its accent, a sign becomes a word, and what has no counterpart becomes a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

_BASIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"&'()*+,-./:;?= "
_EXTENDED = _BASIC + "abcdefghijklmnopqrstuvwxyz%@[]_{}\\|<>~^`#$"

_LETTERS = {
    # Letters that have no decomposition.
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    # Greek as clinicians write it: TNF-α, β-hCG, κ light chain.
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda", "μ": "u",
    "π": "pi", "σ": "sigma", "τ": "tau", "ω": "omega", "Δ": "delta",
}  # fmt: skip
_SIGNS = {
    "≥": ">=", "≤": "<=", "≠": "not =", "±": "+/-", "×": "x", "÷": "/", "°": " deg ", "€": "EUR ", "£": "GBP ",
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "−": "-",
    "⁄": "/", "•": "-", "·": ".", "«": '"', "»": '"', "→": "->", "\t": " ", "\n": " ", "\r": " ",
    # ASCII signs that are delimiters or outside the basic set. A ratio stays one: 1:160 becomes 1;160, not 1.160.
    ":": ";", "<": "lt ", ">": "gt ", "~": "ca. ", "%": " pct", "@": " at ", "_": "-", "[": "(", "]": ")",
    "{": "(", "}": ")", "\\": "/", "|": "/", "#": "no. ", "$": "USD ", "`": "'",
}  # fmt: skip
_WRITTEN = _LETTERS | _SIGNS


class Alphabet:
    """The characters one connection carries."""

    def __init__(self, charset: Literal["basic", "extended"], delimiters: str) -> None:
        self.capitals = charset == "basic"
        allowed = set(_BASIC if self.capitals else _EXTENDED) - set(delimiters)
        self._allowed = frozenset(allowed)
        self._foreign = re.compile(f"[^{re.escape(''.join(sorted(allowed)))}]")
        self._unknown = next((sign for sign in "?#.-+ " if sign in allowed), "")

    def carries(self, text: str) -> bool:
        """True when the text can travel as it is."""
        return self._foreign.search(text) is None

    def written(self, text: str) -> str:
        """The text in characters that can travel. Empty when no letter or digit of it has a counterpart."""
        # Capitals only where a letter is written as it is: a capital Greek mu would no longer be known as micro.
        plain = text.upper() if self.capitals and text.isascii() else text
        if self.carries(plain):
            return plain
        # Composed first, so that a letter and its accent stay one character whichever way they were typed.
        pieces = [self._character(character) for character in unicodedata.normalize("NFC", text)]
        result = " ".join("".join(pieces).split())
        if any(map(str.isalnum, text)) and not any(map(str.isalnum, result)):
            return ""
        return result

    def _character(self, character: str) -> str:
        if self._cased(character) in self._allowed:
            return self._cased(character)
        written = _WRITTEN.get(self._cased(character))
        if written is None:
            plain = unicodedata.normalize("NFKD", character)
            written = "".join(part for part in plain if not unicodedata.combining(part))
            if written == character:
                written = self._unknown
        return "".join(self._sign(sign) for sign in written)

    def _sign(self, sign: str) -> str:
        """One sign of a counterpart, which may itself have to be written otherwise."""
        if self._cased(sign) in self._allowed:
            return self._cased(sign)
        return self._plain(_WRITTEN.get(sign, self._unknown))

    def _cased(self, character: str) -> str:
        return character.upper() if self.capitals and character.isascii() else character

    def _plain(self, written: str) -> str:
        written = written.upper() if self.capitals else written
        return "".join(sign if sign in self._allowed else self._unknown for sign in written)


@lru_cache(maxsize=64)
def alphabet(charset: Literal["basic", "extended"], delimiters: str) -> Alphabet:
    """The alphabet of a connection; building one takes longer than writing a request with it."""
    return Alphabet(charset, delimiters)
