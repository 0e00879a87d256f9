"""The address of an outside PostgreSQL, as people and services write it, made one that the driver takes.

Reads DATABASE_URL once, before anything connects: the driver's own words for a bad one repeat parts of the password.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

_SCHEMES = ("postgresql", "postgres")
_NOT_OURS = frozenset(
    {
        "connect_timeout",
        "fallback_application_name",
        "application_name",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "tcp_user_timeout",
    }
)
"""Settings of libpq that services print into their addresses and that change nothing here: our connections have their
own name and time limits."""
_ENCODE = "percent-encode the user name and the password in it (/ is %2F, # is %23, ? is %3F, @ is %40)"


class BadAddress(ValueError):
    """An address that cannot be used. The text says what to do, and repeats nothing of it."""


def read_address(url: str) -> str:
    """The address without what the driver would refuse and we do not need. Raises BadAddress."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise BadAddress(f"is not a URL; {_ENCODE}.") from None
    if parts.scheme not in _SCHEMES:
        raise BadAddress("must begin with postgresql:// (no +driver in it).")
    hosts = parts.netloc.rpartition("@")[2]
    if parts.fragment or "@" in parts.path or "@" in parts.query or not all(map(_is_host, hosts.split(","))):
        raise BadAddress(f"is not a URL with a host and a port that is a number; {_ENCODE}.")
    said = parse_qsl(parts.query, keep_blank_values=True)
    if ("channel_binding", "require") in said:
        raise BadAddress("asks for channel_binding=require, which the driver does not have; verify-full checks more.")
    kept = [(name, value) for name, value in said if name not in _NOT_OURS | {"channel_binding"}]
    return f"{parts.scheme}://{parts.netloc}{parts.path}{'?' if kept else ''}{urlencode(kept)}"


def _is_host(text: str) -> bool:
    """A name, an address, an IPv6 address in brackets; each with a port or none. Nothing at all is a socket's."""
    host, bracket, rest = text.rpartition("]")
    if bracket:
        return host.startswith("[") and (not rest or (rest[0] == ":" and _is_port(rest[1:])))
    host, colon, port = text.partition(":")
    return not colon or _is_port(port)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 65535
