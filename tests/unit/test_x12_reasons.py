"""What a decision comes to for its reasons (HCR03): row by row of the table, and where its reasons do not agree.

The rows are written out here a second time, on purpose: nothing is read from the table that is tested.
"""

from __future__ import annotations

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer, ReferenceKind
from gateway.model.status import Attention, CaseStatus, LineOutcome, of_lines
from tests.x12_material import DRUG, EVENT, INFUSION, LATER, MORE, of_line, outcome_of, response, service, tables, words

DENIED, PENDING, FREE = LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING, LineOutcome.NOT_REQUIRED
FULL, LESS, OPEN = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN

ROWS = {
    code: words
    for codes, words in {
        "1 2 3 5 6 7 8 9 12 13 14 17 19 20 26": (DENIED, OPEN, OPEN),
        "0A 0C 0D 0E 0F 0K 0M 0N 0P 0R 0S 0T 0U 0X 0Y 0Z": (DENIED, OPEN, OPEN),
        "4 0G 0L 10 11 15 16 21 22 23 24": (DENIED, LESS, LESS),
        "0B 0J 0W": (PENDING, OPEN, OPEN),
        "0H 18": (FREE, FULL, LESS),
        "0V 25": (OPEN, OPEN, OPEN),
        "0Q": (OPEN, FULL, LESS),
        "27 28 29": (DENIED, FULL, LESS),
    }.items()
    for code in codes.split()
}
"""By code: what A3, A1 and A6 come to with it."""


def test_every_reason_of_the_table_is_told_here() -> None:
    assert set(ROWS) == set(tables()["x12_hcr03"].codes)


@pytest.mark.parametrize("code", sorted(ROWS))
@pytest.mark.parametrize(("word", "place"), [("A3", 0), ("A1", 1), ("A6", 2)])
def test_what_a_decision_comes_to_with_its_reason(word: str, place: int, code: str) -> None:
    expected = ROWS[code][place]
    above = outcome_of(response(EVENT, f"HCR*{word}*NUMBER1*{code}"))
    parts = (DRUG, INFUSION, MORE)
    below = outcome_of(response(EVENT, services=[service(part, f"HCR*{word}*NUMBER1*{code}") for part in parts]))
    for outcome in (above, below):
        assert set(words(outcome).values()) == {expected}
        assert (outcome.attention is Attention.OPERATOR) == (expected is OPEN)
        assert {reason.code for result in outcome.lines for reason in result.reasons} == {code}
        granted = {result.authorization_number for result in outcome.lines} == {"NUMBER1"}
        assert granted == (expected in (FULL, LESS))


@pytest.mark.parametrize(
    ("word", "codes", "expected"),
    [
        ("A3", "0F^0T", DENIED),
        ("A3", "0F^0W", OPEN),
        ("A3", "0F^0H", OPEN),
        ("A3", "0F^25", OPEN),
        ("A3", "0B^0W", PENDING),
        ("A3", "0H^0W", OPEN),
        ("A3", "0H^18", FREE),
        ("A3", "0H^ZZ", OPEN),
        ("A3", "0F^ZZ", DENIED),
        ("A1", "0H^0F", OPEN),
        ("A1", "4^18", OPEN),
        ("A6", "4^10", LESS),
        ("A6", "4^0F", OPEN),
    ],
)
def test_several_reasons_count_where_they_agree_and_else_a_person_looks(
    word: str, codes: str, expected: LineOutcome
) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*{word}**{codes}"))
    assert set(words(outcome).values()) == {expected}
    assert (outcome.attention is Attention.OPERATOR) == (expected is OPEN or "ZZ" in codes)


def test_what_needs_no_authorization_is_not_denied_and_what_is_under_review_is_pended() -> None:
    needless = outcome_of(response(EVENT, "HCR*A3**0H"))
    assert of_lines(words(needless).values()) is CaseStatus.NOT_REQUIRED
    waiting = outcome_of(response(EVENT, "HCR*A3*REV7*0W"))
    assert of_lines(words(waiting).values()) is CaseStatus.PENDED
    assert [(ref.kind, ref.value) for ref in waiting.references if ref.value == "REV7"] == [
        (ReferenceKind.REVIEW, "REV7")
    ]


@pytest.mark.parametrize("code", ["0F", "0M", "0U", "4"])
def test_nothing_needed_for_a_reason_that_refuses_is_for_a_person(code: str) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*NA**{code}"))
    assert set(words(outcome).values()) == {OPEN}
    assert outcome.attention is Attention.OPERATOR


def test_nothing_needed_because_nothing_is_needed_is_plain() -> None:
    outcome = outcome_of(response(EVENT, "HCR*NA**0H"))
    assert set(words(outcome).values()) == {FREE}
    assert outcome.attention is Attention.NONE


GRANTED = [service(part, "HCR*A1*AUTH1") for part in (DRUG, INFUSION, MORE)]


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ("HCR*A3**0H", FULL, "the payer does not grant the event and grants a service of it"),
        ("HCR*A3**0W", FULL, "the payer does not grant the event and grants a service of it"),
        ("HCR*A3**25", FULL, "the payer does not grant the event and grants a service of it"),
        ("HCR*A1*AUTH1*0F", OPEN, "the payer grants and gives a reason against it"),
        ("HCR*NA**0F", FULL, "the payer grants and gives a reason against it"),
    ],
)
def test_services_that_are_granted_in_an_event_that_is_not_quite_are_for_a_person(
    event: str, expected: LineOutcome, why: str
) -> None:
    outcome = outcome_of(response(EVENT, event, services=GRANTED))
    assert set(words(outcome).values()) == {expected}
    assert outcome.attention is Attention.OPERATOR
    assert why in (outcome.attention_why or "")


def test_the_number_of_a_refused_event_authorizes_no_service_of_it_whatever_the_reason() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A3*EV1*25", services=[service(DRUG, "HCR*A1")]))
    assert of_line(outcome, "drug").authorization_number is None


@pytest.mark.parametrize(
    ("code", "answer"), [("0F", Answer.CANCEL_REFUSED), ("0W", Answer.RECEIVED), ("25", Answer.UNMAPPED)]
)
def test_a_cancellation_is_refused_only_by_a_reason_that_refuses(code: str, answer: Answer) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*A3**{code}", trace=traces.event(LATER)), verb="cancel")
    assert outcome.answer is answer


def test_a_service_that_repeats_the_word_of_its_event_shows_the_reason_where_it_was_read() -> None:
    services = [service(DRUG, "HCR*A3"), service(INFUSION, "HCR*A3**0F"), service(MORE, "HCR*A4")]
    outcome = outcome_of(response(EVENT, "HCR*A3**0W", services=services))
    assert words(outcome) == {"drug": PENDING, "infusion": DENIED, "more": PENDING}
    reasons = [[reason.code for reason in result.reasons] for result in outcome.lines]
    assert reasons == [["0W"], ["0F"], []]
    paths = [outcome.sources[f"/lines/{place}/reasons/0/code"].path for place in (0, 1)]
    assert paths == ["2000E/HCR03", "2000F/HCR03"]
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize(("code", "answer"), [("0F", Answer.CANCEL_REFUSED), ("0W", Answer.RECEIVED)])
def test_a_cancellation_refused_at_both_levels_has_the_reason_of_the_event(code: str, answer: Answer) -> None:
    services = [service(part, "HCR*A3") for part in (DRUG, INFUSION, MORE)]
    document = response(EVENT, f"HCR*A3**{code}", trace=traces.event(LATER), services=services)
    assert outcome_of(document, verb="cancel").answer is answer


@pytest.mark.parametrize(
    ("event", "below", "shown"),
    [
        ("HCR*A1*AUTH1*4", ["HCR*A1", "HCR*A1"], [["4"], ["4"]]),
        ("HCR*A1*AUTH1*4", ["HCR*A6", "HCR*A1"], [["4"], []]),
        ("HCR*A1*AUTH1*27", ["HCR*A1", "HCR*A1"], [["27"], ["27"]]),
        ("HCR*A4**0V", ["HCR*A4", "HCR*A1"], [["0V"], []]),
    ],
)
def test_a_reason_of_the_event_is_shown_with_the_services_it_is_said_of(
    event: str, below: list[str], shown: list[list[str]]
) -> None:
    services = [service(part, word) for part, word in zip((DRUG, INFUSION), below, strict=True)]
    outcome = outcome_of(response(EVENT, event, services=services))
    assert [[reason.code for reason in result.reasons] for result in outcome.lines[:2]] == shown
