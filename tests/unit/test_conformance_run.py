"""Running cases: the five verdicts, the exit code, and what the reports say."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from rich.console import Console

from conformance.bench import MAPPINGS, Bench
from conformance.replay import run
from conformance.report import as_json, junit, tell
from conformance.runner import main
from conformance.shelf import Case, Slot, read_shelf
from conformance.verdict import Result, Verdict, worst
from gateway.contract.adapter import Exchange
from gateway.contract.frames import Https
from gateway.model.outcome import Answer, Outcome
from tests.unit.conformance_shelf import Shelf, change, empty_shelf

BENCH = Bench.here()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return empty_shelf(tmp_path)


def judged(shelf: Shelf, bench: Bench = BENCH) -> Result:
    (slot,) = read_shelf(shelf.root)
    return run(slot, bench)


def test_a_case_that_holds_passes(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    assert judged(shelf).verdict is Verdict.PASS


def test_another_outcome_fails_with_a_diff_of_it(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "outcome.json", '"outcome": "certified"', '"outcome": "not_certified"')
    result = judged(shelf)
    assert result.verdict is Verdict.FAIL
    (difference,) = result.differences
    assert '-      "outcome": "not_certified"' in difference.diff()
    assert '+      "outcome": "certified"' in difference.diff()


def test_a_source_that_moved_fails(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "outcome.json", '"path": "2000F/HCR01"', '"path": "2000E/HCR01"')
    assert judged(shelf).verdict is Verdict.FAIL


def test_other_bytes_sent_fail_with_a_diff_by_segment(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "sent.1.edi", "UM*HS*I*1*11:B~", "UM*HS*I*1*12:B~")
    (difference,) = judged(shelf).differences
    assert difference.what == "sent.1.edi"
    assert "-UM*HS*I*1*12:B~\n+UM*HS*I*1*11:B~" in difference.diff()


def test_another_envelope_sent_fails(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_single_drug")
    change(folder / "sent.1.http", "RealTime<", "Realtime<")
    assert [difference.what for difference in judged(shelf).differences] == ["sent.1.http"]


def test_losses_nobody_wrote_down_fail(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "losses.json").unlink()
    assert [difference.what for difference in judged(shelf).differences] == ["losses.json"]


def test_an_error_instead_of_an_outcome_fails_and_says_which(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "received.1.edi").unlink()
    (folder / "received.1.http").write_text("HTTP/1.1 503 Busy\nContent-Type: text/html\n\n<html></html>")
    result = judged(shelf)
    assert result.verdict is Verdict.FAIL
    assert "MaybeSent" in result.reason


def test_an_outcome_instead_of_an_error_fails(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "outcome.json").unlink()
    change(folder / "case.yaml", "verb: submit", "verb: submit\nraises: {error: MaybeSent}")
    assert judged(shelf).verdict is Verdict.FAIL


def test_a_case_without_its_outcome_is_an_error(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "outcome.json").unlink()
    result = judged(shelf)
    assert result.verdict is Verdict.ERROR
    assert "conformance generate" in result.reason


def test_a_case_that_cannot_be_read_is_an_error(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "case.yaml").write_text("title: [")
    assert judged(shelf).verdict is Verdict.ERROR


def test_settings_no_adapter_knows_are_an_error(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "verb: submit", "verb: submit\nsettings: {payer: {max_line: 3}}")
    result = judged(shelf)
    assert result.verdict is Verdict.ERROR
    assert "/max_line" in result.reason


def test_settings_of_the_case_replace_those_of_the_profile(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "verb: submit", "verb: submit\nsettings: {connection: {isa_sender_id: SOMEBODY}}")
    (difference, *_) = judged(shelf).differences
    assert "+ISA*00*          *00*          *ZZ*SOMEBODY       *" in difference.diff()


def test_a_payer_that_is_not_here_skips(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "payer: evergreen_health", "payer: nobody_at_all")
    assert judged(shelf).verdict is Verdict.SKIP


def test_a_channel_that_is_not_installed_skips(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    assert judged(shelf, replace(BENCH, adapters={})).verdict is Verdict.SKIP


def test_a_case_that_says_so_is_omitted(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "verb: submit", "verb: submit\nomit: The payer has changed its mind.")
    result = judged(shelf)
    assert (result.verdict, result.reason) == (Verdict.OMIT, "The payer has changed its mind.")


class Fake:
    """An adapter of one sentence, wrapped around what a test wants of it."""

    def __init__(self, real: Any, frames: int, error: Exception | None = None) -> None:
        self.real, self.frames, self.error = real, frames, error

    def submit(self, *_: object) -> Exchange:
        if self.error:
            raise self.error
        for _frame in range(self.frames):
            yield Https(method="POST", url="http://127.0.0.1/", effect=True)
        return Outcome(answer=Answer.RECEIVED)


@pytest.mark.parametrize(("frames", "reason"), [(2, "says 2 frames"), (0, "number of frames")])
def test_an_adapter_that_says_more_or_less_than_the_case_fails(shelf: Shelf, frames: int, reason: str) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "received.1.edi").unlink()
    (folder / "received.1.http").write_text("HTTP/1.1 200 OK\n\nbody")
    fake: Any = Fake(BENCH, frames)
    result = judged(shelf, replace(BENCH, adapters={"x12_278": fake}))
    assert result.verdict is Verdict.FAIL
    assert reason in result.reason


def test_an_adapter_that_breaks_its_contract_is_an_error_and_the_run_goes_on(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    fake: Any = Fake(BENCH, 0, RuntimeError("out of ideas"))
    result = judged(shelf, replace(BENCH, adapters={"x12_278": fake}))
    assert result.verdict is Verdict.ERROR
    assert "RuntimeError" in result.reason


def test_line_breaks_are_for_the_reader_unless_the_case_keeps_them(shelf: Shelf) -> None:
    shelf.take("document_other_delimiters")
    (slot,) = read_shelf(shelf.root)
    assert isinstance(slot.case, Case)
    heard = slot.case.received[0]
    assert isinstance(heard, bytes)
    assert slot.case.document(heard) == heard
    ignoring = replace(slot.case, file=slot.case.file.model_copy(update={"line_breaks": "ignored"}))
    assert b"\n" not in ignoring.document(heard)
    assert run(Slot("x12_278", slot.name, slot.folder, ignoring), BENCH).verdict is Verdict.FAIL


def test_the_worst_part_decides_the_whole() -> None:
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.SKIP]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.OMIT]) is Verdict.OMIT
    assert worst([]) is None


def test_the_command_ends_with_zero_only_when_nothing_failed(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.take("submit_approved_plain", "submit_pharmacy_line")
    xml, told = tmp_path / "junit.xml", tmp_path / "run.json"
    arguments = ["run", "--cases", str(shelf.root), "--junit", str(xml), "--json", str(told)]
    assert main(arguments) == 0
    assert json.loads(told.read_text())["verdicts"]["pass"] == 2
    change(folder / "outcome.json", '"certified"', '"pending"')
    assert main(arguments) == 1
    verdicts = {one["id"]: one["verdict"] for one in json.loads(told.read_text())["requirements"]}
    assert (verdicts["RS-01"], verdicts["RQ-10"], verdicts["RT-13"]) == ("fail", "pass", None)
    suite = etree.parse(xml).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_the_command_runs_on_the_profiles_the_gateway_would_start_on_and_says_so(
    shelf: Shelf,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shelf.take("submit_approved_plain")
    beside = tmp_path_factory.mktemp("mappings")
    own, theirs = beside / "own", beside / "theirs"
    for folder in (own, theirs):
        shutil.copytree(MAPPINGS, folder)
    change(theirs / "payers" / "evergreen_health.yaml", "umo_id: EVERGREEN", "umo_id: ANOTHER")
    arguments = ["run", "--cases", str(shelf.root)]
    monkeypatch.delenv("GATEWAY_MAPPINGS", raising=False)
    assert main(arguments) == 0
    assert f"profiles: {MAPPINGS}\n" in capsys.readouterr().out
    monkeypatch.setenv("GATEWAY_MAPPINGS", str(theirs))
    assert main(arguments) == 1, "another payer id is said"
    assert f"profiles: {theirs}\n" in capsys.readouterr().out
    assert main([*arguments, "--mappings", str(own)]) == 0
    assert f"profiles: {own}\n" in capsys.readouterr().out
    change(theirs / "codes" / "x12_hcr01.yaml", "A3: {means: not_certified,", "A3: {means: certified,")
    assert main(arguments) == 2
    assert "/codes/A3/means" in capsys.readouterr().out


def test_the_command_says_when_no_case_matches(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.take("submit_approved_plain")
    assert main(["run", "--cases", str(shelf.root), "--case", "nothing*"]) == 2
    assert "no case matches" in capsys.readouterr().out


RESULTS = (
    Result("x12_278", "good", "It holds.", Verdict.PASS, seconds=0.5),
    Result("x12_278", "bad", "It does not.", Verdict.ERROR, reason="a bell \x07 and a [bold]mark"),
    Result("x12_278", "away", "It is elsewhere.", Verdict.SKIP, reason="no such payer"),
)


def test_junit_is_well_formed_and_counts_what_it_holds() -> None:
    root = etree.fromstring(junit(RESULTS, datetime(2026, 11, 21, tzinfo=UTC)))
    (suite,) = root
    counted = {name: len(suite.findall(f"testcase/{name}")) for name in ("failure", "error", "skipped")}
    assert counted == {"failure": 0, "error": 1, "skipped": 1}
    assert suite.attrib["errors"] == "1"
    assert suite.attrib["skipped"] == "1"
    assert suite.attrib["tests"] == str(len(suite)) == "3"
    assert suite.attrib["time"] == "0.500"
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "a bell \\x07 and a [bold]mark"


def test_the_terminal_shows_every_case_and_the_reason_as_it_is() -> None:
    out = StringIO()
    tell(RESULTS, {}, Console(file=out, width=120))
    text = out.getvalue()
    assert "3 cases: 1 pass  1 error  1 skip" in text
    assert "[bold]mark" in text


def test_json_holds_a_verdict_for_each_case() -> None:
    told = json.loads(as_json(RESULTS, {}))
    assert [case["verdict"] for case in told["cases"]] == ["pass", "error", "skip"]


def test_a_channel_that_looks_like_markup_is_told_as_it_is() -> None:
    shown = StringIO()
    tell([Result("[bold]x[/nope]", "case", "title", Verdict.PASS)], {"[bold]x[/nope]": []}, Console(file=shown))
    assert shown.getvalue().count("[bold]x[/nope]") == 2
