"""What a payer's own words say: the answer as a whole, its reasons, and the facts in it. Pure.

Precision before recall. A text that says yes and no, or a yes on a condition, says nothing here; a person reads it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from gateway.denials.words import LARGEST, Hit, Text, vocabulary_of
from gateway.model.reasons import NextAction, Scope, Word
from gateway.model.record import Record
from gateway.profiles.denials import Cue, Denials, Term, TextRule, terms_of

_NCD_LCD = re.compile(
    r"(?<![\w.])(?:(?P<lcd>[LA]\d{5})|(?P<ncd>(?:1[0-9]{2}|[1-9][0-9]|[1-9]|2[0-9]{2}|3[0-9]{2})\.\d{1,2}(?:\.\d{1,2})?))(?![\w%]|\.\d)"
)
_NCD_BEFORE = re.compile(r"(?:\bNCDs?\b|national coverage determination)[^.]{0,20}$", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\d-])(?:\+?1[-. ]?)?\(?([2-9]\d{2})\)?[-. ]{1,2}([2-9]\d{2})[-. ](\d{4})(?![\d-])")
_WINDOW = re.compile(r"(?<![\d.])(?:\(?(\d{1,3})\)?)[ -](calendar |business |working )?(days?|hours?)\b", re.IGNORECASE)
_PEER = re.compile(r"peer[- ]to[- ]peer|\bP2P\b", re.IGNORECASE)
_APPEAL = re.compile(r"\bappeal|\breconsideration|\bredetermination", re.IGNORECASE)
_NO_TALK = re.compile(
    r"\b(?:(?:no longer|not|never) (?:be )?(?:available|offered|permitted|allowed|accepted|possible|an option)"
    r"|unavailable"
    r"|(?:has|have|is|are|was) (?:already |now )?(?:closed|expired|passed|ended|lapsed|over|exhausted|held))\b",
    re.IGNORECASE,
)
"""Beside a talk of peers: it is not to be had, or not any more."""
_ENDS = re.compile(r"[.;!?]\s|\n")
_MOST_FACTS = 20


class Verdict(StrEnum):
    """What an answer comes to. ``unmapped``: nothing is understood, or what is contradicts itself."""

    APPROVAL = "approval"
    ADVERSE = "adverse"
    INFORMATION_REQUEST = "information_request"
    PEND = "pend"
    UNMAPPED = "unmapped"


class Found(Record):
    """A reason that a rule read in characters ``start`` to ``end`` (end not included) of the text."""

    word: Word
    rule: str
    scope: Scope
    suggested: NextAction | None
    start: int
    end: int


class Window(Record):
    """Time that the payer allows for something: ``days`` or ``hours``."""

    purpose: str
    length: int
    unit: str
    start: int
    end: int


class Facts(Record):
    """What stands in a text beside its reasons. Phones are ten digits. ``no_talk`` where it says that peers do not
    talk, or not any more."""

    lcds: tuple[str, ...] = ()
    ncds: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    no_talk: bool = False


class Reading(Record):
    verdict: Verdict
    reasons: tuple[Found, ...] = ()
    facts: Facts = Facts()
    doubt: str | None = None


class _Rule(NamedTuple):
    rule: TextRule
    phrases: tuple[tuple[Term, ...], ...]
    unless: tuple[tuple[Term, ...], ...]


_NO_APPROVAL = (Cue.ADVERSE, Cue.INFORMATION_REQUEST, Cue.PEND)
_TOLD = (Cue.APPROVAL, *_NO_APPROVAL, Cue.PART, Cue.OPEN, Cue.VETO)


class Reader:
    """The rules, made ready once."""

    def __init__(self, denials: Denials) -> None:
        sets = denials.sets
        self._cues = tuple((cue, terms_of(phrase, sets)) for cue, phrase in denials.cues)
        self._rules = tuple(
            _Rule(
                rule,
                tuple(terms_of(phrase, sets) for phrase in rule.phrases),
                tuple(terms_of(phrase, sets) for phrase in rule.unless),
            )
            for rule in denials.rules
        )
        every = [phrase for _, phrase in self._cues]
        every += [phrase for each in self._rules for phrase in (*each.phrases, *each.unless)]
        self._vocabulary = vocabulary_of(every, denials.spellings)

    def read(self, text: str) -> Reading:
        """What a text says. One that is longer than ``LARGEST`` is not read."""
        if len(text) > LARGEST:
            return Reading(verdict=Verdict.UNMAPPED, doubt="The text is longer than what is read.")
        read = Text(text, self._vocabulary)
        found = list(self._reasons(read))
        said, plainly = self._said(read, {each.implies for each, _ in found if each.implies is not None})
        verdict, doubt = _decide(said)
        # Beside a plain yes, and no other word of the answer, they are conditions of it.
        reasons = () if plainly else _kept(found, verdict)
        return Reading(verdict=verdict, reasons=reasons, facts=_facts(text), doubt=doubt)

    def _said(self, read: Text, implied: set[Cue]) -> tuple[set[Cue], bool]:
        """What the text says of the answer, with what the reasons in it say; and whether without them it says yes and
        nothing else."""
        supposed = self._sentences(read, Cue.SUPPOSE)
        told = {cue: [hit for hit in self._hits(read, cue) if hit.sentence not in supposed] for cue in _TOLD}
        masks = list(self._hits(read, Cue.MASK))
        # A condition in mid-clause ("a stay if needed, so the drug is denied") says nothing of the clause behind it. Of
        # what says yes it does, for precision.
        masked, unsure = _covered(hit for hit in masks if not hit.strays), _covered(masks)
        explicit = {cue for cue in (*_NO_APPROVAL, Cue.PART) if any(_stands(hit, masked) for hit in told[cue])}
        explicit |= {cue for cue in (Cue.OPEN, Cue.VETO) if told[cue]}
        cues = implied | explicit
        # A text that says no says yes as well where only something less than a mask speaks against it.
        doubtful = _covered(self._hits(read, Cue.MASK_APPROVAL))
        weak = _covered(told[Cue.ADVERSE]) if Cue.ADVERSE in cues else doubtful
        if any(_is_sure(hit, unsure | weak) for hit in told[Cue.APPROVAL]):
            cues.add(Cue.APPROVAL)
        return cues, not explicit and any(_is_sure(hit, unsure | doubtful) for hit in told[Cue.APPROVAL])

    def _hits(self, read: Text, cue: Cue) -> Iterator[Hit]:
        return (hit for one, phrase in self._cues if one is cue for hit in read.find(phrase))

    def _sentences(self, read: Text, *cues: Cue) -> frozenset[int]:
        return frozenset(hit.sentence for cue in cues for hit in self._hits(read, cue))

    def _reasons(self, read: Text) -> Iterator[tuple[TextRule, Hit]]:
        hedged = self._sentences(read, Cue.HEDGE, Cue.SUPPOSE)
        for rule, phrases, unless in self._rules:
            hits = [hit for phrase in phrases for hit in read.find(phrase)]
            if rule.implies is Cue.ADVERSE:
                hits = [hit for hit in hits if hit.sentence not in hedged]
            if not hits:
                continue
            back = {hit.sentence for phrase in unless for hit in read.find(phrase)}
            left = [hit for hit in hits if hit.sentence not in back]
            if left:
                yield rule, min(left, key=lambda hit: (hit.start, -hit.end))


def _covered(hits: Iterable[Hit]) -> frozenset[int]:
    return frozenset(place for hit in hits for place in range(hit.first, hit.last + 1))


def _stands(hit: Hit, masked: frozenset[int]) -> bool:
    """Whether a cue is said with no word of it under a mask at either end."""
    return hit.last not in masked and hit.first not in masked


def _is_sure(hit: Hit, masked: frozenset[int]) -> bool:
    """Whether a cue is said with no masked word in it or between its words: what says yes has to be plain."""
    return masked.isdisjoint(range(hit.first, hit.last + 1))


def _decide(cues: set[Cue]) -> tuple[Verdict, str | None]:
    if Cue.PART in cues:
        return Verdict.UNMAPPED, "The text grants a part of what was asked for."
    if Cue.APPROVAL in cues:
        if cues & set(_NO_APPROVAL):
            return Verdict.UNMAPPED, "The text says yes, and something else as well."
        if Cue.VETO in cues:
            return Verdict.UNMAPPED, "The text says yes, and may take it back, or grant less or something else."
        return Verdict.APPROVAL, None
    if Cue.OPEN in cues:
        cues = cues - {Cue.ADVERSE} | {Cue.PEND}
    for cue in _NO_APPROVAL:
        if cue in cues:
            return Verdict(cue.value), None
    return Verdict.UNMAPPED, None


def _kept(found: Sequence[tuple[TextRule, Hit]], verdict: Verdict) -> tuple[Found, ...]:
    """Reasons that fit the verdict, one of each word, in the order of the text; a general one goes where a finer was
    read. A request for information is not refused for a clinical reason, and an approval has none at all."""
    if verdict is Verdict.APPROVAL:
        return ()
    if verdict in (Verdict.INFORMATION_REQUEST, Verdict.PEND):
        found = [(rule, hit) for rule, hit in found if rule.implies is not Cue.ADVERSE]
    words = {rule.means for rule, _ in found}
    by_word: dict[Word, list[tuple[TextRule, Hit]]] = defaultdict(list)
    for rule, hit in sorted(found, key=lambda each: each[1].start):
        if not words & set(rule.yields_to):
            by_word[rule.means].append((rule, hit))
    return tuple(
        Found(word=word, rule=rule.id, scope=rule.scope, suggested=rule.suggested, start=hit.start, end=hit.end)
        for word, ((rule, hit), *_) in by_word.items()
    )


def _facts(text: str) -> Facts:
    lcds: dict[str, None] = {}
    ncds: dict[str, None] = {}
    for found in _NCD_LCD.finditer(text):
        if found["lcd"]:
            lcds[found["lcd"]] = None
        elif _NCD_BEFORE.search(text, max(0, found.start() - 60), found.start()):
            ncds[found["ncd"]] = None
    phones = dict.fromkeys("".join(found.groups()) for found in _PHONE.finditer(text))
    windows = tuple(_windows(text))
    return Facts(
        lcds=tuple(lcds)[:_MOST_FACTS],
        ncds=tuple(ncds)[:_MOST_FACTS],
        phones=tuple(phones)[:_MOST_FACTS],
        windows=windows[:_MOST_FACTS],
        no_talk=any(_NO_TALK.search(_sentence(text, found)) for found in islice(_PEER.finditer(text), _MOST_FACTS)),
    )


def _sentence(text: str, found: re.Match[str]) -> str:
    """The sentence that it stands in: notices have the talk in one and the appeal in the next."""
    begins = max((end.end() for end in _ENDS.finditer(text, 0, found.start())), default=0)
    after = _ENDS.search(text, found.end())
    return text[begins : after.start() if after else len(text)]


def _windows(text: str) -> Iterator[Window]:
    """Days and hours with what is nearest to them: a conversation of peers, or an appeal."""
    for count, found in enumerate(_WINDOW.finditer(text)):
        if count >= _MOST_FACTS:
            return
        own, near = _sentence(text, found), text[max(0, found.start() - 120) : found.end() + 60]
        whose = {(bool(_PEER.search(about)), bool(_APPEAL.search(about))) for about in (own, near)}
        peer = (True, False) in whose
        if peer == ((False, True) in whose):
            continue  # of neither, or of which of them nobody can tell
        kind = (found[2] or "").strip().lower().replace("working", "business")
        unit = "hours" if found[3].lower().startswith("h") else f"{kind or 'calendar'}_days"
        purpose = "peer_to_peer" if peer else "appeal"
        yield Window(purpose=purpose, length=int(found[1]), unit=unit, start=found.start(), end=found.end())
