"""`payer-gateway x12 check` puts what it finds for a person and for a machine."""

from __future__ import annotations

import json

import pytest

from tests.unit.test_main_documents import REQUEST, Command, x12

__all__ = ["x12"]


def test_what_is_found_is_told_without_values_and_for_machines_too(x12: Command) -> None:
    secret = REQUEST.replace("UM*HS*I", "UM*HS*SECRET").replace("TESTPERSON", "SECRET" * 20)
    _, shown, _ = x12("check", secret)
    code, out, _ = x12("check", secret, more=("--json",))
    assert "SECRET" not in shown + out
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert {line["fault"]["at"] for line in lines if "fault" in line} == {"2000E/UM02", "2010C/NM103"}
    assert lines[-1]["verdict"] == "rejected"
    assert lines[-1]["transactions"] == {"accepted": 0, "warned": 0, "rejected": 1}


def test_many_faults_alike_are_counted_for_a_person_and_all_told_to_a_machine(x12: Command) -> None:
    services = "".join(f"HL*{number}*4*SS*0~\nSV1*HC:J9271**XX*1~\n" for number in range(6, 36))
    other = REQUEST.replace("SE*16", f"{services}SE*{16 + 60}").replace("DTP*472*D8*20261201~\n", "DTP*472*D8*2026~\n")
    code, out, _ = x12("check", other)
    told = [line for line in out.splitlines() if "2000F/SV103" in line]
    assert code == 1
    assert len(told) == 21
    assert told[-1].startswith("10 more at 2000F/SV103, 30 in all: ")
    assert out.count("2000F/DTP03") == 1
    _, out, _ = x12("check", other, more=("--json",))
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["fault"]["at"] for line in lines if "fault" in line].count("2000F/SV103") == 30


def test_twenty_faults_alike_are_not_counted(x12: Command) -> None:
    services = "".join(f"HL*{number}*4*SS*0~\nSV1*HC:J9271**XX*1~\n" for number in range(6, 26))
    _, out, _ = x12("check", REQUEST.replace("SE*16", f"{services}SE*{16 + 40}"))
    assert out.count("2000F/SV103") == 20
    assert " more at " not in out


@pytest.mark.parametrize("letter", ["\xd1", "\xe9", "\xfc", "\x07"])
def test_a_letter_of_another_language_is_refused_with_the_set_it_is_not_in(x12: Command, letter: str) -> None:
    for charset in ("utf-8", "latin-1"):
        code, out, _ = x12("check", REQUEST.replace("TESTPERSON", f"TESTP{letter}RSON").encode(charset))
        assert code == 1
        assert "2010C/NM103" in out
        assert "outside of the basic and extended character sets" in out
        assert "N with a tilde" in out
