"""Folders of guides, handed over as bytes and values."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.main.config import PROJECT
from gateway.profiles.faults import ProfileFaults
from gateway.profiles.guides import read_guides


def test_maps_come_as_bytes_and_rules_as_values() -> None:
    guides = read_guides(PROJECT / "mappings", "x12")
    assert guides.files["maps.xml"].startswith(b"<?xml")
    assert guides.rules["278_request_005010X217"]["guide"] == "278_request_005010X217"


def test_every_fault_of_the_rules_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "guides" / "x12" / "rules"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("a: [")
    (folder / "b.yaml").write_text("- a\n")
    with pytest.raises(ProfileFaults) as caught:
        read_guides(tmp_path, "x12")
    assert {fault.file for fault in caught.value.faults} == {f"guides/x12/rules/{name}.yaml" for name in "ab"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileFaults, match="no such folder"):
        read_guides(tmp_path, "x12")
