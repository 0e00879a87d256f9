"""Whether a text that was received can stand in what is sent back, and in which form. Decides, and invents nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from adapters.x12_278.segment import Delimiters

_DIGITS = re.compile(r"[0-9]+")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]")
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


class Forms(NamedTuple):
    marks: Delimiters

    def fits(self, text: str, shortest: int, longest: int) -> bool:
        """Plain characters, none of them a delimiter, as many as the element takes."""
        marks = {mark.decode("latin-1") for mark in self.marks if mark}
        return shortest <= len(text) <= longest and bool(_PRINTABLE.fullmatch(text)) and not marks & set(text)

    def code(self, text: str, size: int) -> str:
        return text if self.fits(text, size, size) and text.isalnum() else ""

    def number(self, text: str) -> str:
        """A control number of a group: one to nine digits."""
        return text if _DIGITS.fullmatch(text) and len(text) <= 9 else ""

    def control(self, text: str) -> str | None:
        """ST02 as AK202 takes it: four to nine characters. A shorter number is filled up with zeros: whoever reads it
        as a number reads the same."""
        filled = text.zfill(4) if _DIGITS.fullmatch(text) else text
        return filled if self.fits(filled, 4, 9) else None

    def interchange_number(self, text: str) -> str:
        """ISA13: nine digits."""
        return text.zfill(9) if _DIGITS.fullmatch(text) and len(text) <= 9 else ""

    def day(self, text: str) -> str:
        """ISA09, if it is a day."""
        if not _DIGITS.fullmatch(text) or len(text) != 6:
            return ""
        try:
            date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            return ""
        return text

    def time(self, text: str) -> str:
        return text if _TIME.fullmatch(text) else ""

    def prose(self, text: str) -> str:
        """A sentence of ours without delimiters."""
        marks = {mark.decode("latin-1") for mark in self.marks if mark}
        return " ".join("".join(" " if each in marks or not " " <= each <= "~" else each for each in text).split())
