"""Which drugs of the vocabularies a text, a RxCUI or a billing code is of, and whether two of them are one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from gateway.model.line import ServiceCode
from gateway.profiles.phrases import found_in, phrases_of
from gateway.profiles.policies_words import Drug, tokens


class DrugNames:
    def __init__(self, drugs: Iterable[Drug]) -> None:
        drugs = tuple(drugs)
        self._phrases = phrases_of((tokens(name), drug.drug) for drug in drugs for name in drug.names)
        self._rxnorm = {code: drug.drug for drug in drugs for code in drug.rxnorm}
        self._classes = {drug.drug: frozenset(drug.classes) for drug in drugs}
        self._codes = tuple((each, drug.drug) for drug in drugs for each in drug.codes or ())

    def named(self, text: str) -> tuple[frozenset[str], list[str]]:
        """The drugs that a text names, and the words that are part of no name."""
        found, left = found_in(tokens(text), self._phrases)
        return frozenset(found), left

    def of_rxnorm(self, code: str | None) -> str | None:
        return None if code is None else self._rxnorm.get(code)

    def of_codes(self, codes: Sequence[ServiceCode]) -> frozenset[str]:
        """The drugs that are billed, or packed, under these codes."""
        return frozenset(drug for each, drug in self._codes if any(each.holds(code) for code in codes))

    def alike(self, drugs: Collection[str]) -> frozenset[str]:
        """These, and every product of the same substance: a class of products says so by its name."""
        substances = {word for drug in drugs for word in self._classes.get(drug, ()) if word.endswith("_products")}
        more = {drug for drug, classes in self._classes.items() if not classes.isdisjoint(substances)}
        return frozenset({*drugs, *more})

    def differ(self, told: Iterable[Collection[str]]) -> bool:
        """Whether two of what should be one drug are of different substances. What names no drug says nothing."""
        known = [self.alike(drugs) for drugs in told if drugs]
        return any(one.isdisjoint(other) for one, other in combinations(known, 2))
