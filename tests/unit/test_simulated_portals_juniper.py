"""The calls beneath the simulated Juniper Health's page: look-ups, the form's refusals, the list, answers."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from conformance.simulators.portals.juniper import site
from tests.unit.portal_visits import PDF, House, Juniper, portals_open


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with portals_open() as found:
        await found.juniper.log_in()
        yield found


@pytest.fixture
def caller(house: House) -> Juniper:
    return house.juniper


async def test_a_request_of_several_services_is_filed_and_read_back(house: House, caller: Juniper) -> None:
    _, told = await caller.upload()
    form = caller.form(
        services=[caller.service(), caller.service("J9271", units="200")],
        documents=[{"id": told["id"], "kind": "letter"}],
        comments="Soon.",
    )
    assert await caller.call("POST", "/requests/check", form) == (200, {"ready": True})
    status, told = await caller.submit(form, "a-form-of-the-page")
    assert status == 201
    filing = await caller.operators.filing("SIMAPPROVE01")
    assert filing["reference"] == told["reference"]
    assert (filing["codes"], filing["draft"], filing["posts"]) == (["J1745", "J9271"], "a-form-of-the-page", 1)
    assert filing["documents"] == [{"sha256": hashlib.sha256(PDF).hexdigest(), "size": len(PDF), "kind": "letter"}]
    _, whole = await caller.call("GET", f"/requests/{told['reference']}")
    assert (whole["status"], [each["status"] for each in whole["services"]]) == ("Certified", ["Certified"] * 2)
    assert whole["certification"] == filing["authorization"] != ""
    assert [each["what"] for each in whole["timeline"]] == ["Request received", "Status: Certified"]


async def test_each_final_step_that_arrives_is_filed(caller: Juniper) -> None:
    references = {(await caller.submit(caller.form()))[1]["reference"] for _ in range(2)}
    told = await caller.operators.get("filings")
    assert {each["reference"] for each in told["filings"]} == references
    assert (len(references), told["final_posts"], told["filings"][0]["alike"]) == (2, 2, 2)


async def test_members_and_codes_are_found_as_one_types(caller: Juniper) -> None:
    async def found(path: str) -> list[str]:
        return [each["id"] for each in (await caller.call("GET", path))[1]]

    assert await found("/members?q=SI") == []
    near = await found("/members?q=simapprove01")
    assert near[0] == "SIMAPPROVE01"
    assert len(near) > 1
    assert await found("/members?q=Nobody") == []
    assert await found("/codes/procedures?q=pembro") == ["J9271"]
    assert await found("/codes/diagnoses?q=m057") == ["M05.79"]


async def test_a_member_is_eligible_under_its_birth_date_only(caller: Juniper) -> None:
    asked = {"member": "SIMAPPROVE01", "birth_date": "1971-07-22"}
    status, told = await caller.call("POST", "/eligibility", asked)
    assert (status, told["name"]) == (200, "Bo Testperson")
    status, told = await caller.call("POST", "/eligibility", {**asked, "birth_date": "1971-07-23"})
    assert (status, list(told["errors"])) == (422, ["member"])
    others = {"member": "SIMAPPROVE901", "birth_date": "1961-04-12"}
    assert (await caller.call("POST", "/eligibility", others))[0] == 422
    others = {"member": "SIMAPPROVE900", "birth_date": "1961-04-12"}
    assert (await caller.call("POST", "/eligibility", others))[1]["name"] == "Ada Sampleton"


@pytest.mark.parametrize(
    ("other", "at", "text"),
    [
        ({"member": "NOBODY1"}, "member", "No member matches"),
        ({"birth_date": "07/22/1971"}, "birth_date", "date of birth"),
        ({"npi": "1234567890"}, "npi", "check digit"),
        ({"rendering_npi": "1"}, "rendering_npi", "10 digits"),
        ({"phone": ""}, "phone", "phone number"),
        ({"priority": ""}, "priority", "priority"),
        ({"diagnoses": []}, "diagnoses", "1 to 6 diagnoses"),
        ({"diagnoses": ["M0579"]}, "diagnoses", "not an ICD-10-CM code"),
        ({"services": []}, "services", "1 to 6 services"),
        ({"documents": [{"id": "nothing", "kind": "notes"}]}, "documents", "was not uploaded"),
        ({"comments": "x" * 1001}, "comments", "At most 1000"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_filed(
    caller: Juniper, other: dict[str, Any], at: str, text: str
) -> None:
    for path in ("/requests/check", "/requests"):
        status, told = await caller.call("POST", path, caller.form(**other), **{"X-Form-Id": "form-0001"})
        assert (status, list(told["errors"])) == (422, [at])
        assert text in told["errors"][at]
    assert (await caller.operators.get("filings"))["total"] == 0


@pytest.mark.parametrize(
    ("other", "at", "text"),
    [
        ({"code": "J0000"}, "services.0.code", "not on our list"),
        ({"code": ""}, "services.0.code", "Choose a procedure code"),
        ({"units": "0"}, "services.0.units", "whole number"),
        ({"place": "1"}, "services.0.place", "place of service"),
        ({"start": ""}, "services.0.start", "start date"),
        ({"start": "2020-01-01"}, "services.0.start", "90 days in the past"),
        ({"end": "2020-01-01"}, "services.0.end", "before the start"),
    ],
)
async def test_a_service_that_cannot_be_is_refused_at_its_field(
    caller: Juniper, other: dict[str, str], at: str, text: str
) -> None:
    status, told = await caller.submit(caller.form(services=[caller.service(**other)]))
    assert (status, list(told["errors"])) == (422, [at])
    assert text in told["errors"][at]


async def test_a_call_that_no_page_makes_is_refused(caller: Juniper) -> None:
    assert (await caller.submit(caller.form(surprise="1")))[0] == 400
    assert (await caller.submit(caller.form(diagnoses="M05.79")))[0] == 400
    assert (await caller.submit(caller.form(services=[{**caller.service(), "surprise": "1"}])))[0] == 400
    assert (await caller.submit(caller.form(), "short"))[0] == 400
    form = aiohttp.FormData({"member": "x"})
    assert (await caller.call("POST", "/requests", form, **{"X-Form-Id": "form-0001"}))[0] == 415
    told = await caller.operators.get("filings")
    assert (told["total"], told["final_posts"]) == (0, 5)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"", "not empty"), (b"PK\x03\x04", "not a PDF, PNG or JPEG"), (PDF + b"x" * (5 << 20), "larger than 5 MB")],
)
async def test_a_file_that_cannot_be_is_refused(caller: Juniper, body: bytes, text: str) -> None:
    status, told = await caller.upload(body)
    assert (status, text in told["errors"]["file"]) == (422, True)


async def test_a_document_needs_a_type_and_five_are_enough(caller: Juniper) -> None:
    _, told = await caller.upload(b"\x89PNG\r\n\x1a\n")
    untyped = caller.form(documents=[{"id": told["id"], "kind": ""}])
    assert "Choose a document type" in (await caller.submit(untyped))[1]["errors"]["documents"]
    many = caller.form(documents=[{"id": told["id"], "kind": "labs"}] * 6)
    assert "At most 5" in (await caller.submit(many))[1]["errors"]["documents"]


async def test_the_list_has_ten_at_a_time_the_newest_first_after_its_lag(house: House, caller: Juniper) -> None:
    references = [await caller.file(f"SIMPEND0{number}") for number in range(12)]
    assert (await caller.call("GET", "/requests"))[1]["items"] == []
    house.clock.advance(2)
    _, told = await caller.call("GET", "/requests")
    assert [each["reference"] for each in told["items"]] == references[:1:-1]
    _, told = await caller.call("GET", f"/requests?from={told['next']}")
    assert ([each["reference"] for each in told["items"]], told["next"]) == (references[1::-1], None)
    _, told = await caller.call("GET", "/requests?member=SIMPEND011")
    assert [each["member"] for each in told["items"]] == ["SIMPEND011"]


async def test_what_is_asked_for_is_sent_with_a_comment(caller: Juniper) -> None:
    reference = await caller.file("SIMDOCS01")
    _, whole = await caller.call("GET", f"/requests/{reference}")
    assert (whole["status"], len(whole["asked"])) == ("Information needed", 2)
    path = f"/requests/{reference}/information"
    assert "documents" in (await caller.call("POST", path, {"comment": "", "documents": []}))[1]["errors"]
    _, told = await caller.upload()
    sent = {"comment": "As asked.", "documents": [{"id": told["id"], "kind": "labs"}]}
    status, whole = await caller.call("POST", path, sent)
    assert (status, whole["status"], whole["asked"]) == (200, "Certified", [])
    assert "Information received" in [each["what"] for each in whole["timeline"]]
    filing = await caller.operators.filing("SIMDOCS01")
    assert (len(filing["answers"]), filing["answer_comments"]) == (1, ["As asked."])
    assert (await caller.call("POST", path, sent))[0] == 409


async def test_a_session_that_timed_out_loses_no_uploads(house: House, caller: Juniper) -> None:
    _, told = await caller.upload()
    house.clock.advance(20 * 60 + 1)
    form = caller.form(documents=[{"id": told["id"], "kind": "labs"}])
    assert (await caller.submit(form))[0] == 401
    await caller.log_in()
    assert (await caller.submit(form))[0] == 201


async def test_every_address_of_the_application_is_the_same_page_with_its_scripts(house: House) -> None:
    scripts = Path(site.__file__).parent / "static"
    async with aiohttp.ClientSession(house.server.url) as session:
        for path in ("/juniper/", "/juniper/app/login", "/juniper/app/requests/new", "/juniper/app/requests/JNP-1"):
            async with session.get(path) as answer:
                assert "<juniper-app>" in await answer.text()
        for script in scripts.glob("*.js"):
            async with session.get(f"/juniper/static/{script.name}") as answer:
                assert (answer.status, "javascript" in answer.headers["Content-Type"]) == (200, True)
