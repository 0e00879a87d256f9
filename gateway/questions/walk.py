"""The walk through a set of questions: from the first, by what was answered, to the end or to what stands in the way.

A walk comes to each question once at most, so it ends for every set; it depends on the set and the answers and on
nothing else. Nothing is remembered between two walks: when an answer changes, the whole way is walked anew, and answers
that are not on it any more are named. Knows no channel and no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.model.questions import END, Question, QuestionAnswer, QuestionKind, QuestionSet
from gateway.questions.answers import fitting
from gateway.questions.faults import Flaw, SetFault
from gateway.questions.ways import lead, single, ways_of


@dataclass(frozen=True)
class Walk:
    """``path`` are the answers on the way, in its order, and ``next`` is the question that is open where it stops.
    ``ahead`` are that question and those that come after it whatever is answered. ``off`` are the questions whose
    answers are not on the way. ``fault`` says why the way does not go on where no question is open."""

    path: tuple[QuestionAnswer, ...] = ()
    next: Question | None = None
    ahead: tuple[Question, ...] = ()
    off: tuple[str, ...] = ()
    fault: SetFault | None = None

    @property
    def complete(self) -> bool:
        """True where the end is reached: everything that is asked is answered."""
        return self.next is None and self.fault is None


@dataclass(frozen=True)
class Map:
    """The questions of a set by their ids, and where it begins."""

    first: Question | SetFault
    places: dict[str, Question | SetFault]

    @staticmethod
    def of(asked: QuestionSet) -> Map:
        return Map(first_of(asked), _places(asked))

    def find(self, name: str, after: Question) -> Question | SetFault:
        """The question of that name, or why there is none to be asked."""
        return self.places.get(name) or self.missing(after)

    @staticmethod
    def missing(after: Question) -> SetFault:
        says = "It leads to a question that is not in the set."
        return SetFault(question=after.id, code=Flaw.DANGLING, says=says)


def walk(asked: QuestionSet, answers: Sequence[QuestionAnswer]) -> Walk:
    """Walk with these answers. One that does not fit its question leaves it open, as no answer does."""
    given, way = fitting(asked, answers), Map.of(asked)
    path: dict[str, QuestionAnswer] = {}
    here: Question | SetFault | None = _askable(way, way.first)
    while isinstance(here, Question) and here.id in given:
        path[here.id] = given[here.id]
        here = _after(way, here, lead(here, given[here.id]), path.keys())
    open_now = here if isinstance(here, Question) else None
    kept = {*path, open_now.id} if open_now else {*path}
    return Walk(
        path=tuple(path.values()),
        next=open_now,
        ahead=_ahead(way, open_now, path.keys()),
        off=tuple(dict.fromkeys(answer.question for answer in answers if answer.question not in kept)),
        fault=here if isinstance(here, SetFault) else None,
    )


def first_of(asked: QuestionSet) -> Question | SetFault:
    """The question that the payer shows first."""
    lowest = min(question.order for question in asked.questions)
    first, *others = (question for question in asked.questions if question.order == lowest)
    if others:
        says = "Several questions have the lowest place, and nothing says which is the first."
        return SetFault(question=first.id, code=Flaw.UNCLEAR_FIRST, says=says)
    return first


def _places(asked: QuestionSet) -> dict[str, Question | SetFault]:
    times = Counter(question.id for question in asked.questions)
    return {question.id: question if times[question.id] == 1 else twice(question) for question in asked.questions}


def twice(question: Question) -> SetFault:
    """The fault of a question that has another's id."""
    says = "Several questions have this id, and nothing says which is meant."
    return SetFault(question=question.id, code=Flaw.DUPLICATE_QUESTION, says=says)


def no_choices(question: Question) -> SetFault:
    says = "There is no choice that could be told apart in an answer."
    return SetFault(question=question.id, code=Flaw.NO_CHOICES, says=says)


def loop(question: Question) -> SetFault:
    says = "An answer leads back to a question that was asked before."
    return SetFault(question=question.id, code=Flaw.LOOP, says=says)


def _after(way: Map, here: Question, name: str | SetFault, behind: Collection[str]) -> Question | SetFault | None:
    """What comes after a question; None for the end. ``behind`` are the ids that were passed."""
    if isinstance(name, SetFault):
        return name
    if name == END:
        return None
    found = way.find(name, here)
    if isinstance(found, Question) and found.id in behind:
        return loop(here)
    return _askable(way, found)


def _askable(way: Map, found: Question | SetFault) -> Question | SetFault:
    if isinstance(found, SetFault):
        return found
    own = way.places[found.id]
    if isinstance(own, SetFault):
        return own
    return no_choices(found) if found.kind is QuestionKind.SELECT and not single(found.choices) else found


def _ahead(way: Map, here: Question | None, behind: Collection[str]) -> tuple[Question, ...]:
    """The open question and those that come after it whatever is answered, as far as that is sure."""
    sure: dict[str, Question] = {}
    passed = set(behind)
    while here is not None:
        sure[here.id] = here
        passed.add(here.id)
        ways = ways_of(here)
        if len(ways.targets) != 1 or ways.nowhere:
            break
        after = _after(way, here, ways.targets[0], passed)
        here = after if isinstance(after, Question) else None
    return tuple(sure.values())
