"""`payer-gateway x12 ...`, or of any other channel whose tools are installed: people look at its documents.

Opens files and prints; what is in them is for the tools, which are found by entry point. Files of any size are read in
pieces where the command lets them be. Exit codes: 0 accepted or the same, 1 rejected or different, 2 unreadable, or
what was asked for could not be done.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, BinaryIO, cast

from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.guides import GuideFiles
from gateway.contract.tools import Layers, Said, Tools
from gateway.main.answer import Answer
from gateway.main.config import BadConfig, Config
from gateway.main.document_options import parser
from gateway.main.numbering import take_numbers
from gateway.model.outcome import Outcome
from gateway.model.people import LineOfBusiness
from gateway.profiles.faults import ProfileFaults
from gateway.profiles.guides import read_guides
from gateway.profiles.library import Library

_PIECE = 64 * 1024
_MOST = 256 * 1024 * 1024
"""Bytes of a document that is read whole."""
_IN_MEMORY = 32 * 1024 * 1024
_STANDARD_INPUT = 0
_ITS_OWN = "with its code tables and its time zone"
_UNASKED = (
    "what was asked is not known: whose this is, which lines are meant, and whether all that was asked for is granted,"
    " is not told"
)
_OTHERWISE = ", for no payer was named; --payer names another"


def run(entry: EntryPoint, words: Sequence[str]) -> int:
    """Run a command of these tools."""
    tools: Tools = entry.load()
    options = parser(entry.name).parse_args(words)
    if isinstance(sys.stdout, io.TextIOWrapper):  # what it cannot write is spelled out
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _Bench(tools, Config.read(), options).run()
        sys.stdout.flush()
        return code
    except Unreadable as error:
        print(f"payer-gateway: unreadable: {error}", file=sys.stderr)
    except (BadConfig, ProfileFaults, ValueError) as error:
        print(f"payer-gateway: {error}", file=sys.stderr)
    except BrokenPipeError:  # who reads has seen enough; of a verdict not all was told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if options.command == "show" else 2
    return 2


class _Bench:
    def __init__(self, tools: Tools, config: Config, options: argparse.Namespace) -> None:
        self._tools = tools
        self._config = config
        self._options = options

    def run(self) -> int:
        match self._options.command:
            case "check":
                return self._check()
            case "show":
                for line in self._tools.show(self._pieces(self._options.file), self._guides()):
                    print(line)
                return 0
            case "outcome":
                return self._outcome()
        return self._diff()

    def _check(self) -> int:
        options = self._options
        if options.ack:
            return self._answered(Answer(options.ack))
        return 0 if self._tools.check(self._pieces(options.file), self._guides(), self._layers(), self._say) else 1

    def _answered(self, answer: Answer) -> int:
        """Checks, and answers just the bytes that were checked: the document is read once, for a pipe gives nothing
        twice, and a file may be another by then."""
        options, at = self._options, datetime.now(UTC)
        answer.is_other_than(options.file if options.file != "-" else _STANDARD_INPUT)
        answer.remove()
        with _opened(options.file) as file:
            guides, layers = self._guides(), self._layers()
            with _copied(file) as copy:
                accepted = self._tools.check(_from_the_start(copy), guides, layers, self._say)
                taken: list[int] = []

                def numbers(count: int) -> Sequence[int]:
                    first = options.number
                    taken[:] = (
                        range(first, first + count) if first else take_numbers(self._config.environment, count, at)
                    )
                    return taken

                written = self._tools.acknowledge(lambda: _from_the_start(copy), guides, layers, at, numbers, self._say)
        if written:
            answer.write(written)
            self._say(
                Said(f"answered under control number {', '.join(map(str, taken))}", {"answer": {"numbers": taken}})
            )
        else:
            self._say(Said("nothing is to be answered", {"answer": None}))
        return 0 if accepted else 1

    def _outcome(self) -> int:
        to, document = self._destination(), self._whole(self._options.file)
        if not self._options.json:
            print(f"read as {to.payer} (over {to.connection}): {_ITS_OWN}{'' if self._options.payer else _OTHERWISE}")
            print(_UNASKED)
        code = 0
        for name, outcome, supposed in self._tools.outcomes(document, to):
            if isinstance(outcome, Unreadable):
                code = 2
            if self._options.json:
                told = {"supposed": supposed} if supposed else {}
                print(json.dumps({"transaction": name, "read_as": to.payer, **told, **_shown(outcome)}))
            else:
                print(f"{name}: {_told(outcome)}{f' (as of {supposed})' if supposed else ''}")
        return code

    def _diff(self) -> int:
        found = False
        one, other = self._whole(self._options.a), self._whole(self._options.b)
        for said in self._tools.differences(one, other, self._guides()):
            found = True
            self._say(said)
        return 1 if found else 0

    def _say(self, said: Said) -> None:
        told = said.data and json.dumps(dict(said.data)) if self._options.json else said.text
        if told:
            print(told)

    def _guides(self) -> GuideFiles:
        return read_guides(self._config.mappings, self._tools.guides)

    def _library(self) -> Library:
        # Imported where used: database, queue and wire take longer to load than a document to check.
        from gateway.main.house import load_adapters, load_library

        return load_library(self._config, load_adapters())

    def _layers(self) -> Layers:
        """What the payer wants otherwise, told before anything is checked against it."""
        options = self._options
        if options.payer is None:
            if options.line_of_business or options.on:
                raise BadConfig("--line-of-business and --on are of a payer: name it with --payer.")
            return ()
        library, on = self._library(), options.on or datetime.now(UTC).date()
        to = self._destination()
        business = options.line_of_business and LineOfBusiness(options.line_of_business)
        if business and business not in library.payer(to.payer).lines_of_business:
            raise BadConfig(
                f"{to.payer} does not serve {business}: {', '.join(library.payer(to.payer).lines_of_business)}."
            )
        layers = library.destination(to.payer, to.connection, business, on).layers
        names = ", ".join(dict.fromkeys(layer.name for layer in layers))
        says = f"counted beside the guide: {names}" if layers else "this payer wants nothing otherwise than the guide"
        self._say(Said(f"{says} (on {on}, over {to.connection})", {"layers": [layer.name for layer in layers]}))
        return layers

    def _destinations(self) -> list[Destination]:
        library, payer = self._library(), self._options.payer
        if payer is not None and payer not in {each.payer for each in library.payers()}:
            raise BadConfig(f"There is no payer {payer}: {', '.join(each.payer for each in library.payers())}.")
        return [
            library.destination(each.payer, route.connection)
            for each in library.payers()
            for route in each.routes
            if payer in (None, each.payer) and library.connection(route.connection).channel == self._tools.channel
        ]

    def _destination(self) -> Destination:
        """Whose words are to be understood. Where nobody was named it is the first of the channel, and that is told."""
        found = self._destinations()
        if not found:
            raise BadConfig(f"No payer is reached by {self._tools.channel}, so nothing says what its codes mean.")
        return found[0]

    def _pieces(self, name: str) -> Iterator[bytes]:
        with _opened(name) as file:
            yield from _read(file)

    def _whole(self, name: str) -> bytes:
        with _opened(name) as file:
            text = file.read(_MOST + 1)
        if len(text) > _MOST:
            raise BadConfig(f"{name} is larger than 256 MB, which is too much for this command. Split it.")
        return text


def _read(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _from_the_start(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return _read(file)


@contextmanager
def _copied(file: BinaryIO) -> Iterator[BinaryIO]:
    """All there is to read: in memory, or where that would be much in a file without a name."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        try:
            shutil.copyfileobj(file, copy, _PIECE)
        except OSError as error:
            raise BadConfig(f"The document cannot be kept until it is answered ({type(error).__name__}).") from None
        yield cast(BinaryIO, copy)


def _shown(outcome: Outcome | Unreadable) -> dict[str, Any]:
    if isinstance(outcome, Unreadable):
        return {"unreadable": outcome.what, "at": outcome.at}
    return outcome.model_dump(mode="json", exclude_defaults=True)


def _told(outcome: Outcome | Unreadable) -> str:
    if isinstance(outcome, Unreadable):
        return f"unreadable: {outcome}"
    lines = ", ".join(line.outcome for line in outcome.lines)
    reasons = [*outcome.reasons, *(reason for line in outcome.lines for reason in line.reasons)]
    told = dict.fromkeys(f"{reason.word} ({reason.code_system} {reason.code})" for reason in reasons)
    parts = [outcome.answer, lines and f"lines: {lines}", told and f"because: {', '.join(told)}", outcome.attention_why]
    return "; ".join(part for part in parts if part)


def _opened(name: str) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise BadConfig(
            f"{name} cannot be read ({type(error).__name__}). Check the name and its permissions."
        ) from None
