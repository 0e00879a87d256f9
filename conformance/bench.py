"""The bench a case is replayed on: the installed adapters and the real profiles.

Adapters come through their entry points, as the gateway gets them; none is imported by name. Endpoints are those of
the profiles, whatever the environment says of them, so that the bytes of a case are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Self

from conformance.shelf import Case
from gateway.contract.adapter import Adapter
from gateway.contract.destination import Destination
from gateway.model.record import Record
from gateway.profiles.library import Library

PROJECT = Path(__file__).resolve().parents[1]
CASES = Path(__file__).resolve().parent / "cases"
MAPPINGS = PROJECT / "mappings"
SETTING = "GATEWAY_MAPPINGS"
"""The environment's name for another folder: the one the gateway would start on."""


def mappings_of(environment: Mapping[str, str]) -> Path:
    """The folder of profiles that the gateway would start on."""
    return Path(environment.get(SETTING, str(MAPPINGS))).resolve()


class NotHere(Exception):
    """This installation lacks what the case needs."""


def installed() -> dict[str, Adapter]:
    """Every installed adapter by channel."""
    adapters: dict[str, Adapter] = {}
    for entry in entry_points(group="payer_gateway.adapters"):
        adapter: Adapter = entry.load()
        adapters[adapter.channel] = adapter
    return adapters


@dataclass(frozen=True)
class Bench:
    adapters: dict[str, Adapter]
    library: Library

    @classmethod
    def here(cls, mappings: Path = MAPPINGS) -> Self:
        """What is installed here. Raises ProfileFaults where the profiles cannot be used."""
        adapters = installed()
        return cls(adapters, Library.load(mappings, adapters))

    def adapter(self, channel: str) -> Adapter:
        """Raises NotHere."""
        if channel not in self.adapters:
            raise NotHere(f"no adapter of channel {channel} is installed")
        return self.adapters[channel]

    def destination(self, case: Case) -> Destination:
        """Where the case goes on its day, with the settings it changes.

        Raises NotHere; ValidationError for unknown settings.
        """
        business = case.request.coverages[0].line_of_business if case.request else None
        on = case.file.stamp.at.date() if case.file.stamp else None
        try:
            to = self.library.destination(case.file.payer, case.file.connection, business, on)
        except KeyError:
            raise NotHere(f"no route leads to {case.file.payer} over {case.file.connection}") from None
        changed = case.file.settings
        return to.model_copy(
            update={
                "payer_settings": _changed(to.payer_settings, changed.payer),
                "connection_settings": _changed(to.connection_settings, changed.connection),
            }
        )


def _changed(settings: Record, changes: object) -> Record:
    return type(settings).model_validate({**settings.model_dump(), **dict(changes)}) if changes else settings  # type: ignore[call-overload]
