"""Which level each appeal of a submission is of, until when that could be asked for, and whether it was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from gateway.clocks.clock import end_of
from gateway.model.appeal import WAS_DECIDED, Appeal
from gateway.model.story import Heard
from gateway.profiles.narrowed import Matter
from gateway.profiles.recourse import Known, holding
from gateway.recourse.denial import noticed


class LeveledAppeal(Appeal):
    """An appeal with its level, the end of the window for that, and what is to be said of it."""

    level: Annotated[int | None, Field(description="One more than were decided before it.")] = None
    name: str | None = None
    until: AwareDatetime | None = None
    warning: Annotated[str | None, Field(description="It was asked for after its window; the payer may refuse it.")] = (
        None
    )


def leveled(
    appeals: Sequence[Appeal], heard: Sequence[Heard], matter: Matter, known: Sequence[Known]
) -> tuple[LeveledAppeal, ...]:
    """Each appeal of a submission with its level, and a warning where it was asked for after its window. ``matter``
    is the submission's; its day is that of each notice."""
    found: list[LeveledAppeal] = []
    for place, appeal in enumerate(appeals):
        before = [each for each in appeals[:place] if each.state in WAS_DECIDED and {*each.lines} & {*appeal.lines}]
        level, known_by_then = len(before) + 1, [item for item in heard if item.at <= appeal.asked_at]
        since = _since(appeal.lines, known_by_then, level)
        own = _level_of(known, matter, since, level)
        found.append(LeveledAppeal.model_validate({**dict(appeal), "level": level, **_window(appeal, own, since)}))
    return tuple(found)


def _since(lines: Iterable[str], heard: Sequence[Heard], level: int) -> datetime | None:
    """The notice that the window of an appeal begins with; of several lines the first, for it ends first."""
    times = [pair[0] if level == 1 else pair[1] or pair[0] for pair in (noticed(line, heard) for line in lines)]
    return min((at for at in times if at is not None), default=None)


def _level_of(known: Sequence[Known], matter: Matter, since: datetime | None, level: int) -> Known | None:
    if since is None:
        return None
    on_that_day = matter.model_copy(update={"on": since.astimezone(UTC).date()})
    return next((each for each in holding(known, on_that_day) if each.path.level == level), None)


def _window(appeal: Appeal, own: Known | None, since: datetime | None) -> dict[str, object]:
    if own is None or since is None:
        return {}
    path = own.path
    until = None if path.window is None else end_of(path.window, own.zone, since, rolls=path.rolls)
    late = until is not None and appeal.asked_at > until
    says = f"appeal_after_window: {path.window.in_words if path.window else ''} from the notice, {path.source}."
    return {"name": path.name, "until": until, "warning": says if late else None}
