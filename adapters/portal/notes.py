"""What a person at the payer should read of a request where the site has no field for it: sentences, with places."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.clauses import clauses_of
from gateway.model.line import Line
from gateway.model.request import Intent, PARequest

Note = tuple[str, tuple[str, ...]]
"""A sentence, and pointers to what it says."""


def notes_of(request: PARequest) -> Iterator[Note]:
    """The most important first: a site's room for notes ends."""
    if request.intent is Intent.RENEWAL:
        told = f" of {request.previous_authorization}" if request.previous_authorization else ""
        places = ("/intent", *(["/previous_authorization"] if told else []))
        yield f"This is a renewal{told}.", places
    urgency = request.urgency
    if urgency.reason and urgency.attested_by:
        yield (
            f"Urgent: {urgency.reason}, attested by {urgency.attested_by}.",
            ("/urgency/reason", "/urgency/attested_by"),
        )
    for place, line in enumerate(request.lines):
        yield from _of_line(line, f"/lines/{place}")
    regimen = request.regimen
    if regimen:
        numbers = {"line_of_therapy": "line", "cycle_days": "days a cycle", "cycles": "cycles", "cycle": "now in cycle"}
        told = "; ".join(f"{says} {getattr(regimen, name)}" for name, says in numbers.items() if getattr(regimen, name))
        yield f"Regimen: {regimen.name}, {regimen.intent}{'; ' if told else ''}{told}.", ("/regimen",)
    if request.note:
        yield " ".join(request.note.split()), ("/note",)
    for clause in clauses_of(request):
        yield clause.sentence, clause.pointers
    if request.facts.prognosis:
        yield f"Prognosis: {_spoken(request.facts.prognosis)}.", ("/facts/prognosis",)
    if request.facts.summary:
        yield " ".join(request.facts.summary.split()), ("/facts/summary",)
    if request.site.facility_name:
        yield f"Facility: {request.site.facility_name}.", ("/site/facility_name",)
    if request.care:
        yield f"Care: {_spoken(request.care.value)}.", ("/care",)
    if request.late_because:
        yield f"Late because: {_spoken(request.late_because.value)}.", ("/late_because",)
    if request.previous_review:
        yield f"Earlier review: {request.previous_review}.", ("/previous_review",)
    if request.supply:
        yield f"Supply: {_spoken(request.supply.value)}.", ("/supply",)


def _of_line(line: Line, at: str) -> Iterator[Note]:
    told: dict[str, str] = {}
    if line.modifiers:
        told["modifiers"] = f"modifiers {' '.join(line.modifiers)}"
    if line.dose:
        told["dose"] = f"dose {line.dose}"
    if line.frequency:
        told["frequency"] = line.frequency.in_words
    if line.ndc:
        told["ndc"] = f"NDC {line.ndc}"
    if line.diagnoses:
        told["diagnoses"] = f"for diagnosis {', '.join(map(str, line.diagnoses))}"
    if line.supply:
        told["supply"] = f"supply {_spoken(line.supply.value)}"
    if told:
        yield f"{line.code.code}: {'; '.join(told.values())}.", tuple(f"{at}/{name}" for name in told)


def _spoken(word: str) -> str:
    return word.replace("_", " ")
