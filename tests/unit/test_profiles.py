"""Profiles: read strictly, checked against each other, and every fault told at once with file, line, place and fix."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from gateway.contract.adapter import Adapter
from gateway.contract.destination import Mode
from gateway.profiles.faults import ProfileFaults
from gateway.profiles.library import Library, check
from tests.unit.profile_material import (
    ADAPTERS,
    Colour,
    Folder,
    Pigeon,
    PigeonOfConnection,
    PigeonOfPayer,
    a_connection,
    a_payer,
    a_table,
    route,
)

MAPPINGS = Path(__file__).parents[2] / "mappings"


def shipped_adapters() -> dict[str, Adapter]:
    return {entry.name: entry.load() for entry in entry_points(group="payer_gateway.adapters")}


def test_the_shipped_profiles_have_no_fault() -> None:
    assert check(MAPPINGS, shipped_adapters()) == ()


def test_every_shipped_payer_is_synthetic_and_reaches_only_test_connections() -> None:
    library = Library.load(MAPPINGS, shipped_adapters())
    found = {payer.payer for payer in library.payers()}
    assert {"bluestem_mutual", "cedar_valley", "dogwood_plan", "evergreen_health"} <= found
    for payer in library.payers():
        assert payer.synthetic
        for way in payer.routes:
            assert library.connection(way.connection).mode is Mode.TEST
            assert library.destination(payer.payer, way.connection).tables


def test_the_shipped_payers_are_told_apart_on_their_common_connection() -> None:
    library, adapter = Library.load(MAPPINGS, shipped_adapters()), shipped_adapters()["x12_278"]
    parties = {
        payer.payer: adapter.parties(library.destination(payer.payer, "demo_clearinghouse"))
        for payer in library.payers()
        if any(route.connection == "demo_clearinghouse" for route in payer.routes)
    }
    assert parties == {
        "bluestem_mutual": ("ZZ:PAYERGW", "ZZ:BLUESTEM"),
        "evergreen_health": ("ZZ:PAYERGW", "ZZ:EVERGREEN"),
    }


# the library


def test_a_destination_holds_everything_resolved(folder: Folder) -> None:
    to = folder.load().destination("acme", "loft")
    assert (to.payer, to.payer_name, to.connection, to.mode) == ("acme", "Acme", "loft", Mode.TEST)
    assert to.payer_settings == PigeonOfPayer(loft="north")
    assert to.connection_settings == PigeonOfConnection(breed="homing")
    entry = to.entry("pigeon_rings", "R")
    assert entry is not None
    assert entry.means == "red"
    assert to.entry("pigeon_rings", "X") is None


def test_a_destination_is_made_once(folder: Folder) -> None:
    library = folder.load()
    assert library.destination("acme", "loft") is library.destination("acme", "loft")


def test_what_is_not_there_is_a_key_error(folder: Folder) -> None:
    library = folder.load()
    for ask in (
        lambda: library.payer("nobody"),
        lambda: library.connection("nowhere"),
        lambda: library.destination("acme", "nowhere"),
    ):
        with pytest.raises(KeyError):
            ask()


def test_profiles_are_frozen(folder: Folder) -> None:
    payer = folder.load().payer("acme")
    with pytest.raises(ValidationError):
        payer.name = "x"  # type: ignore[misc]


def test_an_endpoint_may_be_replaced_from_outside(folder: Folder) -> None:
    library = folder.load(loft="http://127.0.0.1:1/x")
    assert library.connection("loft").endpoint == "http://127.0.0.1:1/x"
    assert library.destination("acme", "loft").endpoint == "http://127.0.0.1:1/x"


@pytest.mark.parametrize("endpoint", ["http://example.org", "https://u:p@example.org", "ftp://x", ""])
def test_an_endpoint_from_outside_obeys_the_same_rules(folder: Folder, endpoint: str) -> None:
    assert folder.fault(loft=endpoint) == ("environment GATEWAY_ENDPOINT_LOFT", "/endpoint")


def test_an_endpoint_for_a_connection_that_is_not_there_is_told(folder: Folder) -> None:
    assert folder.fault(lofft="https://example.org") == ("environment GATEWAY_ENDPOINT_LOFFT", "")


def test_all_faults_of_all_files_are_told_at_once_with_their_lines(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(nickname="x", lines_of_business=["wishes"]))
    folder.put("payers/broken.yaml", "payer: [")
    folder.put("connections/loft.yaml", a_connection(mode="dry"))
    folder.put("codes/pigeon_rings.yaml", a_table(codes={"G": {"means": "green", "says": "Green."}}))
    found = {(fault.file, fault.pointer) for fault in folder.faults()}
    assert found == {
        ("payers/acme.yaml", "/nickname"),
        ("payers/acme.yaml", "/lines_of_business/0"),
        ("payers/broken.yaml", ""),
        ("connections/loft.yaml", "/mode"),
        ("codes/pigeon_rings.yaml", "/codes/G/means"),
    }
    lines = (folder.path / "payers/acme.yaml").read_text().splitlines()
    for fault in folder.faults():
        if fault.pointer == "/nickname":
            assert lines[fault.line - 1] == "nickname: x"
            assert str(fault).startswith(f"payers/acme.yaml:{fault.line}: /nickname: ")


def test_a_file_with_faults_of_its_own_is_still_compared_with_the_others(folder: Folder) -> None:
    routes = [route(), route(connection="nowhere", priority=2), route(connection=3, priority=4), "x"]
    channels = {"pigeon": {"loft": "far too long a name"}, "hound": {}, "cat": 7}
    folder.put("payers/acme.yaml", a_payer(nickname="x", routes=routes, channels=channels))
    folder.put("payers/other.yaml", a_payer(payer="other", routes=[route(connection="nowhere")]))
    folder.put("connections/loft.yaml", a_connection(mode="dry", settings={"wings": 2}))
    folder.put("connections/kennel.yaml", a_connection(connection="kennel", mode="dry", channel="hound"))
    codes = {
        "G": {"means": "green"},
        "R": {"means": "red", "says": "Red."},
        "X": 5,
        "Y": {"means": ["red"], "says": "x"},
    }
    folder.put("codes/pigeon_rings.yaml", a_table(codes=codes))
    assert [(fault.file, fault.pointer) for fault in sorted(folder.faults(), key=lambda found: found.pointer)] == [
        ("connections/kennel.yaml", "/channel"),
        ("payers/acme.yaml", "/channels/cat"),
        ("payers/acme.yaml", "/channels/hound"),
        ("payers/acme.yaml", "/channels/pigeon/loft"),
        ("codes/pigeon_rings.yaml", "/codes/G/means"),
        ("codes/pigeon_rings.yaml", "/codes/G/says"),
        ("codes/pigeon_rings.yaml", "/codes/X"),
        ("codes/pigeon_rings.yaml", "/codes/Y/means"),
        ("connections/kennel.yaml", "/mode"),
        ("connections/loft.yaml", "/mode"),
        ("payers/acme.yaml", "/nickname"),
        ("payers/other.yaml", "/routes/0/connection"),
        ("payers/acme.yaml", "/routes/1/connection"),
        ("payers/acme.yaml", "/routes/2/connection"),
        ("payers/acme.yaml", "/routes/3"),
        ("connections/loft.yaml", "/settings/wings"),
    ]


@pytest.mark.parametrize("content", ["[", "7", "- x", "{}", "connection: loft", "connection: {}"])
def test_a_file_that_cannot_be_read_makes_no_other_file_wrong(folder: Folder, content: str) -> None:
    for name in ("connections/loft.yaml", "codes/pigeon_rings.yaml"):
        folder.put(name, content)
    folder.put("payers/broken.yaml", content)
    assert {fault.file for fault in folder.faults()} == {
        "connections/loft.yaml",
        "codes/pigeon_rings.yaml",
        "payers/broken.yaml",
    }


def test_a_connection_with_faults_in_a_file_of_another_name_is_still_there_for_its_payers(folder: Folder) -> None:
    (folder.path / "connections/loft.yaml").unlink()
    folder.put("connections/lofts.yaml", a_connection(mode="dry"))
    assert folder.fault() == ("connections/lofts.yaml", "/mode")


def test_a_table_that_an_adapter_reads_is_missed_though_another_has_faults(folder: Folder) -> None:
    (folder.path / "codes/pigeon_rings.yaml").unlink()
    folder.put("codes/another.yaml", a_table(table="another", source=7))
    assert {(fault.file, fault.pointer) for fault in folder.faults()} == {
        ("codes", ""),
        ("codes/another.yaml", "/source"),
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("payers/acme.yml", "payers/acme.yml"),
        ("connections/loft.json", "connections/loft.json"),
        ("codes/pigeon_rings.YAML", "codes/pigeon_rings.YAML"),
        ("payers/acme.yaml~", "payers/acme.yaml~"),
        ("payers/west/acme.yaml", "payers/west/acme.yaml"),
        ("acme.yaml", "acme.yaml"),
        ("payer/acme.yaml", "payer"),
        ("codes/pigeon/notes.txt", "codes/pigeon/notes.txt"),
    ],
)
def test_a_file_that_nothing_reads_is_told(folder: Folder, name: str, told: str) -> None:
    folder.put(name, a_payer())
    assert folder.fault() == (told, "")


class Careful(Pigeon):
    """A pigeon that does not leave to a table what red means."""

    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = {
        "pigeon_rings": {"R": frozenset({Colour.RED}), "B": frozenset({Colour.BLUE, Colour.RED})}
    }


@pytest.mark.parametrize("spoilt", [False, True])
@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ({"R": "red", "B": "blue"}, {}),
        ({"R": "red", "B": "red", "X": "red"}, {}),
        ({"R": "blue", "B": "blue"}, {"/codes/R/means": "Write red."}),
        ({"B": "blue"}, {"/codes": "Write the row R with means: red."}),
        ({"R": "red"}, {"/codes": "Write the row B with means: blue or red."}),
        ({"R": "green", "B": "blue"}, {"/codes/R/means": "Write one of: blue, red."}),
    ],
)
def test_a_code_that_nobody_may_redefine_stands_in_its_table_and_means_what_it_must(
    folder: Folder, codes: dict[str, str], told: dict[str, str], spoilt: bool
) -> None:
    rows = {code: {"means": means, "says": "A ring."} for code, means in codes.items()}
    folder.put("codes/pigeon_rings.yaml", a_table(codes=rows, source=7 if spoilt else "a test"))
    found = {fault.pointer: fault.fix for fault in folder.faults({"pigeon": Careful()})}
    assert found.pop("/source", None) == ("Send a string." if spoilt else None)
    assert found == told


def test_a_row_that_cannot_be_read_is_not_missed_as_well(folder: Folder) -> None:
    folder.put("codes/pigeon_rings.yaml", a_table(codes={"R": 7, "B": {"means": "blue", "says": "Blue."}}))
    assert [fault.pointer for fault in folder.faults({"pigeon": Careful()})] == ["/codes/R"]


def test_hidden_files_readmes_and_folders_of_code_tables_are_let_be(folder: Folder) -> None:
    for name in ("README.md", "payers/README.md", "payers/.acme.yaml.swp", ".git/config", "codes/..data/x.yaml"):
        folder.put(name, "payer: [")
    (folder.path / "codes/pigeon_rings.yaml").rename(folder.path / "pigeon_rings.yaml")
    (folder.path / "codes/pigeon").mkdir()
    (folder.path / "pigeon_rings.yaml").rename(folder.path / "codes/pigeon/pigeon_rings.yaml")
    assert folder.faults() == ()


def test_a_folder_that_is_not_there_is_one_fault(folder: Folder) -> None:
    (fault,) = check(folder.path / "nowhere", ADAPTERS)
    assert "GATEWAY_MAPPINGS" in fault.fix


def test_a_fault_repeats_no_value_of_the_file(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(endpoint="https://user:hunter2@example.org", password="hunter2"))
    folder.put("payers/acme.yaml", a_payer(channels={"pigeon": {"loft": "hunter2hunter2"}}))
    with pytest.raises(ProfileFaults) as caught:
        folder.load()
    assert len(caught.value.faults) == 3
    assert "hunter2" not in str(caught.value)
