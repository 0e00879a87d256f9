"""Writing cases: what record and generate put down is what a run then holds against the adapter."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from conformance import recording
from conformance.bench import CASES, MAPPINGS
from conformance.requirement import FOLDER
from conformance.runner import main
from conformance.simulators.server import Options
from tests.unit.conformance_shelf import Shelf, change, empty_shelf
from tests.unit.simulator_messages import calling


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return empty_shelf(tmp_path / "cases")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_generating_again_changes_nothing(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "requirements")
    shutil.copytree(CASES, tmp_path / "cases")
    folders = ["--cases", str(tmp_path / "cases"), "--requirements", str(tmp_path / "requirements")]
    assert main(["generate", *folders]) == 0
    assert contents(tmp_path / "cases") == contents(CASES)
    assert contents(tmp_path / "requirements") == contents(FOLDER)


def test_recording_writes_what_is_said(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_single_drug")
    before = contents(folder)
    change(folder / "sent.1.edi", "UM*HS*I", "UM*SC*I")
    change(folder / "sent.1.http", "RealTime<", "Realtime<")
    assert main(["record", "submit_approved_single_drug", "--cases", str(shelf.root)]) == 0
    assert contents(folder) == before


def test_recording_a_document_makes_it_the_reply(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.take("core_success", "submit_renewal_with_previous_number")
    given = tmp_path / "answer.edi"
    shutil.copy(CASES / "x12_278" / "submit_pended_updates_follow" / "received.1.edi", given)
    (folder / "outcome.json").unlink()
    assert main(["record", "core_success", "--cases", str(shelf.root), "--reply", str(given)]) == 0
    assert (folder / "received.1.edi").read_bytes() == given.read_bytes()
    assert not (folder / "received.1.http").exists()
    assert main(["run", "--case", "core_success", "--cases", str(shelf.root)]) == 1


def test_recording_a_message_without_a_document_keeps_it_whole(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.take("core_success", "submit_renewal_with_previous_number")
    given = tmp_path / "answer.http"
    given.write_bytes(b"HTTP/1.1 503 Busy\ncontent-type: text/html\n\n<html>\r\n</html>")
    assert main(["record", "core_success", "--cases", str(shelf.root), "--reply", str(given)]) == 0
    assert (folder / "received.1.http").read_bytes().endswith(b"\n\n<html>\r\n</html>")


def test_recording_needs_a_payer_that_answers(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shelf.take("submit_approved_plain")
    before = contents(folder)
    nobody = ["--endpoint", "http://127.0.0.1:1/core"]
    assert main(["record", "submit_approved_plain", "--cases", str(shelf.root), *nobody]) == 2
    assert contents(folder) == before
    assert "payer-gateway conformance:" in capsys.readouterr().out


async def test_a_conversation_with_a_payer_is_recorded_and_replays(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options()
    monkeypatch.setenv("GATEWAY_SECRET_CORE_USERNAME", options.username)
    monkeypatch.setenv("GATEWAY_SECRET_CORE_PASSWORD", options.password)
    folder = shelf.take("submit_approved_single_drug")
    for name in ("received.1.edi", "outcome.json", "losses.json", "sent.1.edi", "sent.1.http"):
        (folder / name).unlink()
    cases = ["--cases", str(shelf.root)]
    async with calling(options) as payer:
        endpoint = ["--endpoint", f"{payer.url}/core"]
        assert await asyncio.to_thread(main, ["record", "submit_approved_single_drug", *cases, *endpoint]) == 0
    assert b"HCR*A1*" in (folder / "received.1.edi").read_bytes()
    assert main(["generate", *cases, "--requirements", str(shelf.root)]) == 0
    assert main(["run", *cases]) == 0


@pytest.mark.parametrize("verdict", ["forbidden", "unknown"])
def test_a_site_without_its_owners_leave_is_not_recorded_either(
    tmp_path: Path, verdict: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recording, "Portals", lambda *_: pytest.fail("it looked for a browser"))
    shelf = empty_shelf(tmp_path / "cases", "portal")
    shelf.take("ironwood_pended", "ironwood_filed")
    before = contents(shelf.root)
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    change(tmp_path / "mappings/connections/demo_ironwood.yaml", "verdict: allowed", f"verdict: {verdict}")
    where = ["--cases", str(shelf.root), "--mappings", str(tmp_path / "mappings")]
    assert main(["record", "ironwood_pended", *where, "--endpoint", "http://127.0.0.1:9/ironwood/"]) != 0
    assert f"the verdict on its terms is {verdict}" in capsys.readouterr().out
    assert contents(shelf.root) == before


def test_nothing_is_recorded_over_a_live_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a case submits is about nobody: on file at a payer it would be a false request."""
    monkeypatch.setattr(recording, "Portals", lambda *_: pytest.fail("it looked for a browser"))
    shelf = empty_shelf(tmp_path / "cases", "portal")
    shelf.take("ironwood_pended", "ironwood_filed")
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    connection = tmp_path / "mappings/connections/demo_ironwood.yaml"
    change(connection, "mode: test", "mode: live")
    change(connection, "endpoint: http://127.0.0.1:9840/", "endpoint: https://portal.ironwood.example.org/")
    payer = tmp_path / "mappings/payers/ironwood_plan.yaml"
    change(payer, "synthetic: true\n", "")
    change(payer, "settle_seconds: 3\n  reconcile: [1, 2, 3, 5]", "settle_seconds: 600\n  reconcile: [1, 300, 700]")
    where = ["--cases", str(shelf.root), "--mappings", str(tmp_path / "mappings")]
    assert main(["record", "ironwood_pended", *where, "--endpoint", "https://portal.example.org/ironwood/"]) != 0
    assert "is live" in capsys.readouterr().out
