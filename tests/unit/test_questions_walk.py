"""The walk through sets of questions, and what is wrong with sets: by hand, and over wild ones."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.questions import END, Detail, Question, QuestionAnswer, QuestionSet
from gateway.questions.answers import judge
from gateway.questions.check import check
from gateway.questions.faults import Flaw
from gateway.questions.intervals import cells_of, holds
from gateway.questions.walk import walk
from tests.unit.questions_material import (
    a_set,
    answers_to,
    choice,
    condition,
    number,
    said,
    select,
    sound_sets,
    text,
    wild_sets,
)


def flaws(asked: QuestionSet) -> list[tuple[str | None, Flaw, bool]]:
    return [(fault.question, fault.code, fault.blocks) for fault in check(asked)]


def stopped(asked: QuestionSet, *answers: QuestionAnswer) -> tuple[str | None, Flaw]:
    fault = walk(asked, answers).fault
    assert fault is not None
    return fault.question, fault.code


def test_the_question_with_the_lowest_place_is_asked_first_wherever_it_stands() -> None:
    asked = a_set(text("later", 7), text("first", 2, "later"))
    assert walk(asked, ()).next == asked.questions[1]
    assert [one.id for one in walk(asked, ()).ahead] == ["first", "later"]


def test_a_choice_leads_where_it_names_and_else_where_its_question_does() -> None:
    asked = a_set(select("1", 1, choice("yes", "3"), choice("no"), to="2"), text("2", 2), text("3", 3))
    assert walk(asked, [said("1", "yes")]).next == asked.questions[2]
    assert walk(asked, [said("1", "no")]).next == asked.questions[1]
    assert walk(asked, [said("1", "no"), said("2", text="So.")]).complete


@pytest.mark.parametrize(
    ("value", "to"), [("17", "child"), ("18", "adult"), ("65", "adult"), ("65.5", "old"), ("130", "old")]
)
def test_a_number_leads_where_its_condition_does(value: str, to: str) -> None:
    asked = a_set(
        number("age", 1, condition("child", "lt 18"), condition("adult", "ge 18", "le 65"), to="old"),
        *(text(name, place) for place, name in enumerate(("child", "adult", "old"), start=2)),
    )
    found = walk(asked, [said("age", number=Decimal(value))]).next
    assert found is not None
    assert found.id == to
    assert not check(asked)


def test_a_range_that_means_either_end_holds_outside_of_it() -> None:
    outside = condition("why", "le 120", "ge 160", either=True)
    asked = a_set(number("systolic", 1, outside), text("why", 2))
    for value, complete in (("120", False), ("121", True), ("159.9", True), ("160", False)):
        assert walk(asked, [said("systolic", number=Decimal(value))]).complete is complete


def test_an_answer_that_changes_drops_those_that_are_off_the_way_and_names_them() -> None:
    asked = a_set(select("1", 1, choice("yes", "2"), choice("no", "3")), text("2", 2, "3"), text("3", 3))
    rest = [said("2", text="Then."), said("3", text="So.")]
    whole = walk(asked, [said("1", "yes"), *rest])
    assert ([one.question for one in whole.path], whole.off, whole.complete) == (["1", "2", "3"], (), True)
    changed = walk(asked, [said("1", "no"), *rest])
    assert ([one.question for one in changed.path], changed.off, changed.complete) == (["1", "3"], ("2",), True)


def test_what_lies_behind_an_open_question_is_not_on_the_way_yet() -> None:
    asked = a_set(text("1", 1, "2"), text("2", 2))
    early = walk(asked, [said("2", text="So.")])
    assert (early.next, early.off, early.complete) == (asked.questions[0], ("2",), False)


def test_an_answer_that_does_not_fit_leaves_its_question_open() -> None:
    asked = a_set(text("1", 1, "2"), text("2", 2))
    assert walk(asked, [said("1", number=Decimal(4))]).next == asked.questions[0]
    assert walk(asked, [said("1", text="a"), said("1", text="b")]).next == asked.questions[0]


def test_of_several_choices_one_that_names_a_question_decides() -> None:
    asked = a_set(select("1", 1, choice("a", "2"), choice("b"), multiple=True), text("2", 2))
    assert walk(asked, [said("1", "b", "a")]).next == asked.questions[1]
    assert walk(asked, [said("1", "b")]).complete


def test_choices_that_lead_to_different_questions_are_not_decided_for_anybody() -> None:
    asked = a_set(
        select("1", 1, choice("a", "2"), choice("b", "3"), choice("c", END), multiple=True),
        text("2", 2),
        text("3", 3),
    )
    assert stopped(asked, said("1", "a", "b")) == ("1", Flaw.SEVERAL_WAYS)
    assert stopped(asked, said("1", "b", "c")) == ("1", Flaw.COMPOUND_END)
    assert walk(asked, [said("1", "c")]).complete
    assert flaws(asked) == [("1", Flaw.COMPOUND_END, True), ("1", Flaw.SEVERAL_WAYS, True)]


def test_every_flaw_is_found_and_stops_the_walk_that_meets_it() -> None:
    loop = a_set(text("1", 1, "2"), text("2", 2, "1"))
    assert flaws(loop) == [("1", Flaw.LOOP, True), ("2", Flaw.LOOP, True)]
    assert stopped(loop, said("1", text="a"), said("2", text="b")) == ("2", Flaw.LOOP)
    itself = a_set(text("1", 1, "1"))
    assert flaws(itself) == [("1", Flaw.LOOP, True)]
    dangling = a_set(text("1", 1, "9"))
    assert flaws(dangling) == [("1", Flaw.DANGLING, True)]
    assert stopped(dangling, said("1", text="a")) == ("1", Flaw.DANGLING)
    nowhere = a_set(select("1", 1, choice("a", END), choice("b"), to=None))
    assert flaws(nowhere) == [("1", Flaw.NOWHERE, True)]
    assert stopped(nowhere, said("1", "b")) == ("1", Flaw.NOWHERE)
    gap = a_set(number("1", 1, condition(END, "lt 5"), condition(END, "gt 5"), to=None))
    assert flaws(gap) == [("1", Flaw.NOWHERE, True)]
    assert stopped(gap, said("1", number=Decimal("5.0"))) == ("1", Flaw.NOWHERE)
    twice = a_set(text("1", 1, "2"), text("2", 2), text("2", 3))
    assert flaws(twice) == [("2", Flaw.DUPLICATE_QUESTION, True)]
    assert stopped(twice, said("1", text="a")) == ("2", Flaw.DUPLICATE_QUESTION)
    unclear = a_set(text("1", 1), text("2", 1))
    assert flaws(unclear) == [("1", Flaw.UNCLEAR_FIRST, True)]
    assert stopped(unclear) == ("1", Flaw.UNCLEAR_FIRST)
    empty = a_set(select("1", 1, choice("a"), choice("a")))
    assert flaws(empty) == [("1", Flaw.NO_CHOICES, True), ("1", Flaw.DUPLICATE_CHOICE, False)]
    assert stopped(empty) == ("1", Flaw.NO_CHOICES)


def test_conditions_that_contradict_each_other_are_found() -> None:
    over = a_set(number("1", 1, condition("2", "le 5"), condition("3", "ge 5")), text("2", 2), text("3", 3))
    assert flaws(over) == [("1", Flaw.OVERLAP, True)]
    assert stopped(over, said("1", number=Decimal(5))) == ("1", Flaw.OVERLAP)
    assert walk(over, [said("1", number=Decimal(4))]).next == over.questions[1]
    never = a_set(number("1", 1, condition(END, "lt 5", "gt 5")))
    assert flaws(never) == [("1", Flaw.NEVER_HOLDS, False)]
    same = a_set(number("1", 1, condition("2", "le 5"), condition("2", "ge 5")), text("2", 2))
    assert not flaws(same)


def test_what_no_walk_meets_blocks_none() -> None:
    aside = a_set(text("1", 1), text("2", 2, "9"), text("3", 3, "3"))
    assert flaws(aside) == [("2", Flaw.DANGLING, False)]
    assert walk(aside, [said("1", text="a")]).complete
    covered = a_set(number("1", 1, condition(END, "lt 5"), condition(END, "ge 5"), to="9"))
    assert not flaws(covered), "a default that no number comes to is none"


def test_a_default_that_every_choice_goes_past_is_asked_of_nobody() -> None:
    assert not flaws(a_set(select("1", 1, choice("a", END), choice("b", END), to="9")))
    assert flaws(a_set(select("1", 1, choice("a", END), choice("b"), to="9"))) == [("1", Flaw.DANGLING, True)]


def test_other_flaws_are_told_and_block_nothing() -> None:
    assert flaws(a_set(text("1", 1, "2"), text("2", 2, "3"), text("3", 2))) == [
        ("2", Flaw.SAME_ORDER, False),
        ("3", Flaw.SAME_ORDER, False),
    ]
    assert flaws(a_set(text("1", 1), text(END, 2))) == [(END, Flaw.NAMED_END, False)]
    doubled = a_set(select("1", 1, choice("a"), choice("b"), choice("a")))
    assert flaws(doubled) == [("1", Flaw.DUPLICATE_CHOICE, False)]
    assert walk(doubled, [said("1", "b")]).complete


def test_answers_are_judged_each_at_its_place() -> None:
    asked = a_set(
        select("1", 1, choice("a"), choice("b", detail=Detail.MANDATORY), choice("d"), choice("d"), to="2"),
        select("2", 2, choice("a"), choice("b", detail=Detail.OPTIONAL), multiple=True, to="3"),
        number("3", 3, to="4"),
        text("4", 4),
    )
    told = [
        (said("1", "a", "b"), ["chosen several_choices", "chosen/1/detail detail_missing"]),
        (said("1", "c"), ["chosen/0/choice unknown_choice"]),
        (said("1", "d"), ["chosen/0/choice duplicate_choice"]),
        (said("1", text="a"), ["text wrong_kind"]),
        (said("9", "a"), ["question unknown_question"]),
        (said("2", "a", "a"), ["chosen/0/choice choice_twice", "chosen/1/choice choice_twice"]),
        (said("2", "a", "b"), []),
        (said("3", number=Decimal("1E+17")), []),
        (said("3", number=Decimal("-1E+17")), ["number number_too_long"]),
        (said("3", number=Decimal("0.00000000000000001")), ["number number_too_long"]),
        (said("4", number=Decimal(1)), ["number wrong_kind"]),
    ]
    for answer, faults in told:
        found = judge(asked, [said("4", text="So."), answer]) if answer.question != "4" else judge(asked, [answer])
        assert [f"{'/'.join(map(str, one.at[1:]))} {one.code}" for one in found] == faults
        assert all(one.message and one.fix for one in found)
    assert [one.code for one in judge(asked, [said("4", text="a"), said("4", text="b")])] == ["answered_twice"] * 2


def test_words_beside_a_choice_that_takes_none_are_refused() -> None:
    asked = a_set(select("1", 1, choice("a"), choice("b")))
    answer = QuestionAnswer.model_validate({"question": "1", "chosen": [{"choice": "a", "detail": "No."}]})
    assert [(one.at, one.code) for one in judge(asked, [answer])] == [((0, "chosen", 0, "detail"), "detail_not_taken")]


@given(wild_sets, st.data())
def test_any_set_is_walked_to_its_end_or_refused_with_the_fault_named(asked: QuestionSet, data: st.DataObject) -> None:
    answers: list[QuestionAnswer] = []
    for _ in range(len(asked.questions) + 1):
        way = walk(asked, answers)
        assert walk(asked, list(reversed(answers))) == way, "the order of the answers makes no difference"
        assert way.path == tuple(answers)
        assert not way.off
        if way.next is None:
            break
        assert way.ahead[0] == way.next
        answers.append(data.draw(answers_to(way.next)))
        assert not judge(asked, answers[-1:])
    assert way.next is None, "every question is come to once at most"
    assert way.complete or way.fault in check(asked)
    if way.fault:
        assert [fault.blocks for fault in check(asked) if fault == way.fault] == [True]


@given(wild_sets, st.data())
def test_whatever_is_answered_a_walk_ends_and_names_what_is_off_it(asked: QuestionSet, data: st.DataObject) -> None:
    questions = [one for one in asked.questions if one.kind != "select" or _usable(one)]
    picked = data.draw(st.lists(st.sampled_from(questions), max_size=6)) if questions else []
    answers = [data.draw(answers_to(one)) for one in picked]
    way = walk(asked, answers)
    on = [one.question for one in way.path]
    assert walk(asked, answers) == way
    assert len(set(on)) == len(on)
    assert {*on, *way.off} | ({way.next.id} if way.next else set()) >= {one.question for one in answers}
    assert not {*on} & {*way.off}
    assert walk(asked, way.path) == way if not way.off else walk(asked, way.path).path == way.path


@given(wild_sets)
def test_a_set_without_blocking_faults_is_finished_by_any_answers(asked: QuestionSet) -> None:
    if any(fault.blocks for fault in check(asked)):
        return
    waiting: list[tuple[QuestionAnswer, ...]] = [()]
    for _ in range(200):
        if not waiting:
            break
        answers = waiting.pop()
        way = walk(asked, answers)
        assert way.fault is None
        if way.next is not None:
            waiting += [(*answers, one) for one in _all_answers(way.next)]


@given(sound_sets())
def test_sound_sets_have_no_blocking_fault(asked: QuestionSet) -> None:
    assert not [fault for fault in check(asked) if fault.blocks]


@given(wild_sets, st.decimals(-2, 101, places=2))
def test_the_cells_of_conditions_are_where_they_hold(asked: QuestionSet, value: Decimal) -> None:
    for question in asked.questions:
        if question.conditions:
            cells = cells_of(question.conditions)
            values = sorted({limit.value for one in question.conditions for limit in one.limits})
            cell = 2 * sum(known < value for known in values) + (value in values)
            assert [bool(held >> cell & 1) for held in cells.held] == [holds(one, value) for one in question.conditions]


def test_the_longest_chains_and_the_most_conditions_are_looked_at_at_once() -> None:
    chain = a_set(*(text(str(place), place, str(place + 1)) for place in range(998)), text("998", 998, "0"))
    many = a_set(number("1", 1, *(condition(END, f"eq {value}") for value in range(200))))
    answers = [said(str(place), text="a") for place in range(999)]
    begun = time.perf_counter()
    assert len(check(chain)) == 999
    assert walk(chain, answers).fault is not None
    assert not check(many)
    assert time.perf_counter() - begun < 5


def _usable(question: Question) -> bool:
    ids = [one.id for one in question.choices]
    return any(ids.count(name) == 1 for name in ids)


def _all_answers(question: Question) -> list[QuestionAnswer]:
    if question.kind == "select":
        ids = [one.id for one in question.choices]
        details = {one.id: "Because." if one.detail is Detail.MANDATORY else None for one in question.choices}
        return [
            QuestionAnswer.model_validate(
                {"question": question.id, "chosen": [{"choice": name, "detail": details[name]}]}
            )
            for name in ids
            if ids.count(name) == 1
        ]
    if question.kind == "number":
        values = sorted({limit.value for one in question.conditions for limit in one.limits})
        near = [value + step for value in values for step in (Decimal("-0.1"), Decimal(0), Decimal("0.1"))]
        return [said(question.id, number=value) for value in near or [Decimal(0)]]
    fields = {"date": "2026-03-02", "moment": "2026-03-02T09:30:00Z", "text": "So."}
    return [QuestionAnswer.model_validate({"question": question.id, question.kind: fields[question.kind]})]
