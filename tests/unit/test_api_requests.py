"""Taking, showing, finding, answering and cancelling requests over HTTP, on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.api.examples import ANSWERS, REQUEST
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.guides import GuideLayer
from gateway.model.outcome import Answer, LineResult, NoRoute, Outcome, Reference, ReferenceKind, RequestedItem, Source
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store import cases
from gateway.store.acceptance import InFlight
from gateway.store.cases import load_case, write
from gateway.store.keys import Scope
from gateway.store.records import Attempt, EntryKind, NewEntry, Step, Verb
from tests.unit.api_house import PAYER, TEST_PAYER, House, capturing_log, open_house, submission
from tests.unit.store_cases import connected

LINES_PENDING = {line: LineResult(line=line, outcome=LineOutcome.PENDING) for line in ("1", "2")}


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


async def test_an_accepted_request_can_be_read_at_its_location_at_once(house: House) -> None:
    response = await house.call("POST", "/v1/requests", dict(REQUEST))
    assert response.status == 202
    taken = await response.json()
    assert response.headers["Location"] == f"/v1/requests/{taken['id']}" == taken["links"]["self"]
    assert taken["livemode"] is False
    shown = await (await house.call("GET", response.headers["Location"])).json()
    assert shown["id"] == taken["id"]
    assert shown["reference"] == REQUEST["reference"]
    assert shown["payer"] == "evergreen_health"
    assert shown["status"] == "queued"
    assert shown["livemode"] is False
    assert [line["outcome"] for line in shown["lines"]] == ["pending", "pending"]
    assert shown["submissions"] == []


async def test_the_same_key_and_body_give_the_same_answer_and_one_case(house: House) -> None:
    first = await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-1")
    spelled = (
        json.dumps(dict(reversed(list(REQUEST.items()))), indent=4).replace("evergreen", "\\u0065vergreen").encode()
    )
    again = await house.call("POST", "/v1/requests", spelled, Idempotency_Key="order-1")
    assert (first.status, again.status) == (202, 202)
    assert await again.read() == await first.read()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    listed = await (await house.call("GET", "/v1/requests")).json()
    assert len(listed["data"]) == 1


async def test_the_same_key_with_another_body_is_refused(house: House) -> None:
    await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-1")
    other = await house.call("POST", "/v1/requests", {**REQUEST, "reference": "other"}, Idempotency_Key="order-1")
    assert other.status == 422
    assert (await other.json())["type"] == "urn:payer-gateway:problem:idempotency-mismatch"


async def test_one_key_used_twenty_times_at_once_makes_one_case(house: House) -> None:
    calls = [house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="race") for _ in range(20)]
    answers = await asyncio.gather(*calls)
    for answer in answers:
        assert answer.status in (202, 409)
        if answer.status == 409:
            assert answer.headers["Retry-After"] == "1"
            assert (await answer.json())["retryable"] is True
    ids = {(await answer.json())["id"] for answer in answers if answer.status == 202}
    assert len(ids) == 1
    assert len((await (await house.call("GET", "/v1/requests")).json())["data"]) == 1


async def test_a_request_still_being_accepted_is_answered_409(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> InFlight:
        return InFlight()

    monkeypatch.setattr(house.desk, "accept", busy)
    response = await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-1")
    assert response.status == 409
    assert response.headers["Retry-After"] == "1"
    assert (await response.json())["type"] == "urn:payer-gateway:problem:in-flight"


async def test_the_same_key_of_another_tenant_or_mode_is_another_key(house: House) -> None:
    tokens = [house.token, await house.key(tenant=f"{house.tenant}-other"), await house.key(mode=Mode.LIVE)]
    ids = set()
    for token in tokens:
        response = await house.call("POST", "/v1/requests", dict(REQUEST), token=token, Idempotency_Key="order-1")
        assert response.status == 202, await response.text()
        ids.add((await response.json())["id"])
    assert len(ids) == 3


async def test_every_fault_is_told_at_once_and_none_repeats_a_value(house: House) -> None:
    broken: dict[str, Any] = json.loads(json.dumps(dict(REQUEST)))
    broken["requester"]["npi"] = "1999999999"
    broken["patient"]["birth_date"] = "04/12/61"
    broken["diagnoses"][0]["code"] = "CANARYCODE"
    broken["lines"][0]["colour"] = "red"
    response = await house.call("POST", "/v1/requests", broken)
    assert response.status == 422
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["type"] == "urn:payer-gateway:problem:invalid-request"
    pointers = {fault["pointer"] for fault in problem["faults"]}
    assert pointers == {"/requester/npi", "/patient/birth_date", "/diagnoses/0/code", "/lines/0/colour"}
    assert all(fault["fix"] and fault["message"] for fault in problem["faults"])
    text = json.dumps(problem)
    assert not [value for value in ("1999999999", "04/12/61", "CANARYCODE", "red", "Testperson") if value in text]


async def test_an_unknown_payer_is_refused_before_anything_is_kept(house: House) -> None:
    unknown = {**REQUEST, "coverages": [{**REQUEST["coverages"][0], "payer": "nobody_health"}]}
    for path in ("/v1/requests", "/v1/preview"):
        response = await house.call("POST", path, unknown)
        assert response.status == 422
        [fault] = (await response.json())["faults"]
        assert fault["pointer"] == "/coverages/0/payer"
        assert "evergreen_health" in fault["fix"]
    assert (await (await house.call("GET", "/v1/requests")).json())["data"] == []


async def test_of_very_many_faults_is_said_that_there_are_more(house: House) -> None:
    lines = [{**REQUEST["lines"][0], "id": str(line), **dict.fromkeys("abcdef", 1)} for line in range(99)]
    problem = await (await house.call("POST", "/v1/requests", {**REQUEST, "lines": lines})).json()
    assert problem["detail"] == "More than 500 fields to correct."
    assert problem["faults"][-1]["message"] == "There are 94 more faults.", "six of each line"


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/preview"])
async def test_an_unknown_payer_is_told_with_every_other_fault_in_the_order_of_their_pointers(
    house: House, path: str
) -> None:
    broken: dict[str, Any] = json.loads(json.dumps(dict(REQUEST)))
    broken["requester"]["npi"] = "1999999999"
    broken["coverages"][0] |= {"payer": " nobody_health ", "line_of_business": "wishes"}
    broken["coverages"].append({**broken["coverages"][0], "payer": "asked_by_nobody"})
    broken["lines"] = [{**REQUEST["lines"][0], "id": str(place), "colour": "red"} for place in range(12)]
    problem = await (await house.call("POST", path, broken)).json()
    assert problem["detail"] == "16 fields to correct."
    assert [fault["pointer"] for fault in problem["faults"]] == [
        "/coverages/0/line_of_business",
        "/coverages/0/payer",
        "/coverages/1/line_of_business",
        *(f"/lines/{place}/colour" for place in range(12)),
        "/requester/npi",
    ]
    assert problem["faults"][1]["code"] == "unknown_payer"
    assert "evergreen_health" in problem["faults"][1]["fix"]
    assert "nobody_health" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("payer", "code"), [("Nobody Health", "string_pattern_mismatch"), (7, "string_type"), (" evergreen_health", None)]
)
async def test_a_payer_that_is_wrong_in_itself_gets_one_fault_and_a_known_one_none(
    house: House, payer: object, code: str | None
) -> None:
    broken = {**REQUEST, "intent": "wishes", "coverages": [{**REQUEST["coverages"][0], "payer": payer}]}
    faults = (await (await house.call("POST", "/v1/requests", broken)).json())["faults"]
    assert [fault["code"] for fault in faults if fault["pointer"] == "/coverages/0/payer"] == [code] * bool(code)


@pytest.mark.parametrize("coverages", [None, [], {}, "x", [[]], ["x"], [{}], [{"payer": None}], {"0": {"payer": "x"}}])
async def test_a_request_without_anything_like_a_payer_is_refused_as_it_was(house: House, coverages: object) -> None:
    response = await house.call("POST", "/v1/requests", {**REQUEST, "coverages": coverages})
    assert response.status == 422
    assert "unknown_payer" not in await response.text()


async def test_another_tenants_case_is_not_there(house: House) -> None:
    case_id = await house.submit()
    for token in (await house.key(tenant=f"{house.tenant}-other"), await house.key(mode=Mode.LIVE)):
        for method, path, body in [
            ("GET", f"/v1/requests/{case_id}", None),
            ("GET", f"/v1/requests/{case_id}/events", None),
            ("GET", f"/v1/requests/{case_id}/raw", None),
            ("GET", f"/v1/requests/{case_id}/raw/1", None),
            ("POST", f"/v1/requests/{case_id}/cancel", {}),
            ("POST", f"/v1/requests/{case_id}/appeal", {"reason": "It failed."}),
            ("POST", f"/v1/requests/{case_id}/answers", dict(ANSWERS)),
        ]:
            response = await house.call(method, path, body, token=token)
            assert (response.status, path) == (404, path)
        assert (await (await house.call("GET", "/v1/requests", token=token)).json())["data"] == []
        assert (await (await house.call("GET", "/v1/events", token=token)).json())["data"] == []


async def test_live_keys_see_live_objects_that_say_so(house: House) -> None:
    live = await house.key(mode=Mode.LIVE)
    response = await house.call("POST", "/v1/requests", dict(REQUEST), token=live)
    taken = await response.json()
    assert taken["livemode"] is True
    for path in (f"/v1/requests/{taken['id']}",):
        assert (await (await house.call("GET", path, token=live)).json())["livemode"] is True
    [listed] = (await (await house.call("GET", "/v1/requests", token=live)).json())["data"]
    [event] = (await (await house.call("GET", "/v1/events", token=live)).json())["data"]
    assert listed["livemode"] is event["data"]["livemode"] is True


async def test_a_list_pages_through_every_case_once_newest_first(house: House) -> None:
    made = [str(await house.submit(reference=f"ORD-{place}")) for place in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await (await house.call("GET", f"/v1/requests?limit=2{cursor}")).json()
        seen += [case["id"] for case in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


async def test_a_cursor_of_other_filters_or_of_nobody_is_refused_by_name(house: House) -> None:
    for _ in range(2):
        await house.submit()
    page = await (await house.call("GET", "/v1/requests?limit=1")).json()
    for query in (f"limit=1&status=queued&cursor={page['next_cursor']}", "cursor=AAAA", "cursor=%25%25"):
        response = await house.call("GET", f"/v1/requests?{query}")
        assert response.status == 400
        [fault] = (await response.json())["faults"]
        assert fault["parameter"] == "cursor"
    response = await house.call("GET", "/v1/events?after=AAAA")
    assert (await response.json())["faults"][0]["parameter"] == "after"


async def test_cases_are_found_by_status_payer_and_attention(house: House) -> None:
    case_id = str(await house.submit())
    for query, found in [
        ("status=queued", True),
        ("status=approved", False),
        ("payer=evergreen_health", True),
        ("payer=bluestem_mutual", False),
        ("attention=gateway", True),
        ("attention=provider", False),
    ]:
        page = await (await house.call("GET", f"/v1/requests?{query}")).json()
        assert [case["id"] for case in page["data"]] == ([case_id] if found else []), query


async def test_a_case_whose_row_was_changed_is_marked_in_the_list_and_logged(
    house: House, shared_database_url: str
) -> None:
    cases = [await house.submit(reference=f"REF-{n}") for n in range(2)]
    async with connected(shared_database_url) as psql:
        await psql.execute("UPDATE requests SET reference = '\\x00' WHERE id = $1", cases[0])
    for method, path, body in (("GET", "/v1/requests", None), ("POST", "/v1/requests/search", {})):
        with capturing_log() as log:
            response = await house.call(method, path, body)
        assert response.status == 200
        listed = (await response.json())["data"]
        assert [(case["reference"], case["changed"]) for case in listed] == [("REF-1", []), (None, ["reference"])]
        assert listed[1]["status"] == "queued"
        [said] = [line for line in log.getvalue().splitlines() if "stored_data_changed" in line]
        told = json.loads(said)
        assert (told["level"], told["case_id"], told["where"]) == ("error", str(cases[0]), "requests.reference")


async def test_member_and_reference_are_searched_in_a_body_and_never_in_a_url(house: House) -> None:
    case_id = str(await house.submit())
    await house.submit(reference="other", coverages=[{**REQUEST["coverages"][0], "member_id": "EVG0000002"}])
    for search in ({"member_id": "EVG0000001"}, {"reference": REQUEST["reference"]}):
        page = await (await house.call("POST", "/v1/requests/search", search)).json()
        assert [case["id"] for case in page["data"]] == [case_id]
    assert (await house.call("GET", "/v1/requests?member_id=EVG0000001")).status == 400
    assert (await house.call("GET", "/v1/requests?reference=other")).status == 400


async def test_a_case_shows_what_the_payer_said_and_where_it_was_read(house: House) -> None:
    case_id = await house.submit()
    approved = LineResult(line="1", outcome=LineOutcome.CERTIFIED, authorization_number="EVG-A-1")
    number = Reference(kind=ReferenceKind.AUTHORIZATION, value="EVG-A-1", line="1")
    document = b"ISA*00~HCR*A1*EVG-A-1~"
    said = Outcome(
        answer=Answer.REVIEWED,
        lines=(LineResult(line="2", outcome=LineOutcome.PENDING), approved),
        references=(number,),
        sources={
            "/lines/1/outcome": Source(path="2000F/HCR01", segment=2, start=11, end=13, entry=2),
            "/lines/1/authorization_number": Source(path="2000F/HCR02", segment=2, start=14, end=21, entry=2),
            "/references/0/value": Source(path="2000F/HCR02", segment=2, start=14, end=21, entry=2),
        },
    )
    standing = Standing(
        status=CaseStatus.PENDED,
        lines={"1": approved, "2": LINES_PENDING["2"]},
        attention=Attention.PAYER,
        references=(number,),
    )
    held = submission(case_id, status=CaseStatus.PENDED, attention=Attention.PAYER)
    await house.write(
        case_id,
        submissions=(held,),
        entries=(
            NewEntry(EntryKind.DOCUMENT, document, held.id),
            NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), held.id),
        ),
        standing=standing,
    )
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert shown["status"] == "pended"
    assert shown["attention"] == {"who": "payer", "why": None}
    assert shown["lines"][0]["authorization_number"] == "EVG-A-1"
    assert shown["references"] == [{"kind": "authorization", "value": "EVG-A-1", "line": "1", "part": False}]
    assert shown["submissions"][0]["status"] == "pended"
    sources = shown["sources"]
    assert set(sources) == {"/lines/0/outcome", "/lines/0/authorization_number", "/references/0/value"}
    for pointer, value in [("/lines/0/authorization_number", b"EVG-A-1"), ("/lines/0/outcome", b"A1")]:
        source = sources[pointer]
        raw = await (await house.call("GET", f"/v1/requests/{case_id}/raw/{source['entry']}")).read()
        assert raw[source["start"] : source["end"]] == value


async def test_an_answer_that_comes_while_a_case_is_read_stands_in_none_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await house.submit()
    held = submission(case_id, status=CaseStatus.PENDED, attention=Attention.PAYER)
    await house.write(case_id, submissions=(held,))
    said = Outcome(answer=Answer.REVIEWED, messages=("approved after all",))
    heard = NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), held.id)

    async def loaded(*args: Any, **kwargs: Any) -> Any:
        case = await load_case(*args, **kwargs)
        monkeypatch.undo()
        await house.write(case_id, entries=(heard,))
        return case

    monkeypatch.setattr(cases, "load_case", loaded)
    shown = [await (await house.call("GET", f"/v1/requests/{case_id}")).json() for _ in range(2)]
    assert [each["messages"] for each in shown] == [[], ["approved after all"]]


_NOTED = {**ANSWERS, "control_numbers": {}, "note": "As asked for."}


def asks(submission_id: UUID, *items: RequestedItem) -> NewEntry:
    """The payer's word that it wants these before it decides."""
    line = LineResult(line="1", outcome=LineOutcome.INFO_REQUESTED)
    said = Outcome(answer=Answer.REVIEWED, lines=(line,), requested=items)
    return NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), submission_id)


async def test_answers_are_taken_while_the_payer_asks_and_refused_otherwise(house: House) -> None:
    case_id = await house.submit()
    early = await house.call("POST", f"/v1/requests/{case_id}/answers", dict(ANSWERS))
    assert early.status == 409
    assert (await early.json())["type"] == "urn:payer-gateway:problem:not-now"
    asked = (RequestedItem(kind="clinical_notes", control_number=ANSWERS["control_numbers"]["note-1"]),)
    standing = Standing(status=CaseStatus.NEEDS_INFORMATION, lines=LINES_PENDING, requested=asked)
    held = submission(case_id, status=CaseStatus.NEEDS_INFORMATION, attention=Attention.PROVIDER)
    await house.write(case_id, submissions=(held,), entries=(asks(held.id, *asked),), standing=standing)
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert shown["requested"][0]["control_number"] == asked[0].control_number
    path = f"/v1/requests/{case_id}/answers"
    first = await house.call("POST", path, dict(ANSWERS), Idempotency_Key="docs")
    again = await house.call("POST", path, dict(ANSWERS), Idempotency_Key="docs")
    other = await house.call("POST", path, {**ANSWERS, "note": "Another."}, Idempotency_Key="docs")
    assert (first.status, again.status, other.status) == (202, 202, 422)
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert [attempt["verb"] for attempt in shown["submissions"][0]["attempts"]] == ["answer"], "sent once, not twice"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"attachments": [], "note": None}, ""),
        ({"attachments": [ANSWERS["attachments"][0]] * 2}, "/attachments/1/id"),
        ({"control_numbers": 7}, "/control_numbers"),
        ({"control_numbers": {"note-1": "A\u0007"}}, "/control_numbers/note-1"),
        ({"note": "a\u0000b"}, "/note"),
    ],
)
async def test_answers_that_contradict_themselves_are_refused_in_place(
    house: House, changes: dict[str, Any], pointer: str
) -> None:
    response = await house.call("POST", f"/v1/requests/{uuid4()}/answers", {**_NOTED, **changes})
    assert response.status == 422
    assert [fault["pointer"] for fault in (await response.json())["faults"]] == [pointer]


async def test_contradictions_of_answers_are_told_beside_their_other_faults(house: House) -> None:
    first, blank = dict(ANSWERS["attachments"][0]), {**ANSWERS["attachments"][0], "id": " note-1 "}
    for changes, told in [
        ({"attachments": [first, {**blank, "kind": "wishes"}]}, ["/attachments/1/id", "/attachments/1/kind"]),
        ({"attachments": [first, blank], "note": 7}, ["/attachments/1/id", "/note"]),
        ({"control_numbers": {"note-2": "ACN-1"}, "note": 7}, ["/control_numbers/note-2", "/note"]),
        (
            {"attachments": [], "control_numbers": {"b": "x", " c ": "y"}},
            ["/control_numbers/ c ", "/control_numbers/b"],
        ),
        ({"control_numbers": {" note-1 ": "ACN-1"}, "note": 7}, ["/note"]),
        ({"attachments": [], "note": None, "colour": 7}, ["", "/colour"]),
        ({"attachments": [{**first, "id": 7}], "control_numbers": {"a": "ACN-1"}}, ["/attachments/0/id"]),
        ({"attachments": 7, "note": None}, ["/attachments"]),
        ({"codes": {"note-2": "11502-2"}}, ["/codes/note-2"]),
        ({"control_numbers": {"note-1": "ACN-1"}, "codes": {" note-1 ": "11502-2"}}, ["/codes/ note-1 "]),
    ]:
        response = await house.call("POST", f"/v1/requests/{uuid4()}/answers", {**_NOTED, **changes})
        assert response.status == 422
        assert [fault["pointer"] for fault in (await response.json())["faults"]] == told, changes


async def test_answers_of_neither_document_nor_note_are_told_the_rule(house: House) -> None:
    response = await house.call("POST", f"/v1/requests/{uuid4()}/answers", {})
    [fault] = (await response.json())["faults"]
    assert (fault["pointer"], fault["fix"]) == ("", "Send attachments, answers to questions, or a note.")
    assert (await house.call("POST", f"/v1/requests/{uuid4()}/answers", {"note": "See the chart."})).status == 404


async def test_what_the_channel_cannot_say_is_refused_at_once_and_leaves_the_key_free(house: House) -> None:
    case_id = await house.submit()
    standing = Standing(status=CaseStatus.NEEDS_INFORMATION, lines=LINES_PENDING)
    held = submission(case_id, status=CaseStatus.NEEDS_INFORMATION, attention=Attention.PROVIDER)
    asked = RequestedItem(kind="other", control_number=ANSWERS["control_numbers"]["note-1"])
    await house.write(case_id, submissions=(held,), entries=(asks(held.id, asked),), standing=standing)
    path = f"/v1/requests/{case_id}/answers"
    refused = await house.call("POST", path, {**ANSWERS, "note": "unsayable"}, Idempotency_Key="docs")
    assert refused.status == 422
    [fault] = (await refused.json())["faults"]
    assert (fault["pointer"], fault["fix"]) == ("/note", "Drop the note.")
    taken = await house.call("POST", path, dict(ANSWERS), Idempotency_Key="docs")
    assert taken.status == 202


async def test_a_case_is_cancelled_once_and_then_there_is_nothing_to_cancel(house: House) -> None:
    case_id = await house.submit()
    path = f"/v1/requests/{case_id}/cancel"
    first = await house.call("POST", path, {"reason": "Withdrawn."}, Idempotency_Key="stop")
    again = await house.call("POST", path, {"reason": "Withdrawn."}, Idempotency_Key="stop")
    late = await house.call("POST", path)
    assert (first.status, again.status, late.status) == (202, 202, 409)
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert shown["status"] == "cancelled"


async def test_an_operator_who_is_called_for_one_submission_stays_called_when_another_is_taken_back(
    house: House,
) -> None:
    case_id = await house.submit()
    waits = submission(case_id, line_ids=("1",), status=CaseStatus.QUEUED, attention=Attention.GATEWAY)
    called = submission(case_id, place=2, line_ids=("2",), status=CaseStatus.CANCEL_PENDING, cancelling=True)
    called = replace(called, attention=Attention.OPERATOR, attention_why="Look.")
    await house.write(case_id, submissions=(waits, called))
    assert (await house.call("POST", f"/v1/requests/{case_id}/cancel")).status == 202
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert [held["status"] for held in shown["submissions"]] == ["cancelled", "cancel_pending"]
    assert shown["attention"] == {"who": "operator", "why": "Look."}


async def test_a_payer_that_must_be_told_and_whose_profile_is_gone_is_named(house: House) -> None:
    case_id = await on_file(house, payer="gone_health")
    refused = await house.call("POST", f"/v1/requests/{case_id}/cancel")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "300")
    assert "the payer gone_health has no profile any more" in (await refused.json())["detail"]


async def on_file(house: House, **fields: Any) -> UUID:
    """A case that a payer holds and reviews."""
    case_id = await house.submit()
    filed = submission(case_id, status=CaseStatus.PENDED, **fields)
    stamp = Stamp(at=datetime.now(UTC), number=1, seed="0" * 32)
    filing = Attempt(uuid4(), filed.id, Verb.SUBMIT, stamp, Delivery.APP_ACKED, stamp.at)
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        await write(house.database, connection, case, Step(case_id, submissions=(filed,), attempts=(filing,)))
    return case_id


async def test_a_cancellation_that_the_payer_cannot_be_told_says_why_and_changes_nothing(house: House) -> None:
    case_id = await on_file(house)
    refused = await house.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "unsayable"})
    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "urn:payer-gateway:problem:cannot-be-told")
    [fault] = problem["faults"]
    assert (fault["pointer"], fault["fix"]) == ("/reason", "Drop the reason.")
    assert (await (await house.call("GET", f"/v1/requests/{case_id}")).json())["status"] != "cancel_pending"
    assert (await house.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "Withdrawn."})).status == 202


async def on_file_twice(house: House, **second: Any) -> UUID:
    """A case of two payers that hold a line of it each."""
    case_id = await house.submit()
    stamp = Stamp(at=datetime.now(UTC), number=1, seed="0" * 32)
    first = submission(case_id, status=CaseStatus.PENDED, attention=Attention.PAYER, line_ids=("1",))
    other = replace(first, id=uuid4(), place=2, payer=TEST_PAYER, line_ids=("2",), **second)
    filings = tuple(
        Attempt(uuid4(), each.id, Verb.SUBMIT, stamp, Delivery.APP_ACKED, stamp.at) for each in (first, other)
    )
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        await write(house.database, connection, case, Step(case_id, submissions=(first, other), attempts=filings))
    return case_id


@pytest.mark.parametrize("refuses", [PAYER, TEST_PAYER])
async def test_a_payer_that_cannot_be_told_of_a_cancellation_keeps_no_other_from_it_and_is_named(
    house: House, refuses: str
) -> None:
    """Such a payer holds it as a duplicate of an earlier request, which has the only number that it names."""
    case_id = await on_file_twice(house)
    path = f"/v1/requests/{case_id}"
    sent = {"reason": f"unsayable to {refuses}"}
    answer = await house.call("POST", f"{path}/cancel", sent, Idempotency_Key="stop")
    assert answer.status == 202
    shown = await (await house.call("GET", path)).json()
    told = {held["payer"]: held for held in shown["submissions"]}
    [other] = {PAYER, TEST_PAYER} - {refuses}
    assert (told[other]["status"], told[refuses]["status"]) == ("cancel_pending", "pended")
    assert told[other]["attention"]["who"] == "payer"
    assert [len(told[payer]["attempts"]) for payer in (other, refuses)] == [2, 1]
    assert (shown["attention"]["who"], told[refuses]["attention"]["who"]) == ("provider", "provider")
    for why in (shown["attention"]["why"], told[refuses]["attention"]["why"]):
        assert f"{refuses} could not be told. The channel has no room for it. Drop the reason." in why
    said = await answer.json()
    assert said["untold"] == [
        {
            "submission": told[refuses]["id"],
            "payer": refuses,
            "why": "The channel has no room for it.",
            "fix": "Drop the reason.",
        }
    ]
    again = await house.call("POST", f"{path}/cancel", sent, Idempotency_Key="stop")
    assert (again.status, await again.json()) == (202, said)
    assert (await house.call("POST", f"{path}/cancel", sent)).status == 422
    told_all = await house.call("POST", f"{path}/cancel", {"reason": "Withdrawn."})
    assert (told_all.status, (await told_all.json())["untold"]) == (202, [])


async def test_a_cancellation_of_which_no_payer_can_be_told_changes_nothing(house: House) -> None:
    case_id = await on_file_twice(house)
    before = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert (await house.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "unsayable"})).status == 422
    assert await (await house.call("GET", f"/v1/requests/{case_id}")).json() == before


async def test_an_operator_stays_called_for_a_payer_that_cannot_be_told_of_a_cancellation(house: House) -> None:
    case_id = await on_file_twice(house, attention=Attention.OPERATOR, attention_why="Look.")
    sent = {"reason": f"unsayable to {TEST_PAYER}"}
    assert (await house.call("POST", f"/v1/requests/{case_id}/cancel", sent)).status == 202
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert shown["attention"]["who"] == "operator"
    assert shown["submissions"][0]["attention"] == {"who": "payer", "why": None}
    why = shown["submissions"][1]["attention"]["why"]
    assert why.startswith("Look.; ")
    assert f"{TEST_PAYER} could not be told" in why


async def test_an_appeal_is_refused_with_every_fault_at_its_place(house: House) -> None:
    case_id = await on_file(house)
    path = f"/v1/requests/{case_id}/appeal"
    document = dict(ANSWERS["attachments"][0])
    body = {"reason": "", "lines": [], "attachments": [document, document], "urgency": {"level": "expedited"}}
    refused = await house.call("POST", path, body)
    pointers = {fault["pointer"] for fault in (await refused.json())["faults"]}
    assert refused.status == 422
    assert pointers == {"/reason", "/lines", "/attachments/1/id", "/urgency/reason", "/urgency/attested_by"}
    open_still = await house.call("POST", path, {"reason": "It failed."})
    assert (open_still.status, "Nothing is denied" in (await open_still.json())["detail"]) == (409, True)


async def test_an_id_in_another_spelling_is_the_same_act(house: House) -> None:
    case_id = await house.submit()
    spelled = [str(case_id), str(case_id).upper(), case_id.hex]
    answers = [await house.call("POST", f"/v1/requests/{one}/cancel", {}, Idempotency_Key="stop") for one in spelled]
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len({await answer.read() for answer in answers}) == 1
    assert (await house.call("POST", "/v1/requests/nobody/cancel", {}, Idempotency_Key="stop")).status == 404


async def test_one_key_for_two_kinds_of_act_is_a_mismatch(house: House) -> None:
    await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="same")
    case_id = await house.submit()
    response = await house.call("POST", f"/v1/requests/{case_id}/cancel", {}, Idempotency_Key="same")
    assert response.status == 422
    assert (await (await house.call("GET", f"/v1/requests/{case_id}")).json())["status"] == "queued"


async def test_a_preview_shows_routes_bytes_and_losses_and_keeps_nothing(house: House) -> None:
    preview = await (await house.call("POST", "/v1/preview", dict(REQUEST))).json()
    assert preview["decision"]["plans"][0]["connection"] == "parrot_house"
    tried = preview["decision"]["sides"][0]["steps"]
    assert [(step["rule"], step["result"]) for step in tried][:: len(tried) - 1] == [
        ("stated", "passes"),
        ("given", "decides"),
    ]
    assert tried[-1]["inputs"][0] == "/lines/0/code"
    [rendering] = preview["renderings"]
    assert rendering["document"]["text"] == REQUEST["reference"]
    assert rendering["body"]["text"] == f"<{REQUEST['reference']}>"
    assert rendering["losses"] == [{"pointer": "/regimen", "what": "The regimen's name.", "kept": "dropped"}]
    assert (await (await house.call("GET", "/v1/requests")).json())["data"] == []


async def test_a_preview_says_why_no_route_can_carry_a_request(house: House) -> None:
    preview = await (await house.call("POST", "/v1/preview", {**REQUEST, "note": "unsayable"})).json()
    assert preview["renderings"] == []
    tried = preview["decision"]["tried"][0]
    assert tried["verdict"] == "cannot_express"
    assert tried["reasons"][0]["pointer"] == "/note"
    [left] = preview["decision"]["unrouted"]
    assert left["why"] == {
        "rule": "no_route",
        "says": "No route takes these lines; parrot_house came nearest. At /note: The channel has no room for it.",
        "fix": "At /note: Drop the note.",
        "pointer": "/note",
    }


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/preview"])
async def test_a_payer_that_the_keys_mode_never_reaches_is_refused_before_anything_is_kept(
    house: House, path: str
) -> None:
    live = await house.key(mode=Mode.LIVE)
    asked: dict[str, Any] = {**REQUEST, "coverages": [{**REQUEST["coverages"][0], "payer": "bluestem_mutual"}]}
    told = {
        "pointer": "/coverages/0/payer",
        "code": "no_connection",
        "message": "This payer has no live connection, and the API key is a live key.",
        "fix": "Use an API key of the other mode, or add a route of this mode to the payer's profile.",
    }
    assert (await house.call("POST", path, asked)).status in (200, 202)
    for more in ({}, {"intent": "wishes"}):
        response = await house.call("POST", path, asked | more, token=live)
        assert response.status == 422
        assert [fault for fault in (await response.json())["faults"] if fault["pointer"] != "/intent"] == [told]
    assert (await (await house.call("GET", "/v1/requests", token=live)).json())["data"] == []


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/preview"])
async def test_dates_that_nobody_can_mean_are_told_with_every_other_fault(house: House, path: str) -> None:
    today = datetime.now(UTC).date()
    broken: dict[str, Any] = json.loads(json.dumps(dict(REQUEST)))
    broken["patient"]["birth_date"] = str(today + timedelta(days=2))
    broken["subscriber"] = broken["patient"]
    broken["lines"][0]["dates"] = {"start": "0202-12-01", "end": "2101-01-01"}
    expected = {
        "/patient/birth_date": "birth_date",
        "/subscriber/birth_date": "birth_date",
        "/lines/0/dates/start": "service_date",
        "/lines/0/dates/end": "service_date",
    }
    for more, others in (({}, {}), ({"intent": "wishes"}, {"/intent": "enum"})):
        response = await house.call("POST", path, broken | more)
        assert response.status == 422
        faults = (await response.json())["faults"]
        assert {fault["pointer"]: fault["code"] for fault in faults} == expected | others
        assert all(fault["fix"].endswith("year.") for fault in faults if fault["code"] != "enum")
    broken["patient"]["birth_date"] = str(today + timedelta(days=1))
    broken["lines"][0]["dates"] = {"start": "2000-01-01", "end": "2100-12-31"}
    assert (await house.call("POST", path, broken)).status in (200, 202)


async def test_a_payer_that_wants_something_otherwise_is_asked_for_it_at_the_door(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsayable = {**REQUEST, "note": "unsayable"}
    assert (await house.call("POST", "/v1/requests", unsayable)).status == 202, "what it costs is left to the worker"
    plain = house.desk.library.destination

    def wanting(*where: Any) -> Destination:
        return plain(*where).model_copy(update={"layers": (GuideLayer("payer evergreen_health", {}),)})

    taken = await house.call("POST", "/v1/requests", dict(unsayable), Idempotency_Key="before")
    monkeypatch.setattr(house.desk.library, "destination", wanting)
    refused = await house.call("POST", "/v1/requests", unsayable)
    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "urn:payer-gateway:problem:cannot-be-told")
    assert problem["faults"] == [
        {
            "pointer": "/note",
            "code": "cannot_express",
            "message": "The channel has no room for it.",
            "fix": "Drop the note.",
        }
    ]
    assert (await house.call("POST", "/v1/requests", dict(REQUEST))).status == 202
    again = await house.call("POST", "/v1/requests", dict(unsayable), Idempotency_Key="before")
    assert (again.status, await again.read()) == (202, await taken.read())


async def test_a_line_that_no_route_takes_says_why_and_what_to_do(house: House) -> None:
    case_id = await house.submit()
    nowhere = NoRoute(why="No route takes these lines.", fix="Send another.", pointer="/lines/1/code")
    standing = Standing(
        status=CaseStatus.FAILED,
        lines={"1": LINES_PENDING["1"], "2": LineResult(line="2", outcome=LineOutcome.PENDING, no_route=nowhere)},
        attention=Attention.PROVIDER,
        attention_why="Line 2: No route takes these lines. Send another.",
    )
    await house.write(
        case_id, submissions=(submission(case_id, line_ids=("1",), status=CaseStatus.QUEUED),), standing=standing
    )
    reader = await house.key(Scope.READ_CASES)
    shown = await (await house.call("GET", f"/v1/requests/{case_id}", token=reader)).json()
    assert shown["attention"]["why"] == "Line 2: No route takes these lines. Send another."
    assert [line["no_route"] for line in shown["lines"]] == [
        None,
        {"why": "No route takes these lines.", "fix": "Send another.", "pointer": "/lines/1/code"},
    ]


async def test_a_path_that_holds_no_id_names_nothing(house: House) -> None:
    for path in ("/v1/requests/TESTPERSON", f"/v1/requests/{uuid4()}/raw/x", f"/v1/requests/{UUID(int=0)}"):
        assert (await house.call("GET", path)).status == 404


async def test_payers_are_those_the_key_can_reach(house: House) -> None:
    other, payer = (await (await house.call("GET", "/v1/payers")).json())["data"]
    assert (other["id"], payer["id"]) == ("bluestem_mutual", "evergreen_health")
    assert payer["livemode"] is False
    assert payer["routes"][0]["channel"] == "parrot"
    live = await house.key(mode=Mode.LIVE)
    [payer] = (await (await house.call("GET", "/v1/payers", token=live)).json())["data"]
    assert (payer["id"], payer["livemode"]) == ("evergreen_health", True)
