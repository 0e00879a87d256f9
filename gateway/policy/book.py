"""Every pack made ready once: rules found by code and diagnosis, each scope a row of tests.

A test says yes, no, or which place of the request would tell. What a rule wants is judged elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.model.line import CodeSystem
from gateway.policy.asked import Asked, AskedLine, Billed
from gateway.policy.tumors import of_tumors, sites_of
from gateway.policy.verdict import RuleRef
from gateway.policy.words import Words
from gateway.profiles.policies import Policies, PolicyPack
from gateway.profiles.policies_rules import Rule, Scope
from gateway.profiles.policies_words import regimen_words
from gateway.profiles.ranges import Ages, CodeRange, DiagnosisRange

Answer = bool | str
"""Whether a condition holds; a JSON Pointer where nothing there tells."""
Test = Callable[[Asked, AskedLine], Answer]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A rule as it is used: bound to its pack. Compared by identity: a check keeps what it worked out for one."""

    rule: Rule
    ref: RuleRef
    pack: PolicyPack
    tests: tuple[Test, ...]

    def applies(self, asked: Asked, line: AskedLine) -> bool | tuple[str, ...]:
        """Places that would tell, where they are missing and nothing else speaks against it."""
        if not self._holds(day_of(self.rule, asked, line)):
            return False
        untold: list[str] = []
        for test in self.tests:
            answer = test(asked, line)
            if answer is False:
                return False
            if answer is not True:
                untold.append(answer)
        return tuple(dict.fromkeys(untold)) if untold else True

    def _holds(self, day: date) -> bool:
        own = self.rule.effective
        return self.pack.effective.holds(day) and (own is None or own.holds(day))


def day_of(rule: Rule, asked: Asked, line: AskedLine) -> date:
    """The day on which the rule must hold. A service without a date is taken for one of the day of filing."""
    if rule.holds_on == "filing" or line.dates is None:
        return asked.filed_on
    return line.dates.start


def age_on(born: date, day: date) -> int:
    """In whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class _Index:
    """Rules of one payer: by code where they name codes, else by the beginning of a diagnosis, else for everything.

    A rule is found once for a line, in the order of packs and rules.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[CodeSystem, str], list[tuple[int, Bound]]] = defaultdict(list)
        self._ranges: dict[tuple[CodeSystem, str], list[tuple[int, CodeRange, Bound]]] = defaultdict(list)
        self._diagnoses: dict[str, list[tuple[int, Bound]]] = defaultdict(list)
        self._every: list[tuple[int, Bound]] = []
        self._count = 0

    def add(self, bound: Bound) -> None:
        number, scope = self._count, bound.rule.scope
        self._count += 1
        if scope.codes is not None:
            for each in scope.codes:
                if each.last is None:
                    self._codes[each.system, each.first].append((number, bound))
                else:
                    for start in _starts(each.first, each.last, _WIDTH):
                        self._ranges[each.system, start].append((number, each, bound))
        elif scope.diagnoses is not None:
            for start in sorted({start for each in scope.diagnoses for start in _category_starts(each)}):
                self._diagnoses[start].append((number, bound))
        if scope.codes is None:
            # A diagnosis that is not told yet may be any.
            (self._every if scope.diagnoses is None else self._diagnoses[""]).append((number, bound))

    def find(self, line: AskedLine) -> list[Bound]:
        found: dict[int, Bound] = dict(self._every)
        for code in line.codes:
            found.update(self._codes.get((code.system, code.code), ()))
            for number, each, bound in self._ranges.get((code.system, code.code[:_WIDTH]), ()):
                if each.holds(code):
                    found[number] = bound
        for start in {code[:2] for code in line.diagnoses} or {""}:
            found.update(self._diagnoses.get(start, ()))
        return [found[number] for number in sorted(found)]


_WIDTH = 2


def _starts(first: str, last: str, width: int) -> Iterator[str]:
    """The beginnings of codes from the first to the last: digits and capitals, as codes are written."""
    low, high = first[:width], last[:width]
    yield from (one + other for one in _SIGNS for other in _SIGNS if low <= one + other <= high)


_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _category_starts(each: DiagnosisRange) -> Iterator[str]:
    return _starts(each.first, each.last or each.first, 2)


class Book:
    """The rules of every payer. Immutable, and made once for a set of packs. ``billed`` tells the codes of an NDC."""

    def __init__(self, policies: Policies, billed: Billed = lambda ndc, on: ()) -> None:
        self.billed = billed
        self.words = Words(policies.vocabularies)
        self._packs = policies.packs
        self._shared = tuple(bound for pack in policies.packs if pack.payer is None for bound in self._bind(pack))
        payers = sorted({pack.payer for pack in policies.packs if pack.payer is not None})
        self._by_payer = {payer: self._index(payer) for payer in payers}
        self._for_others = self._index(None)

    def _index(self, payer: str | None) -> _Index:
        index = _Index()
        for bound in self._shared:
            index.add(bound)
        for pack in self._packs:
            if payer is not None and pack.payer == payer:
                for bound in self._bind(pack):
                    index.add(bound)
        return index

    def _bind(self, pack: PolicyPack) -> Iterator[Bound]:
        return _bind(pack, self.words.of_regimens)

    def rules(self, payer: str, line: AskedLine) -> list[Bound]:
        """Every rule that may apply to a line by its code and diagnoses."""
        return self._by_payer.get(payer, self._for_others).find(line)

    def packs(self, payer: str, days: Sequence[date]) -> tuple[PolicyPack, ...]:
        """Those that hold for the payer on one of these days."""
        return tuple(
            pack
            for pack in self._packs
            if pack.payer in (None, payer) and any(pack.effective.holds(day) for day in days)
        )


def _bind(pack: PolicyPack, known: frozenset[str]) -> Iterator[Bound]:
    for rule in pack.rules:
        ref = RuleRef(
            policy=pack.pack,
            version=pack.version,
            rule=rule.rule,
            citation=rule.citation,
            guidelines=rule.guidelines,
            synthetic=pack.synthetic,
        )
        yield Bound(rule, ref, pack, tuple(_tests(rule.scope, known)))


def _tests(scope: Scope, known: frozenset[str]) -> Iterator[Test]:
    """Those that cost least come first. ``known`` are the words that names of regimens are made of: of the vocabularies
    alone, for what another rule calls a regimen is nothing to this one."""
    if scope.lines_of_business is not None:
        businesses = frozenset(scope.lines_of_business)
        yield lambda asked, line: asked.business in businesses
    if scope.intents is not None:
        intents = frozenset(scope.intents)
        yield lambda asked, line: asked.intent in intents
    if scope.codes is not None:
        yield _code_test(scope.codes)
    if scope.roles is not None:
        roles = frozenset(scope.roles)
        yield lambda asked, line: f"{line.pointer}/role" if line.role is None else line.role in roles
    if scope.sites is not None:
        sites = frozenset(scope.sites)
        yield lambda asked, line: "/site/place_of_service" if line.site is None else line.site in sites
    if scope.supplies is not None:
        supplies = frozenset(scope.supplies)
        yield lambda asked, line: "/supply" if line.supply is None else line.supply in supplies
    if scope.genders is not None:
        genders = frozenset(scope.genders)
        yield lambda asked, line: "/patient/gender" if asked.gender is None else asked.gender in genders
    if scope.ages is not None:
        yield _age_test(scope.ages)
    if scope.regimens is not None:
        yield _regimen_test(frozenset(regimen_words(name) for name in scope.regimens), known)
    if scope.regimen_intents is not None:
        plans = frozenset(scope.regimen_intents)
        yield lambda asked, line: "/regimen" if asked.regimen is None else asked.regimen.intent in plans
    if scope.diagnoses is not None:
        yield _diagnosis_test(scope.diagnoses)
    if (morphologies := scope.histologies) is not None:

        def of_histology(asked: Asked, line: AskedLine) -> Answer:
            own = of_tumors(asked.facts.histology, sites_of(line.diagnoses, scope.diagnoses))
            codes = [each.icd_o for _, each in own if each.icd_o is not None]
            if not codes:
                return "/facts/histology"
            return any(each.holds(code) for code in codes for each in morphologies)

        yield of_histology


def _regimen_test(regimens: frozenset[frozenset[str]], known: frozenset[str]) -> Test:
    """A name with a word that neither this rule nor a vocabulary has may be another name of one of these: a trial's."""
    known = known.union(*regimens)

    def of_regimen(asked: Asked, line: AskedLine) -> Answer:
        if asked.regimen is None:
            return "/regimen"
        if asked.regimen_words in regimens:
            return True
        return False if asked.regimen_words <= known else "/regimen/name"

    return of_regimen


def _code_test(ranges: Sequence[CodeRange]) -> Test:
    single = frozenset((each.system, each.first) for each in ranges if each.last is None)
    wide = tuple(each for each in ranges if each.last is not None)

    def of_code(asked: Asked, line: AskedLine) -> Answer:
        for code in line.codes:
            if (code.system, code.code) in single or (wide and any(each.holds(code) for each in wide)):
                return True
        return False

    return of_code


def _diagnosis_test(ranges: Sequence[DiagnosisRange]) -> Test:
    def of_diagnosis(asked: Asked, line: AskedLine) -> Answer:
        if not line.diagnoses:
            return "/diagnoses"
        for code in line.diagnoses:  # written out: it is asked for nearly every rule
            for each in ranges:
                if each.holds(code):
                    return True
        return False

    return of_diagnosis


def _age_test(ages: Ages) -> Test:
    """Of the day of service, else of filing."""

    def of_age(asked: Asked, line: AskedLine) -> Answer:
        if asked.born is None:
            return "/patient/birth_date"
        day = asked.filed_on if line.dates is None else line.dates.start
        return ages.least <= age_on(asked.born, day) <= ages.most

    return of_age
