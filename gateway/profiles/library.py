"""The library of profiles: everything under mappings/ that concerns payers, connections and codes, read and checked.

The only code that knows that folder. It is loaded once, when the process starts; faults of all files are told
together, and nothing starts on a library with a fault. Adapters are handed in; none is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Generic, Self, TypeVar

from pydantic import ValidationError

from gateway.contract.adapter import Adapter
from gateway.contract.destination import CodeTable, Destination
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.profiles import crossing
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.document import read
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults
from gateway.profiles.payer import PayerProfile

P = TypeVar("P", bound=Record)


@dataclass(frozen=True)
class _Shelf(Generic[P]):
    """The profiles of one kind by their own word, each with its place; and the words whose file has faults."""

    profiles: Mapping[str, P]
    places: Mapping[str, Place]
    unread: frozenset[str]


class Library:
    """Payers, connections, and the destinations they make. Immutable."""

    def __init__(
        self,
        payers: Mapping[str, PayerProfile],
        connections: Mapping[str, ConnectionProfile],
        destinations: Mapping[tuple[str, str], Destination],
    ) -> None:
        self._payers = MappingProxyType(dict(payers))
        self._connections = MappingProxyType(dict(connections))
        self._destinations = MappingProxyType(dict(destinations))

    @classmethod
    def load(
        cls, folder: Path, adapters: Mapping[str, Adapter], endpoints: Mapping[str, str] = MappingProxyType({})
    ) -> Self:
        """Read and check the folder. ``endpoints`` replaces endpoints by connection. Raises ProfileFaults."""
        faults: list[ProfileFault] = []
        tables = _shelve(sorted((folder / "codes").rglob("*.yaml")), folder, CodeTable, "table", faults)
        connections = _shelve(
            sorted((folder / "connections").glob("*.yaml")), folder, ConnectionProfile, "connection", faults
        )
        connections = _redirected(connections, endpoints, faults)
        payers = _shelve(sorted((folder / "payers").glob("*.yaml")), folder, PayerProfile, "payer", faults)
        for shelf in (connections, payers):
            for word, place in shelf.places.items():
                if Path(place.file).stem != word:
                    faults.append(place.fault("", "The file has another name than what it holds.", "Rename the file."))
        for word, table in tables.profiles.items():
            faults += crossing.table_faults(tables.places[word], table, adapters)
        if not tables.unread:
            faults += crossing.missing_tables(adapters, tables.profiles)
        for word, payer in payers.profiles.items():
            faults += crossing.payer_faults(payers.places[word], payer, connections.profiles, connections.unread)
        destinations = _destinations(payers, connections, tables.profiles, adapters, faults)
        if faults:
            raise ProfileFaults(faults)
        return cls(payers.profiles, connections.profiles, destinations)

    def payer(self, payer: str) -> PayerProfile:
        """The payer of that id. Raises KeyError."""
        return self._payers[payer]

    def payers(self) -> tuple[PayerProfile, ...]:
        """All payers, by id."""
        return tuple(self._payers[payer] for payer in sorted(self._payers))

    def connection(self, connection: str) -> ConnectionProfile:
        """The connection of that id. Raises KeyError."""
        return self._connections[connection]

    def connections(self) -> tuple[ConnectionProfile, ...]:
        """All connections, by id."""
        return tuple(self._connections[connection] for connection in sorted(self._connections))

    def destination(self, payer: str, connection: str) -> Destination:
        """The payer over the connection. Raises KeyError where none of its routes goes that way."""
        return self._destinations[payer, connection]


def check(
    folder: Path, adapters: Mapping[str, Adapter], endpoints: Mapping[str, str] = MappingProxyType({})
) -> tuple[ProfileFault, ...]:
    """Every fault of the folder; none means that the gateway starts on it."""
    try:
        Library.load(folder, adapters, endpoints)
    except ProfileFaults as error:
        return error.faults
    return ()


def _shelve(files: list[Path], folder: Path, kind: type[P], word: str, faults: list[ProfileFault]) -> _Shelf[P]:
    profiles: dict[str, P] = {}
    places: dict[str, Place] = {}
    unread: set[str] = set()
    for file in files:
        unread.add(file.stem)
        try:
            document = read(file, file.relative_to(folder).as_posix())
        except ProfileFaults as error:
            faults += error.faults
            continue
        try:
            profile = kind.model_validate(document.value)
        except ValidationError as error:
            faults += document.place.faults(error)
            continue
        name = getattr(profile, word)
        if name in profiles:
            faults.append(document.place.fault(f"/{word}", f"{places[name].file} holds this too.", "Remove one."))
            continue
        unread.discard(file.stem)
        profiles[name], places[name] = profile, document.place
    return _Shelf(profiles, places, frozenset(unread))


def _redirected(
    shelf: _Shelf[ConnectionProfile], endpoints: Mapping[str, str], faults: list[ProfileFault]
) -> _Shelf[ConnectionProfile]:
    profiles = dict(shelf.profiles)
    for connection, endpoint in endpoints.items():
        place = Place(f"environment GATEWAY_ENDPOINT_{connection.upper()}", {})
        if connection not in profiles:
            if connection not in shelf.unread:
                faults.append(place.fault("", "No such connection.", f"Name one of: {', '.join(sorted(profiles))}."))
            continue
        try:
            profiles[connection] = ConnectionProfile.model_validate(
                {**profiles[connection].model_dump(), "endpoint": endpoint}
            )
        except ValidationError as error:
            faults += place.faults(error)
    return _Shelf(profiles, shelf.places, shelf.unread)


def _destinations(
    payers: _Shelf[PayerProfile],
    connections: _Shelf[ConnectionProfile],
    tables: Mapping[str, CodeTable],
    adapters: Mapping[str, Adapter],
    faults: list[ProfileFault],
) -> dict[tuple[str, str], Destination]:
    """A destination for each payer and connection that a route joins. Settings are checked by the adapters."""
    of_connection: dict[str, Record | None] = {}
    for name, connection in connections.profiles.items():
        place = connections.places[name]
        adapter = adapters.get(connection.channel)
        if adapter is None:
            faults.append(_no_adapter(place, "/channel", adapters))
            continue
        of_connection[name] = _settings(adapter.connection_settings, connection.settings, place, ("settings",), faults)
    made: dict[tuple[str, str], Destination] = {}
    for payer_id, payer in payers.profiles.items():
        place = payers.places[payer_id]
        of_payer: dict[str, Record | None] = {}
        for channel, settings in payer.channels.items():
            adapter = adapters.get(channel)
            if adapter is None:
                faults.append(_no_adapter(place, pointer(("channels", channel)), adapters))
                continue
            of_payer[channel] = _settings(adapter.payer_settings, settings, place, ("channels", channel), faults)
        for route in payer.routes:
            found = connections.profiles.get(route.connection)
            if found is None:
                continue
            payer_settings, connection_settings = of_payer.get(found.channel), of_connection.get(found.connection)
            wanted = adapters[found.channel].code_tables if found.channel in adapters else {}
            if payer_settings is None or connection_settings is None or not tables.keys() >= set(wanted):
                continue  # the fault is told already
            made[payer_id, found.connection] = Destination(
                payer=payer_id,
                payer_name=payer.name,
                connection=found.connection,
                mode=found.mode,
                endpoint=found.endpoint,
                payer_settings=payer_settings,
                connection_settings=connection_settings,
                tables={table: tables[table] for table in wanted},
            )
    return made


def _settings(
    kind: type[Record],
    value: Mapping[str, object],
    place: Place,
    under: tuple[str, ...],
    faults: list[ProfileFault],
) -> Record | None:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        faults += place.faults(error, pointer(under))
        return None


def _no_adapter(place: Place, where: str, adapters: Mapping[str, Adapter]) -> ProfileFault:
    installed = ", ".join(sorted(adapters)) or "none"
    return place.fault(where, "No adapter of this channel is installed.", f"Install it, or use one of: {installed}.")
