"""What the service-review channel reads of a review: whose it is, where it stands, and what each line got."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.rest_review import ADAPTER
from gateway.contract.adapter import Change, ChangeKind, Filed
from gateway.contract.drive import first_frame
from gateway.contract.errors import NotSent
from gateway.contract.frames import Reply
from gateway.model.outcome import Answer
from gateway.model.status import Attention, LineOutcome
from tests.unit.review_material import (
    ENDPOINT,
    FILED,
    ID,
    REQUEST,
    STAMP,
    TO,
    cancelled,
    inquired,
    outcomes,
    reply,
    review,
    with_lines,
)

# What is read of a review.


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        ("A1", ["certified", "certified"]),
        ("a3", ["not_certified", "not_certified"]),
        ("A4", ["pending", "pending"]),
        ("A6", ["certified_modified", "certified_modified"]),
        ("CT", ["contact_payer", "contact_payer"]),
        ("NA", ["not_required", "not_required"]),
        ("A2", ["unknown", "unknown"]),
        ("P1", ["unknown", "unknown"]),
    ],
)
def test_a_review_of_one_word_decides_every_line_and_an_unknown_word_none(status: str, lines: list[str]) -> None:
    outcome = inquired(reply(review(status)))
    assert outcomes(outcome) == lines
    assert (outcome.attention is Attention.OPERATOR) == ("unknown" in lines)


def test_a_procedures_own_word_counts_over_the_reviews() -> None:
    outcome = inquired(reply(review("A1", {"statusCode": "A1"}, {"statusCode": "A3"}, certificationNumber="N7")))
    assert outcomes(outcome) == ["certified", "not_certified"]
    assert outcome.lines[0].authorization_number == "N7"
    assert outcome.lines[1].authorization_number is None


@pytest.mark.parametrize("status", [0, "0", "BR"])
def test_a_review_that_is_still_in_process_is_only_received(status: Any) -> None:
    outcome = inquired(reply(review(None) | {"statusCode": status}))
    assert (outcome.answer, outcome.lines) == (Answer.RECEIVED, ())


def test_202_on_a_read_goes_on_waiting() -> None:
    assert inquired(reply(None, 202)).answer is Answer.RECEIVED


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"quantity": "1"}, LineOutcome.CERTIFIED_MODIFIED),
        ({"quantity": "100000"}, LineOutcome.CERTIFIED),
        ({"quantity": "0"}, LineOutcome.UNKNOWN),
        ({"quantity": "some"}, LineOutcome.UNKNOWN),
        ({"quantity": "NaN"}, LineOutcome.UNKNOWN),
        ({"quantity": "-1"}, LineOutcome.UNKNOWN),
        ({"certificationExpirationDate": "2020-01-01"}, LineOutcome.CERTIFIED_MODIFIED),
        ({"certificationEffectiveDate": "2099-01-01"}, LineOutcome.CERTIFIED_MODIFIED),
        ({"certificationEffectiveDate": "soon"}, LineOutcome.UNKNOWN),
        ({"statusReasons": [{"code": "0F"}]}, LineOutcome.UNKNOWN),
        ({"statusReasons": [{"code": "4"}]}, LineOutcome.CERTIFIED_MODIFIED),
        ({"statusReasons": [{"code": "ZZ9"}]}, LineOutcome.UNKNOWN),
        ({"certificationNumber": "PENDING"}, LineOutcome.CERTIFIED),
        ({"code": "J0000"}, LineOutcome.UNKNOWN),
        ({"modifierCode1": "JW"}, LineOutcome.UNKNOWN),
    ],
)
def test_a_grant_of_something_else_is_no_plain_yes(more: dict[str, Any], outcome: LineOutcome) -> None:
    heard = inquired(reply(review("A1", {"statusCode": "A1"} | more, {"statusCode": "A1"})))
    assert heard.lines[0].outcome is outcome
    assert heard.lines[1].outcome is LineOutcome.CERTIFIED
    assert heard.lines[0].authorization_number is None


@pytest.mark.parametrize("event", ["A1", "A2", "A3", "C"])
@pytest.mark.parametrize("at_work", ["0", "BR", 0])
def test_a_procedure_that_is_still_at_work_is_pending_whatever_the_review_says(event: str, at_work: Any) -> None:
    heard = inquired(reply(review(event, {"statusCode": at_work}, {"statusCode": "A3"}, certificationNumber="N7")))
    assert outcomes(heard) == ["pending", "not_certified"]
    assert (heard.final, heard.answer) == (False, Answer.REVIEWED)
    assert heard.lines[0].authorization_number is None


@pytest.mark.parametrize(
    ("event", "words", "person"),
    [
        ("A3", "A1 A1", True),
        ("A4", "A6 A1", True),
        ("C", "A1 A3", True),
        ("A3", "A1 A3", False),
        ("A1", "A1 A3", False),
    ],
)
def test_a_procedure_granted_in_a_review_that_is_not_calls_a_person_unless_another_explains_it(
    event: str, words: str, person: bool
) -> None:
    heard = inquired(reply(review(event, *({"statusCode": word} for word in words.split()))))
    assert heard.lines[0].outcome in (LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED)
    assert (heard.attention is Attention.OPERATOR) == person
    assert ("granted in a review that is not" in (heard.attention_why or "")) == person


def test_a_denial_whose_reason_says_that_nothing_was_denied_is_none() -> None:
    heard = inquired(reply(review("A3", {"statusCode": "A3", "statusReasons": [{"code": "0W"}]}, {"statusCode": "A3"})))
    assert outcomes(heard) == ["pending", "not_certified"]


@pytest.mark.parametrize(
    ("status", "reason", "outcome", "person"),
    [
        ("A4", "0U", "info_requested", False),
        ("A3", "0W", "pending", False),
        ("A3", "0V", "unknown", True),
        ("A3", "ZZ9", "not_certified", True),
        ("A1", "0U", "unknown", True),
        ("A1", "10", "certified_modified", False),
        ("A1", "ZZ9", "unknown", True),
    ],
)
def test_a_reason_counts_the_same_at_the_review_and_at_procedures_that_repeat_its_word(
    status: str, reason: str, outcome: str, person: bool
) -> None:
    told = {"statusReasons": [{"code": reason}]}
    word = {"statusCode": status}
    for heard in (
        review(status, word, word, **told),
        review(status, word | told, word | told),
        review(status, word | told, word | told, **told),
        review(status, {}, {}, **told),
    ):
        found = inquired(reply(heard))
        assert outcomes(found) == [outcome, outcome]
        assert [[given.code for given in line.reasons] for line in found.lines] == [[reason], [reason]]
        assert (found.attention is Attention.OPERATOR) == person


def test_a_reason_of_the_review_is_not_one_of_a_procedure_that_was_decided_otherwise() -> None:
    told = {"statusReasons": [{"code": "0F"}]}
    found = inquired(reply(review("A3", {"statusCode": "A3"}, {"statusCode": "A4"}, **told)))
    assert outcomes(found) == ["not_certified", "pending"]
    assert [len(line.reasons) for line in found.lines] == [1, 0]
    assert outcomes(inquired(reply(review("A2", {"statusCode": "A1"}, {"statusCode": "A3"}, **told))))[0] == "certified"


def test_a_reason_against_a_grant_counts_for_whatever_the_review_grants() -> None:
    told = {"statusReasons": [{"code": "0F"}]}
    found = inquired(reply(review("A6", {"statusCode": "A1"}, {"statusCode": "A6"}, **told)))
    assert outcomes(found) == ["unknown", "unknown"]


def test_a_review_granted_with_changes_that_no_procedure_names_changes_all_that_it_grants() -> None:
    plain = {"statusCode": "A1"}
    found = inquired(reply(review("A6", plain, plain)))
    assert outcomes(found) == ["certified_modified"] * 2
    assert found.sources["/lines/0/outcome"].path == "/statusCode"
    assert outcomes(inquired(reply(review("A6", plain, {"statusCode": "A6"})))) == ["certified", "certified_modified"]
    assert outcomes(inquired(reply(review("A6", plain, {"statusCode": "A3"})))) == ["certified", "not_certified"]


def test_what_is_asked_for_is_the_reason_that_asks_and_stands_at_its_own_line() -> None:
    other = {"statusCode": "A4", "statusReasons": [{"code": "0B"}]}
    asked = {"statusCode": "A4", "statusReasons": [{"code": "0B"}, {"code": "0U", "value": "Send notes."}]}
    found = inquired(reply(review("A4", other, asked)))
    assert [(item.code, item.line) for item in found.requested] == [("0U", "2")]
    assert found.sources["/requested/0"] == found.sources["/lines/1/reasons/1"]


def test_documents_that_are_asked_for_are_listed_with_the_payers_words() -> None:
    asked = {"statusCode": "A4", "statusReasons": [{"code": "0U", "value": "Send notes."}]}
    heard = inquired(reply(review("A4", asked, asked)))
    assert outcomes(heard) == ["info_requested", "info_requested"]
    assert [(item.text, item.line) for item in heard.requested] == [("Send notes.", "1"), ("Send notes.", "2")]


def same_code() -> Filed:
    line = REQUEST.lines[0].model_dump(mode="json")
    later = {**line, "id": "later", "dates": {"start": "2027-06-01", "end": "2027-07-01"}}
    return FILED.model_copy(update={"request": with_lines([line, later])})


def twins(*statuses: str, swapped: bool = False) -> dict[str, Any]:
    filed = same_code()
    told = json.loads(first_frame(ADAPTER.submit(filed.request, TO, STAMP)).redacted())["procedures"]
    listed = [{**said, "statusCode": status} for said, status in zip(told, statuses, strict=True)]
    return review("A2") | {"procedures": listed[::-1] if swapped else listed}


def test_lines_of_one_code_are_told_apart_only_by_what_repeats_them() -> None:
    filed = same_code()
    assert outcomes(inquired(reply(twins("A1", "A3")), filed)) == ["certified", "not_certified"]
    assert outcomes(inquired(reply(twins("A1", "A3", swapped=True)), filed)) == ["certified", "not_certified"]
    other = twins("A1", "A1", swapped=True)
    for procedure in other["procedures"]:
        procedure["fromDate"] = procedure["toDate"] = "2027-12-0" + str(other["procedures"].index(procedure) + 1)
    assert outcomes(inquired(reply(other), filed)) == ["unknown", "unknown"]
    bare = twins("A1", "A3")
    for procedure in bare["procedures"]:
        del procedure["fromDate"], procedure["toDate"]
    assert outcomes(inquired(reply(bare), filed)) == ["unknown", "unknown"]


def test_a_review_the_network_has_forgotten_calls_a_person_and_a_lost_api_is_asked_again() -> None:
    gone = {"statusCode": 404, "userMessage": "The requested resource does not exist."}
    assert inquired(reply(gone, 404)).answer is Answer.UNMAPPED
    for heard in (reply(b"<html>", 404, "text/html"), reply(None, 503), reply(None, 429)):
        with pytest.raises(NotSent):
            inquired(heard)


@pytest.mark.parametrize(
    ("heard", "answer"),
    [
        (reply(None, 204), Answer.CANCELLED),
        (reply(None, 202), Answer.RECEIVED),
        (reply({"statusCode": 400, "userMessage": "No."}, 400), Answer.CANCEL_REFUSED),
    ],
)
def test_a_cancellation_voids_the_review(heard: Reply, answer: Answer) -> None:
    assert cancelled(heard).answer is answer
    frame = first_frame(ADAPTER.amend(FILED, Change(kind=ChangeKind.CANCEL), TO, STAMP))
    assert (frame.method, frame.url, frame.effect) == ("DELETE", f"{ENDPOINT}/{ID}", True)


def test_a_voided_review_is_cancelled_when_it_is_read() -> None:
    assert inquired(reply(review("C", {"statusCode": "C"}, {"statusCode": "C"}))).answer is Answer.CANCELLED
