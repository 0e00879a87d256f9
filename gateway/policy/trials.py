"""Step therapy: which drugs were taken for how long, what came of it, and what stands in place of a trial.

Periods of one drug are merged where the gap between them is small enough; the longest of them counts, from its first
day to its last (a drug taken from the 1st to the 29th was taken for 28 days). What goes on is counted to the day of
filing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.model.clinical import TherapyOutcome
from gateway.model.request import Intent
from gateway.policy.asked import AskedLine
from gateway.policy.record import PatientRecord, Therapy
from gateway.policy.verdict import (
    MOST_EVIDENCE,
    Evidence,
    Preferred,
    RuleRef,
    Step,
    StepState,
    StepTherapy,
    Trialled,
)
from gateway.policy.words import Words
from gateway.profiles.policies_rules import Dose, NewStarts, PreferredRule, StepTherapyRule, Trial

_NEAREST = (
    StepState.MET,
    StepState.EXCEPTION_CLAIMED,
    StepState.NOT_FAILED,
    StepState.INSUFFICIENT_DOSE,
    StepState.INSUFFICIENT_DURATION,
    StepState.EXCEPTION_UNDOCUMENTED,
    StepState.UNDATED,
    StepState.MISSING,
)
_COUNTS = (StepState.MET, StepState.EXCEPTION_CLAIMED)
_EXCEPTIONS = (TherapyOutcome.CONTRAINDICATED, TherapyOutcome.INTOLERANCE)

_GOES_ON = (TherapyOutcome.ONGOING, TherapyOutcome.COMPLETED, TherapyOutcome.STOPPED_OTHER)
"""What may go on: who did not respond, or did not tolerate it, would start anew."""
_NEW_ORDER_DAYS = 183
"""An order as young as that may wait for its first dose: payers take two weeks, and each level of appeal months."""

_DOSE = re.compile(
    r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?mg\b([^0-9]{0,40}?)\b(daily|day|weekly|week|monthly|month|qd|qw|qwk|bid)\b",
    re.IGNORECASE,
)
_TWICE = re.compile(r"\b(?:twice|two times)\b", re.IGNORECASE)
_SELDOMER = re.compile(
    r"\b(?:other|alternate|alternating|second|third|fourth|two|three|four|times)\b|\bbi-?$", re.IGNORECASE
)
"""Between an amount and its time: not that often, or nobody can tell how often."""
_NOT_TAKEN = re.compile(
    r"\b(?:not|max|maximum|up to|goal|target|titrate|titrated|increase|increased|taper|prn|as needed|hold|off"
    r"|then|only|skipped|skips|missed|misses)\b"
    r"|[0-9]\s?(?:-|\u2013|to)\s?[0-9.]{1,8}\s?mg",
    re.IGNORECASE,
)
"""What makes of an amount one that was aimed at, or taken now and then, or a range: nobody can tell what was taken."""
_PER_DAY = {"daily": 1.0, "day": 1.0, "qd": 1.0, "bid": 2.0, "weekly": 1 / 7, "week": 1 / 7, "qw": 1 / 7, "qwk": 1 / 7}
_MONTH = 1 / 30
_WANTED_PER_DAY = {"day": 1.0, "week": 1 / 7, "month": _MONTH}


def judge_steps(rule: StepTherapyRule, ref: RuleRef, record: PatientRecord, line: AskedLine) -> StepTherapy:
    if going_on := continuing(rule.new_starts_only, record, line):
        return StepTherapy(verdict="continuing", evidence=going_on, rule=ref)
    steps = tuple(judge_step(step, record) for step in rule.steps)
    met = all(step.state in _COUNTS for step in steps)
    return StepTherapy(verdict="met" if met else "not_met", steps=steps, rule=ref)


def judge_preferred(rule: PreferredRule, ref: RuleRef, record: PatientRecord, line: AskedLine) -> Preferred:
    codes = tuple(each.first + (f"-{each.last}" if each.last else "") for each in rule.preferred)
    if continuing(rule.new_starts_only, record, line):
        return Preferred(verdict="continuing", preferred=codes, rule=ref)
    step = None if rule.unless is None else judge_step(rule.unless, record)
    justified = step is not None and step.state in _COUNTS
    return Preferred(verdict="justified" if justified else "not_preferred", preferred=codes, step=step, rule=ref)


def continuing(new_starts: NewStarts | None, record: PatientRecord, line: AskedLine) -> tuple[Evidence, ...]:
    """What shows that the patient has the requested drug already; nothing where this is a new start, or no matter."""
    if new_starts is None:
        return ()
    own = record.words.alike(record.words.drugs_of(line.codes))
    return record.once((id(new_starts), own), lambda: _going_on(new_starts, own, record))


def _going_on(new_starts: NewStarts, own: frozenset[str], record: PatientRecord) -> tuple[Evidence, ...]:
    day = record.asked.filed_on
    taken = [
        therapy
        for therapy in record.therapies
        if not own.isdisjoint(therapy.drugs)
        and therapy.fact.outcome in _GOES_ON
        and not _is_new_order(therapy, day)
        and (end := _end(therapy, day)) is not None
        and (day - end).days <= new_starts.look_back_days
    ]
    if taken:
        return tuple(map(_evidence, taken[:MOST_EVIDENCE]))
    return (Evidence(pointer="/intent"),) if record.asked.intent in (Intent.RENEWAL, Intent.EXTENSION) else ()


def _is_new_order(therapy: Therapy, day: date) -> bool:
    """Whether all that is known is an order, and one so young that it may be what authorization is asked for."""
    origin, since = therapy.fact.origin, therapy.fact.started_on
    ordered = origin is not None and origin.kind == "fhir" and origin.reference.startswith("MedicationRequest/")
    return ordered and (since is None or (day - since).days < _NEW_ORDER_DAYS)


def judge_step(trial: Trial, record: PatientRecord) -> Step:
    return record.once(id(trial), lambda: _judge_step(trial, record))


def _judge_step(trial: Trial, record: PatientRecord) -> Step:
    taken: dict[str, list[tuple[str, Therapy]]] = {}
    for therapy in record.therapies:
        for drug in therapy.drugs:
            if record.words.is_one_of(drug, trial.drugs, trial.classes):
                # One that is named is wanted by itself; of a class, the products of one substance are one drug.
                named = drug in (trial.drugs or ())
                taken.setdefault(drug if named else record.words.substance(drug), []).append((drug, therapy))
    trials = [
        _trialled(trial, min(drug for drug, _ in held), _each_once(held), record) for _, held in sorted(taken.items())
    ]
    trials.sort(key=lambda one: (_NEAREST.index(one.state), one.days_short or 0))
    counted = sum(one.state in _COUNTS for one in trials)
    short = None
    if counted >= trial.how_many:
        met = sum(one.state is StepState.MET for one in trials) >= trial.how_many
        state = StepState.MET if met else StepState.EXCEPTION_CLAIMED
    else:
        # The one that lacks least of those that do not count yet; where too few were taken at all, one is missing.
        next_best = trials[trial.how_many - 1] if len(trials) >= trial.how_many else None
        state = StepState.MISSING if next_best is None else next_best.state
        short = None if next_best is None else next_best.days_short
    return Step(
        step=trial.trial,
        wants=_wants(trial, record.words),
        state=state,
        wanted=trial.how_many,
        counted=counted,
        days_short=short,
        trials=tuple(trials),
    )


def _each_once(held: Sequence[tuple[str, Therapy]]) -> list[Therapy]:
    return list({therapy.pointer: therapy for _, therapy in held}.values())


def _trialled(trial: Trial, drug: str, taken: Sequence[Therapy], record: PatientRecord) -> Trialled:
    found = _judge_trial(trial, taken, record.asked.filed_on)
    if found.state is not StepState.MET and (claimed := _exception(trial, taken)):
        found = claimed
    return Trialled(
        drug=drug,
        state=found.state,
        days=found.days,
        days_short=found.short,
        evidence=tuple(map(_evidence, found.of[:MOST_EVIDENCE])),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    state: StepState
    of: Sequence[Therapy]
    days: int | None = None
    short: int | None = None


def _judge_trial(trial: Trial, taken: Sequence[Therapy], day: date) -> _Found:
    given = [one for one in taken if one.fact.outcome is not TherapyOutcome.CONTRAINDICATED]
    if not given:
        return _Found(StepState.MISSING, taken)
    periods = [
        period
        for period in _merged(given, trial.gap_days, day)
        if trial.look_back_days is None or (day - period.end).days <= trial.look_back_days
    ]
    if not periods:
        undated = [one for one in given if one.in_turn or one.fact.started_on is None or _end(one, day) is None]
        return _Found(StepState.UNDATED if undated else StepState.MISSING, undated or given)
    judged = [_judge_period(trial, period, day) for period in periods]
    return min(judged, key=lambda one: (_NEAREST.index(one.state), -(one.days or 0)))


def _judge_period(trial: Trial, period: _Period, day: date) -> _Found:
    days = (period.end - period.start).days
    if days < trial.least_days:
        return _Found(StepState.INSUFFICIENT_DURATION, period.of, days, trial.least_days - days)
    if trial.least_dose is not None:
        enough = [one for one in period.of if _is_enough(one, trial.least_dose)]
        longest = max(((each.end - each.start).days for each in _merged(enough, trial.gap_days, day)), default=-1)
        if longest < trial.least_days:
            return _Found(StepState.INSUFFICIENT_DOSE, period.of, days)
    if not _ended_so(trial, period, day):
        return _Found(StepState.NOT_FAILED, period.of, days)
    return _Found(StepState.MET, period.of, days)


_LAST_FILL_DAYS = 31
"""A fill may last so long beyond the day on which the drug was given up."""


def _ended_so(trial: Trial, period: _Period, day: date) -> bool:
    """Whether the period ended as the policy wants: a failure after which the drug went on is none of the whole."""
    goes_on = any(one.fact.outcome is TherapyOutcome.ONGOING for one in period.of)
    return any(
        one.fact.outcome is TherapyOutcome.ONGOING
        or (not goes_on and (period.end - (_end(one, day) or period.end)).days <= _LAST_FILL_DAYS)
        for one in period.of
        if one.fact.outcome.value in trial.outcomes
    )


def _exception(trial: Trial, taken: Sequence[Therapy]) -> _Found | None:
    """A contraindication or an intolerance stands in for the trial where the record says why, or where it says so."""
    claimed = [one for one in taken if one.fact.outcome in _EXCEPTIONS and one.fact.outcome.value in trial.exceptions]
    if not claimed:
        return None
    shown = [one for one in claimed if _is_documented(one)]
    state = StepState.EXCEPTION_CLAIMED if shown else StepState.EXCEPTION_UNDOCUMENTED
    return _Found(state, shown or claimed)


def _is_documented(therapy: Therapy) -> bool:
    """A reason is given, or the fact was read in the record: the caller's bare word documents nothing."""
    origin = therapy.fact.origin
    reason = therapy.fact.reason or ""
    return len(re.findall(r"[^\W_]", reason)) >= 3 or (origin is not None and origin.kind != "caller")


@dataclass(slots=True)
class _Period:
    start: date
    end: date
    of: list[Therapy]


def _merged(taken: Iterable[Therapy], gap_days: int, day: date) -> Iterator[_Period]:
    known = [(*period, one) for one in taken if (period := _period(one, day))]
    current: _Period | None = None
    for start, end, one in sorted(known, key=lambda each: (each[0], each[1], each[2].pointer)):
        if current is not None and (start - current.end).days <= gap_days:
            current.end = max(current.end, end)
            current.of.append(one)
            continue
        if current is not None:
            yield current
        current = _Period(start, end, [one])
    if current is not None:
        yield current


def _period(therapy: Therapy, day: date) -> tuple[date, date] | None:
    """None where one of its ends is not known, it begins after the day, or it is of several drugs in turn."""
    start, end = therapy.fact.started_on, _end(therapy, day)
    return None if therapy.in_turn or start is None or end is None or start > end else (start, end)


def _end(therapy: Therapy, day: date) -> date | None:
    if therapy.fact.stopped_on is not None:
        return min(therapy.fact.stopped_on, day)
    return day if therapy.fact.outcome is TherapyOutcome.ONGOING else None


def _is_enough(therapy: Therapy, least: Dose) -> bool:
    """A dose that is not written as milligrams in a time is not enough, for nobody can tell."""
    found = _DOSE.findall(therapy.fact.dose or "")
    if len(found) != 1 or _NOT_TAKEN.search(therapy.fact.dose or ""):
        return False
    amount, between, per = found[0]
    twice = _TWICE.search(between) is not None
    if _SELDOMER.search(_TWICE.sub("", between)):
        return False
    a_day = float(amount) * _PER_DAY.get(per.lower(), _MONTH) * (2 if twice else 1)
    return a_day >= least.mg * _WANTED_PER_DAY[least.per] - 1e-9


def _evidence(therapy: Therapy) -> Evidence:
    return Evidence(
        pointer=therapy.pointer,
        dated_on=therapy.fact.stopped_on or therapy.fact.started_on,
        reads=therapy.fact.outcome.value,
        origin=therapy.fact.origin,
    )


def _wants(trial: Trial, words: Words) -> str:
    named = [*map(words.say_drug, trial.drugs or ()), *(name.replace("_", " ") for name in trial.classes or ())]
    length = f" for {trial.least_days} days" if trial.least_days else ""
    dose = f" at {trial.least_dose.mg:g} mg a {trial.least_dose.per} or more" if trial.least_dose else ""
    return f"{trial.how_many} of {' or '.join(named)}{length}{dose}"
