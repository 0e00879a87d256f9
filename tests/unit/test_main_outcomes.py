"""`payer-gateway x12 outcome` puts what an answer means for a person and for a machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.test_main_documents import REQUEST, Command, x12
from tests.x12_material import EVENT, acknowledgement, response, ta1

__all__ = ["x12"]


def test_a_reason_is_told_once(x12: Command) -> None:
    code, out, _ = x12("outcome", response(EVENT, "HCR*A3**0F"))
    assert code == 0
    assert out.count("x12_hcr03 0F") == 1
    assert "lines: not_certified" in out


def test_what_was_supposed_is_told_and_that_nobody_knows_what_was_asked(x12: Command) -> None:
    document = response("UM*HS*3", "HCR*A1*AUTH1")
    assert "what was asked is not known" in x12("outcome", document)[1]
    assert "278 0001: cancelled (as of a cancellation)" in x12("outcome", document)[1]
    assert json.loads(x12("outcome", document, more=("--json",))[1])["supposed"] == "a cancellation"


def test_a_line_is_told_for_each_message_that_an_acknowledgement_names(x12: Command) -> None:
    words = ("AK2*278*0001*005010X217", "IK5*A", "AK2*278*0002*005010X217", "IK5*R*5", "AK9*P*2*2*1")
    code, out, _ = x12("outcome", acknowledgement(*words), more=("--json",))
    told = [json.loads(line) for line in out.splitlines()]
    assert (code, [each["answer"] for each in told]) == (0, ["received", "rejected"])
    two = ta1("A", number=43).replace(b"IEA*", b"TA1*000000044*260301*1004*R*006~IEA*")
    code, out, _ = x12("outcome", two, more=("--json",))
    assert (code, [json.loads(line)["answer"] for line in out.splitlines()]) == (0, ["received", "rejected"])


@pytest.mark.parametrize("name", ["nowhere/answer.edi", "folder", "file/answer.edi"])
def test_where_no_answer_can_be_put_nothing_is_said_of_the_document(x12: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    code, out, err = x12("check", REQUEST, more=("--ack", str(tmp_path / name)))
    assert (code, out) == (2, "")
    assert "cannot be written" in err


def test_what_the_exit_codes_are_is_told(x12: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        x12("check", more=("--help",))
    with pytest.raises(SystemExit):
        x12("--help")
    assert "2 unreadable or not done" in capsys.readouterr().out
