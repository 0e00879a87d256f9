"""The short form of `make fuzz`: some inputs of a fixed seed and some of a fresh one, and a watch that is worth it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from secrets import token_hex

import pytest

from adapters.x12_278.codec import tokens
from adapters.x12_278.hearing import hear
from tests.fuzz.__main__ import main
from tests.fuzz.misbehaviour import beginning_badly, breaking_and_hanging, misbehaving
from tests.fuzz.targets import TARGETS, made
from tests.fuzz.trial import Broken
from tests.fuzz.watch import PROJECT, Caps, Finding, Tried, _Watch, watched

EACH = 60
"""Inputs for a target and a seed: two seconds for all of them where nothing else runs."""


def _try(target: str, seed: str) -> None:
    for index in range(EACH):
        _, tried = made(seed, index, target)
        try:
            tried.go()
        except Exception as error:
            error.add_note(f"made('{seed}', {index}, '{target}') of tests/fuzz/targets.py")
            raise


@pytest.mark.parametrize("seed", ["payer-gateway", token_hex(4)], ids=["fixed", "fresh"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_mutated_input_ends_as_the_contract_allows(target: str, seed: str) -> None:
    _try(target, seed)


def test_an_input_is_the_same_whenever_it_is_made() -> None:
    assert [made("again", index)[1].document for index in range(50)] == [
        made("again", index)[1].document for index in range(50)
    ]


def test_a_byte_lost_in_writing_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tokens.written
    monkeypatch.setattr(tokens, "written", lambda file: whole(file)[:-1])
    with pytest.raises(Broken):
        _try("codec", "lost")


def test_an_error_of_no_contract_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_of_no_contract(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(hear, "decode", raise_of_no_contract)
    with pytest.raises(KeyError):
        _try("hearing", "lost")


def test_what_breaks_hangs_or_eats_memory_is_found_and_the_rest_is_tried() -> None:
    said = list(watched(misbehaving, "seed", 0, 10, Caps(seconds=3.0, bytes=64 << 20)))
    found = {each.index: each.kind for each in said if isinstance(each, Finding)}
    assert found == {3: "KeyError", 5: "hangs", 7: found[7]}
    assert found[7] in ("eats memory", "MemoryError")
    end = said[-1]
    assert isinstance(end, Tried)
    assert (end.next, end.findings) == (10, 3)


def test_what_ended_by_itself_while_it_was_looked_at_is_no_finding_of_the_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where others are busy, a worker may be far ahead of what was measured of it."""
    measured = _Watch.reason
    late = iter(["eats memory"])

    def measure(watch: _Watch) -> str:
        if watch.at < 1 and (word := next(late, "")):
            while watch._place.value < 2:
                time.sleep(0.01)
            watch.at = 1
            return word
        return measured(watch)

    monkeypatch.setattr(_Watch, "reason", measure)
    said = list(watched(breaking_and_hanging, "seed", 0, 4, Caps(seconds=1.0)))
    assert [(each.index, each.kind) for each in said if isinstance(each, Finding)] == [(1, "KeyError"), (2, "hangs")]
    assert isinstance(said[-1], Tried)
    assert (said[-1].next, said[-1].findings) == (4, 2)


def test_the_command_keeps_what_breaks_and_says_how_to_try_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--inputs", "5", "--seed", "command", "--keep", str(tmp_path)], misbehaving) == 1
    said = capsys.readouterr().out
    assert "5 inputs in " in said
    assert "1 times KeyError" in said
    assert "make fuzz SEED=command ONLY=3" in said
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == made("command", 3)[1].document


def test_a_worker_that_cannot_begin_ends_the_run() -> None:
    with pytest.raises(ChildProcessError, match="ended with 3"):
        list(watched(beginning_badly, "seed", 0, 10))


def test_the_command_tries_every_target_in_a_worker(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", "20", "--seed", "command", "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 inputs in " in done.stdout
    assert " 0 findings" in done.stdout
