"""Payers that want different things of the same request: told before anything is sent, and met when it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

CEDAR, DOGWOOD = "cedar_valley", "dogwood_plan"
Spoil = Callable[[dict[str, Any]], object]


def documents(*kinds: str) -> list[dict[str, Any]]:
    content = base64.b64encode(b"Synthetic.").decode()
    plain = {"title": "Synthetic", "media_type": "text/plain", "content": content}
    return [{**plain, "id": f"d{place}", "kind": kind} for place, kind in enumerate(kinds)]


def without_contact(request: dict[str, Any]) -> None:
    del request["requester"]["contact"]


def without_provider(request: dict[str, Any]) -> None:
    request["servicing"] = []


def with_images(request: dict[str, Any]) -> None:
    request["attachments"] = documents("imaging_report")


def with_three_documents(request: dict[str, Any]) -> None:
    request["attachments"] = documents(*["clinical_notes"] * 3)


def with_five_diagnoses(request: dict[str, Any]) -> None:
    request["diagnoses"] = [{"code": code} for code in ("C34.11", "C34.12", "C34.2", "C34.31", "C34.32")]


def in_hospital(request: dict[str, Any]) -> None:
    request["site"]["place_of_service"] = "21"


DIFFERENCES: list[tuple[str, Spoil, str]] = [
    (BLUESTEM, without_provider, "/servicing"),
    (CEDAR, without_contact, "/requester/contact"),
    (CEDAR, with_images, "/attachments"),
    (CEDAR, with_three_documents, "/attachments"),
    (CEDAR, with_five_diagnoses, "/diagnoses"),
    (DOGWOOD, in_hospital, "/site/place_of_service"),
]


@pytest.mark.parametrize(("payer", "spoil", "pointer"), DIFFERENCES)
async def test_what_one_payer_would_refuse_is_named_before_it_is_sent_and_another_takes_it(
    town: Town, customer: Customer, payer: str, spoil: Spoil, pointer: str
) -> None:
    request = compose(member("APPROVE"), payer=payer, lines=3)
    spoil(request)
    preview = (await customer.call("POST", "/v1/preview", request)).json()
    assert preview["renderings"] == []
    assert [fault["pointer"] for fault in preview["decision"]["tried"][0]["reasons"]] == [pointer]
    refused = await customer.call("POST", "/v1/requests", request)
    assert (refused.status, refused.json()["type"]) == (422, "urn:payer-gateway:problem:cannot-be-told")
    assert [fault["pointer"] for fault in refused.json()["faults"]] == [pointer]
    other = {**request, "reference": f"{request['reference']}-2"}
    other["coverages"] = [{**request["coverages"][0], "payer": EVERGREEN, "member_id": member("APPROVE")}]
    await customer.until(await customer.submit(other), "approved")
    filings = await town.payer.filings()
    assert filings[request["coverages"][0]["member_id"]] == 0
    assert filings[other["coverages"][0]["member_id"]] == 1


@pytest.mark.parametrize(
    ("business", "parts"), [("commercial", [["1", "2", "3"]]), ("medicare_advantage", [["1", "2"], ["3"]])]
)
async def test_more_lines_than_a_payer_takes_for_a_line_of_business_go_in_several_requests(
    town: Town, customer: Customer, business: str, parts: list[list[str]]
) -> None:
    request = compose(member("APPROVE"), payer=BLUESTEM, lines=3)
    request["coverages"][0]["line_of_business"] = business
    case = await customer.until(await customer.submit(request), "approved")
    assert [submission["lines"] for submission in case["submissions"]] == parts
    assert (await town.payer.filings())[request["coverages"][0]["member_id"]] == len(parts)


async def test_each_payer_is_sent_its_own_delimiters_and_ids_over_one_gateway(town: Town, customer: Customer) -> None:
    names = {payer: member("APPROVE") for payer in (EVERGREEN, BLUESTEM, CEDAR, DOGWOOD)}
    for payer, name in names.items():
        await customer.until(await customer.submit(compose(name, payer=payer)), "approved")
    received = [entry["received"] for entry in await town.payer.exchanges() if entry["verb"] == "request"]
    headers = {payer: next(_isa(text) for text in received if name.encode() in text) for payer, name in names.items()}
    assert {payer: (isa[3], isa[104], isa[82], isa[51:53], isa[54:69].strip()) for payer, isa in headers.items()} == {
        EVERGREEN: ("*", ":", "^", "ZZ", "EVERGREEN"),
        BLUESTEM: ("*", ":", "^", "ZZ", "BLUESTEM"),
        CEDAR: ("*", ":", "^", "ZZ", "CEDAR"),
        DOGWOOD: ("!", ">", "|", "30", "DOGWOOD"),
    }


def _isa(text: bytes) -> str:
    """The ISA of a message, whatever it is wrapped in."""
    found = text.decode()
    if found.startswith("{"):
        found = json.loads(found)["x12"]
    return found[found.index("ISA") :][:106]


async def test_a_payer_that_wants_to_be_left_alone_is_asked_in_its_own_rhythm(town: Town, customer: Customer) -> None:
    name = member("PEND")
    await customer.until(await customer.submit(compose(name, payer=CEDAR)), "approved")
    asked = [entry for entry in await town.payer.exchanges() if entry["verb"] == "inquiry" and _named(entry, name)]
    assert asked
    assert "AAA 42" not in {entry["outcome"] for entry in asked}


def _named(entry: dict[str, Any], name: str) -> bool:
    found: bytes = entry["received"]
    return name.encode() in found
