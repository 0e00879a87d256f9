"""What a record says, in the words of policies: which marker, which laboratory, which drugs, which reading of a result.

Nothing is guessed: a text that could be read in two ways, or that denies what it names, has no reading.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.model.line import ServiceCode
from gateway.profiles.drug_names import DrugNames
from gateway.profiles.phrases import Phrases, found_in, phrases_of
from gateway.profiles.policies_words import Reading, Vocabulary, regimen_words, tokens

EQUIVOCAL = "equivocal"
"""The reading of a result that decides nothing by itself."""
NEGATIVE = "negative"
"""The reading of a result that found nothing."""

_DOUBTS = frozenset(
    (
        *("no", "not", "non", "none", "never", "without", "neither", "nor", "absent", "negative", "denies", "denied"),
        *("pending", "awaiting", "suspected", "possible", "possibly", "probable", "likely", "unlikely", "unknown"),
        *("uncertain", "indeterminate", "insufficient", "failed", "if", "rule", "ruled", "vs", "versus", "or"),
        *("but", "except", "excluding", "however", "although", "though", "unless", "until", "other"),
        *("unclear", "inconclusive", "questionable", "query", "doubtful", "presumed", "presumptive", "false"),
        *("may", "might", "could", "would", "should", "cannot", "can", "be", "favor", "favors", "favour", "favours"),
        *("control", "controls", "invalid", "inadequate", "unsatisfactory", "rejected", "cancelled", "canceled"),
        *("repeat", "repeated", "retest", "recommend", "recommended", "confirmatory", "preliminary", "provisional"),
        *("ordered", "requested", "scheduled", "planned", "required", "requires", "needed", "needs"),
        *("previous", "previously", "prior", "former", "formerly", "historic", "historical", "history", "initially"),
        *("originally", "before", "changed", "conversion", "lost", "amended", "corrected"),
        *("normal", "benign", "adjacent", "family", "mother", "father", "sister", "brother"),
        *("expected", "goal", "target", "qns"),
    )
)
"""Words that turn or weaken what stands beside them, or make it of another time, tissue or person. A reading holds only
where each is part of a phrase."""

_VARIANTS = frozenset(
    (
        *("insertion", "insertions", "deletion", "deletions", "duplication", "duplications", "substitution"),
        *("substitutions", "variant", "variants", "ins", "del", "dup"),
    )
)
"""What may be found in a gene: beside a result that found nothing it tells of one that did, or nobody knows."""

_METHODS = frozenset(
    (
        *("by", "with", "fish", "ish", "ihc", "immunohistochemistry", "ngs", "pcr", "sequencing"),
        *("assay", "test", "testing", "status", "result", "analysis", "tps", "gene"),
        *("22c3", "sp142", "sp263", "d5f3", "4b5"),
    )
)
"""Methods, clones of antibodies, and what is said of any test. What was looked for (a mutation, a copy) is none."""
_OF_THE_SPECIMEN = frozenset(
    (
        *("adequacy", "cellularity", "content", "necrosis", "necrotic", "purity", "viability"),
        *("stroma", "stromal", "background", "fibrosis", "fibrotic", "mucin", "lymphocytes", "til", "tils"),
        *("ic", "immune", "expected", "goal", "target"),
    )
)
"""What laboratories give in per cent beside a marker."""
_HOW_VIABLE = re.compile(r"%\s*(?:is\s|are\s)?(?:viable|vital)\b(?!\s*(?:tumou?r|cells?))", re.IGNORECASE)

_BESIDE_A_TEST = frozenset(
    (
        *("serum", "plasma", "blood", "whole", "venous", "fasting", "random", "total", "level", "levels", "value"),
        *("test", "tests", "testing", "result", "results", "panel", "screen", "screening", "assay", "status", "lab"),
        *("qual", "qualitative", "quant", "quantitative", "presence", "mass", "volume", "moles", "count", "automated"),
        *("manual", "in", "or", "of", "by", "for", "the", "and", "with", "to", "reflex"),
        *("immunoassay", "eia", "elisa", "cmia"),
        *("ag", "antigen", "gold", "plus", "tb", "igra", "release", "mitogen", "stimulated", "3", "echo", "2d", "3d"),
        *("echocardiogram", "echocardiography", "tte", "muga", "biplane", "simpson", "mean", "ef", "resting", "rest"),
        *("estimated", "calculated", "corrected", "concentration", "measurement", "high", "sensitivity", "sensitive"),
        *("cardiac", "lv", "abs", "absolute", "auto", "differential", "s", "p", "sp", "ser", "plas", "qn", "ql"),
    )
)
"""Words beside a laboratory's name that leave it the test it is. Any other may make another test of it."""

_NOT_TAKEN = frozenset(
    (
        *("no", "not", "none", "never", "neither", "nor", "without", "except", "excluding", "than", "instead"),
        *("denies", "denied", "declined", "declines", "refused", "refuses", "avoid", "avoided", "considered"),
        *("while", "during", "rescue", "until", "because", "toxicity", "allergy", "allergic"),
    )
)
"""Words beside a drug's name that may say that it was not taken."""

_IN_TURN = frozenset({"then", "followed", "switched", "changed", "after", "before", "later", "subsequently", "to"})
"""Words between two drugs that were not taken together."""

_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
_MORE, _LESS = ("more than", "greater than", "over", "above"), ("less than", "fewer than", "below", "under")
_BELOW = ("<", *_LESS)
_UP_TO = ("<=", "≤", "up to", "at most", *(f"{no} {than}" for no in ("no", "not") for than in _MORE))
_FROM = (">", ">=", "≥", *_MORE, "at least", *(f"{no} {than}" for no in ("no", "not") for than in _LESS))
_SIGNS = "|".join(sorted((*_BELOW, *_UP_TO, *_FROM), key=len, reverse=True))
_PERCENT = re.compile(
    rf"(?:(?P<sign>{_SIGNS})\s{{0,3}})?(?<![0-9.])(?P<low>{_NUMBER})\s{{0,3}}%?"
    rf"(?:\s{{0,3}}(?:-|–|to)\s{{0,3}}(?P<high>{_NUMBER}))?\s{{0,3}}%",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Percentage:
    """From ``low`` to ``high`` per cent, both included; ``high`` is not where it is ``below`` that."""

    low: float
    high: float
    below: bool = False

    def at_least(self, bound: float) -> bool | None:
        """None where it may be, and may not be."""
        if self.low >= bound:
            return True
        return False if self.high < bound or (self.below and self.high <= bound) else None


def percentage(text: str) -> Percentage | None:
    """The one percentage of a text; None where there is none, or more than one."""
    found = list(_PERCENT.finditer(text))
    if len(found) != 1:
        return None
    sign, low, high = found[0]["sign"], float(found[0]["low"]), found[0]["high"]
    if low > 100 or (high is not None and not low <= float(high) <= 100):
        return None
    if high is not None:
        return None if sign else Percentage(low, float(high))
    sign = (sign or "").lower()
    if sign in _BELOW or sign in _UP_TO:
        return Percentage(0, low, below=sign in _BELOW)
    return Percentage(low, 100 if sign in _FROM else low)


class Words:
    """Every vocabulary, made ready to look things up in."""

    def __init__(self, vocabularies: Sequence[Vocabulary]) -> None:
        markers = [marker for one in vocabularies for marker in one.markers]
        general = [reading for one in vocabularies for reading in one.readings]
        self._markers = {tokens(name): marker.marker for marker in markers for name in marker.names}
        self._named = phrases_of((tokens(name), marker.marker) for marker in markers for name in marker.names)
        self._marker_names = {marker.marker: marker.names[0] for marker in markers}
        self._readings = {marker.marker: _readings((*general, *marker.readings)) for marker in markers}
        self._general = _readings(general)
        laboratories = [laboratory for one in vocabularies for laboratory in one.laboratories]
        self._laboratory_names = {each.laboratory: each.names[0] for each in laboratories}
        self._loinc = {code: each.laboratory for each in laboratories for code in each.loinc}
        self._laboratories = phrases_of((tokens(name), each.laboratory) for each in laboratories for name in each.names)
        drugs = [drug for one in vocabularies for drug in one.drugs]
        self._drugs = DrugNames(drugs)
        named = [
            *(name for drug in drugs for name in drug.names),
            *(name for one in vocabularies for name in one.regimens),
        ]
        self.of_regimens = frozenset().union(*map(regimen_words, named))
        self._drug_names = {drug.drug: drug.names[0] for drug in drugs}
        self._classes = {drug.drug: frozenset(drug.classes) for drug in drugs}

    def marker(self, name: str) -> str | None:
        """The marker of that name; what stands in brackets, or is a word of methods, is how it was looked for."""
        bare = tokens(re.sub(r"\([^()]*\)", " ", name))
        spoken = tuple(word for word in bare if word not in _METHODS)
        return self._markers.get(tokens(name)) or self._markers.get(bare) or self._markers.get(spoken)

    def reading(self, marker: str | None, text: str) -> str | None:
        """What a result says; None where that is not known, or not one thing."""
        meanings, left = found_in(tokens(text), self._readings.get(marker or "", self._general))
        if len(meanings) != 1 or _is_doubted(text, left) or self._tells_of_another(marker, text):
            return None
        [meaning] = meanings
        return None if meaning == NEGATIVE and (_tells_of_a_variant(left) or _tells_of_a_find(text, left)) else meaning

    def is_share_of(self, marker: str, text: str) -> bool:
        """Whether the percentage of a text may be the marker's: not where it tells of the specimen, or of another."""
        _, left = found_in(tokens(text), self._readings.get(marker, self._general))
        of_cells = _OF_THE_SPECIMEN.isdisjoint(left) and not _HOW_VIABLE.search(text)
        return of_cells and not self._tells_of_another(marker, text)

    def denies(self, marker: str, text: str) -> bool:
        """Whether a result says beside its share, or may say, that the marker was not found."""
        text = _PERCENT.sub(" ", text)
        meanings, left = found_in(tokens(text), self._readings.get(marker, self._general))
        return NEGATIVE in meanings or _is_doubted(text, left)

    def doubts(self, marker: str, text: str) -> bool:
        """Whether a word of a result, beside its share, turns it or weakens it."""
        text = _PERCENT.sub(" ", text)
        _, left = found_in(tokens(text), self._readings.get(marker, self._general))
        return _is_doubted(text, left)

    def _tells_of_another(self, marker: str | None, text: str) -> bool:
        """Whether a text names another marker than the one that its result is of."""
        named, _ = found_in(tokens(text), self._named)
        return marker is not None and not named <= {marker}

    def laboratory(self, name: str, loinc: str | None) -> str | None:
        if loinc is not None and loinc in self._loinc:
            return self._loinc[loinc]
        meanings, left = found_in(tokens(name), self._laboratories)
        plain = all(word in _BESIDE_A_TEST or word.isdigit() for word in left)
        return next(iter(meanings)) if len(meanings) == 1 and plain else None

    def drugs(self, text: str, rxnorm: str | None) -> frozenset[str]:
        """The drugs that a text names, or its RxCUI; none where it may say that they were not taken, or where the two
        are of different drugs."""
        named, left = self._drugs.named(text)
        coded = self._drugs.of_rxnorm(rxnorm)
        if coded is not None:
            return frozenset() if named and self._drugs.differ([named, {coded}]) else frozenset({coded})
        return named if _NOT_TAKEN.isdisjoint(left) else frozenset()

    def drugs_in(self, text: str) -> frozenset[str]:
        """All drugs that a text names, whatever it says of them."""
        return self._drugs.named(text)[0]

    def are_in_turn(self, text: str) -> bool:
        """Whether a text names drugs that were taken one after another: none of them for as long as the whole."""
        named, left = self._drugs.named(text)
        return len({self.substance(drug) for drug in named}) > 1 and not _IN_TURN.isdisjoint(left)

    def drugs_of(self, codes: Sequence[ServiceCode]) -> frozenset[str]:
        """The drugs that are billed, or packed, under these codes."""
        return self._drugs.of_codes(codes)

    def is_one_of(self, drug: str, drugs: Collection[str] | None, classes: Collection[str] | None) -> bool:
        return drug in (drugs or ()) or not self._classes.get(drug, frozenset()).isdisjoint(classes or ())

    def alike(self, drugs: Collection[str]) -> frozenset[str]:
        """These, and every product of the same substance."""
        return self._drugs.alike(drugs)

    def substance(self, drug: str) -> str:
        """One name for all products of a drug's substance."""
        return min(self.alike({drug}))

    def say_marker(self, marker: str) -> str:
        return self._marker_names.get(marker, marker)

    def say_laboratory(self, laboratory: str) -> str:
        return self._laboratory_names.get(laboratory, laboratory)

    def say_drug(self, drug: str) -> str:
        return self._drug_names.get(drug, drug)


def _is_doubted(text: str, left: Sequence[str]) -> bool:
    return "?" in text or not _DOUBTS.isdisjoint(left)


def _tells_of_a_variant(left: Sequence[str]) -> bool:
    return "for" not in left and not _VARIANTS.isdisjoint(left)


def _tells_of_a_find(text: str, left: Sequence[str]) -> bool:
    """Whether beside a result that found nothing stands a plus, or a share of more than one in a hundred."""
    share = percentage(text)
    return any(word.endswith("+") for word in left) or (share is not None and share.high > 1)


def _readings(readings: Iterable[Reading]) -> Phrases:
    """Later ones come before earlier ones of the same words: a marker's own before the general."""
    return phrases_of({tokens(phrase): each.reading for each in readings for phrase in each.phrases}.items())
