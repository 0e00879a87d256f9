"""Policy packs: a payer's rules in one version, with the days on which it holds. Read and checked here.

A pack of the folder ``shared`` holds for every payer. What a pack says is synthetic, or a public fact with its source;
licensed guidelines and payers' prose are not kept. Nothing is judged here (gateway/policy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.profiles.drug_names import DrugNames
from gateway.profiles.facts import Effective, Id, Provenance
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults
from gateway.profiles.payer import PayerProfile
from gateway.profiles.policies_needs import (
    AllOf,
    AnyOf,
    BiomarkerNeed,
    LaboratoryNeed,
    Need,
    PriorTherapyNeed,
)
from gateway.profiles.policies_rules import (
    LabelRule,
    PreferredRule,
    RequirementRule,
    Rule,
    StepTherapyRule,
    Trial,
)
from gateway.profiles.policies_words import Vocabulary, tokens
from gateway.profiles.ranges import Codes
from gateway.profiles.shelf import Shelf, shelve

SHARED = "shared"
POLICIES, VOCABULARY = "policies", "vocabulary"


class PolicyPack(Record):
    """One version of one pack. ``payer`` is left out where it holds for all of them.

    ``code_sets`` are lists of codes that several rules are about: such a rule's ``scope.codes`` is the name of one.
    """

    pack: Id
    version: Annotated[str, Field(pattern=r"^[0-9]{4}\.[0-9]{1,3}$")]
    payer: Id | None = None
    synthetic: Annotated[bool, Field(strict=True)] = False
    provenance: Provenance
    effective: Effective
    code_sets: Mapping[Id, Codes] = {}
    rules: Annotated[tuple[Rule, ...], Bounds(1, 1000)]

    @model_validator(mode="before")
    @classmethod
    def _codes_for_names(cls, said: Any) -> Any:
        match said:
            case {"code_sets": dict() as sets, "rules": list() as rules}:
                return {**said, "rules": [_in_full(rule, sets) for rule in rules]}
        return said

    @field_validator("rules")
    @classmethod
    def _each_its_word(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if len({rule.rule for rule in rules}) < len(rules):
            refuse("rules", "Two rules have the same word.", "Give each its own.")
        return rules

    @property
    def name(self) -> str:
        """Also the name of its file."""
        return f"{self.pack}-{self.version}"


def _in_full(rule: Any, sets: Mapping[str, Any]) -> Any:
    """A rule as it is written, with the codes of a set for its name."""
    match rule:
        case {"scope": {"codes": str() as name} as scope} if name in sets:
            return {**rule, "scope": {**scope, "codes": sets[name]}}
    return rule


@dataclass(frozen=True)
class Policies:
    """Every pack and every word, in the order of their names."""

    packs: tuple[PolicyPack, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()

    @cached_property
    def drugs(self) -> DrugNames:
        return DrugNames(drug for one in self.vocabularies for drug in one.drugs)


def load_policies(folder: Path, words: Path | None = None) -> Policies:
    """The packs and words of a folder that is like mappings/, without its payers. ``folder`` may also be the folder of
    packs itself; words that are not beside it are taken from ``words``. Raises ProfileFaults."""
    faults: list[ProfileFault] = []
    of, beside = (POLICIES, folder) if (folder / POLICIES).is_dir() else (".", folder.parent)
    found = read_policies(folder, None, faults, of, beside if (beside / VOCABULARY).is_dir() else words)
    if faults:
        raise ProfileFaults(dict.fromkeys(faults))
    return found


def read_policies(
    folder: Path,
    payers: Shelf[PayerProfile] | None,
    faults: list[ProfileFault],
    of: str = POLICIES,
    words_in: Path | None = None,
) -> Policies:
    """Everything of it under the folder: packs in its folder ``of``, words in another one where that is named. What is
    wrong is added to the faults."""
    words = shelve(words_in or folder, Vocabulary, VOCABULARY, "vocabulary", faults)
    packs = shelve(folder, PolicyPack, of, "name", faults, deep=True)
    faults += _word_faults(words)
    known = _Known.of(words)
    for name, pack in packs.profiles.items():
        place = packs.places[name]
        faults += _home_faults(place, pack, payers)
        for number, rule in enumerate(pack.rules):
            at = f"/rules/{number}"
            if rule.effective is not None and not rule.effective.overlaps(pack.effective):
                message = "No day of this lies within the pack's own days."
                faults.append(place.fault(f"{at}/effective", message, "Compare the two periods."))
            # Words of a vocabulary that could not be read are not known, and nobody may be told that they do not exist.
            if not words.unread:
                faults += (place.fault(f"{at}{where}", says, fix) for where, says, fix in known.strangers(rule))
    faults += _version_faults(packs)
    return Policies(
        packs=tuple(packs.profiles[name] for name in sorted(packs.profiles)),
        vocabularies=tuple(words.profiles[name] for name in sorted(words.profiles)),
    )


def _home_faults(place: Place, pack: PolicyPack, payers: Shelf[PayerProfile] | None) -> Iterator[ProfileFault]:
    folder = Path(place.file).parent.name
    if folder != (pack.payer or SHARED):
        fix = f"Move it to policies/{pack.payer or SHARED}/."
        yield place.fault("/payer" if pack.payer else "", "The pack lies in the folder of somebody else.", fix)
    if payers is None or pack.payer is None or pack.payer in payers.unread:
        return
    profile = payers.profiles.get(pack.payer)
    if profile is None:
        yield place.fault("/payer", "There is no such payer.", "Add its profile to payers/, or remove the pack.")
        return
    if profile.synthetic and not pack.synthetic:
        message = "A payer that does not exist has no policy of its own."
        yield place.fault("/payer", message, "Add synthetic: true to the pack.")
    for number, rule in enumerate(pack.rules):
        for index, business in enumerate(rule.scope.lines_of_business or ()):
            if business not in profile.lines_of_business:
                yield place.fault(
                    f"/rules/{number}/scope/lines_of_business/{index}",
                    "The payer does not serve this line of business.",
                    "Add it to the payer's lines_of_business, or remove it here.",
                )


def _version_faults(packs: Shelf[PolicyPack]) -> Iterator[ProfileFault]:
    by_pack: dict[str, list[PolicyPack]] = {}
    for name in sorted(packs.profiles):
        by_pack.setdefault(packs.profiles[name].pack, []).append(packs.profiles[name])
    for versions in by_pack.values():
        for one, other in combinations(versions, 2):
            place = packs.places[other.name]
            if one.payer != other.payer:
                yield place.fault("/pack", f"{one.name} is of another payer.", "Give this pack another word.")
            elif one.effective.overlaps(other.effective):
                message = f"{one.name} holds on some of these days as well."
                yield place.fault("/effective", message, "End one version before the other starts.")


def _word_faults(words: Shelf[Vocabulary]) -> Iterator[ProfileFault]:
    """Words that are said twice, and names that could mean two things."""
    taken: dict[tuple[str, object], str] = {}
    for file in sorted(words.profiles):
        place, one = words.places[file], words.profiles[file]
        for kind, at, word, names in _words(one):
            for key in ((kind, word), *((kind, tokens(name)) for name in names)):
                if taken.setdefault(key, f"{file}/{word}") != f"{file}/{word}":
                    yield place.fault(at, "Another entry has this word, or one of these names.", "Keep one of them.")
            for index, name in enumerate(names):
                if not tokens(name):
                    yield place.fault(f"{at}/names/{index}", "The name has no letter and no digit.", "Remove it.")


def _words(one: Vocabulary) -> Iterator[tuple[str, str, str, Sequence[str]]]:
    for n, marker in enumerate(one.markers):
        yield "marker", f"/markers/{n}", marker.marker, marker.names
    for n, laboratory in enumerate(one.laboratories):
        yield "laboratory", f"/laboratories/{n}", laboratory.laboratory, laboratory.names
    for n, drug in enumerate(one.drugs):
        yield "drug", f"/drugs/{n}", drug.drug, drug.names


Stranger = tuple[str, str, str]
"""Where in a rule a word stands that no vocabulary has, what is wrong, and the fix."""


@dataclass(frozen=True)
class _Known:
    """The words of all vocabularies, by what they are of."""

    markers: dict[str, frozenset[str]]
    laboratories: frozenset[str]
    readings: frozenset[str]
    drugs: frozenset[str]
    classes: frozenset[str]

    @classmethod
    def of(cls, words: Shelf[Vocabulary]) -> _Known:
        every = words.profiles.values()
        return cls(
            {m.marker: frozenset(r.reading for r in m.readings) for one in every for m in one.markers},
            frozenset(each.laboratory for one in every for each in one.laboratories),
            frozenset(each.reading for one in every for each in one.readings),
            frozenset(each.drug for one in every for each in one.drugs),
            frozenset(word for one in every for each in one.drugs for word in each.classes),
        )

    def strangers(self, rule: Rule) -> Iterator[Stranger]:
        match rule:
            case RequirementRule():
                yield from self._in_needs(rule.needs, "/needs")
            case LabelRule():
                for number, indication in enumerate(rule.indications):
                    yield from self._in_needs(indication.needs, f"/indications/{number}/needs")
            case StepTherapyRule():
                for number, step in enumerate(rule.steps):
                    yield from self._in_trial(step, f"/steps/{number}")
            case PreferredRule() if rule.unless is not None:
                yield from self._in_trial(rule.unless, "/unless")

    def _in_trial(self, trial: Trial | PriorTherapyNeed, at: str) -> Iterator[Stranger]:
        yield from _unknown("drug", self.drugs, trial.drugs, f"{at}/drugs")
        yield from _unknown("class", self.classes, trial.classes, f"{at}/classes")

    def _in_needs(self, needs: Sequence[Need], at: str) -> Iterator[Stranger]:
        for number, need in enumerate(needs):
            here = f"{at}/{number}"
            match need:
                case AnyOf() | AllOf():
                    yield from self._in_needs(need.needs, f"{here}/needs")
                case BiomarkerNeed():
                    own = self.markers.get(need.marker)
                    if own is None:
                        yield f"{here}/marker", "No vocabulary has this marker.", "Add it to vocabulary/."
                    yield from _unknown(
                        "reading", self.readings | (own or frozenset()), need.accepted, f"{here}/accepted"
                    )
                case LaboratoryNeed():
                    yield from _unknown("laboratory", self.laboratories, (need.laboratory,), f"{here}/laboratory")
                    yield from _unknown("reading", self.readings, need.accepted, f"{here}/accepted")
                case PriorTherapyNeed():
                    yield from self._in_trial(need, here)


def _unknown(what: str, known: frozenset[str], words: Sequence[str] | None, at: str) -> Iterator[Stranger]:
    for word in words or ():
        if word not in known:
            yield at, f"No vocabulary has this {what}.", "Compare the spelling, or add it to vocabulary/."
