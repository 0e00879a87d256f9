"""Accepting: everything at once, and once for each idempotency key."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest

from gateway.contract.destination import Mode
from gateway.model.status import Attention, CaseStatus
from gateway.store.acceptance import Accepted, InFlight, Mismatch, NewRequest, Replayed, accept, accept_all, claim
from gateway.store.cases import load_case
from gateway.store.database import Database
from gateway.store.errors import StoreError
from gateway.store.events import read_case_events
from gateway.store.journal import verify
from gateway.store.webhooks import add_endpoint
from tests.unit.store_cases import TENANT, load, made_up, new_request, opened, take, try_accept


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def count(database: Database, table: str) -> int:
    [row] = await database.fetch(f"SELECT count(*) AS found FROM {table}")
    found: int = row["found"]
    return found


async def test_an_accepted_request_is_a_whole_case(database: Database) -> None:
    request = made_up(note="made up")
    case_id = await take(database, request)
    case = await load(database, case_id)
    assert case.request == request
    assert (case.tenant, case.mode, case.status, case.attention) == (
        TENANT,
        Mode.TEST,
        CaseStatus.QUEUED,
        Attention.GATEWAY,
    )
    assert (case.standing, case.submissions, case.journal_count) == (None, (), 1)
    lines = await database.fetch("SELECT line_id, place, code, outcome FROM lines ORDER BY place")
    assert [tuple(line) for line in lines] == [("1", 1, "J9271", "pending"), ("2", 2, "96413", "pending")]
    [event] = await read_case_events(database, TENANT, Mode.TEST, case_id)
    assert (event.type, event.data["status"]) == ("case.queued", "queued")
    verdict = await verify(database, case_id)
    assert verdict is not None
    assert verdict.whole


async def test_a_case_taken_back_with_its_transaction_leaves_nothing(database: Database) -> None:
    async def accept_and_break() -> None:
        async with database.transaction() as connection:
            await accept(database, connection, new_request(key="K"))
            raise LookupError

    with pytest.raises(LookupError):
        await accept_and_break()
    for table in ("requests", "lines", "journal", "events", "idempotency", "webhook_deliveries"):
        assert await count(database, table) == 0, table
    assert isinstance(await try_accept(database, new_request(key="K")), Accepted)


async def test_the_first_event_goes_to_the_endpoints_that_want_it(database: Database) -> None:
    for mode, types in [
        (Mode.TEST, ["*"]),
        (Mode.TEST, ["case.approved", "case.queued"]),
        (Mode.TEST, ["case.approved"]),
        (Mode.LIVE, ["*"]),
    ]:
        await add_endpoint(database, TENANT, mode, "https://receiver.example/", types, "whsec_x")
    await add_endpoint(database, "clinic-two", Mode.TEST, "https://receiver.example/", ["*"], "whsec_x")
    taken = await try_accept(database, new_request())
    assert isinstance(taken, Accepted)
    assert len(taken.delivery_ids) == 2


async def test_the_same_key_and_body_get_the_same_answer(database: Database) -> None:
    first = new_request(key="K")
    assert isinstance(await try_accept(database, first), Accepted)
    again = await try_accept(database, new_request(key="K"))
    assert again == Replayed(first.id, first.response)
    assert await count(database, "requests") == 1


async def test_the_same_key_with_another_body_is_a_mismatch(database: Database) -> None:
    first = new_request(key="K")
    await try_accept(database, first)
    assert await try_accept(database, new_request(key="K", body=b"another")) == Mismatch(first.id)
    assert await count(database, "requests") == 1


@pytest.mark.parametrize("other", [{"mode": Mode.LIVE}, {"tenant": "clinic-two"}, {"key": "k"}])
async def test_a_key_counts_for_one_tenant_and_mode(database: Database, other: dict[str, str]) -> None:
    await try_accept(database, new_request(key="K"))
    assert isinstance(await try_accept(database, new_request(**({"key": "K"} | other))), Accepted)  # type: ignore[arg-type]


async def test_requests_without_a_key_are_all_accepted(database: Database) -> None:
    assert await take(database) != await take(database)
    assert await count(database, "idempotency") == 0


async def test_a_key_in_an_open_transaction_is_in_flight_at_once(database: Database) -> None:
    async with database.transaction() as connection:
        await accept(database, connection, new_request(key="K"))
        async with asyncio.timeout(5):
            assert await try_accept(database, new_request(key="K")) == InFlight()
            assert isinstance(await try_accept(database, new_request(key="L")), Accepted)
    assert isinstance(await try_accept(database, new_request(key="K")), Replayed)


async def test_of_many_at_once_with_one_key_one_is_accepted(database: Database) -> None:
    taken = await asyncio.gather(*(try_accept(database, new_request(key="K")) for _ in range(40)))
    accepted = [answer for answer in taken if isinstance(answer, Accepted)]
    assert len(accepted) == 1
    for answer in taken:
        assert isinstance(answer, Accepted | InFlight) or (
            isinstance(answer, Replayed) and answer.case_id == accepted[0].case_id
        )
    assert await count(database, "requests") == 1


async def test_requests_accepted_together_stand_for_themselves(database: Database) -> None:
    await add_endpoint(database, TENANT, Mode.LIVE, "https://receiver.example/", ["*"], "whsec_x")
    earlier = new_request(key="EARLIER")
    await try_accept(database, earlier)
    together = [
        new_request(made_up(reference="REF-1"), key="A"),
        new_request(made_up(reference="REF-2"), tenant="clinic-two", key="A"),
        new_request(key="EARLIER"),
        new_request(key="EARLIER", body=b"another"),
        new_request(key="A"),
        new_request(key="HELD"),
        new_request(made_up(reference="REF-3"), mode=Mode.LIVE),
    ]
    async with database.transaction() as elsewhere:
        await accept(database, elsewhere, new_request(key="HELD"))
        async with database.transaction() as connection:
            taken = await accept_all(database, connection, together)
    one, two, three = (together[place].id for place in (0, 1, 6))
    assert taken[:6] == [
        Accepted(one, ()),
        Accepted(two, ()),
        Replayed(earlier.id, earlier.response),
        Mismatch(earlier.id),
        Replayed(one, together[0].response),
        InFlight(),
    ]
    assert isinstance(taken[6], Accepted)
    assert len(taken[6].delivery_ids) == 1
    for case_id, reference, tenant in [(one, "REF-1", TENANT), (two, "REF-2", "clinic-two"), (three, "REF-3", TENANT)]:
        case = await load(database, case_id)
        assert (case.request.reference, case.tenant) == (reference, tenant)
        verdict = await verify(database, case_id)
        assert verdict is not None
        assert verdict.whole
        lines = await database.fetch("SELECT line_id FROM lines WHERE request_id = $1 ORDER BY place", case_id)
        assert [line["line_id"] for line in lines] == ["1", "2"]
    assert await count(database, "requests") == 5
    assert await count(database, "events") == 5


async def test_the_key_is_not_kept_in_the_clear(database: Database) -> None:
    await try_accept(database, new_request(key="CANARY-KEY"))
    [row] = await database.fetch("SELECT idempotency::text AS shown FROM idempotency")
    assert "CANARY" not in row["shown"]
    assert b"CANARY-KEY".hex() not in row["shown"]


async def try_claim(database: Database, case_id: object, key: str | None, body: bytes = b"cancel") -> object:
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id)  # type: ignore[arg-type]
        assert case is not None
        return await claim(database, connection, case, key, body, b"answer")


async def test_an_act_on_a_case_is_guarded_in_the_same_way(database: Database) -> None:
    one, two = await take(database), await take(database)
    assert await try_claim(database, one, "K") == Accepted(one, ())
    assert await try_claim(database, one, "K") == Replayed(one, b"answer")
    assert await try_claim(database, one, "K", b"answers") == Mismatch(one)
    assert await try_claim(database, two, "K") == Mismatch(one)
    assert await try_claim(database, one, None) == Accepted(one, ())
    assert await try_claim(database, one, None) == Accepted(one, ())
    async with database.transaction() as connection:
        case = await load_case(database, connection, one)
        assert case is not None
        await claim(database, connection, case, "L", b"cancel", b"answer")
        assert await try_claim(database, one, "L") == InFlight()


async def test_a_case_id_used_twice_is_refused_without_a_value(database: Database) -> None:
    first = new_request()
    await try_accept(database, first)
    again = NewRequest(first.id, TENANT, Mode.TEST, made_up(), first.written, None, b"", b"")
    with pytest.raises(StoreError) as caught:
        await try_accept(database, again)
    assert caught.value.sqlstate == "23505"
    assert str(first.id) not in "".join(traceback.format_exception(caught.value))
