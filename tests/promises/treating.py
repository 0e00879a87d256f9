"""Cases that payers decide and events that practices tell, for the rows about courses of treatment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from gateway.engine.recording import stand
from gateway.engine.whole import together
from gateway.model.outcome import Outcome
from gateway.model.status import CaseStatus
from gateway.store import cases
from gateway.store.cases import outcomes_of
from gateway.store.records import Case, EntryKind, NewEntry, Step, Submission
from tests.running.requests import EVERGREEN, compose
from tests.unit.api_house import House

TODAY = datetime.now(UTC).date()
START = TODAY - timedelta(days=400)
Json = dict[str, Any]


def day(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


def order(member: str, *, payer: str = EVERGREEN, quantity: int = 1200, start: int = 0, end: int = 180) -> Json:
    """A request for a drug, from one day of the course to another."""
    request = compose(member, payer=payer)
    request["lines"][0] |= {
        "quantity": {"value": quantity, "unit": "units"},
        "dates": {"start": day(start), "end": day(end)},
    }
    request["regimen"] = {"name": "pembrolizumab", "intent": "palliative", "cycle_days": 21, "cycles": 24}
    return request


async def taken(house: House, request: Json) -> tuple[UUID, str]:
    """The case, and its patient."""
    answer = await house.call("POST", "/v1/requests", request)
    assert answer.status == 202, await answer.text()
    case_id = UUID((await answer.json())["id"])
    shown = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    return case_id, shown["patient"]


async def answered(house: House, case_id: UUID, *lines: Json, on: date | None = None, **over: Any) -> None:
    """The payer's answer about the lines of a case, as a walk writes it; ``on`` is the payer's day of it."""
    said: Json = {"answer": "reviewed", "lines": lines, **over}
    if on is not None:
        said["effective_at"] = datetime.combine(on, datetime.min.time(), tzinfo=UTC).isoformat()
    outcome = Outcome.model_validate(said)
    async with house.database.transaction() as connection:
        case = await cases.load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        [submission] = case.submissions or (_filed(case),)
        entry = NewEntry(EntryKind.OUTCOME, outcome.model_dump_json().encode(), submission.id, meta={"verb": "submit"})
        written = await cases.write(
            house.database, connection, case, Step(case_id, submissions=(submission,), entries=(entry,))
        )
        known = await outcomes_of(house.database, connection, written.case, submission.id)
        standing = stand(submission, known)
        after = replace(submission, status=standing.status)
        whole = together(written.case, (after,), [standing])
        await cases.write(house.database, connection, written.case, Step(case_id, submissions=(after,), standing=whole))


def _filed(case: Case) -> Submission:
    return Submission(
        id=uuid4(),
        place=1,
        payer=case.request.coverages[0].payer,
        connection="demo_clearinghouse",
        channel="x12_278",
        benefit="medical",
        line_ids=tuple(line.id for line in case.request.lines),
        status=CaseStatus.RECEIVED,
    )


def granted(number: str, quantity: int | None = None, **over: Any) -> Json:
    """A line that is certified."""
    told: Json = {"line": "1", "outcome": "certified", "authorization_number": number}
    if quantity is not None:
        told["quantity"] = {"value": quantity, "unit": "units"}
    return {**told, **over}


PENDED: Json = {"line": "1", "outcome": "pending"}
DENIED: Json = {"line": "1", "outcome": "not_certified"}


def event(name: str, on: int, kind: str = "administered", **over: Any) -> Json:
    """An event of the course's day."""
    told: Json = {"id": name, "kind": kind, "on": day(on), "code": {"system": "hcpcs", "code": "J9271"}}
    if kind == "administered":
        told |= {"quantity": {"value": 200, "unit": "units"}, "place_of_service": "11"}
    return {**told, **over}


async def told(house: House, patient: str, what: Json) -> Json:
    answer = await house.call("POST", f"/v1/patients/{patient}/events", what)
    assert answer.status == 200, await answer.text()
    found: Json = json.loads(await answer.read())
    return found


async def posted(house: House, draft: Json) -> Json:
    """The case that a draft becomes as it is."""
    case_id, _ = await taken(house, draft)
    shown: Json = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    return shown


async def ledger_of(house: House, patient: str) -> Json:
    found: Json = await (await house.call("GET", f"/v1/patients/{patient}/authorizations")).json()
    return found


async def timeline_of(house: House, patient: str) -> list[Json]:
    found: list[Json] = (await (await house.call("GET", f"/v1/patients/{patient}/timeline")).json())["data"]
    return found


async def preview(house: House, request: Json) -> list[tuple[str, list[str]]]:
    """Benefit and lines of each submission."""
    shown = await (await house.call("POST", "/v1/preview", request)).json()
    return sorted((one["benefit"], one["line_ids"]) for one in shown["decision"]["plans"])
