"""A payer's word on the whole request, after it decided a line itself: what it changes, and whom it calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.outcome import Answer, ApprovedQuantity, LineResult, Outcome, Reference, ReferenceKind, Span
from gateway.model.schema import schema
from gateway.model.standing import Heard, Standing, settle
from gateway.model.status import SETTLED, Attention, CaseStatus, Delivery, LineOutcome, of_line

L = LineOutcome
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SPAN = Span(start=date(2026, 12, 1), end=date(2026, 12, 31))
FIVE, THREE = (ApprovedQuantity(value=Decimal(value), unit="units") for value in (5, 3))


def own(line: str, outcome: LineOutcome, **more: Any) -> LineResult:
    return LineResult(line=line, outcome=outcome, **more)


def whole(line: str, outcome: LineOutcome, **more: Any) -> LineResult:
    """What a line has of a word on the whole request."""
    return LineResult(line=line, outcome=outcome, named=False, **more)


def answer(*lines: LineResult) -> Outcome:
    return Outcome(answer=Answer.REVIEWED, lines=lines)


def stand(*heard: Outcome) -> Standing:
    items = [Heard(outcome, NOON + timedelta(minutes=place)) for place, outcome in enumerate(heard)]
    return settle(("1", "2"), Delivery.APP_ACKED, items)


def alone(outcome: LineOutcome, **more: Any) -> Outcome:
    """An answer that names no line."""
    return answer(whole("1", outcome, **more), whole("2", outcome, **more))


def called(standing: Standing) -> bool:
    return standing.attention is Attention.OPERATOR


GRANTED = own("1", L.CERTIFIED, authorization_number="AU1", quantity=FIVE, period=SPAN)
DENIED = own("1", L.NOT_CERTIFIED)
OPEN = own("2", L.PENDING)
OTHER = own("2", L.CERTIFIED, authorization_number="AU2")


@pytest.mark.parametrize(
    ("decided", "word", "status"),
    [
        (DENIED, L.CERTIFIED, "approved"),
        (GRANTED, L.NOT_CERTIFIED, "denied"),
        (GRANTED, L.CERTIFIED_MODIFIED, "approved_modified"),
        (GRANTED, L.CANCELLED, "cancelled"),
        (own("1", L.NOT_REQUIRED), L.NOT_CERTIFIED, "denied"),
        (own("1", L.CANCELLED), L.CERTIFIED, "approved"),
        (own("1", L.CERTIFIED_MODIFIED, quantity=FIVE), L.CERTIFIED, "approved"),
    ],
)
def test_a_word_on_the_whole_request_leaves_a_decided_line_and_calls_an_operator(
    decided: LineResult, word: LineOutcome, status: str
) -> None:
    contradicting = alone(word, authorization_number="AU2", quantity=THREE)
    standing = stand(answer(decided, OPEN), contradicting)
    assert standing.lines["1"] == decided
    assert standing.lines["2"].outcome is word
    assert called(standing)
    assert standing.attention_why == f"the payer says {status} of the whole request after it decided a line otherwise"
    assert standing.contradictions == (contradicting,)


@pytest.mark.parametrize(
    ("decided", "word", "named"),
    [
        (DENIED, L.CERTIFIED, L.CERTIFIED),
        # The grant is meant of the line that is granted with a change.
        (DENIED, L.CERTIFIED, L.CERTIFIED_MODIFIED),
        (GRANTED, L.NOT_CERTIFIED, L.NOT_CERTIFIED),
        # So is the change, of one that is denied.
        (GRANTED, L.CERTIFIED_MODIFIED, L.CERTIFIED_MODIFIED),
        (GRANTED, L.CERTIFIED_MODIFIED, L.NOT_CERTIFIED),
        (GRANTED, L.PENDING, L.INFO_REQUESTED),
    ],
)
def test_a_word_on_the_whole_request_that_a_named_line_explains_calls_nobody(
    decided: LineResult, word: LineOutcome, named: LineOutcome
) -> None:
    standing = stand(answer(decided, OPEN), answer(own("2", named), whole("1", word, authorization_number="AU2")))
    assert standing.lines["1"] == decided
    assert standing.lines["2"].outcome is named
    assert (called(standing), standing.contradictions) == (False, ())


@pytest.mark.parametrize(
    ("word", "other"),
    [
        (L.CERTIFIED, own("2", L.NOT_CERTIFIED)),
        # A change at the whole request may be one of the line that is not named.
        (L.CERTIFIED_MODIFIED, own("2", L.CERTIFIED)),
        (L.CERTIFIED, own("9", L.CERTIFIED)),
    ],
)
def test_a_line_that_has_another_word_or_is_none_of_ours_explains_nothing(word: LineOutcome, other: LineResult) -> None:
    standing = stand(answer(DENIED, own("2", L.NOT_CERTIFIED)), answer(other, whole("1", word)))
    assert standing.lines["1"] == DENIED
    assert standing.contradictions


def test_a_request_that_is_still_open_says_nothing_of_its_decided_line() -> None:
    standing = stand(answer(GRANTED, OPEN), alone(L.PENDING))
    assert standing.lines["1"] == GRANTED
    assert (standing.status, standing.attention) == (CaseStatus.PENDED, Attention.PAYER)


@pytest.mark.parametrize("word", [L.PENDING, L.INFO_REQUESTED])
def test_a_request_that_opens_again_after_every_line_was_decided_is_an_operators(word: LineOutcome) -> None:
    standing = stand(answer(DENIED, own("2", L.NOT_CERTIFIED)), alone(word))
    assert (standing.status, called(standing)) == (CaseStatus.DENIED, True)


def test_a_grant_of_the_whole_request_gives_a_granted_line_the_number_it_lacks_and_nothing_else() -> None:
    bare = own("1", L.CERTIFIED, quantity=FIVE)
    standing = stand(answer(bare, OPEN), alone(L.CERTIFIED, authorization_number="AU2", quantity=THREE))
    assert standing.lines["1"] == bare.model_copy(update={"authorization_number": "AU2"})
    assert (standing.status, called(standing), standing.reference_pending) == (CaseStatus.APPROVED, False, False)


def test_a_number_that_a_granted_line_has_stays() -> None:
    assert stand(answer(GRANTED, OPEN), alone(L.CERTIFIED, authorization_number="AU2")).lines["1"] == GRANTED


def numbers(*values: str) -> tuple[Reference, ...]:
    return tuple(Reference(kind=ReferenceKind.AUTHORIZATION, value=value) for value in values)


BOTH = answer(GRANTED, own("2", L.CERTIFIED, authorization_number="AU1")).model_copy(
    update={"references": numbers("AU1")}
)
RENUMBERED = alone(L.CERTIFIED, authorization_number="AU2").model_copy(update={"references": numbers("AU2")})


@pytest.mark.parametrize("again", [0, 1, 2])
def test_a_new_number_of_the_whole_request_leaves_that_of_a_line_and_calls_an_operator(again: int) -> None:
    later = [RENUMBERED.model_copy(update={"effective_at": NOON + timedelta(hours=n)}) for n in range(again + 1)]
    standing = stand(BOTH, *later)
    assert {result.authorization_number for result in standing.lines.values()} == {"AU1"}
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, True)
    assert "another authorization number" in (standing.attention_why or "")


@pytest.mark.parametrize(
    "heard",
    [
        # The line's own.
        [BOTH, alone(L.CERTIFIED, authorization_number="AU1")],
        [BOTH, alone(L.CERTIFIED)],
        # One that the whole request had before the line got its own.
        [RENUMBERED, BOTH, RENUMBERED],
        # The number of another line, that the payer writes at the event too.
        [answer(GRANTED, OPEN), answer(whole("1", L.CERTIFIED, authorization_number="AU2"), OTHER)],
        [answer(GRANTED, OTHER), RENUMBERED],
        # The payer gives the lines the new number itself.
        [BOTH, RENUMBERED, answer(*(own(line, L.CERTIFIED, authorization_number="AU2") for line in "12"))],
    ],
)
def test_a_number_of_the_whole_request_that_is_no_news_calls_nobody(heard: list[Outcome]) -> None:
    standing = stand(*heard)
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, False)


@pytest.mark.parametrize(("quantity", "calls"), [(FIVE, False), (None, False), (THREE, True)])
def test_another_change_of_the_whole_request_than_a_lines_own_calls_an_operator(
    quantity: ApprovedQuantity | None, calls: bool
) -> None:
    changed = own("1", L.CERTIFIED_MODIFIED, quantity=FIVE, authorization_number="AU1")
    standing = stand(answer(changed, OPEN), alone(L.CERTIFIED_MODIFIED, quantity=quantity))
    assert (standing.lines["1"], called(standing)) == (changed, calls)


def test_a_decision_of_the_whole_request_decides_what_is_open() -> None:
    standing = stand(answer(own("1", L.PENDING), OPEN), alone(L.CERTIFIED, authorization_number="AU2"))
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, False)


def test_of_two_words_on_the_whole_request_the_later_counts() -> None:
    standing = stand(alone(L.CERTIFIED), alone(L.NOT_CERTIFIED))
    assert (standing.status, called(standing)) == (CaseStatus.DENIED, False)


def test_a_lines_own_word_counts_over_its_earlier_one_and_takes_the_call_away() -> None:
    unclear = (answer(DENIED, OPEN), alone(L.CERTIFIED))
    assert called(stand(*unclear))
    standing = stand(*unclear, answer(own("1", L.CERTIFIED)))
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, False)


def test_a_line_is_still_decided_by_itself_after_any_number_of_words_on_the_whole() -> None:
    standing = stand(answer(DENIED, OPEN), alone(L.CERTIFIED), alone(L.CERTIFIED_MODIFIED))
    assert standing.lines["1"] == DENIED


def test_a_cancellation_of_the_whole_request_cancels_what_was_decided_and_can_be_decided_anew() -> None:
    cancelled = (answer(GRANTED, OPEN), Outcome(answer=Answer.CANCELLED))
    assert {result.outcome for result in stand(*cancelled).lines.values()} == {L.CANCELLED}
    standing = stand(*cancelled, alone(L.CERTIFIED))
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, False)


def test_an_approval_that_was_withdrawn_can_be_given_to_the_whole_request_again() -> None:
    withdrawn = (answer(GRANTED, own("2", L.CERTIFIED)), Outcome(answer=Answer.RESCINDED))
    standing = stand(*withdrawn, alone(L.CERTIFIED))
    assert (standing.status, called(standing)) == (CaseStatus.APPROVED, False)


_word = st.sampled_from(LineOutcome)
_later = st.builds(
    lambda one, two, named: answer(whole("1", one), LineResult(line="2", outcome=two, named=named)),
    _word,
    _word,
    st.booleans(),
)


@given(
    st.sampled_from([outcome for outcome in LineOutcome if of_line(outcome) in SETTLED]), st.lists(_later, max_size=4)
)
def test_no_number_of_answers_about_other_lines_decides_a_line_otherwise(
    decided: LineOutcome, later: list[Outcome]
) -> None:
    assert stand(answer(own("1", decided), OPEN), *later).lines["1"].outcome is decided


def test_an_outcome_stored_before_lines_were_told_apart_reads_as_naming_them() -> None:
    assert LineResult.model_validate({"line": "1", "outcome": "certified"}).named
    told = schema("outcome")["$defs"]["LineResult"]["properties"]["named"]
    assert (told["type"], told["default"]) == ("boolean", True)
    assert told["description"]
