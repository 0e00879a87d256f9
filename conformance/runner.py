"""``payer-gateway conformance``: run, record, generate, check, schema. Reads arguments and tells results."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from conformance import requirement
from conformance.assertion import assertion_faults
from conformance.bench import CASES, SETTING, Bench, NotHere, mappings_of
from conformance.case import CaseFile
from conformance.live.leave import Refused
from conformance.proofs import Proofs
from conformance.replay import Unscripted, run
from conformance.report import as_json, junit, tell
from conformance.shelf import Case, Slot, chosen, read_shelf
from conformance.soundness import soundness_faults
from conformance.text import Misshapen
from conformance.verdict import BAD
from gateway.contract.errors import ExchangeError
from gateway.profiles.faults import ProfileFaults

PASSED, FAILED, MISUSED = 0, 1, 2
LIVE = """\
--live CONNECTION --payer P exercises a payer's test endpoint: it files one request for each test member of the
members' file (five at most), asks for each again, says in inquiries what must be refused (a wrong count, a wrong rule
version, at the very end a wrong credential, once each), and takes back every request that it filed. Only over test
connections, with ISA15 T, for members that the payer published: a live connection is refused whatever is asked, and
without members nothing is sent. Credentials are those of the connection (GATEWAY_SECRET_...)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: nothing failed. 1: something did. 2: it could not be tried."""
    options = _parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    try:
        code: int = options.act(options, console)
    except ProfileFaults as error:
        for fault in error.faults:
            console.print(str(fault), markup=False, highlight=False, soft_wrap=True)
        return MISUSED
    except (_Misused, Refused, NotHere, Unscripted, Misshapen, ExchangeError, OSError) as error:
        console.print(f"payer-gateway conformance: {error}", markup=False, highlight=False, soft_wrap=True)
        return MISUSED
    return code


class _Misused(Exception):
    """What was asked for cannot be done as asked."""


def _run(options: argparse.Namespace, console: Console) -> int:
    console.print(f"profiles: {options.mappings}", markup=False, highlight=False, soft_wrap=True)
    if options.live:
        from conformance.live.command import run_live  # brings the transport

        return PASSED if run_live(options, console) else FAILED
    if options.members or options.html or options.no_wrong_password:
        raise _Misused("--members, --html and --no-wrong-password go with --live")
    slots = _chosen(options)
    bench = Bench.here(options.mappings)
    results = [run(slot, bench) for slot in slots]
    requirements = {
        channel: requirement.judged(requirement.read_requirements(channel, options.requirements), results)
        for channel in dict.fromkeys(slot.channel for slot in slots)
    }
    tell(results, requirements, console)
    if options.junit:
        options.junit.write_bytes(junit(results, datetime.now(UTC)))
    if options.json:
        options.json.write_text(as_json(results, requirements))
    return FAILED if any(result.verdict in BAD for result in results) else PASSED


def _record(options: argparse.Namespace, console: Console) -> int:
    from conformance.recording import record  # brings the transport, which no other command needs

    bench = Bench.here(options.mappings)
    for case in _readable(_chosen(options)):
        for path in record(case, bench, reply=options.reply, endpoint=options.endpoint):
            console.print(f"wrote {path}", markup=False, highlight=False, soft_wrap=True)
    return PASSED


def _generate(options: argparse.Namespace, console: Console) -> int:
    from conformance.recording import generate

    slots = _chosen(options)
    bench = Bench.here(options.mappings)
    written = [path for case in _readable(slots) for path in generate(case, bench)]
    everything = read_shelf(options.cases)
    for channel in dict.fromkeys(slot.channel for slot in slots):
        if path := requirement.rewrite(channel, everything, options.requirements):
            written.append(path)
    for path in written:
        console.print(f"wrote {path}", markup=False, highlight=False, soft_wrap=True)
    console.print("Read the diff against the published rules before you keep it.")
    return PASSED


def _check(options: argparse.Namespace, console: Console) -> int:
    slots = read_shelf(options.cases)
    faults = [fault for slot in slots for fault in slot.faults]
    faults += soundness_faults(slots)
    proofs = Proofs()
    for channel in dict.fromkeys(slot.channel for slot in slots):
        faults += requirement.requirement_faults(channel, slots, options.requirements, proofs)
    if options.cases == CASES:
        faults += assertion_faults(slots, options.requirements, proofs)
    for fault in sorted(faults):
        console.print(str(fault), markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(slots)} cases, {len(faults)} faults.", highlight=False)
    return FAILED if faults else PASSED


def _schema(options: argparse.Namespace, console: Console) -> int:
    del options
    told = json.dumps(CaseFile.model_json_schema(), indent=2)
    console.print(told, markup=False, highlight=False, soft_wrap=True)
    return PASSED


def _chosen(options: argparse.Namespace) -> tuple[Slot, ...]:
    names = options.case if isinstance(options.case, list) else [options.case] if options.case else []
    found = tuple(chosen(read_shelf(options.cases), options.channel, options.payer, names))
    if not found:
        raise _Misused("no case matches")
    return found


def _readable(slots: Sequence[Slot]) -> list[Case]:
    faults = [fault for slot in slots for fault in slot.faults]
    if faults:
        raise ProfileFaults(faults)
    return [slot.case for slot in slots if slot.case]


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--cases", type=Path, default=CASES, metavar="DIR", help="the folder of cases")
    shared.add_argument(
        "--requirements", type=Path, default=requirement.FOLDER, metavar="DIR", help="the folder of requirements"
    )
    shared.add_argument(
        "--mappings",
        type=Path,
        default=mappings_of(os.environ),
        metavar="DIR",
        help=f"the folder of profiles (default: {SETTING}, or the project's own)",
    )
    narrowing = argparse.ArgumentParser(add_help=False)
    narrowing.add_argument("--channel", help="only cases of this channel")
    narrowing.add_argument("--payer", help="only cases of this payer; with --live, whom to exercise")
    some = argparse.ArgumentParser(add_help=False)
    some.add_argument("--case", action="append", metavar="NAME", help="only this case; * and ? match, may be repeated")
    parser = argparse.ArgumentParser(prog="payer-gateway conformance", description="Cases as data, replayed.")
    acts = parser.add_subparsers(required=True, metavar="COMMAND")

    act = acts.add_parser(
        "run",
        parents=[shared, narrowing, some],
        help="replay cases and report, or exercise a payer's test endpoint (--live)",
        epilog=LIVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    act.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    act.add_argument("--json", type=Path, metavar="FILE", help="write results and requirements as JSON")
    act.add_argument("--live", metavar="CONNECTION", help="exercise the payer's endpoint over this test connection")
    act.add_argument("--members", type=Path, metavar="FILE", help="with --live: the payer's published test members")
    act.add_argument("--html", type=Path, metavar="FILE", help="with --live: write a page for the payer's engineers")
    act.add_argument("--no-wrong-password", action="store_true", help="with --live: show no wrong credential")
    act.set_defaults(act=_run)

    act = acts.add_parser("record", parents=[shared], help="write what a case says and hears")
    act.add_argument("case", metavar="CASE")
    source = act.add_mutually_exclusive_group()
    source.add_argument("--reply", type=Path, metavar="FILE", help="hear this reply: X12, or an HTTP message")
    source.add_argument("--endpoint", metavar="URL", help="hear the payer there, for example `payer-gateway sim`")
    act.set_defaults(act=_record, channel=None, payer=None)

    act = acts.add_parser("generate", parents=[shared, narrowing, some], help="rewrite what replies mean, to review")
    act.set_defaults(act=_generate)

    acts.add_parser("check", parents=[shared], help="check format, citations, requirements and names").set_defaults(
        act=_check
    )
    acts.add_parser("schema", help="print the JSON Schema of case.yaml").set_defaults(act=_schema)
    return parser
