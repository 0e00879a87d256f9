"""Makes messages fit to be shown: people and credentials are blotted out, length for length.

Test members are made up, but nobody knows whose data a payer sends by mistake: people are blotted out wherever X12 or
JSON names them, whoever they are. What is no document at all loses its long numbers too, and its tail.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from conformance.live.documents import Document, NoInterchange, Segment, read_document
from conformance.live.envelopes import read_envelope
from conformance.live.talk import Said
from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Https, Reply, Secret
from gateway.model.request import PARequest
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

BLOT = "\u2588"
_MOST = 20_000
_MOST_UNREAD = 2_000
_MOST_SEGMENTS = 300
_NOT_SHOWN = "[not shown as it came: too much, or in too odd a way, stands in it to blot everybody out]"
_HIDDEN_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
_PEOPLE = frozenset({"IL", "QC"})
_PLACES: Mapping[str, tuple[int, ...]] = {
    "DMG": (2,),
    "N3": (1, 2),
    "N4": (1, 3),
    "PER": (2, 4, 6, 8),
    "MSG": (1,),
    "INS": (12,),
}
_OPEN_REFERENCES = frozenset({"BB", "NT", "EI", "ZZ"})
"""REF01 of numbers that are the payer's own: all others may be somebody's."""
_MEMBERS = re.compile(
    r'("(?:memberId|firstName|lastName|middleName|name|suffix|birthDate|addressLine\d|city|zipCode|phone|fax|email|'
    r'emailAddress|contactName|message|ssn|accountNumber|patientAccountNumber)"\s*:\s*")((?:[^"\\]|\\.)*)'
)
_LONG_NUMBER = re.compile(r"\d{5,}")


class Mask:
    """``people`` is what the test members are called, which is blotted out where it stands as a word; ``secrets`` are
    credentials, which are blotted out wherever they stand."""

    def __init__(self, people: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        anywhere = [re.escape(way) for word in _longest_first(secrets) for way in _ways(word)]
        words = [rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in _longest_first(people)]
        known = dict.fromkeys((*anywhere, *words))
        self._known = re.compile("|".join(known), re.IGNORECASE) if known else None

    def sent(self, frame: Https) -> str:
        body = frame.redacted()
        return self._shown(body, _document(frame.document))

    def heard(self, reply: Reply, carrier: str) -> str:
        envelope = read_envelope(carrier, reply)
        document = _document(envelope.payload)
        unread = document is None and bool(envelope.wrong) and not envelope.fault
        return self._shown(reply.body, document, unread=unread)

    def segments(self, reply: Reply, carrier: str) -> list[str]:
        """Those of the answer's X12, in their order; none where there is no X12."""
        document = _document(read_envelope(carrier, reply).payload)
        if document is None:
            return []
        hidden = dict(_masked(document))
        mark = document.isa[3:4].decode("latin-1")
        raw = (mark.join(segment.values) for segment in document.segments[:_MOST_SEGMENTS])
        return [self.words(hidden.get(segment, segment)) for segment in raw]

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(name, BLOT * 8 if name.lower() in _HIDDEN_HEADERS else self.words(value)) for name, value in headers]

    def words(self, text: str) -> str:
        return self._known.sub(_blot, text) if self._known else text

    def _shown(self, body: bytes, document: Document | None, *, unread: bool = False) -> str:
        text = body.decode("utf-8", "backslashreplace")
        hidden = dict(_masked(document)) if document else {}
        if len(hidden) > _MOST_SEGMENTS:
            return _NOT_SHOWN
        for old in sorted(hidden, key=len, reverse=True):
            ways = [way for way in _written(old) if way in text]
            if not ways:
                return _NOT_SHOWN
            for way in ways:
                text = text.replace(way, hidden[old] if way != escape(old) else escape(hidden[old]))
        text = _MEMBERS.sub(lambda found: found[1] + BLOT * len(found[2]), text)
        text = self.words(text)
        if unread:
            text = _LONG_NUMBER.sub(_blot, text)
        most = _MOST_UNREAD if unread else _MOST
        if len(text) > most:
            text = f"{text[:most]}\n[{len(text) - most} more characters]"
        return text.replace("\r", "\u240d")


def _blot(found: re.Match[str]) -> str:
    return BLOT * len(found[0])


def _document(payload: bytes | None) -> Document | None:
    try:
        return read_document(payload) if payload else None
    except NoInterchange:
        return None


def _masked(document: Document) -> Iterator[tuple[str, str]]:
    """Each segment that names people, as it is and as it may be shown."""
    mark = document.isa[3:4].decode("latin-1")
    for segment in document.segments:
        hidden = set(_hidden(segment))
        if not hidden:
            continue
        values = [BLOT * len(value) if place in hidden else value for place, value in enumerate(segment.values)]
        yield mark.join(segment.values), mark.join(values)


def _hidden(segment: Segment) -> tuple[int, ...]:
    if segment.values[0] == "NM1":
        if segment.get(1) in _PEOPLE:
            return (3, 4, 5, 7, 9)
        return (3, 4, 5, 7) if segment.get(2) == "1" else ()
    if segment.values[0] == "REF":
        return () if segment.get(1) in _OPEN_REFERENCES else (2,)
    return _PLACES.get(segment.values[0], ())


def _written(segment: str) -> Iterator[str]:
    """A segment as it may stand in a body: in bytes, in XML, in JSON; each in Latin-1, and in UTF-8."""
    for text in (segment, segment.encode("latin-1").decode("utf-8", "backslashreplace")):
        yield from (text, escape(text), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])


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
        names.add(link.auth.secret)
    for name in names:
        try:
            known.add(secrets.value(name).decode("utf-8", "replace"))
        except NeedsPerson:
            continue
    return Mask((word for request in requests for word in _people(request)), known)


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
