"""By when, and to whom, a practice may turn against a denial: typed facts per payer, line of business and date.

A law's text and a payer's page are not here, only what follows from them, with where it was learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import Phone, ShortText, State
from gateway.model.people import Level, LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.deadlines import Limit
from gateway.profiles.facts import Effective, Id, Provenance, Zone

Way = Literal["peer_to_peer", "reconsideration", "appeal"]


class Path(Record):
    """One way to turn against a denial. ``level`` counts the appeals; what is asked before them has none. ``window`` is
    how long the practice may ask, from the notice of what it turns against; without one nobody knows, or it is
    ``automatic``: the payer hands it on by itself. A window that ``rolls`` never ends on a day that is none of work.
    ``decides_in`` is the payer's time. ``effective`` are the days of the notice. ``doubt`` says what is not certain."""

    id: Id
    way: Way
    level: Annotated[int, Field(strict=True, ge=1, le=6)] | None = None
    name: ShortText
    decided_by: ShortText
    lines_of_business: Annotated[tuple[LineOfBusiness, ...], Bounds(1, 10)]
    benefits: Annotated[tuple[Benefit, ...] | None, Bounds(1, 2)] = None
    drugs: Annotated[bool, Field(strict=True)] | None = None
    payers: Annotated[tuple[Id, ...] | None, Bounds(1, 500)] = None
    states: Annotated[tuple[State, ...] | None, Bounds(1, 60)] = None
    window: Limit | None = None
    rolls: Annotated[bool, Field(strict=True)] = False
    automatic: Annotated[bool, Field(strict=True)] = False
    decides_in: Mapping[Level, Limit] = {}
    phone: Phone | None = None
    effective: Effective
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

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """How much it says of what it is for, as of deadlines: a payer's goes before a state's."""
        return self.payers is not None, self.states is not None, self.drugs is not None, self.benefits is not None

    def meets(self, other: Path) -> bool:
        """True when both could hold for one line on one day, and neither says more of what it is for."""
        return (
            (self.way, self.level, self.weight) == (other.way, other.level, other.weight)
            and bool(set(self.lines_of_business) & set(other.lines_of_business))
            and _meet(self.benefits, other.benefits)
            and _meet(self.payers, other.payers)
            and _meet(self.states, other.states)
            and (self.drugs is None or other.drugs is None or self.drugs == other.drugs)
            and self.effective.overlaps(other.effective)
        )


def _meet(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    return one is None or other is None or bool(set(one) & set(other))


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


class Denied(Record):
    """What is known of a denied line, for the choice of paths. ``on`` is the day of the notice."""

    payer: str
    business: LineOfBusiness
    benefit: Benefit
    drug: bool
    state: str | None
    on: date


def holding(known: Sequence[Known], denied: Denied) -> tuple[Known, ...]:
    """The paths that hold for a denied line, of each way and level the one that says most of what it is for: talks of
    peers first, then reconsiderations, then appeals by their levels."""
    found: dict[tuple[str, int], Known] = {}
    for each in known:
        path = each.path
        key = (path.way, path.level or 0)
        if _holds(path, denied) and (key not in found or path.weight > found[key].path.weight):
            found[key] = each
    order = ("peer_to_peer", "reconsideration", "appeal")
    return tuple(found[key] for key in sorted(found, key=lambda key: (order.index(key[0]), key[1])))


def _holds(path: Path, denied: Denied) -> bool:
    return (
        denied.business in path.lines_of_business
        and path.effective.holds(denied.on)
        and (path.benefits is None or denied.benefit in path.benefits)
        and path.drugs in (None, denied.drug)
        and (path.payers is None or denied.payer in path.payers)
        and (path.states is None or denied.state in path.states)
    )


def ties(lists: Sequence[PathList]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of paths of which neither wins, each by its list and its place there."""
    named = [(each.list, place, path) for each in lists for place, path in enumerate(each.paths)]
    for number, (one_list, one_place, one) in enumerate(named):
        for other_list, other_place, other in named[number + 1 :]:
            if one.meets(other):
                yield (one_list, one_place), (other_list, other_place)
