"""Guides of a channel, and what networks, payers and lines of business want otherwise: handed over as they were read.

The gateway reads the files and knows on which day and for which line of business a layer holds; what guides and
differences mean is the channel's business. An adapter that has guides (``Guided``) gets them in its destinations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable


@dataclass(frozen=True)
class GuideFiles:
    """A folder of guides: ``files`` as bytes by name, ``rules`` as parsed values by name."""

    files: Mapping[str, bytes]
    rules: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class GuideLayer:
    """What one file wants otherwise than the guides of a folder. ``name`` says whose wish it is, in a few words."""

    name: str
    differences: Mapping[str, Any]


@dataclass(frozen=True)
class LayerFault:
    """Why a layer (by its place in the row) cannot lie over what is below. ``steps`` lead into its differences."""

    layer: int
    steps: tuple[str | int, ...]
    message: str
    fix: str


class UnfitLayers(ValueError):
    """Layers that are not of the form, or do not fit the guides."""

    def __init__(self, *faults: LayerFault) -> None:
        super().__init__("; ".join(f"{'/'.join(map(str, fault.steps))}: {fault.message}" for fault in faults))
        self.faults = faults


class Guides(Protocol):
    def under(self, layers: Sequence[GuideLayer]) -> Any:
        """The same with layers over them, the first word first. Raises UnfitLayers."""
        ...


@runtime_checkable
class Guided(Protocol):
    """An adapter with guides. ``guides`` names their folder under ``mappings/guides``."""

    guides: ClassVar[str]

    def read_guides(self, files: GuideFiles) -> Guides:
        """Raises ValueError for files that are not what they should be."""
        ...


@dataclass(frozen=True)
class SchemaFiles:
    """A schema that a deployer holds a licence for: ``main`` is the name of the file it begins in, ``files`` are those
    of the same folder as bytes by name."""

    main: str
    files: Mapping[str, bytes]


@runtime_checkable
class Schooled(Protocol):
    """An adapter that can hold its messages against a schema of the deployer's. What it makes of the files stands in
    ``Destination.xsd`` and ``Partner.xsd``."""

    def read_schema(self, files: SchemaFiles) -> Any:
        """Raises ValueError for files that are not what they should be."""
        ...
