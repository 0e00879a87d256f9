"""What is said of a need: what it wants, how it stands, where it is mended and how. Sentences of the policy's own, with
no value of a patient in them.
"""

from __future__ import annotations

from gateway.policy.verdict import Item, State
from gateway.policy.words import Words
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
    StageNeed,
)

_NOUNS = {
    "biomarker": "MARKER",
    "stage": "STAGE",
    "performance": "PERFORMANCE_STATUS",
    "laboratory": "LABORATORY",
    "disease_activity": "DISEASE_ACTIVITY",
    "imaging": "IMAGING",
    "bone_density": "BONE_DENSITY",
    "conservative_care": "CONSERVATIVE_CARE",
    "line_of_therapy": "LINE_OF_THERAPY",
    "prior_therapy": "PRIOR_THERAPY",
    "histology": "HISTOLOGY",
    "diagnosis": "DIAGNOSIS",
    "body": "BODY_MEASUREMENT",
    "document": "DOCUMENT",
    "any_of": "CRITERION",
    "all_of": "CRITERION",
}
_PLACES = {
    "biomarker": "/facts/biomarkers",
    "stage": "/facts/stage",
    "performance": "/facts/performance",
    "laboratory": "/facts/laboratories",
    "disease_activity": "/facts/disease_activity",
    "imaging": "/facts/imaging",
    "bone_density": "/facts/bone_density",
    "conservative_care": "/facts/conservative_care",
    "line_of_therapy": "/regimen/line_of_therapy",
    "prior_therapy": "/facts/prior_therapies",
    "histology": "/facts/histology",
    "diagnosis": "/diagnoses",
    "body": "/facts/body",
    "document": "/attachments",
    "any_of": "/facts",
    "all_of": "/facts",
}
_VERBS = {
    State.MISSING: "MISSING",
    State.STALE: "STALE",
    State.UNDATED: "UNDATED",
    State.AMBIGUOUS: "AMBIGUOUS",
    State.CONFLICTING: "AMBIGUOUS",
    State.NOT_MET: "UNMET",
}
_SAYS = {
    State.PRESENT: "It is there.",
    State.MISSING: "It is not there.",
    State.STALE: "What is there is older than the policy allows.",
    State.UNDATED: "What is there has no date that tells how old it is.",
    State.AMBIGUOUS: "What is there cannot be read as one clear answer.",
    State.CONFLICTING: "What is there contradicts itself.",
    State.NOT_MET: "What is there is not what the policy wants.",
}
_FIXES = {
    State.MISSING: "Add it at {place}, with its date.",
    State.STALE: "Send a newer one at {place}.",
    State.UNDATED: "Add the date of what stands at {place}.",
    State.AMBIGUOUS: "Send the result in plain words at {place}.",
    State.CONFLICTING: "Find out which of them holds, and send that one at {place}.",
    State.NOT_MET: "Compare {place} with the policy. If the facts are right, add what speaks for an exception.",
}


def say(need: Need, state: State) -> str:
    if isinstance(need, AnyOf) and state is not State.PRESENT:
        return "None of these is there as the policy wants it."
    if isinstance(need, AllOf) and state is not State.PRESENT:
        return "Not all of these are there as the policy wants them."
    return _SAYS[state]


def code_of(item: Item) -> str:
    return f"{_VERBS[item.state]}_{_NOUNS[item.need]}"


def place_of(item: Item) -> str:
    """The fact itself where there is one, else the list it belongs to."""
    return item.evidence[0].pointer if item.evidence else _PLACES[item.need]


def fix_of(item: Item) -> str:
    return _FIXES[item.state].format(place=place_of(item))


def wants(need: Need, words: Words) -> str:
    """What a need wants, in a few words."""
    age = f", no older than {need.within_days} days" if isinstance(need, Fresh) and need.within_days else ""
    match need:
        case AnyOf():
            return "any of: " + "; ".join(wants(part, words) for part in need.needs)
        case AllOf():
            return "all of: " + "; ".join(wants(part, words) for part in need.needs)
        case BiomarkerNeed():
            share = [] if need.least_percent is None else [f"at least {need.least_percent:g}%"]
            accepted = [_plain(word) for word in need.accepted or ()]
            result = " or ".join((*accepted, *share)) or "tested"
            return f"{words.say_marker(need.marker)}: {result}{age}"
        case LaboratoryNeed():
            accepted = [_plain(word) for word in need.accepted or ()]
            bounds = [f"{word} {bound:g} {need.unit}" for word, bound in _bounds(need.least, need.most)]
            result = " or ".join((*accepted, *bounds)) or "a result"
            return f"{words.say_laboratory(need.laboratory)}: {result}{age}"
        case StageNeed():
            groups = f" {', '.join(need.groups)}" if need.groups else ""
            return f"stage{groups}{' with T, N and M' if need.tnm else ''}{age}"
        case PerformanceNeed():
            worst = "at most" if need.scale == "ecog" else "at least"
            return f"performance status: {need.scale} {worst} {need.worst}, or the same on the other scale{age}"
        case ActivityNeed():
            told = [
                f"{_plain(each.instrument)} {' and '.join(f'{w} {b:g}' for w, b in _bounds(each.least, each.most))}"
                for each in need.instruments
            ]
            return f"disease activity: {' or '.join(one.strip() for one in told)}{age}"
        case ImagingNeed():
            regions = f" of {' or '.join(need.regions)}" if need.regions else ""
            return f"imaging ({', '.join(map(_plain, need.modalities))}){regions}{age}"
        case BoneDensityNeed():
            score = "" if need.most is None else f": T-score at most {need.most:g}"
            return f"bone density{score}{age}"
        case ConservativeCareNeed():
            length = f" for {need.least_days} days" if need.least_days else ""
            return f"conservative care ({', '.join(map(_plain, need.kinds))}){length}{age}"
        case LineOfTherapyNeed():
            return f"line of therapy {need.least} to {need.most}"
        case PriorTherapyNeed():
            named = [*map(words.say_drug, need.drugs or ()), *map(_plain, need.classes or ())]
            return f"taken before: {' or '.join(named)}"
        case HistologyNeed():
            return "histology, coded" if need.morphologies else "histology"
        case DiagnosisNeed():
            ranges = [each.first + (f" to {each.last}" if each.last else "") for each in need.diagnoses]
            return f"a diagnosis of {', '.join(ranges)}"
        case BodyNeed():
            return f"measured: {', '.join(map(_plain, need.measures))}{age}"
        case DocumentNeed():
            return f"document: {' or '.join(map(_plain, need.kinds))}{age}"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _bounds(least: float | None, most: float | None) -> list[tuple[str, float]]:
    return [(word, bound) for word, bound in (("at least", least), ("at most", most)) if bound is not None]
