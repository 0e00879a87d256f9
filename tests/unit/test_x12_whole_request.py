"""Answers of which one decides a line, and a later one says its word of the event and of another line at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.model.standing import Heard, Standing, settle
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    line,
    of_line,
    outcome_of,
    request,
    response,
    service,
    trn,
)

CERTIFIED, DENIED = LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED
TWO = request(lines=[line(id="drug"), line("96413", "cpt", id="infusion", quantity={"value": 6, "unit": "units"})])
OPEN = service(INFUSION, "HCR*A4")
OTHERWISE = "of the whole request after it decided a line otherwise"


def told(filing: Sequence[str], *polled: tuple[Sequence[str], Sequence[Sequence[str]]]) -> Standing:
    """Where the filing stands: answered with this of the drug, and the infusion pended; then asked about."""
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    first = outcome_of(response(EVENT, services=[service(DRUG, *filing), OPEN]), of=TWO)
    heard = [Heard(first, noon)]
    for count, (event, services) in enumerate(polled, start=1):
        document = response(EVENT, *event, services=services, purpose="49", guide="005010X215")
        at = noon + timedelta(hours=count)
        heard.append(Heard(outcome_of(document, of=TWO, verb="inquire"), at, filing=False, asked=at))
    return settle(("drug", "infusion"), Delivery.APP_ACKED, heard)


@pytest.mark.parametrize(
    ("filing", "event", "services", "drug", "infusion", "why"),
    [
        ("HCR*A3**0F", "HCR*A1*AUTH2", [], DENIED, CERTIFIED, f"the payer says approved {OTHERWISE}"),
        ("HCR*A1*AUTH1", "HCR*A3**0F", [], CERTIFIED, DENIED, f"the payer says denied {OTHERWISE}"),
        ("HCR*A1*AUTH1", "HCR*A3**0F", [service(INFUSION, "HCR*A3**0F")], CERTIFIED, DENIED, None),
        ("HCR*A3**0F", "HCR*A1*AUTH2", [service(INFUSION, "HCR*A1*AUTH2")], DENIED, CERTIFIED, None),
        # A service that is named under the event's word has that word, and is what it is meant of.
        ("HCR*A3**0F", "HCR*A1*AUTH2", [service(INFUSION)], DENIED, CERTIFIED, None),
    ],
)
def test_an_answer_about_one_line_does_not_overturn_another(
    filing: str,
    event: str,
    services: Sequence[Sequence[str]],
    drug: LineOutcome,
    infusion: LineOutcome,
    why: str | None,
) -> None:
    standing = told([filing], ([event], services))
    assert (standing.lines["drug"].outcome, standing.lines["infusion"].outcome) == (drug, infusion)
    numbers = [standing.lines[name].authorization_number for name in ("drug", "infusion")]
    assert numbers == [
        number if outcome is CERTIFIED else None for outcome, number in ((drug, "AUTH1"), (infusion, "AUTH2"))
    ]
    assert standing.status == CaseStatus.PARTIALLY_APPROVED
    assert standing.attention_why == why
    assert standing.attention is (Attention.OPERATOR if why else Attention.NONE)


def test_a_payer_that_repeats_the_events_word_while_it_reviews_calls_nobody() -> None:
    standing = told(["HCR*A1*AUTH1"], (["HCR*A4*CASE1"], []), (["HCR*A4*CASE1"], [OPEN]))
    assert (standing.status, standing.attention) == (CaseStatus.PENDED, Attention.PAYER)
    assert standing.lines["drug"].outcome is CERTIFIED


@pytest.mark.parametrize("services", [[service(DRUG, "HCR*A1*AUTH2")], [service(DRUG)]])
def test_a_line_that_a_later_answer_names_has_the_later_word(services: Sequence[Sequence[str]]) -> None:
    unclear = (["HCR*A1*AUTH2"], [])
    standing = told(["HCR*A3**0F"], unclear, (["HCR*A1*AUTH2"], services))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


@pytest.mark.parametrize(("services", "named"), [([], True), ([["HCR*A3", "SV1*HC:J9999**UN*1"]], False)])
def test_an_event_names_the_only_line_of_a_request_unless_another_service_stands_below(
    services: Sequence[Sequence[str]], named: bool
) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A3", services=services), of=request(lines=[line(id="drug")]))
    assert of_line(outcome, "drug").named is named


@pytest.mark.parametrize(
    ("services", "named"),
    [
        ([], [False, False]),
        ([service(DRUG, "HCR*A1")], [True, False]),
        ([service(DRUG)], [True, False]),
        ([service(DRUG), service(INFUSION)], [True, True]),
        ([service(DRUG), service(INFUSION), service(INFUSION)], [True, True]),
        ([[trn(1), trn(2), "HCR*A1", DRUG[1]]], [True, True]),
    ],
)
def test_a_line_is_named_where_a_service_stands_for_it(services: Sequence[Sequence[str]], named: list[bool]) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH2", services=services), of=TWO)
    assert [of_line(outcome, name).named for name in ("drug", "infusion")] == named
