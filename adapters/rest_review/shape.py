"""Of what kind the members are that are read. Knows nothing of what they say.

A member that is there, and is no null, and is of another kind than the API has, is not absent: it says something that
nobody understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from adapters.rest_review.tree import Node


class Kind(Enum):
    TEXT = "text"
    """A string or a number."""


Shape = Mapping[str, "Kind | Shape | tuple[Shape]"]
"""By name: a text, an object of such members, or a list of such objects."""


def _texts(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, Kind.TEXT)


_DECISION: Shape = {
    **_texts("statusCode", "certificationNumber", "certificationEffectiveDate", "certificationExpirationDate"),
    **_texts("quantity", "quantityTypeCode", "fromDate", "toDate", "placeOfServiceCode"),
    "statusReasons": (_texts("code", "value"),),
    "renderingProviders": (_texts("npi", "lastName", "firstName", "taxId", "roleCode"),),
}
_MODIFIERS = [f"modifierCode{number}" for number in range(1, 5)]
_PROCEDURE: Shape = MappingProxyType({**_DECISION, **_texts("code", "revenueCode", *_MODIFIERS)})
_REVIEW: Shape = MappingProxyType(
    {
        **_DECISION,
        **_texts("id", "referenceNumber", "requestTypeCode", "serviceTypeCode"),
        "payer": _texts("id"),
        "subscriber": _texts("memberId"),
        "patient": _texts("birthDate", "subscriberRelationshipCode"),
        "diagnoses": (_texts("code"),),
        "procedures": ({},),
        "validationMessages": (_texts("code", "errorMessage", "field"),),
    }
)
"""Without what no decision hangs on: notes, contacts, times."""


def is_misshapen(procedure: Node) -> bool:
    return not _has(procedure, _PROCEDURE)


def is_review(review: Node) -> bool:
    """True where the review's own members are of their kinds; its procedures are asked one by one."""
    return _has(review, _REVIEW)


def _has(node: Node, shape: Shape) -> bool:
    if node.named is None:
        return False
    return all(inside.is_null or _is(inside, shape[name]) for name, inside in node.named.items() if name in shape)


def _is(node: Node, kind: Kind | Shape | tuple[Shape]) -> bool:
    if isinstance(kind, Kind):
        return node.text is not None
    if isinstance(kind, tuple):
        return node.listed is not None and all(_has(item, kind[0]) for item in node.listed)
    return _has(node, kind)
