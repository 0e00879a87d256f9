"""Setting out: a fresh case is encoded once, with the stamp it is filed with, wherever that can be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.destination import Destination
from gateway.contract.frames import Frame, Reply
from gateway.engine.scripts import Scripts
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.store.database import Database
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Case
from tests.unit.api_house import Parrot, library
from tests.unit.store_cases import load, made_up, opened, take

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Listener(Parrot):
    """Keeps the stamps it was asked with, and how many exchanges stand open."""

    def __init__(self) -> None:
        self.stamps: list[Stamp] = []
        self.open = 0

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        self.stamps.append(stamp)
        return self._counted(super().submit(request, to, stamp))

    def _counted(self, exchange: Exchange) -> Iterator[Frame] | Any:
        self.open += 1
        try:
            reply: Reply = yield next(exchange)
            outcome: Outcome = yield exchange.send(reply)
            return outcome
        finally:
            self.open -= 1


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def fresh(database: Database, **changes: Any) -> Case:
    return await load(database, await take(database, made_up(**changes)))


async def test_a_case_is_encoded_once_and_filed_with_that_stamp(database: Database) -> None:
    adapter, numbers = Listener(), ControlNumbers(database)
    scripts = Scripts(library(), {"parrot": adapter}, numbers, lambda: NOW)
    first, second = [await scripts.set_out(await fresh(database)) for _ in range(2)]
    assert first.opening is not None
    assert second.opening is not None
    trial, *said = adapter.stamps
    assert [first.opening.attempt.stamp, second.opening.attempt.stamp] == said, "the first has no number at hand yet"
    assert trial.seed not in {stamp.seed for stamp in said}
    assert said[0].number != said[1].number
    assert adapter.open == 2, "both wait for their reply; the trial is closed"
    assert second.opening.attempt.submission_id == second.submissions[0].id


async def test_a_case_that_no_channel_can_say_has_no_opening_and_says_why(database: Database) -> None:
    adapter = Listener()
    scripts = Scripts(library(), {"parrot": adapter}, ControlNumbers(database), lambda: NOW)
    departure = await scripts.set_out(await fresh(database, note="unsayable"))
    assert departure.opening is None
    assert departure.submissions == ()
    unsayable = [tried for tried in departure.decision.tried if tried.verdict == "cannot_express"]
    assert [reason.pointer for tried in unsayable for reason in tried.reasons] == ["/note"]
    assert adapter.open == 0


async def test_a_stamp_says_whether_its_bytes_may_have_been_sent_before(database: Database) -> None:
    adapter = Listener()
    scripts = Scripts(library(), {"parrot": adapter}, ControlNumbers(database), lambda: NOW)
    case = await fresh(database)
    departure = await scripts.set_out(case)
    assert departure.opening is not None
    first = departure.opening.attempt
    scripts.open(case, departure.submissions[0], first, None)
    # It came back from the store: called lost, proved absent, planned again.
    scripts.open(case, departure.submissions[0], replace(first, sent_at=NOW), None)
    *_, fresh_one, again = adapter.stamps
    assert (fresh_one.again, again.again) == (False, True)
    assert again == fresh_one.model_copy(update={"again": True})
