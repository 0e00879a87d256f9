"""What payers send as files, on a real database: in any order, several times, mixed, for nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.x12_278 import traces
from gateway.contract.destination import Mode
from gateway.engine.queue import Walk
from gateway.engine.retelling import find_doubts
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.database import Database
from gateway.store.journal import read_entries, read_journal
from gateway.store.mailroom import State
from gateway.store.records import Attempt, Due, Entry, EntryKind
from tests.post_material import NEIGHBOURSON, Office, accepts, advises, answer, open_office, receipt
from tests.unit.store_cases import load, opened
from tests.x12_material import request


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def office(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path, tidy="move", move_to="done") as made:
        yield made


async def status(office: Office, case_id: UUID) -> tuple[CaseStatus, Attention]:
    case = await office.case(case_id)
    async with office.database.snapshot() as connection:
        journal = await read_journal(office.database, connection, case_id)
        assert journal is not None
        assert await find_doubts(office.database, connection, case, journal) == ()
    return case.status, case.attention


async def states(office: Office) -> list[tuple[State, str | None]]:
    return [(each.state, each.reason) for each in await office.arrivals()]


async def test_what_lies_at_the_payers_is_being_submitted_and_is_the_payers_move(office: Office) -> None:
    case_id = await office.file()
    assert (await office.filing(case_id)).delivery is Delivery.TRANSPORT_ACKED
    assert await status(office, case_id) == (CaseStatus.SUBMITTING, Attention.PAYER)
    assert [path.name for path in (office.folder.root / "in").iterdir()] == ["000000001.x12"]


async def test_a_file_is_taken_once_it_stood_still_and_moved_once_it_is_kept(office: Office) -> None:
    case_id = await office.file()
    path = office.put("one.999", accepts(await office.filing(case_id), 501))
    await office.look()
    assert (await office.arrivals(), path.exists()) == ([], True)
    path.write_bytes(path.read_bytes() + b"\n")
    await office.look()
    assert await office.arrivals() == [], "it grew since the last look"
    await office.look()
    assert await states(office) == [(State.HEARD, None)]
    assert not path.exists()
    assert (office.folder.root / "done" / "one.999").exists()
    assert await status(office, case_id) == (CaseStatus.RECEIVED, Attention.PAYER)
    assert (await office.filing(case_id)).delivery is Delivery.APP_ACKED


async def test_a_receipt_an_acknowledgement_and_a_decision_are_heard_one_after_the_other(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    said = (office.folder.root / "in" / "000000001.x12").read_bytes()
    for name, document, then in (
        ("1.ta1", receipt(filing, said, 500), CaseStatus.RECEIVED),
        ("2.999", accepts(filing, 501), CaseStatus.RECEIVED),
        ("3.278", answer(filing, "A4", 502), CaseStatus.PENDED),
        ("4.278", answer(filing, "A1", 503, moment="1012"), CaseStatus.APPROVED),
    ):
        office.put(name, document)
        await office.look(2)
        assert (await status(office, case_id))[0] is then
    assert await office.heard(case_id) == ["received", "received", "reviewed", "reviewed"]


@pytest.mark.proves("AK-03")
async def test_a_decision_before_its_acknowledgement_is_not_taken_back_by_it(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 502))
    await office.look(2)
    office.put("b.999", accepts(filing, 501))
    await office.look(2)
    assert await status(office, case_id) == (CaseStatus.APPROVED, Attention.NONE)
    assert await office.heard(case_id) == ["reviewed", "received"], "history is kept"


@pytest.mark.proves("AK-04")
async def test_an_earlier_word_that_comes_later_does_not_undo_a_decision(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 503, moment="1012"))
    await office.look(2)
    office.put("b.278", answer(filing, "A4", 502, moment="1011"))
    await office.look(2)
    assert (await status(office, case_id))[0] is CaseStatus.APPROVED


@pytest.mark.parametrize(
    ("approved", "denied", "status", "attention"),
    [
        ("101105", "101150", CaseStatus.DENIED, Attention.NONE),
        ("101150", "101105", CaseStatus.APPROVED, Attention.OPERATOR),  # the denial, which is older, was read later
        ("1011", "1011", CaseStatus.DENIED, Attention.OPERATOR),
    ],
)
async def test_of_two_decisions_of_a_minute_the_payers_seconds_tell_the_later_or_an_operator_must(
    office: Office, approved: str, denied: str, status: CaseStatus, attention: Attention
) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", _of_yesterday(filing, answer(filing, "A1", 503, moment=approved)))
    office.put("b.278", _of_yesterday(filing, answer(filing, "A3", 502, moment=denied)))
    await office.look(3)
    case = await office.case(case_id)
    assert (case.status, case.attention) == (status, attention)


def _of_yesterday(filing: Attempt, document: bytes) -> bytes:
    """Dated so that it is not after its receipt at any hour of the day, wherever the payer is."""
    at = filing.stamp.at
    return document.replace(f"{at:%y%m%d}*".encode(), f"{at - timedelta(days=1):%y%m%d}*".encode())


@pytest.mark.proves("AK-01", "SF-02")
async def test_the_same_file_again_is_kept_as_a_repetition_and_heard_once(office: Office) -> None:
    case_id = await office.file()
    document = answer(await office.filing(case_id), "A1", 502)
    office.put("a.278", document)
    await office.look(2)
    office.put("a-again.278", document)
    await office.look(2)
    assert await states(office) == [(State.HEARD, None), (State.REPEATED, None)]
    first, second = await office.arrivals()
    assert (second.first_id, second.body) == (first.id, document)
    assert await office.heard(case_id) == ["reviewed"]


async def test_the_same_answer_in_another_envelope_changes_nothing(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.278", answer(filing, "A1", 502))
    await office.look(2)
    before = (await office.case(case_id)).standing
    office.put("b.278", answer(filing, "A1", 502).replace(b"000000502", b"000000777"))
    await office.look(2)
    after = (await office.case(case_id)).standing
    assert before is not None
    assert after is not None
    assert (after.status, after.contradictions, after.attention) == (before.status, (), Attention.NONE)


@pytest.mark.proves("AK-01")
async def test_an_orphan_is_quarantined_and_what_is_with_it_is_heard(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    stranger = accepts(filing, 600).replace(b"AK1*HI*1*", b"AK1*HI*999*")
    office.put("both.999", accepts(filing, 501), stranger)
    office.put("junk.txt", b"Dear all, please find attached")
    await office.look(2)
    assert set(await states(office)) == {(State.QUARANTINED, "unknown"), (State.QUARANTINED, "unreadable")}
    [mixed] = [each for each in await office.arrivals() if each.reason == "unknown"]
    assert [(one["what"], one["attempt"], one["reason"]) for one in mixed.findings] == [
        ("999", str(filing.id), None),
        ("999", None, "unknown"),
    ]
    assert (await status(office, case_id))[0] is CaseStatus.RECEIVED


async def test_one_answer_about_two_tenants_is_told_to_neither(office: Office) -> None:
    ours = await office.file()
    theirs = await office.file(request(reference="case-2", patient=NEIGHBOURSON), tenant="clinic-two")
    one, other = await office.filing(ours), await office.filing(theirs)
    named = f"TRN*2*{traces.event(other.stamp)}*1999999999~UM*HS*I~HCR*A3~".encode()
    body = answer(one, "A1", 502)
    end = body.index(b"SE*")
    count = int(body[end + 3 : body.index(b"*", end + 3)])
    more = b"HL*91*2*22*1~NM1*IL*1*NEIGHBOURSON*UMA****MI*EGH777777~HL*92*91*EV*0~" + named
    office.put("both.278", body[:end] + more + body[end:].replace(b"SE*%d*" % count, b"SE*%d*" % (count + 6)))
    await office.look(2)
    [arrival] = await office.arrivals()
    assert (arrival.state, arrival.reason) == (State.QUARANTINED, "several")
    assert set(arrival.findings[0]["candidates"]) == {str(one.id), str(other.id)}
    entries = await read_entries(office.database, "clinic-one", Mode.TEST, ours)
    assert not any(b"NEIGHBOURSON" in entry.body for entry in entries if isinstance(entry, Entry))


async def test_of_two_tenants_in_one_file_neither_sees_the_other(office: Office) -> None:
    ours = await office.file()
    theirs = await office.file(request(reference="case-2", patient=NEIGHBOURSON), tenant="clinic-two")
    one, other = await office.filing(ours), await office.filing(theirs)
    office.put(
        "mixed.278",
        answer(one, "A1", 502),
        b"\n",
        answer(other, "A3", 503, patient=b"NEIGHBOURSON*UMA"),
        accepts(other, 504),
    )
    await office.look(2)
    assert await states(office) == [(State.HEARD, None)]
    assert (await status(office, ours))[0] is CaseStatus.APPROVED
    assert (await status(office, theirs))[0] is CaseStatus.DENIED
    for tenant, case_id, name, stranger in (
        ("clinic-one", ours, b"SAMPLETON", b"NEIGHBOURSON"),
        ("clinic-two", theirs, b"NEIGHBOURSON", b"SAMPLETON"),
    ):
        entries = await read_entries(office.database, tenant, Mode.TEST, case_id)
        bodies = [entry.body for entry in entries if isinstance(entry, Entry)]
        assert len(bodies) == len(entries)
        assert any(name in body for body in bodies)
        assert not any(stranger in body or stranger.title() in body for body in bodies)
        assert await read_entries(office.database, "clinic-one", Mode.TEST, theirs) == ()


async def test_spans_of_what_came_point_into_the_document_that_the_journal_keeps(office: Office) -> None:
    case_id = await office.file()
    office.put("a.278", accepts(await office.filing(case_id), 501), answer(await office.filing(case_id), "A1", 502))
    await office.look(2)
    standing = (await office.case(case_id)).standing
    entries = await read_entries(office.database, "clinic-one", Mode.TEST, case_id)
    kept = [one for one in entries if isinstance(one, Entry) and one.kind is EntryKind.DOCUMENT]
    told = [one for one in entries if isinstance(one, Entry) and one.kind is EntryKind.OUTCOME and one.n > kept[0].n]
    assert standing is not None
    assert [one.body[:3] for one in kept] == [b"ISA", b"ISA"]
    for document, outcome in zip(kept, told, strict=True):
        assert f'"entry":{document.n}'.encode() in outcome.body
    notes = [one.meta for one in entries if isinstance(one, Entry) and one.meta.get("note") == "arrived"]
    assert {note["arrival"] for note in notes} == {str((await office.arrivals())[0].id)}


@pytest.mark.proves("AK-02")
async def test_a_refused_file_rejects_its_filing(office: Office) -> None:
    case_id = await office.file()
    office.put("no.999", accepts(await office.filing(case_id), 501, verdict="R"))
    await office.look(2)
    assert (await status(office, case_id))[0] is CaseStatus.REJECTED
    assert (await office.filing(case_id)).delivery is Delivery.REFUSED


async def test_what_the_application_refuses_after_its_syntax_was_taken_is_rejected(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("a.999", accepts(filing, 501))
    await office.look(2)
    assert await status(office, case_id) == (CaseStatus.RECEIVED, Attention.PAYER)
    office.put("b.824", advises(filing, 502, "TR", "TED*007**NM1*9*9", "NTE*ADD*No member id."))
    await office.look(2)
    assert await states(office) == [(State.HEARD, None)] * 2
    assert await status(office, case_id) == (CaseStatus.REJECTED, Attention.PROVIDER)
    standing = (await office.case(case_id)).standing
    assert standing is not None
    assert [(one.code, one.code_system) for one in standing.reasons] == [("007", "x12_824")]


async def test_what_a_payer_says_is_heard_whose_profile_is_another_on_other_days(office: Office) -> None:
    payer = {"payer": "bluestem_mutual", "member_id": "BSM100001", "line_of_business": "commercial"}
    doctor = {"role": "rendering", "npi": "1234567893", "last_name": "Testdoctor", "first_name": "Able"}
    case_id = await office.file(request(coverages=[payer], servicing=[doctor]))
    office.put("a.999", accepts(await office.filing(case_id), 501).replace(b"EVERGREEN      ", b"BLUESTEM       "))
    await office.look(2)
    assert await states(office) == [(State.HEARD, None)]
    assert (await status(office, case_id))[0] is CaseStatus.RECEIVED


async def test_an_answer_to_what_was_thought_lost_settles_it(office: Office, database: Database) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    await database.fetch("UPDATE attempts SET delivery = 'planned' WHERE id = $1", filing.id)
    office.put("a.278", answer(filing, "A1", 502))
    await office.look(2)
    assert (await load(database, case_id)).status is CaseStatus.APPROVED
    assert (await office.filing(case_id)).delivery is Delivery.APP_ACKED, "it does not go again"


async def test_what_nobody_understood_is_remembered_while_the_filing_lies_there(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    reason = Reason(word=Word.UNMAPPED, code="ZQ", code_system="x12_aaa03")
    strange = Outcome(answer=Answer.UNMAPPED, reasons=(reason,))
    told = Told(filing, None, strange, None, effect=False, arrival=uuid4())
    await office.walker.clerk.conclude(await office.case(case_id), told)
    [submission] = (await office.case(case_id)).submissions
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    standing = (await office.case(case_id)).standing
    assert standing is not None
    assert [reason.code for reason in standing.reasons] == ["ZQ"]
    assert await status(office, case_id) == (CaseStatus.SUBMITTING, Attention.OPERATOR)
