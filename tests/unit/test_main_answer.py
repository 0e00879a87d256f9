"""`payer-gateway x12 check --ack OUT`: OUT answers what was checked, and is there only then."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.x12_278.tools import X12Tools
from gateway.main import main
from tests.unit.test_main_documents import REQUEST, WRONG_CODE, Command, x12
from tests.unit.x12_checker import checked, told

__all__ = ["x12"]


def test_an_acknowledgement_is_written_that_the_checker_itself_takes(x12: Command, tmp_path: Path) -> None:
    answer = tmp_path / "answer.edi"
    assert x12("check", WRONG_CODE, more=("--ack", str(answer), "--number", "77"))[0] == 1
    written = answer.read_bytes()
    assert told(checked(written)) == []
    assert b"IK5*R*" in written
    assert b"000000077" in written
    assert x12("check", WRONG_CODE.replace("IEA*1*000000043", "IEA*1*000000044"), more=("--ack", str(answer)))[0] == 1
    assert b"TA1*000000043*" in answer.read_bytes()


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_the_document_that_is_checked_is_never_written_over(
    x12: Command, tmp_path: Path, link: Callable[[Path, Path], None] | None
) -> None:
    document, answer = tmp_path / "0.edi", tmp_path / ("answer.edi" if link else "0.edi")
    document.touch()
    if link:
        link(document, answer)
    code, out, err = x12("check", WRONG_CODE, more=("--ack", str(answer)))
    assert (code, out) == (2, "")
    assert "would be lost" in err
    assert document.read_text() == WRONG_CODE


def test_nor_is_it_where_standard_input_comes_from_it(tmp_path: Path) -> None:
    document = tmp_path / "0.edi"
    document.write_text(WRONG_CODE)
    with document.open("rb") as file:
        words = [sys.executable, "-m", "gateway.main", "x12", "check", "-", "--ack", str(document)]
        ran = subprocess.run(words, stdin=file, capture_output=True, check=False)
    assert (ran.returncode, b"would be lost" in ran.stderr) == (2, True)
    assert document.read_text() == WRONG_CODE


def test_a_link_stays_and_what_it_leads_to_is_written_with_the_mode_it_had(x12: Command, tmp_path: Path) -> None:
    answer, link = tmp_path / "answer.edi", tmp_path / "link"
    link.symlink_to(answer)
    assert x12("check", WRONG_CODE, more=("--ack", str(link)))[0] == 1
    assert link.is_symlink()
    assert b"IK5*R*" in answer.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.edi", "answer.edi", "link"]


def test_what_comes_once_only_is_answered_as_it_was_checked(x12: Command, tmp_path: Path) -> None:
    answer = tmp_path / "answer.edi"
    reader, writer = os.pipe()
    os.write(writer, WRONG_CODE.encode())
    os.close(writer)
    code, out, _ = x12("check", more=(f"/dev/fd/{reader}", "--ack", str(answer)))
    os.close(reader)
    assert (code, "2000E/UM02" in out) == (1, True)
    assert b"IK5*R*" in answer.read_bytes()


def test_standard_input_is_answered(x12: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WRONG_CODE.encode())))
    assert x12("check", more=("-", "--ack", str(tmp_path / "answer.edi")))[0] == 1
    assert b"IK5*R*" in (tmp_path / "answer.edi").read_bytes()


def test_a_file_that_becomes_another_is_answered_as_it_was_checked(
    x12: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = X12Tools.check

    def and_then_another(tools: X12Tools, *words: Any) -> bool:
        accepted = check(tools, *words)
        (tmp_path / "0.edi").write_text(REQUEST)
        return accepted

    monkeypatch.setattr(X12Tools, "check", and_then_another)
    assert x12("check", WRONG_CODE, more=("--ack", str(tmp_path / "answer.edi")))[0] == 1
    assert b"IK5*R*" in (tmp_path / "answer.edi").read_bytes()


def test_where_nothing_is_to_be_answered_nothing_is_there_and_that_is_told(x12: Command, tmp_path: Path) -> None:
    request, answer, again = tmp_path / "request.edi", tmp_path / "answer.edi", tmp_path / "again.edi"
    request.write_text(REQUEST)
    assert x12("check", more=(str(request), "--ack", str(answer)))[0] == 0
    again.write_text("what answered something else")
    code, out, _ = x12("check", more=(str(answer), "--ack", str(again)))
    assert (code, out.splitlines()[-1]) == (0, "nothing is to be answered")
    assert not again.exists()
    _, out, _ = x12("check", more=(str(answer), "--ack", str(again), "--json"))
    assert json.loads(out.splitlines()[-1]) == {"answer": None}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.edi", "request.edi"]


@pytest.mark.parametrize("more", [(), ("--payer", "nobody")])
def test_a_document_that_cannot_be_read_leaves_no_answer_to_another(
    x12: Command, tmp_path: Path, more: tuple[str, ...]
) -> None:
    answer = tmp_path / "answer.edi"
    answer.write_text("what answered something else")
    assert x12("check", "<html>", more=("--ack", str(answer), *more))[0] == 2
    assert not answer.exists()
    answer.write_text("what answered something else")
    assert main(["x12", "check", str(tmp_path / "nowhere"), "--ack", str(answer)]) == 2
    assert not answer.exists()


def test_a_device_is_written_to_and_stays_one(x12: Command) -> None:
    assert x12("check", WRONG_CODE, more=("--ack", "/dev/null"))[0] == 1
    assert Path("/dev/null").is_char_device()


def test_an_answer_that_cannot_be_written_is_told_and_leaves_nothing(x12: Command, tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "nowhere" / "answer.edi"):
        code, _, err = x12("check", WRONG_CODE, more=("--ack", str(where)))
        assert (code, "cannot be written" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["0.edi"]
