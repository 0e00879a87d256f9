"""What an address in a profile may look like, and where it may lead without encryption."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from gateway.contract.destination import Mode
from gateway.model.record import refuse


def check_address(name: str, address: str, mode: Mode | None) -> str:
    """The address as it stands. Refuses, under ``name``, what no connection of this mode may be led to."""
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port  # a port out of range raises here
    except ValueError:
        host, url = None, urlsplit("")
    if url.scheme not in ("http", "https") or not host or not all("!" <= char <= "~" for char in address):
        refuse(name, "This is not an http or https URL.", "Write https://host/path.")
    if url.username is not None or url.password is not None:
        refuse(name, "The URL holds a credential.", "Name a secret and remove it from the URL.")
    if "?" in address or "#" in address:
        refuse(name, "The URL holds a query or a fragment.", "End the URL with its path.")
    if url.scheme == "http" and mode is Mode.LIVE:
        refuse(name, "A live connection must be encrypted.", "Write an https URL.")
    if url.scheme == "http" and not _loopback(host):
        refuse(name, "An unencrypted connection may not leave this machine.", "Write an https URL.")
    return address


def check_file_server(name: str, address: str) -> str:
    """The address of an SFTP server as it stands: a host and perhaps a port, and no more. SSH is always encrypted."""
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        host, url = None, urlsplit("")
    if url.scheme != "sftp" or not host or not all("!" <= char <= "~" for char in address):
        refuse(name, "This is not the address of an SFTP server.", "Write sftp://host or sftp://host:port.")
    if url.username is not None or url.password is not None:
        refuse(name, "The URL holds a credential.", "Name secrets under sftp and remove it from the URL.")
    if url.path or "?" in address or "#" in address:
        refuse(name, "The URL goes on behind the host.", "Directories stand in the settings and under mailbox.")
    return address


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
