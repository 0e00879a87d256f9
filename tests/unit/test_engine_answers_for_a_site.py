"""Documents that a payer's site asks for by names of its own: the channel is told what they are given for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.contract.adapter import Answers, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import NotSent
from gateway.contract.turns import Go, Turn
from gateway.engine.desk import Desk
from gateway.engine.queue import Queue, Walk
from gateway.engine.walk import Walker
from gateway.model.outcome import Answer, LineResult, Outcome, RequestedItem
from gateway.model.request import Attachment
from gateway.model.status import CaseStatus, Delivery, LineOutcome
from gateway.store.database import Database
from gateway.store.records import Due, Verb
from tests.unit.paging_material import SEEN, Pager, Site, Time, pages, ring, routed
from tests.unit.store_cases import opened
from tests.unit.test_engine_settling import caller

WANTED = tuple(RequestedItem(kind="other", code=name, text=name) for name in ("Chart of May", "Chart of June"))
DOCUMENT = Attachment(id="d1", kind="clinical_notes", title="Chart", media_type="application/pdf", content="JVBERi0=")


class Asking(Pager):
    """A site that asks for documents, and keeps what each sending of them was told of that."""

    def __init__(self) -> None:
        self.told: list[tuple[RequestedItem, ...]] = []

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        yield Turn((Go(f"{to.endpoint}/search"),), (SEEN,))
        lines = tuple(LineResult(line=line.id, outcome=LineOutcome.INFO_REQUESTED) for line in filed.request.lines)
        return Outcome(answer=Answer.REVIEWED, lines=lines, requested=WANTED, final=False)

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        self.told.append(filed.requested)
        return (yield from super().answer(filed, answers, to, stamp))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


async def test_what_documents_are_given_for_is_asked_for_whenever_they_are_sent(
    database: Database, database_url: str
) -> None:
    time, site, channel, profiles = Time(database), Site(), Asking(), pages()
    adapters = {"parrot": channel}
    walker = Walker(database, Queue(database_url), profiles, adapters, site, database.now)  # type: ignore[arg-type]
    case_id, submission_id = await routed(database)
    await walker.walk(Walk(case_id, submission_id, Due.RETRY))
    assert (await ring(database, time, walker, case_id)).status is CaseStatus.NEEDS_INFORMATION
    desk = Desk(database, Queue(database_url), profiles, adapters, walker, database.now)
    given = Answers(attachments=(DOCUMENT,), codes={"d1": "Chart of June"})
    await desk.answer(caller(database), case_id, given, None, b"digest", b"{}")
    site.trouble = {len(site.said) + 1: NotSent("not now")}
    await walker.walk(Walk(case_id, submission_id))
    case = await ring(database, time, walker, case_id)
    told = [[item.code for item in each] for each in channel.told]
    assert told == [["Chart of May", "Chart of June"]] * 3, "when it is taken, when it leaves, and when it leaves again"
    [sent] = [held for held in case.submissions[0].attempts if held.verb is Verb.ANSWER]
    assert sent.delivery is Delivery.APP_ACKED
