"""Replays a case: drives the adapter with the replies the case gives, and compares what was said and understood.

No network, no clock: the sync driver of the contract, a list of replies, and a comparison. The only thing it knows of
channels is how a received document is wrapped (``envelope``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import get_args

from pydantic import ValidationError

from conformance.bench import Bench, NotHere
from conformance.case import ErrorName, ExpectedOutcome, FiledBefore
from conformance.envelope import ENVELOPES
from conformance.shelf import Case, Slot
from conformance.text import folded, write_losses, write_outcome, write_request
from conformance.verdict import Difference, Result, Verdict
from gateway.contract.adapter import Adapter, Exchange, Filed
from gateway.contract.destination import Destination
from gateway.contract.drive import drive, first_frame
from gateway.contract.errors import CannotExpress, ExchangeError, NotSent, Unreadable
from gateway.contract.frames import Frame, Https, Loss, Reply, Turn
from gateway.contract.inbound import Doorkeeper, Partner, Refused
from gateway.contract.mailbox import Correspondent, Posted, Saying
from gateway.model.faults import faults_of
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest


class Unscripted(Exception):
    """The adapter said more than the case has replies for."""


@dataclass
class Played:
    """What came of an exchange: the frames said, and an outcome or an error. ``answered`` is what a message got at our
    door."""

    frames: list[Frame] = field(default_factory=list)
    outcome: Outcome | None = None
    error: ExchangeError | Refused | None = None
    answered: bytes | None = None

    @property
    def losses(self) -> tuple[Loss, ...]:
        return tuple(loss for frame in self.frames for loss in frame.losses)


def open_exchange(case: Case, adapter: Adapter, to: Destination) -> Exchange:
    """The exchange of the case's verb; of receive that of what it is about."""
    file, request = case.file, case.request
    if request is None or file.stamp is None:
        raise Unscripted(f"the verb {file.verb} starts no exchange")
    if file.filed is None:
        return adapter.submit(request, to, file.stamp)
    filed = filed_before(case, request, file.filed)
    if file.change is not None:
        return adapter.amend(filed, file.change, to, file.stamp)
    if file.answers is not None:
        return adapter.answer(filed, file.answers, to, file.stamp)
    return adapter.inquire(filed, to, file.stamp)


def filed_before(case: Case, request: PARequest, before: FiledBefore) -> Filed:
    """What was filed, as the adapter knows it."""
    asked = case.document(case.asked) if case.asked is not None else None
    return Filed(request=request, asked=asked, **before.model_dump(exclude={"asked_of"}))


def play(case: Case, adapter: Adapter, to: Destination) -> Played:
    """Run the exchange against the case's replies. Only an error of the contract is caught."""
    played = Played()

    def say(frame: Frame) -> Reply:
        played.frames.append(frame)
        return reply_to(case, len(played.frames) - 1, frame)

    try:
        if case.file.verb == "receive":
            played.answered = _answer_at_the_door(case, adapter, to)
            played.outcome = _arrive(case, adapter, to)
        else:
            played.outcome = drive(open_exchange(case, adapter, to), say)
    except Refused as error:
        played.error, played.answered = error, error.answer.body
    except ExchangeError as error:
        played.error = error
    return played


def reply_to(case: Case, place: int, frame: Frame) -> Reply:
    """What the case answers to the frame at this place (from 0), in its envelope."""
    if place >= len(case.received):
        raise Unscripted(f"the adapter says {place + 1} frames; the case has {len(case.received)} replies")
    heard = case.received[place]
    if isinstance(heard, Reply):
        return replace(heard, stale_token=case.file.stale_token and heard.status == 401)
    if not isinstance(frame, Https | Turn):
        raise Unscripted("what comes of a file that is put down is given as a whole reply, received.1.http")
    return ENVELOPES[case.suite.envelope](case.document(heard), frame)


def _answer_at_the_door(case: Case, adapter: Adapter, to: Destination) -> bytes | None:
    """What is answered to a message that is sent to our door. Raises Refused."""
    heard, stamp = case.received[0], case.file.door
    if stamp is None:
        return None
    if not isinstance(adapter, Doorkeeper) or isinstance(heard, Reply):
        raise Unscripted("this channel has no door, or what comes to it is no document, received.1")
    at = Partner(to.connection, to.mode, to.endpoint, to.connection_settings, (to.payer_settings,), to.xsd)
    message = adapter.admit(case.document(heard), "", at, stamp)
    return adapter.acknowledge(message, at, stamp).body


def _arrive(case: Case, adapter: Adapter, to: Destination) -> Outcome:
    """What a file that came by itself says of the filing that went before. Raises Unreadable where it is nobody's."""
    heard, request, before = case.received[0], case.request, case.file.filed
    if not isinstance(adapter, Correspondent):
        raise Unscripted("this channel reads no files")
    if isinstance(heard, Reply) or request is None or before is None:
        raise Unscripted("what a payer sends by itself is given as a document, received.1, about what was filed")
    body, filed = case.document(heard), filed_before(case, request, before)
    filing = _posted("filing", adapter.submit(request, to, filed.stamp), to)
    posted = [replace(filing, numbers=adapter.numbers(filed.references))]
    stamp, work = filed.stamp, case.file.change or case.file.answers
    if case.file.stamp is not None:
        stamp = case.file.stamp
        posted.append(_posted("work", open_exchange(case, adapter, to), to))
    placed = adapter.place(adapter.open(body), posted)
    letters = [each.letter for each in placed if each.handle == posted[-1].handle]
    if not letters:
        raise Unreadable(f"nobody's: {', '.join(str(each.reason) for each in placed)}")
    outcome, *more = adapter.hear(letters, Saying(filed, stamp, work), to)
    if more:
        raise Unscripted("the file says several things of what was filed, and a case has one outcome, received.1")
    return outcome


def _posted(handle: str, exchange: Exchange, to: Destination) -> Posted:
    return Posted(handle, first_frame(exchange).document or b"", to, case="case")


def run(slot: Slot, bench: Bench) -> Result:
    """The verdict on one case."""
    started = perf_counter()
    verdict, reason, differences = _judge(slot, bench)
    file = slot.case.file if slot.case else None
    return Result(
        channel=slot.channel,
        case=slot.name,
        title=file.title if file else "",
        verdict=verdict,
        reason=reason,
        differences=differences,
        requirements=file.requirements if file else (),
        seconds=perf_counter() - started,
    )


def _judge(slot: Slot, bench: Bench) -> tuple[Verdict, str, tuple[Difference, ...]]:
    case = slot.case
    if case is None:
        return Verdict.ERROR, "\n".join(str(fault) for fault in slot.faults), ()
    if case.file.omit:
        return Verdict.OMIT, case.file.omit, ()
    if lacking := case.lacks():
        return Verdict.ERROR, lacking, ()
    try:
        adapter, to = bench.adapter(case.suite.channel), bench.destination(case)
    except NotHere as error:
        return Verdict.SKIP, str(error), ()
    except ValidationError as error:
        settings = "; ".join(f"{fault.pointer}: {fault.message}" for fault in faults_of(error))
        return Verdict.ERROR, f"the settings of the case are not the adapter's: {settings}", ()
    try:
        played = play(case, adapter, to)
    except Unscripted as error:
        return Verdict.FAIL, str(error), ()
    except Exception as error:  # an adapter may break its contract in any way; the run goes on
        return Verdict.ERROR, f"the adapter raised {type(error).__name__}, which is not in its contract: {error}", ()
    differences = tuple(compare(case, played))
    if differences:
        raised = f"; it raised {type(played.error).__name__}: {played.error}" if played.error else ""
        return Verdict.FAIL, f"not as the case says: {', '.join(d.what for d in differences)}{raised}", differences
    return Verdict.PASS, "", ()


def compare(case: Case, played: Played) -> Iterator[Difference]:
    """Everything that is not as the case says."""
    yield from _frames(case, played.frames)
    yield from _at_the_door(case, played.answered)
    if case.file.verb != "receive" and (case.losses is not None or case.sent):
        wanted, got = write_losses(case.losses or ()), write_losses(played.losses)
        if wanted != got:
            yield Difference("losses.json", wanted, got)
    wanted, got = _wanted_end(case), _end(played)
    if wanted != got:
        yield Difference("outcome", wanted, got)


def _frames(case: Case, frames: Sequence[Frame]) -> Iterator[Difference]:
    if case.file.verb != "receive" and len(frames) < len(case.received):
        yield Difference("number of frames", str(len(case.received)), str(len(frames)))
    for number, frame in enumerate(frames, start=1):
        if number in case.sent:
            wanted, got = case.document(case.sent[number]), frame.document or b""
            if wanted != got:
                yield Difference(f"sent.{number}.{case.suite.document}", _shown(wanted), _shown(got))
        if number in case.sent_http and case.sent_http[number] != write_request(frame):
            yield Difference(f"sent.{number}.http", _text(case.sent_http[number]), _text(write_request(frame)))


def _at_the_door(case: Case, answered: bytes | None) -> Iterator[Difference]:
    if case.file.verb != "receive" or 1 not in case.sent:
        return
    wanted, got = case.document(case.sent[1]), answered or b""
    if wanted != got:
        yield Difference(f"sent.1.{case.suite.document}", _shown(wanted), _shown(got))


def _shown(document: bytes) -> str:
    return _text(folded(document))


def _text(message: bytes) -> str:
    return message.decode(errors="backslashreplace").replace("\r", "\\r")


def _wanted_end(case: Case) -> str:
    raised = case.file.raises
    if raised is None:
        return write_outcome(case.outcome) if case.outcome else ""
    return _error(raised.error, raised.pointers, raised.retry_after)


def _end(played: Played) -> str:
    error = played.error
    if error is None:
        return write_outcome(ExpectedOutcome.of(played.outcome)) if played.outcome else ""
    pointers = tuple(item.pointer for item in error.items) if isinstance(error, CannotExpress) else ()
    kind = next(kind for kind in type(error).__mro__ if kind.__name__ in get_args(ErrorName))
    return _error(kind.__name__, pointers, error.retry_after if isinstance(error, NotSent) else None)


def _error(name: str, pointers: Sequence[str], retry_after: int | None) -> str:
    rows = [f"raises {name}", *(f"  at {pointer}" for pointer in sorted(pointers))]
    return "\n".join(rows if retry_after is None else [*rows, f"  retry after {retry_after} s"]) + "\n"
