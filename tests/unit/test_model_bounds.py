"""Lists with bounds: their length and the faults of their items are told together, and the schema knows the bounds."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.api.inputs import NewEndpoint
from gateway.contract.adapter import Answers
from gateway.model.faults import MOST_FAULTS, faults_of
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.model.schema import examples, schema
from gateway.profiles.payer import PayerProfile
from tests.unit.profile_material import a_payer, route

DOCUMENT = {"id": "a", "kind": "other", "title": "a", "media_type": "text/plain", "content": "YQ=="}
ADDRESS = {"city": "Testville", "state": "PA", "zip_code": "19087"}


def example() -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(examples("request")["pembrolizumab_lung_first_line"])
    return found


def told(kind: type[Record], document: object) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(document)
    return {(fault.pointer, fault.code) for fault in faults_of(caught.value)}


def numbered(item: dict[str, Any], count: int) -> list[dict[str, Any]]:
    return [{**item, "id": str(place)} for place in range(count)]


COVERAGE = example()["coverages"][0]
LINE = example()["lines"][0] | {"diagnoses": [1]}
FACILITY = {"role": "facility", "npi": "1245319599", "last_name": "Sample Infusion Center"}
LISTS: list[tuple[str, int, list[Any], str, object]] = [
    ("/coverages", 5, [COVERAGE] * 6, "/member_id", "?"),
    ("/diagnoses", 12, [{"code": "C34.11"}] * 14, "/code", "nonsense"),
    ("/servicing", 14, [FACILITY] * 15, "/npi", "1245319598"),
    ("/lines", 99, numbered(LINE, 100), "/role", "wish"),
    ("/attachments", 20, numbered(DOCUMENT, 21), "/kind", "poem"),
    ("/lines/0/modifiers", 4, ["JZ"] * 5, "", "j"),
    ("/lines/0/diagnoses", 4, [1] * 5, "", 0),
    ("/patient/address/street", 2, ["1 Example Way"] * 3, "", ""),
]


def with_list(where: str, items: list[Any]) -> dict[str, Any]:
    document = example() | {"attachments": [], "servicing": []}
    document["patient"]["address"] = dict(ADDRESS)
    at: Any = document
    *steps, last = where.split("/")[1:]
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[last] = copy.deepcopy(items)
    return document


@pytest.mark.parametrize(("where", "most", "items", "inside", "wrong"), LISTS, ids=[part[0] for part in LISTS])
@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
def test_a_list_that_is_too_long_is_told_beside_its_faulty_items(
    where: str, most: int, items: list[Any], inside: str, wrong: object, place: int
) -> None:
    PARequest.model_validate(with_list(where, items[:most]))
    assert told(PARequest, with_list(where, items)) == {(where, "too_long")}
    spoilt = list(items)
    spoilt[place] = {**items[place], inside[1:]: wrong} if inside else wrong
    found = told(PARequest, with_list(where, spoilt))
    assert {pointer for pointer, _ in found} == {where, f"{where}/{place % len(items)}{inside}"}
    assert (where, "too_long") in found


def test_answers_webhooks_and_profiles_are_held_to_the_same() -> None:
    papers = numbered(DOCUMENT, 21)
    papers[20]["kind"] = "poem"
    assert told(Answers, {"attachments": papers}) == {
        ("/attachments", "too_long"),
        ("/attachments/20/kind", "literal_error"),
    }
    many = ["x"] + ["case.approved"] * 30
    assert {("/types", "too_long"), ("/types/0", "event_type"), ("/types/30", "repeated")} <= told(
        NewEndpoint, {"url": "https://hooks.example.org", "types": many}
    )
    routes = [route(priority=number) for number in range(51)]
    routes[50]["benefits"] = []
    assert told(PayerProfile, a_payer(routes=routes)) == {
        ("/routes", "too_long"),
        ("/routes/50/benefits", "too_short"),
    }


def test_an_event_type_that_is_listed_twice_is_told_beside_one_that_does_not_exist() -> None:
    body = {"url": "https://hooks.example.org", "types": ["x", "case.approved", " case.approved"]}
    assert told(NewEndpoint, body) == {("/types/0", "event_type"), ("/types/2", "repeated")}
    assert told(NewEndpoint, body | {"types": ["x", "x"]}) == {("/types/0", "event_type"), ("/types/1", "event_type")}


def test_what_is_wrong_with_an_absurd_list_is_told_soon() -> None:
    began = time.process_time()
    found = told(PARequest, example() | {"lines": [{}] * 200_000})
    assert time.process_time() - began < 5
    assert ("/lines", "too_long") in found
    assert len(found) == MOST_FAULTS + 1


def test_the_schema_knows_the_bounds() -> None:
    properties = schema("request")["properties"]
    assert (properties["coverages"]["minItems"], properties["coverages"]["maxItems"]) == (1, 5)
    assert ("minItems" in properties["servicing"], properties["servicing"]["maxItems"]) == (False, 14)
    types = TypeAdapter(NewEndpoint).json_schema()["properties"]["types"]
    assert (types["type"], types["maxItems"]) == ("array", 30)
