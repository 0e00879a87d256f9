"""The words of `payer-gateway x12 ...` and what they may be. Knows no document."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from gateway.model.people import LineOfBusiness

_COMPARED = (
    "What is otherwise, by loops and elements, counted data by their digest. Not compared are delimiters, line ends and"
    " encodings, and the numbers of levels: so neither is under which level another one hangs."
)


def parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"payer-gateway {name}", description="Exit codes: 0 accepted or the same, 1 not, 2 unreadable or not done."
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="a JSON object a line")
    payer = argparse.ArgumentParser(add_help=False)
    payer.add_argument("--payer", metavar="P", help="count what this payer wants otherwise; its code tables")
    file = argparse.ArgumentParser(add_help=False)
    file.add_argument("file", metavar="FILE", help="a document, or - for standard input")
    check = commands.add_parser("check", parents=[file, machine, payer], help="is it as the guides say? every fault")
    check.add_argument(
        "--line-of-business", metavar="L", choices=tuple(LineOfBusiness), help="and for this line of business"
    )
    check.add_argument("--on", type=_day, metavar="DATE", help="as it is on this day, YYYY-MM-DD (today)")
    check.add_argument(
        "--ack", type=Path, metavar="OUT", help="write what answers it, if anything does; OUT is removed first"
    )
    check.add_argument(
        "--number",
        type=_number,
        metavar="N",
        help="first control number of the answer (otherwise never one that this user of this machine took before)",
    )
    commands.add_parser("show", parents=[file], help="as a tree with names and values (PHI)")
    commands.add_parser("outcome", parents=[file, machine, payer], help="what a payer's answer means")
    diff = commands.add_parser(
        "diff", parents=[machine], help="what is otherwise, by loops and elements (PHI)", description=_COMPARED
    )
    diff.add_argument("a", metavar="A")
    diff.add_argument("b", metavar="B")
    return made


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


def _number(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError("a control number is from 1 to 999999999")
    return int(text)
