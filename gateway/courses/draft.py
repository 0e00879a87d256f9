"""The request that an event leads to, prefilled from the case it follows: a body that can be submitted as it is.

What the event does not say is as it was asked before. Documents are left out, for they were of then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from gateway.courses.advice import Advice, Seen, alike
from gateway.courses.rules import Kind, Rule
from gateway.courses.treatment import Treatment, TreatmentKind
from gateway.model.line import Line, LineRole
from gateway.model.outcome import ReferenceKind
from gateway.model.request import Intent, PARequest

_DRAFTED = frozenset({Kind.UPDATE, Kind.RENEWAL, Kind.NEW})
_LEFT_OUT = (
    "attachments",
    "previous_authorization",
    "previous_review",
    "previous_decision",
    "follows",
    "late_because",
)


_OF_ITS_CODE = (
    "ndc",
    "dose",
    "description",
    "modifiers",
    "frequency",
    "revenue_code",
    "benefit",
    "supply",
    "antiemetic",
    "evidence",
    "teeth",
)
"""What a line says of its drug or service, and of no other."""


def draft(event: Treatment, advice: Advice) -> dict[str, Any] | None:
    """The body, or None where nothing is to be asked: an update of a payer that has given no number for the case, too,
    for nobody could tell what it changes; nor for a provider whom the request did not name, of whom an event says no
    more than the number."""
    seen = advice.seen
    if advice.kind not in _DRAFTED or seen is None:
        return None
    intent, number = _intent(advice, seen)
    if advice.kind is Kind.UPDATE and not number:
        return None
    if event.provider_npi and event.provider_npi not in _named(seen.request):
        return None
    lines = seen.request.lines
    line = advice.line or next((one for one in lines if alike(one, event)), lines[0])
    written = seen.request.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    body = {name: value for name, value in written.items() if name not in _LEFT_OUT}
    body["lines"] = [_line(event, advice, line, written["lines"][lines.index(line)])]
    if event.place_of_service and event.place_of_service != seen.request.site.place_of_service:
        body["site"] = {"place_of_service": event.place_of_service}  # which facility it is now nobody said
    if event.of_drug and advice.rule is not Rule.FITS and event.code not in {one.code for one in lines}:
        body.pop("regimen", None)  # it is another now
    if event.cycle and "regimen" in body and event.cycle <= body["regimen"].get("cycles", event.cycle):
        body["regimen"] = {**body["regimen"], "cycle": event.cycle}
    if citations := body.get("facts", {}).get("compendium"):
        kept = [one for one in citations if one.get("line_id") in (None, line.id)]
        body["facts"] = {**body["facts"], "compendium": kept}
    body |= {"intent": intent, **number, "follows": str(seen.id)}
    try:
        PARequest.model_validate(body)
    except ValidationError:
        return None
    return body


def _intent(advice: Advice, seen: Seen) -> tuple[Intent, dict[str, Any]]:
    """What is asked of the payer, and by which of its numbers; of what is updated, since when. A renewal of what has no
    number yet is asked anew."""
    granted = advice.grant.terms.number if advice.grant else None
    authorization = granted or seen.number(ReferenceKind.AUTHORIZATION)
    if advice.kind is Kind.RENEWAL and authorization:
        return Intent.RENEWAL, {"previous_authorization": authorization}
    if advice.kind is Kind.UPDATE:
        if advice.grant and authorization:
            first, terms = advice.grant.versions[0], advice.grant.terms
            ends = {} if terms.end is None else {"ends_on": terms.end.isoformat()}
            decided = {"decided_on": first.since.date().isoformat(), **ends}
            return Intent.REVISION, {"previous_authorization": authorization, "previous_decision": decided}
        review, asked = seen.number(ReferenceKind.REVIEW), {"decided_on": seen.asked_at.date().isoformat()}
        return Intent.REVISION, {"previous_review": review, "previous_decision": asked} if review else {}
    return Intent.INITIAL, {}


def _named(request: PARequest) -> frozenset[str]:
    return frozenset(each.npi for each in (request.requester, *request.servicing))


def _line(event: Treatment, advice: Advice, line: Line, written: dict[str, Any]) -> dict[str, Any]:
    """The line anew: what the event says, else as it was. A renewal takes as long again from where the grant ends."""
    made = dict(written)
    if event.code != line.code and advice.rule is not Rule.FITS:
        made["code"] = event.code.model_dump(mode="json")
        for name in _OF_ITS_CODE:
            made.pop(name, None)
        if not alike(line, event):
            made["role"] = LineRole.DRUG if event.of_drug else LineRole.OTHER
    if event.quantity is not None and not _within(event, line):
        made["quantity"] = event.quantity.model_dump(mode="json")
        if event.quantity != line.quantity:
            made.pop("dose", None)
    if event.place_of_service:
        made.pop("place_of_service", None)
    start, length = event.on, (line.dates.end - line.dates.start) if line.dates.end else None
    if advice.rule is Rule.OUTLASTS and advice.ends:
        start = advice.ends + timedelta(days=1)
    end = event.until or (start + length if length is not None else None)
    made["dates"] = {"start": start.isoformat(), **({"end": end.isoformat()} if end else {})}
    return made


def _within(event: Treatment, line: Line) -> bool:
    """True for one dose of what the line asks for: what was given once is not what the course takes."""
    given, asked = event.quantity, line.quantity
    one_dose = event.kind is TreatmentKind.ADMINISTERED and event.code == line.code
    return one_dose and given is not None and given.unit == asked.unit and given.value <= asked.value
