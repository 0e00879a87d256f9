"""Reads a folder of guides under ``mappings/guides``: maps as bytes, rules as values. Knows no channel.

What they mean, and whether they fit together, is the business of the channel that they are handed to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.contract.guides import GuideFiles
from gateway.profiles.document import read
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults


def read_guides(mappings: Path, name: str) -> GuideFiles:
    """Raises ProfileFaults with every fault."""
    folder = mappings / "guides" / name
    place = Place(f"guides/{name}", {})
    if not folder.is_dir():
        raise ProfileFaults([place.fault("", "There is no such folder.", "Set GATEWAY_MAPPINGS to a folder with it.")])
    try:
        files = {file.name: file.read_bytes() for file in sorted(folder.glob("*.xml"))}
    except OSError as error:
        why = f"A file in it cannot be read ({type(error).__name__})."
        raise ProfileFaults([place.fault("", why, "Check its permissions.")]) from None
    faults: list[ProfileFault] = []
    rules = _values(folder, name, faults)
    if faults:
        raise ProfileFaults(faults)
    return GuideFiles(files, rules)


def _values(folder: Path, name: str, faults: list[ProfileFault]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted((folder / "rules").glob("*.yaml")):
        try:
            document = read(file, f"guides/{name}/rules/{file.name}")
        except ProfileFaults as error:
            faults += error.faults
            continue
        if isinstance(document.value, dict):
            found[file.stem] = document.value
        else:
            faults.append(document.place.fault("", "The file holds no fields.", "Write it as fields with values."))
    return found
