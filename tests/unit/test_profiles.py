"""Profiles: read strictly, checked against each other, and every fault told at once with file, line, place and fix."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import date
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from gateway.contract.adapter import Adapter, Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.frames import Reply
from gateway.model.faults import faults_of
from gateway.model.outcome import Outcome
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.document import parse, read
from gateway.profiles.faults import ProfileFault, ProfileFaults
from gateway.profiles.library import Library, check
from gateway.profiles.payer import Backoff, Effective, Rhythm

MAPPINGS = Path(__file__).parents[2] / "mappings"


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
    payer_settings: ClassVar[type[Record]] = PigeonOfPayer
    connection_settings: ClassVar[type[Record]] = PigeonOfConnection
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = {"pigeon_rings": Colour}
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = {}

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

    def receive(self, reply: Reply, to: Destination) -> Outcome:
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


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# what is shipped


def shipped_adapters() -> dict[str, Adapter]:
    return {entry.name: entry.load() for entry in entry_points(group="payer_gateway.adapters")}


def test_the_shipped_profiles_have_no_fault() -> None:
    assert check(MAPPINGS, shipped_adapters()) == ()


def test_every_shipped_payer_is_synthetic_and_reaches_only_test_connections() -> None:
    library = Library.load(MAPPINGS, shipped_adapters())
    assert {payer.payer for payer in library.payers()} == {"bluestem_mutual", "evergreen_health"}
    for payer in library.payers():
        assert payer.synthetic
        for route in payer.routes:
            assert library.connection(route.connection).mode is Mode.TEST
            assert library.destination(payer.payer, route.connection).tables


def test_the_shipped_payers_are_told_apart_on_their_common_connection() -> None:
    library, adapter = Library.load(MAPPINGS, shipped_adapters()), shipped_adapters()["x12_278"]
    parties = {
        payer.payer: adapter.parties(library.destination(payer.payer, "demo_clearinghouse"))
        for payer in library.payers()
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


# each kind of fault between profiles


def route(**over: Any) -> dict[str, Any]:
    return {"connection": "loft", "benefits": ["medical"], "priority": 1} | over


def test_settings_are_checked_by_the_adapter_and_told_at_their_place(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(channels={"pigeon": {"loft": "far too long a name"}}))
    assert folder.fault() == ("payers/acme.yaml", "/channels/pigeon/loft")
    folder.put("payers/acme.yaml", a_payer())
    folder.put("connections/loft.yaml", a_connection(settings={"wings": 2}))
    assert folder.fault() == ("connections/loft.yaml", "/settings/wings")


def test_a_route_names_a_connection_that_is_there(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(routes=[route(), route(connection="nowhere", priority=2)]))
    assert folder.fault() == ("payers/acme.yaml", "/routes/1/connection")


def test_a_route_needs_settings_for_its_channel(folder: Folder) -> None:
    folder.put("connections/hound.yaml", a_connection(connection="hound", channel="hound"))
    folder.put("payers/acme.yaml", a_payer(routes=[route(connection="hound")]))
    places = {(fault.file, fault.pointer) for fault in folder.faults(ADAPTERS | {"hound": Pigeon()})}
    assert places == {("payers/acme.yaml", "/channels")}


def test_a_channel_without_an_adapter_is_told_where_it_is_named(folder: Folder) -> None:
    places = {(fault.file, fault.pointer) for fault in folder.faults({})}
    assert places == {("connections/loft.yaml", "/channel"), ("payers/acme.yaml", "/channels/pigeon")}


def test_a_payer_that_does_not_exist_has_no_live_connection(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(mode="live"))
    folder.put("payers/acme.yaml", a_payer(synthetic=True))
    assert folder.fault() == ("payers/acme.yaml", "/routes/0/connection")


def test_two_routes_that_tie_are_refused(folder: Folder) -> None:
    folder.put("connections/other.yaml", a_connection(connection="other"))
    folder.put("payers/acme.yaml", a_payer(routes=[route(), route(connection="other")]))
    assert folder.fault() == ("payers/acme.yaml", "/routes/1/priority")


def test_the_same_connection_twice_for_the_same_lines_is_refused(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(routes=[route(), route(priority=2)]))
    assert folder.fault() == ("payers/acme.yaml", "/routes/1")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"priority": 2}),
        ({}, {"benefits": ["pharmacy"]}),
        ({"lines_of_business": ["commercial"]}, {"lines_of_business": ["marketplace"]}),
        ({"roles": ["imaging"]}, {"roles": ["drug"]}),
        ({"effective": {"start": "2026-01-01", "end": "2026-06-30"}}, {"effective": {"start": "2026-07-01"}}),
    ],
)
def test_routes_that_never_meet_or_have_an_order_are_fine(
    folder: Folder, first: dict[str, Any], second: dict[str, Any]
) -> None:
    folder.put("connections/other.yaml", a_connection(connection="other"))
    folder.put("payers/acme.yaml", a_payer(routes=[route(**first), route(connection="other", **second)]))
    assert folder.faults() == ()


def test_a_test_and_a_live_route_of_one_priority_do_not_tie(folder: Folder) -> None:
    folder.put("connections/other.yaml", a_connection(connection="other", mode="live"))
    folder.put("payers/acme.yaml", a_payer(routes=[route(), route(connection="other")], rhythm=settling(90)))
    assert folder.faults() == ()


def test_over_a_live_connection_a_payer_has_ninety_seconds_to_settle(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(mode="live"))
    folder.put("payers/acme.yaml", a_payer(rhythm=settling(89)))
    [fault] = folder.faults()
    assert (fault.file, fault.pointer) == ("payers/acme.yaml", "/rhythm/settle_seconds")
    assert "90 seconds" in fault.message
    folder.put("payers/acme.yaml", a_payer(rhythm=settling(90)))
    assert folder.faults() == ()
    folder.put("connections/loft.yaml", a_connection())
    folder.put("payers/acme.yaml", a_payer(rhythm=settling(3)))
    assert folder.faults() == ()


def test_a_route_outside_the_payers_days_is_refused(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(routes=[route(effective={"start": "2024-01-01", "end": "2025-12-31"})]))
    assert folder.fault() == ("payers/acme.yaml", "/routes/0/effective")


def test_a_route_for_a_line_of_business_the_payer_does_not_serve_is_refused(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(routes=[route(lines_of_business=["commercial", "medicare_part_d"])]))
    assert folder.fault() == ("payers/acme.yaml", "/routes/0/lines_of_business/1")


def test_a_file_is_named_after_what_it_holds(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection())
    folder.put("payers/acme_copy.yaml", a_payer())
    assert folder.fault() == ("payers/acme_copy.yaml", "/payer")
    (folder.path / "payers/acme.yaml").unlink()
    assert folder.fault() == ("payers/acme_copy.yaml", "")


def test_a_code_table_that_an_adapter_reads_must_be_there(folder: Folder) -> None:
    (folder.path / "codes/pigeon_rings.yaml").unlink()
    assert folder.fault() == ("codes", "")


@pytest.mark.parametrize(
    ("codes", "pointer"),
    [
        ({"R": {"means": "crimson", "says": "x"}}, "/codes/R/means"),
        ({"R": {"means": "red", "says": "x", "next": "panic"}}, "/codes/R/next"),
        ({"R": {"means": "red"}}, "/codes/R/says"),
        ({"R": {"means": "red", "says": "x", "refused": "certified"}}, "/codes/R/refused"),
        ({"R": {"means": "red", "says": "x", "granted": "certified"}}, "/codes/R/granted"),
        ({"a/b": {"means": "crimson", "says": "x"}}, "/codes/a~1b/means"),
    ],
)
def test_a_code_means_a_word_its_adapter_knows(folder: Folder, codes: dict[str, Any], pointer: str) -> None:
    folder.put("codes/pigeon_rings.yaml", a_table(codes=codes))
    assert folder.fault() == ("codes/pigeon_rings.yaml", pointer)


def test_codes_keep_their_zeros_and_their_letters(folder: Folder) -> None:
    folder.put(
        "codes/pigeon_rings.yaml",
        "table: pigeon_rings\nsource: a test\ncodes:\n"
        + "".join(f"  {code}: {{means: red, says: Red.}}\n" for code in ("04", "NO", "1e3", "0x1F", "on", "12:30")),
    )
    assert set(folder.load().destination("acme", "loft").tables["pigeon_rings"].codes) == {
        *("04", "NO", "1e3", "0x1F", "on", "12:30")
    }


# endpoints


@pytest.mark.parametrize(
    ("endpoint", "mode", "sound"),
    [
        ("https://payer.example.org/core", "live", True),
        ("https://payer.example.org:8443/core", "test", True),
        ("http://127.0.0.1:9810/core", "test", True),
        ("http://[::1]:9810/core", "test", True),
        ("http://localhost/core", "test", True),
        ("http://127.0.0.1:9810/core", "live", False),
        ("http://payer.example.org/core", "test", False),
        ("http://127.0.0.1.example.org/core", "test", False),
        ("http://localhost.example.org/core", "test", False),
        ("http://10.0.0.1/core", "test", False),
        ("https://user@payer.example.org/", "test", False),
        ("https://payer.example.org/?key=x", "test", False),
        ("https://payer.example.org/#x", "test", False),
        ("https://payer.example.org:99999/", "test", False),
        ("https:///core", "test", False),
        ("https://payer.example.org/a b", "test", False),
        ("https://payer.example.org/a\nb", "test", False),
        ("file:///etc/passwd", "test", False),
        ("payer.example.org", "test", False),
    ],
)
def test_only_a_safe_endpoint_is_taken(endpoint: str, mode: str, sound: bool) -> None:
    profile = a_connection(endpoint=endpoint, mode=mode)
    if sound:
        assert ConnectionProfile.model_validate(profile).endpoint == endpoint
        return
    with pytest.raises(ValidationError) as caught:
        ConnectionProfile.model_validate(profile)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/endpoint"]


def test_tls_settings_without_tls_are_refused() -> None:
    profile = a_connection(endpoint="http://localhost/", tls={"min_version": "1.3"})
    with pytest.raises(ValidationError) as caught:
        ConnectionProfile.model_validate(profile)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/tls"]


# values are what they are written as


LOOSE_NUMBERS = ("10", True, "1e3", "1_0", None)


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("/deadline_seconds", (*LOOSE_NUMBERS, 0.0001, 0.9)),
        ("/max_reply_bytes", (*LOOSE_NUMBERS, 2000.0, 1.5)),
        ("/limits/concurrency", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/limits/per_second", (*LOOSE_NUMBERS, 0, 0.001)),
        ("/limits/burst", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/breaker/failures", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/breaker/open_seconds", (*LOOSE_NUMBERS, 0.01)),
    ],
)
def test_a_number_of_a_connection_is_written_as_one_and_is_sensible(
    folder: Folder, pointer: str, values: tuple[object, ...]
) -> None:
    for value in values:
        folder.put("connections/loft.yaml", a_connection(**nested(pointer, value)))
        assert folder.fault() == ("connections/loft.yaml", pointer), value


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("/synthetic", ("yes", "true", 1, 0, None)),
        ("/rhythm/settle_seconds", (*LOOSE_NUMBERS, -1)),
        ("/rhythm/poll/first_seconds", (*LOOSE_NUMBERS, 0, 0.01)),
        ("/rhythm/poll/factor", (*LOOSE_NUMBERS, 0.5)),
        ("/rhythm/retry/give_up_seconds", (*LOOSE_NUMBERS, 0)),
        ("/routes/0/priority", (*LOOSE_NUMBERS, 1.0, -1)),
    ],
)
def test_a_number_or_a_switch_of_a_payer_is_written_as_one(
    folder: Folder, pointer: str, values: tuple[object, ...]
) -> None:
    for value in values:
        payer = a_payer()
        place: Any = payer
        *steps, last = pointer[1:].split("/")
        for step in steps:
            place = place[int(step) if step.isdecimal() else step]
        place[last] = value
        folder.put("payers/acme.yaml", payer)
        assert folder.fault() == ("payers/acme.yaml", pointer), value


def test_a_code_that_asks_says_so_by_true(folder: Folder) -> None:
    for value in ("yes", 1, "true"):
        folder.put("codes/pigeon_rings.yaml", a_table(codes={"R": {"means": "red", "says": "x", "asks": value}}))
        assert folder.fault() == ("codes/pigeon_rings.yaml", "/codes/R/asks")


def nested(pointer: str, value: object) -> dict[str, Any]:
    name, _, rest = pointer[1:].partition("/")
    return {name: nested(f"/{rest}", value) if rest else value}


# rhythm


@given(
    st.floats(0.1, 100),
    st.floats(1, 10),
    st.floats(1, 100),
    st.integers(0, 50),
)
def test_waits_grow_and_stop_growing(first: float, factor: float, longer: float, tries: int) -> None:
    backoff = Backoff(
        first_seconds=first, factor=factor, longest_seconds=first * longer, give_up_seconds=first * longer * 10
    )
    assert backoff.after(0) == first
    assert backoff.after(tries) <= backoff.after(tries + 1) <= backoff.longest_seconds
    assert backoff.after(tries) == pytest.approx(min(first * factor**tries, backoff.longest_seconds))


def test_a_case_polled_for_years_still_has_a_wait() -> None:
    backoff = Backoff(first_seconds=1, factor=10, longest_seconds=60, give_up_seconds=600)
    assert backoff.after(10**9) == 60


@pytest.mark.parametrize(("waits", "where"), [((5, 2, 100), "longest"), ((1, 50, 20), "give_up")])
def test_waits_out_of_order_are_refused_beside_other_faults(waits: tuple[int, int, int], where: str) -> None:
    first, longest, give_up = waits
    for more, others in (({}, []), ({"factor": 0}, ["/factor"])):
        written = {"first_seconds": first, **more, "longest_seconds": longest, "give_up_seconds": give_up}
        with pytest.raises(ValidationError) as caught:
            Backoff.model_validate(written)
        assert [fault.pointer for fault in faults_of(caught.value)] == [*others, f"/{where}_seconds"]


def test_inquiries_go_on_until_absence_can_be_proved() -> None:
    steady = Backoff(first_seconds=1, longest_seconds=1, give_up_seconds=1)
    with pytest.raises(ValidationError) as caught:
        Rhythm(settle_seconds=10, reconcile=(1, 2, 3), poll=steady, retry=steady)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/reconcile"]
    Rhythm(settle_seconds=6, reconcile=(1, 2, 3), poll=steady, retry=steady)


days = st.dates(date(2026, 1, 1), date(2026, 1, 20))
spans = st.tuples(days, st.none() | days).filter(lambda span: span[1] is None or span[0] <= span[1])


@given(spans, spans)
def test_periods_overlap_when_some_day_lies_in_both(
    one: tuple[date, date | None], other: tuple[date, date | None]
) -> None:
    first, second = (Effective(start=start, end=end) for start, end in (one, other))
    both = any(first.holds(day) and second.holds(day) for day in (date(2026, 1, number) for number in range(1, 21)))
    assert first.overlaps(second) == second.overlaps(first) == both


# yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 04", {"a": "04"}),
        ("a: 4", {"a": 4}),
        ("a: no", {"a": "no"}),
        ("a: NO", {"a": "NO"}),
        ("a: true", {"a": True}),
        ("a: 'true'", {"a": "true"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: 1.5", {"a": 1.5}),
        ("a: -3", {"a": -3}),
        ("a: null", {"a": None}),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("04: x\n4: y", {"04": "x", "4": "y"}),
        ("yes: 1", {"yes": 1}),
        ("- [1, x]", [[1, "x"]]),
        ("a: |\n  b\n  c\n", {"a": "b\nc\n"}),
        ("a: .inf", {"a": ".inf"}),
    ],
)
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    assert parse(text, "x").value == value


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        ("a: 1\nb: 2\na: 3", "/a", 3),
        ("a:\n  - b: 1\n    b: 2", "/a/0/b", 3),
        ("a: &x 1\nb: 2\nc: *x", "/c", 1),
        ("a: &x [1]\nb: *x", "/b", 1),
        ("a: !!python/object/apply:os.system [x]", "/a", 1),
        ("a: !secret x", "/a", 1),
        ("a: !!binary YQ==", "/a", 1),
        ("? [a]\n: 1", "", 1),
        ("", "", 0),
        ("# nothing", "", 0),
        ("a: [", "", 0),
        ("a: 1\n b: 2", "", 2),
        ("a: 1\n---\nb: 2", "", 2),
        ("a: \x07", "", 0),
        ("[" * 500 + "]" * 500, "/0" * 21, 1),
    ],
)
def test_yaml_that_is_more_than_data_or_means_two_things_is_refused(text: str, pointer: str, line: int) -> None:
    with pytest.raises(ProfileFaults) as caught:
        parse(text, "x.yaml")
    assert caught.value.faults[0].file == "x.yaml"
    assert caught.value.faults[0].pointer == pointer
    if line and "*x" not in text:
        assert caught.value.faults[0].line == line


def test_a_billion_laughs_are_not_laughed() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    with pytest.raises(ProfileFaults):
        parse(text, "x")


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "a: " * 100_000, "{a: " * 100_000])
def test_endless_nesting_is_refused(text: str) -> None:
    with pytest.raises(ProfileFaults):
        parse(text, "x")


@given(st.text(max_size=200) | st.text(st.sampled_from("ab:-[]{}&*!|>'%#? ,") | st.just(chr(10)), max_size=60))
def test_any_text_is_a_document_or_faults(text: str) -> None:
    with contextlib.suppress(ProfileFaults):
        assert parse(text, "x").place.file == "x"


def test_a_file_too_large_not_utf8_or_not_there_is_told(tmp_path: Path) -> None:
    large, foreign = tmp_path / "large.yaml", tmp_path / "foreign.yaml"
    large.write_bytes(b"#" * 600_000)
    foreign.write_bytes(b"a: \xff\xfe")
    for file in (large, foreign, tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(ProfileFaults):
            read(file, file.name)


def test_a_fault_cannot_be_changed_after_it_was_told() -> None:
    fault = ProfileFault("x", 1, "", "m", "f")
    with pytest.raises(FrozenInstanceError):
        fault.file = "y"  # type: ignore[misc]
