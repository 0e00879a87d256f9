"""`payer-gateway x12` at a terminal that takes less than it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.unit.guide_documents import interchange
from tests.unit.test_guides_x12_278 import request

SHOW = [sys.executable, "-m", "gateway.main", "x12", "show"]


def document(folder: Path) -> str:
    text = interchange("HI", "005010X217", request()).replace("TESTPERSON", "TESTPERSO\u00d1")
    (folder / "0.edi").write_text(text, encoding="utf-8")
    return str(folder / "0.edi")


def test_who_has_seen_enough_of_a_document_is_told_of_no_failure(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([*SHOW, document(tmp_path)], check=False, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_a_terminal_cannot_write_is_spelled_out(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*SHOW, document(tmp_path)], check=False, capture_output=True, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"TESTPERSO\\xd1" in done.stdout
