"""Open rounds of questions as they are shown, and answers to them as they are taken: pure, over what was heard.

Answers are taken whole: a round goes to its payer in one message, with the document that it may require, and never to
anybody else. What is not on the way through the questions is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.engine import rounds
from gateway.engine.refusals import NotNow, Unfit
from gateway.model.faults import Finding
from gateway.model.questions import OpenRound, QuestionSet
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.questions.answers import judge
from gateway.questions.prefill import Proposals, propose, unvouched
from gateway.questions.walk import Walk, walk
from gateway.store.records import Case, Submission


@dataclass(frozen=True)
class Asked:
    """An open round, whole."""

    submission: Submission
    open: OpenRound
    questions: QuestionSet
    appeal: bool = False
    """Whether they are asked of an appeal."""

    def proposals(self, request: PARequest) -> Proposals:
        """What the request answers of it, for the lines that its submission asks for."""
        return propose(self.questions, request, self.submission.line_ids)


@dataclass(frozen=True)
class Progress:
    """How far answers lead that were looked at and not sent."""

    asked: Asked
    walk: Walk


def asked_by(submission: Submission, standing: Standing, heard: Iterable[Heard]) -> Iterator[Asked]:
    """The rounds that a submission's payer has open."""
    sets = {
        item.outcome.questions.round: (item.outcome.questions, item.appeal) for item in heard if item.outcome.questions
    }
    for one in standing.rounds:
        yield Asked(submission, one, *sets[one.round])


def look(answers: Answers, case: Case, asked: Sequence[Asked]) -> Progress:
    """How far these answers lead. Raises NotNow for a round that takes none, Unfit for answers that do not fit."""
    found = _round_of(answers, case, asked)
    proposals = found.proposals(case.request)
    faults = [
        Finding(("questions", *one.at), one.code, one.message, one.fix)
        for one in judge(found.questions, answers.questions)
    ]
    for place, answer in enumerate(answers.questions):
        for at in unvouched(answer, proposals):
            says = "The request does not say this there."
            fix = "Leave taken_from out, or send the answer as it was proposed."
            faults.append(Finding(("questions", place, *at), "taken_from", says, fix))
    if answers.payer not in (None, found.submission.payer):
        says = "Another payer asks this round."
        faults.append(Finding(("payer",), "payer", says, "Leave it out: the round says who asks."))
    faults += _of_documents(answers, found.questions)
    if faults:
        raise Unfit(faults)
    return Progress(found, walk(found.questions, answers.questions))


def whole(answers: Answers, progress: Progress) -> Answers:
    """What is sent: the answers on the way, in its order. Raises Unfit where a document is wanting."""
    if progress.asked.questions.attachment_required and not answers.attachments:
        says = "The payer requires a document with these answers."
        raise Unfit([Finding(("attachments",), "missing", says, "Send the document in attachments.")])
    return on_the_way(answers, progress)


def on_the_way(answers: Answers, progress: Progress) -> Answers:
    """The answers on the way, in its order, with whatever else was given."""
    return answers.model_copy(update={"questions": progress.walk.path, "payer": None})


def in_the_body(error: CannotExpress, answers: Answers, sent: Answers) -> CannotExpress:
    """What a channel cannot carry of what was sent, at its place in the body, where the answers may stand in another
    order."""
    places = {answer.question: place for place, answer in enumerate(answers.questions)}
    moved = []
    for item in error.items:
        steps = item.pointer.split("/")[1:]
        if len(steps) > 1 and steps[0] == "questions" and steps[1].isdigit() and int(steps[1]) < len(sent.questions):
            steps[1] = str(places[sent.questions[int(steps[1])].question])
            item = Inexpressible("".join(f"/{step}" for step in steps), item.why, item.fix)
        moved.append(item)
    return CannotExpress(*moved)


def _round_of(answers: Answers, case: Case, asked: Sequence[Asked]) -> Asked:
    for one in asked:
        if one.questions.round == answers.round:
            if not one.open.overdue:
                return one
            until = rounds.written(one.open)
            anew = "Appeal again" if one.appeal else "Submit the request anew"
            raise NotNow(f"The payer took answers until {until}. {anew}; it is asked again then.")
    now = ", ".join(one.questions.round for one in asked)
    if now:
        raise NotNow(f"These are answers to another round of questions; the payer now asks round {now}. Read it first.")
    if any(answers.round in rounds.answered(submission) for submission in case.submissions):
        raise NotNow("This round was answered before; nothing is sent twice.")
    raise NotNow(f"The payer asks no questions now; the case is {case.status}.")


def _of_documents(answers: Answers, asked: QuestionSet) -> Iterator[Finding]:
    """What goes with answers is for this round alone."""
    for name in ("control_numbers", "codes"):
        if getattr(answers, name):
            says = "A document under a number or a code is sent apart from answers."
            yield Finding((name,), "apart", says, "Send it by itself, or leave this out.")
    if answers.attachments and not (asked.attachment_required or asked.attachment_notes):
        says = "The payer asks for no document with these answers, and one that nobody asked for holds it up."
        yield Finding(("attachments",), "not_asked", says, "Send the answers without it.")
