"""The service-review channel as the gateway sees it: a review is filed, and read at its own address until decided.

A filing is answered by 202 and the review's id; what becomes of it an inquiry reads. Whatever the API says of where a
review lies, it is asked for at the connection's endpoint and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from adapters.rest_review.location import id_at, is_id
from adapters.rest_review.replies import document, fail, is_error, refused
from adapters.rest_review.review import read_outcome, received, unmapped
from adapters.rest_review.settings import ConnectionSettings, PayerSettings, connection_settings, payer_settings
from adapters.rest_review.tables import CODE_ANCHORS, CODE_TABLES
from adapters.rest_review.tree import Node
from adapters.rest_review.write import reference, write_review
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import CannotExpress, Inexpressible, NotSent, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.record import Record
from gateway.model.request import PARequest

_JSON = "application/json"


class ServiceReviews:
    """Implements ``gateway.contract.adapter.Adapter``."""

    channel: ClassVar[str] = "rest_review"
    announces: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = PayerSettings
    connection_settings: ClassVar[type[Record]] = ConnectionSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = CODE_TABLES
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = CODE_ANCHORS

    def parties(self, to: Destination) -> tuple[str, str]:
        """The connection and the payer behind it: the API numbers nothing of ours."""
        return to.connection, payer_settings(to).payer_id

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        body, losses = write_review(request, to, stamp)
        settings = connection_settings(to)
        reply = yield Https(
            method="POST",
            url=to.endpoint,
            effect=True,
            headers=(("Content-Type", _JSON), ("Accept", _JSON), *settings.headers.items()),
            body=(body,),
            document=body,
            document_type=_JSON,
            losses=losses,
            deadline=settings.deadline,
        )
        if reply.status not in (201, 202):
            return refused(reply, Answer.REJECTED)
        return received(_filed_as(reply, to))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        """A cancellation voids the review. Nothing else can be said of it."""
        review_id = _id_of(filed)
        if change.kind is not ChangeKind.CANCEL or review_id is None:
            raise CannotExpress(
                Inexpressible(
                    "/kind",
                    "this API voids a review whose id it gave, and takes no other change",
                    "Cancel it and file anew, or call the payer.",
                )
            )
        reply = yield _about(to, f"/{review_id}", "DELETE")
        if reply.status == 204:
            return Outcome(answer=Answer.CANCELLED)
        if reply.status == 202:
            return received(review_id)
        return refused(reply, Answer.CANCEL_REFUSED)

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        fix = "Send them by the payer's own way."
        if answers.questions:
            raise CannotExpress(Inexpressible("/questions", "a review takes no answers to questions", fix))
        raise CannotExpress(Inexpressible("/attachments", "a review takes no documents", fix))
        yield  # a generator, as every verb

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        """Read the review by its id; where none was ever heard, look for it by our own reference."""
        review_id = _id_of(filed)
        if review_id is not None:
            reply = yield _about(to, f"/{review_id}", "GET")
            return _found(reply, review_id, filed, to)
        if not connection_settings(to).search_by_reference:
            raise CannotExpress(
                Inexpressible(
                    "",
                    "the network never said under which id it holds the filing, and a search would name the patient",
                    "Look for it in the network's own pages, or ask the payer.",
                )
            )
        query = f"?payer.id={payer_settings(to).payer_id}&referenceNumber={reference(filed.stamp)}"
        reply = yield _about(to, query, "GET")
        return _searched(reply, filed, to)


def _about(to: Destination, tail: str, method: str) -> Https:
    settings = connection_settings(to)
    return Https(
        method="DELETE" if method == "DELETE" else "GET",
        url=f"{to.endpoint.rstrip('/')}{tail}",
        effect=method == "DELETE",
        headers=(("Accept", _JSON), *settings.headers.items()),
        deadline=settings.deadline,
    )


def _id_of(filed: Filed) -> str | None:
    """The id the network gave, by its latest word."""
    ids = [told.value for told in filed.references if told.kind is ReferenceKind.REVIEW and told.line is None]
    return next((name for name in reversed(ids) if is_id(name)), None)


def _filed_as(reply: Reply, to: Destination) -> str:
    """The id under which a filing was taken: its Location's, or that of the body where there is no Location."""
    location = reply.header("location").strip()
    if location:
        return id_at(location, to.endpoint)
    own = document(reply).word("id")
    if own is None or not own.text or not is_id(own.text):
        raise Unreadable("the filing was taken, and nothing says under which id")
    return own.text


def _found(reply: Reply, review_id: str, filed: Filed, to: Destination) -> Outcome:
    if reply.status == 202:
        return received(review_id)
    if reply.status == 404 and _says_itself(reply):
        # Reviews are kept for a while only; what the payer decided by then it knows.
        return unmapped(reply.body, "the network does not know the review any more: ask the payer")
    if reply.status != 200:
        fail(reply, effect=False)
    return _read(reply, document(reply), review_id, filed, to)


def _searched(reply: Reply, filed: Filed, to: Destination) -> Outcome:
    if reply.status == 202:
        raise NotSent("the network is still searching")
    if reply.status != 200:
        fail(reply, effect=False)
    answer = document(reply)
    listed, total = answer.get("serviceReviews"), answer.word("totalCount")
    if listed is None or listed.listed is None:
        raise Unreadable("the answer to a search has no list of reviews")
    named = [review for review in answer.items("serviceReviews") if _is_named(review, filed.stamp)]
    if not listed.listed and total is not None and total.text == "0":
        return Outcome(answer=Answer.NOT_FOUND, document=reply.body)
    own = named[0].word("id") if len(named) == 1 and len(listed.listed) == 1 else None
    if own is None or not own.text or not is_id(own.text):
        return unmapped(reply.body, "a search by our reference found something else than one review of that name")
    return _read(reply, named[0], own.text, filed, to)


def _is_named(review: Node, stamp: Stamp) -> bool:
    name = review.word("referenceNumber")
    return name is not None and name.text == reference(stamp)


def _says_itself(reply: Reply) -> bool:
    """True where the API itself says that there is no such review, and not a front that has lost the API."""
    try:
        return is_error(document(reply))
    except Unreadable:
        return False


def _read(reply: Reply, review: Node, review_id: str, filed: Filed, to: Destination) -> Outcome:
    if to.mode is Mode.LIVE and reply.header("x-api-mock-response").strip().lower() == "true":
        return unmapped(reply.body, "a live connection answered with made-up data")
    if is_error(review):
        return unmapped(reply.body, "an error came under HTTP 200")
    return read_outcome(reply.body, review, review_id, filed, to)
