"""Reads the schema that a deployer holds a licence for: its files as bytes. Knows no channel, and no schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.contract.adapter import Adapter
from gateway.contract.guides import SchemaFiles, Schooled
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault

_MOST_BYTES = 20_000_000


def read_schema(place: Place, profile: ConnectionProfile, adapter: Adapter, faults: list[ProfileFault]) -> Any:
    """What the channel makes of the connection's schema; None where it has none, or one with faults."""
    if profile.xsd is None:
        return None
    if not isinstance(adapter, Schooled):
        message = f"The channel {profile.channel} holds no messages against a schema."
        faults.append(place.fault("/xsd", message, "Remove it."))
        return None
    path = Path(profile.xsd)
    try:
        beside = sorted(path.parent.glob("*.xsd"))
        if path not in beside or sum(file.stat().st_size for file in beside) > _MOST_BYTES:
            raise ValueError("there is no such file, or the folder holds too much")
        return adapter.read_schema(SchemaFiles(path.name, {file.name: file.read_bytes() for file in beside}))
    except OSError as error:
        why = f"The schema cannot be read ({type(error).__name__})."
        faults.append(place.fault("/xsd", why, "Check the path and its permissions."))
    except ValueError as error:
        faults.append(place.fault("/xsd", f"This schema cannot be used: {error}.", "Name its first file."))
    return None
