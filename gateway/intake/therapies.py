"""Drugs that were given, and care without drugs. One entry, one fact: periods are a policy's to make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from gateway.intake.conservative import is_nsaid
from gateway.intake.elements import When, codings, each, first_day, name, names, number, part, status, unit, words
from gateway.intake.findings import Found
from gateway.intake.taking import RXNORM, Taking
from gateway.model.clinical import ConservativeCare, PriorTherapy, TherapyOutcome
from gateway.profiles.terms import Meaning, plain

_PLANNED = frozenset({"proposal", "plan", "option", "draft", "intended"})
_OUTCOMES = {
    "active": TherapyOutcome.ONGOING,
    "in-progress": TherapyOutcome.ONGOING,
    "completed": TherapyOutcome.COMPLETED,
    "stopped": TherapyOutcome.STOPPED_OTHER,
}
ORDER, FILL = "MedicationRequest", "MedicationDispense"
_DOSAGES = {
    ORDER: "dosageInstruction",
    "MedicationStatement": "dosage",
    "MedicationAdministration": "dosage",
    FILL: "dosageInstruction",
}
_FIRST = {
    ORDER: ("authoredOn",),
    "MedicationStatement": ("effectivePeriod.start", "effectiveDateTime"),
    "MedicationAdministration": ("effectivePeriod.start", "effectiveDateTime"),
    FILL: ("whenHandedOver",),
}
_LONGEST = 400
"""Days of a fill."""
_VALID = 366
"""Days within which an order is filled; one that is older says little of what is taken today."""
_DAYS = frozenset({"d", "day", "days", None})


def drug_of(taking: Taking, one: Found) -> tuple[Any, str, Found]:
    """The concept that names the drug, its path, and the resource it stands in."""
    concept = one.resource.get("medicationCodeableConcept")
    if concept is not None:
        return concept, "medicationCodeableConcept", one
    medication = taking.chart.follow(one.resource.get("medicationReference"), one, "medicationReference")
    if medication is not None:
        return medication.resource.get("code"), "code", medication
    return {"text": part(one.resource.get("medicationReference"), "display")}, "medicationReference", one


def concepts_of(taking: Taking, one: Found) -> Iterator[Any]:
    """All that names the drug: R4 allows a concept or a reference, and some write both."""
    yield one.resource.get("medicationCodeableConcept")
    if "medicationReference" in one.resource:
        medication = taking.chart.follow(one.resource["medicationReference"], one, "medicationReference")
        yield {"text": part(one.resource["medicationReference"], "display")}
        yield None if medication is None else medication.resource.get("code")


def is_planned(one: Found) -> bool:
    return status(one.resource) in _PLANNED or status(one.resource, "intent") in _PLANNED


def take_therapies(taking: Taking, planned: frozenset[str]) -> None:
    """``planned`` are the names of orders that became lines of the draft."""
    prescribed = {one.pointer: _prescribed(taking, one) for one in taking.chart.of(FILL)}
    filled = _Filled(taking, prescribed)
    orders: list[tuple[Found, PriorTherapy]] = []
    for one in taking.chart.of(*_FIRST):
        if one.name in planned or is_planned(one):
            continue
        if status(one.resource) in _TOLD_BY_FILLS and not any(_reasons(one)) and filled.has(one):
            taking.notes.counts["prescriptions_told_by_their_fills"] += 1
            continue
        fact = _drug(taking, one, prescribed.get(one.pointer))
        if one.kind == ORDER and fact is not None:
            orders.append((one, fact))
    told = {id(fact) for _, fact in orders}
    therapies: Sequence[PriorTherapy] = taking.all("prior_therapies")
    taken = {key for fact in therapies if id(fact) not in told and _was_taken(fact) for key in _keys(fact)}
    for one, fact in orders:
        if fact.outcome is TherapyOutcome.ONGOING and taken.isdisjoint(_keys(fact)):
            taking.notes.tell("order_alone", one, "status")


def _was_taken(fact: PriorTherapy) -> bool:
    return fact.outcome is not TherapyOutcome.CONTRAINDICATED


def _keys(fact: PriorTherapy) -> Iterator[str]:
    yield plain(fact.drug)
    if fact.rxnorm:
        yield f"rxnorm {fact.rxnorm}"


def _called(taking: Taking, one: Found) -> frozenset[str]:
    """What may be compared of its drug with that of another resource: RxCUIs and names."""
    concept, path, _ = drug_of(taking, one)
    codes = {f"rxnorm {coding.code}" for coding in codings(concept, path) if coding.system == RXNORM}
    return frozenset(codes | {plain(text) for text, _ in names(concept, path)})


class _Filled:
    """Which prescriptions were filled: by fills that name them, or name none and are of the same drug since then."""

    def __init__(self, taking: Taking, prescribed: Mapping[str, Found | None]) -> None:
        self._taking = taking
        self._named: set[str] = set()
        self._alone: dict[str, date] = {}
        for fill in taking.chart.of(FILL):
            begun = _begin(fill)
            if begun.day is None or _supplied_until(fill, begun).day is None:
                continue
            if prescription := prescribed[fill.pointer]:
                self._named.add(prescription.pointer)
            else:
                for key in _called(taking, fill):
                    self._alone[key] = max(begun.day, self._alone.get(key, begun.day))

    def has(self, one: Found) -> bool:
        if one.kind != ORDER:
            return False
        if one.pointer in self._named:
            return True
        since = _begin(one).day or date.min
        return any(self._alone[key] >= since for key in _called(self._taking, one) if key in self._alone)


_TOLD_BY_FILLS = frozenset({"active", "completed"})
"""A prescription that is in force, or was: its fills tell on which days the drug was at hand, and it does not."""


def _prescribed(taking: Taking, fill: Found) -> Found | None:
    references = [reference for _, reference in each(fill.resource, "authorizingPrescription")]
    return taking.chart.follow(references[0], fill, "authorizingPrescription[0]") if references else None


def _dose(one: Found | None) -> str | None:
    if one is None or one.kind not in _DOSAGES:
        return None
    return next((words(dosage.get("text")) for _, dosage in each(one.resource, _DOSAGES[one.kind])), None)


def _how(one: Found) -> Iterator[str]:
    for _, dosage in each(one.resource, _DOSAGES[one.kind]):
        yield words(dosage.get("text")) or ""
        yield from (text for text, _ in names(dosage.get("route"), ""))


def _reasons(one: Found) -> Iterator[tuple[Any, str]]:
    for index, concept in each(one.resource, "statusReason"):
        yield concept, f"statusReason[{index}]" if isinstance(one.resource["statusReason"], list) else "statusReason"
    for index, extension in each(one.resource, "extension"):
        if str(extension.get("url")).endswith("treatment-termination-reason"):
            yield extension.get("valueCodeableConcept"), f"extension[{index}].valueCodeableConcept"


def _drug(taking: Taking, one: Found, prescribed: Found | None = None) -> PriorTherapy | None:
    """``prescribed`` is the prescription that a fill names: its dose is the fill's where that tells none."""
    concept, path, at = drug_of(taking, one)
    called = name(concept)
    reasons = list(_reasons(one))
    end = _reason_to_end(taking, one, reasons)
    outcome = _OUTCOMES.get(status(one.resource))
    if status(one.resource) in ("not-taken", "not-done"):
        outcome = end if end is TherapyOutcome.CONTRAINDICATED else None
    elif one.kind == FILL:
        outcome = TherapyOutcome.COMPLETED if status(one.resource) == "completed" else None
    elif end is not None and outcome is not TherapyOutcome.ONGOING:
        outcome = end
    if taking.is_of_two_drugs(*concepts_of(taking, one)):
        taking.notes.tell("conflict_drug", at, path)
        return None
    if called is None:
        taking.notes.tell("unreadable", at, path)
        return None
    if outcome is None:
        taking.notes.tell("no_outcome", one, "status")
        return None
    started, stopped = _begin(one), _finish(one)
    if one.kind == "MedicationAdministration" and stopped.day is None:
        stopped = started
    if one.kind == FILL:
        stopped = _supplied_until(one, started)
        if stopped.day is not None and stopped.day > taking.today:
            outcome, stopped = TherapyOutcome.ONGOING, _NOT_YET
    elif stopped.day is not None and stopped.day > taking.today:
        stopped = _NOT_YET
    if not (taking.past(one, started) and taking.past(one, stopped, tell=False)):
        return None
    outcome = _ended(taking, one, started, stopped, outcome)
    dose = _dose(one) or _dose(prescribed)
    reason = "; ".join(text for each_of in reasons if (text := name(each_of[0])))[:264].strip() or None
    rxnorm = next((coding.code for coding in codings(concept, path) if coding.system == RXNORM), None)
    fact = taking.add(
        "prior_therapies",
        PriorTherapy,
        one,
        path if at is one else "medicationReference",
        drug=called,
        rxnorm=rxnorm if rxnorm and rxnorm.isascii() and rxnorm.isdigit() else None,
        started_on=started.day,
        stopped_on=stopped.day,
        outcome=outcome,
        reason=reason,
        dose=dose,
    )
    if outcome is not TherapyOutcome.CONTRAINDICATED and is_nsaid(taking, concept, list(_how(one))):
        outcome_words = reason or f"outcome not stated; status {status(one.resource)}"
        taking.add(
            "conservative_care",
            ConservativeCare,
            one,
            path if at is one else "medicationReference",
            kind="nsaid",
            started_on=started.day if stopped.day or outcome is TherapyOutcome.ONGOING else None,
            stopped_on=stopped.day,
            outcome=outcome_words,
        )
    return fact


def _reason_to_end(taking: Taking, one: Found, reasons: list[tuple[Any, str]]) -> TherapyOutcome | None:
    """Why it ended. Of several reasons that mean different things none is chosen."""
    found = {hit[0]: hit[1] for each_of in reasons if (hit := taking.meaning(Meaning.THERAPY_END, *each_of))}
    if len(found) > 1:
        found.pop(TherapyOutcome.STOPPED_OTHER, None)  # which says nothing of why
    if len(found) > 1:
        taking.notes.tell("conflict_reasons", one, list(found.values())[-1])
        return TherapyOutcome.STOPPED_OTHER
    return TherapyOutcome(next(iter(found))) if found else None


def _supplied_until(one: Found, handed_over: When) -> When:
    """The day on which a fill is used up; nothing where it does not say for how many days it is."""
    supply = one.resource.get("daysSupply")
    days = number(part(supply, "value"))
    if handed_over.day is None or days is None or not 0 < days <= _LONGEST or unit(supply) not in _DAYS:
        return When(None, "daysSupply")
    return When(handed_over.day + timedelta(days=int(days)), "daysSupply")


_NOT_YET = When(None, "")
"""The end of what goes on: until when a course is planned is no end that was."""


def _finish(one: Found) -> When:
    """The end of the course; of several dosages the last, where each has one."""
    if (stated := first_day(one.resource, "effectivePeriod.end")).path:
        return stated
    bounds = "timing.repeat.boundsPeriod.end"
    ends = [
        when._replace(path=f"{_DOSAGES[one.kind]}[{index}].{bounds}") if when.path else when
        for index, dosage in each(one.resource, _DOSAGES[one.kind])
        for when in [first_day(dosage, bounds)]
    ]
    if any(when.path for when in ends):
        open_or_last = [when for when in ends if when.day is None] or sorted(
            ends, key=lambda when: when.day or date.min
        )
        return open_or_last[-1]
    return _NOT_YET


def _ended(taking: Taking, one: Found, started: When, stopped: When, outcome: TherapyOutcome) -> TherapyOutcome:
    """What is active ends where its last day has passed: counted to this day it would be a longer trial than it was."""
    if outcome is TherapyOutcome.ONGOING:
        if stopped.day is not None:
            taking.notes.tell("active_past_its_end", one, stopped.path)
        if stopped.path:  # in part, or not to be read: no day, and an end all the same
            return TherapyOutcome.COMPLETED
        # Until when it may be filled is no day on which it was taken last.
        valid = first_day(one.resource, "dispenseRequest.validityPeriod.end")
        if valid.day is not None and valid.day < taking.today:
            taking.notes.tell("order_expired", one, valid.path)
            return TherapyOutcome.COMPLETED
        if one.kind == ORDER and started.day and (taking.today - started.day).days > _VALID:
            taking.notes.tell("old_order", one, started.path)
    elif stopped == _NOT_YET and started.day is not None and outcome is not TherapyOutcome.CONTRAINDICATED:
        taking.notes.tell("no_end", one, started.path)
    return outcome


def _begin(one: Found) -> When:
    dosages = _DOSAGES[one.kind]
    for index, dosage in each(one.resource, dosages) if one.kind != FILL else ():
        when = first_day(dosage, "timing.repeat.boundsPeriod.start")
        if when.path:
            return when._replace(path=f"{dosages}[{index}].{when.path}")
    return first_day(one.resource, *_FIRST[one.kind])


def in_order(therapies: list[PriorTherapy]) -> list[PriorTherapy]:
    """By the day they began; those without one last."""
    return sorted(therapies, key=lambda one: (one.started_on or date.max, one.stopped_on or date.max))
