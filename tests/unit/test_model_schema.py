"""The published JSON Schema: valid 2020-12, and it takes what the model takes."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.schema import Kind, examples, schema
from tests.strategies import Json, requests

REQUEST = Draft202012Validator(schema("request"), format_checker=Draft202012Validator.FORMAT_CHECKER)
OUTCOME = Draft202012Validator(schema("outcome"))


@pytest.mark.parametrize("kind", ["request", "outcome"])
def test_the_schema_is_valid_2020_12(kind: Kind) -> None:
    Draft202012Validator.check_schema(schema(kind))
    assert len(schema(kind)["examples"]) == len(examples(kind)) > 3


@pytest.mark.parametrize("name", sorted(examples("request")))
def test_examples_of_requests_fit_the_schema_as_sent_and_as_kept(name: str) -> None:
    document = examples("request")[name]
    REQUEST.validate(document)
    REQUEST.validate(json.loads(PARequest.model_validate(document).model_dump_json(exclude_none=True)))


@pytest.mark.parametrize("name", sorted(examples("outcome")))
def test_examples_of_outcomes_fit_the_schema_as_written(name: str) -> None:
    OUTCOME.validate(json.loads(Outcome.model_validate(examples("outcome")[name]).model_dump_json()))


@given(requests())
def test_the_schema_takes_every_valid_request(document: Json) -> None:
    REQUEST.validate(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("lines", 0, "quantity", "value"), "1e2"),
        (("lines", 0, "quantity", "value"), 0),
        (("lines", 0, "ndc"), "5024206001"),
        (("lines", 0, "diagnoses"), ["1"]),
        (("lines", 0, "dates", "start"), "12/01/2026"),
        (("requester", "npi"), "3234567893"),
        (("diagnoses",), []),
        (("patient", "gender"), "f"),
        (("patient", "nickname"), "x"),
    ],
)
def test_the_schema_refuses_what_its_shapes_can_tell(path: tuple[str | int, ...], value: object) -> None:
    document = copy.deepcopy(examples("request")["pembrolizumab_lung_first_line"])
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not REQUEST.is_valid(document)


def test_a_line_may_be_sent_without_an_id() -> None:
    assert "id" not in schema("request")["$defs"]["Line"]["required"]


def test_the_command_prints_the_schema() -> None:
    printed = subprocess.run([sys.executable, "-m", "gateway.model.schema", "request"], capture_output=True, check=True)
    assert json.loads(printed.stdout) == schema("request")
