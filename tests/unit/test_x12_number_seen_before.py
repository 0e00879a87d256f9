"""A control number that the payer has seen before, of an interchange (TA1), a group or a transaction (999): no refusal
of what came under it."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278.tables import CODE_ANCHORS
from gateway.contract.destination import CodeEntry
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import NextAction, Word
from gateway.model.status import Attention
from tests.x12_material import LATER, STAMP, acknowledgement, outcome_of, ta1, tables

CODES = ("025", "AK905.19", "IK502.23")
SENT = {"inquire": ("HI", "278", "005010X215"), "answer": ("PI", "275", "006020X316")}


def said(code: str, verb: str = "file", word: str = "R", beside: str = "", **asked: Any) -> Outcome:
    """What comes of a control number seen before; ``beside`` are further codes of the group, as ``*5*19``."""
    number = STAMP.number if verb == "file" else LATER.number
    group, kind, guide = SENT.get(verb, ("HI", "278", "005010X217"))
    ak2 = f"AK2*{kind}*0001*{guide}"
    if code == "025":
        document = ta1(word, code, number=number)
    elif code == "AK905.19":
        document = acknowledgement(f"AK9*{word}*1*1*0{beside}*19", number=number, group=group, guide=guide)
    else:
        told = (ak2, f"IK5*{word}*23", f"AK9*{word}*1*1*0{beside}")
        document = acknowledgement(*told, number=number, group=group, guide=guide)
    return outcome_of(document, verb=verb, **asked)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("verb", ["cancel", "answer"])
def test_of_a_message_sent_before_it_means_that_it_most_likely_arrived(verb: str, code: str) -> None:
    outcome = said(code, verb, stamp=LATER.model_copy(update={"again": True}))
    assert (outcome.answer, outcome.attention) == (Answer.RECEIVED, Attention.GATEWAY)
    assert outcome.reasons[0].word is Word.DUPLICATE_IN_PROCESS


@pytest.mark.parametrize("code", CODES)
def test_of_a_filing_sent_before_it_says_that_the_number_is_used_and_no_more(code: str) -> None:
    """The payer may have filed the first sending, or have refused it for the moment: either uses up the number."""
    outcome = said(code, stamp=STAMP.model_copy(update={"again": True}))
    assert (outcome.answer, outcome.attention) == (Answer.NUMBER_USED, Attention.NONE)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("verb", ["file", "cancel", "answer", "inquire"])
def test_of_a_first_sending_it_is_another_messages(verb: str, code: str) -> None:
    outcome = said(code, verb)
    assert (outcome.answer, outcome.attention) == (Answer.NUMBER_USED, Attention.NONE)
    (reason,) = outcome.reasons
    assert (reason.code, reason.word, reason.next_action) == (code, Word.OTHER, NextAction.RESUBMIT_LATER)
    assert set(outcome.sources) == {"/answer", "/reasons/0/code"}


@pytest.mark.parametrize("code", CODES)
def test_a_first_sending_that_was_taken_in_spite_of_its_number_is_received(code: str) -> None:
    assert said(code, word="E").answer is Answer.RECEIVED


def test_what_else_is_wrong_with_the_group_is_told_beside_it() -> None:
    outcome = said("AK905.19", beside="*5", stamp=STAMP.model_copy(update={"again": True}))
    assert outcome.answer is Answer.NUMBER_USED
    found = [(reason.code, reason.word) for reason in outcome.reasons]
    assert found == [("AK905.5", Word.WRONG_FORMAT), ("AK905.19", Word.OTHER)]
    unknown = said("AK905.19", beside="*ZZ")
    assert (unknown.answer, unknown.attention) == (Answer.NUMBER_USED, Attention.OPERATOR)


def test_the_same_digits_in_another_element_are_another_code() -> None:
    ak2 = "AK2*278*0001*005010X217"
    for segments in (("AK9*R*1*1*0*23",), (ak2, "IK5*R*19", "AK9*R*1*1*0"), (ak2, "IK5*R*7", "AK9*R*1*1*0*6")):
        assert outcome_of(acknowledgement(*segments)).answer is Answer.REJECTED
    assert outcome_of(ta1("R", "018")).answer is Answer.REJECTED


@pytest.mark.parametrize("code", CODES)
def test_no_profile_may_make_a_plain_refusal_of_it(code: str) -> None:
    table = "x12_ta1" if code == "025" else "x12_999"
    entry: CodeEntry = tables()[table].codes[code]
    assert CODE_ANCHORS[table][code] == {Word.DUPLICATE_IN_PROCESS} == {Word(entry.means)}
