"""What a live run says of codes: those on no list are named, and what a published code leaves open accuses nobody."""

from __future__ import annotations

import pytest

from conformance.live.meaning import understood
from conformance.live.talk import Talk
from conformance.verdict import Verdict
from gateway.contract.destination import Destination
from gateway.model.outcome import Outcome
from tests.unit import review_material as reviews
from tests.x12_material import EVENT, destination, outcome_of, response


def told(outcome: Outcome, to: Destination) -> tuple[Verdict, str]:
    checks = {check.assertion: check for check in understood(Talk("filed", (), outcome, None), to)}
    return checks["RE-04"].verdict, checks["RE-04"].reason


@pytest.mark.parametrize(
    "said", ["HCR*A1*AUTH1*0F", "HCR*A3**0Q", "HCR*A3**25", "HCR*A3**0V", "HCR*A2*AUTH1", "AAA*N**33*C"]
)
def test_codes_that_are_on_the_lists_are_published_whatever_they_come_to(said: str) -> None:
    assert told(outcome_of(response(EVENT, said)), destination()) == (Verdict.PASS, "")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("HCR*A3**ZZ9", "reason ZZ9"),
        ("HCR*ZZ*AUTH1", "status ZZ"),
        ("HCR*a1*AUTH1", "status a1"),
        ("AAA*N**ZZ9*C", "reason ZZ9"),
    ],
)
def test_a_code_on_no_list_is_named(said: str, named: str) -> None:
    assert told(outcome_of(response(EVENT, said)), destination()) == (Verdict.FAIL, f"on no list: {named}")


def test_a_reviews_codes_are_named_too() -> None:
    partly = reviews.inquired(reviews.reply(reviews.review("A2", {"statusCode": "A1"}, {"statusCode": "A3"})))
    assert told(partly, reviews.TO) == (Verdict.PASS, "")
    unknown = reviews.review("A1", {"statusCode": "Z1"}, {"statusCode": "A3", "statusReasons": [{"code": "ZZ9"}]})
    heard = reviews.inquired(reviews.reply(unknown))
    assert told(heard, reviews.TO) == (Verdict.FAIL, "on no list: reason ZZ9, status Z1")
