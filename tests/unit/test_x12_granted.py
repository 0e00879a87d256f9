"""What a 278 response grants, and what it asks for first: quantities, dates, sites, providers, documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.x12_278 import traces
from gateway.model.reasons import Word
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    STAMP,
    destination,
    of_line,
    outcome_of,
    response,
    service,
    trn,
    words,
)


def test_a_modified_line_has_its_quantity_dates_site_and_provider() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A6*AUTH1",
            "DTP*007*D8*20260301",
            "DTP*036*D8*20260531",
            "NM1*SJ*1*OTHER*DOC****XX*1999999984",
            services=[
                [
                    trn(1),
                    "UM*HS*I**12:B",
                    "HCR*A6*AUTH2",
                    "DTP*007*D8*20260305",
                    "DTP*036*D8*20260505",
                    "SV1*HC:J9271**UN*100.50",
                    "NM1*SJ*2*HOME INFUSION*****XX*1245319599",
                ],
                service(INFUSION),
            ],
        )
    )
    drug, infusion = of_line(outcome, "drug"), of_line(outcome, "infusion")
    assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal("100.5"), "units")
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 3, 5), date(2026, 5, 5))
    assert (drug.place_of_service, drug.provider_npi, drug.authorization_number) == ("12", "1245319599", "AUTH2")
    assert drug.code is not None
    assert (drug.code.system, drug.code.code) == ("hcpcs", "J9271")
    assert infusion.period is not None
    assert (infusion.period.end, infusion.provider_npi) == (date(2026, 5, 31), "1999999984")
    assert outcome.period is not None
    assert outcome.period.start == date(2026, 3, 1)


def test_a_range_of_dates_and_visits_are_read() -> None:
    outcome = outcome_of(
        response(
            EVENT, "HCR*A1", services=[[trn(1), "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271", "HSD*VS*12*WK*3"]]
        )
    )
    drug = of_line(outcome, "drug")
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal(12), "visits")
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 3, 1), date(2026, 8, 31))


def test_dates_of_the_certification_count_over_repeated_dates_of_service() -> None:
    repeated = [trn(1), "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271"]
    document = response(EVENT, "HCR*A1", "DTP*007*RD8*20260301-20260531", services=[repeated])
    period = of_line(outcome_of(document), "drug").period
    assert period is not None
    assert period.end == date(2026, 5, 31)


def test_one_day_of_service_leaves_the_end_open() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1", services=[[trn(1), "DTP*472*D8*20260301"]]))
    period = of_line(outcome, "drug").period
    assert period is not None
    assert (period.start, period.end) == (date(2026, 3, 1), None)


@pytest.mark.parametrize("code", ["ZZ:HOUSE-CODE", "HC:TOOLONG9", "N4:12345", "HC"])
def test_a_code_that_is_in_no_system_of_ours_is_left_out(code: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), f"SV1*{code}**UN*2"]]))
    assert of_line(outcome, "drug").code is None
    assert of_line(outcome, "drug").outcome is LineOutcome.CERTIFIED


@pytest.mark.parametrize("amount", ["-5", "1e9", "NaN", "SIX", "1,000"])
def test_a_quantity_that_is_no_number_is_left_out_and_a_person_looks(amount: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), f"SV1*HC:J9271**UN*{amount}"]]))
    assert of_line(outcome, "drug").quantity is None
    assert outcome.attention is Attention.OPERATOR


def test_a_unit_that_is_not_ours_keeps_its_code() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), "SV1*HC:J9271", "HSD*HS*12"]]))
    quantity = of_line(outcome, "drug").quantity
    assert quantity is not None
    assert quantity.unit == "HS"


def test_what_was_not_granted_has_no_quantity_dates_or_number() -> None:
    outcome = outcome_of(
        response(EVENT, services=[[trn(1), "HCR*A3*X1", "DTP*472*D8*20260301", "SV1*HC:J9271**UN*200"]])
    )
    drug = of_line(outcome, "drug")
    assert (drug.quantity, drug.period, drug.authorization_number) == (None, None, None)


@pytest.mark.parametrize("text", ["20261345", "2026", "20260301-2026", "TODAY", "20260230-20260301"])
def test_a_date_that_cannot_be_read_is_left_out_and_a_person_looks(text: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", f"DTP*007*D8*{text}"))
    assert outcome.attention is Attention.OPERATOR
    assert "date" in (outcome.attention_why or "")
    assert set(words(outcome).values()) == {LineOutcome.CERTIFIED}


def test_the_payers_own_time_is_read_in_its_zone() -> None:
    document = response(EVENT, "HCR*A1")
    there = outcome_of(document).effective_at
    elsewhere = outcome_of(document, destination(payer={"time_zone": "America/Los_Angeles"})).effective_at
    assert there is not None
    assert there.astimezone(UTC) == datetime(2026, 3, 1, 15, 11, tzinfo=UTC)
    assert elsewhere is not None
    assert (elsewhere - there).total_seconds() == 3 * 3600


@pytest.mark.parametrize("when", ["20261399*1011", "20260301*9999", "20260301", "*"])
def test_a_time_that_does_not_exist_is_no_time(when: str) -> None:
    document = response(EVENT, "HCR*A1").replace(b"*20260301*1011*18", f"*{when}".encode())
    assert outcome_of(document).effective_at is None


def test_pended_with_documents_named_asks_for_them() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A4*RV1*0U",
            "HI*LOI:11502-2*BF:C3411^LOI:18842-5",
            "PWK*P4*EL***AC*PAYER-7*PATHOLOGY PLEASE",
            services=[service(DRUG, "HCR*A4", "PWK*D2*FX")],
            follows="19",
        )
    )
    assert set(words(outcome).values()) == {LineOutcome.INFO_REQUESTED}
    asked = [(item.kind, item.code, item.control_number, item.line) for item in outcome.requested]
    assert asked == [
        ("pathology_report", "P4", "PAYER-7", None),
        ("other", "11502-2", None, None),
        ("other", "18842-5", None, None),
        ("medication_history", "D2", None, "drug"),
    ]
    assert outcome.requested[0].text == "PATHOLOGY PLEASE"


def test_documents_asked_for_one_line_leave_the_others_pended() -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A4", services=[service(DRUG, "HCR*A4", "HI*LOI:11502-2"), service(INFUSION, "HCR*A4")])
    )
    assert words(outcome) == {
        "drug": LineOutcome.INFO_REQUESTED,
        "infusion": LineOutcome.PENDING,
        "more": LineOutcome.PENDING,
    }


@pytest.mark.parametrize(("code", "asks"), [("0U", True), ("0P", True), ("0V", False), ("0W", False), ("ZZ", False)])
def test_a_reason_alone_may_ask_for_documents(code: str, asks: bool) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*A4**{code}", "MSG*SEND CHART NOTES"))
    meaning = LineOutcome.INFO_REQUESTED if asks else LineOutcome.PENDING
    assert set(words(outcome).values()) == {meaning}
    assert [item.text for item in outcome.requested] == (["SEND CHART NOTES"] if asks else [])


def test_a_refusal_for_want_of_documents_asks_for_none() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A3**0U"))
    assert outcome.requested == ()
    assert outcome.reasons[0].word is Word.MISSING_DOCUMENTATION


def test_our_own_announcement_repeated_asks_for_nothing() -> None:
    ours = traces.attachment(STAMP, 1)
    outcome = outcome_of(response(EVENT, "HCR*A4", f"PWK*P4*EL***AC*{ours}"))
    assert set(words(outcome).values()) == {LineOutcome.PENDING}
    assert outcome.requested == ()


def test_whom_to_send_to_is_kept() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A4**0U",
            "NM1*ABG*2*REVIEW UNIT",
            "PER*IC*INTAKE*TE*2155550199*FX*2155550198*EM*r@example.org",
            payer=["PER*IC**TE*2155550100*UR*example.org"],
            requester=["PER*IC*OUR DESK*TE*2155550100"],
        )
    )
    assert [contact.model_dump(exclude_none=True) for contact in outcome.contacts] == [
        {"name": "EVERGREEN HEALTH", "phone": "2155550100", "url": "example.org"},
        {"name": "INTAKE", "phone": "2155550199", "fax": "2155550198", "email": "r@example.org"},
    ]
