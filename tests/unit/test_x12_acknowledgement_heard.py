"""A 999 that is not quite one, in place of an answer: understood where it can be, and never guessed."""

from __future__ import annotations

import pytest

from gateway.model.outcome import Answer
from tests.x12_material import acknowledgement, outcome_of

AK2 = "AK2*278*0001*005010X217"


def heard(*segments: str) -> Answer:
    return outcome_of(acknowledgement(*segments)).answer


@pytest.mark.parametrize("word", ["IK5", "AK5"])
def test_a_verdict_in_the_older_spelling_is_the_same(word: str) -> None:
    assert heard(AK2, f"{word}*A", "AK9*A*1*1*1") is Answer.RECEIVED
    outcome = outcome_of(acknowledgement(AK2, "AK3*UM*9*2000E*5*8", "AK4*2:1*1322*7", f"{word}*R*5", "AK9*R*1*1*0"))
    assert outcome.answer is Answer.REJECTED
    assert [reason.code for reason in outcome.reasons] == ["IK304.5", "IK403.7", "IK502.5"]
    assert (outcome.reasons[1].text or "").startswith("segment UM (number 9) in loop 2000E, element 2-1: ")


def test_of_several_groups_ours_counts() -> None:
    others = ["AK9*A*1*1*1", "AK1*HI*18*005010X217", AK2, "IK5*R*5", "AK9*R*1*1*0"]
    assert heard(AK2, "IK5*A", *others) is Answer.RECEIVED
    first = acknowledgement(AK2, "IK5*R*5", *others).replace(b"AK1*HI*17*", b"AK1*HI*16*")
    assert outcome_of(first.replace(b"AK1*HI*18*", b"AK1*HI*17*")).answer is Answer.REJECTED


def test_two_groups_of_our_number_are_nobodys() -> None:
    again = ["AK1*HI*17*005010X217", AK2, "IK5*R*5", "AK9*R*1*1*0"]
    assert heard(AK2, "IK5*A", "AK9*A*1*1*1", *again) is Answer.UNMAPPED


@pytest.mark.parametrize(
    "segments",
    [
        ["IK5*R*5", "AK9*A*1*1*1"],
        [AK2, "IK5*A", "IK5*R*5", "AK9*A*1*1*1"],
        [AK2, "IK5*A", "AK9*A*1*1*1", "AK9*R*1*1*0"],
        [AK2, "IK5*A", AK2, "IK5*R*5", "AK9*P*2*2*1"],
    ],
)
def test_a_999_that_says_two_things_is_not_believed(segments: list[str]) -> None:
    assert heard(*segments) is Answer.UNMAPPED


def test_the_same_verdict_twice_is_one() -> None:
    assert heard(AK2, "IK5*A", AK2, "IK5*A", "AK9*A*2*2*2") is Answer.RECEIVED
