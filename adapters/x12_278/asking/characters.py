"""Which characters a connection carries, and how others are written with those.

The basic and extended character sets of X12 (both ASCII), less the delimiters in use. What is replaced can be seen to
be replaced: a letter loses its accent, a sign becomes a word, and what has no counterpart becomes a question mark.
Numbers are the business of ``figures``, before any of this.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from gateway.model.figures import plain_figures

_BASIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"&'()*+,-./:;?= "
_EXTENDED = _BASIC + "abcdefghijklmnopqrstuvwxyz%@[]_{}\\|<>~^`#$"

_LETTERS = {
    # Letters that have no decomposition.
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    # Greek as clinicians write it: TNF-α, β-hCG, κ light chain.
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "u", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Γ": "gamma", "Δ": "delta", "Σ": "sigma", "Φ": "phi", "Ψ": "psi", "Ω": "omega",
}  # fmt: skip
_SIGNS = {
    "≥": ">=", "≧": ">=", "⩾": ">=", "≤": "<=", "≦": "<=", "⩽": "<=", "≠": "not =", "≈": " approx. ",
    "≮": "not <", "≯": "not >", "≰": "not <=", "≱": "not >=",
    "±": "+/-", "×": "x", "÷": "/", "∆": "delta", "↑": " up ", "↓": " down ", "∞": " infinite ", "‰": " per mille ",
    "°": " deg ", "€": " EUR ", "£": " GBP ", "®": "(R)", "©": "(C)",
    "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "―": "-", "‐": "-", "‒": "-", "−": "-", "→": " to ", "\t": " ", "\n": " ", "\r": " ",
    # Items of a list; a dash in front of a number would make it negative.
    "•": "; ", "●": "; ", "▪": "; ", "◦": "; ", "‣": "; ",
    # ASCII signs that are delimiters or outside the basic set. A ratio stays one: 1:160 becomes 1;160, not 1.160.
    ":": ";", "<": " lt ", ">": " gt ", "~": " ca. ", "%": " pct", "@": " at ", "[": "(", "]": ")",
    "{": "(", "}": ")", "#": " no. ", "$": " USD ", "`": "'",
}  # fmt: skip
_WRITTEN = _LETTERS | _SIGNS
_BETWEEN_WORDS = {"·": ".", "∙": ".", "⋅": ".", "_": "-", "\\": "/", "|": "/"}
"""Beside a digit it would be part of the number: 5·10 is fifty to some and 5.1 to others, and 1|2 is not one half."""
_OVERLAY = 1
"""Combining class of what strikes a letter out."""


class Writing(NamedTuple):
    """A text in characters that travel."""

    text: str
    """Empty when no letter or digit of the original has a counterpart."""
    changed: bool
    """True when more than its case is different."""
    lost: bool
    """True when a letter or digit is written as a question mark."""


class Alphabet:
    """The characters one connection carries."""

    def __init__(self, charset: Literal["basic", "extended"], delimiters: str) -> None:
        self.capitals = charset == "basic"
        allowed = set(_BASIC if self.capitals else _EXTENDED) - set(delimiters)
        self._allowed = frozenset(allowed)
        self._foreign = re.compile(f"[^{re.escape(''.join(sorted(allowed)))}]")
        # Nothing that could stand in a number; no delimiter is an equals sign.
        self._unknown = next(sign for sign in "?!&=" if sign in allowed)

    def carries(self, text: str) -> bool:
        """True when the text can travel as it is."""
        return self._foreign.search(text) is None

    def written(self, text: str) -> str:
        """The text in characters that can travel."""
        return self.writing(text).text

    def writing(self, text: str) -> Writing:
        """The text in characters that can travel, and what that did to it."""
        # Capitals only where a letter is written as it is: a capital Greek mu would no longer be known as micro.
        plain = text.upper() if self.capitals and text.isascii() else text
        if self.carries(plain):
            return Writing(plain, changed=False, lost=False)
        # Two signs that are one: "- gt 5" would be another number than the one an arrow leads to.
        source = text if ">" in self._allowed else text.replace("->", "→")
        source = plain_figures(source, self._allowed)
        pieces = [self._character(source, place) for place in range(len(source))]
        lost = any(piece is None and source[place].isalnum() for place, piece in enumerate(pieces))
        result = " ".join("".join(self._unknown if piece is None else piece for piece in pieces).split())
        if any(map(str.isalnum, text)) and not any(map(str.isalnum, result)):
            result = ""
        return Writing(result, changed=True, lost=lost)

    def _character(self, source: str, place: int) -> str | None:
        """What stands for the character at the place; None when nothing does."""
        character = source[place]
        if self._cased(character) in self._allowed:
            return self._cased(character)
        if character in _BETWEEN_WORDS:
            beside = source[:place].rstrip()[-1:] + source[place + 1 :].lstrip()[:1]
            return None if any(map(str.isdigit, beside)) else self._plain(_BETWEEN_WORDS[character])
        written = _WRITTEN.get(self._cased(character))
        if written is None:
            written = self._unmarked(source, place)
        return None if written is None else "".join(self._sign(sign) for sign in written)

    @staticmethod
    def _unmarked(source: str, place: int) -> str | None:
        """A letter without its accents, or nothing for an accent behind a letter.

        What is struck out, and any other sign with a mark, means something else without it: ≮ is not <.
        """
        decomposed = unicodedata.normalize("NFD", source[place])
        letter, marks = decomposed[0], decomposed[1:]
        if unicodedata.combining(letter) > _OVERLAY:
            before = next((sign for sign in reversed(source[:place]) if not unicodedata.combining(sign)), "")
            return "" if before.isalpha() else None
        plain = bool(marks) and letter.isalpha() and all(unicodedata.combining(mark) > _OVERLAY for mark in marks)
        return letter if plain and (letter.isascii() or letter in _WRITTEN) else None

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
