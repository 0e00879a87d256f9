"""What can be done about a denial now: each way with why, until when, who decides it, and what in the API asks for it.

Pure, over what was heard and what is known of payers. Suggests, and does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.clocks.clock import end_of, end_of_day
from gateway.model.reasons import NextAction
from gateway.model.record import Record
from gateway.model.talk import Talk
from gateway.profiles.recourse import Known, Way, holding
from gateway.recourse.denial import USUAL_ZONE, Denial
from gateway.recourse.levels import next_level

_RESUBMITS = {
    NextAction.CORRECT_AND_RESUBMIT: "Resubmit with what is wrong corrected",
    NextAction.SEND_DOCUMENTS: "Resubmit with the documents that were missing",
    NextAction.CHANGE_SITE: "Resubmit for another site of service",
    NextAction.CHANGE_PRODUCT: "Resubmit for another product",
    NextAction.CHANGE_PROVIDER: "Resubmit with another provider",
    NextAction.ADJUST_QUANTITY: "Resubmit for another quantity or period",
    NextAction.CHECK_COVERAGE: "Check the coverage, and resubmit under the one that holds",
    NextAction.REROUTE: "Resubmit to the payer who decides it",
}
_ASKS = {
    "peer_to_peer": "POST /v1/requests/{id}/peer-to-peer",
    "reconsideration": "Send it as this payer takes it; the gateway's channels have no word for it",
    "appeal": "POST /v1/requests/{id}/appeal",
    "resubmission": "POST /v1/requests",
}
_NO_TALK = (
    "The payer's notice says that there is no such talk, or none any more: read it, and ask for one all the same."
)
_UNASKED = "Nobody: it goes on by itself"
_ELSEWHERE = "Send it as the payer's notice says: the payer takes no appeal through this channel"
_OUTSIDE = "Send it to who decides it; the gateway's channels reach the payer alone"


class Option(Record):
    """Something that can be done about denied lines. ``over`` says that its window has ended: it may be asked for all
    the same, and may be refused for that."""

    way: Way | Literal["resubmission"]
    submission: UUID
    payer: str
    lines: tuple[str, ...]
    name: str
    why: str
    suggested: Annotated[bool, Field(description="The reasons of the denial suggest it.")] = False
    decided_by: str
    level: Annotated[int | None, Field(description="Of appeals: which one it would be.")] = None
    until: Annotated[AwareDatetime | None, Field(description="The end of its window; null where none is known.")] = None
    over: bool = False
    automatic: Annotated[bool, Field(description="The payer hands it on by itself.")] = False
    decides_in: Annotated[str | None, Field(description="How long the decision may take.")] = None
    phone: str | None = None
    talk: Annotated[int | None, Field(description="The talk of peers that is open already.")] = None
    change: Annotated[NextAction | None, Field(description="Of a resubmission: what to change.")] = None
    candidates: Annotated[
        tuple[str, ...], Field(description="Places of service, or codes, that the payer's policy prefers.")
    ] = ()
    how: Annotated[str, Field(description="How it is asked for.")]
    path: Annotated[str | None, Field(description="The rule that it follows from; null where none is known.")] = None
    says: str | None = None
    source: str | None = None
    doubt: Annotated[str | None, Field(description="What of the rule is not certain.")] = None


def options_of(
    denials: Sequence[Denial], known: Sequence[Known], talks: Sequence[Talk], now: datetime
) -> tuple[Option, ...]:
    """What can be done now, what the reasons suggest first; the same for several lines of a submission is one."""
    found: list[Option] = []
    for denial in denials:
        for option in _options(denial, known, talks, now):
            alike = next((n for n, held in enumerate(found) if _alike(held, option)), None)
            if alike is None:
                found.append(option)
            else:
                found[alike] = found[alike].model_copy(update={"lines": (*found[alike].lines, *option.lines)})
    return tuple(sorted(found, key=lambda option: not option.suggested))


def _alike(one: Option, other: Option) -> bool:
    return one.model_copy(update={"lines": ()}) == other.model_copy(update={"lines": ()})


def _options(denial: Denial, known: Sequence[Known], talks: Sequence[Talk], now: datetime) -> list[Option]:
    actions = dict.fromkeys(reason.next_action for reason in denial.reasons)
    paths = holding(known, denial.matter)
    level = next_level(denial.decided, paths)
    going = any(appeal.under_way for appeal in denial.appeals)
    found: list[Option] = []
    if not going:
        found += [_resubmission(denial, action) for action in actions if action in _RESUBMITS]
    talk = next((each for each in talks if each.is_open and _over(each, denial)), None)
    if (denial.clinical or talk is not None) and level == 1:
        path = next((each for each in paths if each.path.way == "peer_to_peer"), None)
        found.append(_talk(denial, path, talk, now, suggested=NextAction.PEER_TO_PEER in actions))
    if going or not denial.appealable:
        return found
    for each in paths:
        if each.path.way == "reconsideration" and level == 1:
            found.append(_by_path(denial, each, denial.noticed_at, now, suggested=bool(actions & _NEW.keys())))
        elif each.path.level == level:
            since = denial.noticed_at if level == 1 else denial.upheld_at or denial.noticed_at
            found.append(_by_path(denial, each, since, now, suggested=NextAction.APPEAL in actions))
    if not any(option.way == "appeal" for option in found):
        found.append(_unknown_appeal(denial, level, now, suggested=NextAction.APPEAL in actions))
    return found


_NEW = dict.fromkeys((NextAction.SEND_DOCUMENTS, NextAction.APPEAL))
"""Suggestions that something new is to be shown."""


def _over(talk: Talk, denial: Denial) -> bool:
    return talk.submission == denial.submission and denial.line in talk.lines


def _why(denial: Denial) -> str:
    words = ", ".join(dict.fromkeys(reason.word for reason in denial.reasons))
    what = "Granted for less than was asked" if denial.reduced else "Denied"
    return f"{what}: {words}." if words else f"{what}, and the payer gave no reason."


def _resubmission(denial: Denial, action: NextAction) -> Option:
    candidates = {NextAction.CHANGE_SITE: denial.sites, NextAction.CHANGE_PRODUCT: denial.products}
    return Option(
        way="resubmission",
        submission=denial.submission,
        payer=denial.payer,
        lines=(denial.line,),
        name=_RESUBMITS[action],
        why=_why(denial),
        suggested=True,
        decided_by="The payer, as of a new request",
        change=action,
        candidates=candidates.get(action, ()),
        how=_ASKS["resubmission"],
    )


def _talk(denial: Denial, path: Known | None, talk: Talk | None, now: datetime, *, suggested: bool) -> Option:
    until, rule = window_of_talk(denial, path)
    until = until if talk is None else talk.until
    return Option(
        way="peer_to_peer",
        submission=denial.submission,
        payer=denial.payer,
        lines=(denial.line,),
        name=path.path.name if path else "Peer-to-peer",
        why=_why(denial),
        suggested=suggested and not denial.no_talk,
        decided_by=path.path.decided_by if path else "The payer: ask whether it talks, and until when",
        until=until,
        over=(until is not None and now > until) or (denial.no_talk and talk is None),
        phone=(talk.phone if talk else None) or phone_of_talk(denial, path),
        talk=talk.n if talk else None,
        how=_ASKS["peer_to_peer"],
        path=rule,
        says=path.path.says if path and rule else None,
        source=path.path.source if path and rule else None,
        doubt=_NO_TALK if denial.no_talk else path.path.doubt if path and rule else None,
    )


def window_of_talk(denial: Denial, path: Known | None) -> tuple[datetime | None, str | None]:
    """The end of the window for a talk of peers, and the rule that it follows from: none where the payer's own words
    name it, or nobody knows it."""
    if denial.window is not None:
        return end_of(denial.window, path.zone if path else USUAL_ZONE, denial.noticed_at), None
    if path is None or path.path.window is None:
        return None, None
    return end_of(path.path.window, path.zone, denial.noticed_at, rolls=path.path.rolls), path.path.id


def phone_of_talk(denial: Denial, path: Known | None) -> str | None:
    return denial.phone or (path.path.phone if path else None)


def talk_path(denial: Denial, known: Sequence[Known]) -> Known | None:
    """What is known of this payer's talks of peers."""
    return next((each for each in holding(known, denial.matter) if each.path.way == "peer_to_peer"), None)


def _by_path(denial: Denial, known: Known, since: datetime, now: datetime, *, suggested: bool) -> Option:
    path = known.path
    ruled = None if path.window is None else end_of(path.window, known.zone, since, rolls=path.rolls)
    named = None if denial.last_day is None or path.way != "appeal" else end_of_day(denial.last_day, known.zone)
    until = min((end for end in (ruled, named) if end is not None), default=None)
    how = _ASKS[path.way] if path.way != "appeal" or path.level == 1 else _OUTSIDE
    if path.way == "appeal" and path.level == 1 and denial.elsewhere:
        how = _ELSEWHERE
    limit = path.decides_in.get(denial.urgency)
    return Option(
        way=path.way,
        submission=denial.submission,
        payer=denial.payer,
        lines=(denial.line,),
        name=path.name,
        why=_why(denial),
        suggested=suggested,
        decided_by=path.decided_by,
        level=path.level,
        until=until,
        over=until is not None and now > until,
        automatic=path.automatic,
        decides_in=limit.in_words if limit else None,
        how=_UNASKED if path.automatic else how,
        path=path.id,
        says=path.says,
        source=path.source,
        doubt=_doubt(denial, path.doubt, None if ruled == named else ruled) if path.way == "appeal" else path.doubt,
    )


def _doubt(denial: Denial, known: str | None = None, ruled: datetime | None = None) -> str | None:
    """With what the notice itself names: whether that is the practice's time or the payer's, a person has to read. A
    day for the appeal is the practice's; ``ruled`` is the end of the window by the rule, where that is another."""
    says: list[str] = []
    if denial.last_day is not None and ruled is not None:
        says.append(
            f"The payer's notice names {denial.last_day} as the last day, and by the rule the time ends "
            f"{ruled:%Y-%m-%dT%H:%M:%SZ}: go by what ends first."
        )
    if denial.times:
        named = " and ".join(dict.fromkeys(each.in_words for each in denial.times))
        says.append(f"The payer's notice names {named} beside an appeal: read it, and go by what ends first.")
    return " ".join([*says, known] if known else says) or None


def _unknown_appeal(denial: Denial, level: int, now: datetime, *, suggested: bool) -> Option:
    until = None if denial.last_day is None else end_of_day(denial.last_day, USUAL_ZONE)
    return Option(
        way="appeal",
        submission=denial.submission,
        payer=denial.payer,
        lines=(denial.line,),
        name="Appeal",
        why=_why(denial),
        suggested=suggested,
        decided_by="Read the payer's notice: nothing is known here of this level",
        level=level,
        until=until,
        over=until is not None and now > until,
        how=_ELSEWHERE if denial.elsewhere else _ASKS["appeal"],
        doubt=_doubt(denial),
    )
