"""Which addresses a webhook may be sent to: by default only public ones, so that a URL cannot reach into our network.

Knows addresses and sockets; knows nothing of webhooks. The check is made on the address a socket is about to
connect to, after the name was resolved, so a name that resolves differently the second time gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

SETTING = "GATEWAY_WEBHOOK_ALLOW_PRIVATE"
"""The environment variable that widens the reach."""

Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address in its last 32 bits
_PRIVATE_NAMES = ("local", "internal", "home.arpa")
"""No public name ends so: RFC 6762; reserved by ICANN's board in 2024; RFC 8375."""
_METADATA = (
    # Cloud metadata and the like: whoever reaches them gets a machine's credentials. Most clouds have theirs among the
    # link-local addresses; these have not.
    ip_network("fd00:ec2::/32"),  # AWS: ::254 instance metadata (EC2 user guide), ::23 pod identity (EKS user guide)
    ip_network("fd20:ce::/32"),  # Google: ::254 metadata server (Compute Engine, "View and query VM metadata")
    ip_network("fd00:c1::/32"),  # Oracle: ::a9fe:a9fe instance metadata (OCI, "Getting Instance Metadata")
    ip_network("fd00:42::/32"),  # Scaleway: ::42 (cloud-init, data source Scaleway)
    ip_network("fd00:a9fe:a9fe::/48"),  # Akamai: ::1 (cloud-init, data source Akamai)
    ip_network("100.100.100.200/32"),  # Alibaba (ECS user guide, "Instance metadata")
    ip_network("fd00:100::100:200/128"),  # the same over IPv6
    ip_network("168.63.129.16/32"),  # Azure's platform endpoint (Azure, "What is IP address 168.63.129.16?")
    ip_network("192.0.0.0/24"),  # Oracle: .192; RFC 6890; Python before 3.12.4 calls most of it global
)
_PRIVATE = tuple(
    ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
)
_GLOBAL_UNICAST = ip_network("2000::/3")  # all that IANA gives out of IPv6; fec0::/10 (RFC 3879) is outside of it
_NOT_PUBLIC = (
    ip_network("192.88.99.0/24"),  # RFC 7526: relays of 6to4, no more
    ip_network("3fff::/20"),  # RFC 9637: documentation, global to Python before it heard of it
)


class ForbiddenAddress(OSError):
    """The address is not one that webhooks may go to. An OSError, so that connecting goes on to the next address."""


@dataclass(frozen=True)
class Reach:
    """``private`` admits loopback and private networks (RFC 1918, RFC 4193, RFC 6598), as on a developer's machine.

    ``networks`` admits what is listed, whatever it is. Whatever else is not public is reached only when listed: cloud
    metadata, wherever it is, link-local and site-local addresses, multicast.
    """

    private: bool = False
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, setting: str) -> Reach:
        """From the setting: empty or 0, 1, or networks with commas between. Raises ValueError."""
        text = setting.strip()
        if text in ("", "0", "1"):
            return cls(private=text == "1")
        return cls(networks=tuple(ip_network(part.strip()) for part in text.split(",")))

    def permits(self, address: str) -> bool:
        """True when a webhook may be sent to this address. Raises ValueError for what is not an address."""
        return all(self._permits(form) for form in _forms(ip_address(address.partition("%")[0])))

    def _permits(self, address: IPv4Address | IPv6Address) -> bool:
        if any(address in network for network in self.networks):
            return True
        if any(address in network for network in _METADATA):
            return False
        if any(address in network for network in _PRIVATE):
            return self.private
        return _is_public(address)

    def admits(self, name: str) -> bool:
        """False when a host's name says by itself that it leads to where no webhook may go; True leaves the judgement
        to its addresses. Names of one word are found in private networks only (RFC 7085)."""
        plain = name.lower()
        if plain == "localhost" or plain.endswith(".localhost"):  # RFC 6761: loopback, whatever a resolver says
            return self.permits("127.0.0.1") or self.permits("::1")
        if self.private or self.networks:
            return True
        return "." in plain and not plain.endswith(tuple(f".{ending}" for ending in _PRIVATE_NAMES))

    def open_socket(self, info: tuple[int, int, int, str, Sequence[Any]]) -> socket.socket:
        """A socket for an address that getaddrinfo gave; aiohttp's ``socket_factory``. Raises ForbiddenAddress."""
        family, kind, protocol, _, address = info
        if not self.permits(str(address[0])):
            raise ForbiddenAddress("a webhook may not be sent to this address")
        return socket.socket(family, kind, protocol)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in _NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _forms(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The addresses a packet to this one may reach: tunnels and translators carry an IPv4 address inside."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    if address.sixtofour:
        return (address, address.sixtofour)
    if address.teredo:
        return (address, *address.teredo)
    return (address,)
