"""The library of profiles: everything under mappings/ that concerns payers, connections and codes, read and checked.

The only code that knows that folder. It is loaded once, when the process starts; faults of all files are told
together, and nothing starts on a library with a fault. Adapters are handed in; none is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from gateway.contract.adapter import Adapter, ProductTaker
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.contract.guides import Guided
from gateway.contract.inbound import Partner
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.model.request import LineOfBusiness
from gateway.profiles import crossing, sketching
from gateway.profiles.browser import RECORD_TERMS
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults
from gateway.profiles.guided import GuideShelf
from gateway.profiles.layers import Holding, Part, Variants, holdings, merged, parts_of
from gateway.profiles.payer import PayerProfile
from gateway.profiles.policies import Policies, read_policies
from gateway.profiles.reference import Reference, read_reference
from gateway.profiles.schemas import read_schema
from gateway.profiles.seen import see_connections, see_payer
from gateway.profiles.shelf import Shelf, shelve, stray_faults


class Missing(NamedTuple):
    """What of a profile is missing: a word for a log, a sentence for a person."""

    where: str
    says: str


_NO_REFERENCE = Reference()
_NO_POLICIES = Policies()


class Library:
    """Payers, connections, the destinations they make, and what is known of benefits and policies. Immutable."""

    def __init__(
        self,
        payers: Mapping[str, PayerProfile],
        connections: Mapping[str, ConnectionProfile],
        destinations: Mapping[tuple[str, str], Variants],
        schemas: Mapping[str, Any] = MappingProxyType({}),
        reference: Reference = _NO_REFERENCE,
        products: Set[str] = frozenset(),
        policies: Policies = _NO_POLICIES,
        tables: Mapping[str, CodeTable] = MappingProxyType({}),
    ) -> None:
        """``products`` are the channels that take products only, ``tables`` the code lists of all channels."""
        self.tables = MappingProxyType(dict(tables))
        self.reference = reference
        self.policies = policies
        self._products = frozenset(products)
        self._payers = MappingProxyType(dict(payers))
        self._connections = MappingProxyType(dict(connections))
        self._destinations = MappingProxyType(dict(destinations))
        self._schemas = MappingProxyType(dict(schemas))

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
        for word, connection in connections.profiles.items():
            if adapter := adapters.get(connection.channel):
                faults += crossing.mailbox_faults(connections.places[word], connection, adapter)
                faults += crossing.browser_faults(connections.places[word], connection, adapter)
        seen = see_connections(connections)
        for word, payer in payers.profiles.items():
            faults += crossing.payer_faults(payers.places[word], see_payer(payer), seen, connections.unread)
        faults += sketching.faults(tables, connections, payers, adapters)
        schemas = {
            word: read_schema(connections.places[word], connection, adapters[connection.channel], faults)
            for word, connection in connections.profiles.items()
            if connection.channel in adapters
        }
        destinations = _destinations(folder, payers, connections, tables.profiles, adapters, faults)
        reference = read_reference(folder, payers, faults)
        policies = read_policies(folder, payers, faults)
        if faults:
            raise ProfileFaults(dict.fromkeys(faults))
        products = {name for name, one in adapters.items() if isinstance(one, ProductTaker) and one.takes_products}
        return cls(
            payers.profiles, connections.profiles, destinations, schemas, reference, products, policies, tables.profiles
        )

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

    def destination(
        self, payer: str, connection: str, business: LineOfBusiness | None = None, on: date | None = None
    ) -> Destination:
        """The payer over the connection, as it is on a day for a line of business; without, what is always so.

        Raises KeyError where none of its routes goes that way.
        """
        to = self._destinations[payer, connection].on(business, on)
        schema = self._schemas.get(connection)
        return to if schema is None else to.model_copy(update={"xsd": schema})

    def most_lines(self, payer: str, connection: str, business: LineOfBusiness, on: date) -> int | None:
        """How many lines a message to the payer has over the connection; None where nothing limits them."""
        found = self._destinations.get((payer, connection))
        return None if found is None else found.on(business, on).most_lines

    def takes_products(self, channel: str) -> bool:
        """Whether lines must name products there."""
        return channel in self._products

    def partner(self, connection: str, on: date) -> Partner:
        """The other side of a connection on a day, whichever payer it speaks for. Raises KeyError where no payer is
        reached over it."""
        payers = [payer for payer, name in self._destinations if name == connection]
        if not payers:
            raise KeyError(connection)
        [to, *more] = [self.destination(payer, connection, None, on) for payer in payers]
        own = tuple(each.payer_settings for each in (to, *more))
        return Partner(connection, to.mode, to.endpoint, to.connection_settings, own, self._schemas.get(connection))

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
        if found.browser is not None and not found.browser.terms.permit:
            return Missing("terms", f"{found.browser.terms.against(connection)}; {RECORD_TERMS}")
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
    folder: Path,
    payers: Shelf[PayerProfile],
    connections: Shelf[ConnectionProfile],
    tables: Mapping[str, CodeTable],
    adapters: Mapping[str, Adapter],
    faults: list[ProfileFault],
) -> dict[tuple[str, str], Variants]:
    """A destination for each payer and connection that a route joins, and for each way in which layers hold.

    Settings are checked by the adapters, and so is what is wanted otherwise than the guides.
    """
    guides = GuideShelf(folder, adapters, faults)
    sound: set[str] = set()
    given = dict(connections.profiles)
    for name, connection in connections.profiles.items():
        place = connections.places[name]
        adapter = adapters.get(connection.channel)
        if adapter is None:
            faults.append(crossing.no_adapter(place, "/channel", adapters))
            continue
        faults += crossing.folder_faults(place, connection, (connection.channel,), adapters)
        given[name] = connection = crossing.with_account(connection, adapter)
        as_read = crossing.read_settings(adapter.connection_settings, connection.settings, place, ("settings",), faults)
        if as_read is not None:
            sound.add(name)
            faults += crossing.account_faults(place, connection, adapter, as_read)
    made: dict[tuple[str, str], Variants] = {}
    for payer_id, payer in payers.profiles.items():
        place = payers.places[payer_id]
        faults += crossing.folder_faults(place, payer, tuple(payer.channels), adapters)
        faults += crossing.layer_faults(place, payer)
        read: dict[str, Record | None] = {}
        for channel, settings in payer.channels.items():
            adapter = adapters.get(channel)
            if adapter is None:
                faults.append(crossing.no_adapter(place, pointer(("channels", channel)), adapters))
                continue
            read[channel] = crossing.read_settings(
                adapter.payer_settings, settings, place, ("channels", channel), faults
            )
        for name in dict.fromkeys(route.connection for route in payer.routes):
            found = given.get(name)
            if found is None or found.channel not in adapters:
                continue  # the fault is told already, and so it is where settings or tables are not sound
            adapter = adapters[found.channel]
            whole_settings = name in sound and read.get(found.channel) is not None
            needed = tables if whole_settings and tables.keys() >= set(adapter.code_tables) else None
            of_guides = adapter.guides if isinstance(adapter, Guided) else ""
            parts = parts_of(payer, place, found, connections.places[name], of_guides)
            whole = {
                holding: _destination(payer, found, adapter, needed, guides, parts, holding, faults)
                for holding in holdings(parts, payer.lines_of_business)
            }
            for to in filter(None, whole.values()):
                faults += crossing.own_faults(connections.places[name], found, adapter, to)
                otherwise = crossing.account_faults(connections.places[name], found, adapter, to.connection_settings)
                faults += (fault for fault in otherwise if fault not in faults)
            made[payer_id, name] = Variants(parts, {key: value for key, value in whole.items() if value})
    return made


def _destination(
    payer: PayerProfile,
    connection: ConnectionProfile,
    adapter: Adapter,
    tables: Mapping[str, CodeTable] | None,
    guides: GuideShelf,
    parts: Sequence[Part],
    holding: Holding,
    faults: list[ProfileFault],
) -> Destination | None:
    """None where something has faults. Without ``tables`` settings have some, and only the guides are looked at."""
    holding_parts = [part for part, holds in zip(parts, holding, strict=True) if holds]
    made = guides.under(connection.channel, holding_parts)
    if tables is None:
        return None
    of_payer = merged(adapter.payer_settings, [(part.place, part.payer) for part in holding_parts], faults)
    of_connection = merged(
        adapter.connection_settings, [(part.place, part.connection) for part in holding_parts], faults
    )
    if of_payer is None or of_connection is None or made is None:
        return None
    return Destination(
        payer=payer.payer,
        payer_name=payer.name,
        connection=connection.connection,
        mode=connection.mode,
        endpoint=connection.endpoint,
        payer_settings=of_payer,
        connection_settings=of_connection,
        tables={table: tables[table] for table in adapter.code_tables},
        guides=made[0],
        layers=made[1],
    )
