"""What can be read of a payer or a connection, whether its file has faults elsewhere or none.

So files are compared with one another in the same round in which their own faults are told. What cannot be read is
None, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.contract.destination import Mode
from gateway.model.request import LineOfBusiness
from gateway.model.sent import field, listed, sound_fields
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.facts import Effective
from gateway.profiles.payer import PayerProfile, Rhythm, Route
from gateway.profiles.shelf import Shelf


@dataclass(frozen=True)
class SeenConnection:
    channel: str | None
    mode: Mode | None


@dataclass(frozen=True)
class SeenRoute:
    """``whole`` is the route where nothing is wrong with it."""

    connection: str | None
    lines_of_business: tuple[LineOfBusiness, ...] | None
    effective: Effective | None
    whole: Route | None


@dataclass(frozen=True)
class SeenPayer:
    synthetic: bool
    lines_of_business: tuple[LineOfBusiness, ...] | None
    effective: Effective | None
    channels: Set[str] | None
    settle_seconds: float | None
    routes: tuple[SeenRoute, ...]


def see_connections(shelf: Shelf[ConnectionProfile]) -> dict[str, SeenConnection]:
    """All connections of a shelf whose own word can be read, by that word."""
    found: dict[str, SeenConnection] = {}
    for value in (*(sketch.value for sketch in shelf.sketches), *shelf.profiles.values()):
        sound = sound_fields(ConnectionProfile, value)
        if "connection" in sound:
            found[sound["connection"]] = SeenConnection(sound.get("channel"), sound.get("mode"))
    return found


def see_payer(value: Any) -> SeenPayer:
    """A payer's profile, or a file's value that is none."""
    sound, channels = sound_fields(PayerProfile, value), field(value, "channels")
    return SeenPayer(
        synthetic=sound.get("synthetic", False),
        lines_of_business=sound.get("lines_of_business"),
        effective=sound.get("effective"),
        channels=channels.keys() if isinstance(channels, Mapping) else None,
        settle_seconds=sound_fields(Rhythm, field(value, "rhythm")).get("settle_seconds"),
        routes=tuple(_routes(value)),
    )


def _routes(payer: Any) -> Iterator[SeenRoute]:
    for value in listed(payer, "routes"):
        sound = sound_fields(Route, value)
        try:
            whole = Route.model_validate(value)
        except ValidationError:
            whole = None
        yield SeenRoute(sound.get("connection"), sound.get("lines_of_business"), sound.get("effective"), whole)
