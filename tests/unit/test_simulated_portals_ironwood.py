"""The pages of the simulated Ironwood Plan: the wizard, what it refuses, the search, documents, withdrawals."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest

from tests.unit.portal_visits import BORN, PDF, House, Ironwood, portals_open


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with portals_open() as found:
        await found.ironwood.log_in()
        yield found


@pytest.fixture
def visitor(house: House) -> Ironwood:
    return house.ironwood


async def test_the_wizard_leads_to_one_filing_and_its_reference(visitor: Ironwood) -> None:
    page = await visitor.begin()
    assert page.heading == "New authorization request"
    found = await visitor.take_member(action="find")
    assert found.said("//section[@aria-label='Member found']//dd") == ["Bo Testperson", BORN, "Active"]
    assert (await visitor.take_member()).location == f"/ironwood/new/{visitor.draft}/service"
    assert (await visitor.take_service()).said("//*[@role='status']") == ["Service J1745 was added."]
    assert (await visitor.take_service("J3262")).status == 200
    assert (await visitor.step("service")).location.endswith("/dates")
    assert (await visitor.take_dates(units_J3262="800", urgency="urgent")).location.endswith("/documents")
    await visitor.upload(f"/new/{visitor.draft}/documents", PDF, kind="notes", action="upload")
    page = await visitor.get(f"/new/{visitor.draft}/documents")
    assert page.said("//table//td")[:2] == ["notes.pdf", "Chart notes"]
    assert (await visitor.step("documents", action="next", comments="Soon.")).location.endswith("/review")
    review = await visitor.get(f"/new/{visitor.draft}/review")
    assert "Urgent" in review.said("//dd")
    assert (await visitor.step("submit")).location.endswith("/review")
    done = await visitor.submit()
    reference = done.location.rsplit("/", 1)[-1]
    assert (done.status, done.location) == (302, f"/ironwood/confirmation/{reference}")
    page = await visitor.get(f"/confirmation/{reference}")
    assert (page.heading, page.said("//output")) == ("Request submitted", [reference])
    filing = await visitor.operators.filing("SIMAPPROVE01")
    assert (filing["reference"], filing["codes"], filing["posts"]) == (reference, ["J1745", "J3262"], 2)
    assert filing["documents"] == [{"sha256": hashlib.sha256(PDF).hexdigest(), "size": len(PDF), "kind": "notes"}]
    assert (filing["account"], filing["urgent"], filing["comments"]) == ("portal", True, "Soon.")
    page = await visitor.get(f"/requests/{reference}")
    assert page.said("//dd")[1] == "Approved"
    assert page.said("//dd")[2] == filing["authorization"] != ""


async def test_one_can_go_back_and_what_was_filled_in_is_still_there(visitor: Ironwood) -> None:
    await visitor.fill()
    page = await visitor.get(f"/new/{visitor.draft}/member")
    assert page.tree.xpath("//input[@id='member']/@value") == ["SIMAPPROVE01"]
    page = await visitor.get(f"/new/{visitor.draft}/dates")
    assert page.tree.xpath("//input[@id='units_J1745']/@value") == ["160"]


async def test_a_page_that_cannot_be_reached_leads_to_the_first_that_is_not_done(visitor: Ironwood) -> None:
    await visitor.begin()
    assert (await visitor.get(f"/new/{visitor.draft}/review")).url.endswith("/member")
    await visitor.take_member()
    assert (await visitor.get(f"/new/{visitor.draft}/documents")).url.endswith("/service")
    assert (await visitor.submit()).location.endswith("/service")


@pytest.mark.parametrize(
    ("fields", "at", "text"),
    [
        ({"member": "NOBODY1"}, "member", "No member matches"),
        ({"member": ""}, "member", "Enter a member ID."),
        ({"member": "SIMNOTFOUND01"}, "member", "No member matches"),
        ({"member": "SIMBIRTHDATE01"}, "member", "No member matches"),
        ({"member": "SIMINELIGIBLE01"}, "member", "not active"),
        ({"birth_date": "07/23/1971"}, "member", "No member matches"),
        ({"birth_date": "1971-07-22"}, "birth_date", "Enter a date of birth."),
        ({"birth_date": "02/30/1971"}, "birth_date", "Enter a date of birth."),
        ({"npi": "1234567890"}, "npi", "check digit"),
        ({"npi": "12345"}, "npi", "10 digits"),
        ({"member": "SIMPROVIDER01"}, "npi", "not on file"),
        ({"rendering_npi": "1234567890"}, "rendering_npi", "check digit"),
        ({"phone": "12"}, "phone", "phone number"),
    ],
)
async def test_a_member_or_provider_that_cannot_be_is_refused_at_its_field(
    visitor: Ironwood, fields: dict[str, str], at: str, text: str
) -> None:
    await visitor.begin()
    page = await visitor.take_member(**fields)
    assert page.status == 422
    assert text in page.error(at)
    assert page.said("//*[@role='alert']//li")
    assert page.tree.xpath(f"//*[@name='{at}']/@aria-invalid") == ["true"]


@pytest.mark.parametrize(
    ("fields", "at", "text"),
    [
        ({"place": "99"}, "place", "Choose a place"),
        ({"service_type": ""}, "service_type", "Choose a service type"),
        ({"procedure": ""}, "procedure", "Choose a procedure"),
        ({"procedure": "1745"}, "procedure", "one letter and four digits"),
        ({"procedure": "J9271"}, "procedure", "not on our list"),
        ({"diagnosis1": ""}, "diagnosis1", "primary diagnosis"),
        ({"diagnosis1": "M0579"}, "diagnosis1", "not an ICD-10-CM code"),
        ({"diagnosis2": "Q99.9"}, "diagnosis2", "not on our list"),
    ],
)
async def test_a_service_that_cannot_be_is_refused_at_its_field(
    visitor: Ironwood, fields: dict[str, str], at: str, text: str
) -> None:
    await visitor.begin()
    await visitor.take_member()
    page = await visitor.take_service(**fields)
    assert page.status == 422
    assert text in page.error(at)
    assert "Add at least one service first." in (await visitor.step("service")).said("//li")


async def test_a_service_is_taken_once_and_can_be_removed(visitor: Ironwood) -> None:
    await visitor.begin()
    await visitor.take_member()
    await visitor.take_service()
    assert (await visitor.take_service()).error("procedure") == "This procedure is in the request already."
    assert "J1745" not in (await visitor.step("service/form", remove="J1745")).said("//td")


@pytest.mark.parametrize(
    ("days", "fields", "at", "text"),
    [
        ((-91, 3), {}, "start", "more than 90 days in the past"),
        ((5, 4), {}, "end", "before the start"),
        ((5, 400), {}, "end", "at most 365 days"),
        ((5, 50), {"start": ""}, "start", "Choose a start date."),
        ((5, 50), {"end": "13/45/2026"}, "end", "Choose an end date."),
        ((5, 50), {"units_J1745": "0"}, "units_J1745", "whole number"),
        ((5, 50), {"units_J1745": "1.5"}, "units_J1745", "whole number"),
        ((5, 50), {"urgency": ""}, "urgency", "how urgent"),
    ],
)
async def test_dates_and_units_that_cannot_be_are_refused_at_their_field(
    visitor: Ironwood, days: tuple[int, int], fields: dict[str, str], at: str, text: str
) -> None:
    await visitor.begin()
    await visitor.take_member()
    await visitor.take_service()
    page = await visitor.take_dates(**{**visitor.period(*days), **fields})
    assert page.status == 422
    assert text in page.error(at)


async def test_ninety_days_in_the_past_are_taken(visitor: Ironwood) -> None:
    await visitor.begin()
    await visitor.take_member()
    await visitor.take_service()
    assert (await visitor.take_dates(**visitor.period(-90, 3))).location.endswith("/documents")


@pytest.mark.parametrize(
    ("body", "fields", "at", "text"),
    [
        (b"", {}, "file", "not empty"),
        (b"PK\x03\x04", {}, "file", "not a PDF"),
        (PDF + b"x" * (5 << 20), {}, "file", "larger than 5 MB"),
        (PDF, {"kind": ""}, "kind", "Choose a kind"),
    ],
)
async def test_a_document_that_cannot_be_is_refused_at_its_field(
    visitor: Ironwood, body: bytes, fields: dict[str, str], at: str, text: str
) -> None:
    await visitor.fill()
    page = await visitor.upload(
        f"/new/{visitor.draft}/documents", body, **{"kind": "notes", "action": "upload", **fields}
    )
    assert page.status == 422
    assert text in page.error(at)
    assert (await visitor.get(f"/new/{visitor.draft}/documents")).said("//table") == []


async def test_five_documents_are_taken_and_no_more_and_each_can_be_removed(visitor: Ironwood) -> None:
    await visitor.fill()
    path = f"/new/{visitor.draft}/documents"
    for number in range(5):
        assert (await visitor.upload(path, PDF + bytes([number]), kind="labs", action="upload")).status == 302
    assert "At most 5" in (await visitor.upload(path, PDF, kind="labs", action="upload")).error("file")
    page = await visitor.get(path)
    await visitor.post(path, remove=page.tree.xpath("//button[@name='remove']/@value")[0])
    assert len((await visitor.get(path)).tree.xpath("//tbody/tr")) == 4


async def test_unknown_fields_and_forms_without_token_are_refused(visitor: Ironwood) -> None:
    await visitor.begin()
    assert (await visitor.take_member(surprise="1")).heading == "This form cannot be read"
    page = await visitor.take_member(_token="wrong")
    assert (page.status, page.heading) == (403, "Your form is out of date")


async def test_a_final_step_without_a_live_draft_files_nothing(visitor: Ironwood) -> None:
    await visitor.file()
    page = await visitor.submit()
    assert (page.status, page.heading) == (409, "This request can no longer be edited")
    told = await visitor.operators.get("filings")
    assert (told["total"], told["final_posts"], told["filings"][0]["posts"]) == (1, 2, 2)
    visitor.draft = "0" * 12
    assert (await visitor.submit()).status == 409
    assert (await visitor.operators.get("filings"))["drafts"]["0" * 12] == 1


async def test_a_repeated_request_is_warned_of_and_filed_only_by_submit_anyway(visitor: Ironwood) -> None:
    first = await visitor.file()
    await visitor.fill()
    warned = await visitor.submit()
    assert warned.location == f"/ironwood/new/{visitor.draft}/duplicate"
    page = await visitor.get(f"/new/{visitor.draft}/duplicate")
    assert (page.heading, page.said("//td//a")) == ("Possible duplicate", [first])
    assert (await visitor.operators.get("filings"))["total"] == 1
    assert "/confirmation/" in (await visitor.step("submit", anyway="yes")).location
    assert {each["alike"] for each in (await visitor.operators.get("filings"))["filings"]} == {2}


async def test_submit_anyway_without_the_warning_is_no_way_around_the_attestation(visitor: Ironwood) -> None:
    await visitor.fill()
    assert (await visitor.step("submit", anyway="yes")).location.endswith("/review")
    assert (await visitor.operators.get("filings"))["total"] == 0


@pytest.mark.parametrize(("member", "warned"), [("SIMDENY01", False), ("SIMPEND01", True), ("SIMDOCS01", True)])
async def test_only_what_is_pending_or_approved_is_warned_of(visitor: Ironwood, member: str, warned: bool) -> None:
    await visitor.file(member)
    await visitor.fill(member)
    assert ("/duplicate" in (await visitor.submit()).location) is warned


async def test_other_days_and_other_members_are_no_duplicates(visitor: Ironwood) -> None:
    await visitor.file()
    await visitor.fill()
    await visitor.take_dates(**visitor.period(98, 120))
    assert "/confirmation/" in (await visitor.submit()).location
    await visitor.fill("SIMAPPROVE02")
    assert "/confirmation/" in (await visitor.submit()).location


async def test_a_search_finds_by_member_reference_and_day_with_pages_of_ten(visitor: Ironwood) -> None:
    start, end = "2026-01-01", "2026-02-01"
    for _ in range(12):
        await visitor.operators.post("filings", member="SIMPEND01", code="J1745", start=start, end=end)
    other = await visitor.operators.post("filings", member="SIMDENY02", code="J1745", start=start, end=end)
    page = await visitor.get("/search?member=simpend01&reference=&from=&to=")
    assert len(page.tree.xpath("//tbody/tr")) == 10
    assert page.said("//*[@role='status']") == ["12 requests found."]
    following = page.tree.xpath("//nav[@aria-label='Pages']/a/@href")
    page = await visitor.get(following[0].removeprefix("/ironwood"))
    assert len(page.tree.xpath("//tbody/tr")) == 2
    page = await visitor.get(f"/search?reference={other['reference']}")
    assert page.said("//td")[0] == other["reference"]
    assert page.said("//td")[-1] == "Denied"
    day = f"{visitor.today:%m/%d/%Y}"
    assert "13 requests found." in (await visitor.get(f"/search?from={day}&to={day}")).said("//*[@role='status']")
    assert (await visitor.get("/search?from=01/01/2999")).said("//*[@role='status']") == ["No requests match."]
    assert "MM/DD/YYYY" in (await visitor.get("/search?from=yesterday")).error("from")
    assert (await visitor.get("/search")).said("//table") == []


@pytest.mark.parametrize(
    ("member", "words", "line"),
    [
        ("SIMDENY01", "Denied", ["-", "Denied"]),
        ("SIMPEND01", "Pending clinical review", ["-", "Pending clinical review"]),
        ("SIMMODIFY01", "Approved with changes", ["80", "Approved with changes"]),
        ("SIMFEWER01", "Approved", ["80", "Approved"]),
        ("SIMPARTIAL01", "Approved in part", ["160", "Approved"]),
        ("SIMCALL01", "Call the plan", ["-", "Call the plan"]),
        ("SIMNOTREQUIRED01", "No authorization required", ["-", "No authorization required"]),
        ("SIMCANCELLED01", "Closed", ["-", "Closed"]),
        ("SIMUNMAPPED01", "Routed to programme seven.", ["-", "Routed to programme seven."]),
    ],
)
async def test_each_member_is_decided_as_its_word_says(
    visitor: Ironwood, member: str, words: str, line: list[str]
) -> None:
    reference = await visitor.file(member)
    page = await visitor.get(f"/requests/{reference}")
    assert page.said("//dd")[1] == words
    cells = page.said("//table//td")
    assert [cells[3], cells[6]] == line


async def test_a_review_is_decided_after_its_virtual_time(house: House, visitor: Ironwood) -> None:
    reference = await visitor.file("SIMPENDDENY01")
    assert (await visitor.get(f"/requests/{reference}")).said("//dd")[1] == "Pending clinical review"
    house.clock.advance(60)
    page = await visitor.get(f"/requests/{reference}")
    assert page.said("//dd")[1] == "Denied"
    assert page.said("//section[@aria-labelledby='notes']//li")


async def test_what_is_asked_for_is_sent_document_by_document(visitor: Ironwood) -> None:
    reference = await visitor.file("SIMDOCS01")
    page = await visitor.get(f"/requests/{reference}")
    assert page.said("//dd")[1] == "Additional information requested"
    asked = page.said("//section[@aria-labelledby='asked']//li")
    assert asked == ["Laboratory results", "Progress note"]
    path = f"/requests/{reference}/documents"
    assert (await visitor.upload(path, PDF, kind="labs", wanted="Shoe size")).error("wanted")
    assert (await visitor.upload(path, b"GIF89a", kind="labs", wanted=asked[0])).error("file")
    await visitor.upload(path, PDF, kind="labs", wanted=asked[0])
    assert (await visitor.get(f"/requests/{reference}")).said("//dd")[1] == "Additional information requested"
    assert (await visitor.upload(path, PDF + b"2", kind="notes", wanted=asked[1])).status == 302
    page = await visitor.get(f"/requests/{reference}")
    assert (page.said("//*[@role='status']"), page.said("//dd")[1]) == (["The document was sent."], "Approved")
    assert [each["kind"] for each in (await visitor.operators.filing("SIMDOCS01"))["answers"]] == ["labs", "notes"]


async def test_a_request_is_withdrawn_once_and_some_never(visitor: Ironwood) -> None:
    reference = await visitor.file("SIMPEND01")
    await visitor.get(f"/requests/{reference}")
    await visitor.post(f"/requests/{reference}/withdraw")
    page = await visitor.get(f"/requests/{reference}")
    assert (page.said("//dd")[1], "Withdraw request" in page.said("//button")) == ("Withdrawn", False)
    kept = await visitor.file("SIMKEEP01")
    await visitor.post(f"/requests/{kept}/withdraw")
    page = await visitor.get(f"/requests/{kept}")
    assert page.said("//*[@role='status']") == ["This request cannot be withdrawn here. Call the plan."]
    assert page.said("//dd")[1] == "Approved"


async def test_what_depends_on_a_choice_is_fetched_by_scripts(visitor: Ironwood) -> None:
    async def listed(path: str) -> list[str]:
        async with visitor.session.get(f"{visitor.url}/ironwood{path}") as answer:
            return [each["code"] for each in await answer.json()]

    assert "11" in await listed("/codes/places")
    assert await listed("/codes/procedures?type=infusion&q=infli") == ["J1745", "Q5103"]
    assert await listed("/codes/procedures?type=oncology&q=J1745") == []
    visitor.session.cookie_jar.clear()
    async with visitor.session.get(f"{visitor.url}/ironwood/codes/places") as answer:
        assert answer.status == 401


async def test_text_of_visitors_is_text_on_the_pages(visitor: Ironwood) -> None:
    await visitor.fill()
    await visitor.step("documents", action="next", comments="<script>alert(1)</script>")
    page = await visitor.get(f"/new/{visitor.draft}/review")
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script>" in page.said("//dd")
