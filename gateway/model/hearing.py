"""What one message changes: a standing, a message, and the standing after it.

The table of moves decides what may change; words that nobody understood change nothing that was understood, and a word
on the whole request nothing that was decided of a line itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from gateway.model.appeal import UNDECIDED, WAS_DECIDED, AppealState, confirmed, is_contrary, kept, leaves_decision
from gateway.model.appeal import after as appeal_after
from gateway.model.outcome import (
    Answer,
    LineResult,
    Outcome,
    ReferenceKind,
    put_together,
)
from gateway.model.questions import OpenRound
from gateway.model.reasons import Reason
from gateway.model.status import (
    DECIDED,
    SETTLED,
    UNDER_REVIEW,
    Attention,
    CaseStatus,
    Ground,
    LineOutcome,
    may_move,
    of_line,
    roll_up,
)
from gateway.model.story import URGENCY, Heard, Standing, Story, grounds_of
from gateway.model.whole import CERTIFIED, completed, explained, otherwise, renumbered

T = TypeVar("T", bound=Hashable)
_Call = tuple[Attention, tuple[str, ...]]
"""Who must act, and the reasons for which, each for itself."""


_OF_ANSWER = MappingProxyType(
    {
        Answer.RECEIVED: CaseStatus.RECEIVED,
        Answer.REJECTED: CaseStatus.REJECTED,
        Answer.CANCELLED: CaseStatus.CANCELLED,
        Answer.DUPLICATE: CaseStatus.DUPLICATE,
        Answer.CLOSED: CaseStatus.CLOSED_BY_PAYER,
        Answer.RESCINDED: CaseStatus.RESCINDED,
    }
)
"""Answers that set a status by themselves. REVIEWED sets it through the lines, and the others leave it."""

_SILENT = frozenset({Answer.PLACED, Answer.NOT_FOUND, Answer.UNAVAILABLE, Answer.NUMBER_USED})
"""Answers that say nothing of what is on file."""
_LEAVING = _SILENT | {Answer.CANCEL_REFUSED, Answer.UNMAPPED}

_NOTHING_LEFT = frozenset(
    {CaseStatus.CANCELLED, CaseStatus.CLOSED_BY_PAYER, CaseStatus.NOT_REQUIRED, CaseStatus.DUPLICATE}
)
"""Ends that leave nothing to be done at this payer. Where one of them is a cancellation, they contradict each other in
nothing that somebody must settle: it crossed with the payer's own word, and the first of them stays."""


def hear(story: Story, item: Heard) -> Story:
    """The story after one more message."""
    outcome, before = item.outcome, story.standing.status
    if outcome.answer in _LEAVING or (outcome.answer is Answer.REJECTED and not item.on_filing):
        return _noted(story, outcome)
    if item.superseded and leaves_decision(outcome):
        return _noted(story, _without_call(outcome))
    if item.appeal and outcome.answer in UNDECIDED and before in DECIDED:
        closed = Attention.PROVIDER, ("the payer closed the appeal without deciding it",)
        held = replace(story.standing, rounds=(), requested=(), follow_up=outcome.follow_up or story.standing.follow_up)
        return _noted(replace(story, standing=held), outcome, closed)
    if outcome.answer is Answer.RECEIVED and not may_move(before, CaseStatus.RECEIVED, grounds_of(item)):
        # An acknowledgement that comes late never takes back what the payer said since.
        noted = _noted(story, outcome)
        if before is CaseStatus.REJECTED and item.on_filing and outcome.said_in in story.refused:
            noted = _called(noted, Attention.OPERATOR, ("the payer refused the filing and says now that it has it",))
        return noted
    if contrary := _contrary_to_appeal(story, item):
        rest = tuple(result for result in outcome.lines if result not in contrary)
        if rest:
            story = hear(story, replace(item, outcome=outcome.model_copy(update={"lines": rest})))
        why = "the payer says of the first request what its decision of the appeal does not: it may be the old decision"
        return _disputed(story, outcome, why)
    if outcome.answer is Answer.REVIEWED:
        after = _reviewed(story, item)
    else:
        told = _told(story.standing, outcome)
        spoken = frozenset(told.lines) if outcome.answer is Answer.CANCELLED else story.spoken
        refused = {outcome.said_in} - {""} if outcome.answer is Answer.REJECTED else set()
        after = replace(story, standing=told, spoken=spoken, refused=story.refused | refused, whys=outcome.whys)
    grounds = grounds_of(item)
    if not may_move(before, after.standing.status, grounds):
        crossed = before is CaseStatus.CANCELLED or Ground.WISH in grounds
        if crossed and {before, after.standing.status} <= _NOTHING_LEFT:
            return _noted(story, _without_call(outcome))
        return _contradicted(story, outcome, after.standing.status)
    return replace(after, revived=_revived(story, after))


def _revived(before: Story, after: Story) -> frozenset[str]:
    """The lines that the payer decided after they were cancelled, and that were not cancelled again since."""
    was, now = before.standing, after.standing
    cancelled = {line for line, result in now.lines.items() if result.outcome is LineOutcome.CANCELLED}
    if was.status is CaseStatus.CANCELLED and now.status is CaseStatus.RESCINDED:
        return frozenset(cancelled)
    back = {line for line, result in was.lines.items() if result.outcome is LineOutcome.CANCELLED} - cancelled
    return frozenset((before.revived | back) - (cancelled if now.status is not CaseStatus.RESCINDED else set()))


def _contrary_to_appeal(story: Story, item: Heard) -> tuple[LineResult, ...]:
    """What a word on the first request says of lines other than an appeal has decided."""
    if item.appeal or item.change or item.outcome.answer is not Answer.REVIEWED:
        return ()
    return tuple(
        result
        for result in item.outcome.lines
        if result.line is not None
        and result.line in story.appealed
        and story.appealed[result.line] in WAS_DECIDED
        and is_contrary(story.standing.lines[result.line], result)
    )


def _without_call(outcome: Outcome) -> Outcome:
    """The outcome without what it calls for, unless an operator must look: what it is on is over."""
    if outcome.attention is Attention.OPERATOR:
        return outcome
    return outcome.model_copy(update={"attention": Attention.NONE, **put_together(())})


def _noted(story: Story, outcome: Outcome, call: _Call = (Attention.NONE, ())) -> Story:
    """The story after a message that changes no status: what people were asked stays, nothing is taken back."""
    least, held = call, story.standing
    if outcome.answer is Answer.UNMAPPED and outcome.attention is not Attention.OPERATOR:
        least = Attention.OPERATOR, ("the payer's answer is in words nobody has mapped",)
    elif outcome.answer is Answer.CANCEL_REFUSED:
        least = Attention.PROVIDER, ("the payer refused the cancellation",)
    elif outcome.answer is Answer.REJECTED:
        least = Attention.PROVIDER, ("the payer refused a message about the filing",)
    silent = outcome.answer in _SILENT or outcome.answer is Answer.RECEIVED
    who, whys = _more_urgent((held.attention, story.whys), (outcome.attention, outcome.whys), least)
    standing = replace(
        held,
        expected_by=outcome.expected_by or held.expected_by,
        reasons=held.reasons if silent else _once((*held.reasons, *outcome.reasons)),
        references=_once((*held.references, *outcome.references)),
    )
    return _called(replace(story, standing=standing), who, whys)


def _called(story: Story, who: Attention, whys: tuple[str, ...]) -> Story:
    """The story with who must act, and all reasons for which."""
    why = put_together(whys)["attention_why"]
    return replace(story, standing=replace(story.standing, attention=who, attention_why=why), whys=whys)


def _told(standing: Standing, outcome: Outcome) -> Standing:
    """The standing an answer sets by itself."""
    lines = dict(standing.lines)
    if outcome.answer is Answer.CANCELLED:
        lines = {line: LineResult(line=line, outcome=LineOutcome.CANCELLED, named=False) for line in lines}
    elif outcome.answer is Answer.RESCINDED:
        # Without its number too: nobody shall bill on an approval that was withdrawn.
        withdrawn = {
            "outcome": LineOutcome.NOT_CERTIFIED,
            "named": False,
            "reasons": outcome.reasons,
            "authorization_number": None,
        }
        lines = {
            line: result.model_copy(update=withdrawn) if result.outcome in CERTIFIED else result
            for line, result in lines.items()
        }
    elif outcome.answer is Answer.CLOSED:
        # Who closes a request asks nothing of its lines any more, and decided nothing of those it left open.
        lines = {
            line: LineResult(line=line, outcome=LineOutcome.PENDING, named=False) if _is_open(result) else result
            for line, result in lines.items()
        }
    return replace(
        standing,
        status=_OF_ANSWER[outcome.answer],
        lines=lines,
        attention=outcome.attention,
        attention_why=outcome.attention_why,
        reasons=outcome.reasons,
        references=_once((*standing.references, *outcome.references)),
        requested=outcome.requested,
        rounds=_rounds(outcome),
        contacts=outcome.contacts,
        follow_up=outcome.follow_up,
        reference_pending=False,
        expected_by=outcome.expected_by,
    )


def _is_open(result: LineResult) -> bool:
    return of_line(result.outcome) not in SETTLED


def _reviewed(story: Story, item: Heard) -> Story:
    """The story after a review said something of lines. A line that may not move stays, and a person looks. So does one
    that is granted, where a change of it is denied: the change is, and a person looks whether the grant stands."""
    outcome = item.outcome
    held, lines, spoken = story.standing, dict(story.standing.lines), set(story.spoken)
    appealed = dict(story.appealed)
    call = outcome.attention, outcome.whys
    unmatched: list[LineResult] = []
    stayed: list[tuple[LineResult, LineResult]] = []
    upheld: tuple[Reason, ...] = ()
    refused = None
    for result in outcome.lines:
        line = result.line
        if line is None or line not in lines:
            unmatched.append(result)
            continue
        old, new = lines[line], of_line(result.outcome)
        on_first = not (item.appeal or item.change)
        if item.appeal:
            state = appealed.get(line, AppealState.ASKED)
            appealed[line] = appeal_after(state, [result.outcome], on_itself=item.change)
        if line in spoken and result.outcome is LineOutcome.UNKNOWN:
            # Words nobody understood add to what was understood; they never replace it (law 3).
            lines[line] = old.model_copy(update={"reasons": _once((*old.reasons, *result.reasons))})
        elif item.appeal and (stands := kept(old, result)) is not None:
            lines[line], upheld = stands, (*upheld, *result.reasons)
        elif item.change and result.outcome is LineOutcome.NOT_CERTIFIED and old.outcome in CERTIFIED:
            refused = "the payer denied a change of a line that it had granted"
        elif on_first and result.outcome is old.outcome and appealed.get(line) in WAS_DECIDED:
            lines[line] = confirmed(old, result)
        elif not result.named and old.named and of_line(old.outcome) in SETTLED:
            lines[line] = completed(old, result)
            stayed.append((old, result))
        elif line in spoken and new in UNDER_REVIEW and not may_move(of_line(old.outcome), new, grounds_of(item)):
            refused = f"the payer said {new} of a line after {of_line(old.outcome)}"
        else:
            number = result.authorization_number or (
                old.authorization_number if result.outcome in CERTIFIED and old.outcome in CERTIFIED else None
            )
            lines[line] = result.model_copy(update={"authorization_number": number})
            spoken.add(line)
    for own, word in stayed:
        if otherwise(own, word) and not explained(word, outcome, lines):
            refused = f"the payer says {of_line(word.outcome)} of the whole request after it decided a line otherwise"
    if refused:
        call = Attention.OPERATOR, (refused,)
    if any(renumbered(*pair, (*held.lines.values(), *outcome.lines), held.references) for pair in stayed):
        why = "the payer gives the whole request another authorization number than it gave a line"
        call = _more_urgent(call, (Attention.OPERATOR, (why,)))
    if any(result.outcome is LineOutcome.UNKNOWN for result in outcome.lines):
        call = _more_urgent(call, (Attention.OPERATOR, ("a line's outcome is in words nobody has mapped",)))
    if unmatched or not outcome.lines:
        call = _more_urgent(call, (Attention.OPERATOR, ("the review speaks of lines that are none of ours",)))
    silent = [CaseStatus.RECEIVED] if len(spoken) < len(lines) else []
    status = roll_up([*(of_line(lines[line].outcome) for line in spoken), *silent])
    if status is CaseStatus.RECEIVED and held.status in UNDER_REVIEW:
        status = held.status
    references = _once((*held.references, *outcome.references))
    numbered = any(result.authorization_number for result in lines.values()) or any(
        reference.kind is ReferenceKind.AUTHORIZATION for reference in references
    )
    asking = status is CaseStatus.NEEDS_INFORMATION
    standing = Standing(
        status=status,
        lines=lines,
        reasons=_once((*outcome.reasons, *upheld)),
        references=references,
        requested=outcome.requested or (held.requested if asking else ()),
        rounds=_rounds(outcome) or (held.rounds if asking else ()),
        contacts=outcome.contacts or (held.contacts if asking else ()),
        follow_up=outcome.follow_up,
        reference_pending=status in DECIDED and status is not CaseStatus.DENIED and not numbered,
        expected_by=outcome.expected_by,
        contradictions=(*held.contradictions, outcome) if refused else held.contradictions,
        unmatched=_once((*held.unmatched, *unmatched)),
    )
    return _called(replace(story, standing=standing, spoken=frozenset(spoken), appealed=appealed), *call)


def _rounds(outcome: Outcome) -> tuple[OpenRound, ...]:
    return () if outcome.questions is None else (OpenRound.of(outcome.questions),)


def _contradicted(story: Story, outcome: Outcome, said: CaseStatus) -> Story:
    return _disputed(story, outcome, f"the payer said {said} after {story.standing.status}")


def _disputed(story: Story, outcome: Outcome, why: str) -> Story:
    standing = replace(story.standing, contradictions=(*story.standing.contradictions, outcome))
    return _called(replace(story, standing=standing), Attention.OPERATOR, (why,))


def _more_urgent(*asked: _Call) -> _Call:
    """The most urgent of these; the first of equals. An operator is told every reason, and each once."""
    most = max(asked, key=lambda item: URGENCY.index(item[0]))
    if most[0] is not Attention.OPERATOR:
        return most
    return Attention.OPERATOR, _once(tuple(why for who, whys in asked if who is Attention.OPERATOR for why in whys))


def _once(items: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
