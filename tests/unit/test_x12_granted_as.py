"""Granted as something else: another kind of review, service type, facility or diagnosis, or tied to a condition."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import DRUG, line, of_line, outcome_of, request, response, service, trn

CERTIFIED, MODIFIED = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED
PLAIN = "UM*HS*I*1*22:B"
PERSON, NOBODY = Attention.OPERATOR, Attention.NONE


def certified(event: tuple[str, ...], *of_service: str, **asked: Any) -> Outcome:
    of = request(lines=[line(id="drug", diagnoses=[1])], **asked)
    return outcome_of(response(*event, "HCR*A1*AUTH1", services=[[trn(1), *of_service]]), of=of)


def told(outcome: Outcome) -> tuple[LineOutcome, Attention]:
    return of_line(outcome, "drug").outcome, outcome.attention


@pytest.mark.parametrize(
    ("um", "below", "found"),
    [
        (PLAIN, [], (CERTIFIED, NOBODY)),
        ("UM*HS*I", ["UM*HS*I"], (CERTIFIED, NOBODY)),
        ("UM**I", [], (CERTIFIED, NOBODY)),
        # Another kind of review.
        ("UM*AR*I*1*22:B", [], (MODIFIED, PERSON)),
        ("UM*SC*I", [], (MODIFIED, PERSON)),
        (PLAIN, ["UM*SC*I"], (MODIFIED, PERSON)),
        # Another service type, or facility.
        ("UM*HS*I*2*22:B", [], (CERTIFIED, PERSON)),
        (PLAIN, ["UM*HS*I*2"], (CERTIFIED, PERSON)),
        ("UM*HS*I*1*13:A", [], (CERTIFIED, PERSON)),
        (PLAIN, ["UM*HS*I**22:A"], (CERTIFIED, PERSON)),
        ("UM*HS*I*1*11", [], (CERTIFIED, PERSON)),
        ("UM*HS*I*1*22", [], (CERTIFIED, NOBODY)),
    ],
)
def test_another_kind_of_review_is_a_modification_and_what_may_limit_it_a_doubt(
    um: str, below: list[str], found: tuple[LineOutcome, Attention]
) -> None:
    assert told(certified((um,), *below)) == found


def test_an_admission_that_is_granted_as_services_is_modified() -> None:
    """Observation in place of an inpatient stay. A service of an admission is one, though: so it was sent."""
    assert told(certified(("UM*HS*I*1*22:B",), review="admission")) == (MODIFIED, PERSON)
    assert told(certified(("UM*AR*I",), "UM*HS*I", review="admission")) == (CERTIFIED, NOBODY)
    assert told(certified(("UM*AR*I",), "UM*AR*I", review="admission")) == (CERTIFIED, NOBODY)
    assert told(certified(("UM*SC*I",), "UM*SC*I", review="referral")) == (CERTIFIED, NOBODY)


def test_a_silent_service_and_a_line_that_is_not_named_are_what_their_event_is() -> None:
    outcome = outcome_of(response("UM*AR*I", "HCR*A1*AUTH1", services=[service(DRUG)]))
    assert {result.outcome for result in outcome.lines} == {MODIFIED}


@pytest.mark.parametrize(
    ("hi", "attention"),
    [
        ("HI*ABK:C3411*ABF:C7931", NOBODY),
        ("HI*ABK:C3411", NOBODY),
        ("HI*BK:C34.11*ABJ:c7931", NOBODY),
        ("HI*ABF:C7931*ABF:C3411", NOBODY),
        ("HI*ABK:C3411:D8:20260101*LOI:11502-2*DR:582", NOBODY),
        ("HI*C3411", NOBODY),
        ("HI*ABK:C3412", PERSON),
        ("HI*ABK:C3411*ABF:Z9999", PERSON),
        ("HI*ABK:C3411^ABF:Z9999", PERSON),
        ("HI*PR:C50", PERSON),
        ("HI*Z9999", PERSON),
    ],
)
def test_a_grant_for_a_diagnosis_that_was_not_sent_is_a_doubt(hi: str, attention: Attention) -> None:
    assert told(certified((PLAIN, hi))) == (CERTIFIED, attention)
    assert told(certified((PLAIN,), hi)) == (CERTIFIED, attention)


@pytest.mark.parametrize(
    ("hi", "pointers", "attention"),
    [
        ([], "1", NOBODY),
        ([], "", NOBODY),
        (["HI*ABK:C3411"], "1", NOBODY),
        # In the payer's own order.
        (["HI*ABK:C7931*ABF:C3411"], "2", NOBODY),
        (["HI*ABK:C7931*ABF:C3411"], "1", PERSON),
        ([], "2", PERSON),
        ([], "1:2", PERSON),
        ([], "0", PERSON),
        ([], "7", PERSON),
        ([], "x", PERSON),
    ],
)
def test_a_pointer_to_another_diagnosis_than_the_lines_own_is_a_doubt(
    hi: list[str], pointers: str, attention: Attention
) -> None:
    assert told(certified((PLAIN, *hi), f"SV1*HC:J9271**UN*200***{pointers}")) == (CERTIFIED, attention)


def test_a_line_without_pointers_is_for_every_diagnosis() -> None:
    of = request(lines=[line(id="drug")])
    for pointers, attention in (("1:2", NOBODY), ("3", PERSON)):
        sv1 = f"SV1*HC:J9271**UN*200***{pointers}"
        assert outcome_of(response(PLAIN, "HCR*A1*A1", services=[[trn(1), sv1]]), of=of).attention is attention


def test_what_is_denied_is_not_weighed() -> None:
    outcome = outcome_of(response("UM*AR*I*9*13:A", "HI*ABK:Z9999", "HCR*A3**0F"))
    assert {result.outcome for result in outcome.lines} == {LineOutcome.NOT_CERTIFIED}
    assert outcome.attention is NOBODY


# A second opinion


@pytest.mark.parametrize("hcr", ["HCR*A1*AUTH1**Y", "HCR*A6*AUTH1**Y", "HCR*A4*REV1**Y", "HCR*NA***Y"])
def test_a_second_opinion_that_is_wanted_is_kept_as_a_reason_and_calls_a_person(hcr: str) -> None:
    above = outcome_of(response(PLAIN, hcr))
    below = outcome_of(response(PLAIN, services=[[trn(1), hcr, "SV1*HC:J9271"]]), of=request(lines=[line(id="drug")]))
    for outcome, reasons in ((above, above.reasons), (below, of_line(below, "drug").reasons)):
        assert [(reason.code, reason.code_system) for reason in reasons] == [("Y", "x12_hcr04")]
        assert outcome.attention is PERSON
        assert "second opinion" in (outcome.attention_why or "")
        assert any(source.path.endswith("/HCR04") for source in outcome.sources.values())


def test_no_second_opinion_is_nothing_to_tell() -> None:
    for hcr in ("HCR*A1*AUTH1**N", "HCR*A1*AUTH1"):
        outcome = outcome_of(response(PLAIN, hcr))
        assert (outcome.reasons, outcome.attention) == ((), NOBODY)
