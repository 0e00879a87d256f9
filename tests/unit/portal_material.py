"""What the tests of the portal channel share: recorded cases played up to a point, and pages with one thing changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from conformance.bench import Bench
from conformance.envelope import page
from conformance.replay import open_exchange
from conformance.shelf import Case
from gateway.contract.adapter import Exchange
from gateway.contract.drive import drive
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Frame, Reply, Turn
from gateway.contract.landmarks import CONTROLS
from gateway.model.outcome import Outcome
from tests.cases_material import shelf

_CONTROL = re.compile(rf"( *)- '?({'|'.join(sorted(CONTROLS))})(?![a-z])(?: \"([^\"]*)\")?")


class Ended(Exception):
    """The case has no reply any more."""


@cache
def cases() -> dict[str, Case]:
    """Cases of the channel by name."""
    return {slot.name: slot.case for slot in shelf() if slot.channel == "portal" and slot.case is not None}


@cache
def bench() -> Bench:
    return Bench.here()


def exchange_of(name: str, again: bool = False) -> Exchange:
    """The exchange of a case."""
    case = cases()[name]
    stamp = case.file.stamp
    assert stamp is not None
    case = replace(case, file=case.file.model_copy(update={"stamp": stamp.model_copy(update={"again": again})}))
    return open_exchange(case, bench().adapter("portal"), bench().destination(case))


def replies_of(name: str) -> list[Reply]:
    """The replies of a case, as they travel."""
    frame = Turn(steps=(), settled=())
    return [page(body, frame) for body in cases()[name].received if isinstance(body, bytes)]


def played(exchange: Exchange, replies: Sequence[Reply]) -> tuple[list[Turn], Outcome | ExchangeError | None]:
    """What was said, and how it ended; None where it asked for more than there is."""
    frames: list[Turn] = []

    def say(frame: Frame) -> Reply:
        assert isinstance(frame, Turn)
        frames.append(frame)
        if len(frames) > len(replies):
            raise Ended
        return replies[len(frames) - 1]

    try:
        return frames, drive(exchange, say)
    except ExchangeError as error:
        return frames, error
    except Ended:
        return frames, None


def changed(reply: Reply, **fields: object) -> Reply:
    """The reply with other fields of its page."""
    return replace(reply, body=json.dumps({**json.loads(reply.body), **fields}).encode())


def mutated(reply: Reply) -> Iterator[tuple[str, Reply]]:
    """The page with one control renamed or taken out, each in turn, and what was done. Only those of main regions, of
    frames and of dialogs: what stands around them is no part of a page's shape."""
    told = json.loads(reply.body)
    for number, document in enumerate(told["documents"]):
        lines = document["snapshot"].split("\n")
        for place in _places(lines, whole=number > 0):
            for what, fresh in (("renamed", _renamed(lines, place)), ("taken out", _without(lines, place))):
                documents = [*told["documents"]]
                documents[number] = {**document, "snapshot": "\n".join(fresh)}
                yield f"{lines[place].strip()} {what}", changed(reply, documents=documents)


def _places(lines: list[str], *, whole: bool) -> Iterator[int]:
    inside = whole
    for place, line in enumerate(lines):
        if not whole and not line.startswith(" "):
            inside = line.startswith(("- main", "- dialog"))
        if inside and _CONTROL.match(line):
            yield place


def _renamed(lines: list[str], place: int) -> list[str]:
    found = _CONTROL.match(lines[place])
    assert found is not None
    name = found[3]
    fresh = f'{found[1]}- {found[2]} "{name or ""} other"'
    return [*lines[:place], fresh + (":" if lines[place].endswith(":") else ""), *lines[place + 1 :]]


def _without(lines: list[str], place: int) -> list[str]:
    depth = len(lines[place]) - len(lines[place].lstrip())
    end = place + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > depth:
        end += 1
    return [*lines[:place], *lines[end:]]
