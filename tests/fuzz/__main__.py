"""`make fuzz`: mutated inputs by the million, in a worker that is watched. Prints rate and findings. Exit code 1: some.

An input is made of its seed and its number, so that a run goes on where it stopped (``--seed S --first K``) and any
input can be tried alone (``--only K``). What breaks something is kept under build/fuzz.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from tests.fuzz.targets import TARGETS, attempt, made
from tests.fuzz.watch import PROJECT, Caps, Finding, Slowest, Trial, Tried, watched

KEPT = PROJECT / "build" / "fuzz"
_EVERY = 10.0


def main(arguments: Sequence[str] | None = None, trial: Trial = attempt) -> int:
    options = _parser().parse_args(arguments)
    seed = options.seed or token_hex(4)
    if options.only is not None:
        return _alone(seed, options.only, options.keep)
    caps = Caps(options.seconds, options.megabytes << 20)
    last = options.first + options.inputs
    print(f"seed {seed}, inputs {options.first} to {last - 1}, targets: {', '.join(TARGETS)}", flush=True)
    started = told = time.monotonic()
    kinds: Counter[tuple[str, str]] = Counter()
    tried = Tried(options.first, 0, Slowest(0.0, options.first), 0)
    try:
        for each in watched(trial, seed, options.first, last, caps):
            if isinstance(each, Tried):
                tried = each
                if time.monotonic() - told > _EVERY:
                    told = time.monotonic()
                    print(_line(tried, options.first, started), flush=True)
                continue
            kind = each.kind, each.place
            kinds[kind] += 1
            if kinds[kind] == 1:
                _keep(each, seed, options.keep)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    print(_line(tried, options.first, started))
    for (name, place), count in kinds.most_common():
        print(f"{count} times {name} {place}")
    if tried.next < last:
        left = last - tried.next
        print(f"to go on: make fuzz SEED={seed} FIRST={tried.next} N={left}")
    return 1 if kinds else 0


def _line(tried: Tried, first: int, started: float) -> str:
    done, taken = tried.next - first, time.monotonic() - started
    return (
        f"{done} inputs in {taken:.0f} s ({done / max(taken, 0.001):.0f} a second), {tried.findings} findings, "
        f"slowest {tried.slowest[0]:.2f} s (input {tried.slowest[1]}), {tried.most >> 20} MB beyond the beginning"
    )


def _keep(found: Finding, seed: str, folder: Path) -> None:
    """The input, and how to try it again."""
    folder.mkdir(parents=True, exist_ok=True)
    name, tried = made(seed, found.index)
    path = folder / f"{seed}-{found.index}-{name}"
    path.write_bytes(tried.document)
    print(f"FOUND by {name} in input {found.index}: {found.kind} {found.place}\n{found.says}")
    print(f"the input is in {path}; to try it again: make fuzz SEED={seed} ONLY={found.index}", flush=True)


def _alone(seed: str, index: int, folder: Path) -> int:
    """In this process, for a debugger; what it raises is raised."""
    folder.mkdir(parents=True, exist_ok=True)
    name, tried = made(seed, index)
    path = folder / f"{seed}-{index}-{name}"
    path.write_bytes(tried.document)
    print(f"{name}, {len(tried.document)} bytes, in {path}", flush=True)
    tried.go()
    print("nothing found")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--inputs", type=int, default=1_000_000, help="how many (N)")
    parser.add_argument("--seed", default="", help="of which run (SEED); a fresh one unless given")
    parser.add_argument("--first", type=int, default=0, help="number of the first input (FIRST)")
    parser.add_argument("--only", type=int, help="try this one input, without a worker (ONLY)")
    parser.add_argument("--seconds", type=float, default=Caps.seconds, help="of work on one input at most")
    parser.add_argument("--megabytes", type=int, default=Caps.bytes >> 20, help="held at most beyond the beginning")
    parser.add_argument("--keep", type=Path, default=KEPT, help="the folder of inputs that break something")
    return parser


if __name__ == "__main__":
    sys.exit(main())
