"""The library of profiles: everything under mappings/ that concerns payers, connections and codes, read and checked.

The only code that knows that folder. It is loaded once, when the process starts; faults of all files are told
together, and nothing starts on a library with a fault. Adapters are handed in; none is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

from pydantic import ValidationError

from gateway.contract.adapter import Adapter
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.profiles import crossing, sketching
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults
from gateway.profiles.payer import PayerProfile
from gateway.profiles.seen import see_connections, see_payer
from gateway.profiles.shelf import Shelf, shelve, stray_faults


class Missing(NamedTuple):
    """What of a profile is missing: a word for a log, a sentence for a person."""

    where: str
    says: str


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
        if not folder.is_dir():
            raise ProfileFaults([Place(str(folder), {}).fault("", "There is no such folder.", "Set GATEWAY_MAPPINGS.")])
        faults = list(stray_faults(folder))
        tables = shelve(folder, CodeTable, "codes", "table", faults)
        connections = _redirected(
            shelve(folder, ConnectionProfile, "connections", "connection", faults), endpoints, faults
        )
        payers = shelve(folder, PayerProfile, "payers", "payer", faults)
        for word, table in tables.profiles.items():
            faults += crossing.table_faults(tables.places[word], table, adapters)
        faults += crossing.missing_tables(adapters, tables.profiles.keys() | tables.unread)
        seen = see_connections(connections)
        for word, payer in payers.profiles.items():
            faults += crossing.payer_faults(payers.places[word], see_payer(payer), seen, connections.unread)
        faults += sketching.faults(tables, connections, payers, adapters)
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

    def reached(self, mode: Mode) -> tuple[PayerProfile, ...]:
        """Payers that a connection of this mode leads to, by id."""
        leads = {name for name, connection in self._connections.items() if connection.mode is mode}
        return tuple(payer for payer in self.payers() if any(route.connection in leads for route in payer.routes))

    def connection(self, connection: str) -> ConnectionProfile:
        """The connection of that id. Raises KeyError."""
        return self._connections[connection]

    def connections(self) -> tuple[ConnectionProfile, ...]:
        """All connections, by id."""
        return tuple(self._connections[connection] for connection in sorted(self._connections))

    def destination(self, payer: str, connection: str) -> Destination:
        """The payer over the connection. Raises KeyError where none of its routes goes that way."""
        return self._destinations[payer, connection]

    def missing(self, payer: str, connection: str, channel: str, mode: Mode) -> Missing | None:
        """What stands in the way of something that was routed like this before these profiles; None for nothing."""
        if payer not in self._payers:
            return Missing("payer", f"the payer {payer} has no profile any more")
        if connection not in self._connections:
            return Missing("connection", f"the connection {connection} has no profile any more")
        if (payer, connection) not in self._destinations:
            return Missing("route", f"the payer {payer} has no route over the connection {connection} any more")
        found = self._connections[connection]
        if found.channel != channel:
            says = f"the connection {connection} is of the channel {found.channel} now, and was of {channel}"
            return Missing("channel", says)
        if found.mode is not mode:
            says = f"the connection {connection} is a {found.mode} one now, and this is a {mode} request"
            return Missing("mode", says)
        return None


def check(
    folder: Path, adapters: Mapping[str, Adapter], endpoints: Mapping[str, str] = MappingProxyType({})
) -> tuple[ProfileFault, ...]:
    """Every fault of the folder; none means that the gateway starts on it."""
    try:
        Library.load(folder, adapters, endpoints)
    except ProfileFaults as error:
        return error.faults
    return ()


def _redirected(
    shelf: Shelf[ConnectionProfile], endpoints: Mapping[str, str], faults: list[ProfileFault]
) -> Shelf[ConnectionProfile]:
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
    return replace(shelf, profiles=profiles)


def _destinations(
    payers: Shelf[PayerProfile],
    connections: Shelf[ConnectionProfile],
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
            faults.append(crossing.no_adapter(place, "/channel", adapters))
            continue
        of_connection[name] = crossing.read_settings(
            adapter.connection_settings, connection.settings, place, ("settings",), faults
        )
    made: dict[tuple[str, str], Destination] = {}
    for payer_id, payer in payers.profiles.items():
        place = payers.places[payer_id]
        of_payer: dict[str, Record | None] = {}
        for channel, settings in payer.channels.items():
            adapter = adapters.get(channel)
            if adapter is None:
                faults.append(crossing.no_adapter(place, pointer(("channels", channel)), adapters))
                continue
            of_payer[channel] = crossing.read_settings(
                adapter.payer_settings, settings, place, ("channels", channel), faults
            )
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
