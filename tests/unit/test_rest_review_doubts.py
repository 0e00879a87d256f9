"""What the service-review channel does not take for granted: whose a review is, of what kind its members, silence."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.rest_review.write import reference
from gateway.contract.destination import Mode
from gateway.model.outcome import Answer
from gateway.model.status import Attention, LineOutcome
from tests.unit.review_material import (
    STAMP,
    destination,
    inquired,
    outcomes,
    reply,
    review,
)

WRONG: list[Any] = [{"code": "A3"}, ["A3"], True, [], {}]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "name",
    [
        "statusCode",
        "quantity",
        "quantityTypeCode",
        "certificationExpirationDate",
        "toDate",
        "statusReasons",
        "modifierCode2",
    ],
)
def test_a_member_of_a_procedure_that_is_of_another_kind_is_not_absent(name: str, wrong: Any) -> None:
    if name == "statusReasons" and wrong == []:
        return
    plain = {"statusCode": "A1"}
    heard = inquired(reply(review("A1", plain | {name: wrong}, plain)))
    assert heard.lines[0].outcome is LineOutcome.UNKNOWN
    assert heard.lines[1].outcome is LineOutcome.CERTIFIED
    assert "not of its kind" in (heard.attention_why or "")
    assert outcomes(inquired(reply(review("A1", plain | {name: None}, plain | {name: None}))))[1] == "certified"


@pytest.mark.parametrize(
    "more",
    [
        *(
            {name: wrong}
            for wrong in ({"code": "A3"}, ["A3"], True)
            for name in ("statusCode", "id", "quantity", "toDate")
        ),
        {"procedures": {"code": "J1745", "statusCode": "A3"}},
        {"procedures": ["A3"]},
        {"subscriber": {"memberId": ["ZZZ"]}},
        {"subscriber": "ZZZ"},
        {"patient": {"birthDate": {"day": "1999-01-01"}}},
        {"statusReasons": [["0F"]]},
        {"validationMessages": "refused"},
    ],
)
def test_a_review_with_a_member_of_another_kind_decides_nothing(more: dict[str, Any]) -> None:
    heard = inquired(reply(review("A1", {"statusCode": "A1"}, {"statusCode": "A1"}) | more))
    assert (heard.answer, heard.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


@pytest.mark.parametrize(("day", "read"), [("2027-06-01garbage", False), ("2027-06-01T00:00:00.000+0000", True)])
def test_a_day_is_a_whole_day_and_nothing_behind_it(day: str, read: bool) -> None:
    heard = inquired(
        reply(review("A1", {"statusCode": "A1", "certificationExpirationDate": day}, {"statusCode": "A1"}))
    )
    assert heard.lines[0].outcome is (LineOutcome.CERTIFIED if read else LineOutcome.UNKNOWN)


@pytest.mark.parametrize("number", ["9e999998", "1e9999999", "1E400", "1_0", "٣", "1" * 13, "+1"])
def test_a_quantity_that_is_no_plain_number_is_not_read(number: str) -> None:
    heard = inquired(reply(review("A1", {"statusCode": "A1", "quantity": number}, {"statusCode": "A1"})))
    assert (heard.lines[0].outcome, heard.lines[0].quantity) == (LineOutcome.UNKNOWN, None)


@pytest.mark.parametrize(
    "value",
    [
        review("A1") | {"id": "another"},
        review("A1") | {"subscriber": {"memberId": "OTHER"}},
        review("A1") | {"patient": {"birthDate": "1999-01-01"}},
        review("A1") | {"referenceNumber": "PGOTHER"},
        review("A1") | {"payer": {"id": "OTHERPAYER"}},
        review(None),
        {"statusCode": 200, "userMessage": "Something went wrong."},
    ],
)
def test_somebody_elses_review_and_one_that_says_nothing_decide_nothing(value: Any) -> None:
    heard = inquired(reply(value))
    assert (heard.answer, heard.lines, heard.references) == (Answer.UNMAPPED, (), ())
    assert heard.attention is Attention.OPERATOR


def test_a_grant_that_does_not_say_which_review_it_is_calls_a_person() -> None:
    plain = {"statusCode": "A1"}
    bare = {name: value for name, value in review("A1", plain, plain).items() if name != "id"}
    assert inquired(reply(bare)).attention is Attention.OPERATOR
    assert inquired(reply(bare | {"referenceNumber": reference(STAMP)})).attention is Attention.NONE
    assert inquired(reply(review("A1", plain, plain))).attention is Attention.NONE
    assert inquired(reply(bare | {"statusCode": "A4", "procedures": []})).attention is Attention.NONE


@pytest.mark.parametrize(
    ("member", "ours"), [("SIMCASE-01", True), ("simcase01 01", True), ("CASE01", False), ("SIMCASE02", False)]
)
def test_a_member_is_one_by_the_rules_of_the_278(member: str, ours: bool) -> None:
    heard = inquired(reply(review("A1") | {"subscriber": {"memberId": member}}))
    assert (heard.answer is Answer.REVIEWED) == ours


def test_made_up_data_on_a_live_connection_decides_nothing() -> None:
    heard = reply(review("A1"), x_api_mock_response="true")
    assert inquired(heard).answer is Answer.REVIEWED
    assert inquired(heard, to=destination(Mode.LIVE)).answer is Answer.UNMAPPED


def test_a_review_that_validation_refused_is_closed_and_can_be_filed_anew() -> None:
    fault = {"field": "subscriber.memberId", "code": "75", "errorMessage": "Not found."}
    heard = inquired(reply(review(None, validationMessages=[fault])))
    assert (heard.answer, heard.attention) == (Answer.CLOSED, Attention.PROVIDER)
    assert heard.reasons[0].text == "subscriber.memberId Not found."


@pytest.mark.parametrize(
    ("procedures", "more"),
    [
        (({"statusCode": "A1"}, {"statusCode": "A1"}), {}),
        (({}, {"statusCode": "A4"}), {}),
        (({}, {"certificationNumber": "N7"}), {}),
        ((), {"certificationNumber": "N7"}),
        ((), {"statusReasons": [{"code": "0F"}]}),
    ],
)
def test_a_review_without_a_word_is_not_closed_where_a_part_of_it_speaks(
    procedures: tuple[dict[str, Any], ...], more: dict[str, Any]
) -> None:
    noted = [{"code": "I1", "errorMessage": "Informational only."}]
    heard = inquired(reply(review(None, *procedures, validationMessages=noted, **more)))
    assert (heard.answer, heard.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_a_decided_review_that_validation_speaks_against_calls_a_person() -> None:
    noted = [{"code": "I1", "errorMessage": "Not found."}]
    heard = inquired(reply(review("A1", {"statusCode": "A1"}, {"statusCode": "A1"}, validationMessages=noted)))
    assert (outcomes(heard), heard.attention) == (["certified"] * 2, Attention.OPERATOR)
