"""``payer-gateway conformance run --live CONNECTION --payer P``: asks leave, runs, and writes what came of it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import perf_counter

from rich.console import Console

from conformance.bench import installed
from conformance.live.catalogue import read_catalogue
from conformance.live.fixtures import read_fixtures
from conformance.live.guide import guide_of
from conformance.live.http_answers import LONGEST
from conformance.live.leave import Leave, Refused, ask
from conformance.live.masking import Mask, mask_for
from conformance.live.page import as_html, as_json
from conformance.live.steps import Course, course_of, exercise
from conformance.live.verdicts import Judgement, Run, judged
from conformance.report import junit, tell
from conformance.verdict import BAD, Verdict
from gateway.transport.secrets import Secrets


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    mappings: Path
    payer: str
    connection: str
    members: Path | None
    wrong_credentials: bool


def run_live(options: argparse.Namespace, console: Console) -> bool:
    """Whether it was judged and nothing failed. Raises Refused, ProfileFaults and OSError: then nothing was sent."""
    if options.payer is None:
        raise Refused("--live needs --payer: whose test members are meant?")
    if options.case or options.channel:
        raise Refused("--case and --channel choose cases, and --live runs none")
    wanted = Wanted(options.mappings, options.payer, options.live, options.members, not options.no_wrong_password)
    attempt = begin(wanted, os.environ)
    with ExitStack() as stack:
        # Opened before anything is sent: a report that cannot be written would be known too late.
        xml, told, page = (
            stack.enter_context(path.open("wb")) if path else None
            for path in (options.junit, options.json, options.html)
        )
        try:
            attempt.hold()
        finally:
            run, mask = attempt.run()
            results = tuple(each for each in run.results() if each.verdict is not Verdict.OMIT)
            if xml:
                xml.write(junit(run.results(), run.at))
            if told:
                told.write(as_json(run, mask).encode())
            if page:
                page.write(as_html(run, mask).encode())
            tell(results, {}, console)
            console.print(_summary(run), markup=False, highlight=False, soft_wrap=True)
    return not run.unjudged and not any(result.verdict in BAD for result in results)


class Attempt:
    """One run, from what was read for it to what came of it, however it ends."""

    def __init__(self, wanted: Wanted, course: Course) -> None:
        self._wanted = wanted
        self._course = course
        self._at, self._began = datetime.now(UTC), perf_counter()
        self._stopped = ""

    def hold(self) -> None:
        """Say all of it. SIGINT and SIGTERM end it early, with what was filed taken back; a second one ends that."""
        try:
            asyncio.run(self._exercise())
        except (KeyboardInterrupt, asyncio.CancelledError):
            self._stopped = "it was stopped before its end"
        except BaseException:
            self._stopped = "it broke off before its end"
            raise

    async def _exercise(self) -> None:
        """SIGINT is asyncio's, where nobody has it ignored (as shells do for what they start in the background)."""
        task = asyncio.current_task()
        if task is not None and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await exercise(self._course, wrong_credentials=self._wanted.wrong_credentials)

    def run(self) -> tuple[Run, Mask]:
        """What came of it so far."""
        requests = [each.request for each in self._course.fixtures.requests]
        mask = mask_for(requests, self._course.line.said, self._course.line.link, Secrets())
        return _run(self._course, self._at, perf_counter() - self._began, self._stopped), mask


def begin(wanted: Wanted, environment: Mapping[str, str], longest: float = LONGEST) -> Attempt:
    """``environment`` is where endpoints are moved; ``longest`` is how many seconds an answer may take."""
    adapters = installed()
    library, profile = ask(wanted.mappings, adapters, environment, wanted.payer, wanted.connection)
    today = datetime.now(UTC).date()
    fixtures = read_fixtures(wanted.members, wanted.payer, token_hex(4), today)
    leave = Leave(library, wanted.payer, profile, today, effects=2 * len(fixtures.requests))
    guide = guide_of(profile.channel, wanted.mappings)
    return Attempt(wanted, course_of(adapters[profile.channel], leave, fixtures, guide, longest))


def hold(wanted: Wanted, environment: Mapping[str, str], longest: float = LONGEST) -> tuple[Run, Mask]:
    """The whole run."""
    attempt = begin(wanted, environment, longest)
    attempt.hold()
    return attempt.run()


def _run(course: Course, at: datetime, seconds: float, stopped: str) -> Run:
    profile = course.leave.profile
    to = course.leave.destination()
    said = tuple(course.line.said)
    judgements = judged(read_catalogue(), course.checks, course.carrier, said)
    left = tuple(case.name for case in course.cases if not case.taken_back)
    return Run(
        payer=to.payer,
        payer_name=to.payer_name,
        connection=profile.connection,
        carrier=course.carrier,
        endpoint=profile.endpoint,
        source=course.fixtures.source,
        at=at,
        seconds=seconds,
        filed=len(course.cases),
        cancelled=len(course.cases) - len(left),
        on_file=left,
        judgements=judgements,
        said=said,
        unjudged=stopped or _unjudged(course, judgements),
    )


def _unjudged(course: Course, judgements: Sequence[Judgement]) -> str:
    """Why a run proves nothing though nothing failed: nobody filed, or who calls was never put to the test."""
    if not course.cases:
        return "no request came on file"
    unasked = [
        each.assertion.id for each in judgements if each.assertion.id == "AU-01" and each.verdict is Verdict.SKIP
    ]
    return "no wrong credential was shown" if unasked else ""


def _summary(run: Run) -> str:
    left = f"; may still be on file: {', '.join(run.on_file)}" if run.on_file else ""
    unjudged = f"\nNot judged: {run.unjudged}." if run.unjudged else ""
    return f"{run.filed} filed, {run.cancelled} taken back{left}; {len(run.said)} messages to {run.endpoint}{unjudged}"
