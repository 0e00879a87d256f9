"""What answers a cancellation, and what is decided of a cancellation that was not asked for."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import DRUG, EVENT, INFUSION, LATER, MORE, STAMP, outcome_of, response, service, words


def not_understood(outcome: Any) -> bool:
    return (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())


def cancelled(*event: str, services: Any = (), um: str = EVENT) -> Any:
    document = response(um, *event, services=services, bht=traces.submission(LATER))
    return outcome_of(document, verb="cancel")


def test_a_filing_is_cancelled_where_the_event_says_so_and_no_service_says_otherwise() -> None:
    assert cancelled("HCR*C*AUTH1", services=[service(DRUG), service(INFUSION, "HCR*C")]).answer is Answer.CANCELLED
    assert all(not_understood(cancelled("HCR*C", services=[service(DRUG, f"HCR*{word}")])) for word in ("A1", "A3"))
    assert not_understood(cancelled("HCR*A3", services=[service(DRUG, "HCR*C")]))


def test_a_filing_is_cancelled_where_its_cancellation_is_certified() -> None:
    certified = service(DRUG, "HCR*A1")
    for services in ([], [certified], [service(DRUG)]):
        outcome = cancelled("HCR*A1*AUTH1", services=services, um="UM*HS*3")
        assert (outcome.answer, outcome.attention, outcome.lines) == (Answer.CANCELLED, Attention.NONE, ())
        assert not_understood(cancelled("HCR*A1*AUTH1", services=services))
    for other in ("A3", "A4", "A6", "C"):
        assert not_understood(cancelled("HCR*A1", services=[service(DRUG, f"HCR*{other}")], um="UM*HS*3"))
    # A word at the services alone may be what they were certified for before.
    assert not_understood(cancelled(services=[certified], um="UM*HS*3"))
    assert not_understood(cancelled("HCR*A1**0U", um="UM*HS*3"))


@pytest.mark.parametrize("word", ["A1", "A3", "A4", "A6"])
@pytest.mark.parametrize("verb", ["file", "inquire"])
def test_what_is_decided_of_a_cancellation_is_no_decision_on_the_filing(verb: str, word: str) -> None:
    bht = traces.submission(LATER if verb == "inquire" else STAMP)
    for services in ([], [service(DRUG, f"HCR*{word}")]):
        document = response("UM*HS*3", f"HCR*{word}*AUTH1", services=services, bht=bht)
        assert not_understood(outcome_of(document, verb=verb))
    found = outcome_of(response("UM*HS*3", "HCR*C*AUTH1", bht=bht), verb=verb)
    assert (found.answer, set(words(found).values())) == (Answer.REVIEWED, {LineOutcome.CANCELLED})


def test_a_filing_is_cancelled_where_the_service_of_every_line_says_so() -> None:
    assert cancelled(services=[service(part, "HCR*C") for part in (DRUG, INFUSION, MORE)]).answer is Answer.CANCELLED


def test_a_cancellation_of_some_lines_is_told_of_these_and_a_person_looks() -> None:
    outcome = cancelled(services=[service(DRUG, "HCR*C"), service(INFUSION)])
    assert (outcome.answer, outcome.attention) == (Answer.REVIEWED, Attention.OPERATOR)
    assert words(outcome) == {
        "drug": LineOutcome.CANCELLED,
        "infusion": LineOutcome.UNKNOWN,
        "more": LineOutcome.UNKNOWN,
    }
    assert not_understood(cancelled(services=[["HCR*C", "SV1*HC:J0897"]]))
