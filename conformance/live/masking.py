"""Makes messages fit to be shown: of each what ``shown`` has on its lists, the rest blotted out, length for length.

Test members are made up, but nobody knows whose data a payer sends by mistake, or where. What test members are called,
and credentials, are blotted out once more wherever they stand.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote_plus, urlsplit
from xml.sax.saxutils import escape

from conformance.live.documents import NoInterchange, read_document
from conformance.live.envelopes import read_envelope
from conformance.live.shown import BLOT, blotted, header, interchange, shown
from conformance.live.talk import Said
from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Https, Reply, Secret
from gateway.model.request import PARequest
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

_MOST = 20_000
_MOST_SEGMENTS = 300


class Mask:
    """``people`` is what the test members are called, which is blotted out where it stands as a word; ``secrets`` are
    credentials, which are blotted out wherever they stand."""

    def __init__(self, people: Iterable[str] = (), secrets: Iterable[str] = (), endpoint: str = "") -> None:
        anywhere = [re.escape(way) for word in _longest_first(secrets) for way in _ways(word)]
        words = [rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in _longest_first(people)]
        known = dict.fromkeys((*anywhere, *words))
        self._known = re.compile("|".join(known), re.IGNORECASE) if known else None
        self._endpoint = endpoint

    def sent(self, frame: Https) -> str:
        return self._shown(frame.redacted())

    def heard(self, reply: Reply) -> str:
        return self._shown(reply.body)

    def segments(self, reply: Reply, carrier: str) -> list[str]:
        """Those of the answer's X12, in their order; none where there is no X12."""
        text = (read_envelope(carrier, reply).payload or b"").decode("utf-8", "backslashreplace")
        masked = interchange(text)
        if masked is None:
            return []
        try:
            mark = read_document(masked.encode("latin-1", "replace")).isa[-1:].decode("latin-1")
        except NoInterchange:  # what was to be blotted out was of its ISA
            return [self.words(masked)]
        raw = [segment.strip() for segment in masked.split(mark)]
        return [self.words(segment) for segment in raw if segment][:_MOST_SEGMENTS]

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [
            (name, self.address(value) if name.lower() == "location" else self.words(header(name, value)))
            for name, value in headers
        ]

    def address(self, url: str) -> str:
        """As far as it is the endpoint's, else its host: what stands behind may name somebody."""
        if self._endpoint and url.startswith(self._endpoint):
            return self._endpoint + blotted(url[len(self._endpoint) :])
        try:
            host = urlsplit(url)[:2]
        except ValueError:
            return blotted(url)
        front = f"{host[0]}://{host[1]}" if all(host) else ""
        return front + blotted(url[len(front) :])

    def words(self, text: str) -> str:
        return self._known.sub(_blot, text) if self._known else text

    def _shown(self, body: bytes) -> str:
        text = body.decode("utf-8", "backslashreplace")
        told = self.words(shown(text[:_MOST]))
        if len(text) > _MOST:
            told = f"{told}\n[{len(text) - _MOST} more characters]"
        return told.replace("\r", "\u240d")


def _blot(found: re.Match[str]) -> str:
    return BLOT * len(found[0])


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if len(word) > 2}, key=len, reverse=True)


def _ways(word: str) -> tuple[str, ...]:
    coded = base64.b64encode(word.encode()).decode().rstrip("=")
    return word, escape(word), quote_plus(word), json.dumps(word)[1:-1], coded


def mask_for(requests: Iterable[PARequest], said: Iterable[Said], link: Link, secrets: Secrets) -> Mask:
    """One that knows what the test members are called, and every credential of this connection."""
    known = set()
    names = {piece.name for each in said for piece in each.frame.body if isinstance(piece, Secret)}
    if link.auth is not None:
        names.update(link.auth.secrets)
    for name in names:
        try:
            known.add(secrets.value(name).decode("utf-8", "replace"))
        except NeedsPerson:
            continue
    return Mask((word for request in requests for word in _people(request)), known, link.endpoint)


def _people(request: PARequest) -> Iterator[str]:
    told = request.model_dump(mode="json", include={"patient", "subscriber"})
    yield from _words(told)
    for coverage in request.coverages:
        yield coverage.member_id
    for person in (request.patient, request.subscriber):
        if person is not None:
            yield f"{person.birth_date:%Y%m%d}"


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inside in value.items():
            if name not in ("gender", "state", "country", "relationship", "marital_status"):
                yield from _words(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _words(inside)
    elif isinstance(value, str):
        yield value
