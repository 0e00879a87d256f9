"""Layers over a guide: what a network, a payer and a line of business want otherwise, each with its source."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.faults import Fault
from gateway.contract.guides import GuideLayer, UnfitLayers
from tests.unit.guide_documents import Segments, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import guides, short

MAP = "278_request_005010X217"
PAGE = "synthetic companion guide, p. 1"


def layer(*differences: dict[str, Any], name: str = "payer some_payer", **over: Any) -> GuideLayer:
    guides = {MAP: [{"source": PAGE, **each} if each["kind"] != "rule" else each for each in differences]}
    return GuideLayer(name, over or guides)


def found(body: Segments, *layers: GuideLayer) -> tuple[Fault, ...]:
    return check(interchange("HI", "005010X217", body).encode(), guides().under(layers)).faults


def faults(body: Segments, *layers: GuideLayer) -> list[tuple[str, str, str, int]]:
    return [short(fault) for fault in found(body, *layers)]


def unfit(*layers: GuideLayer) -> list[tuple[int, tuple[str | int, ...], str]]:
    with pytest.raises(UnfitLayers) as caught:
        guides().under(layers)
    assert all(fault.message.endswith(".") and fault.fix.endswith(".") for fault in caught.value.faults)
    return [(fault.layer, fault.steps, fault.message) for fault in caught.value.faults]


def usage(at: str, is_: str) -> dict[str, Any]:
    return {"kind": "usage", "at": at, "usage": is_}


def rule(**over: Any) -> dict[str, Any]:
    return {
        "id": "weight_in_pounds",
        "at": "2000E/UM03",
        "level": 7,
        "when": [{"at": "2000E/UM01", "is": "equals", "values": ["HS"]}],
        "then": [{"at": "2000E/UM03", "is": "equals", "values": ["2"]}],
        "says": "This payer wants the service type 2. Write it.",
        "source": PAGE,
        "sure": "agreed",
        **over,
    }


NAMELESS = request(UM_HS=[["UM", "HS", "I"]])
STATE = [["HI", "ABK:C3411"], ["NM1", "SJ", "1", "SAMPLE"], ["REF", "0B", "12345"]]
PAPER = request(HI_ABKC3411=[["HI", "ABK:C3411"], ["PWK", "77", "EL"]])


@pytest.mark.parametrize(
    ("difference", "body", "before", "after"),
    [
        (usage("2000E/UM03", "required"), NAMELESS, [], [("IK403", "1", "2000E/UM03", 7)]),
        (usage("2000E/UM03", "not_used"), request(), [], [("IK403", "I10", "2000E/UM03", 7)]),
        (
            usage("2000E/UM02", "situational"),
            request(UM_HS=[["UM", "HS", "", "1"]]),
            [("IK403", "1", "2000E/UM02", 2)],
            [],
        ),
        (usage("2000E/HI", "not_used"), request(), [], [("IK304", "I4", "2000E/HI", 7)]),
        (usage("2000E/MSG", "required"), request(), [], [("IK304", "3", "2000E/MSG", 7)]),
        (usage("2000F", "not_used"), request(), [], [("IK304", "I4", "2000F/HL", 7)]),
        (usage("2010EA", "required"), request(), [], [("IK304", "3", "2010EA/NM1", 7)]),
        (
            {"kind": "codes", "at": "2000E/UM02", "remove": ["I"]},
            request(),
            [],
            [("IK403", "I6", "2000E/UM02", 7)],
        ),
        ({"kind": "codes", "at": "2000E/UM02", "only": ["I", "4"]}, request(), [], []),
        (
            {"kind": "codes", "at": "2000E/UM02", "add": ["7"]},
            request(UM_HS=[["UM", "HS", "7", "1"]]),
            [("IK403", "7", "2000E/UM02", 2)],
            [],
        ),
        (
            {"kind": "codes", "at": "2000E/UM04-2", "open": True},
            request(UM_HS=[["UM", "HS", "I", "1", "11:Z"]]),
            [("IK403", "7", "2000E/UM04-2", 2)],
            [],
        ),
        (
            {"kind": "codes", "at": "2000F/DTP[472]01", "add": ["150"]},
            request(DTP_472=[["DTP", "150", "D8", "20261201"]]),
            [("IK403", "7", "2000F/DTP01", 2)],
            [],
        ),
        (
            {"kind": "most", "at": "2000E/TRN", "most": 1},
            request(TRN_1=[["TRN", "1", f"T{n}", "1999999999"] for n in range(2)]),
            [],
            [("IK304", "5", "2000E/TRN", 7)],
        ),
        (
            {"kind": "most", "at": "2000E/TRN", "most": "any"},
            request(TRN_1=[["TRN", "1", f"T{n}", "1999999999"] for n in range(9)]),
            [("IK304", "5", "2000E/TRN", 2)] * 7,
            [],
        ),
        (
            {"kind": "length", "at": "2000E/TRN02", "longest": 8},
            request(),
            [],
            [("IK403", "5", "2000E/TRN02", 7)],
        ),
        (
            {"kind": "length", "at": "2000E/TRN03", "shortest": 5},
            request(TRN_1=[["TRN", "1", "T", "12345"]]),
            [("IK403", "4", "2000E/TRN03", 1)],
            [],
        ),
        ({"kind": "lift", "rule": "event_document_number"}, PAPER, [("IK403", "I9", "2000E/PWK06", 4)], []),
        ({"kind": "rule", "rule": rule()}, request(), [], [("IK403", "7", "2000E/UM03", 7)]),
    ],
)
def test_a_difference_lifts_a_fault_or_adds_one(
    difference: dict[str, Any],
    body: Segments,
    before: list[tuple[str, str, str, int]],
    after: list[tuple[str, str, str, int]],
) -> None:
    assert faults(body) == before
    assert faults(body, layer(difference)) == after


def test_a_fault_of_a_layer_says_whose_wish_it_is_and_where_that_was_learned() -> None:
    (missing,) = found(NAMELESS, layer(usage("2000E/UM03", "required"), name="network some_network"))
    (broken,) = found(request(), layer({"kind": "rule", "rule": rule()}))
    (whole,) = found(request(), layer(usage("2010EA", "required")))
    assert missing.layer == f"network some_network: {PAGE}"
    assert broken.layer == whole.layer == f"payer some_payer: {PAGE}"
    assert found(request(UM_HS=[["UM", "HS", "", "1"]]))[0].layer == ""


def test_the_last_layer_that_spoke_of_a_place_is_named() -> None:
    network = layer(usage("2000E/UM03", "required"), name="network some_network")
    payer = layer(usage("2000E/UM03", "not_used"))
    assert [fault.layer for fault in found(request(), network, payer)] == [f"payer some_payer: {PAGE}"]


def test_the_later_layer_has_the_last_word() -> None:
    network = layer(usage("2000E/UM03", "required"))
    payer = layer(usage("2000E/UM03", "situational"))
    assert faults(NAMELESS, network) == [("IK403", "1", "2000E/UM03", 7)]
    assert faults(NAMELESS, network, payer) == []
    business = layer({"kind": "lift", "rule": "weight_in_pounds"})
    assert faults(request(), layer({"kind": "rule", "rule": rule()}), business) == []


def test_codes_for_a_first_element_that_had_none_are_asked_of_the_segment_as_it_is() -> None:
    only = layer(
        {"kind": "codes", "at": "2000E/PWK01", "only": ["M1"]}, {"kind": "lift", "rule": "event_document_number"}
    )
    assert faults(PAPER, only) == [("IK403", "7", "2000E/PWK01", 7)]


def test_the_guides_below_stay_as_they_are() -> None:
    guides().under([layer(usage("2000E/UM03", "required"))])
    assert faults(NAMELESS) == []


@pytest.mark.parametrize(
    ("difference", "word"),
    [
        (usage("2000E/UM02", "required"), "so already"),
        (usage("2000E/UM99", "required"), "no such element"),
        (usage("2000E/UM01-1", "required"), "no such component"),
        (usage("2000Z/UM01", "required"), "no one such segment"),
        (usage("2000E/REF", "required"), "no one such segment"),
        (usage("2000Z", "required"), "no one such loop"),
        (usage("2000E/NM101/1", "required"), "no place"),
        (usage("2000E/HL", "situational"), "cannot be another"),
        (usage("2000F/DTP[472]01", "situational"), "cannot be another"),
        ({"kind": "codes", "at": "2000E/UM02", "remove": ["Z"]}, "does not stand here"),
        ({"kind": "codes", "at": "2000E/UM02", "add": ["I"]}, "adds one that does"),
        ({"kind": "codes", "at": "2000E/TRN02", "add": ["I"]}, "no codes"),
        ({"kind": "codes", "at": "2000E/UM02", "add": ["LONG"]}, "longer"),
        ({"kind": "codes", "at": "2000F/DTP[472]01", "open": True}, "nothing tells"),
        ({"kind": "length", "at": "2000E/TRN02", "shortest": 51}, "longer than the longest"),
        ({"kind": "length", "at": "HEADER/BHT04", "longest": 6}, "only a text"),
        (usage("2000E/UM", "not_used"), "guide requires this"),
        (usage("2010C", "not_used"), "guide requires this"),
        ({"kind": "lift", "rule": "nobody"}, "no such rule"),
        ({"kind": "rule", "rule": rule(id="event_document_number")}, "already"),
        ({"kind": "rule", "rule": rule(at="2000Z/UM03")}, "no one segment"),
    ],
)
def test_a_difference_that_cannot_be_or_makes_none_is_refused(difference: dict[str, Any], word: str) -> None:
    ((number, steps, message),) = unfit(layer(usage("2000E/UM08", "required")), layer(difference))
    assert (number, steps[0]) == (1, MAP)
    assert word in message.lower()


@pytest.mark.parametrize(
    ("differences", "steps"),
    [
        ({MAP: []}, (MAP,)),
        ({MAP: [usage("2000E/UM03", "required")]}, (MAP, 0, "source")),
        ({MAP: [{**usage("2000E/UM03", "required"), "source": PAGE, "when": "always"}]}, (MAP, 0, "when")),
        ({MAP: [{"kind": "usage", "at": "2000E/UM03", "source": PAGE}]}, (MAP, 0, "usage")),
        ({MAP: [{"kind": "wish", "at": "2000E/UM03", "source": PAGE}]}, (MAP, 0)),
        ({MAP: [{"kind": "codes", "at": "2000E/UM02", "source": PAGE}]}, (MAP, 0)),
        ({MAP: [{"kind": "length", "at": "2000E/TRN02", "source": PAGE}]}, (MAP, 0)),
        ({MAP: [{"kind": "most", "at": "2000E/TRN", "most": 0, "source": PAGE}]}, (MAP, 0, "most")),
        ({MAP: [{"kind": "rule", "rule": rule(level=4)}]}, (MAP, 0)),
        ({MAP: [{"kind": "rule", "rule": rule(nonsense=1)}]}, (MAP, 0, "rule", "nonsense")),
    ],
)
def test_a_layer_that_is_not_of_the_form_is_refused_at_its_place(
    differences: dict[str, Any], steps: tuple[str | int, ...]
) -> None:
    told = unfit(layer(usage("2000E/UM08", "required")), layer(**differences))
    assert [number for number, _, _ in told] == [1] * len(told)
    assert steps in [at[: len(steps)] for _, at, _ in told]


def test_faults_of_several_layers_are_told_together() -> None:
    nowhere = GuideLayer("payer some_payer", {"another": [{**usage("2000E/UM03", "required"), "source": PAGE}]})
    told = unfit(layer(usage("2000Z", "required"), name="network some_network"), nowhere)
    assert [(number, steps) for number, steps, _ in told] == [(0, (MAP, 0)), (1, ("another",))]
