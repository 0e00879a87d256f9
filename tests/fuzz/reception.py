"""Targets that hear replies: the adapters' reading through every carrier, and of service reviews.

Allowed ends are an ``Outcome`` and the errors of the contract.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from adapters.x12_278.settings import BatchSettings, ConnectionSettings, RestSettings
from conformance.replay import open_exchange
from gateway.contract.adapter import Adapter, Exchange, Filed
from gateway.contract.destination import Destination
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Frame, Reply
from gateway.contract.mailbox import Correspondent
from gateway.model.outcome import Outcome
from tests.fuzz.carriage import CARRIAGES
from tests.fuzz.corpus import Conversation, corpus
from tests.fuzz.mutation import mutated, mutated_bytes
from tests.fuzz.trial import Broken, Input, hold, private
from tests.x12_material import LATER


def hearing(chance: Random) -> Input:
    """A document in the envelope of each carrier, heard by the verb of its case."""
    spoken = chance.choice(corpus().conversations)
    source = spoken.heard if chance.random() < 0.8 else chance.choice(corpus().documents)
    assert isinstance(source, bytes)
    document = mutated(source, corpus().documents, chance)
    carrier = chance.choice(tuple(CARRIAGES))
    reply = chance.choice(CARRIAGES[carrier])(document)
    if chance.random() < 0.2:
        reply = _spoiled(reply, chance)
    return Input(_written(reply), lambda: _heard(spoken, _over(spoken.to, carrier), reply, chance))


def replies(chance: Random) -> Input:
    """Whole replies of the cases, spoiled as bytes."""
    spoken = chance.choice(corpus().replies)
    assert isinstance(spoken.heard, Reply)
    reply = _spoiled(spoken.heard, chance)
    return Input(_written(reply), lambda: _heard(spoken, spoken.to, reply, chance))


def reviews(chance: Random) -> Input:
    spoken = chance.choice(corpus().reviews)
    others = corpus().reviews
    heard = spoken.heard
    if isinstance(heard, bytes):
        heard = Reply(200, (("content-type", "application/json"),), heard)
    if chance.random() < 0.5:
        bodies = [each.heard if isinstance(each.heard, bytes) else each.heard.body for each in others]
        heard = replace(heard, body=_json_spoiled(heard.body, bodies, chance))
    if chance.random() < 0.6 or heard == spoken.heard:
        heard = _spoiled(heard, chance)
    reply = heard
    return Input(_written(reply), lambda: _heard(spoken, spoken.to, reply, chance))


_VALUES = (
    b"null", b"true", b"[]", b"{}", b'""', b'" "', b"0", b"-1", b"1e999", b"9" * 400, b'"A1"', b'"\\u0000"',
    b'"\\ud800"', b'"20260301"', b'"2026-02-30"', b'"2026-03-01T00:00:00.000+0000"', b'"2026-03-01T25:00:00Z"',
    b"[" * 50, b"[[]]" * 2, b'{"code":"A1"}', b'[{"code":"42","value":"x"}]', b'"' + b"A" * 2000 + b'"', b"NaN",
    b'"\xff"', b'{"a":1,"a":2}',
)  # fmt: skip


def _json_spoiled(body: bytes, others: list[bytes], chance: Random) -> bytes:
    """With values put in the place of others: by where the colons are, which is near enough."""
    for _ in range(chance.randrange(1, 4)):
        colons = [at for at, byte in enumerate(body) if byte == 0x3A]
        if not colons:
            break
        start = chance.choice(colons) + 1
        end = min((at for mark in (b",", b"}", b"]") if (at := body.find(mark, start)) >= 0), default=len(body))
        new = chance.choice(_VALUES)
        if chance.random() < 0.3:
            new = chance.choice(others)
        if chance.random() < 0.02:
            new = b"[" + b",".join([new[:50]] * 5000) + b"]"
        body = body[:start] + b" " + new + body[end:]
    return body


def _spoiled(reply: Reply, chance: Random) -> Reply:
    way = chance.randrange(10)
    if way < 7:
        others = [each.heard.body for each in corpus().replies if isinstance(each.heard, Reply)]
        return replace(reply, body=mutated_bytes(reply.body, others, chance))
    if way == 7:
        return replace(reply, status=chance.choice(_STATUSES))
    headers = list(reply.headers)
    if headers and way == 8:
        count = chance.randrange(len(headers))
        name, value = headers[count]
        spoiled = mutated_bytes(value.encode("latin-1"), [value.encode("latin-1")], chance).decode("latin-1")
        headers[count] = name, spoiled
    else:
        headers.insert(0, chance.choice(_HEADERS))
    return replace(reply, headers=tuple(headers))


_STATUSES = (100, 200, 201, 202, 204, 302, 400, 401, 404, 409, 413, 429, 500, 503)
_HEADERS = (
    ("content-type", ""),
    ("content-type", "text/html"),
    ("content-type", "multipart/related"),
    ("content-type", 'multipart/related; boundary=edge; start="<x>"'),
    ("content-type", "multipart/form-data; boundary*=utf-8''%65dge"),
    ("content-type", "application/json; charset=utf-7"),
    ("content-encoding", "gzip"),
    ("retry-after", "99999999999999999999"),
    ("retry-after", "Wed, 31 Feb 2026 99:00:00 GMT"),
    ("retry-after", "\xb2"),
    ("location", "//elsewhere.example/1"),
    ("location", "http://[::1/"),
    ("location", "/" * 5000),
)


def _over(to: Destination, carrier: str) -> Destination:
    settings = to.connection_settings
    kinds = ("278_request", "278_inquiry", "278_notification", "275")
    rest = RestSettings(paths={kind: f"{kind}/x12" for kind in kinds}) if carrier == "rest_x12" else None
    batch = BatchSettings() if carrier == "core_batch" else None
    changed = settings.model_copy(update={"carrier": carrier, "rest": rest, "batch": batch})
    return to.model_copy(update={"connection_settings": changed})


def _heard(spoken: Conversation, to: Destination, reply: Reply, chance: Random) -> None:
    """Allowed ends are an Outcome and the errors of the contract. Whatever the adapter says again is answered alike."""
    try:
        outcome = _outcome(spoken, to, reply, chance)
    except ExchangeError as error:
        private(str(error))
        return
    if outcome is None:
        return
    hold(isinstance(outcome, Outcome), "an end that is no outcome")
    outcome.model_dump_json()
    size = len(outcome.document or b"")
    for source in outcome.sources.values():
        hold(0 <= source.start < source.end <= size, "a source that is not in the document")


def _outcome(spoken: Conversation, to: Destination, reply: Reply, chance: Random) -> Outcome | None:
    if spoken.case.file.verb == "receive" or chance.random() < 0.1:
        _arrived(spoken.adapter, reply.body)
        return None
    exchange = _exchange(spoken, to, chance)
    frame: Frame = next(exchange)
    try:
        for _ in range(10):
            frame = exchange.send(reply)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    finally:
        exchange.close()
    raise Broken(f"no end after ten frames, the last to {frame.method}")


def _arrived(adapter: Adapter, body: bytes) -> None:
    """What comes as a file: every letter of it is placed, or it is Unreadable."""
    if isinstance(adapter, Correspondent):
        letters = adapter.open(body)
        hold(tuple(each.letter for each in adapter.place(letters, ())) == letters, "letters that are not placed")


def _exchange(spoken: Conversation, to: Destination, chance: Random) -> Exchange:
    """That of the case's verb; where answers are fetched, mostly one that fetches that of the case's filing."""
    settings, case = to.connection_settings, spoken.case
    batch = isinstance(settings, ConnectionSettings) and settings.batch is not None
    if batch and case.request is not None and case.file.stamp is not None and chance.random() < 0.7:
        filed = Filed(request=case.request, stamp=case.file.stamp)
        return spoken.adapter.inquire(filed, to, LATER)
    return open_exchange(case, spoken.adapter, to)


def _written(reply: Reply) -> bytes:
    head = [f"HTTP/1.1 {reply.status}", *(f"{name}: {value}" for name, value in reply.headers)]
    return "\n".join(head).encode("latin-1", "replace") + b"\n\n" + reply.body
