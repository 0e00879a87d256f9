"""The id of a review, from where the API says that it lies. A Location is read, and never followed.

Only its last step is kept; the address that is asked later is the connection's own endpoint and that id.
"""

from __future__ import annotations

import re

from gateway.contract.errors import Unreadable

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")
"""No longer than a reference may be; nothing that means something in a path."""
_URL = re.compile(r"(https?)://([^/?#@\\]+)(/[^?#\\]*)", re.IGNORECASE)
_LONGEST = 2000
_PORTS = {"http": "80", "https": "443"}


def id_at(location: str, endpoint: str) -> str:
    """The id in a Location of a review under the endpoint. Raises Unreadable for one that leads anywhere else.

    An address at the endpoint's origin, or a path, from the root or (RFC 9110, 10.2.2) from the endpoint. Before the
    collection's own name the path may differ: networks publish theirs with and without a prefix.
    """
    home = _URL.fullmatch(endpoint)
    if home is None or len(location) > _LONGEST:
        raise Unreadable("the review's Location cannot be read")
    there = _URL.fullmatch(_resolved(location, home))
    if there is None or _origin(there) != _origin(home):
        raise Unreadable("the review's Location leads to another host")
    path = there[3]
    collection = home[3].rstrip("/").rpartition("/")[2]
    before, _, name = path.rpartition("/")
    if before.rpartition("/")[2] != collection or not is_id(name):
        raise Unreadable("the review's Location is no review of this collection")
    return name


def _resolved(location: str, home: re.Match[str]) -> str:
    """The whole address. Dots in its path may stay: of that only the last two steps are read."""
    scheme, authority, path = home.groups()
    if location.startswith("//"):
        return f"{scheme}:{location}"
    if location.startswith("/"):
        return f"{scheme}://{authority}{location}"
    if ":" in location.partition("/")[0]:
        return location
    return f"{scheme}://{authority}{path.rpartition('/')[0]}/{location}"


def is_id(name: str) -> bool:
    return _ID.fullmatch(name) is not None


def _origin(url: re.Match[str]) -> tuple[str, str, str]:
    scheme = url[1].lower()
    host, colon, port = url[2].lower().rpartition(":")
    if not colon or port.endswith("]"):
        host, port = url[2].lower(), ""
    return scheme, host, port or _PORTS[scheme]
