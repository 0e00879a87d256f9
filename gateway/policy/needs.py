"""Judges one thing that a policy wants against the facts: how it stands, by which facts, and what is to be said of it.

A fact is read as it is written; what could be read in two ways is ambiguous, and what contradicts itself conflicting.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from gateway.model.clinical import Biomarker, Laboratory, TherapyOutcome
from gateway.policy.conservative import judge_care, was_not_done
from gateway.policy.dates import Days, Seen, Verdict, judge, latest
from gateway.policy.record import PatientRecord
from gateway.policy.scales import is_no_worse
from gateway.policy.units import factor_between
from gateway.policy.verdict import MOST_EVIDENCE, Evidence, Item, State
from gateway.policy.wording import say, wants
from gateway.policy.words import EQUIVOCAL, Percentage, Words, percentage
from gateway.profiles.policies_needs import (
    ActivityNeed,
    AllOf,
    AnyOf,
    BiomarkerNeed,
    BodyNeed,
    BoneDensityNeed,
    ConservativeCareNeed,
    DiagnosisNeed,
    DocumentNeed,
    Fresh,
    HistologyNeed,
    ImagingNeed,
    LaboratoryNeed,
    LineOfTherapyNeed,
    Need,
    PerformanceNeed,
    PriorTherapyNeed,
    SingleNeed,
    StageNeed,
)
from gateway.profiles.policies_words import tokens

_STAGE = re.compile(r"(?:stage\s+)?(0|IV|I{1,3})\s*([A-D]?[1-3]?)", re.IGNORECASE)
_PLAIN = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?")

_BEST = (
    State.PRESENT,
    State.AMBIGUOUS,
    State.CONFLICTING,
    State.UNDATED,
    State.STALE,
    State.NOT_MET,
    State.MISSING,
)
"""From what is nearest to being enough to what is farthest."""


def look(need: Need, record: PatientRecord, days: Days) -> Item:
    """How a need stands."""
    if isinstance(need, AnyOf | AllOf):
        parts = tuple(look(part, record, days) for part in need.needs)
        choose = min if isinstance(need, AnyOf) else max
        state = choose((part.state for part in parts), key=_BEST.index)
        telling = [part for part in parts if part.state is state]
        return Item(
            need=need.need,
            what=wants(need, record.words),
            state=state,
            says=say(need, state),
            evidence=tuple(dict.fromkeys(each for part in telling for each in part.evidence))[:MOST_EVIDENCE],
            parts=parts,
        )
    state, evidence = _verdict(need, record, days)
    return Item(need=need.need, what=wants(need, record.words), state=state, says=say(need, state), evidence=evidence)


def _verdict(need: SingleNeed, record: PatientRecord, days: Days) -> Verdict:
    match need:
        case BiomarkerNeed():
            return _biomarker(need, record, days)
        case LaboratoryNeed():
            seen = [_laboratory(need, record, *one) for one in record.laboratories.get(need.laboratory, ())]
            return judge(seen, need, days)
        case StageNeed():
            return judge(list(_stages(need, record)), need, days)
        case PerformanceNeed():
            return judge(list(_performance(need, record)), need, days)
        case ActivityNeed():
            return _activity(need, record, days)
        case ImagingNeed():
            return judge(list(_imaging(need, record)), need, days)
        case BoneDensityNeed():
            return judge(list(_bone_density(need, record)), need, days, of_several=_lowest)
        case BodyNeed():
            return _body(need, record, days)
        case DocumentNeed():
            held = [
                Seen(True, None, Evidence(pointer=one.pointer, dated_on=one.dated_on, origin=one.origin))
                for one in record.asked.documents
                if one.kind in need.kinds
            ]
            return judge(held, need, days)
        case ConservativeCareNeed():
            return judge_care(need, record.asked.facts.conservative_care, days)
        case _:
            return _undated(need, record)


def _biomarker(need: BiomarkerNeed, record: PatientRecord, days: Days) -> Verdict:
    seen = [_marker(need, record, pointer, fact) for pointer, fact in record.biomarkers.get(need.marker, ())]

    def decisive(held: Sequence[Seen[str | None]]) -> list[Seen[str | None]]:
        """An equivocal result is what a further test was made for, and says nothing beside that."""
        chosen = latest(held) if need.several == "latest" else list(held)
        return [each for each in chosen if each.says != EQUIVOCAL] or chosen

    def contradicts(held: Sequence[Seen[str | None]]) -> bool:
        return need.least_percent is None and len({each.says for each in held if each.says is not None}) > 1

    return judge(seen, need, days, of_several=decisive, contradicts=contradicts)


def _marker(need: BiomarkerNeed, record: PatientRecord, pointer: str, fact: Biomarker) -> Seen[str | None]:
    if fact.not_feasible:
        evidence = Evidence(pointer=pointer, dated_on=fact.specimen_on, reads="not_feasible", origin=fact.origin)
        return Seen(need.not_feasible, "not_feasible", evidence)
    reading = None if fact.result is None else record.words.reading(need.marker, fact.result)
    evidence = Evidence(pointer=pointer, dated_on=fact.specimen_on, reads=reading, origin=fact.origin)
    if fact.result is None:
        return Seen(None, None, evidence)
    if need.least_percent is not None and (share := _share(need.marker, record.words, fact.result)):
        holds = share.at_least(need.least_percent)
        # 'Not expressed in 100% of the cells' is a high share of the opposite.
        against = record.words.denies if holds else record.words.doubts
        return Seen(None if against(need.marker, fact.result) else holds, reading, evidence)
    if need.accepted is not None:
        return Seen(None if reading is None else reading in need.accepted, reading, evidence)
    return Seen(True if need.least_percent is None else None, reading, evidence)


def _share(marker: str, words: Words, result: str) -> Percentage | None:
    return percentage(result) if words.is_share_of(marker, result) else None


def _laboratory(need: LaboratoryNeed, record: PatientRecord, pointer: str, fact: Laboratory) -> Seen[str | None]:
    reading = record.words.reading(None, fact.result)
    evidence = Evidence(pointer=pointer, dated_on=fact.resulted_on, reads=reading, origin=fact.origin)
    if need.least is not None or need.most is not None:
        factor = None if fact.unit is None or need.unit is None else factor_between(fact.unit, need.unit)
        if factor is None or not _PLAIN.fullmatch(fact.result):
            return Seen(None, None, evidence)
        return Seen(_within(round(float(fact.result) * factor, 9), need.least, need.most), None, evidence)
    if need.accepted is None:
        return Seen(True, reading, evidence)
    return Seen(None if reading is None else reading in need.accepted, reading, evidence)


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _stages(need: StageNeed, record: PatientRecord) -> Iterator[Seen[str | None]]:
    facts = list(record.stages)
    if need.tnm and not any(fact.t and fact.n and fact.m for _, fact in facts):
        return
    # Records write the group in one place and T, N and M in another: what names no group says nothing beside one.
    grouped = [(place, fact) for place, fact in facts if fact.group is not None]
    whole = [(place, fact) for place, fact in facts if fact.t and fact.n and fact.m]
    for place, fact in whole if need.groups is None and need.tnm else grouped or facts:
        evidence = Evidence(pointer=f"/facts/stage/{place}", dated_on=fact.staged_on, origin=fact.origin)
        if need.groups is None:
            yield Seen(True, None, evidence)
        elif fact.group is None or not (found := _STAGE.fullmatch(fact.group)):
            yield Seen(None, None, evidence)
        else:
            numeral, letter = found[1].upper(), found[2].upper()
            yield Seen(any(_in_group(numeral, letter, wanted) for wanted in need.groups), numeral + letter, evidence)


def _in_group(numeral: str, letter: str, wanted: str) -> bool:
    found = _STAGE.fullmatch(wanted)
    return found is not None and found[1] == numeral and letter.startswith(found[2])


def _performance(need: PerformanceNeed, record: PatientRecord) -> Iterator[Seen[None]]:
    for place, fact in enumerate(record.asked.facts.performance):
        evidence = Evidence(
            pointer=f"/facts/performance/{place}", dated_on=fact.assessed_on, reads=fact.scale, origin=fact.origin
        )
        yield Seen(is_no_worse(fact, need), None, evidence)


def _activity(need: ActivityNeed, record: PatientRecord, days: Days) -> Verdict:
    """By whichever instrument comes nearest."""
    verdicts = []
    for bound in need.instruments:
        seen = [
            Seen(
                _within(fact.score, bound.least, bound.most),
                None,
                Evidence(
                    pointer=f"/facts/disease_activity/{place}",
                    dated_on=fact.assessed_on,
                    reads=fact.instrument,
                    origin=fact.origin,
                ),
            )
            for place, fact in enumerate(record.asked.facts.disease_activity)
            if fact.instrument == bound.instrument
        ]
        verdicts.append(judge(seen, need, days))
    return min(verdicts, key=lambda verdict: _BEST.index(verdict[0]))


def _imaging(need: ImagingNeed, record: PatientRecord) -> Iterator[Seen[None]]:
    regions = None if need.regions is None else {word for region in need.regions for word in tokens(region)}
    for place, fact in enumerate(record.asked.facts.imaging):
        if was_not_done(fact.finding):
            continue
        if fact.modality in need.modalities and (regions is None or not regions.isdisjoint(tokens(fact.region))):
            pointer = f"/facts/imaging/{place}"
            yield Seen(True, None, Evidence(pointer=pointer, dated_on=fact.performed_on, origin=fact.origin))


def _bone_density(need: BoneDensityNeed, record: PatientRecord) -> Iterator[Seen[None]]:
    for place, fact in enumerate(record.asked.facts.bone_density):
        if need.sites is None or fact.site in need.sites:
            evidence = Evidence(
                pointer=f"/facts/bone_density/{place}", dated_on=fact.measured_on, reads=fact.site, origin=fact.origin
            )
            yield Seen(need.most is None or fact.t_score <= need.most, None, evidence)


def _lowest(seen: Sequence[Seen[None]]) -> list[Seen[None]]:
    """The lowest score of all places decides, so one that holds is enough; but not beside another of that place and
    day that does not."""
    places: dict[tuple[str | None, date | None], list[Seen[None]]] = defaultdict(list)
    for each in seen:
        places[each.evidence.reads, each.evidence.dated_on].append(each)
    torn = [each for one in places.values() if {each.holds for each in one} == {True, False} for each in one]
    sure = [each for each in seen if each.holds and each not in torn]
    return sure or torn or list(seen)


def _body(need: BodyNeed, record: PatientRecord, days: Days) -> Verdict:
    body = record.asked.facts.body
    if body is None or any(getattr(body, measure) is None for measure in need.measures):
        return State.MISSING, ()
    evidence = Evidence(pointer="/facts/body", dated_on=body.measured_on, origin=body.origin)
    return judge([Seen(True, None, evidence)], need, days)


def _undated(
    need: LineOfTherapyNeed | PriorTherapyNeed | HistologyNeed | DiagnosisNeed, record: PatientRecord
) -> Verdict:
    """What has no age."""
    asked = record.asked
    match need:
        case LineOfTherapyNeed():
            number = None if asked.regimen is None else asked.regimen.line_of_therapy
            if number is None:
                return State.MISSING, ()
            fits = need.least <= number <= need.most
            return (State.PRESENT if fits else State.NOT_MET), (Evidence(pointer="/regimen/line_of_therapy"),)
        case PriorTherapyNeed():
            taken = [
                Evidence(pointer=one.pointer, dated_on=one.fact.started_on, origin=one.fact.origin)
                for one in record.therapies
                if one.fact.outcome is not TherapyOutcome.CONTRAINDICATED
                and not (one.fact.started_on and one.fact.started_on > asked.filed_on)
                and any(record.words.is_one_of(drug, need.drugs, need.classes) for drug in one.drugs)
            ]
            return (State.PRESENT if taken else State.MISSING), tuple(taken[:MOST_EVIDENCE])
        case HistologyNeed():
            return _histology(need, record)
        case DiagnosisNeed():
            places = [(f"/diagnoses/{n}", code) for n, code in enumerate(asked.diagnoses)]
            places += [(f"/facts/comorbidities/{n}", code) for n, code in enumerate(asked.facts.comorbidities)]
            found = [place for place, code in places if any(each.holds(code) for each in need.diagnoses)]
            return (State.PRESENT if found else State.MISSING), tuple(
                Evidence(pointer=place) for place in found[:MOST_EVIDENCE]
            )


def _histology(need: HistologyNeed, record: PatientRecord) -> Verdict:
    seen: list[Seen[None]] = []
    for place, fact in record.histologies:
        holds: bool | None = True
        if need.morphologies is not None:
            code = fact.icd_o
            holds = None if code is None else any(each.holds(code) for each in need.morphologies)
        seen.append(Seen(holds, None, Evidence(pointer=f"/facts/histology/{place}", origin=fact.origin)))
    return judge(seen, Fresh(), Days(record.asked.filed_on, None))
