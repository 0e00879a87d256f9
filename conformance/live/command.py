"""``payer-gateway conformance run --live CONNECTION --payer P``: asks leave, runs, and writes what came of it."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import perf_counter

from rich.console import Console

from conformance.bench import installed
from conformance.live.catalogue import read_catalogue
from conformance.live.fixtures import Fixtures, read_fixtures
from conformance.live.guide import guide_of
from conformance.live.leave import Leave, Refused, ask
from conformance.live.masking import Mask, mask_for
from conformance.live.page import as_html, as_json
from conformance.live.steps import Course, exercise
from conformance.live.verdicts import Run, judged
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
    """Whether nothing failed. Raises Refused and ProfileFaults: then nothing was sent."""
    if options.payer is None:
        raise Refused("--live needs --payer: whose test members are meant?")
    if options.case or options.channel:
        raise Refused("--case and --channel choose cases, and --live runs none")
    wanted = Wanted(options.mappings, options.payer, options.live, options.members, not options.no_wrong_password)
    run, mask = hold(wanted, os.environ)
    results = tuple(each for each in run.results() if each.verdict is not Verdict.OMIT)
    tell(results, {}, console)
    console.print(_summary(run), markup=False, highlight=False, soft_wrap=True)
    if options.junit:
        options.junit.write_bytes(junit(run.results(), run.at))
    if options.json:
        options.json.write_text(as_json(run, mask), encoding="utf-8")
    if options.html:
        options.html.write_text(as_html(run, mask), encoding="utf-8")
    return not any(result.verdict in BAD for result in results)


def hold(wanted: Wanted, environment: Mapping[str, str], clock: Callable[[], float] = perf_counter) -> tuple[Run, Mask]:
    """The whole run. ``environment`` is where endpoints are moved; ``clock`` counts the seconds of answers."""
    adapters = installed()
    library, profile = ask(wanted.mappings, adapters, environment, wanted.payer, wanted.connection)
    at, began = datetime.now(UTC), perf_counter()
    fixtures = read_fixtures(wanted.members, wanted.payer, token_hex(4), at.date())
    leave = Leave(library, wanted.payer, profile, at.date(), effects=2 * len(fixtures.requests))
    course = asyncio.run(
        exercise(
            adapters[profile.channel],
            leave,
            fixtures,
            guide_of(profile.channel, wanted.mappings),
            wrong_credentials=wanted.wrong_credentials,
            clock=clock,
        )
    )
    requests = [each.request for each in fixtures.requests]
    mask = mask_for(requests, course.line.said, course.line.link, Secrets())
    return _run(course, fixtures, at, perf_counter() - began), mask


def _run(course: Course, fixtures: Fixtures, at: datetime, seconds: float) -> Run:
    profile = course.leave.profile
    to = course.leave.destination()
    said = tuple(course.line.said)
    left = tuple(case.name for case in course.cases if not case.taken_back)
    return Run(
        payer=to.payer,
        payer_name=to.payer_name,
        connection=profile.connection,
        carrier=course.carrier,
        endpoint=profile.endpoint,
        source=fixtures.source,
        at=at,
        seconds=seconds,
        filed=len(course.cases),
        cancelled=len(course.cases) - len(left),
        on_file=left,
        judgements=judged(read_catalogue(), course.checks, course.carrier, said),
        said=said,
    )


def _summary(run: Run) -> str:
    left = f"; may still be on file: {', '.join(run.on_file)}" if run.on_file else ""
    return f"{run.filed} filed, {run.cancelled} taken back{left}; {len(run.said)} messages to {run.endpoint}"
