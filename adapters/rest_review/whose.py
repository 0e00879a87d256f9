"""Decides whose a review is: by its id, our reference, the payer, the member and the day of birth, never by a name.

What names another than ours is another's. Silence says nothing; but see ``names_ours``.
"""

from __future__ import annotations

from adapters.rest_review.parties import RELATIONSHIPS, coverage_of
from adapters.rest_review.reading import day
from adapters.rest_review.settings import payer_settings
from adapters.rest_review.tree import Node
from adapters.rest_review.write import reference
from gateway.contract.adapter import Filed
from gateway.contract.destination import Destination
from gateway.model.member import bare, same_member, same_member_written_otherwise
from gateway.model.request import Relationship


def why_not_ours(review: Node, review_id: str, filed: Filed, to: Destination) -> str | None:
    """Why the review is somebody else's, None where nothing says so. ``review_id`` is the one that was asked for.

    Where it names itself by that id or by our reference, a member's id may be written otherwise."""
    own, name = review.word("id"), review.word("referenceNumber")
    if own is not None and own.said != review_id:
        return "the answer is another review than the one that was asked for"
    if name is not None and name.said.upper() != reference(filed.stamp):
        return "the review has the reference of another filing"
    payer = review.word("payer", "id")
    if payer is not None and payer.said.upper() != payer_settings(to).payer_id.upper():
        return "the review is of another payer"
    member = review.word("subscriber", "memberId")
    same = same_member_written_otherwise if own or name else same_member
    members = [bare(coverage.member_id) for coverage in filed.request.coverages]
    if member is not None and not any(same(bare(member.said), ours) for ours in members):
        return "the review is of another member"
    born = review.word("patient", "birthDate")
    if born is not None and day(born) != filed.request.patient.birth_date:
        return "the review is of a patient born on another day"
    related = review.word("patient", "subscriberRelationshipCode")
    is_subscriber = coverage_of(filed.request, to.payer)[1].relationship is Relationship.SELF
    if born is None and is_subscriber and related is not None and related.said != RELATIONSHIPS[Relationship.SELF]:
        return "the review is of a dependent of the patient's"
    return None


def names_ours(review: Node) -> bool:
    """True where the review itself says that it is ours. Expects one that is not somebody else's."""
    return review.word("id") is not None or review.word("referenceNumber") is not None
