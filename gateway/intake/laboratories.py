"""Laboratory results and screenings: which of them are the latest, and which contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from gateway.intake.elements import REPORTED, codings, moment, name, number, part, shown, unit
from gateway.intake.findings import Found
from gateway.intake.results import results_of, was_found
from gateway.intake.taking import Taking
from gateway.model.clinical import Laboratory
from gateway.profiles.terms import Meaning, plain

LOINC = "http://loinc.org"
_OF_ONE_TEST = 2


class _Result(NamedTuple):
    """A result, when it was found if more than the day is known, and where it was read."""

    fact: Laboratory
    at: datetime | None
    source: Found | None


def take_laboratory(taking: Taking, one: Found) -> None:
    concept = one.resource.get("code")
    found = results_of(taking, one.resource)
    if not found:
        taking.notes.counts["laboratories_without_result"] += 1
        return
    when = taking.dated(one, *REPORTED)
    if when is None:
        return
    loinc = next((coding.code for coding in codings(concept, "code") if coding.system == LOINC), None)
    quantity = one.resource.get("valueQuantity")
    value = number(part(quantity, "value"))
    for place, (result, path) in enumerate(found):
        counted = place == 0 and value is not None and not part(quantity, "comparator")
        taking.add(
            "laboratories",
            Laboratory,
            one,
            path,
            name=name(concept) or loinc,
            loinc=loinc,
            result=shown(value) if counted and value is not None else result,
            unit=unit(quantity) if quantity is not None and place == 0 else None,
            resulted_on=when.day,
        )


def latest_results(taking: Taking, found: Sequence[Laboratory]) -> list[Laboratory]:
    """Of each test the latest results; of a screening all. Of one day the time tells which is later: where it does not,
    or two are the opposite of each other, all stand that differ, which is told."""
    observed = {one.name: one for one in taking.chart.of("Observation")}
    tests: dict[str, dict[date, list[_Result]]] = defaultdict(lambda: defaultdict(list))
    for fact in found:
        source = observed.get(fact.origin.reference) if fact.origin else None
        at = None if source is None else moment(source.resource, *REPORTED)
        tests[fact.loinc or plain(fact.name)][fact.resulted_on].append(_Result(fact, at, source))
    kept: list[Laboratory] = []
    for days in tests.values():
        kept += _latest(taking, days)
    return sorted(kept, key=lambda one: one.resulted_on, reverse=True)


def _latest(taking: Taking, days: Mapping[date, list[_Result]]) -> Iterator[Laboratory]:
    loinc = next(iter(days.values()))[0].fact.loinc
    screening = loinc and taking.terms.code(Meaning.SCREENING, LOINC, loinc)
    wanted, left = _OF_ONE_TEST, 0
    for _, results in sorted(days.items(), reverse=True):
        unclear = _unclear(taking, results)
        if unclear and wanted > 0:
            last = results[-1]
            taking.notes.tell(
                "conflict_laboratory", last.source, last.fact.origin.path or "" if last.fact.origin else ""
            )
        if screening:
            yield from (one.fact for one in results)
            continue
        if unclear:
            results = list({(one.fact.result, one.fact.unit): one for one in results}.values())
            taken = results if wanted > 0 else []
        else:
            taken = sorted(results, key=lambda one: (one.at is not None, one.at), reverse=True)[: max(wanted, 0)]
        yield from (one.fact for one in taken)
        wanted -= len(taken)
        left += len(results) - len(taken)
    if left:
        taking.notes.counts["older_laboratories_left_out"] += left
        taking.notes.tell("older_left_out", None)


def _unclear(taking: Taking, results: Sequence[_Result]) -> bool:
    """Whether those of one day differ, and no time says which is later, or two say the opposite."""
    by_time: dict[datetime | None, set[tuple[str, str | None]]] = defaultdict(set)
    for one in results:
        by_time[one.at].add((one.fact.result, one.fact.unit))
    different = set().union(*by_time.values())
    if len(different) < 2:
        return False
    ordered = None not in by_time and all(len(said) == 1 for said in by_time.values())
    return not ordered or len({was_found(taking, result) for result, _ in different} - {None}) > 1
