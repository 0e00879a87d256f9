"""Whether a connection may be exercised at all: only a test one, and only where no live one could be reached by it.

Looks at profiles, at what the environment makes of them, and once more at every frame before it leaves. There is no
way around it by option: whoever must exercise a live connection does it with the gateway, and with patients' consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo

from yarl import URL

from gateway.contract.adapter import Adapter
from gateway.contract.destination import Destination, Mode
from gateway.contract.frames import Https
from gateway.model.people import LineOfBusiness
from gateway.profiles.authorization import ClientCredentials
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library

_ENDPOINT = "GATEWAY_ENDPOINT_"
_USAGE = 102
"""Where ISA15 stands in an interchange."""
Origin = tuple[str, int | None]


class Refused(Exception):
    """Nothing was sent, and nothing will be. The text says why and what to do."""


@dataclass(frozen=True)
class Leave:
    """What may be exercised. ``on`` is the day, ``effects`` how many messages with an effect may leave, ever."""

    library: Library
    payer: str
    profile: ConnectionProfile
    on: date
    effects: int

    def destination(self, business: LineOfBusiness | None = None) -> Destination:
        """The payer over this connection, for a line of business."""
        return self.library.destination(self.payer, self.profile.connection, business, self.on)

    def check(self, frame: Https, effects_before: int) -> None:
        """The last look at a frame before it leaves. Raises Refused."""
        if self.profile.mode is not Mode.TEST:
            raise Refused(f"{self.profile.connection} is not a test connection")
        if _origin(frame.url) != _origin(self.profile.endpoint):
            raise Refused("a frame is for another host than the test endpoint")
        if frame.effect and effects_before >= self.effects:
            raise Refused(f"more than {self.effects} messages with an effect would leave")
        document = frame.document or b""
        if document.startswith(b"ISA") and document[_USAGE : _USAGE + 1] != b"T":
            raise Refused("an interchange is not marked as a test (ISA15 T)")


def endpoints_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The endpoints that the environment gives connections, as the gateway reads it."""
    return {
        name.removeprefix(_ENDPOINT).lower(): url for name, url in environment.items() if name.startswith(_ENDPOINT)
    }


def ask(
    mappings: Path, adapters: Mapping[str, Adapter], environment: Mapping[str, str], payer: str, connection: str
) -> tuple[Library, ConnectionProfile]:
    """The profiles, and the connection where it may be exercised. Raises Refused, and ProfileFaults."""
    written = Library.load(mappings, adapters)
    library = Library.load(mappings, adapters, endpoints_of(environment))
    try:
        profiles = [each.connection(connection) for each in (written, library)]
    except KeyError:
        names = ", ".join(each.connection for each in written.connections())
        raise Refused(f"there is no connection {connection}: {names}") from None
    if any(profile.mode is not Mode.TEST for profile in profiles):
        raise Refused(f"{connection} is a live connection: only test connections are exercised, whatever is asked")
    if profiles[1].settings.get("carrier") == "core_batch":
        raise Refused(f"{connection} takes batches, which take hours: what answers at once is exercised")
    try:
        library.destination(payer, connection)
    except KeyError:
        raise Refused(f"no route of a payer {payer} leads over {connection}") from None
    live = {each: name for lib in (written, library) for name, each in _live(lib)}
    for address in _addresses(profiles[1]):
        origin = _origin(address)
        met = live.get(origin) or next((name for each, name in live.items() if _one_machine(each, origin)), None)
        if met is not None:
            raise Refused(
                f"{connection} leads to the host of the live connection {met}: what is exercised there could be live. "
                "Give the test connection an endpoint of its own."
            )
    return library, profiles[1]


def _one_machine(one: Origin, other: Origin) -> bool:
    """Whether two names lead to one address and port, as far as they can be resolved here."""
    return not _resolved(one).isdisjoint(_resolved(other))


def _resolved(origin: Origin) -> frozenset[tuple[object, ...]]:
    try:
        return frozenset(found[4][:2] for found in getaddrinfo(*origin, type=SOCK_STREAM))
    except (OSError, UnicodeError):
        return frozenset()


def _live(library: Library) -> Iterator[tuple[str, Origin]]:
    for profile in library.connections():
        if profile.mode is not Mode.TEST:
            yield from ((profile.connection, _origin(address)) for address in _addresses(profile))


def _addresses(profile: ConnectionProfile) -> tuple[str, ...]:
    if isinstance(profile.auth, ClientCredentials):
        return profile.endpoint, profile.auth.token_url(profile.endpoint)
    return (profile.endpoint,)


def _origin(address: str) -> Origin:
    """Host and port: a scheme or a path is too thin a wall between test and live."""
    url = URL(address)
    return (url.host or "").lower().rstrip("."), url.port
