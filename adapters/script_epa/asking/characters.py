"""How a text is written in printable ASCII, which is all that SCRIPT carries: no accents, no line ends, no tabs.

What is replaced can be seen to be replaced: a letter loses its accent, a sign becomes a word, and what has no
counterpart becomes a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_FOREIGN = re.compile(r"[^ -~]")
_WRITTEN = {
    # Letters that have no decomposition.
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    # Greek as clinicians write it: TNF-α, β-hCG, μg.
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "u", "µ": "u", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "gamma", "Δ": "delta", "Σ": "sigma", "Φ": "phi", "Ψ": "psi",
    "Ω": "omega",
    # Signs. One that is struck out means its contrary, and is never written without that.
    "≥": ">=", "≧": ">=", "⩾": ">=", "≤": "<=", "≦": "<=", "⩽": "<=", "≠": " not = ", "≈": " approx. ", "≮": " not < ",
    "≯": " not > ", "≰": " not <= ", "≱": " not >= ", "±": "+/-", "×": "x", "÷": "/", "∆": "delta", "↑": " up ",
    "↓": " down ", "→": " to ", "∞": " infinite ", "‰": " per mille ", "°": " deg ", "€": " EUR ", "£": " GBP ",
    "®": "(R)", "©": "(C)", "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "„": '"',
    "″": '"', "«": '"', "»": '"', "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-", "\t": " ",
    "\n": " ", "\r": " ", "\xa0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "…": "...",
    # Items of a list; a dash in front of a number would make it negative.
    "•": "; ", "●": "; ", "▪": "; ", "◦": "; ", "‣": "; ",
    # Figures that are smaller, raised or fractions: 10² is not 102.
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "¹": "^1", "²": "^2", "³": "^3",
}  # fmt: skip
_OVERLAY = 1
"""Combining class of what strikes a letter out."""


class Writing(NamedTuple):
    """A text in characters that travel; ``lost`` says that a letter or digit of it is a question mark."""

    text: str
    changed: bool
    lost: bool


def write(text: str) -> Writing:
    if _FOREIGN.search(text) is None:
        return Writing(text, changed=False, lost=False)
    pieces = [_character(text, place) for place in range(len(text))]
    lost = any(piece is None and sign.isalnum() for piece, sign in zip(pieces, text, strict=True))
    written = " ".join("".join("?" if piece is None else piece for piece in pieces).split())
    return Writing(written, changed=True, lost=lost)


def _character(text: str, place: int) -> str | None:
    """What stands for the character at the place; None when nothing does."""
    sign = text[place]
    if " " <= sign <= "~":
        return sign
    if sign in _WRITTEN:
        return _WRITTEN[sign]
    decomposed = unicodedata.normalize("NFD", sign)
    letter, marks = decomposed[0], decomposed[1:]
    if unicodedata.combining(letter) > _OVERLAY and not marks:
        before = next((one for one in reversed(text[:place]) if not unicodedata.combining(one)), "")
        return "" if before.isalpha() else None
    plain = letter.isalpha() and letter.isascii() and all(unicodedata.combining(mark) > _OVERLAY for mark in marks)
    return letter if plain and marks else None
