"""What can be done about a denial now: each way with why, until when, who decides it, and what in the API asks for it.

Pure, over what was heard and what is known of payers. Suggests, and does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.clocks.clock import end_of
from gateway.model.appeal import APPEALABLE, WAS_DECIDED, Appeal
from gateway.model.people import Level
from gateway.model.reasons import NextAction, Reason
from gateway.model.record import Record
from gateway.model.status import LineOutcome
from gateway.model.story import Heard
from gateway.model.talk import Talk
from gateway.profiles.deadlines import Limit
from gateway.profiles.recourse import Denied, Known, Way, holding

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
_UNASKED = "Nobody: it goes on by itself"
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


class LeveledAppeal(Appeal):
    """An appeal with its level, the end of the window for that, and what is to be said of it."""

    level: Annotated[int | None, Field(description="One more than were decided before it.")] = None
    name: str | None = None
    until: AwareDatetime | None = None
    warning: Annotated[str | None, Field(description="It was asked for after its window; the payer may refuse it.")] = (
        None
    )


@dataclass(frozen=True)
class Denial:
    """A denied line of one submission. ``reasons`` are those of the line, or of the whole where it has none.
    ``phone`` and ``window`` are what the payer's own words say of a talk of peers."""

    submission: UUID
    payer: str
    line: str
    reasons: tuple[Reason, ...]
    denied: Denied
    noticed_at: datetime
    upheld_at: datetime | None = None
    appeals: tuple[Appeal, ...] = ()
    urgency: Level = "standard"
    phone: str | None = None
    window: Limit | None = None
    sites: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    @property
    def clinical(self) -> bool:
        return offers_talk(self.reasons)

    @property
    def level(self) -> int:
        """Which appeal the next one would be."""
        return 1 + sum(appeal.state in WAS_DECIDED for appeal in self.appeals)


def offers_talk(reasons: Iterable[Reason]) -> bool:
    """True where a clinician decided on clinical grounds: with whom else would a clinician talk."""
    return any(reason.clinical and reason.peer_to_peer for reason in reasons)


def noticed(line: str, heard: Iterable[Heard]) -> tuple[datetime | None, datetime | None]:
    """When the line was denied as it is now, and when its last appeal was denied: by the payer's own time where it
    names one, for windows begin with that."""
    first: datetime | None = None
    upheld: datetime | None = None
    for item in heard:
        for result in item.outcome.lines:
            if result.line != line or result.outcome not in _WORDS:
                continue
            if result.outcome not in APPEALABLE:
                first = upheld = None
            elif item.appeal:
                upheld = _time_of(item)
            elif first is None:
                first = _time_of(item)
    return first, upheld


_WORDS = APPEALABLE | {LineOutcome.CERTIFIED, LineOutcome.NOT_REQUIRED}


def _time_of(item: Heard) -> datetime:
    said = None if item.outcome.zone_unknown else item.outcome.effective_at
    return item.at if said is None else min(item.at, said)


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
    paths = holding(known, denial.denied)
    going = any(appeal.under_way for appeal in denial.appeals)
    found: list[Option] = []
    if not going:
        found += [_resubmission(denial, action) for action in actions if action in _RESUBMITS]
    talk = next((each for each in talks if each.is_open and _over(each, denial)), None)
    if (denial.clinical or talk is not None) and denial.level == 1:
        path = next((each for each in paths if each.path.way == "peer_to_peer"), None)
        found.append(_talk(denial, path, talk, now, suggested=NextAction.PEER_TO_PEER in actions))
    if going or not (denial.clinical or not denial.reasons or any(each.appealable for each in denial.reasons)):
        return found
    for each in paths:
        if each.path.way == "reconsideration" and denial.level == 1:
            found.append(_by_path(denial, each, denial.noticed_at, now, suggested=bool(actions & _NEW.keys())))
        elif each.path.level == denial.level:
            since = denial.noticed_at if denial.level == 1 else denial.upheld_at or denial.noticed_at
            found.append(_by_path(denial, each, since, now, suggested=NextAction.APPEAL in actions))
    if not any(option.way == "appeal" for option in found):
        found.append(_unknown_appeal(denial, suggested=NextAction.APPEAL in actions))
    return found


_NEW = dict.fromkeys((NextAction.SEND_DOCUMENTS, NextAction.APPEAL))
"""Suggestions that something new is to be shown."""


def _over(talk: Talk, denial: Denial) -> bool:
    return talk.submission == denial.submission and denial.line in talk.lines


def _why(denial: Denial) -> str:
    words = ", ".join(dict.fromkeys(reason.word for reason in denial.reasons))
    return f"Denied: {words}." if words else "Denied, and the payer gave no reason."


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
        suggested=suggested,
        decided_by=path.path.decided_by if path else "The payer: ask whether it talks, and until when",
        until=until,
        over=until is not None and now > until,
        phone=(talk.phone if talk else None) or phone_of_talk(denial, path),
        talk=talk.n if talk else None,
        how=_ASKS["peer_to_peer"],
        path=rule,
        says=path.path.says if path and rule else None,
        source=path.path.source if path and rule else None,
        doubt=path.path.doubt if path and rule else None,
    )


def window_of_talk(denial: Denial, path: Known | None) -> tuple[datetime | None, str | None]:
    """The end of the window for a talk of peers, and the rule that it follows from: none where the payer's own words
    name it, or nobody knows it."""
    if denial.window is not None:
        return end_of(denial.window, path.zone if path else "America/New_York", denial.noticed_at), None
    if path is None or path.path.window is None:
        return None, None
    return end_of(path.path.window, path.zone, denial.noticed_at, rolls=path.path.rolls), path.path.id


def phone_of_talk(denial: Denial, path: Known | None) -> str | None:
    return denial.phone or (path.path.phone if path else None)


def talk_path(denial: Denial, known: Sequence[Known]) -> Known | None:
    """What is known of this payer's talks of peers."""
    return next((each for each in holding(known, denial.denied) if each.path.way == "peer_to_peer"), None)


def _by_path(denial: Denial, known: Known, since: datetime, now: datetime, *, suggested: bool) -> Option:
    path = known.path
    until = None if path.window is None else end_of(path.window, known.zone, since, rolls=path.rolls)
    how = _ASKS[path.way] if path.way != "appeal" or path.level == 1 else _OUTSIDE
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
        doubt=path.doubt,
    )


def _unknown_appeal(denial: Denial, *, suggested: bool) -> Option:
    return Option(
        way="appeal",
        submission=denial.submission,
        payer=denial.payer,
        lines=(denial.line,),
        name="Appeal",
        why=_why(denial),
        suggested=suggested,
        decided_by="Read the payer's notice: nothing is known here of this level",
        level=denial.level,
        how=_ASKS["appeal"],
    )


def leveled(
    appeals: Sequence[Appeal], heard: Sequence[Heard], denied: Denied, known: Sequence[Known]
) -> tuple[LeveledAppeal, ...]:
    """Each appeal of a submission with its level, and a warning where it was asked for after its window. ``denied`` is
    of the submission; its day is that of each notice."""
    found: list[LeveledAppeal] = []
    for place, appeal in enumerate(appeals):
        before = [each for each in appeals[:place] if each.state in WAS_DECIDED and {*each.lines} & {*appeal.lines}]
        level, known_by_then = len(before) + 1, [item for item in heard if item.at <= appeal.asked_at]
        since = _since(appeal.lines, known_by_then, level)
        own = _level_of(known, denied, since, level)
        found.append(LeveledAppeal.model_validate({**dict(appeal), "level": level, **_window(appeal, own, since)}))
    return tuple(found)


def _since(lines: Iterable[str], heard: Sequence[Heard], level: int) -> datetime | None:
    """The notice that the window of an appeal begins with; of several lines the first, for it ends first."""
    times = [pair[0] if level == 1 else pair[1] or pair[0] for pair in (noticed(line, heard) for line in lines)]
    return min((at for at in times if at is not None), default=None)


def _level_of(known: Sequence[Known], denied: Denied, since: datetime | None, level: int) -> Known | None:
    if since is None:
        return None
    on_that_day = denied.model_copy(update={"on": since.astimezone(UTC).date()})
    return next((each for each in holding(known, on_that_day) if each.path.level == level), None)


def _window(appeal: Appeal, own: Known | None, since: datetime | None) -> dict[str, object]:
    if own is None or since is None:
        return {}
    path = own.path
    until = None if path.window is None else end_of(path.window, own.zone, since, rolls=path.rolls)
    late = until is not None and appeal.asked_at > until
    says = f"appeal_after_window: {path.window.in_words if path.window else ''} from the notice, {path.source}."
    return {"name": path.name, "until": until, "warning": says if late else None}
