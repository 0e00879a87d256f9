"""The request: what parses, what is refused, and how: every fault at once, at its place, with its fix, without PHI."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.model.clinical import ClinicalFacts
from gateway.model.faults import Fault, faults_of, pointer
from gateway.model.request import PARequest
from gateway.model.schema import examples
from tests.strategies import Json, requests

Path = tuple[str | int, ...]
CANARY = "\x07C4n4ry"
"""A value that is right nowhere."""


def example() -> Json:
    """A request with most of what a request may hold."""
    request: Json = copy.deepcopy(examples("request")["pembrolizumab_lung_first_line"])
    return request


def faults(document: object) -> tuple[Fault, ...]:
    with pytest.raises(ValidationError) as caught:
        PARequest.model_validate(document)
    return faults_of(caught.value)


def fault(document: object) -> Fault:
    """The only fault."""
    (found,) = faults(document)
    return found


def put(document: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value, the root left out."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from places(part, (*path, index))


# what parses


@pytest.mark.parametrize("name", sorted(examples("request")))
def test_every_example_parses_and_survives_json(name: str) -> None:
    request = PARequest.model_validate(examples("request")[name])
    assert PARequest.model_validate_json(request.model_dump_json()) == request


@given(requests())
def test_any_valid_request_survives_json(document: Json) -> None:
    request = PARequest.model_validate_json(json.dumps(document))
    text = request.model_dump_json()
    assert PARequest.model_validate_json(text) == request
    assert PARequest.model_validate(request.model_dump(mode="json")) == request
    assert PARequest.model_validate_json(text).model_dump_json() == text


@given(requests())
def test_json_and_its_parsed_form_mean_the_same(document: Json) -> None:
    assert PARequest.model_validate(document) == PARequest.model_validate_json(json.dumps(document))


def test_a_request_is_frozen() -> None:
    request = PARequest.model_validate(example())
    with pytest.raises(ValidationError, match="frozen"):
        request.note = "changed"  # type: ignore[misc]


def test_no_value_prints_itself() -> None:
    request = PARequest.model_validate(example())
    shown = f"{request!r} {request} {request.patient!r} {[request.coverages]} {request.patient.birth_date:%Y}"
    assert not [value for value in ("Testperson", "EVG0000001", "ORD-2026-0417") if value in shown]


def test_lines_without_an_id_are_numbered_by_their_place() -> None:
    document = example()
    for line in document["lines"]:
        del line["id"]
    assert [line.id for line in PARequest.model_validate(document).lines] == ["1", "2"]


def test_a_number_that_is_taken_is_not_given_again() -> None:
    document = example()
    document["lines"][0]["id"] = " 2 "
    del document["lines"][1]["id"]
    ids = [line.id for line in PARequest.model_validate(document).lines]
    assert ids[0] == "2"
    assert ids[1] != "2"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(200, "200"), ("200", "200"), (200.0, "200"), (1.5, "1.5"), ("0.125", "0.125"), (10**7, "10000000")],
)
def test_a_quantity_has_one_spelling(sent: object, kept: str) -> None:
    document = example()
    document["lines"][0]["quantity"]["value"] = sent
    quantity = PARequest.model_validate_json(json.dumps(document)).lines[0].quantity
    assert str(quantity.value) == kept
    assert quantity.value == Decimal(kept)


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, "0", "-1", "1e2", "1_0", "١٢", " ", "", "NaN", "Infinity", "1.", ".5", "+1", "0x10", "9" * 5000),
        *(math.nan, math.inf, 1e300, 10**400, 100_000_000, "123456789", 1.0001, "0.0001", True, None, [], {}),
    ],
)
def test_a_quantity_that_is_no_plain_amount_is_refused_at_its_place(value: object) -> None:
    document = example()
    document["lines"][0]["quantity"]["value"] = value
    assert fault(document).pointer == "/lines/0/quantity/value"


@pytest.mark.parametrize("value", ["1", 1.0, True, 1.5, 2**70])
def test_a_count_is_a_whole_json_number(value: object) -> None:
    document = example()
    document["regimen"]["cycle_days"] = value
    assert fault(document).pointer == "/regimen/cycle_days"


# one fault for each wrong value, at its place


@given(st.data())
def test_a_wrong_value_anywhere_is_one_fault_there_and_is_never_repeated(data: st.DataObject) -> None:
    document = example() | {"note": "x", "subscriber": None} if data.draw(st.booleans()) else data.draw(requests())
    path = data.draw(st.sampled_from(list(places(document))))
    put(document, path, CANARY)
    with pytest.raises(ValidationError) as caught:
        PARequest.model_validate_json(json.dumps(document))
    found = faults_of(caught.value)
    assert [item.pointer for item in found] == [pointer(path)]
    assert "C4n4ry" not in str(caught.value) + repr(caught.value) + "".join(map(str, caught.value.args))
    for item in found:
        assert "C4n4ry" not in item.model_dump_json()
        assert item.message.endswith(".")
        assert item.fix != "Compare the field with the schema."


@given(st.data())
def test_all_wrong_values_are_told_at_once(data: st.DataObject) -> None:
    document = data.draw(requests())
    leaves = [path for path in places(document) if not isinstance(at(document, path), dict | list)]
    wrong = data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=8, unique=True))
    for path in wrong:
        put(document, path, CANARY)
    assert sorted(item.pointer for item in faults(document)) == sorted(pointer(path) for path in wrong)


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


@given(st.data())
@settings(max_examples=settings().max_examples // 2)
def test_a_missing_field_is_told_where_it_should_stand(data: st.DataObject) -> None:
    document = data.draw(requests())
    needed = [
        ("reference",),
        ("patient",),
        ("patient", "birth_date"),
        ("coverages", 0, "member_id"),
        ("requester", "npi"),
    ]
    needed += [("site",), ("lines", 0, "code"), ("lines", 0, "quantity", "value"), ("lines", 0, "dates", "start")]
    path = data.draw(st.sampled_from(needed))
    del at(document, path[:-1])[path[-1]]
    assert (fault(document).pointer, fault(document).code) == (pointer(path), "missing")


def test_a_field_nobody_knows_is_named_by_an_escaped_pointer() -> None:
    document = example()
    document["patient"]["a/b~c"] = 1
    assert fault(document).pointer == "/patient/a~1b~0c"


def test_an_empty_list_is_not_confused_with_a_list_of_faulty_items() -> None:
    document = example()
    document["lines"] = [{**document["lines"][0], "role": "wish"}]
    assert [item.pointer for item in faults(document)] == ["/lines/0/role"]
    document["lines"] = []
    assert [(item.pointer, item.code) for item in faults(document)] == [("/lines", "too_short")]


@pytest.mark.parametrize("name", ["***", "123", "-", "\N{SNOWMAN}"])
def test_a_last_name_has_a_letter_of_some_script(name: str) -> None:
    document = example()
    document["patient"]["last_name"] = name
    assert (fault(document).pointer, fault(document).code) == ("/patient/last_name", "no_letter")
    document["patient"]["last_name"] = f"{name}\N{GREEK SMALL LETTER NU}"
    assert PARequest.model_validate(document).patient.last_name.endswith("\N{GREEK SMALL LETTER NU}")


@pytest.mark.parametrize("document", [None, [], "x", 5, True, {}])
def test_what_is_no_request_at_all_is_refused(document: object) -> None:
    assert faults(document)


# contradictions between fields


def test_two_lines_with_one_id_are_refused_even_when_spelled_apart() -> None:
    document = example()
    document["lines"][0]["id"], document["lines"][1]["id"] = "A", " A "
    assert (fault(document).pointer, fault(document).code) == ("/lines/1/id", "line_id")


def test_two_attachments_with_one_id_are_refused() -> None:
    document = copy.deepcopy(examples("request")["rituximab_renewal_with_document"])
    document["attachments"] *= 2
    assert (fault(document).pointer, fault(document).code) == ("/attachments/1/id", "attachment_id")


@pytest.mark.parametrize("number", [3, 12])
def test_a_pointer_to_no_diagnosis_is_refused(number: int) -> None:
    document = example()
    document["lines"][1]["diagnoses"] = [1, number]
    assert (fault(document).pointer, fault(document).code) == ("/lines/1/diagnoses/1", "diagnosis_pointer")


@pytest.mark.parametrize("number", [0, 13, -1])
def test_a_diagnosis_pointer_counts_from_one_to_twelve(number: int) -> None:
    document = example()
    document["lines"][1]["diagnoses"] = [number]
    assert fault(document).pointer == "/lines/1/diagnoses/0"


@pytest.mark.parametrize("intent", ["renewal", "revision", "extension", "appeal"])
def test_what_follows_an_authorization_names_it(intent: str) -> None:
    document = example() | {"intent": intent}
    assert (fault(document).pointer, fault(document).code) == ("/previous_authorization", "missing")


def test_a_first_request_refers_to_no_earlier_decision() -> None:
    decision = {"previous_decision": {"decided_on": "2026-05-02"}}
    for intent in ({}, {"intent": "initial"}):
        document = example() | decision | intent
        assert (fault(document).pointer, fault(document).code) == ("/previous_decision", "previous_decision")
    PARequest.model_validate(example() | decision | {"intent": "revision", "previous_authorization": "A1"})


@pytest.mark.parametrize("relationship", ["spouse", "child", "other"])
def test_a_dependent_needs_the_subscriber(relationship: str) -> None:
    document = example()
    document["coverages"][0]["relationship"] = relationship
    assert (fault(document).pointer, fault(document).code) == ("/subscriber", "missing")


def test_a_second_person_beside_a_patient_who_is_the_subscriber_is_refused() -> None:
    document = example()
    document["subscriber"] = document["patient"] | {"first_name": "Eve"}
    assert (fault(document).pointer, fault(document).code) == ("/subscriber", "subscriber")
    document["subscriber"] = document["patient"]
    PARequest.model_validate(document)


def test_a_citation_names_a_line_of_the_request() -> None:
    document = example()
    document["facts"]["compendium"] = [
        {"compendium": "nccn", "category": "2A", "context": "metastatic", "line_id": "none"}
    ]
    assert fault(document).pointer == "/facts/compendium/0/line_id"


def test_contradictions_are_told_together_with_wrong_values() -> None:
    document = example() | {"intent": "renewal", "diagnoses": [{"code": "nonsense"}]}
    assert {item.pointer for item in faults(document)} == {
        "/diagnoses/0/code",
        "/previous_authorization",
        "/lines/0/diagnoses/1",
    }


def beside(document: Json) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pointers and codes of a document's faults: alone, and beside another fault (which is left out)."""
    told = []
    for more in ({}, {"reference": CANARY}):
        try:
            PARequest.model_validate(document | more)
            found: tuple[Fault, ...] = ()
        except ValidationError as error:
            found = faults_of(error)
        told.append([(item.pointer, item.code) for item in found if item.pointer != "/reference"])
    return told[0], told[1]


def with_lines(*line_ids: object) -> Json:
    document = example()
    document["lines"] = [{**document["lines"][0], "id": line_id} for line_id in line_ids]
    return document


def with_subscriber(relationship: str | None = "self", **changes: Any) -> Json:
    document = example()
    document["coverages"][0] |= {"relationship": relationship} if relationship else {}
    document["subscriber"] = {**document["patient"], **changes}
    return document


def with_citation(line_id: object, *line_ids: object) -> Json:
    document = with_lines(*line_ids)
    document["facts"]["compendium"] = [
        {"compendium": "nccn", "category": "2A", "context": "metastatic", "line_id": line_id}
    ]
    return document


def with_therapy(**changes: Any) -> Json:
    document = example()
    therapy = {"drug": "x", "outcome": "ongoing", "started_on": "2026-02-01", "stopped_on": "2026-01-01"}
    document["facts"]["prior_therapies"] = [therapy | changes]
    return document


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (with_lines("a", " a "), [("/lines/1/id", "line_id")]),
        (with_lines("a", "a\u2003"), [("/lines/1/id", "line_id")]),
        (with_lines("a", "b"), []),
        (with_subscriber(), []),
        (with_subscriber(last_name="Testperson "), []),
        (with_subscriber(middle_name=None, address=None), []),
        (with_subscriber(None, last_name=" Testperson"), []),
        (with_subscriber(first_name="Eve"), [("/subscriber", "subscriber")]),
        (with_subscriber(None, first_name="Eve"), [("/subscriber", "subscriber")]),
        (with_citation("a", " a ", "b"), []),
        (with_citation(" a ", "a", "b"), []),
        (with_citation("c", "a", "b"), [("/facts/compendium/0/line_id", "line_id")]),
        (with_therapy(), [("/facts/prior_therapies/0/stopped_on", "stopped_on")]),
    ],
)
def test_a_contradiction_is_found_or_not_whatever_else_is_wrong(document: Json, told: list[tuple[str, str]]) -> None:
    alone, together = beside(document)
    assert alone == told
    assert together == told


PERSON = {
    "last_name": "Testperson",
    "first_name": "Ada",
    "middle_name": "Jane",
    "birth_date": "1961-04-12",
    "gender": "female",
    "address": {"street": ["1 Example Way", "Flat 2"], "city": "Testville", "state": "PA", "zip_code": "19087-1234"},
}


@pytest.mark.parametrize(
    ("path", "values", "contradicts"),
    [
        (("last_name",), ["TESTPERSON", "Test-Person"], False),
        (("last_name",), ["Testpersons", "Test", "Sampleton"], True),
        (("first_name",), [None, "ada"], False),
        (("first_name",), ["A", "Adam"], True),
        (("middle_name",), [None, "J.", "J"], False),
        (("middle_name",), ["K"], True),
        (("suffix",), [None, "Jr."], False),
        (("birth_date",), ["1961-04-13"], True),
        (("gender",), ["unknown"], False),
        (("gender",), ["male"], True),
        (("address",), [None], False),
        (("address", "street"), [[], ["1 EXAMPLE WAY"], ["1 Example Way Flat 2"]], False),
        (("address", "street"), [["7 Other Way"], ["1 Example Way", "Flat 3"]], True),
        (("address", "zip_code"), ["19087", "190871234"], False),
        (("address", "zip_code"), ["19088", "19087-1235"], True),
        (("address", "city"), ["TESTVILLE"], False),
        (("address", "city"), ["Sampletown"], True),
        (("address", "state"), ["NJ"], True),
    ],
)
def test_who_is_told_with_less_or_in_another_spelling_is_the_same_person(
    path: Path, values: list[object], contradicts: bool
) -> None:
    for value in values:
        other = copy.deepcopy(PERSON)
        put(other, path, value)
        for patient, subscriber in ((PERSON, other), (other, PERSON)):
            document = example() | {"patient": patient, "subscriber": subscriber}
            assert beside(document) == (([("/subscriber", "subscriber")],) * 2 if contradicts else ([], [])), value


def test_two_people_are_told_apart_by_what_is_sound_of_them() -> None:
    document = with_subscriber(birth_date=CANARY)
    assert [item.pointer for item in faults(document)] == ["/subscriber/birth_date"]
    document["patient"]["birth_date"] = CANARY
    assert [item.pointer for item in faults(document)] == ["/patient/birth_date", "/subscriber/birth_date"]
    document["subscriber"]["first_name"] = "Eve"
    assert {item.pointer for item in faults(document)} == {
        "/patient/birth_date",
        "/subscriber/birth_date",
        "/subscriber",
    }


def test_what_cannot_be_known_is_not_said() -> None:
    document = with_citation("a", "a", 7)
    assert [item.pointer for item in faults(document)] == ["/lines/1/id"]
    assert [item.pointer for item in faults(document | {"lines": "a"})] == ["/lines"]
    document = with_subscriber(first_name="Eve")
    document["coverages"][0]["relationship"] = None
    assert [item.pointer for item in faults(document)] == ["/coverages/0/relationship"]


def test_a_therapy_that_ends_before_it_starts_is_told_beside_its_other_faults() -> None:
    document = with_therapy(outcome="wishes", dose=CANARY)
    under = "/facts/prior_therapies/0"
    assert [item.pointer for item in faults(document)] == [f"{under}/stopped_on", f"{under}/outcome", f"{under}/dose"]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("patient", "birth_date"), "1889-12-31", "/patient/birth_date"),
        (("lines", 0, "dates"), {"start": "2026-12-02", "end": "2026-12-01"}, "/lines/0/dates/end"),
        (("urgency",), {"level": "expedited", "attested_by": "X"}, "/urgency/reason"),
        (("urgency",), {"level": "expedited", "reason": "x"}, "/urgency/attested_by"),
        (("regimen", "cycle"), 7, "/regimen/cycle"),
        (("lines", 0, "code"), {"system": "hcpcs", "code": "96413"}, "/lines/0/code/code"),
        (("lines", 0, "code"), {"system": "ndc", "code": "99999012330"}, "/lines/0/ndc"),
        (("facts", "performance", 0), {"scale": "ecog", "score": 6}, "/facts/performance/0/score"),
        (("facts", "performance", 0), {"scale": "karnofsky", "score": 75}, "/facts/performance/0/score"),
        (("facts", "biomarkers", 2, "result"), "positive", "/facts/biomarkers/2/not_feasible"),
        (
            ("facts", "prior_therapies"),
            [{"drug": "x", "outcome": "ongoing", "started_on": "2026-02-01", "stopped_on": "2026-01-01"}],
            "/facts/prior_therapies/0/stopped_on",
        ),
        (
            ("facts", "conservative_care"),
            [{"kind": "nsaid", "outcome": "none", "started_on": "2026-02-01", "stopped_on": "2026-01-01"}],
            "/facts/conservative_care/0/stopped_on",
        ),
        (("coverages", 0, "payer"), "Evergreen", "/coverages/0/payer"),
        (("requester", "tax_id"), "12345678٢", "/requester/tax_id"),
    ],
)
def test_what_contradicts_itself_is_refused_at_the_field_to_mend(path: Path, value: object, where: str) -> None:
    document = example()
    put(document, path, value)
    assert fault(document).pointer == where


def test_a_score_that_is_no_number_is_refused() -> None:
    for score in (math.nan, math.inf, "3", True):
        activity = {"instrument": "cdai", "score": score, "assessed_on": "2026-01-01"}
        with pytest.raises(ValidationError):
            ClinicalFacts.model_validate({"disease_activity": [activity]})


# hostile bytes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"patient":' * 5_000,
        b'{"reference": ' + b"9" * 100_000 + b"}",
        b'{"reference": 1e999}',
        b'{"reference": "\\ud800"}',
        b'{"reference": "a",}',
        b'{"lines": [' + b"{}," * 5_000 + b"{}]}",
    ],
)
def test_hostile_bytes_are_refused_with_faults_and_nothing_else(body: bytes) -> None:
    with pytest.raises(ValidationError) as caught:
        PARequest.model_validate_json(body)
    assert faults_of(caught.value)


def test_very_many_faults_are_told_as_the_first_ones_and_a_count() -> None:
    document = example() | {"lines": [{}] * 3_000}
    found = faults(document)
    assert len(found) == 501
    assert found[-1].code == "more_faults"


def test_a_request_has_bounds() -> None:
    document = example()
    document["lines"] = [{**document["lines"][0], "id": str(place)} for place in range(100)]
    assert fault(document) == Fault(
        pointer="/lines",
        code="too_long",
        message="The list has more than 99 items.",
        fix="Send fewer items.",
    )
