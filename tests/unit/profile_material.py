"""A folder of profiles to spoil: a payer, a connection, a code table, and an adapter of a channel that is none."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import Field

from gateway.contract.adapter import Adapter, Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.faults import ProfileFault
from gateway.profiles.library import Library, check


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class PigeonOfPayer(Record):
    loft: Annotated[str, Field(max_length=10)]


class PigeonOfConnection(Record):
    breed: str = "homing"


class Pigeon:
    """An adapter of a channel that does not exist; no verb is ever spoken here."""

    channel: ClassVar[str] = "pigeon"
    announces: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = PigeonOfPayer
    connection_settings: ClassVar[type[Record]] = PigeonOfConnection
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = {"pigeon_rings": Colour}
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = {}

    # Profiles are checked against what an adapter declares: a verb that is spoken here is a fault of the test.

    def parties(self, to: Destination) -> tuple[str, str]:
        raise NotImplementedError

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        raise NotImplementedError

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        raise NotImplementedError

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        raise NotImplementedError

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        raise NotImplementedError


ADAPTERS: Mapping[str, Adapter] = {"pigeon": Pigeon()}
PROVENANCE = {"source": "a test", "date": "2026-11-21", "by": "a test"}


def a_payer(**over: Any) -> dict[str, Any]:
    return {
        "payer": "acme",
        "name": "Acme",
        "provenance": PROVENANCE,
        "lines_of_business": ["commercial", "marketplace"],
        "effective": {"start": "2026-01-01"},
        "routes": [{"connection": "loft", "benefits": ["medical"], "priority": 1}],
        "channels": {"pigeon": {"loft": "north"}},
        "rhythm": {
            "settle_seconds": 3,
            "reconcile": [1, 2, 3],
            "poll": {"first_seconds": 1, "factor": 2, "longest_seconds": 8, "give_up_seconds": 100},
            "retry": {"first_seconds": 1, "longest_seconds": 8, "give_up_seconds": 100},
        },
    } | over


def route(**over: Any) -> dict[str, Any]:
    return {"connection": "loft", "benefits": ["medical"], "priority": 1} | over


def settling(seconds: float) -> dict[str, Any]:
    """A rhythm with this settle time."""
    return a_payer()["rhythm"] | {"settle_seconds": seconds, "reconcile": [1, 2, 100]}


def a_connection(**over: Any) -> dict[str, Any]:
    return {
        "connection": "loft",
        "channel": "pigeon",
        "mode": "test",
        "provenance": PROVENANCE,
        "endpoint": "https://loft.example.org/in",
    } | over


def a_table(**over: Any) -> dict[str, Any]:
    return {"table": "pigeon_rings", "source": "a test", "codes": {"R": {"means": "red", "says": "Red."}}} | over


class Folder:
    """A folder of mappings; whatever is put there twice under one name replaces the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.put("payers/acme.yaml", a_payer())
        self.put("connections/loft.yaml", a_connection())
        self.put("codes/pigeon_rings.yaml", a_table())

    def put(self, name: str, content: object) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))

    def load(self, **endpoints: str) -> Library:
        return Library.load(self.path, ADAPTERS, endpoints)

    def faults(self, adapters: Mapping[str, Adapter] = ADAPTERS, **endpoints: str) -> tuple[ProfileFault, ...]:
        return check(self.path, adapters, endpoints)

    def fault(self, **endpoints: str) -> tuple[str, str]:
        """File and pointer of the only fault."""
        (found,) = self.faults(**endpoints)
        assert found.message.endswith(".")
        assert found.fix.endswith(".")
        return found.file, found.pointer
