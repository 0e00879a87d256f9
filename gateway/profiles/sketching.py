"""What other files and adapters have against a file that has faults of its own, so that all are told at once.

Nothing of such a file is believed unseen, and a place that has a fault gets no second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contract.adapter import Adapter
from gateway.contract.destination import CodeTable
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.profiles import crossing
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.payer import PayerProfile
from gateway.profiles.seen import see_connections, see_payer
from gateway.profiles.shelf import Shelf


def faults(
    tables: Shelf[CodeTable],
    connections: Shelf[ConnectionProfile],
    payers: Shelf[PayerProfile],
    adapters: Mapping[str, Adapter],
) -> Iterator[ProfileFault]:
    """The faults of all files that are no profiles."""
    for sketch in tables.sketches:
        yield from sketch.new(_table_faults(sketch.place, sketch.value, adapters))
    for sketch in connections.sketches:
        yield from sketch.new(_connection_faults(sketch.place, sketch.value, adapters))
    for sketch in payers.sketches:
        yield from sketch.new(_payer_faults(sketch.place, sketch.value, connections, adapters))


def _table_faults(place: Place, value: Any, adapters: Mapping[str, Adapter]) -> Iterator[ProfileFault]:
    table, codes = _text(value, "table"), _mapping(value, "codes")
    means = {code: word for code, entry in codes.items() if (word := _text(entry, "means")) is not None}
    yield from crossing.meaning_faults(place, table or "", codes.keys(), means, adapters)


def _connection_faults(place: Place, value: Any, adapters: Mapping[str, Adapter]) -> Iterator[ProfileFault]:
    channel = _text(value, "channel")
    if channel is None:
        return
    if adapter := adapters.get(channel):
        yield from _settings_faults(adapter.connection_settings, _mapping(value, "settings"), place, ("settings",))
    else:
        yield crossing.no_adapter(place, "/channel", adapters)


def _payer_faults(
    place: Place, value: Any, connections: Shelf[ConnectionProfile], adapters: Mapping[str, Adapter]
) -> Iterator[ProfileFault]:
    yield from crossing.payer_faults(place, see_payer(value), see_connections(connections), connections.unread)
    channels = _mapping(value, "channels")
    for channel in channels:
        under = ("channels", channel)
        if adapter := adapters.get(channel):
            yield from _settings_faults(adapter.payer_settings, _mapping(channels, channel), place, under)
        else:
            yield crossing.no_adapter(place, pointer(under), adapters)


def _settings_faults(
    kind: type[Record], value: Mapping[str, object], place: Place, under: tuple[str, ...]
) -> Iterator[ProfileFault]:
    found: list[ProfileFault] = []
    crossing.read_settings(kind, value, place, under, found)
    yield from found


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, name: str) -> str | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) else None
