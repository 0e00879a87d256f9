"""Writes the files of a case: what was said and heard in a run, and what it came to mean.

What this writes is a proposal. A person reads the diff against the published rules before it is kept; running cases
never writes.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from conformance.bench import Bench
from conformance.case import ExpectedOutcome
from conformance.envelope import write_page
from conformance.replay import Unscripted, open_exchange, play
from conformance.shelf import Case
from conformance.text import folded, read_reply, write_losses, write_outcome, write_reply, write_request
from gateway.contract.destination import Mode
from gateway.contract.drive import drive
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Frame, Https, Reply, Turn
from gateway.contract.pages import MEDIA_TYPE
from gateway.model.outcome import Outcome
from gateway.profiles.browser import RECORD_TERMS
from gateway.profiles.connection import ConnectionProfile
from gateway.transport.browser.challenges import MemoryChallenges
from gateway.transport.browser.vault import MemoryVault
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.portal import Page, Portals
from gateway.transport.secrets import Secrets

_OWN_LINE_BREAKS = "the document has line breaks of its own: write line_breaks: kept into case.yaml"


def record(case: Case, bench: Bench, *, reply: Path | None = None, endpoint: str | None = None) -> list[Path]:
    """Write what is said, and with it what is heard: the given reply, that of a payer at an endpoint, or as it was.

    Returns the files written.
    """
    written: list[Path] = []
    if endpoint is not None:
        case = replace(case, received=_converse(case, bench, endpoint))
    elif reply is not None:
        message = reply.read_bytes()
        case = replace(case, received=(message if message.startswith((b"ISA", b"<")) else read_reply(message),))
    played = play(case, bench.adapter(case.suite.channel), bench.destination(case))
    if endpoint is not None or reply is not None:
        for old in case.folder.glob("received.*"):
            old.unlink()
        for number, heard in enumerate(case.received, start=1):
            written.append(_write_received(case, number, heard, played.outcome))
    for number, frame in enumerate(played.frames, start=1):
        written += _write_sent(case, number, frame)
    if played.answered is not None:
        written.append(_write_document(case, 1, played.answered))
    return written


def generate(case: Case, bench: Bench) -> list[Path]:
    """Write what the replies mean and what was lost. Returns the files written."""
    played = play(case, bench.adapter(case.suite.channel), bench.destination(case))
    written = []
    if case.file.verb != "receive" and (case.sent or case.losses is not None):
        written.append(_write(case.folder / "losses.json", write_losses(played.losses).encode()))
    if played.outcome is not None and case.file.raises is None:
        text = write_outcome(ExpectedOutcome.of(played.outcome))
        written.append(_write(case.folder / "outcome.json", text.encode()))
    return written


def _converse(case: Case, bench: Bench, endpoint: str) -> tuple[Reply, ...]:
    """The replies of the payer at an endpoint, over the gateway's own transports."""
    profile = bench.library.connection(case.file.connection)
    if profile.mode is Mode.LIVE:
        raise Unscripted(f"the connection {profile.connection} is live: cases are recorded over test connections")
    if profile.browser is not None and not profile.browser.terms.permit:
        raise Unscripted(f"{profile.browser.terms.against(profile.connection)}: {RECORD_TERMS}")
    moved = ConnectionProfile.model_validate({**profile.model_dump(), "endpoint": endpoint})
    to = bench.destination(case).model_copy(update={"endpoint": moved.endpoint})
    replies: list[Reply] = []
    with asyncio.Runner() as runner:
        line = _Line(Link.of(moved))

        def say(frame: Frame) -> Reply:
            replies.append(runner.run(line.say(frame)))
            return replies[-1]

        try:
            drive(open_exchange(case, bench.adapter(case.suite.channel), to), say)
        except ExchangeError:
            if not replies:
                raise  # nothing was heard: there is nothing to record
        finally:
            runner.run(line.close())
    return tuple(replies)


class _Line:
    """Says the frames of one conversation: over HTTPS, or on a page of a browser that is opened with the first turn."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._https = HttpsTransport(Secrets())
        now = partial(datetime.now, UTC)
        self._portals = Portals(Secrets(), MemoryVault(), MemoryChallenges(), os.environ, now)
        self._page: Page | None = None

    async def say(self, frame: Frame) -> Reply:
        if isinstance(frame, Https):
            return await self._https.send(frame, self._link)
        if not isinstance(frame, Turn):
            raise Unscripted("only what goes over HTTPS, or over a browser, is recorded")
        if self._page is None:
            self._page = await self._portals.open(self._link)
        return await self._page.turn(frame)

    async def close(self) -> None:
        if self._page is not None:
            await self._page.close()
        await self._portals.close()
        await self._https.close()


def _write_received(case: Case, number: int, heard: Reply | bytes, outcome: Outcome | None) -> Path:
    """The document where the envelope around it says nothing of its own, the whole reply otherwise."""
    if isinstance(heard, Reply) and heard.header("content-type") == MEDIA_TYPE:
        return _write(case.folder / f"received.{number}.{case.suite.document}", write_page(heard.body))
    document = case.document(heard) if isinstance(heard, bytes) else outcome.document if outcome else None
    shown = _shown(case, document) if document is not None else None
    if shown is not None:
        return _write(case.folder / f"received.{number}.{case.suite.document}", shown)
    if isinstance(heard, Reply):
        return _write(case.folder / f"received.{number}.http", write_reply(heard))
    raise Unscripted(_OWN_LINE_BREAKS)


def _write_sent(case: Case, number: int, frame: Frame) -> list[Path]:
    written = []
    if frame.document is not None:
        written.append(_write_document(case, number, frame.document))
    if number in case.sent_http or (frame.document is None and not isinstance(frame, Turn)):
        written.append(_write(case.folder / f"sent.{number}.http", write_request(frame)))
    return written


def _write_document(case: Case, number: int, document: bytes) -> Path:
    shown = _shown(case, document)
    if shown is None:
        raise Unscripted(_OWN_LINE_BREAKS)
    return _write(case.folder / f"sent.{number}.{case.suite.document}", shown)


def _shown(case: Case, document: bytes) -> bytes | None:
    """The document as the case's files show it, None where they cannot."""
    shown = document if case.file.line_breaks == "kept" else folded(document)
    return shown if case.document(shown) == document else None


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
