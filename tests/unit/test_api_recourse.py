"""What can be done about a denial, through the API on a real database: ways, talks of peers, their time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from gateway.contract.adapter import Change, ChangeKind, Stamp
from gateway.engine import talking
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome
from gateway.model.reasons import NextAction, Reason, Word
from gateway.model.standing import settle
from gateway.model.status import CaseStatus, Delivery, LineOutcome
from gateway.model.story import Heard
from gateway.profiles.recourse import Known
from gateway.profiles.recourse import Path as Way
from gateway.profiles.reference import Reference, read_reference
from gateway.profiles.shelf import Shelf
from gateway.store import cases
from gateway.store.records import Attempt, EntryKind, NewEntry, Step, Verb
from gateway.store.talks import claim_talks
from tests.unit.api_house import PAYER, House, library, open_house, submission

PAYERS: Shelf[Any] = Shelf({}, {}, (), frozenset({"evergreen_health", "cedar_valley"}))
KNOWN = read_reference(Path(__file__).parents[2] / "mappings", PAYERS, []).recourse
FEDERAL = [each for each in KNOWN if each.path.payers is None]
TALKS = Way.model_validate(
    {
        "id": "made_up_talks",
        "way": "peer_to_peer",
        "name": "Talk",
        "decided_by": "A medical director",
        "lines_of_business": ["commercial"],
        "payers": [PAYER],
        "window": {"business_days": 5},
        "phone": "2155550142",
        "effective": {"start": "2020-01-01"},
        "says": "Made up.",
        "source": "tests",
    }
)


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    shelf = library()
    shelf.reference = Reference(recourse=(*FEDERAL, Known(path=TALKS, zone="America/New_York")))
    async with open_house(shared_database_url, shelf=shelf) as opened:
        yield opened


async def denied(
    house: House,
    word: Word = Word.MEDICAL_NECESSITY,
    *,
    message: str | None = None,
    ago: timedelta = timedelta(0),
    suggested: NextAction | None = None,
    appeal: FollowUp | None = None,
) -> str:
    """A case whose first line is denied for this reason, by the payer's own time so long ago."""
    case_id = await house.submit()
    reason = Reason(word=word, suggested=suggested)
    result = LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED, reasons=(reason,))
    granted = LineResult(line="2", outcome=LineOutcome.CERTIFIED)
    said = Outcome(
        answer=Answer.REVIEWED,
        lines=(result, granted),
        effective_at=datetime.now(UTC) - ago,
        messages=(message,) if message else (),
        follow_up=(appeal,) if appeal else (),
    )
    held = submission(case_id, status=CaseStatus.PARTIALLY_APPROVED)
    standing = settle(("1", "2"), Delivery.APP_ACKED, [Heard(said, datetime.now(UTC))])
    entry = NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), held.id)
    await house.write(case_id, submissions=(held,), entries=(entry,), standing=standing)
    return str(case_id)


async def shown(house: House, case_id: str) -> dict[str, Any]:
    response = await house.call("GET", f"/v1/requests/{case_id}/recourse")
    assert response.status == 200, await response.text()
    found: dict[str, Any] = await response.json()
    return found


async def post(house: House, case_id: str, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    response = await house.call("POST", f"/v1/requests/{case_id}/{path}", body, **headers)
    return response.status, await response.json()


def to_come(hours: float) -> dict[str, Any]:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    return {"start": start.isoformat().replace("+00:00", "Z"), "minutes": 20}


async def events(house: House, case_id: str) -> list[dict[str, Any]]:
    found = (await (await house.call("GET", f"/v1/requests/{case_id}/events")).json())["data"]
    return [event for event in found if event["type"].startswith("case.peer_to_peer")]


async def ring(house: House, now: datetime) -> int:
    """What a worker's sweep does at that time."""
    async with house.database.transaction() as connection:
        due = await claim_talks(house.database, connection, 500, now=now)
    for case_id, _ in due:
        await talking.tell_time(house.database, case_id, now)
    return len(due)


async def test_a_clinical_denial_offers_a_talk_and_an_appeal_with_their_ends(house: House) -> None:
    case_id = await denied(house)
    found = await shown(house, case_id)
    assert found["denied"] == ["1"]
    ways = {option["way"]: option for option in found["options"]}
    assert ways.keys() == {"peer_to_peer", "appeal"}
    assert (ways["peer_to_peer"]["path"], ways["peer_to_peer"]["phone"]) == ("made_up_talks", "2155550142")
    assert ways["peer_to_peer"]["suggested"]
    appeal = ways["appeal"]
    assert (appeal["level"], appeal["path"], appeal["decides_in"], appeal["over"]) == (
        1,
        "internal_appeal",
        "30 calendar days",
        False,
    )
    days = (datetime.fromisoformat(appeal["until"]) - datetime.now(UTC)).days
    assert 179 <= days <= 181
    assert "2560.503-1" in appeal["source"]
    assert found["evidence"]["known"] is False, "no policy of this payer is known"
    assert [each["line"] for each in found["evidence"]["lines"]] == ["1"]


async def test_another_denial_offers_a_new_request_and_no_talk(house: House) -> None:
    case_id = await denied(house, Word.INVALID_CODE)
    [option] = (await shown(house, case_id))["options"]
    assert (option["way"], option["change"], option["suggested"]) == ("resubmission", "correct_and_resubmit", True)
    status, problem = await post(house, case_id, "peer-to-peer", {"offered_by": "practice"})
    assert (status, "clinical" in problem["detail"]) == (409, True)
    assert (await post(house, case_id, "peer-to-peer", {"offered_by": "payer"}))[0] == 202, "what it offers is a fact"


@pytest.mark.parametrize(
    ("word", "change"),
    [(Word.SITE_OF_SERVICE, "change_site"), (Word.PREFERRED_ALTERNATIVE, "change_product")],
)
async def test_a_denied_site_or_product_is_resubmitted_with_another(house: House, word: Word, change: str) -> None:
    first, *others = (await shown(house, await denied(house, word)))["options"]
    assert (first["way"], first["change"]) == ("resubmission", change)
    assert "appeal" in {option["way"] for option in others}
    assert ("peer_to_peer" in {option["way"] for option in others}) is (word is Word.PREFERRED_ALTERNATIVE)


async def test_the_payers_own_words_come_before_what_is_known_of_it(house: House) -> None:
    message = "Denied: not medically necessary. A peer-to-peer may be requested within 48 hours at 800-555-0177."
    case_id = await denied(house, message=message)
    option = next(each for each in (await shown(house, case_id))["options"] if each["way"] == "peer_to_peer")
    assert (option["phone"], option["path"]) == ("8005550177", None)
    left = datetime.fromisoformat(option["until"]) - datetime.now(UTC)
    assert timedelta(hours=47) < left <= timedelta(hours=48)


async def test_a_talk_that_the_payer_says_is_over_is_not_suggested_and_keeps_nobody_from_trying(house: House) -> None:
    case_id = await denied(house, message="Denied: not medically necessary. Peer-to-peer is no longer available.")
    option = next(each for each in (await shown(house, case_id))["options"] if each["way"] == "peer_to_peer")
    assert (option["suggested"], option["over"]) == (False, True)
    assert "none any more" in option["doubt"]
    assert (await post(house, case_id, "peer-to-peer", {"offered_by": "practice"}))[0] == 202


async def appeal_of(house: House, case_id: str) -> dict[str, Any]:
    [found] = [each for each in (await shown(house, case_id))["options"] if each["way"] == "appeal"]
    option: dict[str, Any] = found
    return option


async def test_what_nobody_understood_and_the_payer_suggests_to_appeal_is_appealed(house: House) -> None:
    said = FollowUp(action=NextAction.APPEAL, line="1")
    case_id = await denied(house, Word.UNMAPPED, suggested=NextAction.APPEAL, appeal=said)
    option = await appeal_of(house, case_id)
    assert (option["suggested"], option["how"]) == (True, "POST /v1/requests/{id}/appeal")


@pytest.mark.parametrize("word", [Word.MEDICAL_NECESSITY, Word.UNMAPPED])
async def test_the_last_day_that_the_notice_names_ends_the_window(house: House, word: Word) -> None:
    last = datetime.now(UTC).date() + timedelta(days=14)
    case_id = await denied(house, word, appeal=FollowUp(action=NextAction.APPEAL, line="1", until=last))
    option = await appeal_of(house, case_id)
    ends = datetime.fromisoformat(option["until"]).astimezone(ZoneInfo("America/New_York"))
    assert (ends.date(), ends.hour) == (last, 23)
    assert str(last) in option["doubt"], "and that the rule gives longer"


async def test_a_day_after_the_rules_own_end_is_a_doubt(house: House) -> None:
    last = datetime.now(UTC).date() + timedelta(days=300)
    case_id = await denied(house, appeal=FollowUp(action=NextAction.APPEAL, line="1", until=last))
    option = await appeal_of(house, case_id)
    assert 179 <= (datetime.fromisoformat(option["until"]) - datetime.now(UTC)).days <= 181
    assert str(last) in option["doubt"]


async def test_no_appeal_is_sent_to_a_payer_that_takes_none_this_way(house: House) -> None:
    said = FollowUp(action=NextAction.APPEAL, line="1", elsewhere=True)
    case_id = await denied(house, appeal=said)
    option = await appeal_of(house, case_id)
    assert "as the payer's notice says" in option["how"]
    status, problem = await post(house, case_id, "appeal", {"reason": "It did fail."})
    assert (status, "takes no appeal of line 1" in problem["detail"]) == (409, True)


async def test_a_window_that_has_ended_is_told_and_keeps_nobody_from_trying(house: House) -> None:
    case_id = await denied(house, ago=timedelta(days=200))
    found = {option["way"]: option for option in (await shown(house, case_id))["options"]}
    assert found["appeal"]["over"]
    assert found["peer_to_peer"]["over"]
    assert (await post(house, case_id, "peer-to-peer", {"offered_by": "practice"}))[0] == 202
    [talk] = (await shown(house, case_id))["peer_to_peer"]
    assert (talk["late"], talk["until"]) == (True, None)


async def test_a_talk_is_opened_once_scheduled_moved_and_told(house: House) -> None:
    case_id = await denied(house)
    opening = {"offered_by": "payer", "slots": [to_come(5)]}
    first = await post(house, case_id, "peer-to-peer", opening, Idempotency_Key="one")
    assert first[0] == 202
    assert await post(house, case_id, "peer-to-peer", opening, Idempotency_Key="one") == first
    status, problem = await post(house, case_id, "peer-to-peer", opening, Idempotency_Key="two")
    assert (status, "Talk 1" in problem["detail"]) == (409, True)
    [talk] = (await shown(house, case_id))["peer_to_peer"]
    assert (talk["n"], talk["state"], talk["lines"], talk["phone"]) == (1, "offered", ["1"], "2155550142")
    ics = f"/v1/requests/{case_id}/peer-to-peer/1/invitation.ics"
    assert (await house.call("GET", ics)).status == 409
    assert (await post(house, case_id, "peer-to-peer/1/slots", {"by": "practice", "slots": [to_come(7)]}))[0] == 202
    for hours in (7, 8):
        assert (await post(house, case_id, "peer-to-peer/1/schedule", {"slot": to_come(hours)}))[0] == 202
    response = await house.call("GET", ics)
    assert response.content_type == "text/calendar"
    calendar = Calendar.from_ical(await response.read())
    [event] = calendar.walk("VEVENT")
    assert (str(calendar["method"]), int(event["sequence"])) == ("PUBLISH", 1)
    assert case_id in str(event["summary"])
    listed = await (await house.call("GET", f"/v1/requests/{case_id}/peer-to-peer")).json()
    assert listed["data"][0]["invitation"] == ics
    assert (await post(house, case_id, "peer-to-peer/1/outcome", {"outcome": "upheld"}))[0] == 202
    assert (await post(house, case_id, "peer-to-peer/1/schedule", {"slot": to_come(9)}))[0] == 409
    assert [event["data"]["talk"]["state"] for event in await events(house, case_id)] == [
        "offered",
        "requested",
        "scheduled",
        "scheduled",
        "held",
    ]
    assert (await post(house, case_id, "peer-to-peer/2/outcome", {"outcome": "upheld"}))[0] == 404


async def test_an_invitation_holds_nothing_of_the_patient(house: House) -> None:
    case_id = await denied(house)
    await post(house, case_id, "peer-to-peer", {"offered_by": "practice"})
    await post(house, case_id, "peer-to-peer/1/schedule", {"slot": to_come(3)})
    written = await (await house.call("GET", f"/v1/requests/{case_id}/peer-to-peer/1/invitation.ics")).text()
    async with house.database.transaction() as connection:
        case = await cases.load_case(house.database, connection, UUID(case_id))
    assert case is not None
    patient = case.request.patient
    for secret in (patient.last_name, patient.first_name, case.request.coverages[0].member_id, case.request.reference):
        assert secret not in written


async def test_a_talk_that_nobody_tells_the_end_of_is_warned_of_and_missed(house: House) -> None:
    case_id = await denied(house)
    until = datetime.now(UTC) + timedelta(days=3)
    await post(house, case_id, "peer-to-peer", {"offered_by": "payer", "until": until.isoformat()})
    await ring(house, until - timedelta(days=2))
    assert len(await events(house, case_id)) == 1, "not yet"
    for now in (until - timedelta(hours=23), until - timedelta(hours=12)):
        await ring(house, now)
    await ring(house, until + timedelta(minutes=5))
    await ring(house, until + timedelta(days=9))
    told = await events(house, case_id)
    assert [event["type"] for event in told] == [
        "case.peer_to_peer",
        "case.peer_to_peer_ending",
        "case.peer_to_peer_missed",
    ]
    assert datetime.fromisoformat(told[1]["data"]["talk"]["ends_at"]) == until
    assert told[2]["data"]["talk"]["state"] == "missed"
    assert {event["data"]["status"] for event in told} == {"partially_approved"}, "the case is what the payer decided"
    assert (await post(house, case_id, "peer-to-peer/1/outcome", {"outcome": "withdrawn"}))[0] == 409
    assert (await post(house, case_id, "peer-to-peer", {"offered_by": "payer"}))[0] == 202, "another may be opened"
    slot = {"start": (until + timedelta(days=9)).isoformat(), "minutes": 20}
    assert (await post(house, case_id, "peer-to-peer/1/schedule", {"slot": slot}))[0] == 409
    assert (await post(house, case_id, "peer-to-peer/1/outcome", {"outcome": "upheld"}))[0] == 202, "it was held"
    assert (await events(house, case_id))[-1]["data"]["talk"] == {
        "n": 1,
        "state": "held",
        "lines": told[2]["data"]["talk"]["lines"],
        "ends_at": None,
        "outcome": "upheld",
    }
    assert (await post(house, case_id, "peer-to-peer/1/outcome", {"outcome": "overturned"}))[0] == 409, "it was told"


async def test_a_time_is_named_once(house: House) -> None:
    case_id = await denied(house)
    slot = {"start": "2099-03-10T15:00:00Z", "minutes": 20}
    same = {"start": "2099-03-10T16:00:00+01:00", "minutes": 30}
    status, refused = await post(house, case_id, "peer-to-peer", {"offered_by": "payer", "slots": [slot, same]})
    assert (status, [one["pointer"] for one in refused["faults"]]) == (422, ["/slots"])


async def test_what_is_overturned_on_the_telephone_is_asked_for_in_writing(house: House) -> None:
    case_id = await denied(house)
    await post(house, case_id, "peer-to-peer", {"offered_by": "payer"})
    before = datetime.now(UTC)
    assert (await post(house, case_id, "peer-to-peer/1/outcome", {"outcome": "overturned"}))[0] == 202
    case = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert (case["status"], case["lines"][0]["outcome"]) == ("partially_approved", "not_certified")
    assert datetime.fromisoformat(case["submissions"][0]["due_at"]) >= before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"offered_by": "payer", "lines": ["9"]}, "/lines/0"),
        ({"offered_by": "payer", "lines": ["1", "2"]}, "/lines/1"),
        ({"offered_by": "payer", "until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"offered_by": "payer", "slots": [{"start": "2020-01-01T00:00:00Z"}]}, "/slots/0/start"),
    ],
)
async def test_what_does_not_fit_is_named(house: House, body: dict[str, Any], pointer: str) -> None:
    status, problem = await post(house, await denied(house), "peer-to-peer", body)
    assert status == 422
    assert [fault["pointer"] for fault in problem["faults"]] == [pointer]


async def test_nothing_of_a_talk_is_kept_unless_all_of_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = await denied(house)

    async def dies(*_: Any) -> None:
        raise ConnectionError("made up")

    with monkeypatch.context() as broken:
        broken.setattr(talking, "set_looks", dies)
        assert (await post(house, case_id, "peer-to-peer", {"offered_by": "payer"}, Idempotency_Key="k"))[0] >= 500
    assert (await shown(house, case_id))["peer_to_peer"] == []
    assert await events(house, case_id) == []
    assert (await post(house, case_id, "peer-to-peer", {"offered_by": "payer"}, Idempotency_Key="k"))[0] == 202
    assert len((await shown(house, case_id))["peer_to_peer"]) == 1


async def test_another_tenant_sees_nothing_of_it(house: House) -> None:
    case_id = await denied(house)
    await post(house, case_id, "peer-to-peer", {"offered_by": "payer"})
    stranger = await house.key(tenant=f"other-{uuid4().hex}")
    for path in ("recourse", "peer-to-peer", "peer-to-peer/1/invitation.ics"):
        assert (await house.call("GET", f"/v1/requests/{case_id}/{path}", token=stranger)).status == 404
    body = {"outcome": "upheld"}
    path = f"/v1/requests/{case_id}/peer-to-peer/1/outcome"
    assert (await house.call("POST", path, body, token=stranger)).status == 404


async def appealed(house: House, case_id: str, ago: timedelta) -> None:
    """An appeal of line 1 that was asked for so long ago, and that the payer has denied since."""
    async with house.database.transaction() as connection:
        case = await cases.load_case(house.database, connection, UUID(case_id), lock=True)
        assert case is not None
        [held] = case.submissions
        asked_at = datetime.now(UTC) - ago
        attempt = Attempt(
            id=uuid4(),
            submission_id=held.id,
            verb=Verb.AMEND,
            stamp=Stamp(at=asked_at, number=7, seed="0" * 32),
            delivery=Delivery.APP_ACKED,
            planned_at=asked_at,
            work=Change(kind=ChangeKind.APPEAL, reason="Made up.", lines=("1",)),
        )
        line = LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED, reasons=(Reason(word=Word.APPEAL_UPHELD),))
        said = Outcome(answer=Answer.REVIEWED, lines=(line,))
        meta = {"verb": Verb.AMEND, "appeal": True}
        entry = NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), held.id, attempt.id, meta=meta)
        await cases.write(house.database, connection, case, Step(case.id, attempts=(attempt,), entries=(entry,)))
        now = await cases.load_case(house.database, connection, case.id)
        assert now is not None
        [stood] = await house.desk.docket.read(connection, now)
        assert stood.heard
        await cases.write(house.database, connection, now, Step(case.id, standing=stood.standing))


async def test_an_appeal_has_its_level_and_the_next_one_is_the_next_level(house: House) -> None:
    case_id = await denied(house)
    await appealed(house, case_id, timedelta(0))
    found = await shown(house, case_id)
    [appeal] = found["appeals"]
    assert (appeal["state"], appeal["level"], appeal["name"], appeal["warning"]) == (
        "upheld",
        1,
        "Internal appeal",
        None,
    )
    [option] = [each for each in found["options"] if each["way"] == "appeal"]
    assert (option["level"], option["path"]) == (2, "external_review")
    assert option["decided_by"] == "An independent review organization"
    assert "peer_to_peer" not in {each["way"] for each in found["options"]}, "that is before the first appeal"
    case = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert [each["level"] for each in case["appeals"]] == [1]


async def test_an_appeal_that_the_payer_is_asked_for_again_is_not_the_next_level(house: House) -> None:
    case_id = await denied(house)
    for _ in range(3):
        await appealed(house, case_id, timedelta(0))
    found = await shown(house, case_id)
    assert [(each["level"], each["name"]) for each in found["appeals"]] == [(1, "Internal appeal")] * 3
    first, *again = [each["warning"] for each in found["appeals"]]
    assert first is None
    assert all(each.startswith("asked_again: ") and each.endswith(": External review.") for each in again)
    [option] = [each for each in found["options"] if each["way"] == "appeal"]
    assert (option["level"], option["path"]) == (2, "external_review"), "nobody has asked for that yet"
    assert option["until"] is not None


async def test_an_appeal_after_its_window_is_taken_and_says_so(house: House) -> None:
    case_id = await denied(house, ago=timedelta(days=200))
    await appealed(house, case_id, timedelta(seconds=-1))
    [appeal] = (await shown(house, case_id))["appeals"]
    assert appeal["warning"].startswith("appeal_after_window: 180 calendar days from the notice, 29 CFR 2560.503-1")


async def test_an_appeal_after_the_day_that_the_notice_names_says_so(house: House) -> None:
    last = datetime.now(UTC).date() - timedelta(days=3)
    case_id = await denied(house, appeal=FollowUp(action=NextAction.APPEAL, line="1", until=last))
    await appealed(house, case_id, timedelta(0))
    [appeal] = (await shown(house, case_id))["appeals"]
    assert appeal["warning"] == f"appeal_after_window: {last} is the last day that the payer's notice names."
    assert datetime.fromisoformat(appeal["until"]).astimezone(ZoneInfo("America/New_York")).date() == last
