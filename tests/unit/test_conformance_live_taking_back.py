"""What a run against a payer takes back: only what the payer says is cancelled, and what it pends is asked about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.live import steps
from conformance.live.steps import Case, Course
from conformance.live.talk import Stamps, Talk
from conformance.verdict import Verdict
from gateway.contract.adapter import Filed
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.outcome import Answer, Outcome
from tests.x12_material import STAMP, destination, request


class Payer:
    """Both ends of the line: what is said, and these answers one after another, the last for ever."""

    def __init__(self, *answers: Answer | CannotExpress) -> None:
        self.answers = list(answers)
        self.said: list[str] = []

    def amend(self, *_: object) -> str:
        return "cancel"

    def inquire(self, *_: object) -> str:
        return "inquire"

    async def hold(self, step: str, exchange: str) -> Talk:
        self.said.append(exchange)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, CannotExpress):
            return Talk(step, (), None, answer)
        return Talk(step, (), Outcome(answer=answer), None)


async def taken_back(monkeypatch: pytest.MonkeyPatch, payer: Payer, cases: int = 1) -> Course:
    monkeypatch.setattr(steps, "PATIENCE", 0.05)
    monkeypatch.setattr(steps, "_BETWEEN", 0.01)
    unused: Any = None
    fixtures = cast("Any", SimpleNamespace(cancellations=True))
    course = Course(cast("Any", payer), unused, fixtures, None, cast("Any", payer), Stamps())
    filed = Filed(request=request(), stamp=STAMP)
    course.cases = [Case(f"case {number}", destination(), filed) for number in range(cases)]
    await course._take_back()
    return course


def verdicts(course: Course) -> list[Verdict]:
    assert {check.assertion for check in course.checks} == {"PP-06"}
    return [check.verdict for check in course.checks]


async def test_what_is_cancelled_at_once_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    payer = Payer(Answer.CANCELLED)
    course = await taken_back(monkeypatch, payer)
    assert (verdicts(course), course.cases[0].taken_back, payer.said) == ([Verdict.PASS], True, ["cancel"])


async def test_a_pended_cancellation_is_asked_about_until_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    payer = Payer(Answer.RECEIVED, Answer.RECEIVED, Answer.CANCELLED)
    course = await taken_back(monkeypatch, payer)
    assert (verdicts(course), course.cases[0].taken_back) == ([Verdict.PASS], True)
    assert payer.said == ["cancel", "inquire", "inquire"]


@pytest.mark.parametrize(
    "then", [Answer.RECEIVED, Answer.REVIEWED, CannotExpress(Inexpressible("", "no inquiries", "Call."))]
)
async def test_a_cancellation_that_is_never_confirmed_leaves_the_case_on_file(
    monkeypatch: pytest.MonkeyPatch, then: Answer | CannotExpress
) -> None:
    payer = Payer(Answer.RECEIVED, then)
    course = await taken_back(monkeypatch, payer)
    assert (verdicts(course), course.cases[0].taken_back) == ([Verdict.FAIL], False)
    assert "may still be on file" in course.checks[0].reason
    assert payer.said[:2] == ["cancel", "inquire"]


async def test_everything_is_cancelled_before_anything_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    payer = Payer(Answer.RECEIVED, Answer.RECEIVED, Answer.CANCELLED)
    course = await taken_back(monkeypatch, payer, cases=2)
    assert payer.said == ["cancel", "cancel", "inquire", "inquire"]
    assert [case.taken_back for case in course.cases] == [True, True]
