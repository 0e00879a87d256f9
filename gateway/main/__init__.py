"""The command line: whose command it is. Nothing of the gateway is loaded for a command that looks at documents
or sets a machine up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

_COMMANDS = "payer_gateway.commands"
_TOOLS = "payer_gateway.tools"
_SETUP = "setup"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 refused or failed, 2 wrong use."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    handed = {entry.name: entry for entry in entry_points(group=_COMMANDS)}
    if words and words[0] in handed:
        code: int = handed[words[0]].load()(words[1:])
        return code
    tools = {entry.name: entry for entry in entry_points(group=_TOOLS)}
    if words and words[0] in tools:
        from gateway.main.documents import run

        return run(tools[words[0]], words[1:])
    if words and words[0] == _SETUP:
        from gateway.main import setup_browser

        return setup_browser.run(words[1:])
    from gateway.main import line

    return line.run(words, sorted({*handed, *tools, _SETUP}))
