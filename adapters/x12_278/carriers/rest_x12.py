"""X12 in a JSON object, answered at once: one POST to the path of its kind, one interchange back.

Modelled on a public contract (Optum's Prior Authorization API as described by third parties): a request is
``{"x12": ...}``, an answer names the interchange ``x12`` too, at its top or in one member of it, and errors are a list
of texts. Knows nothing of what an interchange says, and nothing of the access token: the transport brings that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from adapters.x12_278.carriers.core_fields import payload_id
from adapters.x12_278.carriers.http import CREDENTIALS, REFUSALS, fail, media, refuse_compression
from adapters.x12_278.carriers.refusal import believed_alone
from adapters.x12_278.settings import Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible, Unreadable
from gateway.contract.frames import Https, Loss, Reply

MAX_BYTES = 8 << 20
_JSON = "application/json"
_ENVELOPE = "a JSON object"
_REFUSALS = REFUSALS | {422}
"""422 as well: read, understood and not taken (RFC 9110, 15.5.21)."""
_ANSWER = re.compile(
    rb"""["'](?:x12|authori[sz]ation[a-z_-]*|review[_-]?id)["']\s*+:\s*+(?!null\b|"\s*"|\[\s*\]|\{\s*\})""",
    re.IGNORECASE,
)
"""A member that holds the interchange, or the number under which the partner keeps the request or granted it."""
_ESCAPED = re.compile(rb"\\u([0-9a-f]{4})", re.IGNORECASE)
_MOST_WORDS = 20
_LONGEST_WORDS = 1000


class RestX12:
    """The carrier ``rest_x12``."""

    def wrap(
        self,
        interchange: bytes,
        transaction: Transaction,
        effect: bool,
        losses: Sequence[Loss],
        to: Destination,
        stamp: Stamp,
    ) -> Https:
        """The frame that carries the interchange; the same stamp and interchange give the same bytes."""
        settings = connection_settings(to)
        rest = settings.rest
        path = rest.paths.get(transaction) if rest else None
        if rest is None or path is None:
            raise CannotExpress(
                Inexpressible(
                    pointer="",
                    why=f"the connection has no way to carry this ({transaction})",
                    fix=f"Write rest.paths.{transaction} into the connection's settings if the partner takes it.",
                )
            )
        text = None
        with suppress(UnicodeDecodeError):  # its text quotes the interchange
            text = interchange.decode()
        if text is None:
            raise CannotExpress(
                Inexpressible(
                    pointer="",
                    why="the interchange holds bytes that are no text, and JSON carries only text",
                    fix="Send it over a connection that takes bytes.",
                )
            )
        headers = [("Content-Type", _JSON), ("Accept", _JSON), *rest.headers.items()]
        if rest.correlation_header is not None:
            headers.append((rest.correlation_header, payload_id(stamp, interchange)))
        return Https(
            method="POST",
            url=f"{to.endpoint.rstrip('/')}/{path}",
            effect=effect,
            headers=tuple(headers),
            body=(json.dumps({"x12": text}, ensure_ascii=False).encode(),),
            document=interchange,
            document_type="application/edi-x12",
            losses=tuple(losses),
            deadline=settings.deadline,
        )

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        """The X12 of a reply, as it stands. Raises EnvelopeRefused besides the errors of the contract."""
        with believed_alone(reply, lambda: _carries_answer(reply)):
            return _payload(reply, effect)


def _payload(reply: Reply, effect: bool) -> bytes:
    if reply.status in CREDENTIALS or reply.status not in (200, 201):
        fail(reply, effect, _ENVELOPE, _REFUSALS, _words(reply))
    found = list(_interchanges(_object(reply)))
    if len(found) != 1:
        raise Unreadable(f"the reply holds {len(found)} interchanges")
    payload = None
    with suppress(UnicodeEncodeError):  # half of a surrogate pair; its text quotes the reply
        payload = found[0].encode()
    if payload is None:
        raise Unreadable("the reply's interchange holds what is no character")
    return payload


def _object(reply: Reply) -> dict[str, Any]:
    refuse_compression(reply)
    if media(reply) != _JSON:
        raise Unreadable("the reply is not JSON by its content type")
    value = _value(reply.body)
    if not isinstance(value, dict):
        raise Unreadable("the reply is not a JSON object")
    return value


def _value(body: bytes) -> Any:
    if len(body) > MAX_BYTES:
        raise Unreadable("the reply is too large for a real-time answer")
    with suppress(ValueError, RecursionError):  # their texts quote the reply
        return json.loads(body, object_pairs_hook=_once)
    raise Unreadable("the reply is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once: of two answers under one name none is taken."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _interchanges(answer: dict[str, Any]) -> Iterator[str]:
    for inside in (answer, *(value for value in answer.values() if isinstance(value, dict))):
        x12 = inside.get("x12")
        if isinstance(x12, str) and x12.strip():
            yield x12


def _carries_answer(reply: Reply) -> bool:
    """True where anything stands under a name that only answers have, at whatever depth and however it is written."""
    return _ANSWER.search(_ESCAPED.sub(_unescaped, reply.body.replace(b"\0", b""))) is not None


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return chr(int(escape[1], 16)).encode("utf-8", "replace")


def _words(reply: Reply) -> str | None:
    """What the other side wrote with a refusal: a list of texts, bare or under ``errors``."""
    told: Any = None
    with suppress(Unreadable):
        told = _value(reply.body)
    if isinstance(told, dict):
        told = told.get("errors")
    texts = [text for text in told if isinstance(text, str)] if isinstance(told, list) else []
    return " ".join(texts[:_MOST_WORDS])[:_LONGEST_WORDS] or None
