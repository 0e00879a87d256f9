"""By when, and to whom, a practice may turn against a denial: typed facts per payer, line of business and date.

A law's text and a payer's page are not here, only what follows from them, with where it was learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import Phone, ShortText
from gateway.model.people import Level
from gateway.model.record import Record, refuse
from gateway.profiles.deadlines import Limit
from gateway.profiles.facts import Id, Provenance, Zone
from gateway.profiles.narrowed import Matter, Narrowed

Way = Literal["peer_to_peer", "reconsideration", "appeal"]


class Path(Narrowed):
    """One way to turn against a denial. ``level`` counts the appeals; what is asked before them has none. ``window`` is
    how long the practice may ask, from the notice of what it turns against; without one nobody knows, or it is
    ``automatic``: the payer hands it on by itself. A window that ``rolls`` never ends on a day that is none of work.
    ``decides_in`` is the payer's time. ``effective`` are the days of the notice. ``doubt`` says what is not certain."""

    id: Id
    way: Way
    level: Annotated[int, Field(strict=True, ge=1, le=6)] | None = None
    name: ShortText
    decided_by: ShortText
    window: Limit | None = None
    rolls: Annotated[bool, Field(strict=True)] = False
    automatic: Annotated[bool, Field(strict=True)] = False
    decides_in: Mapping[Level, Limit] = {}
    phone: Phone | None = None
    says: ShortText
    source: ShortText
    doubt: ShortText | None = None

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if (self.way == "appeal") != (self.level is not None):
            refuse("level", "Appeals have a level, and nothing else has.", "Write level: 1 for the first appeal.")
        if self.automatic and self.window is not None:
            refuse("window", "What goes on by itself has no window.", "Leave out window, or automatic.")
        return self


class PathList(Record):
    """One file. ``zone`` is where its days end; without one where they end first among the mainland's states, so that
    nobody is told to have time who has none."""

    list: Id
    provenance: Provenance
    zone: Zone = "America/New_York"
    paths: Annotated[tuple[Path, ...], Bounds(1, 500)]


class Known(Record):
    """A path with where its days end."""

    path: Path
    zone: str


def holding(known: Sequence[Known], matter: Matter) -> tuple[Known, ...]:
    """The paths that hold for a denied line, of each way and level the one that says most of what it is for: talks of
    peers first, then reconsiderations, then appeals by their levels."""
    found: dict[tuple[str, int], Known] = {}
    for each in known:
        path = each.path
        key = (path.way, path.level or 0)
        if path.holds(matter) and (key not in found or path.weight > found[key].path.weight):
            found[key] = each
    order = ("peer_to_peer", "reconsideration", "appeal")
    return tuple(found[key] for key in sorted(found, key=lambda key: (order.index(key[0]), key[1])))


def ties(lists: Sequence[PathList]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of paths of which neither wins, each by its list and its place there."""
    named = [(each.list, place, path) for each in lists for place, path in enumerate(each.paths)]
    for number, (one_list, one_place, one) in enumerate(named):
        for other_list, other_place, other in named[number + 1 :]:
            if (one.way, one.level) == (other.way, other.level) and one.ties(other):
                yield (one_list, one_place), (other_list, other_place)
