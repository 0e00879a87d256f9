"""What payers do, and what becomes of a request then: seen through the API alone, counted at the payer.

Every magic member id of the simulated payers (conformance/simulators/README.md) stands in ``ROWS``, at both payers;
what becomes of those that only one payer hands on is shown in ``tests/promises/test_routing.py``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from conformance.simulators.members import WORDS
from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer, Receiver, open_customer, open_receiver, subscribe
from tests.running.processes import PATIENCE
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Row:
    """What a member id makes the payer do, and all that may come of it.

    ``trail`` is every status the case has after ``queued`` and ``submitting``, in order; a row that ``repeats`` goes
    through these, and through queued and submitting, again and again. ``filed`` is how often the payer has it.
    """

    word: str
    trail: tuple[str, ...]
    who: str = "none"
    filed: int = 1
    lines: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def end(self) -> str:
        return self.trail[-1]


RESENT = ("uncertain", "queued", "submitting", "approved")
ROWS = (
    Row("APPROVE", ("approved",), lines=("certified",)),
    Row("RXAPPROVE", ("approved",), lines=("certified",)),
    Row("RXBX", ("approved",), lines=("certified",)),
    Row("DENY", ("denied",), lines=("not_certified",)),
    Row("NECESSITY", ("denied",), lines=("not_certified",)),
    # What becomes of their appeals: test_appeals.
    *(
        Row(word, ("denied",), lines=("not_certified",))
        for word in ("APPEAL", "APPEALPEND", "APPEALDENY", "APPEALDROP", "APPEALLOST")
    ),
    Row("PEND", ("pended", "approved"), lines=("certified",)),
    Row("PENDDENY", ("pended", "denied"), lines=("not_certified",)),
    Row("DOCS", ("needs_information",), "provider", lines=("info_requested",)),
    Row("PARTIAL", ("partially_approved",), lines=("certified", "not_certified", "certified_modified")),
    Row("MIXED", ("partially_approved",), lines=("certified", "not_certified", "certified")),
    Row("MODIFY", ("approved_modified",), lines=("certified_modified",)),
    Row("FEWER", ("approved_modified",), lines=("certified_modified",)),
    Row("SHORTER", ("approved_modified",), lines=("certified_modified",)),
    Row("CALL", ("contact_payer",), "provider", lines=("contact_payer",)),
    Row("NOTREQUIRED", ("not_required",), lines=("not_required",)),
    Row("CANCELLED", ("cancelled",), lines=("cancelled",)),
    Row("DUPLICATE", ("received",), "operator", lines=("unknown",)),
    Row("KEEP", ("approved",), lines=("certified",)),
    # Refused before review: correctable, and no denial.
    Row("NOTFOUND", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("INELIGIBLE", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("BIRTHDATE", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("PROVIDER", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("DATES", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("GUIDE", ("rejected",), "provider", filed=0, lines=("pending",)),
    Row("INTERCHANGE", ("rejected",), "operator", filed=0, lines=("pending",)),
    # The payer cannot take it now, and says so: nothing was filed, nothing is uncertain.
    Row("DOWN", ("queued",), "gateway", filed=0, repeats=True),
    Row("BUSY", ("queued", "submitting", "approved")),
    # Refused for its control number alone: filed under another.
    Row("USED", ("queued", "submitting", "approved")),
    Row("TAKEN", ("queued",), filed=0, repeats=True),
    Row("WAIT", ("received", "approved")),
    # No usable answer: uncertain until the payer is asked, then what it says; sent again only upon "not found".
    Row("DROP", ("uncertain", "approved")),
    Row("BLIND", ("uncertain", "approved")),
    Row("HTMLFILED", ("uncertain", "approved")),
    Row("GARBAGE", ("uncertain", "approved")),
    Row("TRUNCATED", ("uncertain", "approved")),
    Row("EXPIRED", ("uncertain", "approved")),
    Row("OTHERS", ("uncertain", "approved")),
    Row("SLOW", ("uncertain", "approved")),
    Row("LOST", RESENT),
    Row("HTML", RESENT),
    Row("ENVELOPE", ("uncertain",), filed=0, repeats=True),
    Row("FAULT", ("uncertain",), filed=0, repeats=True),
    Row("TWICE", ("approved",), lines=("certified",)),
    # Words nobody has mapped.
    Row("UNMAPPED", ("received",), "operator", lines=("unknown",)),
    Row("REASON", ("denied",), "operator", lines=("not_certified",)),
    Row("NONUMBER", ("approved",), lines=("certified",)),
    # What these change their minds about they change later; nobody asks about a decided case.
    Row("RESCIND", ("approved",), lines=("certified",)),
    Row("CORRECT", ("approved",), lines=("certified",)),
    Row("CONTRADICT", ("approved",), lines=("certified",)),
)
BY_WORD = {row.word: row for row in ROWS}
PLACES = [(row.word, payer) for payer in (EVERGREEN, BLUESTEM) for row in ROWS]


@dataclass(frozen=True)
class Handed:
    """All of them handed in at once, to one customer of a tenant of its own."""

    customer: Customer
    receiver: Receiver
    members: dict[tuple[str, str], str]
    cases: dict[tuple[str, str], str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def handed(town: Town) -> AsyncIterator[Handed]:
    async with open_customer(town.url, town.new_key("misbehaved-to")) as customer, open_receiver() as receiver:
        await subscribe(customer, receiver)
        members = {place: member(place[0]) for place in PLACES}
        cases = {}
        for (word, payer), name in members.items():
            request = compose(name, payer=payer, lines=max(1, len(BY_WORD[word].lines)))
            cases[word, payer] = await customer.submit(request)
        for place, case_id in cases.items():
            await customer.until(case_id, BY_WORD[place[0]].end)
        yield Handed(customer, receiver, members, cases)


async def test_every_published_member_id_is_in_the_table() -> None:
    assert sorted(row.word for row in ROWS) == sorted(word for word, member in WORDS.items() if not member.at)


@pytest.mark.parametrize(("word", "payer"), PLACES)
async def test_a_case_goes_where_the_payers_words_lead_and_nowhere_else(
    town: Town, handed: Handed, word: str, payer: str
) -> None:
    row, case_id = BY_WORD[word], handed.cases[word, payer]
    case = await handed.customer.until(case_id, row.end)
    trail = await handed.customer.trail(case_id)
    assert trail[:2] == ["queued", "submitting"]
    if row.repeats:
        assert set(trail) <= {"queued", "submitting", *row.trail}
        assert row.end in trail
    else:
        assert tuple(trail[2:]) == row.trail
        assert case["attention"]["who"] == row.who
        assert case["attention"]["why"] or row.who != "operator"
    if row.lines:
        assert tuple(line["outcome"] for line in case["lines"]) == row.lines
    assert case["contradictions"] == 0
    filings = await town.payer.filings()
    assert filings[handed.members[word, payer]] == row.filed


@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM])
@pytest.mark.parametrize("word", ["GARBAGE", "TRUNCATED", "OTHERS", "HTML", "HTMLFILED", "UNMAPPED", "REASON"])
async def test_what_was_not_understood_is_kept_byte_for_byte(town: Town, handed: Handed, word: str, payer: str) -> None:
    case_id = handed.cases[word, payer]
    replies = await handed.customer.entries(case_id, "reply")
    kept = [await handed.customer.raw(case_id, entry["n"]) for entry in replies]
    said = {
        exchange["sent"]
        for exchange in await town.payer.exchanges()  # after what was kept of them: it is asked about meanwhile
        if handed.members[word, payer].encode() in exchange["received"]
    }
    if word == "TRUNCATED":  # it ended before the length it promised: no reply, and the attempt says why
        assert not set(kept) - said
        ended = await _notes(handed.customer, case_id, "attempt_ended")
        assert ended[0]["error"].startswith("maybe_sent: "), ended
    else:
        assert kept
        assert set(kept) <= said


@pytest.mark.parametrize(
    ("word", "raw"), [("UNMAPPED", (b"Z9", "Routed to programme seven.")), ("REASON", (b"ZZ9", "under rule nine"))]
)
async def test_words_nobody_has_mapped_reach_a_person_as_they_were_said(
    handed: Handed, word: str, raw: tuple[bytes, str]
) -> None:
    code, message = raw
    case_id = handed.cases[word, EVERGREEN]
    case = await handed.customer.case(case_id)
    assert case["attention"]["who"] == "operator"
    pointer = "/lines/0/outcome" if word == "UNMAPPED" else "/reasons/0/code"
    source = case["sources"][pointer]
    assert (await handed.customer.raw(case_id, source["entry"]))[source["start"] : source["end"]] == code
    assert message in " ".join(case["messages"])


async def test_an_approval_without_a_number_waits_for_it(handed: Handed) -> None:
    case_id = handed.cases["NONUMBER", EVERGREEN]
    case = await handed.customer.case(case_id)
    assert case["status"] == "approved"
    assert case["lines"][0]["authorization_number"]
    assert not case["reference_pending"]
    events = (await handed.customer.get(f"/v1/requests/{case_id}/events"))["data"]
    first = next(event for event in events if event["data"]["status"] == "approved")
    assert first["data"]["reference_pending"]


async def test_a_lost_filing_is_sent_again_byte_for_byte_and_only_after_the_payer_was_asked(handed: Handed) -> None:
    for word in ("LOST", "HTML"):
        for payer in (EVERGREEN, BLUESTEM):
            case_id = handed.cases[word, payer]
            frames = await handed.customer.entries(case_id, "frame")
            verbs = [frame["meta"]["verb"] for frame in frames]
            assert verbs[0] == verbs[-1] == "submit"
            assert set(verbs[1:-1]) == {"inquire"}
            first, again = [
                await handed.customer.raw(case_id, frame["n"]) for frame in frames if frame["meta"]["verb"] == "submit"
            ]
            assert first == again


async def test_a_payer_that_always_fails_is_tried_ever_more_slowly_and_never_called_denied(handed: Handed) -> None:
    for word in ("DOWN", "FAULT", "ENVELOPE"):
        case = await handed.customer.case(handed.cases[word, EVERGREEN])
        assert len(case["submissions"][0]["attempts"]) < 25
        assert all(line["outcome"] == "pending" for line in case["lines"])


async def test_a_filing_refused_for_its_number_goes_again_under_another(handed: Handed) -> None:
    for payer in (EVERGREEN, BLUESTEM):
        case_id = handed.cases["USED", payer]
        frames = await handed.customer.entries(case_id, "frame", "submit")
        first, again = [await handed.customer.raw(case_id, frame["n"]) for frame in frames]
        assert first != again


async def test_a_payer_that_knows_every_number_calls_an_operator_while_new_ones_are_tried(handed: Handed) -> None:
    case_id = handed.cases["TAKEN", EVERGREEN]
    deadline, calls = time.monotonic() + PATIENCE, list[str]()
    while "operator" not in calls:
        assert time.monotonic() < deadline, calls
        await asyncio.sleep(0.1)
        events = (await handed.customer.get(f"/v1/requests/{case_id}/events"))["data"]
        calls = [event["data"]["attention"] for event in events]
    called = calls.index("operator")
    assert "control numbers" in events[called]["data"]["attention_why"]
    assert [event["data"]["status"] for event in events[:called]].count("submitting") == 3


async def test_every_event_was_told_to_the_webhook_signed_and_in_its_words(handed: Handed) -> None:
    customer, receiver = handed.customer, handed.receiver
    for place, case_id in handed.cases.items():
        if BY_WORD[place[0]].repeats:
            continue
        events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
        await receiver.until_taken([event["id"] for event in events])
        told = [receiver.events[case_id][sequence] for sequence in sorted(receiver.events[case_id])]
        assert told == [event["data"] for event in events]
    assert receiver.refused == 0


async def _notes(customer: Customer, case_id: str, note: str) -> list[dict[str, Any]]:
    entries = await customer.entries(case_id, "note")
    bodies = [json.loads(await customer.raw(case_id, entry["n"])) for entry in entries]
    return [body for body in bodies if body.get("note") == note]
