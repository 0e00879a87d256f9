"""When an answer came and under which status and number, in one answer and over a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conformance.live import http_answers, x12_answers
from conformance.live.talk import Said
from conformance.verdict import Verdict
from gateway.contract.errors import MaybeSent
from tests.unit.test_conformance_live_answers import ADVICE, ANSWER, GOOD, TYPE_OF, asked, soap, unkept


@pytest.mark.parametrize("carrier", sorted(GOOD))
def test_an_answer_under_a_status_that_denies_it_is_named(carrier: str) -> None:
    assert unkept(carrier, replace(GOOD[carrier], status=500)) == {"RT-15"}


@pytest.mark.parametrize(
    ("seconds", "named"), [(19.9, {"RT-15": Verdict.ERROR}), (20.1, {"RT-15": Verdict.ERROR, "RT-16": Verdict.FAIL})]
)
def test_what_did_not_come_in_time_is_late(seconds: float, named: dict[str, Verdict]) -> None:
    lost = Said(1, "file", asked("core_soap"), None, MaybeSent("no reply"), datetime(2026, 11, 22, tzinfo=UTC), seconds)
    assert {check.assertion: check.verdict for check in http_answers.unheard(lost, http_answers.LONGEST)} == named


@pytest.mark.parametrize("found", ["20261122", "20261121", "20261123"])
def test_the_day_of_an_answer_may_be_that_of_another_time_zone(found: str) -> None:
    told = ANSWER.replace("*20261122*1200*1*X", f"*{found}*1200*1*X")
    assert unkept("core_soap", soap(told)) == set()
    assert unkept("core_soap", soap(told.replace(found, "20261124"))) == {"EN-09"}


@pytest.mark.parametrize("carrier", ["core_soap", "core_mime"])
def test_a_time_stamp_of_another_day_than_the_answers_is_named(carrier: str) -> None:
    def dated(day: bytes) -> set[str]:
        assert b"2026-11-22T" in GOOD[carrier].body
        return unkept(carrier, replace(GOOD[carrier], body=GOOD[carrier].body.replace(b"2026-11-22T", day + b"T")))

    assert [dated(day) for day in (b"2026-11-21", b"2026-11-23")] == [set(), set()]
    assert [dated(day) for day in (b"1999-11-22", b"2026-11-24")] == [{"RT-06"}, {"RT-06"}]


def test_an_interchange_control_number_that_comes_twice_is_named() -> None:
    said = [
        Said(number, "file", asked("core_soap"), reply, None, datetime(2026, 11, 22, tzinfo=UTC), 0.1)
        for number, reply in enumerate([soap(ANSWER), soap(ADVICE, TYPE_OF[ADVICE]), soap(ANSWER)], start=1)
    ]
    checks = list(x12_answers.numbers(said, "core_soap"))
    assert [check.verdict for check in checks] == [Verdict.PASS, Verdict.PASS, Verdict.FAIL]
    assert checks[2].reason == "ISA13 is that of message 1"
