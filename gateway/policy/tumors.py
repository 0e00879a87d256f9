"""Facts of one tumor beside those of another: a patient with two cancers has two stages.

A fact that names no tumor may be of any. Which two are one is told by the category of the ICD-10-CM code alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from gateway.model.clinical import OfATumor
from gateway.model.codes import primary_site
from gateway.profiles.ranges import DiagnosisRange

OfTumor = TypeVar("OfTumor", bound=OfATumor)


def sites_of(diagnoses: Sequence[str], wanted: Sequence[DiagnosisRange] | None = None) -> frozenset[str]:
    """The categories of the primary tumors among these diagnoses; where some are ``wanted``, of those alone."""
    held = [code for code in diagnoses if wanted and any(each.holds(code) for each in wanted)]
    return frozenset(site for code in held or diagnoses if (site := primary_site(code)))


def of_tumors(facts: Iterable[OfTumor], sites: frozenset[str]) -> Iterator[tuple[int, OfTumor]]:
    """Facts with their places, without those of another tumor; all of them where there are no ``sites``."""
    for place, fact in enumerate(facts):
        site = None if fact.diagnosis is None else primary_site(fact.diagnosis)
        if not sites or site is None or site in sites:
            yield place, fact
