"""A body as one patient's chart: resources by kind, references resolved, other people's refused.

Takes a Bundle of any type, a list of resources, or a single resource.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from gateway.intake.elements import EFFECTIVE, each, part, stated, status, words
from gateway.intake.entries import Entries
from gateway.intake.findings import Found, Notes
from gateway.intake.versions import latest

_DEAD = frozenset({"entered-in-error", "cancelled", "abandoned", "revoked", "superseded"})
_SUBJECTS = ("subject", "patient", "beneficiary", "for")
_ABOUT_ONE = frozenset(
    {
        *("Observation", "Condition", "MedicationRequest", "MedicationStatement", "MedicationAdministration"),
        *("MedicationDispense", "Procedure", "DiagnosticReport", "ImagingStudy", "DocumentReference", "Coverage"),
        *("ServiceRequest", "Claim", "ExplanationOfBenefit", "Encounter", "Immunization", "AllergyIntolerance"),
        "CarePlan",
    }
)
_LOCAL = re.compile(r"#[A-Za-z0-9\-._]{1,64}")
_PEOPLE = frozenset({"Patient", "RelatedPerson", "Group"})
_OF_MEMBERS = {"DiagnosticReport": "result", "Observation": "hasMember"}
_DAYS = tuple(path.partition(".")[0] for path in EFFECTIVE)
_MODIFIED = ("component", "dosageInstruction", "dosage", "class", "content", "performer")


class SeveralPatients(ValueError):
    """The record is of several patients, and nobody said which one is meant; or none is the one that was said."""

    def __init__(self, pointers: list[str]) -> None:
        super().__init__("several patients")
        self.pointers = pointers


class Chart:
    """``of(kind)`` gives the patient's resources of a kind, in the order of the body."""

    def __init__(self, body: Any, notes: Notes, patient: str | None = None) -> None:
        self.notes = notes
        self._by_url: dict[str, Found] = {}
        self._by_name: dict[str, list[Found]] = defaultdict(list)
        self._kinds: dict[str, list[Found]] = defaultdict(list)
        self._told: set[tuple[str, str]] = set()
        self._contained: dict[str, dict[str, tuple[int, dict[str, Any]]]] = {}
        entries = Entries(body, notes)
        found = [one for one in latest(entries.found, notes) if not self._is_deleted(one, entries.deleted)]
        for one in found:
            self._by_name[one.name].append(one)
            if one.url:
                self._by_url.setdefault(one.url, one)
        self.patient = self._choose([one for one in found if one.kind == "Patient"], patient)
        if self.patient is None:
            _refuse_several(found)
        for one in found:
            if self._is_read(one):
                self._hold(one)
        for one in self.of(*_OF_MEMBERS):
            for member in self._members(one):
                if self._is_read(member):
                    self._hold(member)

    def _hold(self, one: Found) -> None:
        self._kinds[one.kind].append(one)
        self.notes.counts[one.kind] += 1

    def _members(self, whole: Found) -> Iterator[Found]:
        """The results that a report or a panel contains: with its subject and its day, where they tell none."""
        waiting = [(whole, whole)]
        seen: set[str] = set()
        while waiting:
            holder, at = waiting.pop(0)
            name = _OF_MEMBERS.get(at.kind, "")
            for index, reference in each(at.resource, name):
                target = part(reference, "reference")
                if not isinstance(target, str) or not target.strip().startswith("#"):
                    continue
                found = self.follow(reference, holder, f"{name}[{index}]")
                if found is None or found.kind != "Observation" or found.pointer in seen:
                    continue
                seen.add(found.pointer)
                days = () if any(key in found.resource for key in _DAYS) else _DAYS
                told = {key: holder.resource[key] for key in ("subject", *days) if key in holder.resource}
                member = replace(found, resource={**told, **found.resource}, order=holder.order)
                waiting.append((holder, member))
                yield member

    def of(self, *kinds: str) -> list[Found]:
        return [one for kind in kinds for one in self._kinds.get(kind, ())]

    def follow(self, reference: Any, within: Found, path: str) -> Found | None:
        """What a reference leads to: in the resource, in the record, or nowhere, which is told once."""
        target = part(reference, "reference")
        if not isinstance(target, str) or not target.strip():
            return None
        target = target.strip()
        if target.startswith("#"):
            if (held := self._contained_in(within).get(target[1:])) is None:
                self._once("broken_reference", within, path)
                return None
            index, inner = held
            name = target if _LOCAL.fullmatch(target) else f"#{index}"
            at = f"{within.pointer}/contained/{index}"
            return Found(inner, inner["resourceType"], f"{within.name}{name}"[:264], at)
        found = self._find(target, within)
        if found is None and "?" not in target:
            self._once("broken_reference", within, path)
        return found

    def _contained_in(self, within: Found) -> dict[str, tuple[int, dict[str, Any]]]:
        """What a resource contains, by its id: looked through once, for it may be much."""
        if within.pointer not in self._contained:
            found: dict[str, tuple[int, dict[str, Any]]] = {}
            for index, inner in each(within.resource, "contained"):
                own = inner.get("id")
                if isinstance(own, str) and isinstance(inner.get("resourceType"), str):
                    found.setdefault(own, (index, inner))
            self._contained[within.pointer] = found
        return self._contained[within.pointer]

    def _find(self, target: str, within: Found) -> Found | None:
        """By URL; a relative one on the server of the resource that it stands in. Where the server of one of the two is
        not known, by kind and id, where one resource has them."""
        bare = target.partition("/_history/")[0]
        if bare in self._by_url:
            return self._by_url[bare]
        server, _, _ = bare.rpartition("/")[0].rpartition("/")
        server = server or within.server or ""
        named = self._by_name.get("/".join(bare.split("/")[-2:]), ())
        alike = [one for one in named if not server or one.server in (None, server)]
        own = [one for one in alike if one.server == server] or alike
        return own[0] if len(own) == 1 else None

    def _once(self, code: str, at: Found, path: str) -> None:
        if (code, at.kind) not in self._told:
            self._told.add((code, at.kind))
            self.notes.tell(code, at, path)
        self.notes.counts[code] += 1

    def _is_deleted(self, one: Found, deleted: Set[str]) -> bool:
        if one.name not in deleted:
            return False
        self.notes.tell("deleted", one)
        self.notes.counts["not_read"] += 1
        return True

    def _choose(self, patients: list[Found], wanted: str | None) -> Found | None:
        chosen = patients
        if wanted is not None:
            bare = wanted.removeprefix("Patient/")
            chosen = [one for one in patients if bare == one.resource.get("id") or wanted in (one.url, one.name)]
        if len(chosen) > 1 or (wanted is not None and not chosen):
            raise SeveralPatients([one.pointer for one in patients])
        patients = chosen
        if not patients:
            self.notes.tell("no_patient", None)
            return None
        return patients[0]

    def _is_read(self, one: Found) -> bool:
        resource, counts = one.resource, self.notes.counts
        if status(resource) in _DEAD or "entered-in-error" in stated(resource, "verificationStatus"):
            counts["ignored_entered_in_error_or_cancelled"] += 1
            return False
        if resource.get("doNotPerform") is True:
            counts["not_read"] += 1
            self.notes.tell("not_to_be_done", one, "doNotPerform")
            return False
        if one.kind in _ABOUT_ONE and not self._is_ours(one):
            counts["refused_other_patient"] += 1
            return False
        if _is_modified(resource):
            counts["not_read"] += 1
            self.notes.tell("modifier_extension", one, "modifierExtension")
            return False
        return True

    def _is_ours(self, one: Found) -> bool:
        reference = next((one.resource[name] for name in _SUBJECTS if name in one.resource), None)
        target = part(reference, "reference")
        if not isinstance(target, str):
            return self._is_called_so(one, part(reference, "identifier"))
        if self.patient is None:
            return True
        if (place := self._of_somebody_else(one)) is not None:
            self.notes.tell("other_patient", one, f"focus[{place}]")
            return False
        found = self.follow(reference, one, "subject")
        if found is not None:
            ours = found.pointer == self.patient.pointer or found.kind not in ("Patient", "Group")
        else:
            ours = "?" in target  # a search is how some records name what they do not hold
        if not ours:
            self.notes.tell("other_patient", one, next(name for name in _SUBJECTS if name in one.resource))
        return ours

    def _is_called_so(self, one: Found, identifier: Any) -> bool:
        """Whether it is of the patient by an identifier; where it names nobody, it is taken for one of this record."""
        value = words(part(identifier, "value"))
        if value is None or self.patient is None:
            self._once("whose", one, "")
            return True
        known = {
            (words(each_of.get("system")), words(each_of.get("value")))
            for _, each_of in each(self.patient.resource, "identifier")
        }
        system = words(part(identifier, "system"))
        if (system, value) in known or (system is None and any(value == other for _, other in known)):
            return True
        self.notes.tell("named_otherwise", one, next(name for name in _SUBJECTS if name in one.resource))
        return False

    def _of_somebody_else(self, one: Found) -> int | None:
        """Which ``focus`` of an observation in the patient's record is a relative, a donor or another patient."""
        for place, focus in each(one.resource, "focus"):
            target = part(focus, "reference")
            if not isinstance(target, str):
                continue
            found = self._find(target, one)
            kind = found.kind if found is not None else next(iter(target.split("/")[-2:]), "")
            ours = found is not None and self.patient is not None and found.pointer == self.patient.pointer
            if kind in _PEOPLE and not ours:
                return place
        return None


def _refuse_several(found: Sequence[Found]) -> None:
    """Without a Patient the subjects tell whether the record is one person's."""
    people: dict[str, Found] = {}
    for one in found:
        subject = next((one.resource[name] for name in _SUBJECTS if name in one.resource), None)
        target = part(subject, "reference")
        named = words(part(part(subject, "identifier"), "value"))
        if one.kind not in _ABOUT_ONE:
            continue
        if isinstance(target, str) and target.strip() and not target.strip().startswith("#"):
            people.setdefault("/".join(target.strip().partition("/_history/")[0].split("/")[-2:]), one)
        elif not isinstance(target, str) and named is not None:
            people.setdefault(named, one)
    if len(people) > 1:
        raise SeveralPatients([one.pointer for one in people.values()])


def _is_modified(resource: Mapping[str, Any]) -> bool:
    if resource.get("modifierExtension"):
        return True
    return any(
        inner.get("modifierExtension") for name in _MODIFIED if name in resource for _, inner in each(resource, name)
    )
