"""The gateway's own commands. Reads arguments, calls the room that does the work, turns known errors into one line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import uvloop
from rich.console import Console

from gateway.main.config import BadConfig, Config
from gateway.main.demo_processes import NotStarted
from gateway.profiles.faults import ProfileFaults
from gateway.store.advice import advise
from gateway.store.binaries import CannotStart
from gateway.store.errors import StoreError
from gateway.store.master_key import MasterKeyError
from gateway.store.schema import SchemaTooNew


def run(words: Sequence[str], handed: Sequence[str]) -> int:
    """``handed`` are the commands that others have."""
    options = _parser(handed).parse_args(words)
    try:
        return uvloop.run(_run(options))
    except (BadConfig, ProfileFaults, CannotStart, MasterKeyError, SchemaTooNew, NotStarted) as error:
        # Each says in our own words what is wrong and what to do.
        print(f"payer-gateway: {error}", file=sys.stderr)
        return 2
    except StoreError as error:
        # The driver's words may hold a value, so they are not shown.
        print(f"payer-gateway: {advise(error)}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _run(options: argparse.Namespace) -> int:
    # Imported where used: `--help` and `check` start without loading a web server and a SOAP library.
    if options.command == "demo":
        from gateway.main.demo import demo

        return await demo(Console())
    config = Config.read(data=options.data)
    match options.command:
        case "serve":
            from gateway.main.serve import serve

            await serve(config.at_port(options.port))
        case "work":
            from gateway.main.serve import work

            await work(config)
        case "submit":
            from gateway.main.client import submit

            return await submit(config, options.file, options.idempotency_key)
        case "show":
            from gateway.main.client import show

            return await show(config, options.id)
        case "explain":
            from gateway.main.explain import explain

            return await explain(config, options.id, phi=options.phi, console=Console(), evidence=options.evidence)
        case "check":
            from gateway.main.check import check, check_routes

            sound = check(config, Console()) == 0
            return await check_routes(config, Console()) if sound else 1
        case "arrivals":
            from gateway.main.arrivals import arrivals

            return await arrivals(config, options, Console())
        case "keys":
            from gateway.main.keys import keys

            return await keys(config, options, Console())
        case "policy":
            from gateway.main.policies import policy

            return await policy(config, options, Console())
    return 0


def _parser(handed: Sequence[str]) -> argparse.ArgumentParser:
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--data", type=Path, metavar="DIR", help="data directory (default: GATEWAY_DATA or ./data)")
    parser = argparse.ArgumentParser(
        prog="payer-gateway",
        description="One prior-authorization request in, every payer's channel out.",
        epilog=f"Also: {', '.join(handed)} (see `payer-gateway COMMAND --help`).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="watch real requests travel to simulated payers")
    serve = commands.add_parser("serve", parents=[data], help="the API and workers in one process")
    serve.add_argument("--port", type=int, help="port of the API (default: GATEWAY_PORT or 8080; 0 for any)")
    commands.add_parser("work", parents=[data], help="workers only")
    submit = commands.add_parser("submit", parents=[data], help="send a request file to the API")
    submit.add_argument("file", type=Path, metavar="FILE", help="a request as JSON, or - for standard input")
    submit.add_argument("--idempotency-key", metavar="KEY")
    show = commands.add_parser("show", parents=[data], help="print a case as the API shows it")
    show.add_argument("id", metavar="ID")
    explain = commands.add_parser("explain", parents=[data], help="the whole walk of a case, from the journal")
    explain.add_argument("id", metavar="ID")
    explain.add_argument("--phi", action="store_true", help="show the messages themselves")
    explain.add_argument("--evidence", type=Path, metavar="FOLDER", help="with --phi: write pictures of pages there")
    commands.add_parser("check", parents=[data], help="check profiles, code tables, conformance cases and adapters")
    keys = commands.add_parser("keys", parents=[data], help="make, list and revoke API keys; change the master key")
    acts = keys.add_subparsers(dest="act", required=True, metavar="ACT")
    tenant = argparse.ArgumentParser(add_help=False, parents=[data])
    tenant.add_argument("--tenant", required=True)
    create = acts.add_parser("create", parents=[tenant], help="make a key; it is shown once")
    create.add_argument("--mode", choices=["test", "live"], default="test")
    create.add_argument("--scope", action="append", metavar="SCOPE", help="may be repeated; default: all")
    create.add_argument("--name", default="")
    acts.add_parser("list", parents=[tenant], help="list keys, never their secrets")
    revoke = acts.add_parser("revoke", parents=[tenant], help="revoke a key")
    revoke.add_argument("id", metavar="ID")
    change = acts.add_parser("rewrap", parents=[data], help="change the master key, while no gateway runs")
    change.add_argument("file", type=Path, metavar="FILE", help="holds the new one: 32 bytes in base64, chmod 600")
    _policy(commands.add_parser("policy", help="what a change of packs does; what becomes of requests that fail"), data)
    _arrivals(
        commands.add_parser("arrivals", help="files and messages that payers sent: list, show, place again, put away"),
        data,
    )
    return parser


def _policy(parser: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    diff = acts.add_parser("diff", parents=[data], help="list the open cases that newly fail or pass, ids and rules")
    for name in ("old", "new"):
        diff.add_argument(name, type=Path, metavar=name.upper(), help="a folder like mappings/, or of packs alone")
    diff.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="as if filed on this day, not on their own")
    preflight = acts.add_parser("preflight", parents=[data], help="show a tenant's setting, or change it")
    preflight.add_argument("setting", nargs="?", choices=["block", "warn", "off"])
    preflight.add_argument("--tenant", required=True)


def _arrivals(parser: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", parents=[data], help="mailboxes, and what came lately")
    listed.add_argument("--state", choices=["stored", "heard", "quarantined", "repeated", "dismissed"])
    listed.add_argument("--limit", type=int, default=50, metavar="N")
    for act, says in (
        ("show", "what became of a file, letter by letter"),
        ("again", "place a file again that is quarantined or was put away"),
        ("dismiss", "put a file away that is nobody's; it is kept"),
    ):
        one = acts.add_parser(act, parents=[data], help=says)
        one.add_argument("id", metavar="ID")
        if act == "show":
            one.add_argument("--phi", action="store_true", help="show the file itself")
        elif act == "dismiss":
            one.add_argument("--why", required=True, metavar="TEXT", help="is kept, sealed")
