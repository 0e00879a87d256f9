"""A connection may name a schema that the deployer holds a licence for: its channel gets the files, read once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.contract.guides import SchemaFiles
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.faults import Place, ProfileFault
from gateway.profiles.library import Library
from gateway.profiles.schemas import read_schema
from tests.unit.profile_material import PROVENANCE, Folder, Pigeon, a_connection


class Schooled(Pigeon):
    def read_schema(self, files: SchemaFiles) -> Any:
        if files.files[files.main] != b"main":
            raise ValueError("this is none")
        return dict(files.files)


def read(path: Path, adapter: Pigeon) -> tuple[Any, list[str]]:
    faults: list[ProfileFault] = []
    profile = ConnectionProfile.model_validate(
        {
            "connection": "loft",
            "channel": "pigeon",
            "mode": "test",
            "provenance": PROVENANCE,
            "endpoint": "https://loft.example",
            "xsd": str(path),
        }
    )
    made = read_schema(Place("loft.yaml", {}), profile, adapter, faults)
    return made, [fault.pointer for fault in faults]


def test_the_channel_gets_the_named_file_and_those_beside_it(tmp_path: Path) -> None:
    (tmp_path / "main.xsd").write_bytes(b"main")
    (tmp_path / "part.xsd").write_bytes(b"part")
    (tmp_path / "other.txt").write_bytes(b"other")
    assert read(tmp_path / "main.xsd", Schooled()) == ({"main.xsd": b"main", "part.xsd": b"part"}, [])


@pytest.mark.parametrize(
    ("name", "adapter"), [("none.xsd", Schooled()), ("part.xsd", Schooled()), ("main.xsd", Pigeon())]
)
def test_a_schema_that_is_not_there_or_of_no_use_is_a_fault(tmp_path: Path, name: str, adapter: Pigeon) -> None:
    (tmp_path / "main.xsd").write_bytes(b"main")
    (tmp_path / "part.xsd").write_bytes(b"part")
    assert read(tmp_path / name, adapter) == (None, ["/xsd"])


def test_a_destination_over_the_connection_has_it(tmp_path: Path) -> None:
    (tmp_path / "main.xsd").write_bytes(b"main")
    folder = Folder(tmp_path / "mappings")
    folder.put("connections/loft.yaml", a_connection(xsd=str(tmp_path / "main.xsd")))
    library = Library.load(folder.path, {"pigeon": Schooled()})
    assert (
        library.destination("acme", "loft").xsd
        == library.partner("loft", date(2026, 11, 22)).xsd
        == {"main.xsd": b"main"}
    )
