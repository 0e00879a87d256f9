"""The OpenAPI document and its page: valid, whole, and the same table the server runs on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.api import examples, problems
from gateway.api.app import render_pages
from gateway.api.docs import prose
from gateway.api.openapi import kinds_of
from gateway.api.problems import KINDS
from gateway.api.route import Route
from gateway.api.table import ROUTES
from gateway.api.views import AcceptedView, CancellationView, CaseView
from gateway.notify.payload import Event
from gateway.store.keys import Scope
from tests.unit.api_house import open_house

DOCUMENT: dict[str, Any] = json.loads(render_pages().document)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


async def test_every_route_the_server_has_is_in_the_document_and_nothing_else(shared_database_url: str) -> None:
    async with open_house(shared_database_url) as house:
        served = {
            (route.method, route.resource.canonical)
            for route in house.client.app.router.routes()
            if route.resource is not None
        }
    assert {path for method, path in served if method == "HEAD"} == {path for method, path in served if method == "GET"}
    served = {(method, path) for method, path in served if method != "HEAD"}
    assert served == {(method, path) for method, path, _ in operations()}
    assert len(served) == len(ROUTES)


def test_every_operation_has_its_own_name() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    references = set(re.findall(r'"\$ref": "#/components/(\w+/[^"]+)"', json.dumps(DOCUMENT)))
    there = {f"{part}/{name}" for part in ("schemas", "examples") for name in DOCUMENT["components"][part]}
    assert references == there


def test_every_scope_is_asked_for_by_some_operation() -> None:
    asked = {
        scope for _, _, operation in operations() for need in operation["security"] for scope in need.get("key", ())
    }
    assert asked == {scope.value for scope in Scope}


def test_every_kind_of_problem_is_some_operations_answer_but_for_the_one_outside_them() -> None:
    told = {kind for route in ROUTES for kind in kinds_of(route)}
    assert set(KINDS.values()) - told == {problems.NOT_ALLOWED, problems.NOT_HTTP, problems.EXPECTATION}


@pytest.mark.parametrize("route", [route for route in ROUTES if isinstance(route, Route) and route.body])
def test_every_body_has_an_example_that_its_model_and_its_schema_take(route: Route) -> None:
    assert route.body is not None
    assert route.example is not None
    example = json.loads(json.dumps(dict(route.example)))
    route.body.model_validate(example)
    content = DOCUMENT["paths"][route.path][route.method.lower()]["requestBody"]["content"]["application/json"]
    assert content["example"] == example
    schema_check(content["schema"], example)


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (AcceptedView, examples.ACCEPTED),
        (CancellationView, examples.CANCELLING),
        (CaseView, examples.CASE),
        (Event, examples.EVENT),
    ],
)
def test_every_example_of_an_answer_is_one_the_model_could_give(model: Any, example: Mapping[str, Any]) -> None:
    text = json.dumps(dict(example))
    assert json.loads(model.model_validate_json(text).model_dump_json()) == json.loads(text)


def test_a_parameter_in_a_path_is_always_required_and_described() -> None:
    for _, path, operation in operations():
        inside = {part["name"] for part in operation.get("parameters", []) if part["in"] == "path"}
        assert inside == set(re.findall(r"{(\w+)}", path))
        assert all(part["required"] for part in operation.get("parameters", []) if part["in"] == "path")


def test_nothing_that_may_be_phi_is_a_parameter_of_a_url() -> None:
    named = {part["name"] for _, _, operation in operations() for part in operation.get("parameters", [])}
    assert named == {
        "connection",
        "id",
        "n",
        "patient",  # a keyed hash
        "status",
        "payer",
        "attention",
        "limit",
        "cursor",
        "after",
        "types",
        "state",
        "Idempotency-Key",
        *("from", "to", "channel", "benefit", "line_of_business", "urgency", "service", "by", "least"),
    }


@pytest.mark.parametrize("kind", ["Line", "Attachment"])
def test_ids_that_callers_choose_and_that_stand_in_the_clear_say_so(kind: str) -> None:
    about = DOCUMENT["components"]["schemas"][kind]["properties"]["id"]["description"]
    assert "in the clear" in about
    assert "nothing about the patient" in about


def test_the_call_shown_for_an_act_that_must_not_be_done_twice_has_a_key() -> None:
    page = unescape(render_pages().page.decode())
    keyed = [
        f"KEY=$(uuidgen)  # once for this act: repeat the call with the same key\n"
        f"curl -X {method} \\\n  http://localhost:8080{path} \\\n  -H 'Authorization: Bearer pgw_test_…' \\\n"
        f'  -H "Idempotency-Key: $KEY"'
        for method, path, operation in operations()
        if any(part["name"] == "Idempotency-Key" for part in operation.get("parameters", []))
    ]
    assert keyed
    assert [call for call in keyed if call not in page] == []
    assert page.count("Idempotency-Key: $KEY") == len(keyed)


def test_the_event_is_documented_as_a_webhook_with_its_signature() -> None:
    webhook = DOCUMENT["webhooks"]["case"]["post"]
    assert {part["name"] for part in webhook["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    schema_check(webhook["requestBody"]["content"]["application/json"]["schema"], dict(examples.EVENT))


class Page(HTMLParser):
    """What a page links to and loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            assert found["id"] not in self.ids, "an id twice"
            self.ids.add(found["id"])
        if "href" in found:
            self.links.add(found["href"])
        if tag in ("script", "img", "iframe", "link", "object") or "style" in found or "src" in found:
            self.loads.append(tag)


def test_the_page_shows_every_operation_problem_and_schema_and_loads_nothing() -> None:
    page = Page(render_pages().page.decode())
    assert page.loads == []
    assert all(link.startswith(("#", "/")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert {operation["operationId"] for _, _, operation in operations()} <= page.ids
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= page.ids
    assert {f"problem-{slug}" for slug in DOCUMENT["components"]["examples"]} <= page.ids


def test_html_in_a_description_is_shown_and_not_obeyed() -> None:
    assert "<script>" not in prose("a <script>alert(1)</script> **b**")
    assert "<strong>b</strong>" in prose("a **b**")


def schema_check(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)
