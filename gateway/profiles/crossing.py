"""Checks that no single profile can make: what payers, connections, code tables and adapters say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from gateway.contract.adapter import Adapter
from gateway.contract.destination import CodeTable, Mode
from gateway.model.faults import pointer
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.payer import PayerProfile, Route


def payer_faults(
    place: Place, payer: PayerProfile, connections: Mapping[str, ConnectionProfile], unread: frozenset[str]
) -> Iterator[ProfileFault]:
    """What is wrong with a payer's routes, seen from the connections they name.

    ``unread`` names connections whose own file has faults: nothing can be said of them.
    """
    for number, route in enumerate(payer.routes):
        at = f"/routes/{number}"
        yield from _date_faults(place, at, payer, route)
        for index, business in enumerate(route.lines_of_business or ()):
            if business not in payer.lines_of_business:
                yield place.fault(
                    f"{at}/lines_of_business/{index}",
                    "The payer does not serve this line of business.",
                    "Add it to the payer's lines_of_business, or remove it here.",
                )
        connection = connections.get(route.connection)
        if connection is None:
            if route.connection not in unread:
                yield place.fault(
                    f"{at}/connection", "No such connection.", f"Name one of: {', '.join(sorted(connections))}."
                )
            continue
        if connection.channel not in payer.channels:
            yield place.fault(
                "/channels",
                f"Route {number} goes over channel {connection.channel}, which has no settings here.",
                f"Add channels.{connection.channel}.",
            )
        if payer.synthetic and connection.mode is Mode.LIVE:
            yield place.fault(
                f"{at}/connection",
                "A payer that does not exist cannot have a live connection.",
                "Name a test connection, or drop synthetic.",
            )
    yield from _tie_faults(place, payer, connections)


def _date_faults(place: Place, at: str, payer: PayerProfile, route: Route) -> Iterator[ProfileFault]:
    if route.effective and not route.effective.overlaps(payer.effective):
        yield place.fault(
            f"{at}/effective", "No day of this route lies within the payer's own days.", "Compare the two periods."
        )


def _tie_faults(
    place: Place, payer: PayerProfile, connections: Mapping[str, ConnectionProfile]
) -> Iterator[ProfileFault]:
    for (one, first), (other, second) in combinations(enumerate(payer.routes), 2):
        modes = {connections[route.connection].mode for route in (first, second) if route.connection in connections}
        if len(modes) != 1 or not first.meets(second):
            continue
        if first.connection == second.connection:
            yield place.fault(
                f"/routes/{other}",
                f"Route {one} leads the same lines over the same connection.",
                "Remove one of them, or narrow one by benefit, line of business, role or dates.",
            )
        elif first.priority == second.priority:
            yield place.fault(
                f"/routes/{other}/priority",
                f"Route {one} has the same priority, and some lines could go either way.",
                "Give them different priorities, or narrow one by benefit, line of business, role or dates.",
            )


def table_faults(place: Place, table: CodeTable, adapters: Mapping[str, Adapter]) -> Iterator[ProfileFault]:
    """Words of a code table that no adapter reading it knows."""
    for channel, adapter in adapters.items():
        words = adapter.code_tables.get(table.table)
        if words is None:
            continue
        known = {word.value for word in words}
        for code, entry in table.codes.items():
            if entry.means not in known:
                yield place.fault(
                    pointer(("codes", code, "means")),
                    f"Channel {channel} does not know this word.",
                    f"Write one of: {', '.join(sorted(known))}.",
                )


def missing_tables(adapters: Mapping[str, Adapter], tables: Mapping[str, CodeTable]) -> Iterator[ProfileFault]:
    """Tables that an adapter reads and nobody wrote."""
    for channel, adapter in adapters.items():
        for name in sorted(set(adapter.code_tables) - set(tables)):
            yield Place("codes", {}).fault(
                "", f"Channel {channel} reads a code table {name} that is not here.", f"Write the table {name}."
            )
