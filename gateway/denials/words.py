"""A payer's text as words with their places, and phrases found in it. Pure; time grows with the length of the text.

Where a word of a phrase stands is kept as one number whose bits are places, so that a phrase is found by a few shifts,
however often its words are repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from gateway.profiles.denials import Term

LARGEST = 100_000
"""Characters that are read; what is longer is not read at all."""
BEGIN, END, ASKED = "begin0", "end0", "asked0"
"""Words of phrases that stand where a sentence begins and ends (``ASKED`` where it ends as a question), and for no
character of it."""
_SPACING = 12
"""Empty places between two sentences: more than any gap of a phrase, so that none reaches over."""
_MARKUP = re.compile(r"<[^<>]{0,500}>|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|td|th|h[1-6]|table)\b", re.IGNORECASE)
_APOSTROPHE = re.compile(r"&(?:#39|#x27|apos|rsquo);", re.IGNORECASE)
_END = re.compile(
    r"[.!;](?=[\s\"')\]]|$)|\?(?=[\s\"')\]]|$)(?!\s*(?:y|n|yes|no)\b)|\n[ \t]*\n"
    r"|\n(?=[ \t]*(?:[-*\u2022\u00b7>]|\d{1,2}[.)])[ \t])|\u2022|\x00|\|",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,:()\u2013\u2014]|(?<=\s)-(?=\s)")
_WORD = re.compile(r"[^\W_]+(?:(?:['\u2019-]|\x01+)[^\W_]+)*", re.UNICODE)
_ABBREVIATED = frozenset(
    {"dr", "mr", "mrs", "ms", "no", "vs", "st", "dept", "inc", "eg", "ie", "etc", "approx", "tel", "ext"}
)
_LONGEST_WORD = 40
_NEAR = 2
"""Words that are one phrase whatever stands between them: "approved, denied or modified"."""


@dataclass(frozen=True)
class Token:
    """A word in small letters without apostrophes, and the characters of the text it stands for. ``clause`` counts
    what commas, colons, dashes and brackets part; ``opens`` is the first word of one."""

    word: str
    start: int
    end: int
    place: int
    sentence: int
    clause: int
    opens: bool


@dataclass(frozen=True)
class Hit:
    """Where a phrase was found: places of its first and last word, and the characters from the one to the other.
    ``strays``: it begins within one clause and ends far off in another."""

    first: int
    last: int
    start: int
    end: int
    sentence: int
    strays: bool


class Text:
    """One text, read for phrases whose vocabulary is known. ``spellings`` corrects a word that is not in it."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.tokens = tuple(_tokens(text))
        self._at = {token.place: token for token in self.tokens}
        self._masks: dict[Term, int] = {}
        for word, places in _grouped((vocabulary.spelt(token.word), token.place) for token in self.tokens):
            for term in vocabulary.terms(word):
                self._masks[term] = self._masks.get(term, 0) | places

    def find(self, phrase: tuple[Term, ...]) -> Iterator[Hit]:
        """Where the phrase stands, each end once and from its latest beginning."""
        reached: list[bytes] = []
        mask = 0
        for number, term in enumerate(phrase):
            spread = reduce(or_, (mask << step for step in range(1, term.gap + 2))) if number else -1
            mask = self._masks.get(term, 0) & spread
            if not mask:
                return
            reached.append(mask.to_bytes(mask.bit_length() // 8 + 1, "little"))
        for last in _places(reached[-1]):
            at = last
            for number in range(len(phrase) - 1, 0, -1):
                before = reached[number - 1]
                steps = range(1, phrase[number].gap + 2)
                at = next(at - step for step in steps if _holds(before, at - step))
            first, end = self._at[at], self._at[last]
            strays = first.clause != end.clause and not first.opens and last - at > _NEAR
            yield Hit(at, last, first.start, end.end, end.sentence, strays)


class Vocabulary:
    """Every word that phrases name. A short form that is none of them is taken for what ``spellings`` say; a word of
    seven letters or more that is none of them, and is one slip away from one (a letter left out or doubled, two
    swapped, or a digit read for a letter), is taken for it. One letter for another is no slip that is mended:
    "contrast" and "genetic" are no contract and no generic."""

    def __init__(self, terms: Iterable[Term], spellings: Mapping[str, str]) -> None:
        self._spellings = spellings
        self._words: dict[str, list[Term]] = {}
        self._beginnings: dict[str, list[Term]] = {}
        for term in dict.fromkeys(terms):
            for word in term.words:
                self._words.setdefault(word, []).append(term)
            for begin in term.beginnings:
                self._beginnings.setdefault(begin, []).append(term)
        self._lengths = tuple(sorted({len(begin) for begin in self._beginnings}))
        self._near: dict[str, str] = {}
        for word in sorted(self._words):
            if len(word) >= 7:
                for form in (word, *_shortened(word)):
                    self._near.setdefault(form, word)

    def terms(self, word: str) -> Iterator[Term]:
        """The places of phrases where this word may stand."""
        yield from self._words.get(word, ())
        for length in self._lengths:
            if len(word) >= length:
                yield from self._beginnings.get(word[:length], ())

    def spelt(self, word: str) -> str:
        if word in self._words:
            return word
        if (whole := self._spellings.get(word)) is not None:
            return whole
        if len(word) < 7 or len(word) > 20:
            return word
        if any(word[:length] in self._beginnings for length in self._lengths):
            return word
        for form in (word, *_shortened(word)):
            near = self._near.get(form)
            # The first letter is kept: what differs there is mostly another word, and often its opposite.
            if near is not None and near[0] == word[0] and (form in (word, near) or _is_slip(word, near)):
                return near
        return word


def _is_slip(word: str, meant: str) -> bool:
    """Of two words that are alike but for one letter of each: whether it is the same one, or a digit stands for it."""
    return sorted(word) == sorted(meant) or any(letter.isdigit() for letter in word)


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def _tokens(text: str) -> Iterator[Token]:
    plain = _plain(text)
    ends = sorted(_ends(plain))
    breaks = [found.start() for found in _CLAUSE.finditer(plain)]
    sentence, place, passed, clause, opens = 0, _SPACING, 0, 0, True
    for found in _WORD.finditer(plain):
        while passed < len(ends) and ends[passed] <= found.start():
            passed += 1
        while clause < len(breaks) and breaks[clause] < found.start():
            clause, opens = clause + 1, True
        if passed > sentence:
            if place > _SPACING:
                yield Token(
                    _closing(plain, ends, sentence), found.start(), found.start(), place, sentence, clause, opens
                )
            sentence, opens = passed, True
            place += _SPACING
            yield Token(BEGIN, found.start(), found.start(), place - 1, sentence, clause, opens)
        elif place == _SPACING:
            yield Token(BEGIN, found.start(), found.start(), place - 1, sentence, clause, opens)
        # A hyphen parts words for phrases: "step-therapy" and "step therapy" are one.
        at = found.start()
        for piece in found.group().split("-"):
            word = re.sub("['\u2019\x01]", "", piece).lower()[:_LONGEST_WORD]
            yield Token(word, at, at + len(piece), place, sentence, clause, opens)
            place += 1
            at += len(piece) + 1
            opens = False
    yield Token(_closing(plain, ends, sentence), len(text), len(text), place, sentence, clause, opens)


def _closing(plain: str, ends: Sequence[int], sentence: int) -> str:
    """The word for the end of a sentence, whose number is that of the ends before it."""
    return ASKED if sentence < len(ends) and plain[ends[sentence] - 1] == "?" else END


def _plain(text: str) -> str:
    """The text with markup blanked, as long as it was: blocks end a sentence, and an apostrophe stays one."""

    def blank(found: re.Match[str]) -> str:
        markup = found.group()
        if _APOSTROPHE.fullmatch(markup):
            return "\x01" * len(markup)
        return ("\x00" if _BLOCK.match(markup) else " ") + " " * (len(markup) - 1)

    return _MARKUP.sub(blank, text.replace("\x00", " ").replace("\x01", " ").replace("\r", " "))


def _ends(plain: str) -> Iterator[int]:
    for found in _END.finditer(plain):
        if found.group() == ".":
            before = plain[max(0, found.start() - 8) : found.start()].split()
            if before and before[-1].lower().strip("(") in _ABBREVIATED:
                continue
        yield found.end()


def _grouped(pairs: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    places: dict[str, list[int]] = {}
    for word, place in pairs:
        places.setdefault(word, []).append(place)
    for word, each in places.items():
        yield word, _bits(each)


def _bits(places: list[int]) -> int:
    """One number with these bits, made at once: setting them one by one would copy it each time."""
    made = bytearray(places[-1] // 8 + 1)
    for place in places:
        made[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(made, "little")


def _holds(bits: bytes, place: int) -> bool:
    return place >> 3 < len(bits) and bool(bits[place >> 3] >> (place & 7) & 1)


def _places(bits: bytes) -> Iterator[int]:
    for number, byte in enumerate(bits):
        while byte:
            low = byte & -byte
            yield number * 8 + low.bit_length() - 1
            byte ^= low


def vocabulary_of(phrases: Iterable[tuple[Term, ...]], spellings: Mapping[str, str]) -> Vocabulary:
    """The words of all these phrases, and the short forms that are read as one."""
    return Vocabulary((term for phrase in phrases for term in phrase), spellings)
