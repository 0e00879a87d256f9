"""How a text is written in printable ASCII, which is all that SCRIPT carries: no accents, no line ends, no tabs.

What is replaced can be seen to be replaced: a letter loses its accent, a sign becomes a word, and what has no
counterpart becomes a question mark. Numbers, and signs that are others in another shape, are the business of
``figures``, before any of this.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from gateway.model.figures import plain_figures

_FOREIGN = re.compile(r"[^ -~]")
_PRINTABLE = frozenset(map(chr, range(ord(" "), ord("~") + 1)))
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
    "\n": " ", "\r": " ", "…": "...",
    # Items of a list; a dash in front of a number would make it negative.
    "•": "; ", "●": "; ", "▪": "; ", "◦": "; ", "‣": "; ",
    # What nobody sees: places where a line may be broken, and how the sign before is drawn.
    "\xad": "", "\u200b": "", "\u2060": "", "\ufeff": "", "\ufe0e": "", "\ufe0f": "",
}  # fmt: skip
_OVERLAY = 1
"""Combining class of what strikes a letter out."""


class Writing(NamedTuple):
    """A text in characters that travel; ``lost`` says that some sign of it is a question mark: a box that is ticked
    means as much as a word."""

    text: str
    changed: bool
    lost: bool


def write(text: str) -> Writing:
    if _FOREIGN.search(text) is None:
        return Writing(text, changed=False, lost=False)
    source = plain_figures(text, _PRINTABLE)
    pieces = [_character(source, place) for place in range(len(source))]
    written = " ".join("".join("?" if piece is None else piece for piece in pieces).split())
    return Writing(written, changed=True, lost=None in pieces)


def _character(text: str, place: int) -> str | None:
    """What stands for the character at the place; None when nothing does."""
    sign = text[place]
    if sign in _PRINTABLE:
        return sign
    if sign in _WRITTEN:
        return _WRITTEN[sign]
    decomposed = unicodedata.normalize("NFD", sign)
    letter, marks = decomposed[0], decomposed[1:]
    if unicodedata.combining(letter) > _OVERLAY and not marks:
        below = next((one for one in reversed(text[:place]) if not unicodedata.combining(one)), "")
        return "" if below.isalpha() else None
    plain = letter.isalpha() and all(unicodedata.combining(mark) > _OVERLAY for mark in marks)
    return (letter if letter.isascii() else _WRITTEN.get(letter)) if plain and marks else None
