"""An 824 in the reply itself, in place of the 278 or beside it; and one 824 about several of those that were sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.x12_278 import ADAPTER, traces
from adapters.x12_278.conversations.pickup import find
from gateway.contract.adapter import Filed
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Saying
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention
from tests.unit.test_x12_advice import FAULT, advice, of_documents, of_filing
from tests.unit.test_x12_post_of_several import OTHER, OURS, THEIRS
from tests.x12_material import (
    EVENT,
    STAMP,
    acknowledgement,
    asked,
    destination,
    filed,
    outcome_of,
    request,
    response,
    ta1,
)

AK2 = "AK2*278*0001*005010X217"
TAKEN = acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1")
REFUSED = acknowledgement(AK2, "IK5*R*5", "AK9*R*1*1*0")
OF_THEIRS = of_filing("TR").replace(traces.submission(STAMP), traces.submission(OTHER)).replace("*17*", "*23*")
OF_NOBODY = "TR*TN*NA"


def told(outcome: Outcome) -> tuple[Answer, Attention]:
    return outcome.answer, outcome.attention


def within(one: bytes, *others: bytes) -> bytes:
    """One interchange with the groups, and the TA1, of all."""
    groups = [each[each.index(b"~") + 1 : each.rindex(b"IEA*")].removeprefix(b"\r\n") for each in (one, *others)]
    groups.sort(key=lambda each: not each.lstrip().startswith(b"TA1"))
    count = sum(each.count(b"GE*") for each in groups)
    return one[: one.index(b"~") + 1] + b"".join(groups) + b"IEA*%d*" % count + one[one.rindex(b"*") + 1 :]


@pytest.mark.parametrize(
    ("word", "behind", "then"),
    [("TA", (), Answer.RECEIVED), ("TE", FAULT, Answer.RECEIVED), ("TR", FAULT, Answer.REJECTED)],
)
def test_an_824_in_place_of_an_answer_is_heard(word: str, behind: Sequence[str], then: Answer) -> None:
    heard = outcome_of(advice(of_filing(word), *behind))
    assert told(heard) == (then, Attention.NONE)
    assert [reason.code for reason in heard.reasons] == (["007"] if behind else [])
    assert heard.messages == (("The member's id is missing.",) if behind else ())


@pytest.mark.parametrize("oti", [of_filing("IR"), OF_THEIRS, OF_NOBODY])
def test_one_that_is_not_ours_or_says_neither_decides_nothing(oti: str) -> None:
    assert told(outcome_of(advice(oti))) == (Answer.UNMAPPED, Attention.OPERATOR)
    assert outcome_of(advice(of_filing("TR")).replace(b"SENDER         ", b"SOMEBODY       ")).answer is Answer.UNMAPPED


@pytest.mark.parametrize(
    ("verdict", "word", "then"),
    [
        (TAKEN, of_filing("TR"), Answer.REJECTED),
        (TAKEN, of_filing("TA"), Answer.RECEIVED),
        (ta1("A"), of_filing("TR"), Answer.REJECTED),
        (ta1("R", "006"), of_filing("TA"), Answer.UNMAPPED),
        (REFUSED, of_filing("TR"), Answer.REJECTED),
        (REFUSED, of_filing("TA"), Answer.UNMAPPED),
        (TAKEN, OF_THEIRS.replace("TR", "TA", 1), Answer.RECEIVED),
        (TAKEN, OF_NOBODY, Answer.UNMAPPED),
    ],
)
def test_what_is_taken_before_it_an_824_may_refuse_and_not_the_reverse(verdict: bytes, word: str, then: Answer) -> None:
    assert outcome_of(within(advice(word), verdict)).answer is then


@pytest.mark.parametrize(
    ("oti", "then"),
    [
        (of_filing("TA"), Answer.REVIEWED),
        (of_filing("TE"), Answer.REVIEWED),
        (of_filing("TR"), Answer.UNMAPPED),
        (of_filing("IR"), Answer.UNMAPPED),
        (OF_NOBODY, Answer.UNMAPPED),
    ],
)
def test_an_answer_beside_an_824_counts_unless_that_refuses_it(oti: str, then: Answer) -> None:
    heard = outcome_of(within(response(EVENT, "HCR*A1*AUTH-1", number=31), advice(oti)))
    assert heard.answer is then
    assert (heard.attention is Attention.OPERATOR) is (then is Answer.UNMAPPED)


def test_of_two_824_in_one_reply_none_is_chosen() -> None:
    with pytest.raises(Unreadable):
        outcome_of(within(advice(of_filing("TA")), advice(of_filing("TR"))))


def test_each_of_several_that_one_824_is_about_is_told_its_own_part() -> None:
    body = advice(of_filing("TA"), f"OTI*{OF_THEIRS}", *FAULT, f"OTI*{of_filing('TA')}", "NTE*ADD*x")
    letters = ADAPTER.open(body)
    assert [(each.what, each.place) for each in letters] == [("824", "1.1.1.1"), ("824", "1.1.1.2")]
    assert [each.handle for each in ADAPTER.place(letters, (OURS, THEIRS))] == ["ours", "theirs"]
    to = destination()
    about = {
        "ours": Saying(filed(), STAMP),
        "theirs": Saying(Filed(request=request(reference="case-2"), stamp=OTHER), OTHER),
    }
    [ours], [theirs] = (ADAPTER.hear([one], about[name], to) for one, name in zip(letters, about, strict=True))
    assert (ours.answer, ours.messages) == (Answer.RECEIVED, ())
    assert (theirs.answer, theirs.messages) == (Answer.REJECTED, ("The member's id is missing.",))
    assert ours.document is not None
    assert theirs.document is not None
    assert traces.submission(OTHER).encode() not in ours.document
    assert traces.submission(STAMP).encode() not in theirs.document
    for outcome in (ours, theirs):
        for source in outcome.sources.values():
            assert outcome.document is not None
            assert outcome.document[source.start : source.end] in body
    for letter, name in zip(letters, reversed(about), strict=True):
        with pytest.raises(Unreadable):
            ADAPTER.hear([letter], about[name], to)


def test_what_is_about_somebody_else_too_is_nobodys_in_that_part_alone() -> None:
    letters = ADAPTER.open(advice(of_filing("TR"), *FAULT, "OTI*TR*TN*SOMEBODY-ELSES"))
    placed = ADAPTER.place(letters, (OURS, THEIRS))
    assert [(each.handle, each.reason) for each in placed] == [("ours", None), (None, "unknown")]


@pytest.mark.parametrize(("more", "others"), [((), 0), ((f"OTI*{OF_THEIRS}",), 1)])
def test_a_batchs_file_with_an_824_about_others_too_is_not_ours_alone(more: Sequence[str], others: int) -> None:
    found = find(advice(of_filing("TR"), *FAULT, *more), asked(), destination())
    assert ([each.answer for each in found.by_824], found.others) == ([Answer.REJECTED], others)


def test_two_verdicts_on_one_message_stay_together_wherever_they_stand() -> None:
    [first, second] = ADAPTER.open(advice(of_filing("TA"), f"OTI*{of_documents('TA')}", f"OTI*{of_filing('TR')}"))
    assert first.body.count(b"OTI*") == 2
    [heard] = ADAPTER.hear([first], Saying(filed(), STAMP), destination())
    assert told(heard) == (Answer.UNMAPPED, Attention.OPERATOR)
    assert second.body.count(b"OTI*") == 1


def test_an_824_whose_segments_are_miscounted_is_not_taken_apart() -> None:
    body = advice(of_filing("TA"), f"OTI*{OF_THEIRS}")
    count = int(body.partition(b"~SE*")[2].partition(b"*")[0])
    [letter] = ADAPTER.open(body.replace(b"SE*%d*" % count, b"SE*%d*" % (count + 1)))
    assert letter.fault is not None
    assert letter.keys == frozenset()
