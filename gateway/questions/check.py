"""What is wrong with a set of questions that no schema sees: every fault, each with the question it is in.

Whatever is found, the set can be walked (``gateway.questions.walk``): a walk meets only the faults that are on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from gateway.model.questions import END, Question, QuestionKind, QuestionSet
from gateway.questions.circles import circles
from gateway.questions.faults import Flaw, SetFault
from gateway.questions.intervals import cells_of
from gateway.questions.walk import Map, first_of, loop, no_choices, twice
from gateway.questions.ways import Ways, nowhere, several_ways, single, ways_of


def check(asked: QuestionSet) -> tuple[SetFault, ...]:
    """All faults, in the order of the questions. ``blocks`` is true for those that some walk meets."""
    way = Map.of(asked)
    asked_for = [found for found in way.places.values() if isinstance(found, Question)]
    leads = {question.id: ways_of(question) for question in asked_for if _can_be_answered(question)}
    met = _met(way, leads)
    found = [*_of_orders(asked)]
    for question in asked.questions:
        for fault in _of(way, question, leads.get(question.id)):
            unmet = question.id not in met
            found.append(fault.model_copy(update={"blocks": False}) if unmet else fault)
    known = {name: [to for to in ways.targets if to in met] for name, ways in leads.items()}
    round_about = circles({name: known[name] for name in known if name in met})
    found += [loop(question) for question in asked.questions if question.id in round_about]
    order = {question.id: place for place, question in reversed([*enumerate(asked.questions)])}
    return tuple(dict.fromkeys(sorted(found, key=lambda fault: order[fault.question or ""])))


def _can_be_answered(question: Question) -> bool:
    return question.kind is not QuestionKind.SELECT or bool(single(question.choices))


def _met(way: Map, leads: Mapping[str, Ways]) -> set[str]:
    """The ids that some walk comes to."""
    if isinstance(way.first, SetFault):
        return set()
    met, waiting = {way.first.id}, [way.first.id]
    while waiting:
        ways = leads.get(waiting.pop())
        for name in ways.targets if ways else ():
            if name != END and name in way.places and name not in met:
                met.add(name)
                waiting.append(name)
    return met


def _of_orders(asked: QuestionSet) -> Iterator[SetFault]:
    first = first_of(asked)
    if isinstance(first, SetFault):
        yield first
    orders = Counter(question.order for question in asked.questions)
    lowest = min(orders)
    for question in asked.questions:
        if orders[question.order] > 1 and question.order != lowest:
            says = "Another question has the same place, and nothing says which is shown first."
            yield SetFault(question=question.id, code=Flaw.SAME_ORDER, says=says, blocks=False)


def _of(way: Map, question: Question, ways: Ways | None) -> Iterator[SetFault]:
    """The faults of one question; ``ways`` is None for one that cannot be answered."""
    if isinstance(way.places[question.id], SetFault):
        yield twice(question)
    if question.id == END:
        says = "Its id is the word for the end, so no other question leads to it."
        yield SetFault(question=question.id, code=Flaw.NAMED_END, says=says, blocks=False)
    if question.kind is QuestionKind.SELECT:
        usable = single(question.choices)
        if not usable:
            yield no_choices(question)
        if len(usable) < len(question.choices):
            says = "Several choices have the same id, and nothing says which is meant; none of them can be given."
            yield SetFault(question=question.id, code=Flaw.DUPLICATE_CHOICE, says=says, blocks=False)
    elif question.kind is QuestionKind.NUMBER:
        yield from _of_conditions(question)
    if ways is None:
        return
    if any(name != END and name not in way.places for name in ways.targets):
        yield way.missing(question)
    if ways.nowhere:
        yield nowhere(question)
    if END in ways.several:
        yield several_ways(question, ways.several)
    if len(inner := [name for name in ways.several if name != END]) > 1:
        yield several_ways(question, inner)


def _of_conditions(question: Question) -> Iterator[SetFault]:
    """Conditions that never hold, and those that hold together and lead to different questions."""
    cells = cells_of(question.conditions)
    if not all(cells.held):
        says = "A condition is satisfied by no number."
        yield SetFault(question=question.id, code=Flaw.NEVER_HOLDS, says=says, blocks=False)
    taken, own = 0, dict[str, int]()
    for condition, held in zip(question.conditions, cells.held, strict=True):
        mine = own.get(condition.next, 0)
        if held & taken & ~mine:
            yield several_ways(question, (condition.next,))
        taken, own[condition.next] = taken | held, mine | held
