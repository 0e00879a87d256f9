"""Routes of payers: to connections that are there, one way for each line, within the days and lines of business."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.profile_material import ADAPTERS, Folder, Pigeon, a_connection, a_payer, route, settling


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
    folder.put("payers/acme.yaml", a_payer(synthetic=True, rhythm=settling(90)))
    assert folder.fault() == ("payers/acme.yaml", "/routes/0/connection")


def test_a_copy_of_a_made_up_payer_over_a_new_live_connection_needs_one_round(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(mode="live", endpoint="http://loft.example.org/in"))
    folder.put("payers/acme.yaml", a_payer(synthetic=True, rhythm=settling(3)))
    assert {(fault.file, fault.pointer) for fault in folder.faults()} == {
        ("connections/loft.yaml", "/endpoint"),
        ("payers/acme.yaml", "/routes/0/connection"),
        ("payers/acme.yaml", "/rhythm/settle_seconds"),
    }


@pytest.mark.parametrize("spoilt", [{}, {"nickname": "x"}], ids=["sound", "with a fault"])
def test_what_files_say_of_each_other_is_told_whatever_else_is_wrong_with_them(
    folder: Folder, spoilt: dict[str, Any]
) -> None:
    """Each payer holds one fault that only its connection shows, and each file a fault of its own or none."""
    folder.put("connections/loft.yaml", a_connection(mode="live", **spoilt))
    folder.put("connections/hound.yaml", a_connection(connection="hound", channel="hound", **spoilt))
    payers = {
        "/rhythm/settle_seconds": {"rhythm": settling(3)},
        "/routes/0/connection": {"synthetic": True},
        "/channels": {"routes": [route(connection="hound")]},
        "/routes/1": {"routes": [route(), route(priority=2)]},
        "/routes/0/lines_of_business/0": {"routes": [route(lines_of_business=["medicare_part_d"])]},
        "/routes/0/effective": {"routes": [route(effective={"start": "2024-01-01", "end": "2025-12-31"})]},
    }
    (folder.path / "payers/acme.yaml").unlink()
    for place, over in enumerate(payers.values()):
        name = f"payer_{place}"
        folder.put(f"payers/{name}.yaml", a_payer(payer=name) | {"rhythm": settling(90)} | over | spoilt)
    files = [f"payers/payer_{place}.yaml" for place in range(len(payers))]
    own = {(file, "/nickname") for file in (*files, "connections/loft.yaml", "connections/hound.yaml") if spoilt}
    found = {(fault.file, fault.pointer) for fault in folder.faults(ADAPTERS | {"hound": Pigeon()})}
    assert found == own | set(zip(files, payers, strict=True))


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


@pytest.mark.proves("RT-17")
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
