"""Layers of profiles merged in one place: what holds for a payer over a connection, on a day, for a line of business.

The order is: the connection's file, its layers, the payer's file, its layers, its layers for lines of business; of
several of one kind the one further down in the file is nearer. The nearer has the last word, setting by setting.
Knows no channel: settings are merged by their names, and what is wanted otherwise than the guides is handed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from pydantic import ValidationError

from gateway.contract.destination import Destination
from gateway.contract.guides import GuideLayer, Guides, UnfitLayers
from gateway.model.faults import faults_of, pointer
from gateway.model.record import Record
from gateway.model.request import LineOfBusiness
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.facts import Effective
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.payer import PayerProfile

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Said:
    """Settings or differences, and where in a file they stand."""

    value: Mapping[str, Any]
    steps: Steps


@dataclass(frozen=True)
class Part:
    """What one file, or one layer in it, says of a payer over a connection. Without days it holds on all of them."""

    name: str
    place: Place
    payer: Said
    connection: Said
    guides: Said
    effective: Effective | None = None
    lines_of_business: tuple[LineOfBusiness, ...] | None = None

    def holds(self, business: LineOfBusiness | None, on: date | None) -> bool:
        if self.effective is not None and (on is None or not self.effective.holds(on)):
            return False
        return self.lines_of_business is None or business in self.lines_of_business


Holding = tuple[bool, ...]


@dataclass(frozen=True)
class Variants:
    """A payer over a connection, by which of its parts hold."""

    parts: tuple[Part, ...]
    made: Mapping[Holding, Destination]

    @classmethod
    def of(cls, destination: Destination) -> Variants:
        """The one that is always the same."""
        return cls((), {(): destination})

    def on(self, business: LineOfBusiness | None, on: date | None) -> Destination:
        return self.made[_holding(self.parts, business, on)]


def parts_of(
    payer: PayerProfile, of_payer: Place, connection: ConnectionProfile, of_connection: Place, guides: str
) -> tuple[Part, ...]:
    """``guides`` names the folder of the channel's guides; nothing where it has none."""
    return (
        *_of_connection(connection, of_connection, guides),
        *sorted(_of_payer(payer, of_payer, connection, guides), key=lambda part: part.lines_of_business is not None),
    )


def _of_connection(connection: ConnectionProfile, place: Place, guides: str) -> Iterator[Part]:
    name = f"network {connection.connection}"
    yield Part(name, place, _NOTHING, Said(connection.settings, ("settings",)), _guides(connection.guides, guides, ()))
    for number, layer in enumerate(connection.layers):
        under: Steps = ("layers", number)
        own = Said(layer.settings, (*under, "settings"))
        yield Part(name, place, _NOTHING, own, _guides(layer.guides, guides, under), layer.effective)


def _of_payer(payer: PayerProfile, place: Place, connection: ConnectionProfile, guides: str) -> Iterator[Part]:
    layers: list[tuple[Any, Steps]] = [(payer, ()), *((each, ("layers", n)) for n, each in enumerate(payer.layers))]
    for said, under in layers:
        businesses = said.lines_of_business if under else None
        yield Part(
            f"payer {payer.payer}" + (f" for {', '.join(businesses)}" if businesses else ""),
            place,
            Said(said.channels.get(connection.channel, {}), (*under, "channels", connection.channel)),
            Said(said.connections.get(connection.connection, {}), (*under, "connections", connection.connection)),
            _guides(said.guides, guides, under),
            said.effective if under else None,
            businesses,
        )


_NOTHING = Said({}, ())


def _guides(said: Mapping[str, Mapping[str, Any]], name: str, under: Steps) -> Said:
    return Said(said.get(name, {}), (*under, "guides", name))


def holdings(parts: Sequence[Part], businesses: Iterable[LineOfBusiness]) -> Iterator[Holding]:
    """Each way in which parts hold together on some day for some line of business, once."""
    days = {day for part in parts if part.effective for day in _turns(part.effective)}
    found = (_holding(parts, business, on) for business, on in product((None, *businesses), (None, *sorted(days))))
    yield from dict.fromkeys(found)


def _turns(effective: Effective) -> Iterator[date]:
    """Days on which it is otherwise than on the day before, and that day before."""
    yield effective.start
    if effective.start > date.min:
        yield effective.start - timedelta(days=1)
    if effective.end is not None and effective.end < date.max:
        yield effective.end + timedelta(days=1)


def _holding(parts: Sequence[Part], business: LineOfBusiness | None, on: date | None) -> Holding:
    return tuple(part.holds(business, on) for part in parts)


def merged(kind: type[Record], said: Sequence[tuple[Place, Said]], faults: list[ProfileFault]) -> Record | None:
    """The settings of these, the nearest last, as the channel's own kind; None where they have faults.

    A fault is told where the setting was said last.
    """
    value: dict[str, Any] = {}
    of_file: dict[int, dict[str, Any]] = {}
    for place, each in said:
        below = of_file.get(id(place), {})
        faults += _same(place, each, below)
        of_file[id(place)], value = _over(below, each.value), _over(value, each.value)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        for found, fault in zip(error.errors(include_url=False, include_input=False), faults_of(error), strict=False):
            place, each = _sayer(said, found["loc"])
            faults.append(place.fault(pointer(each.steps) + fault.pointer, fault.message, fault.fix))
        return None


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for name, value in above.items():
        under = found.get(name)
        both = isinstance(value, Mapping) and isinstance(under, Mapping)
        found[name] = _over(under, value) if both else value  # type: ignore[arg-type]
    return found


def _same(place: Place, each: Said, below: Mapping[str, Any]) -> Iterator[ProfileFault]:
    """What a layer says again as its file has it already. Other files may be written without this one."""
    for name, value in each.value.items():
        if name in below and below[name] == value and type(below[name]) is type(value):
            message = "This is so already on the days and for the lines of business of this layer."
            yield place.fault(pointer((*each.steps, name)), message, "Remove it: a layer holds differences only.")


def _sayer(said: Sequence[tuple[Place, Said]], loc: Sequence[str | int]) -> tuple[Place, Said]:
    name = loc[0] if loc else None
    telling = [each for each in said if name in each[1].value or (name is None and each[1].value)]
    return (telling or said)[-1]


def guided(
    guides: Guides, parts: Sequence[Part], faults: list[ProfileFault]
) -> tuple[Guides, tuple[GuideLayer, ...]] | None:
    """The guides with what these want otherwise over them; None where that has faults."""
    wanting = [part for part in parts if part.guides.value]
    layers = tuple(GuideLayer(part.name, part.guides.value) for part in wanting)
    if not layers:
        return guides, ()
    try:
        return guides.under(layers), layers
    except UnfitLayers as error:
        for fault in error.faults:
            part = wanting[fault.layer]
            faults.append(part.place.fault(pointer((*part.guides.steps, *fault.steps)), fault.message, fault.fix))
        return None
