"""Questions that payers ask: shown whole, answered step by step, sent once, over HTTP and on a real database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.api.examples import ANSWERS
from gateway.contract.adapter import Answers, Exchange, Filed, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.engine import recording
from gateway.model.outcome import Answer, LineResult, Outcome, RequestedItem
from gateway.model.questions import CodedReference, Detail, QuestionSet
from gateway.model.standing import Heard
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store.cases import load_case, write
from gateway.store.records import Attempt, DeliveryMove, EntryKind, NewEntry, Step, Verb
from tests.unit.api_house import House, Parrot, open_house, submission
from tests.unit.questions_material import a_set, choice, condition, number, select, text

NOW = datetime.now(UTC)
DOCUMENT = b"<Message>the payer's own bytes</Message>"
CREATININE = {"name": "Creatinine", "loinc": "2160-0", "result": "1.4", "unit": "mg/dL", "resulted_on": "2026-02-20"}
FACTS = {"laboratories": [CREATININE]}
CODES = (CodedReference(system="loinc", code="2160-0"), CodedReference(system="ucum", code="mg/dL"))
SET = a_set(
    select("q1", 1, choice("yes", "q2"), choice("no", "q3", detail=Detail.MANDATORY), to=None),
    number("q2", 2, condition("q3", "ge 2"), codes=CODES),
    text("q3", 3),
    deadline=NOW + timedelta(days=2),
)
YES = {"question": "q1", "chosen": [{"choice": "yes"}]}
NO = {"question": "q1", "chosen": [{"choice": "no", "detail": "Not tolerated."}]}
LOW = {"question": "q2", "number": "1.4"}


class Asker(Parrot):
    """A channel whose payer asks questions. Keeps what it was told to answer."""

    def __init__(self) -> None:
        self.told: list[tuple[Filed, Answers]] = []

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        for place, answer in enumerate(answers.questions):
            if answer.text == "unsayable":
                raise CannotExpress(Inexpressible(f"/questions/{place}/text", "It cannot travel.", "Say it plainly."))
        self.told.append((filed, answers))
        return super().answer(filed, answers, to, stamp)


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


@pytest.fixture
def asker(house: House) -> Asker:
    adapter = Asker()
    house.desk._adapters["parrot"] = adapter  # type: ignore[index]
    return adapter


async def case_asked(house: House, asked: QuestionSet = SET, **changes: Any) -> UUID:
    """A case whose payer asks these questions."""
    case_id = await house.submit(facts=FACTS, **changes)
    await ask(house, case_id, asked)
    return case_id


async def ask(house: House, case_id: UUID, asked: QuestionSet, document: bytes = DOCUMENT, **said: Any) -> None:
    """The payer asks: what a walk writes when that is heard."""
    lines = tuple(LineResult(line=line, outcome=LineOutcome.INFO_REQUESTED) for line in ("1", "2"))
    outcome = Outcome(**{"answer": Answer.REVIEWED, "lines": lines, "questions": asked, **said})
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        held = case.submissions[0] if case.submissions else submission(case_id, status=CaseStatus.RECEIVED)
        stamp = Stamp(at=datetime.now(UTC), number=1, seed="0" * 32)
        filing = held.filing or Attempt(uuid4(), held.id, Verb.SUBMIT, stamp, Delivery.APP_ACKED, stamp.at, stamp.at)
        filing = replace(filing, ended_at=stamp.at)
        held = held if held.filing else replace(held, attempts=(filing,))
        standing = recording.stand(held, [Heard(outcome, stamp.at)], now=stamp.at)
        entries = (
            NewEntry(EntryKind.DOCUMENT, document, held.id, filing.id),
            NewEntry(EntryKind.OUTCOME, outcome.model_dump_json().encode(), held.id, filing.id),
        )
        after = replace(held, status=standing.status, attention=Attention.PROVIDER)
        step = Step(case_id, submissions=(after,), attempts=(filing,), entries=entries, standing=standing)
        await write(house.database, connection, case, step)


async def answer(house: House, case_id: UUID, *questions: Any, submit: bool = False, **more: Any) -> Any:
    """What the API says to these answers, with its status."""
    key = {"Idempotency_Key": more.pop("key")} if "key" in more else {}
    body = {"round": SET.round, "questions": list(questions), "submit": submit, **more}
    response = await house.call("POST", f"/v1/requests/{case_id}/answers", body, **key)
    return response.status, await response.json()


async def rounds(house: House, case_id: UUID) -> list[dict[str, Any]]:
    response = await house.call("GET", f"/v1/requests/{case_id}/questions")
    assert response.status == 200
    found = await response.json()
    assert found["id"] == str(case_id)
    return list(found["data"])


async def attempts_of(house: House, case_id: UUID) -> list[Attempt]:
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id)
    assert case is not None
    return [attempt for held in case.submissions for attempt in held.attempts if attempt.verb is Verb.ANSWER]


async def test_an_open_round_is_shown_whole_with_what_the_request_answers_of_it(house: House) -> None:
    case_id = await case_asked(house)
    [shown] = await rounds(house, case_id)
    assert (shown["payer"], shown["round"], shown["overdue"]) == ("evergreen_health", SET.round, False)
    assert [question["id"] for question in shown["set"]["questions"]] == ["q1", "q2", "q3"]
    [proposed] = shown["proposed"]
    assert (proposed["question"], proposed["number"]) == ("q2", "1.4")
    assert proposed["taken_from"] == "/facts/laboratories/0"
    assert (shown["walk"]["path"], shown["walk"]["dropped"]) == ([], ["q2"])
    assert [question["id"] for question in shown["walk"]["next"]] == ["q1"]
    assert shown["form"]["required"] == ["q1"]
    assert shown["faults"] == shown["not_proposed"] == []
    case = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    [open_round] = case["questions"]
    assert (open_round["round"], open_round["payer"], open_round["overdue"]) == (SET.round, "evergreen_health", False)
    assert datetime.fromisoformat(open_round["deadline"]) == SET.deadline


async def test_a_case_without_questions_has_no_round_and_a_foreign_one_is_not_there(house: House) -> None:
    case_id = await house.submit()
    assert await rounds(house, case_id) == []
    asked = await case_asked(house)
    for token in (await house.key(tenant=f"{house.tenant}-other"), await house.key(mode=Mode.LIVE)):
        assert (await house.call("GET", f"/v1/requests/{asked}/questions", token=token)).status == 404
        body = {"round": SET.round, "questions": [YES]}
        assert (await house.call("POST", f"/v1/requests/{asked}/answers", body, token=token)).status == 404


async def test_answers_are_led_on_until_nothing_is_open_and_only_then_sent(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    status, told = await answer(house, case_id, YES, submit=True)
    assert (status, told["complete"], told["sent"], told["path"]) == (200, False, False, ["q1"])
    assert [question["id"] for question in told["next"]] == ["q2"]
    status, told = await answer(house, case_id, LOW, YES)
    assert (status, told["complete"], told["path"], told["next"]) == (200, True, ["q1", "q2"], [])
    assert not await attempts_of(house, case_id), "its payer's channel was asked whether it can say so, and no more"
    status, told = await answer(house, case_id, LOW, YES, submit=True)
    assert (status, told["id"]) == (202, str(case_id))
    filed, sent = asker.told[-1]
    assert filed.asked == DOCUMENT
    assert (sent.round, [one.question for one in sent.questions]) == (SET.round, ["q1", "q2"]), "in the walk's order"
    [attempt] = await attempts_of(house, case_id)
    assert attempt.work == sent
    assert await rounds(house, case_id) == []
    assert (await (await house.call("GET", f"/v1/requests/{case_id}")).json())["questions"] == []


async def test_an_answer_that_changes_drops_what_is_off_the_way_and_does_not_send_it(
    house: House, asker: Asker
) -> None:
    case_id = await case_asked(house)
    said = {"question": "q3", "text": "A rash."}
    status, told = await answer(house, case_id, NO, LOW, said)
    assert (status, told["dropped"], told["path"], told["complete"]) == (200, ["q2"], ["q1", "q3"], True)
    assert (await answer(house, case_id, NO, LOW, said, submit=True))[0] == 202
    assert [one.question for one in asker.told[-1][1].questions] == ["q1", "q3"]


async def test_answers_sent_again_under_their_key_are_sent_once(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    assert (await answer(house, case_id, YES, key="k"))[0] == 200, "what is not sent leaves the key free"
    first = await answer(house, case_id, YES, LOW, submit=True, key="k")
    assert await answer(house, case_id, YES, LOW, submit=True, key="k") == first
    assert first[0] == 202
    assert (await answer(house, case_id, NO, submit=True, key="k"))[0] == 422
    status, told = await answer(house, case_id, YES, LOW, submit=True)
    assert (status, told["detail"]) == (409, "This round was answered before; nothing is sent twice.")
    assert len(await attempts_of(house, case_id)) == 1


async def test_every_fault_of_answers_is_told_at_its_place_and_nothing_repeats_a_value(house: House) -> None:
    case_id = await case_asked(house)
    status, told = await answer(
        house,
        case_id,
        {"question": "q1", "chosen": [{"choice": "canary"}]},
        {"question": "q2", "text": "canary"},
        {"question": "canary", "text": "canary"},
        {"question": "q3", "text": "canary", "taken_from": "/facts/laboratories/0"},
        payer="bluestem_mutual",
    )
    assert (status, told["type"]) == (422, "urn:payer-gateway:problem:invalid-request")
    assert {(fault["pointer"], fault["code"]) for fault in told["faults"]} == {
        ("/questions/0/chosen/0/choice", "unknown_choice"),
        ("/questions/1/text", "wrong_kind"),
        ("/questions/2/question", "unknown_question"),
        ("/questions/3/taken_from", "taken_from"),
        ("/payer", "payer"),
    }
    assert all(fault["fix"] for fault in told["faults"])
    assert "canary" not in json.dumps(told)


async def test_a_proposed_answer_keeps_where_it_was_taken_from(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    [shown] = await rounds(house, case_id)
    assert (await answer(house, case_id, YES, shown["proposed"][0], submit=True))[0] == 202
    assert asker.told[0][1].questions[1].taken_from == "/facts/laboratories/0"


async def test_what_the_channel_cannot_carry_is_told_at_its_place_in_the_body(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    unsayable = {"question": "q3", "text": "unsayable"}
    for submit in (False, True):
        status, told = await answer(house, case_id, unsayable, LOW, NO, submit=submit, key="k")
        assert (status, [fault["pointer"] for fault in told["faults"]]) == (422, ["/questions/0/text"])
    assert (await answer(house, case_id, NO, {"question": "q3", "text": "A rash."}, submit=True, key="k"))[0] == 202


async def test_answers_to_another_round_are_refused_with_the_open_one_named(house: House) -> None:
    case_id = await house.submit()
    status, told = await answer(house, case_id, YES)
    assert (status, told["detail"]) == (409, "The payer asks no questions now; the case is queued.")
    await ask(house, case_id, SET)
    later = SET.model_copy(update={"round": "6" * 32, "questions": (text("only", 1),)})
    await ask(house, case_id, later)
    status, told = await answer(house, case_id, YES)
    assert status == 409
    assert later.round in told["detail"]
    [shown] = await rounds(house, case_id)
    assert shown["round"] == later.round


async def test_each_round_is_answered_over_the_document_that_asked_it(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    assert (await answer(house, case_id, YES, LOW, submit=True))[0] == 202
    later = SET.model_copy(update={"round": "6" * 32, "questions": (text("only", 1),)})
    await ask(house, case_id, later, b"<Message>more</Message>")
    only = {"question": "only", "text": "So."}
    assert (await answer(house, case_id, only, submit=True, round=later.round))[0] == 202
    assert [filed.asked for filed, _ in asker.told] == [DOCUMENT, b"<Message>more</Message>"]
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id)
        assert case is not None
        first, second = await attempts_of(house, case_id)
        for attempt, document in ((first, DOCUMENT), (second, b"<Message>more</Message>")):
            clerk = house.desk._walker.clerk
            assert await clerk.asking(connection, case, case.submissions[0], attempt) == document


async def test_after_the_deadline_no_answers_are_taken_and_it_is_said_what_to_do(house: House) -> None:
    late = SET.model_copy(update={"deadline": datetime(2026, 3, 2, 23, 59, tzinfo=UTC)})
    case_id = await case_asked(house, late)
    status, told = await answer(house, case_id, YES, LOW, submit=True)
    assert (status, told["type"]) == (409, "urn:payer-gateway:problem:not-now")
    assert told["detail"].startswith("The payer took answers until 2026-03-02T23:59:00Z. Submit the request anew")
    [shown] = await rounds(house, case_id)
    assert shown["overdue"] is True


async def test_a_document_that_a_round_requires_goes_with_its_answers(house: House, asker: Asker) -> None:
    case_id = await case_asked(house, SET.model_copy(update={"attachment_required": True}))
    status, told = await answer(house, case_id, YES, LOW, submit=True)
    assert (status, [fault["pointer"] for fault in told["faults"]]) == (422, ["/attachments"])
    assert (await answer(house, case_id, YES, LOW))[0] == 200
    documents = ANSWERS["attachments"]
    status, told = await answer(house, case_id, YES, LOW, submit=True, attachments=documents, note="See the notes.")
    assert status == 202, told
    sent = asker.told[-1][1]
    assert ([one.id for one in sent.attachments], sent.note) == (["note-1"], "See the notes.")


async def test_a_document_that_no_round_asks_for_does_not_go_with_answers(house: House) -> None:
    case_id = await case_asked(house)
    status, told = await answer(house, case_id, YES, LOW, submit=True, attachments=ANSWERS["attachments"])
    assert (status, [fault["code"] for fault in told["faults"]]) == (422, ["not_asked"])
    status, told = await answer(house, case_id, YES, LOW, submit=True, **ANSWERS)
    assert [fault["code"] for fault in told["faults"]] == ["apart", "not_asked"]


async def test_a_payer_that_asks_only_questions_is_sent_no_documents(house: House) -> None:
    case_id = await case_asked(house)
    refused = await house.call("POST", f"/v1/requests/{case_id}/answers", dict(ANSWERS))
    problem = await refused.json()
    assert refused.status == 409
    assert problem["detail"].endswith(f"/v1/requests/{case_id}/questions.")


async def test_documents_that_are_asked_for_beside_questions_are_sent_apart(house: House, asker: Asker) -> None:
    case_id = await house.submit()
    item = RequestedItem(kind="other", control_number=ANSWERS["control_numbers"]["note-1"])
    await ask(house, case_id, SET, requested=(item,))
    assert (await house.call("POST", f"/v1/requests/{case_id}/answers", dict(ANSWERS))).status == 202
    assert (await answer(house, case_id, YES, LOW, submit=True))[0] == 202
    assert [bool(answers.questions) for _, answers in asker.told] == [False, True]
    assert len(await rounds(house, case_id)) == 0


async def test_a_set_that_cannot_be_walked_says_so_and_sends_nothing(house: House) -> None:
    case_id = await case_asked(house, a_set(text("a", 1, "nobody")))
    [shown] = await rounds(house, case_id)
    [fault] = shown["faults"]
    assert (fault["question"], fault["code"], fault["blocks"]) == ("a", "dangling", True)
    status, told = await answer(house, case_id, {"question": "a", "text": "So."}, submit=True)
    assert (status, told["complete"], told["fault"]["code"]) == (200, False, "dangling")
    assert not await attempts_of(house, case_id)


async def test_answers_that_the_payer_refused_leave_the_round_open(house: House, asker: Asker) -> None:
    case_id = await case_asked(house)
    assert (await answer(house, case_id, YES, LOW, submit=True))[0] == 202
    [attempt] = await attempts_of(house, case_id)
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id, lock=True)
        assert case is not None
        moves = (DeliveryMove(attempt.id, Delivery.PLANNED, Delivery.REFUSED, "the payer refused it"),)
        await write(house.database, connection, case, Step(case_id, moves=moves))
    assert len(await rounds(house, case_id)) == 1
    assert (await answer(house, case_id, YES, LOW, submit=True))[0] == 202


async def test_answers_without_their_round_are_told_the_rule(house: House) -> None:
    response = await house.call("POST", f"/v1/requests/{uuid4()}/answers", {"questions": [YES]})
    assert [fault["pointer"] for fault in (await response.json())["faults"]] == ["/round"]
