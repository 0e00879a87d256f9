"""What every site looks up in a request, or in what was filed before: its coverage, its number there."""

from __future__ import annotations

import re

from gateway.contract.adapter import Answers, Filed
from gateway.model.outcome import ReferenceKind
from gateway.model.request import Attachment, Coverage, PARequest


def coverage_of(request: PARequest, payer: str) -> tuple[int, Coverage]:
    """The coverage that is asked, with its place: the payer's own, else the first."""
    found = ((place, coverage) for place, coverage in enumerate(request.coverages) if coverage.payer == payer)
    return next(found, (0, request.coverages[0]))


def reference_of(filed: Filed, shape: re.Pattern[str]) -> str | None:
    """The site's number of the request, by its latest word; None where none has its shape."""
    told = [each.value for each in filed.references if each.kind is ReferenceKind.REVIEW and each.line is None]
    return next((value for value in reversed(told) if shape.fullmatch(value)), None)


def wanted_of(filed: Filed, answers: Answers, attachment: Attachment) -> str | None:
    """What of the requested items a document is for, as the site calls it: as somebody said, else the only one that
    fits it."""
    items = [item for item in filed.requested if item.code is not None]
    said = answers.codes.get(attachment.id)
    if said is not None:
        return next((item.text or item.code for item in items if item.code == said), None)
    fitting = [item for item in items if item.kind == attachment.kind]
    if not fitting and len(items) == 1 == len(answers.attachments):
        fitting = items
    return (fitting[0].text or fitting[0].code) if len(fitting) == 1 else None
