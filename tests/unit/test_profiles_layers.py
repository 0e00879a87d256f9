"""Layers of profiles: what holds for a payer over a connection, on a day, for a line of business."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gateway.contract.destination import Destination
from gateway.contract.guides import GuideFiles, GuideLayer, LayerFault, UnfitLayers
from gateway.model.request import LineOfBusiness
from gateway.profiles.library import Library
from tests.unit.profile_material import PROVENANCE, Folder, Pigeon, a_connection, a_payer, route

MARKETPLACE, COMMERCIAL = LineOfBusiness.MARKETPLACE, LineOfBusiness.COMMERCIAL
JULY, JUNE = date(2026, 7, 1), date(2026, 6, 30)


class Flight:
    """Guides that only remember what was laid over them; a difference called ``crash`` does not fit."""

    def __init__(self, layers: Sequence[GuideLayer] = ()) -> None:
        self.layers = tuple(layers)

    def under(self, layers: Sequence[GuideLayer]) -> Flight:
        faults = [
            LayerFault(number, ("map", "crash"), "This does not fit.", "Land.")
            for number, layer in enumerate(layers)
            if "crash" in layer.differences["map"]
        ]
        if faults:
            raise UnfitLayers(*faults)
        return Flight(layers)


class GuidedPigeon(Pigeon):
    guides: ClassVar[str] = "flights"

    def read_guides(self, files: GuideFiles) -> Flight:
        if "bad.xml" in files.files:
            raise ValueError("bad.xml is bad")
        return Flight()


ADAPTERS = {"pigeon": GuidedPigeon()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "guides" / "flights").mkdir(parents=True)
    return Folder(tmp_path)


def layer(start: str = "2026-07-01", **over: Any) -> dict[str, Any]:
    """Copied: the same dictionary in two places would be written as a YAML alias."""
    return deepcopy({"effective": {"start": start}, "provenance": PROVENANCE, **over})


def differences(word: str) -> dict[str, Any]:
    return {"flights": {"map": {word: True}}}


def loft(folder: Folder, business: LineOfBusiness | None = None, on: date | None = None) -> tuple[str, str]:
    """The two settings that pigeons have."""
    to = destination(folder, business, on)
    return to.payer_settings.loft, to.connection_settings.breed  # type: ignore[attr-defined]


def destination(folder: Folder, business: LineOfBusiness | None = None, on: date | None = None) -> Destination:
    return Library.load(folder.path, ADAPTERS).destination("acme", "loft", business, on)


def fault(folder: Folder) -> tuple[str, str, str]:
    (found,) = folder.faults(ADAPTERS)
    assert found.line > 0
    return found.file, found.pointer, found.message


def test_what_is_nearer_has_the_last_word_on_its_days_and_for_its_lines_of_business(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(settings={"breed": "homing"}))
    west = layer(lines_of_business=["marketplace"], channels={"pigeon": {"loft": "west"}})
    south = layer(channels={"pigeon": {"loft": "south"}}, connections={"loft": {"breed": "racing"}})
    folder.put("payers/acme.yaml", a_payer(layers=[west, south]))
    assert loft(folder) == loft(folder, MARKETPLACE, JUNE) == ("north", "homing")
    assert loft(folder, COMMERCIAL, JULY) == ("south", "racing")
    assert loft(folder, MARKETPLACE, JULY) == ("west", "racing")


def test_a_layer_ends_with_its_last_day(folder: Folder) -> None:
    dated = layer(channels={"pigeon": {"loft": "south"}})
    dated["effective"] = {"start": "2026-07-01", "end": "2026-07-01"}
    folder.put("payers/acme.yaml", a_payer(layers=[dated]))
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)]
    assert [loft(folder, COMMERCIAL, day)[0] for day in days] == ["north", "south", "north"]


def test_a_payer_goes_before_the_network_and_the_networks_layer_before_its_file(folder: Folder) -> None:
    network = layer(settings={"breed": "racing"})
    folder.put("connections/loft.yaml", a_connection(settings={"breed": "homing"}, layers=[network]))
    assert loft(folder, COMMERCIAL, JULY)[1] == "racing"
    folder.put("payers/acme.yaml", a_payer(connections={"loft": {"breed": "tumbler"}}))
    assert loft(folder)[1] == loft(folder, COMMERCIAL, JULY)[1] == "tumbler"


def test_what_is_wanted_otherwise_than_the_guides_comes_in_one_row(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection(guides=differences("a"), layers=[layer(guides=differences("b"))]))
    business = layer(lines_of_business=["marketplace"], guides=differences("e"))
    of_payer = layer(guides=differences("d"))
    folder.put("payers/acme.yaml", a_payer(guides=differences("c"), layers=[business, of_payer]))
    to = destination(folder, MARKETPLACE, JULY)
    assert "".join(word for each in to.layers for word in each.differences["map"]) == "abcde"
    assert [each.name for each in to.layers] == [
        "network loft",
        "network loft",
        "payer acme",
        "payer acme",
        "payer acme for marketplace",
    ]
    assert to.guides.layers == to.layers
    assert [len(destination(folder, *at).layers) for at in ((None, None), (COMMERCIAL, JULY))] == [2, 4]


def test_nothing_is_laid_over_guides_that_nobody_wants_otherwise(folder: Folder) -> None:
    to = destination(folder, COMMERCIAL, JULY)
    assert (to.layers, to.guides.layers) == ((), ())


SOUTH = {"pigeon": {"loft": "south"}}
PAST = {"start": "2025-01-01", "end": "2025-12-31"}


@pytest.mark.parametrize(
    ("over", "pointer", "word"),
    [
        ({"layers": [layer()]}, "/layers/0", "no difference"),
        ({"layers": [layer(nonsense=1, channels=SOUTH)]}, "/layers/0/nonsense", "Extra"),
        ({"layers": [layer(channels=SOUTH) | {"provenance": None}]}, "/layers/0/provenance", "form"),
        (
            {"layers": [layer(channels={"pigeon": {"loft": "x" * 11}})]},
            "/layers/0/channels/pigeon/loft",
            "at most 10",
        ),
        ({"layers": [layer(channels={"pigeon": {"lofts": "x"}})]}, "/layers/0/channels/pigeon/lofts", "Extra"),
        ({"layers": [layer(channels={"pigeon": {"loft": "north"}})]}, "/layers/0/channels/pigeon/loft", "so already"),
        (
            {"layers": [layer(channels=SOUTH), layer(start="2026-08-01", channels=SOUTH)]},
            "/layers/1/channels/pigeon/loft",
            "so already",
        ),
        ({"layers": [layer(channels={"parrot": {}})]}, "/layers/0/channels/parrot", "no settings"),
        ({"layers": [layer(connections={"nest": {}})]}, "/layers/0/connections/nest", "No route"),
        ({"connections": {"loft": {"bred": "x"}}}, "/connections/loft/bred", "Extra"),
        (
            {"layers": [layer(channels=SOUTH, lines_of_business=["medicaid_managed"])]},
            "/layers/0/lines_of_business/0",
            "does not serve",
        ),
        ({"layers": [layer(channels=SOUTH) | {"effective": PAST}]}, "/layers/0/effective", "own days"),
        ({"guides": {"walks": {}}}, "/guides/walks", "No channel"),
        ({"guides": differences("crash")}, "/guides/flights/map/crash", "does not fit"),
        ({"layers": [layer(guides=differences("crash"))]}, "/layers/0/guides/flights/map/crash", "does not fit"),
    ],
)
def test_a_fault_in_a_layer_is_told_at_its_place(folder: Folder, over: dict[str, Any], pointer: str, word: str) -> None:
    folder.put("payers/acme.yaml", a_payer(**over))
    file, at, message = fault(folder)
    assert (file, at) == ("payers/acme.yaml", pointer)
    assert word in message


def test_faults_of_settings_and_of_what_is_wanted_otherwise_than_the_guides_are_told_together(folder: Folder) -> None:
    folder.put("payers/acme.yaml", a_payer(channels={"pigeon": {"loft": 7}}, guides=differences("crash")))
    found = {fault.pointer for fault in folder.faults(ADAPTERS)}
    assert found == {"/channels/pigeon/loft", "/guides/flights/map/crash"}


def test_a_fault_in_a_networks_layer_is_told_once_however_many_payers_it_has(folder: Folder) -> None:
    folder.put("payers/other.yaml", a_payer(payer="other", name="Other"))
    folder.put("connections/loft.yaml", a_connection(layers=[layer(settings={"bred": "x"})]))
    assert fault(folder)[:2] == ("connections/loft.yaml", "/layers/0/settings/bred")
    folder.put("connections/loft.yaml", a_connection(guides=differences("crash")))
    assert fault(folder)[:2] == ("connections/loft.yaml", "/guides/flights/map/crash")


def test_settings_that_do_not_go_together_are_told_where_the_last_was_said(folder: Folder) -> None:
    """Each file may be right by itself, and the two of them not."""
    folder.put("connections/nest.yaml", a_connection(connection="nest"))
    both = [route(), route(connection="nest", priority=2)]
    folder.put("payers/acme.yaml", a_payer(routes=both, connections={"nest": {"breed": 7}}))
    assert fault(folder)[:2] == ("payers/acme.yaml", "/connections/nest/breed")


def test_guides_that_cannot_be_used_are_told(folder: Folder) -> None:
    (folder.path / "guides" / "flights" / "bad.xml").write_text("")
    (found,) = folder.faults(ADAPTERS)
    assert found.file == "guides/flights"
    assert "bad.xml is bad" in found.message
