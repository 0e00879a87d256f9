"""The rules beside the maps: of a closed form, about places that exist, in sentences that say how to mend it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pyx12.map_if import composite_if, element_if, segment_if

from gateway.profiles.document import read
from tests.unit.guide_opinion import GUIDES, load

FILES = sorted((GUIDES / "rules").glob("*.yaml"))
FIELDS = ["id", "at", "level", "when", "then", "says", "source", "sure"]
FORMATS = {"npi"}
PLACE = re.compile(r"(\w+)/([A-Z][A-Z0-9]{1,2})(?:\[(\w+)\])?(?:([0-9]{2})(?:-([1-9]))?)?")

each_file = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def rules(path: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text())["rules"]
    return found


def conditions(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [*rule["when"], *rule["then"]]


def places(condition: dict[str, Any]) -> list[str]:
    at = condition["at"]
    return at if isinstance(at, list) else [at]


def nodes(file: str) -> dict[str, list[Any]]:
    """The segments of a map by their loop and id."""
    found: dict[str, list[Any]] = {}
    for node in load(file).loop_segment_iterator():
        if isinstance(node, segment_if):
            found.setdefault(f"{node.parent.id}/{node.id}", []).append(node)
    return found


def leaf(known: dict[str, list[Any]], place: str) -> Any:
    """The node of the map that a place names; fails where there is none."""
    matched = PLACE.fullmatch(place)
    assert matched, place
    loop, name, code, element, part = matched.groups()
    segments = known[f"{loop}/{name}"]
    if code:
        segments = [node for node in segments if node.get_unique_key_id_element(code) is not None]
    assert len(segments) == 1, place
    node = segments[0]
    if element:
        node = node.get_child_node_by_ordinal(int(element))
    if part:
        assert isinstance(node, composite_if)
        node = node.children[int(part) - 1]
    return node


def test_there_are_rules_for_both_directions_of_the_request() -> None:
    assert {"278_request_005010X217", "278_response_005010X217"} <= {path.stem for path in FILES}


@each_file
def test_a_file_of_rules_is_named_after_its_map(path: Any) -> None:
    content = read(path, path.name).value
    assert list(content) == ["guide", "rules"]
    assert content["guide"] == path.stem
    assert (GUIDES / f"{path.stem}.xml").exists()


@each_file
def test_every_rule_has_the_same_fields_and_a_name_of_its_own(path: Any) -> None:
    ids = [rule["id"] for rule in rules(path)]
    assert len(ids) == len(set(ids))
    for rule in rules(path):
        assert list(rule) == FIELDS
        assert rule["level"] in {4, 5, 7}
        assert rule["sure"] in {"agreed", "single", "inferred", "unverified"}
        assert rule["when"]
        assert rule["then"]


@each_file
def test_a_rule_says_what_is_wrong_and_then_what_to_do(path: Any) -> None:
    for rule in rules(path):
        assert re.fullmatch(r"[A-Z].*[.] [A-Z].*[.]", rule["says"]), rule["says"]


@each_file
def test_every_place_a_rule_names_is_one_place_of_the_map(path: Any) -> None:
    known = nodes(f"{path.stem}.xml")
    for rule in rules(path):
        assert leaf(known, rule["at"]) is not None
        for condition in conditions(rule):
            for place in places(condition):
                assert leaf(known, place) is not None


@each_file
def test_conditions_are_of_the_closed_vocabulary(path: Any) -> None:
    for rule in rules(path):
        for condition in conditions(rule):
            values = condition.get("values", [])
            assert set(condition) <= {"at", "is", "values"}
            match condition["is"]:
                case "present" | "absent":
                    assert not values
                case "equals":
                    assert len(values) == 1
                case "one_of":
                    assert values
                case "format":
                    assert set(values) <= FORMATS
                    assert len(values) == 1
                case other:
                    pytest.fail(f"nobody knows {other}")
            if condition["is"] not in ("present", "absent"):
                assert isinstance(condition["at"], str)


@each_file
def test_values_are_text_that_the_place_may_hold(path: Any) -> None:
    known = nodes(f"{path.stem}.xml")
    for rule in rules(path):
        for condition in conditions(rule):
            if condition["is"] in ("equals", "one_of"):
                element = leaf(known, condition["at"])
                assert isinstance(element, element_if)
                assert all(isinstance(value, str) for value in condition["values"])
                assert set(condition["values"]) <= set(element.valid_codes or condition["values"])
