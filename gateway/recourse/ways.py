"""What may be done about a denied line: reconsideration, a conversation of peers, the next appeal, a resubmission.

The payer's own words go before the rules. Suggestions to a person: nothing is done by itself. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from pydantic import ValidationError

from gateway.contract.destination import Benefit
from gateway.denials.read import Facts
from gateway.model.appeal import WAS_DECIDED, Appeal
from gateway.model.people import Level, LineOfBusiness
from gateway.model.reasons import NextAction, Reason, Word
from gateway.model.recourse import AppealLevel, RecourseKind, Way, WindowState
from gateway.profiles.recourse import Recourse, Step, Window, choose
from gateway.recourse.windows import window_end

FIRST_IN_THE_STATES = "America/Puerto_Rico"
"""Where a day ends first: for windows that the payer named without saying where its days end."""

_CHANGES: Mapping[NextAction, tuple[str, str]] = MappingProxyType(
    {
        NextAction.CORRECT_AND_RESUBMIT: ("fix and resubmit", "It was not decided on its merits: mend it, file anew."),
        NextAction.SEND_DOCUMENTS: ("resubmit with documents", "Documents were missing or too old: file with them."),
        NextAction.CHANGE_SITE: ("resubmit with another site", "The site was denied, not the treatment."),
        NextAction.CHANGE_PRODUCT: ("resubmit with another product", "The payer prefers another product."),
        NextAction.CHANGE_PROVIDER: ("resubmit with another provider", "The provider was denied."),
        NextAction.ADJUST_QUANTITY: ("resubmit with another quantity", "The quantity or the time was denied."),
        NextAction.CHECK_COVERAGE: ("check the coverage", "The coverage was denied: ask for eligibility first."),
        NextAction.FIND_EXISTING: ("find the existing one", "The payer says that it holds another request for it."),
        NextAction.REROUTE: ("ask somebody else", "Another payer, benefit or channel decides this."),
        NextAction.RESUBMIT_LATER: ("resubmit later", "The payer could not look at it."),
        NextAction.CALL_PAYER: ("call the payer", "What the payer meant is not understood here."),
    }
)
_UNREAD = frozenset({Word.UNMAPPED, Word.OTHER})


@dataclass(frozen=True)
class Denied:
    """A line that was denied, or granted for less. ``facts`` stand in the payer's own words; ``appeals`` are those of
    the line, the latest last."""

    payer: str
    business: LineOfBusiness
    benefit: Benefit
    drug: bool
    urgency: Level
    reasons: Sequence[Reason]
    facts: Facts
    appeals: Sequence[Appeal]
    noticed_at: datetime | None


def ways_of(denied: Denied, rules: Sequence[Recourse], now: datetime) -> tuple[Way, ...]:
    """All that may be done, what usually helps first: resubmission, conversation, reconsideration, appeal."""
    resubmissions = tuple(_resubmissions(denied.reasons))
    if any(appeal.under_way for appeal in denied.appeals):
        return resubmissions
    level = 1 + decided(denied.appeals)
    first = level == 1
    found: list[Way] = []
    if first and _offers_peers(denied):
        why = "A clinical reason: the payer's reviewer may be talked to."
        found.append(_way(denied, rules, Step.PEER_TO_PEER, None, why, now))
    if first and _rule(denied, rules, Step.RECONSIDERATION, None) and is_appealable(denied.reasons):
        why = "The payer looks again at what comes with something new, without an appeal."
        found.append(_way(denied, rules, Step.RECONSIDERATION, None, why, now))
    known = first or _rule(denied, rules, Step.APPEAL, level) is not None
    if known and is_appealable(denied.reasons):
        why = (
            "The decision may be appealed." if first else f"Level {level - 1} was decided; the next one is open to you."
        )
        found.append(_way(denied, rules, Step.APPEAL, level, why, now))
    return (*resubmissions, *found)


def decided(appeals: Iterable[Appeal]) -> int:
    """How many levels were decided. One that was closed or refused used none."""
    return sum(appeal.state in WAS_DECIDED for appeal in appeals)


def level_of(denied: Denied, appeal: Appeal, rules: Sequence[Recourse]) -> AppealLevel:
    """An appeal among the levels, where ``denied`` is its line as it stood when it was asked for."""
    level = 1 + decided(denied.appeals)
    found = _rule(denied, rules, Step.APPEAL, level)
    until, _ = _until(denied, found, Step.APPEAL)
    late = until is not None and appeal.asked_at > until
    warning = "The appeal was asked for when its window was over; the payer may refuse it as late." if late else None
    return AppealLevel(
        lines=appeal.lines,
        state=appeal.state,
        asked_at=appeal.asked_at,
        level=level,
        name=found.rule.name if found else None,
        until=until,
        late=late,
        warning=warning,
    )


def is_appealable(reasons: Sequence[Reason]) -> bool:
    """False where the payer gave reasons, and each is known to be nothing to appeal."""
    return not reasons or any(reason.appealable or reason.word in _UNREAD for reason in reasons)


def _offers_peers(denied: Denied) -> bool:
    """A clinical reason does; of one that is not read, or of a site, only the payer's own words do."""
    own = any(window.purpose == Step.PEER_TO_PEER for window in denied.facts.windows)
    return any(
        (reason.peer_to_peer and (reason.clinical or own)) or (own and reason.word in _UNREAD)
        for reason in denied.reasons
    )


def _resubmissions(reasons: Sequence[Reason]) -> Iterator[Way]:
    for change in dict.fromkeys(reason.next_action for reason in reasons):
        if change in _CHANGES:
            name, why = _CHANGES[change]
            words = dict.fromkeys(reason.word for reason in reasons if reason.next_action is change)
            yield Way(
                kind=RecourseKind.RESUBMIT,
                change=change,
                name=name,
                why=why,
                reasons=tuple(words),
                window=WindowState.OPEN,
            )


def _rule(denied: Denied, rules: Sequence[Recourse], step: Step, level: int | None) -> Recourse | None:
    if denied.noticed_at is None:
        return None
    return choose(
        rules,
        step,
        level,
        payer=denied.payer,
        business=denied.business,
        benefit=denied.benefit,
        drug=denied.drug,
        on=denied.noticed_at.date(),
    )


def _way(denied: Denied, rules: Sequence[Recourse], step: Step, level: int | None, why: str, now: datetime) -> Way:
    found = _rule(denied, rules, step, level)
    until, by_payer = _until(denied, found, step)
    rule = found.rule if found else None
    limit = (rule.decides_expedited if denied.urgency == "expedited" else rule.decides) if rule else None
    state = WindowState.UNKNOWN if until is None else WindowState.OVER if now > until else WindowState.OPEN
    phones = denied.facts.phones if step is Step.PEER_TO_PEER else ()
    clinical = {reason.word: None for reason in denied.reasons if reason.clinical or step is not Step.PEER_TO_PEER}
    return Way(
        kind=RecourseKind(step.value),
        level=level,
        name=rule.name if rule else step.value.replace("_", " "),
        why=why,
        reasons=tuple(clinical),
        window=state,
        until=until,
        window_from=None if until is None else "payer" if by_payer else "rule",
        decided_by=rule.decider.value if rule else "payer",
        decides_within=limit.in_words if limit else None,
        phones=phones or ((rule.phone,) if rule and rule.phone and step is Step.PEER_TO_PEER else ()),
        rule=rule.id if rule else None,
        says=rule.says if rule else None,
        source=rule.source if rule else None,
        note=rule.note if rule else None,
    )


def _until(denied: Denied, found: Recourse | None, step: Step) -> tuple[datetime | None, bool]:
    """The end of the window, and whether the payer's own words give it: of several the first counts."""
    if denied.noticed_at is None:
        return None, False
    zone = found.zone if found else FIRST_IN_THE_STATES
    own = [window_end(window, zone, denied.noticed_at) for window in _named(denied.facts, step)]
    if own:
        return min(own), True
    return (window_end(found.rule.window, found.zone, denied.noticed_at) if found else None), False


def _named(facts: Facts, step: Step) -> Iterator[Window]:
    for window in facts.windows:
        if window.purpose == step.value:
            try:
                yield Window.model_validate({window.unit: window.length})
            except ValidationError:  # no window is so long: something else was counted
                continue
