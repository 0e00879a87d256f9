"""What goes wrong with mailboxes: nobody there, credentials refused, another host, files that cannot be taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.x12_278 import traces
from gateway.contract.destination import Mode
from gateway.contract.errors import MaybeSent, NotSent
from gateway.contract.frames import Reply
from gateway.engine.desk import Desk
from gateway.engine.queue import Queue, Walk
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.database import Database
from gateway.store.keys import Key, Scope
from gateway.store.mailroom import State, list_mailboxes, take_mailbox
from gateway.store.records import Due, Verb
from gateway.transport.mailbox import CredentialsRefused, HostChanged
from tests.post_material import CONNECTION, Office, accepts, answer, open_office
from tests.unit.store_cases import opened
from tests.x12_material import request

HERE = Key("id", "clinic-one", Mode.TEST, "", frozenset(Scope), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def office(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database, database_url, tmp_path, max_file_bytes=20_000) as made:
        yield made


async def box(office: Office) -> Any:
    [row] = await list_mailboxes(office.database)
    return row


async def test_a_mailbox_that_nothing_was_said_over_is_not_looked_into(office: Office) -> None:
    await office.look(2)
    assert office.folder.visits == 0
    await office.file()
    await office.look()
    assert office.folder.visits == 1


async def test_one_worker_at_a_time_looks_into_a_mailbox(office: Office, database: Database) -> None:
    await office.file()
    until = database.now() + timedelta(minutes=1)
    turns = await asyncio.gather(*(take_mailbox(database, CONNECTION, until) for _ in range(5)))
    assert len([ours for ours in turns if ours is not None]) == 1


async def test_when_nobody_is_there_it_is_told_and_looked_again_and_nothing_is_forgotten(office: Office) -> None:
    case_id = await office.file()
    office.put("a.999", accepts(await office.filing(case_id), 501))
    await office.look()
    office.folder.trouble = [NotSent("nobody there")]
    await office.look()
    assert (await box(office))["trouble"] == "not_sent: nobody there"
    await office.look()
    assert (await box(office))["trouble"] is None
    assert [each.state for each in await office.arrivals()] == [State.HEARD], "it stood still since the look before"


@pytest.mark.parametrize("refusal", [CredentialsRefused("refused"), HostChanged("another host")])
async def test_a_connection_whose_credentials_or_host_are_wrong_rests(office: Office, refusal: Exception) -> None:
    await office.file()
    office.folder.trouble = [refusal]
    await office.look(4)
    assert office.folder.visits == 0, "nobody knocks again"
    row = await box(office)
    assert row["trouble"].startswith("needs_person: ")
    case_id = await office.file(request(reference="case-2"))
    case = await office.case(case_id)
    assert (case.status, case.attention) == (CaseStatus.QUEUED, Attention.OPERATOR)
    assert case.attention_why is not None
    assert ("started again" in case.attention_why) is isinstance(refusal, HostChanged)


async def test_a_file_that_cannot_be_taken_stays_and_holds_up_no_other(office: Office) -> None:
    case_id = await office.file()
    office.put("a-huge.278", b"x" * 30_000)
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(2)
    assert [each.state for each in await office.arrivals()] == [State.HEARD]
    assert (office.out / "a-huge.278").exists()


async def test_what_is_left_there_is_fetched_once(office: Office) -> None:
    case_id = await office.file()
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(4)
    assert (office.out / "b.999").exists()
    assert [each.state for each in await office.arrivals()] == [State.HEARD]
    assert await office.heard(case_id) == ["received"]


async def test_a_file_without_an_acknowledgement_calls_an_operator_in_the_end(
    office: Office, database: Database
) -> None:
    case_id = await office.file()
    [submission] = (await office.case(case_id)).submissions
    assert submission.due_for is Due.POLL
    assert submission.due_at is not None
    assert timedelta(hours=23) < submission.due_at - database.now() <= timedelta(hours=24)
    await database.fetch("UPDATE attempts SET sent_at = sent_at - interval '25 hours'")
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    case = await office.case(case_id)
    assert (case.status, case.attention) == (CaseStatus.SUBMITTING, Attention.OPERATOR)
    assert "has said nothing of it" in (case.attention_why or "")
    await database.fetch("UPDATE attempts SET sent_at = sent_at + interval '25 hours'")
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(2)
    case = await office.case(case_id)
    assert (case.status, case.attention) == (CaseStatus.RECEIVED, Attention.PAYER)


@pytest.mark.parametrize(("there", "then"), [(True, Delivery.TRANSPORT_ACKED), (False, Delivery.PLANNED)])
async def test_what_was_lost_on_the_way_is_looked_for(office: Office, there: bool, then: Delivery) -> None:
    office.folder.trouble = [MaybeSent("the line broke")]
    case_id = await office.file()
    case = await office.case(case_id)
    assert case.status is CaseStatus.UNCERTAIN
    name = f"{(await office.filing(case_id)).stamp.number:09d}.x12"
    (office.folder.root / "in" / (name if there else f".{name}.part")).write_bytes(b"ISA")
    await office.database.fetch("UPDATE attempts SET sent_at = sent_at - interval '1 hour'")
    [submission] = case.submissions
    await office.walker._advance(case_id, submission.id, Due.RECONCILE, wait=False)
    filing = await office.filing(case_id)
    assert filing.delivery is then
    assert (await office.case(case_id)).status is (CaseStatus.SUBMITTING if there else CaseStatus.QUEUED)


async def test_a_cancellation_waits_until_the_payer_has_what_it_cancels(
    office: Office, database: Database, database_url: str
) -> None:
    case_id = await office.file()
    adapters: Any = {"x12_278": office.adapter}
    desk = Desk(database, Queue(database_url), office.library, adapters, office.walker, database.now)
    await desk.cancel(HERE, case_id, None, None, b"digest", lambda untold: b"{}")
    [submission] = (await office.case(case_id)).submissions
    await office.walker.walk(Walk(case_id, submission.id))
    assert await verbs(office, case_id) == [(Verb.SUBMIT, Delivery.TRANSPORT_ACKED), (Verb.AMEND, Delivery.PLANNED)]
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(2)
    await office.walker.walk(Walk(case_id, submission.id))
    assert await verbs(office, case_id) == [
        (Verb.SUBMIT, Delivery.APP_ACKED),
        (Verb.AMEND, Delivery.TRANSPORT_ACKED),
    ]
    assert (await office.case(case_id)).status is CaseStatus.CANCEL_PENDING
    cancelling = (await office.case(case_id)).submissions[0].attempts[1]
    of_both = f"TRN*2*{traces.event((await office.filing(case_id)).stamp)}*1999999999~UM*HS".encode()
    said = answer(cancelling, "A6", 503).replace(b"UM*HS", of_both, 1)
    count = int(said.partition(b"~SE*")[2].partition(b"*")[0])
    office.put("c.278", said.replace(b"~SE*%d*" % count, b"~SE*%d*" % (count + 1)))
    await office.look(2)
    assert [each.state for each in await office.arrivals()][-1] is State.HEARD


async def test_what_was_put_down_after_the_filing_and_never_acknowledged_calls_an_operator(
    office: Office, database: Database, database_url: str
) -> None:
    case_id = await office.file()
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(2)
    adapters: Any = {"x12_278": office.adapter}
    desk = Desk(database, Queue(database_url), office.library, adapters, office.walker, database.now)
    await desk.cancel(HERE, case_id, None, None, b"digest", lambda untold: b"{}")
    [submission] = (await office.case(case_id)).submissions
    await office.walker.walk(Walk(case_id, submission.id))
    assert (await verbs(office, case_id))[1] == (Verb.AMEND, Delivery.TRANSPORT_ACKED)
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    [submission] = (await office.case(case_id)).submissions
    assert (submission.attention, submission.due_for) == (Attention.PAYER, Due.POLL)
    assert submission.due_at is not None
    assert timedelta(hours=23) < submission.due_at - database.now() <= timedelta(hours=24)
    await database.fetch("UPDATE attempts SET sent_at = sent_at - interval '25 hours' WHERE verb = 'amend'")
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    case = await office.case(case_id)
    assert case.attention is Attention.OPERATOR
    assert (case.attention_why or "").startswith("cancellation: it was left with the payer")
    assert len(await verbs(office, case_id)) == 2, "nobody is asked what can only be looked for"
    office.put("c.999", accepts(case.submissions[0].attempts[1], 502))
    await office.look(2)
    case = await office.case(case_id)
    assert (case.status, case.attention) == (CaseStatus.CANCEL_PENDING, Attention.PAYER)


async def test_of_what_the_payer_has_acknowledged_nothing_is_looked_for(office: Office, database: Database) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    office.put("b.278", answer(filing, "A4", 501))
    await office.look(2)
    [submission] = (await office.case(case_id)).submissions
    assert (submission.status, submission.due_for) == (CaseStatus.PENDED, Due.POLL)
    office.folder.trouble = [AssertionError("nobody looks")]
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    assert await verbs(office, case_id) == [(Verb.SUBMIT, Delivery.APP_ACKED)]
    [submission] = (await office.case(case_id)).submissions
    give_up = timedelta(seconds=office.library.payer(submission.payer).rhythm.poll.give_up_seconds)
    assert submission.due_at is not None
    assert give_up - timedelta(minutes=1) < submission.due_at - database.now() <= give_up + timedelta(seconds=1)
    await database.fetch("UPDATE attempts SET sent_at = sent_at - $1::interval", give_up + timedelta(seconds=2))
    await office.walker.walk(Walk(case_id, submission.id, Due.POLL))
    [submission] = (await office.case(case_id)).submissions
    assert (submission.attention, submission.due_at) == (Attention.OPERATOR, None)
    assert "has not decided" in (submission.attention_why or "")
    office.folder.trouble = []
    office.put("c.278", answer(filing, "A1", 502, moment="1012"))
    await office.look(2)
    case = await office.case(case_id)
    assert (case.status, case.attention) == (CaseStatus.APPROVED, Attention.NONE)


async def verbs(office: Office, case_id: UUID) -> list[tuple[Verb, Delivery]]:
    [submission] = (await office.case(case_id)).submissions
    return [(each.verb, each.delivery) for each in submission.attempts]


async def test_an_answer_that_comes_while_the_file_is_still_being_put_down_is_not_undone(office: Office) -> None:
    case_id = await office.file()
    filing = await office.filing(case_id)
    await office.database.fetch("UPDATE attempts SET delivery = 'sent' WHERE id = $1", filing.id)
    office.put("a.278", answer(filing, "A1", 502))
    await office.look(2)
    told = Told(replace(filing, delivery=Delivery.SENT), Reply(201), Outcome(answer=Answer.PLACED), None, effect=True)
    await office.walker.clerk.conclude(await office.case(case_id), told)
    case = await office.case(case_id)
    assert (case.status, (await office.filing(case_id)).delivery) == (CaseStatus.APPROVED, Delivery.APP_ACKED)


@pytest.mark.parametrize("verb", ["open", "place", "hear"])
async def test_a_file_on_which_the_channel_breaks_is_quarantined(
    office: Office, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    case_id = await office.file()

    def broken(*_: Any) -> None:
        raise KeyError

    monkeypatch.setattr(office.adapter, verb, broken)
    office.put("b.999", accepts(await office.filing(case_id), 501))
    await office.look(2)
    assert [(each.state, each.reason) for each in await office.arrivals()] == [(State.QUARANTINED, "adapter_failed")]
    assert await office.heard(case_id) == []
