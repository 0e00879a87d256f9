"""Outcomes and reasons: they survive the journal, mean the same however they were wrapped, and imply what the
language says they imply."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.model.outcome import Answer, ApprovedQuantity, LineResult, Outcome, Source
from gateway.model.reasons import IMPLICATIONS, NextAction, Reason, Word
from gateway.model.schema import examples
from gateway.model.status import LineOutcome

CLINICAL = [
    "medical_necessity",
    "off_label_no_compendium",
    "step_therapy_missing",
    "step_therapy_insufficient_duration",
    "experimental",
    "guideline_not_met",
    "wrong_line_of_therapy",
    "step_therapy_insufficient_dose",
    "preferred_alternative",
    "quantity_or_frequency_limit",
    "duration_limit",
    "appeal_upheld",
]
SITE_AND_PROVIDER = ["site_of_service", "out_of_network", "provider_not_eligible", "level_of_care"]
COVERAGE = [
    "not_a_covered_benefit",
    "ncd_lcd_non_coverage",
    "member_not_found",
    "coverage_inactive",
    "wrong_payer_or_delegate",
    "benefit_side_wrong",
    "benefit_exhausted",
]
DOCUMENTATION = [
    "missing_documentation",
    "expired_documentation",
    "wrong_format",
    "inconsistent_answers",
    "no_response",
]
ADMINISTRATIVE = [
    "duplicate_in_process",
    "duplicate_approved",
    "duplicate_denied",
    "referral_missing",
    "untimely",
    "invalid_code",
    "missing_identifier",
    "retro_not_allowed",
    "cancelled_by",
]
NOT_A_DENIAL = ["not_required", "channel_not_supported", "payer_unavailable", "contact_payer", "in_review"]
REST = ["other", "unmapped"]


def test_the_words_are_those_of_the_language_and_each_implies_something() -> None:
    words = CLINICAL + SITE_AND_PROVIDER + COVERAGE + DOCUMENTATION + ADMINISTRATIVE + NOT_A_DENIAL + REST
    assert sorted(words) == sorted(Word)
    assert set(IMPLICATIONS) == set(Word)


def test_clinical_are_the_clinical_group_and_two_judgments_on_care() -> None:
    # Level of care and coverage policies (NCD, LCD) are judged on the patient's condition, wherever they are grouped.
    assert sorted(word for word in Word if IMPLICATIONS[word].clinical) == sorted(
        [*CLINICAL, "level_of_care", "ncd_lcd_non_coverage"]
    )


def test_a_peer_is_asked_only_about_clinical_judgment_or_the_site() -> None:
    for word, implied in IMPLICATIONS.items():
        if implied.peer_to_peer:
            assert implied.clinical or word is Word.SITE_OF_SERVICE
            assert implied.appealable


@pytest.mark.parametrize("word", [*NOT_A_DENIAL, "unmapped", "member_not_found", "duplicate_in_process"])
def test_what_is_no_denial_is_not_appealed(word: str) -> None:
    assert not IMPLICATIONS[Word(word)].appealable


@pytest.mark.parametrize("word", ["other", "unmapped"])
def test_what_nobody_mapped_sends_a_person_to_the_payer(word: str) -> None:
    assert Reason(word=Word(word)).next_action is NextAction.CALL_PAYER


@given(st.sampled_from(Word), st.none() | st.sampled_from(NextAction), st.none() | st.text())
def test_a_reason_survives_json_with_what_its_word_implies(
    word: Word, suggested: NextAction | None, text: str | None
) -> None:
    reason = Reason(word=word, suggested=suggested, text=text)
    written = json.loads(reason.model_dump_json())
    assert written["clinical"] == IMPLICATIONS[word].clinical
    assert written["next_action"] == (suggested or IMPLICATIONS[word].next_action)
    assert Reason.model_validate(written) == reason


def test_what_a_word_implies_cannot_be_claimed_otherwise() -> None:
    assert not Reason.model_validate({"word": "other", "clinical": True}).clinical


@pytest.mark.parametrize("name", sorted(examples("outcome")))
def test_every_example_parses_and_survives_the_journal(name: str) -> None:
    outcome = Outcome.model_validate(examples("outcome")[name])
    assert Outcome.model_validate_json(outcome.model_dump_json()) == outcome


def test_the_document_is_kept_apart_from_the_meaning() -> None:
    outcome = Outcome(answer=Answer.RECEIVED, document=b"ISA*00")
    assert b"ISA" not in outcome.model_dump_json().encode()
    assert outcome.digest() == Outcome(answer=Answer.RECEIVED).digest()


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_same_answer_in_another_envelope_has_one_digest() -> None:
    line = LineResult(line="1", outcome=LineOutcome.CERTIFIED)
    one = Outcome(answer=Answer.REVIEWED, lines=(line,), sources={"/lines/0/outcome": Source(path="x", start=1, end=3)})
    other = Outcome(
        answer=Answer.REVIEWED, lines=(line,), sources={"/lines/0/outcome": Source(path="x", start=9, end=11)}
    )
    assert one.digest() == other.digest()


def test_the_same_moment_in_another_zone_has_one_digest() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5)))
    one, other = (Outcome(answer=Answer.RECEIVED, effective_at=moment) for moment in (NOON, elsewhere))
    assert one.digest() == other.digest()


def test_the_same_quantity_spelled_otherwise_has_one_digest() -> None:
    one, other = (ApprovedQuantity(value=Decimal(value), unit="units") for value in ("200", "2.00E+2"))
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize(
    "change",
    [
        {"answer": Answer.CANCELLED},
        {"effective_at": NOON + timedelta(seconds=1)},
        {"messages": ("x",)},
        {"lines": (LineResult(line="1", outcome=LineOutcome.CERTIFIED),)},
        {
            "lines": (
                LineResult(
                    line="1", outcome=LineOutcome.PENDING, quantity=ApprovedQuantity(value=Decimal(1), unit="units")
                ),
            )
        },
    ],
)
def test_another_meaning_has_another_digest(change: dict[str, object]) -> None:
    pended = LineResult(line="1", outcome=LineOutcome.PENDING)
    outcome = Outcome(answer=Answer.REVIEWED, lines=(pended,), effective_at=NOON)
    assert outcome.model_copy(update=change).digest() != outcome.digest()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Outcome(answer=Answer.RECEIVED, effective_at=datetime(2026, 11, 21))  # noqa: DTZ001


def test_an_outcome_does_not_print_what_the_payer_said() -> None:
    outcome = Outcome(
        answer=Answer.UNMAPPED, reasons=(Reason(word=Word.UNMAPPED, text="CANARY"),), messages=("CANARY",)
    )
    assert "CANARY" not in f"{outcome!r}{outcome}{outcome.reasons!r}"
