"""Appeals of what a payer decided: which may be asked for, what speaks of one, how each stands. Pure.

An appeal is an attempt as any change is; how it stands follows from what became of that and from what was heard since.
A decision stays until the appeal has changed it (``gateway.model.appeal``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.engine.attempts import refused_for_now
from gateway.engine.refusals import NotNow, Unfit
from gateway.engine.wanted import is_appeal, is_taken_appeal, root_of
from gateway.model.appeal import APPEALABLE, Appeal, AppealState, after
from gateway.model.faults import Finding
from gateway.model.outcome import Answer
from gateway.model.people import Level
from gateway.model.questions import OpenRound
from gateway.model.reasons import NextAction
from gateway.model.request import Attachment, PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import DECIDED, Delivery, LineOutcome
from gateway.store.records import Attempt, Case, Submission, Verb


def appeals_of(submission: Submission, heard: Iterable[Heard]) -> tuple[Appeal, ...]:
    """All appeals of a submission, the latest last: of one that was asked for anew the payer may still speak."""
    roots, said = _roots(submission), [*_assigned(submission, heard)]
    found: list[Appeal] = []
    for place, root in enumerate(roots):
        appeal = _appeal(submission, root, [item for item, of_it in said if of_it == place])
        if appeal.under_way and place + 1 < len(roots):  # its questions were never answered, and it was asked for anew
            appeal = appeal.model_copy(update={"state": AppealState.CLOSED})
        found.append(appeal)
    return tuple(found)


def told_apart(submission: Submission, heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """What was heard, with a mark on what is on an appeal in whose place another had been asked for by then."""
    heard = tuple(heard)
    nexts = dict(enumerate(_roots(submission)[1:]))
    late = {
        id(item)
        for item, of_it in _assigned(submission, heard)
        if of_it in nexts and nexts[of_it].planned_at <= item.at
    }
    return tuple(replace(item, superseded=True) if id(item) in late else item for item in heard)


def _roots(submission: Submission) -> list[Attempt]:
    return [attempt for attempt in submission.attempts if is_appeal(attempt) and attempt.repeats is None]


def _assigned(submission: Submission, heard: Iterable[Heard]) -> Iterator[tuple[Heard, int]]:
    """What was heard on appeals, each with the place of the one that it is on: the one that it answers, or that asked
    the questions whose answers it answers, or the latest that its question, or else it, came after."""
    roots = _roots(submission)
    places = {root.id: place for place, root in enumerate(roots)}
    said = {attempt.id: attempt for attempt in submission.attempts}
    asked: dict[str | None, int] = {}
    for item in heard if roots else ():
        attempt = said.get(item.answers) if item.answers else None
        since = item.at if attempt is None else attempt.planned_at
        place = max((place for place, root in enumerate(roots) if root.planned_at <= since), default=None)
        if attempt is not None and is_appeal(attempt):
            place = places.get(root_of(attempt), place)
        elif attempt is not None and isinstance(attempt.work, Answers) and attempt.work.questions:
            place = asked.get(attempt.work.round, place)
        if not item.appeal or place is None:
            continue
        if item.outcome.questions is not None:
            asked[item.outcome.questions.round] = place
        yield item, place


def _appeal(submission: Submission, root: Attempt, said: Sequence[Heard]) -> Appeal:
    lines = lines_of(submission, root)
    state = AppealState.ASKED
    for item in said:
        outcome = item.outcome
        if outcome.answer is Answer.REVIEWED:
            words = [result.outcome for result in outcome.lines if result.line in lines]
            state = after(state, words, on_itself=item.change)
        elif outcome.answer in (Answer.CLOSED, Answer.CANCELLED, Answer.DUPLICATE):
            state = AppealState.CLOSED
        elif outcome.answer is Answer.REJECTED and item.change:
            state = AppealState.REFUSED
    last = [attempt for attempt in submission.attempts if root_of(attempt) == root.id][-1]
    if state is AppealState.ASKED and last.delivery is Delivery.LOST:
        state = AppealState.UNCERTAIN
    elif state is AppealState.ASKED and last.delivery is Delivery.REFUSED and not refused_for_now(last):
        state = AppealState.REFUSED
    return Appeal(lines=lines, state=state, asked_at=root.planned_at, payer=submission.payer)


def lines_of(submission: Submission, attempt: Attempt) -> tuple[str, ...]:
    """The lines that an appeal is of."""
    named = attempt.work.lines if isinstance(attempt.work, Change) else ()
    return named or submission.line_ids


def under_way(standing: Standing) -> Appeal | None:
    """The appeal that the payer has not decided."""
    return next((appeal for appeal in reversed(standing.appeals) if appeal.under_way), None)


def still_asked(left: Iterable[OpenRound], asked: Sequence[Appeal]) -> tuple[OpenRound, ...]:
    """The open rounds of questions, without those that are late and of which an appeal was made anew."""
    anew = bool(asked) and asked[-1].state in (AppealState.ASKED, AppealState.UNCERTAIN)
    return tuple(one for one in left if not (anew and one.overdue))


def speaks_of_one(submission: Submission, attempt: Attempt, heard: Sequence[Heard]) -> bool:
    """True where an answer to the attempt is on an appeal: to the appeal itself, to answers to its questions, or to an
    inquiry or documents that were sent while it was under way."""
    if attempt.verb is Verb.SUBMIT:
        return False
    if attempt.verb is Verb.AMEND:
        return is_appeal(attempt)
    if isinstance(attempt.work, Answers) and attempt.work.questions:
        asked = {item.outcome.questions.round for item in heard if item.appeal and item.outcome.questions}
        return attempt.work.round in asked
    going = [appeal for appeal in appeals_of(submission, heard) if appeal.under_way]
    return any(appeal.asked_at <= attempt.planned_at for appeal in going)


def choose(
    case: Case, standings: Sequence[tuple[Submission, Standing]], named: Sequence[str]
) -> dict[UUID, tuple[str, ...]]:
    """The lines that each submission appeals: those that are named, else all that are denied. Raises NotNow where there
    is none, one is under appeal, or its payer takes none this way; Unfit for named lines that nobody can appeal."""
    _known(case, named)
    found: dict[UUID, tuple[str, ...]] = {}
    reduced: list[str] = []
    for submission, standing in standings:
        if standing.status not in DECIDED or submission.cancelling:
            continue
        wanted = [line for line in submission.line_ids if not named or line in named]
        outcomes = {line: standing.lines[line].outcome for line in wanted}
        denied = [line for line, outcome in outcomes.items() if outcome is LineOutcome.NOT_CERTIFIED]
        reduced += [line for line, outcome in outcomes.items() if outcome in APPEALABLE and line not in denied]
        chosen = [line for line, outcome in outcomes.items() if outcome in APPEALABLE] if named else denied
        if chosen:
            _refuse_second(submission, standing)
            _refuse_elsewhere(standing, chosen)
            found[submission.id] = tuple(chosen)
    if named:
        _all_of(named, found)
    elif not found:
        less = f" Granted for less than was asked: {', '.join(reduced)}. Name such a line in lines." if reduced else ""
        raise NotNow(f"Nothing is denied; the case is {case.status}.{less}")
    return found


def _known(case: Case, named: Sequence[str]) -> None:
    lines = [line.id for line in case.request.lines]
    says = "The request has no such line."
    fix = f"Send ids of its lines: {', '.join(lines)}."
    faults = [Finding(("lines", n), "line_id", says, fix) for n, line in enumerate(named) if line not in lines]
    faults += [
        Finding(("lines", n), "line_id", "This line is named twice.", "Name it once.")
        for n, line in enumerate(named)
        if line in named[:n]
    ]
    if faults:
        raise Unfit(faults)


def _refuse_second(submission: Submission, standing: Standing) -> None:
    going = under_way(standing)
    if standing.rounds and all(one.overdue for one in standing.rounds):
        return  # nobody can answer what the payer wanted to know, so it is asked again
    if going is not None and going.state is AppealState.UNCERTAIN:
        raise NotNow(
            "An appeal was sent, and whether the payer has it is not known. It is not said again: ask the payer."
        )
    if going is not None:
        raise NotNow(
            f"An appeal of line {', '.join(going.lines)} is under way ({going.state}). Wait for what the payer decides."
        )


def _refuse_elsewhere(standing: Standing, lines: Sequence[str]) -> None:
    """Who is told that an appeal is under way waits for it, while the time for a letter runs out."""
    for said in standing.follow_up:
        if said.action is NextAction.APPEAL and said.elsewhere and (said.line is None or said.line in lines):
            raise NotNow(
                f"The payer's notice says that it takes no appeal of line {said.line or ', '.join(lines)} through this "
                "channel. Send it as the notice says; name other denied lines to appeal those here."
            )


def _all_of(named: Sequence[str], found: Mapping[UUID, Sequence[str]]) -> None:
    taken = {line for lines in found.values() for line in lines}
    says = "It is neither denied nor granted for less than was asked."
    fix = "Leave it out, or wait for the payer's decision."
    left = [Finding(("lines", n), "not_denied", says, fix) for n, line in enumerate(named) if line not in taken]
    if left and not taken:
        raise NotNow(f"Nothing of what is named is denied: line {', '.join(named)}.")
    if left:
        raise Unfit(left)


def urgency_of(request: PARequest, submission: Submission, standing: Standing) -> Level:
    """How urgent is what the payer was asked last: an appeal that it has not decided may be more so than all else."""
    asked = [attempt.work for attempt in submission.attempts if is_appeal(attempt)] if under_way(standing) else []
    own = asked[-1].urgency if asked and isinstance(asked[-1], Change) else None
    return (own or request.urgency).level


def worded(request: PARequest, change: Change) -> Change:
    """An appeal with the request as it words it: the lines that it is of, the documents that go with it, the reason as
    its note. Nothing of that is kept twice."""
    if change.kind is not ChangeKind.APPEAL:
        return change
    lines = tuple(line for line in request.lines if not change.lines or line.id in change.lines)
    said = {"lines": lines, "attachments": change.attachments, "note": change.reason}
    urgency = {} if change.urgency is None else {"urgency": change.urgency}
    return change.model_copy(update={"request": request.model_copy(update={**said, **urgency})})


def announced(request: PARequest, submission: Submission) -> tuple[Attachment, ...]:
    """The documents that were announced and follow by themselves: the request's own, and once the payer has an appeal,
    those that go with that."""
    for attempt in reversed(submission.attempts):
        if is_taken_appeal(attempt) and isinstance(attempt.work, Change):
            return attempt.work.attachments
    return request.attachments


def answered_under(submission: Submission, attempt: Attempt) -> tuple[Attempt, Change] | None:
    """The appeal under which something is answered: the latest one that was said before."""
    found: tuple[Attempt, Change] | None = None
    for held in _before(submission, attempt) if attempt.verb is Verb.ANSWER else ():
        if is_appeal(held) and isinstance(held.work, Change) and held.delivery is not Delivery.REFUSED:
            found = held, held.work
    return found


def _before(submission: Submission, attempt: Attempt) -> Iterator[Attempt]:
    for held in submission.attempts:
        if held.id == attempt.id:
            return
        yield held


def asked(standing: Standing, submission: Submission, attempt: Attempt) -> Standing:
    """The standing of the case with one more appeal."""
    new = _appeal(replace(submission, attempts=(*submission.attempts, attempt)), attempt, ())
    return replace(standing, appeals=(*standing.appeals, new))
