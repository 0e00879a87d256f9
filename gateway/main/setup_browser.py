"""`payer-gateway setup browser`: sees to it that portals can be reached from here, and proves it.

Loads no more than it needs, as `make` calls it: neither database nor web server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from gateway.transport.browser.find import Chromium, NoBrowser, Origin
from gateway.transport.browser.installing import set_up
from gateway.transport.browser.proof import Proof

_FOUND = {
    Origin.VARIABLE: f"named by {Origin.VARIABLE}",
    Origin.BUNDLE: "Playwright's own",
    Origin.PATH: "found on the PATH",
}


def run(words: Sequence[str]) -> int:
    """Run `payer-gateway setup` with these arguments. Exit codes: 0 done, 1 no browser that works, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="payer-gateway setup", description="What else this machine needs.")
    things = parser.add_subparsers(required=True, metavar="THING")
    browser = things.add_parser("browser", help="find a Chromium for payers' portals, or install one; render a page")
    browser.add_argument("--note", type=Path, metavar="FILE", help="write its path into this file")
    options = parser.parse_args(words)
    try:
        return uvloop.run(setup_browser(os.environ, options.note, Console()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def setup_browser(environment: Mapping[str, str], note: Path | None, console: Console) -> int:
    """Find a browser or install one, and render a page. Exit code 1 when there is none that works.

    ``note`` is a file for its path: whoever calls again only when needed looks whether that is still there.
    """
    started = time.monotonic()

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    try:
        chromium, proof = await set_up(environment, tell)
    except NoBrowser as error:
        print(f"payer-gateway: {error}", file=sys.stderr)
        return 1
    for line in _told(chromium, proof, time.monotonic() - started):
        tell(line)
    if note is not None:
        _keep(note, chromium)
    return 0


def _keep(note: Path, chromium: Chromium) -> None:
    note.write_text(f"{chromium.path}\n")


def _told(chromium: Chromium, proof: Proof, seconds: float) -> tuple[str, str]:
    shut = "in its sandbox" if proof.sandboxed else "without its sandbox, for this is root"
    return (
        f"browser: {chromium.path} ({_FOUND[chromium.origin]})",
        f"{proof.product} rendered a page, {shut}; {seconds:.1f} s in all",
    )
