"""`x12_codec`: microseconds to write a 278 request of three lines and to read the payer's answer to it.

The floor takes the same bytes apart and puts them together: `split` of the answer into segments, `join` of the
request's. The answer is the simulated payer's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from conformance.bench import Bench
from conformance.simulators.server import Options, Server
from gateway.contract.adapter import Adapter, Stamp
from gateway.contract.destination import Destination
from gateway.contract.drive import drive
from gateway.contract.frames import Frame, Reply, Secret
from gateway.model.outcome import Answer
from gateway.model.request import PARequest
from tests.benchmarks import requests
from tests.benchmarks.result import Result

ROUNDS = 15
_CREDENTIALS = {"core-username": b"gateway", "core-password": b"demo-password"}


@dataclass(frozen=True)
class Conversation:
    """A request, and the simulated payer's answer to it."""

    adapter: Adapter
    request: PARequest
    to: Destination
    stamp: Stamp
    document: bytes
    answer: bytes
    reply: Reply


def conversation(name: str = requests.REGIMEN) -> Conversation:
    bench = Bench.here()
    to = bench.library.destination("evergreen_health", "demo_clearinghouse")
    request = PARequest.model_validate_json(requests.fresh(requests.body(name), 1)[0])
    stamp = Stamp(at=datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC), number=17, seed="0123456789abcdef" * 2)
    adapter = bench.adapter("x12_278")
    payer = Server.prepare(Options(duplicates="accept")).reception

    frames: list[Frame] = []
    replies: list[Reply] = []

    def say(frame: Frame) -> Reply:
        delivery = payer.receive(_on_the_wire(frame))
        frames.append(frame)
        replies.append(Reply(delivery.status, (("content-type", delivery.content_type),), delivery.body))
        return replies[-1]

    outcome = drive(adapter.submit(request, to, stamp), say)
    assert outcome.answer is Answer.REVIEWED
    assert outcome.document is not None
    assert frames[0].document is not None
    return Conversation(adapter, request, to, stamp, frames[0].document, outcome.document, replies[0])


def measure() -> Result:
    """Codec and floor in turns; medians of microseconds."""
    talk = conversation()

    def converse() -> None:
        drive(talk.adapter.submit(talk.request, talk.to, talk.stamp), lambda frame: talk.reply)

    segments, answer = talk.document.split(b"~"), talk.answer

    def floor() -> None:
        answer.split(b"~")
        b"~".join(segments)

    codec = _codec(talk.request, talk.to, talk.stamp, answer)
    turns = [(_microseconds(codec, 20), _microseconds(floor, 5000), _microseconds(converse, 20)) for _ in range(ROUNDS)]
    return Result(
        name="x12_codec",
        unit="us/278",
        rounds=[turn[:2] for turn in turns],
        goal="small beside a journey",
        more={
            "with_soap_us": median(turn[2] for turn in turns),
            "request_bytes": len(talk.document),
            "response_bytes": len(answer),
        },
    )


def _codec(request: PARequest, to: Destination, stamp: Stamp, answer: bytes) -> Callable[[], None]:
    """Encode and decode without the envelope."""
    from adapters.x12_278.asked import Asked
    from adapters.x12_278.asking.encode import draft_request
    from adapters.x12_278.asking.envelope import enclose
    from adapters.x12_278.hearing.hear import hear
    from adapters.x12_278.settings import connection_settings

    def run() -> None:
        draft = draft_request(request, to, stamp)
        draft.settled_losses()
        enclose(draft, "005010X217")
        asked = Asked("file", request, stamp, stamp, connection_settings(to).company_id, {})
        hear(answer, asked, to)

    return run


def _on_the_wire(frame: Frame) -> bytes:
    return b"".join(_CREDENTIALS[piece.name] if isinstance(piece, Secret) else piece for piece in frame.body)


def _microseconds(work: Callable[[], None], times: int) -> float:
    """Processor time, so that a busy machine counts for little."""
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6
