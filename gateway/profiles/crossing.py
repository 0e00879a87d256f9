"""Checks that no single profile can make: what payers, connections, code tables and adapters say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from itertools import combinations

from pydantic import ValidationError

from gateway.contract.adapter import Adapter, PageTurner
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.contract.guides import Guided
from gateway.contract.mailbox import Correspondent
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.profiles.connection import ConnectionLayer, ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.mailbox import is_one, may_meet
from gateway.profiles.payer import PayerLayer, PayerProfile
from gateway.profiles.seen import SeenConnection, SeenPayer

LIVE_SETTLE_SECONDS = 90
"""CAQH CORE Connectivity: nothing is transmitted again sooner than 90 seconds after it was sent."""

_ACCOUNT = ("username_secret", "password_secret", "totp_secret")
"""How ``browser`` calls the names of a site's secrets."""


def payer_faults(
    place: Place, payer: SeenPayer, connections: Mapping[str, SeenConnection], unread: frozenset[str]
) -> Iterator[ProfileFault]:
    """What is wrong with a payer's routes, seen from the connections they name.

    ``unread`` names connections that are there and may be none of ``connections``: nothing can be said of them.
    """
    for number, route in enumerate(payer.routes):
        at = f"/routes/{number}"
        if route.effective and payer.effective and not route.effective.overlaps(payer.effective):
            message = "No day of this route lies within the payer's own days."
            yield place.fault(f"{at}/effective", message, "Compare the two periods.")
        for index, business in enumerate(route.lines_of_business or ()):
            if payer.lines_of_business is not None and business not in payer.lines_of_business:
                yield place.fault(
                    f"{at}/lines_of_business/{index}",
                    "The payer does not serve this line of business.",
                    "Add it to the payer's lines_of_business, or remove it here.",
                )
        if route.connection is None:
            continue
        connection = connections.get(route.connection)
        if connection is None:
            if route.connection not in unread:
                yield no_connection(place, f"{at}/connection", connections)
            continue
        if connection.channel and payer.channels is not None and connection.channel not in payer.channels:
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
    yield from _rhythm_faults(place, payer, connections)
    yield from _tie_faults(place, payer, connections)


def _rhythm_faults(place: Place, payer: SeenPayer, connections: Mapping[str, SeenConnection]) -> Iterator[ProfileFault]:
    live = Mode.LIVE in (_mode(route.connection, connections) for route in payer.routes)
    if live and payer.settle_seconds is not None and payer.settle_seconds < LIVE_SETTLE_SECONDS:
        yield place.fault(
            "/rhythm/settle_seconds",
            f"Over a live connection nothing that may have arrived goes again within {LIVE_SETTLE_SECONDS} seconds.",
            f"Write {LIVE_SETTLE_SECONDS} or more, and reconcile waits that reach beyond it.",
        )


def _mode(connection: str | None, connections: Mapping[str, SeenConnection]) -> Mode | None:
    found = connections.get(connection) if connection is not None else None
    return found.mode if found else None


def _tie_faults(place: Place, payer: SeenPayer, connections: Mapping[str, SeenConnection]) -> Iterator[ProfileFault]:
    whole = [(number, route.whole) for number, route in enumerate(payer.routes) if route.whole]
    for (one, first), (other, second) in combinations(whole, 2):
        modes = {_mode(route.connection, connections) for route in (first, second)} - {None}
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
    """Words of a code table that no adapter reading it knows, and codes that may not mean what they mean here."""
    means = {code: entry.means for code, entry in table.codes.items()}
    yield from meaning_faults(place, table.table, table.codes.keys(), means, adapters)


def meaning_faults(
    place: Place, table: str, codes: Set[str], means: Mapping[str, str], adapters: Mapping[str, Adapter]
) -> Iterator[ProfileFault]:
    """What adapters have against these codes of a table and their words, as far as the words are known."""
    for channel, adapter in adapters.items():
        if words := adapter.code_tables.get(table):
            yield from word_faults(place, channel, words, means)
            yield from anchor_faults(place, channel, words, adapter.code_anchors.get(table, {}), codes, means)


def word_faults(place: Place, channel: str, words: type[StrEnum], means: Mapping[str, str]) -> Iterator[ProfileFault]:
    """Words, by their codes, that are none of the channel's."""
    known = {word.value for word in words}
    for code, word in means.items():
        if word not in known:
            yield place.fault(
                pointer(("codes", code, "means")),
                f"Channel {channel} does not know this word.",
                f"Write one of: {', '.join(sorted(known))}.",
            )


def anchor_faults(
    place: Place,
    channel: str,
    words: type[StrEnum],
    anchors: Mapping[str, frozenset[StrEnum]],
    codes: Set[str],
    means: Mapping[str, str],
) -> Iterator[ProfileFault]:
    """Codes whose meaning the channel does not leave to a table, where they are missing or mean something else."""
    known = {word.value for word in words}
    for code, allowed in anchors.items():
        one_of = " or ".join(sorted(word.value for word in allowed))
        if code not in codes:
            message = f"Channel {channel} cannot do without the code {code}, and it has no row here."
            yield place.fault("/codes", message, f"Write the row {code} with means: {one_of}.")
        elif (word := means.get(code)) in known and word not in allowed:
            message = f"Nobody may give the code {code} another meaning on channel {channel}."
            yield place.fault(pointer(("codes", code, "means")), message, f"Write {one_of}.")


def missing_tables(adapters: Mapping[str, Adapter], tables: Set[str]) -> Iterator[ProfileFault]:
    """Tables that an adapter reads and nobody wrote."""
    for channel, adapter in adapters.items():
        for name in sorted(adapter.code_tables.keys() - tables):
            yield Place("codes", {}).fault(
                "", f"Channel {channel} reads a code table {name} that is not here.", f"Write the table {name}."
            )


def layer_faults(place: Place, payer: PayerProfile) -> Iterator[ProfileFault]:
    """What a payer's file says of connections, channels, days and lines of business that are none of its own."""
    connections = {route.connection for route in payer.routes}
    said: tuple[tuple[PayerProfile | PayerLayer, tuple[str | int, ...]], ...] = (
        (payer, ()),
        *((layer, ("layers", n)) for n, layer in enumerate(payer.layers)),
    )
    for each, under in said:
        for name in sorted(each.connections.keys() - connections):
            message = "No route of this payer leads over this connection."
            yield place.fault(pointer((*under, "connections", name)), message, "Add a route, or remove it here.")
        for name in sorted(each.channels.keys() - payer.channels.keys()):
            message = "The payer has no settings for this channel that these could differ from."
            yield place.fault(pointer((*under, "channels", name)), message, f"Add channels.{name} to the payer.")
    for number, layer in enumerate(payer.layers):
        if not layer.effective.overlaps(payer.effective):
            message = "No day of this layer lies within the payer's own days."
            yield place.fault(f"/layers/{number}/effective", message, "Compare the two periods.")
        for index, business in enumerate(layer.lines_of_business or ()):
            if business not in payer.lines_of_business:
                yield place.fault(
                    f"/layers/{number}/lines_of_business/{index}",
                    "The payer does not serve this line of business.",
                    "Add it to the payer's lines_of_business, or remove it here.",
                )


def folder_faults(
    place: Place,
    profile: PayerProfile | ConnectionProfile,
    channels: Sequence[str],
    adapters: Mapping[str, Adapter],
) -> Iterator[ProfileFault]:
    """Folders of guides that none of these channels has."""
    spoken = [adapters[name] for name in channels if name in adapters]
    known = sorted({adapter.guides for adapter in spoken if isinstance(adapter, Guided)})
    said: list[tuple[Mapping[str, object], tuple[str | int, ...]]] = [(profile.guides, ("guides",))]
    layers: Sequence[PayerLayer | ConnectionLayer] = profile.layers
    said += [(layer.guides, ("layers", n, "guides")) for n, layer in enumerate(layers)]
    for guides, under in said:
        for name in sorted(guides.keys() - set(known)):
            message = "No channel spoken here has guides of this name."
            yield place.fault(pointer((*under, name)), message, f"Write one of: {', '.join(known) or 'none'}.")


def mailbox_faults(place: Place, profile: ConnectionProfile, adapter: Adapter) -> Iterator[ProfileFault]:
    """What is wrong with a mailbox of whose channel nobody reads what comes."""
    if profile.mailbox is not None and not isinstance(adapter, Correspondent):
        message = f"The channel {profile.channel} reads no files: nobody would open what comes."
        yield place.fault("/mailbox", message, "Remove mailbox, or name a channel that answers in files.")


def browser_faults(place: Place, profile: ConnectionProfile, adapter: Adapter) -> Iterator[ProfileFault]:
    """Where a site is to be driven and nobody said how, or is said how to drive what is none."""
    drives = isinstance(adapter, PageTurner) and adapter.turns_pages
    if drives and profile.browser is None:
        message = f"The channel {profile.channel} turns pages of a web site, and nothing says how it may be driven."
        yield place.fault("/browser", message, "Write browser with its terms and the names of its secrets.")
    elif profile.browser is not None and not drives:
        message = f"The channel {profile.channel} turns no pages."
        yield place.fault("/browser", message, "Remove browser, or name a channel whose adapter turns_pages.")


def own_faults(place: Place, profile: ConnectionProfile, adapter: Adapter, to: Destination) -> Iterator[ProfileFault]:
    """Where the gateway would take for the other side's what it put down itself, or give back what it took."""
    if profile.mailbox is None or not isinstance(adapter, Correspondent):
        return
    box = profile.mailbox
    for spot in adapter.puts_into(to):
        for number, directory in enumerate(box.directories):
            if is_one(directory, spot.directory) and any(may_meet(names, spot.names) for names in box.names):
                message = f"Files that are put down for {to.payer} would be picked up again, as if they were answers."
                fix = "Name another directory, or write names that only the other side's files have."
                yield place.fault(f"/mailbox/directories/{number}", message, fix)
        if box.move_to is not None and is_one(box.move_to, spot.directory):
            message = f"What was fetched would be moved to where {to.payer} takes files from."
            yield place.fault("/mailbox/move_to", message, "Name another directory.")


def with_account(connection: ConnectionProfile, adapter: Adapter) -> ConnectionProfile:
    """The names of a site's secrets stand in ``browser`` alone: where the adapter has settings of these names, they are
    given to it."""
    if connection.browser is None:
        return connection
    named = {name: getattr(connection.browser, name) for name in _of_account(adapter)}
    given = {name: secret for name, secret in named.items() if secret is not None}
    return connection.model_copy(update={"settings": {**given, **connection.settings}})


def account_faults(
    place: Place, connection: ConnectionProfile, adapter: Adapter, settings: Record
) -> Iterator[ProfileFault]:
    """Where settings, or a layer of them, name another secret than ``browser`` does."""
    if connection.browser is not None:
        for name in _of_account(adapter):
            secret = getattr(connection.browser, name)
            if secret is not None and getattr(settings, name) != secret:
                message = f"The settings name another secret than /browser/{name}."
                yield place.fault(f"/settings/{name}", message, "Remove it here: that of the browser is taken.")


def _of_account(adapter: Adapter) -> tuple[str, ...]:
    return tuple(name for name in _ACCOUNT if name in adapter.connection_settings.model_fields)


def read_settings(
    kind: type[Record], value: Mapping[str, object], place: Place, under: tuple[str, ...], faults: list[ProfileFault]
) -> Record | None:
    """Settings as the adapter's own kind; None where they have faults."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        faults += place.faults(error, pointer(under))
        return None


def no_adapter(place: Place, where: str, adapters: Mapping[str, Adapter]) -> ProfileFault:
    installed = ", ".join(sorted(adapters)) or "none"
    return place.fault(where, "No adapter of this channel is installed.", f"Install it, or use one of: {installed}.")


def no_connection(place: Place, where: str, connections: Iterable[str]) -> ProfileFault:
    known = ", ".join(sorted(connections)) or "there is none"
    return place.fault(where, "No such connection.", f"Name one of: {known}.")
