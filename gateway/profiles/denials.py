"""How payers word what they decide, as data: phrases, what each means, and texts each must and must not be found in.

A phrase is words with spaces between: ``word``, ``begin*`` (any word that begins so), ``one|other``, ``@set`` (a named
set of words), and ``~3`` (up to three words may stand between). ``begin0`` and ``end0`` are where a sentence begins and
ends, ``asked0`` where it ends as a question. No expressions. Knows no text; it is read in ``gateway.denials``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.reasons import NextAction, Scope, Word
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Id, Provenance

_TERM = re.compile(r"(?:@[a-z_]+|[a-z0-9]+\*?)(?:\|(?:@[a-z_]+|[a-z0-9]+\*?))*")
_GAP = re.compile(r"~[1-9]")
MOST_TERMS = 12


class Cue(StrEnum):
    """What a phrase says of the answer as a whole. A ``mask`` takes the words under it out of every cue, a
    ``mask_approval`` out of those that say yes; in the sentence of a ``hedge`` no denial has its reason, for it speaks
    of what may be. Of the sentence of a ``suppose`` no cue counts either. ``part`` says that a part of what was asked
    for is granted: neither yes nor no. ``open`` says that nothing is decided, so what reads as a no is none yet. A
    ``veto`` takes a yes back wherever in the text it stands, or makes one of less or of something else of it."""

    APPROVAL = "approval"
    ADVERSE = "adverse"
    INFORMATION_REQUEST = "information_request"
    PEND = "pend"
    MASK = "mask"
    MASK_APPROVAL = "mask_approval"
    HEDGE = "hedge"
    PART = "part"
    SUPPOSE = "suppose"
    OPEN = "open"
    VETO = "veto"


def _phrase(text: str) -> str:
    parts = text.split()
    gaps = [bool(_GAP.fullmatch(part)) for part in parts]
    wrong = [part for part, gap in zip(parts, gaps, strict=True) if not gap and not _TERM.fullmatch(part)]
    if wrong or not parts or len(parts) > MOST_TERMS:
        refuse("phrase", "This is no phrase.", "Write up to 12 small words: word, begin*, one|other, @set, ~3.")
    if gaps[0] or gaps[-1] or any(one and other for one, other in pairwise(gaps)):
        refuse("phrase", "A gap stands between two words.", "Move or drop the ~.")
    return text


Phrase = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_phrase)]
Phrases = Annotated[tuple[Phrase, ...], Bounds(1, 200)]
Sample = Annotated[str, Field(min_length=1, max_length=2000)]


class TextRule(Record):
    """Phrases by which payers give one reason. ``implies`` is what giving it says of the answer by itself. It is left
    out where one of ``yields_to`` was read too, for that says more. ``unless`` are phrases in the same sentence that
    take it back. ``matches`` and ``misses`` are texts of ours, tried by ``payer-gateway check``."""

    id: Id
    means: Word
    scope: Scope = Scope.CASE
    suggested: NextAction | None = None
    says: ShortText
    implies: Cue | None = None
    yields_to: tuple[Word, ...] = ()
    phrases: Phrases
    unless: tuple[Phrase, ...] = ()
    matches: Annotated[tuple[Sample, ...], Bounds(1, 30)]
    misses: Annotated[tuple[Sample, ...], Bounds(1, 30)]


class DenialRules(Record):
    """One file. ``sets`` are words that phrases of every file may name; ``spellings`` are short forms with the words
    that they are read as, where no phrase names the short form itself; ``cues`` say what was decided."""

    list: Id
    provenance: Provenance
    sets: Mapping[Annotated[str, Field(pattern=r"^[a-z_]+$")], tuple[str, ...]] = {}
    spellings: Mapping[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], Annotated[str, Field(pattern=r"^[a-z]+$")]] = {}
    cues: Mapping[Cue, Phrases] = {}
    rules: tuple[TextRule, ...] = ()


class Term(NamedTuple):
    """One place of a phrase: whole words, beginnings of words, and how many words may stand before it."""

    words: frozenset[str]
    beginnings: frozenset[str]
    gap: int


def terms_of(phrase: str, sets: Mapping[str, tuple[str, ...]]) -> tuple[Term, ...]:
    """A phrase with its sets resolved. Raises KeyError with the name of a set that nobody wrote."""
    found: list[Term] = []
    gap = 0
    for part in phrase.split():
        if part.startswith("~"):
            gap = int(part[1:])
            continue
        each = [word for one in part.split("|") for word in (sets[one[1:]] if one.startswith("@") else (one,))]
        whole = frozenset(word for word in each if not word.endswith("*"))
        found.append(Term(whole, frozenset(word[:-1] for word in each if word.endswith("*")), gap))
        gap = 0
    return tuple(found)


class Denials(NamedTuple):
    """All rules, as the room that applies them wants them."""

    sets: Mapping[str, tuple[str, ...]] = {}
    spellings: Mapping[str, str] = {}
    cues: tuple[tuple[Cue, str], ...] = ()
    rules: tuple[TextRule, ...] = ()


def joined(files: Mapping[str, DenialRules]) -> Denials:
    """The rules of all files, in the order of their names."""
    lists = [files[name] for name in sorted(files)]
    return Denials(
        {name: words for each in lists for name, words in each.sets.items()},
        {short: word for each in lists for short, word in each.spellings.items()},
        tuple((cue, phrase) for each in lists for cue, phrases in each.cues.items() for phrase in phrases),
        tuple(rule for each in lists for rule in each.rules),
    )


def faults_of(files: Mapping[str, DenialRules]) -> Iterator[tuple[str, str, str, str]]:
    """What no single file can see: its name, a pointer, what is wrong and what to do."""
    sets = joined(files).sets
    seen: dict[str, str] = {}
    for name, each in files.items():
        said = [(f"/cues/{cue}/{at}", text) for cue, texts in each.cues.items() for at, text in enumerate(texts)]
        for number, rule in enumerate(each.rules):
            if rule.id in seen:
                yield name, f"/rules/{number}/id", f"{seen[rule.id]} has a rule of this id.", "Give it another id."
            seen.setdefault(rule.id, name)
            if rule.implies in (Cue.APPROVAL, Cue.MASK, Cue.MASK_APPROVAL, Cue.HEDGE):
                yield name, f"/rules/{number}/implies", "A reason implies no approval.", "Drop it, or name another cue."
            said += [(f"/rules/{number}/phrases/{at}", text) for at, text in enumerate(rule.phrases)]
            said += [(f"/rules/{number}/unless/{at}", text) for at, text in enumerate(rule.unless)]
        for at, text in said:
            try:
                terms_of(text, sets)
            except KeyError as error:
                yield name, at, f"There is no set {error.args[0]}.", "Write it under sets."
