"""What HTTP alone says of a reply, and the API's own envelope of errors. Knows no review.

Only statuses that refuse by their definition prove that nothing was filed, and only where they stand alone: an API
that says where a review lies, or shows one, has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

from adapters.rest_review.tree import Node, read
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention

_REFUSALS = frozenset({400, 405, 406, 411, 413, 414, 415, 422, 431})
_UNREAD = frozenset({401, 403, 407, 429})
"""Refused for who asks, or how often: it may go again."""
_MOST_ERRORS = 50
_NAME = re.compile(rb'"([A-Za-z]{2,40})\\?"\s{0,9}:')
"""A member's name, in whatever it is wrapped: JSON by another name, cut off, or in a text of other JSON."""
_OF_REVIEWS = frozenset(
    {
        *(b"certificationNumber", b"certificationEffectiveDate", b"certificationExpirationDate", b"controlNumber"),
        *(b"procedures", b"statusReasons", b"serviceReviews", b"validationMessages", b"referenceNumber"),
    }
)
"""No member of an error."""
_OF_BOTH = frozenset({b"id", b"statusCode"})
"""Names that a review has and the API's envelope of errors may have."""


def document(reply: Reply) -> Node:
    """The JSON object of a reply. Raises Unreadable."""
    if reply.header("content-encoding").lower() not in ("", "identity"):
        raise Unreadable("the reply is compressed, which was not asked for")
    if reply.header("content-type").partition(";")[0].strip().lower() != "application/json":
        raise Unreadable(f"HTTP {reply.status} that is not JSON by its content type")
    node = read(reply.body)
    if node.named is None:
        raise Unreadable("the reply is not a JSON object")
    return node


def refused(reply: Reply, answer: Answer) -> Outcome:
    """The outcome of a status that refuses what was sent, in the API's words. Raises for every other."""
    if reply.status in _REFUSALS | _UNREAD:
        _believe_alone(reply)
    if reply.status not in _REFUSALS:
        fail(reply, effect=True)
    errors = tuple(_errors(reply))
    return Outcome(
        answer=answer,
        reasons=errors or (Reason(word=Word.CHANNEL_NOT_SUPPORTED, code=f"HTTP {reply.status}", code_system="http"),),
        messages=tuple(_messages(reply)),
        attention=Attention.OPERATOR,
        attention_why="the network refused what was sent before the payer saw it",
    )


def _believe_alone(reply: Reply) -> None:
    """Raises Unreadable for a refusal that has a review beside it, or something that cannot be told to be none."""
    if reply.header("location") or reply.header("content-location"):
        raise Unreadable("the reply refuses what was sent and says where it lies")
    if reply.body and reply.header("content-encoding").lower() not in ("", "identity"):
        raise Unreadable("the reply refuses what was sent, and is compressed, which was not asked for")
    names = frozenset(_NAME.findall(reply.body.replace(b"\0", b"")))  # in UTF-16 too
    if names & _OF_REVIEWS or (names & _OF_BOTH and not _is_envelope(reply)):
        raise Unreadable("the reply refuses what was sent and carries a review")


def _is_envelope(reply: Reply) -> bool:
    """True for the API's errors under whatever content type, where they name this status and nothing else."""
    node = None
    with suppress(Unreadable):
        node = read(reply.body)
    status = node.word("statusCode") if node else None
    return node is not None and is_error(node) and status is not None and status.said == str(reply.status)


def fail(reply: Reply, effect: bool) -> NoReturn:
    """A reply that is no answer. ``effect`` says whether it answers a frame with one."""
    status = reply.status
    said = f"HTTP {status}"
    if reply.stale_token:
        raise NotSent(f"the access token had ended, and the next sending has a new one ({said})")
    if status in (401, 403, 407):
        raise NeedsPerson(f"the connection's credentials were refused ({said})")
    if status == 429:
        raise NotSent(f"refused for now ({said})", _wait(reply))
    if status in (404, 409, 410, 421, 425) or status >= 500:
        if effect:
            # 409: the network ships no key that would tell a repeated filing from a new one.
            raise MaybeSent(f"nobody says what became of it ({said})")
        raise NotSent(f"no answer for now ({said})", _wait(reply))
    raise Unreadable(f"{said} is no answer to this")


def is_error(node: Node) -> bool:
    """True for the API's envelope of errors: it repeats the HTTP status as a number."""
    return node.word("statusCode") is not None and bool({"userMessage", "developerMessage"} & set(node.named or ()))


def _errors(reply: Reply) -> Iterator[Reason]:
    for error in _envelope(reply)[:_MOST_ERRORS]:
        code, text, place = error.word("code"), error.word("errorMessage"), error.word("field")
        told = " ".join(node.text for node in (place, text) if node and node.text)
        if code or told:
            yield Reason(
                word=Word.OTHER,
                code=code.text[:80] if code and code.text else f"HTTP {reply.status}",
                code_system="service_review_error",
                text=told[:500] or None,
            )


def _messages(reply: Reply) -> Iterator[str]:
    try:
        message = document(reply).word("userMessage")
    except Unreadable:
        return
    if message is not None and message.text:
        yield message.text[:500]


def _envelope(reply: Reply) -> tuple[Node, ...]:
    try:
        return document(reply).items("errors")
    except Unreadable:
        return ()


def _wait(reply: Reply) -> int | None:
    """Retry-After in seconds, which may be a date too (RFC 9110, 10.2.3): from the reply's own Date."""
    said = reply.header("retry-after").strip()
    if said.isascii() and said.isdigit():
        return int(said) or None if len(said) < 7 else None
    until, now = _date(said), _date(reply.header("date"))
    return int((until - now).total_seconds()) or None if until and now and until > now else None


def _date(said: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(said)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
