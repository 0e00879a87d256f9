"""Which level each appeal of a submission is of, until when that could be asked for, and whether it was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from gateway.clocks.clock import end_of, end_of_day
from gateway.model.appeal import WAS_DECIDED, Appeal
from gateway.model.story import Heard
from gateway.profiles.narrowed import Matter
from gateway.profiles.recourse import Known, Path, holding
from gateway.recourse.denial import USUAL_ZONE, noticed, terms_of_appeal


class LeveledAppeal(Appeal):
    """An appeal with its level, the end of the window for that, and what is to be said of it."""

    level: Annotated[
        int | None, Field(description="One more than were decided before it, of those that the payer decides.")
    ] = None
    name: str | None = None
    until: AwareDatetime | None = None
    warning: Annotated[
        str | None, Field(description="Why the payer may refuse it: it was asked for after its window, or again.")
    ] = None


def next_level(decided: int, paths: Iterable[Known]) -> int:
    """Of which level one more appeal is after so many were decided here. The gateway reaches the payer alone: what is
    known to come after the payer's own level stays the next, however often the payer is asked again."""
    beyond = [path.level for path in (each.path for each in paths) if path.level is not None and path.level > 1]
    return min((decided + 1, *beyond))


def leveled(
    appeals: Sequence[Appeal], heard: Sequence[Heard], matter: Matter, known: Sequence[Known]
) -> tuple[LeveledAppeal, ...]:
    """Each appeal of a submission with its level, and a warning where it was asked for after its window, or again of
    the payer where the next level is another's. ``matter`` is the submission's; its day is that of each notice."""
    found: list[LeveledAppeal] = []
    for place, appeal in enumerate(appeals):
        before = [each for each in appeals[:place] if each.state in WAS_DECIDED and {*each.lines} & {*appeal.lines}]
        known_by_then = [item for item in heard if item.at <= appeal.asked_at]
        paths = _paths(known, matter, _since(appeal.lines, known_by_then, 1))
        level = next_level(len(before), paths)
        beyond = None if level == 1 else _of_level(paths, level)
        level -= beyond is not None
        since = _since(appeal.lines, known_by_then, level)
        told = _window(appeal, _of_level(_paths(known, matter, since), level), since, _last_day(appeal, known_by_then))
        if beyond is not None:
            told |= {"warning": _again(beyond.path)}
        found.append(LeveledAppeal.model_validate({**dict(appeal), "level": level, **told}))
    return tuple(found)


def _again(beyond: Path) -> str:
    return f"asked_again: the payer decided its own level before. What comes next is not asked for here: {beyond.name}."


def _since(lines: Iterable[str], heard: Sequence[Heard], level: int) -> datetime | None:
    """The notice that the window of an appeal begins with; of several lines the first, for it ends first."""
    times = [pair[0] if level == 1 else pair[1] or pair[0] for pair in (noticed(line, heard) for line in lines)]
    return min((at for at in times if at is not None), default=None)


def _paths(known: Sequence[Known], matter: Matter, since: datetime | None) -> tuple[Known, ...]:
    """Those that hold on the day of a notice."""
    if since is None:
        return ()
    return holding(known, matter.model_copy(update={"on": since.astimezone(UTC).date()}))


def _of_level(paths: Iterable[Known], level: int) -> Known | None:
    return next((each for each in paths if each.path.level == level), None)


def _last_day(appeal: Appeal, heard: Sequence[Heard]) -> date | None:
    """The day that the payer's notice names for it; of several lines the first."""
    terms = [terms_of_appeal(line, heard) for line in appeal.lines]
    return min((each.until for each in terms if each is not None and each.until is not None), default=None)


def _window(appeal: Appeal, own: Known | None, since: datetime | None, last_day: date | None) -> dict[str, object]:
    """The end of its window, by the rule or as the notice names it, whichever is first."""
    ends: list[tuple[datetime, str]] = []
    if last_day is not None:
        named = end_of_day(last_day, own.zone if own else USUAL_ZONE)
        ends.append((named, f"{last_day} is the last day that the payer's notice names"))
    if own is not None and since is not None and (window := own.path.window) is not None:
        ruled = end_of(window, own.zone, since, rolls=own.path.rolls)
        ends.append((ruled, f"{window.in_words} from the notice, {own.path.source}"))
    until, says = min(ends, default=(None, ""))
    late = until is not None and appeal.asked_at > until
    name = own.path.name if own is not None and since is not None else None
    return {"name": name, "until": until, "warning": f"appeal_after_window: {says}." if late else None}
