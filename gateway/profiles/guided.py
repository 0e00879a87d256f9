"""The guides of each channel that has any, with what payers and connections want otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.contract.adapter import Adapter
from gateway.contract.guides import Guided, GuideLayer, Guides
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults
from gateway.profiles.guides import read_guides
from gateway.profiles.layers import Part, guided


class GuideShelf:
    """Guides are read when the first payer needs them. What is wrong with them is added to ``faults``."""

    def __init__(self, folder: Path, adapters: Mapping[str, Adapter], faults: list[ProfileFault]) -> None:
        self._folder = folder
        self._adapters = adapters
        self._faults = faults
        self._read: dict[str, Guides | None] = {}

    def under(self, channel: str, parts: Sequence[Part]) -> tuple[Guides | None, tuple[GuideLayer, ...]] | None:
        adapter = self._adapters[channel]
        if not isinstance(adapter, Guided):
            return None, ()
        if channel not in self._read:
            self._read[channel] = self._of(adapter)
        guides = self._read[channel]
        return guided(guides, parts, self._faults) if guides is not None else None

    def _of(self, adapter: Guided) -> Guides | None:
        try:
            return adapter.read_guides(read_guides(self._folder, adapter.guides))
        except ProfileFaults as error:
            self._faults += error.faults
        except ValueError as error:
            place = Place(f"guides/{adapter.guides}", {})
            self._faults.append(place.fault("", f"These guides cannot be used: {error}.", "Mend them."))
        return None
