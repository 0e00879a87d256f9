"""What names a case to its payer when more is said of it: the payer's numbers, and our own trace where none is certain.

A change needs a number that certainly is that of what is changed. An appeal needs none: a denial often has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.x12_278 import traces
from adapters.x12_278.authorizations import authorizations_in, latest, review_in
from gateway.contract.adapter import Filed
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.outcome import ReferenceKind
from gateway.model.request import PARequest


@dataclass(frozen=True)
class Prior:
    """What the payer already calls this case: its authorization number, its review number, and its lines' numbers by
    their ids. ``trace`` is the name that we gave the filing ourselves."""

    authorization: str | None = None
    review: str | None = None
    lines: Mapping[str, str] = field(default_factory=dict)
    reviews: Mapping[str, str] = field(default_factory=dict)
    trace: str | None = None


def certain(filed: Filed) -> Prior:
    """What the payer calls the case, and each line where that has a number of its own."""
    known = authorizations_in(filed.references)
    lines = [line.id for line in filed.request.lines]
    authorization = known.of_case(lines)
    numbers = {line: number for line in lines if (number := known.of_line(line)) and number != authorization}
    return Prior(authorization=authorization, review=review_in(filed.references), lines=numbers)


def changed(filed: Filed, request: PARequest) -> Prior:
    """What a revision or an extension names. Raises CannotExpress where no number is known."""
    prior = certain(filed)
    prior = replace(
        prior,
        authorization=prior.authorization or request.previous_authorization,
        review=prior.review or request.previous_review,
    )
    if not (prior.authorization or prior.review or {*prior.lines} >= {line.id for line in request.lines}):
        raise CannotExpress(
            Inexpressible(
                "/request/previous_authorization",
                "the payer's number of what is to be changed is not known",
                "Send previous_authorization, or wait for the payer's answer.",
            )
        )
    return prior


def appealed(filed: Filed) -> Prior:
    """What an appeal names: what is certain; else the number that was said last of the event, and of each line, and our
    trace of the filing beside it. The earlier numbers of the filed request itself are of what is not appealed."""
    prior, references = certain(filed), filed.references
    authorization = prior.authorization or latest(references, ReferenceKind.AUTHORIZATION, None)
    review = prior.review or latest(references, ReferenceKind.REVIEW, None)
    ids = [line.id for line in filed.request.lines]
    numbers = {line: latest(references, ReferenceKind.AUTHORIZATION, line) for line in ids}
    reviews = {line: latest(references, ReferenceKind.REVIEW, line) for line in ids}
    return Prior(
        authorization=authorization,
        review=review,
        lines={line: number for line, number in numbers.items() if number and number != authorization},
        reviews={line: number for line, number in reviews.items() if number and number != review},
        trace=None if prior.authorization or prior.review else traces.event(filed.stamp),
    )
