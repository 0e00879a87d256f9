"""A body as one patient's chart: resources by kind, references resolved, other people's refused.

Takes a Bundle of any type, a list of resources, or a single resource.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.intake.elements import coded, each, part, status
from gateway.intake.findings import Found, Notes

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
_PEOPLE = frozenset({"Patient", "RelatedPerson", "Group"})
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
        self._by_reference: dict[str, Found] = {}
        self._kinds: dict[str, list[Found]] = defaultdict(list)
        self._told: set[tuple[str, str]] = set()
        found = self._latest(list(self._entries(body)))
        for one in found:
            for reference in self._references[one.pointer]:
                self._by_reference.setdefault(reference, one)
        self.patient = self._choose([one for one in found if one.kind == "Patient"], patient)
        for one in found:
            if self._is_read(one):
                self._kinds[one.kind].append(one)
                notes.counts[one.kind] += 1

    def of(self, *kinds: str) -> list[Found]:
        return [one for kind in kinds for one in self._kinds.get(kind, ())]

    def follow(self, reference: Any, within: Found, path: str) -> Found | None:
        """What a reference leads to: in the resource, in the record, or nowhere, which is told once."""
        target = part(reference, "reference")
        if not isinstance(target, str) or not target.strip():
            return None
        target = target.strip()
        if target.startswith("#"):
            for index, inner in each(within.resource, "contained"):
                if inner.get("id") == target[1:] and isinstance(inner.get("resourceType"), str):
                    at = f"{within.pointer}/contained/{index}"
                    return Found(inner, inner["resourceType"], f"{within.name}{target}"[:264], at)
            self._once("broken_reference", within, path)
            return None
        found = self._find(target)
        if found is None and "?" not in target:
            self._once("broken_reference", within, path)
        return found

    def _find(self, target: str) -> Found | None:
        bare = target.partition("/_history/")[0]
        found = self._by_reference.get(bare)
        if found is None and "/" in bare:
            found = self._by_reference.get("/".join(bare.split("/")[-2:]))
        return found

    def _once(self, code: str, at: Found, path: str) -> None:
        if (code, at.kind) not in self._told:
            self._told.add((code, at.kind))
            self.notes.tell(code, at, path)
        self.notes.counts[code] += 1

    def _entries(self, body: Any) -> Iterator[Found]:
        self._references: dict[str, list[str]] = {}
        if isinstance(body, list):
            given = [(f"/{index}", None, one) for index, one in enumerate(body)]
        elif part(body, "resourceType") == "Bundle":
            entries = part(body, "entry")
            given = [
                (f"/entry/{index}/resource", part(one, "fullUrl"), part(one, "resource"))
                for index, one in enumerate(entries if isinstance(entries, list) else ())
            ]
        else:
            given = [("", None, body)]
        for order, (pointer, url, resource) in enumerate(given):
            kind = part(resource, "resourceType")
            if not isinstance(kind, str) or not kind.isascii() or not kind.isalpha() or len(kind) > 60:
                self.notes.tell("not_a_resource", None, pointer=pointer)
                continue
            if kind == "Bundle":
                self.notes.counts["bundles_inside"] += 1
                self.notes.tell("not_a_resource", None, pointer=pointer)
                continue
            own = resource.get("id")
            url = url if isinstance(url, str) and url else None
            named = f"{kind}/{own}" if isinstance(own, str) and own else None
            last = url.rsplit("/", 1)[-1].removeprefix("urn:uuid:") if url else str(order)
            self._references[pointer] = [one for one in (url, named) if one]
            yield Found(resource, kind, (named or f"{kind}/{last}")[:264], pointer, order)

    def _latest(self, given: list[Found]) -> list[Found]:
        """One version of each resource."""
        versions: dict[str, list[Found]] = defaultdict(list)
        for one in given:
            key = one.name if isinstance(one.resource.get("id"), str) else one.pointer
            versions[key].append(one)
        kept = []
        for several in versions.values():
            different = [
                one
                for place, one in enumerate(several)
                if not any(one.resource == other.resource for other in several[max(0, place - 20) : place])
            ]
            if len(different) == 1:
                kept.append(different[0])
                continue
            marks = [_version(one.resource) for one in different]
            best = max(marks)
            if marks.count(best) == 1 and best != (0, ""):
                kept.append(different[marks.index(best)])
                self.notes.tell("versions", kept[-1], "meta")
            elif different[0].kind == "Patient":
                births = {str(one.resource.get("birthDate")) for one in different}
                resource = dict(different[-1].resource)
                if len(births) > 1:
                    resource.pop("birthDate", None)
                    self.notes.tell("conflict_patient", different[-1], "birthDate")
                else:
                    self.notes.tell("versions", different[-1])
                last = different[-1]
                kept.append(Found(resource, last.kind, last.name, last.pointer, last.order))
            else:
                self.notes.tell("conflict_versions", different[-1])
                self.notes.counts["not_read"] += len(different)
        return sorted(kept, key=lambda one: one.order)

    def _choose(self, patients: list[Found], wanted: str | None) -> Found | None:
        chosen = patients
        if wanted is not None:
            bare = wanted.removeprefix("Patient/")
            chosen = [
                one for one in patients if bare == one.resource.get("id") or wanted in self._references[one.pointer]
            ]
        if len(chosen) > 1 or (wanted is not None and not chosen):
            raise SeveralPatients([one.pointer for one in patients])
        patients = chosen
        if not patients:
            self.notes.tell("no_patient", None)
            return None
        return patients[0]

    def _is_read(self, one: Found) -> bool:
        resource, counts = one.resource, self.notes.counts
        if status(resource) in _DEAD or "entered-in-error" in coded(resource, "verificationStatus"):
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
            self._once("whose", one, "")
            return True
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

    def _of_somebody_else(self, one: Found) -> int | None:
        """Which ``focus`` of an observation in the patient's record is a relative, a donor or another patient."""
        for place, focus in each(one.resource, "focus"):
            target = part(focus, "reference")
            if not isinstance(target, str):
                continue
            found = self._find(target)
            kind = found.kind if found is not None else next(iter(target.split("/")[-2:]), "")
            ours = found is not None and self.patient is not None and found.pointer == self.patient.pointer
            if kind in _PEOPLE and not ours:
                return place
        return None


def _version(resource: Mapping[str, Any]) -> tuple[int, str]:
    meta = resource.get("meta")
    number, at = part(meta, "versionId"), part(meta, "lastUpdated")
    whole = int(number) if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 10 else 0
    return whole, at if isinstance(at, str) else ""


def _is_modified(resource: Mapping[str, Any]) -> bool:
    if resource.get("modifierExtension"):
        return True
    return any(
        inner.get("modifierExtension") for name in _MODIFIED if name in resource for _, inner in each(resource, name)
    )
