"""What a 278 response grants, and what it asks for first: quantities, dates, sites, providers, documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import ReferenceKind
from gateway.model.reasons import Word
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    MORE,
    STAMP,
    line,
    of_line,
    outcome_of,
    request,
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
        response(EVENT, "HCR*A1", services=[[trn(1), "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271", "HSD*VS*12"]])
    )
    drug = of_line(outcome, "drug")
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal(12), "visits")
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 3, 1), date(2026, 8, 31))


@pytest.mark.parametrize("code", ["ZZ:HOUSE-CODE", "HC:TOOLONG9", "N4:12345"])
def test_a_code_that_is_in_no_system_of_ours_is_left_out(code: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), f"SV1*{code}**UN*200"]]))
    # A code that cannot be told to be the line's may be another drug's.
    told = of_line(outcome, None)
    assert (told.code, told.outcome) == (None, LineOutcome.CERTIFIED)
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN


@pytest.mark.parametrize("amount", ["-5", "1e9", "NaN", "SIX", "1,100", "."])
@pytest.mark.parametrize("word", ["A1", "A6"])
def test_a_quantity_that_is_no_number_grants_nobody_knows_what_and_a_person_looks(amount: str, word: str) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*{word}*AUTH1", services=[[trn(1), f"SV1*HC:J9271**UN*{amount}"]]))
    drug = of_line(outcome, "drug")
    assert (drug.outcome, drug.quantity, drug.authorization_number) == (LineOutcome.UNKNOWN, None, None)
    assert outcome.attention is Attention.OPERATOR


@pytest.mark.parametrize("decided", [("HCR*A1*AUTH1", ""), ("HCR*A2*AUTH1", "HCR*A1*AUTH1")])
def test_a_line_certified_in_total_for_fewer_units_is_modified(decided: tuple[str, str]) -> None:
    word = [decided[1]] if decided[1] else []
    outcome = outcome_of(
        response(
            EVENT,
            decided[0],
            services=[[trn(1), *word, "SV1*HC:J9271**UN*199.9"], service(INFUSION, *word), service(MORE, *word)],
        )
    )
    assert words(outcome) == {
        "drug": LineOutcome.CERTIFIED_MODIFIED,
        "infusion": LineOutcome.CERTIFIED,
        "more": LineOutcome.CERTIFIED,
    }
    drug = of_line(outcome, "drug")
    assert drug.quantity is not None
    assert (str(drug.quantity.value), drug.authorization_number) == ("199.9", "AUTH1")
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize("quantity", ["UN*200", "UN*200.000", "UN*240", "un*200", "UN*200.", "*200"])
def test_as_much_or_more_leaves_it_certified(quantity: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), f"SV1*HC:J9271**{quantity}"]]))
    assert of_line(outcome, "drug").outcome is LineOutcome.CERTIFIED
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize("word", ["A1", "A6"])
@pytest.mark.parametrize("quantity", ["SV1*HC:J9271**UN*0", "SV1*HC:J9271**ME*0.00", "HSD*VS*0"])
def test_a_grant_of_nothing_grants_nothing_and_a_person_looks(word: str, quantity: str) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*{word}*AUTH1", services=[[trn(1), quantity]]))
    drug = of_line(outcome, "drug")
    assert drug.outcome is LineOutcome.UNKNOWN
    assert (drug.period, drug.authorization_number) == (None, None)
    assert outcome.attention is Attention.OPERATOR
    assert "a quantity of zero" in (outcome.attention_why or "")


def test_the_number_of_a_grant_of_nothing_is_no_authorization() -> None:
    of = request(lines=[line(id="drug")])
    document = response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), "HCR*A1*AUTH2", "SV1*HC:J9271**UN*0"]])
    kinds = {(ref.kind, ref.value) for ref in outcome_of(document, of=of).references}
    assert {(ReferenceKind.REVIEW, "AUTH1"), (ReferenceKind.REVIEW, "AUTH2")} <= kinds


@pytest.mark.parametrize(
    ("wanted", "answer", "outcome"),
    [
        # Days and visits travel in HSD01.
        ({"value": 6, "unit": "visits"}, ["SV1*HC:J9271", "HSD*VS*4"], LineOutcome.CERTIFIED_MODIFIED),
        ({"value": 6, "unit": "visits"}, ["SV1*HC:J9271", "HSD*VS*6"], LineOutcome.CERTIFIED),
        ({"value": 6, "unit": "days"}, ["SV1*HC:J9271", "HSD*DY*5"], LineOutcome.CERTIFIED_MODIFIED),
        # What was asked for is repeated beside what is granted.
        ({"value": 6, "unit": "days"}, ["SV2*0636*HC:J9271**DA*6", "HSD*DY*5"], LineOutcome.CERTIFIED_MODIFIED),
        # Two in every week are more in all.
        ({"value": 6, "unit": "visits"}, ["SV1*HC:J9271", "HSD*VS*2*WK*1"], LineOutcome.CERTIFIED),
    ],
)
def test_days_and_visits_are_compared_as_totals(
    wanted: dict[str, object], answer: list[str], outcome: LineOutcome
) -> None:
    of = request(lines=[line(id="drug", quantity=wanted)])
    found = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), *answer]]), of=of)
    assert of_line(found, "drug").outcome is outcome


@pytest.mark.parametrize("services", [[], [[trn(1), "SV1*HC:J9271"]]])
def test_days_granted_at_the_event_count_for_its_only_service(services: list[list[str]]) -> None:
    of = request(lines=[line(id="drug", quantity={"value": 6, "unit": "days"})])
    drug = of_line(outcome_of(response(EVENT, "HCR*A1*AUTH1", "HSD*DY*2", services=services), of=of), "drug")
    assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal(2), "days")


def test_days_granted_at_an_event_of_several_services_are_no_lines_quantity() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", "HSD*DY*2"))
    assert {result.quantity for result in outcome.lines} == {None}


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        (("120", "80"), LineOutcome.CERTIFIED),
        (("60", "40"), LineOutcome.CERTIFIED_MODIFIED),
        (("200", "0"), LineOutcome.UNKNOWN),
    ],
)
def test_a_line_split_over_several_services_has_what_they_add_up_to(
    parts: tuple[str, str], outcome: LineOutcome
) -> None:
    split = [[trn(1), "HCR*A1*AUTH1", f"SV1*HC:J9271**UN*{part}"] for part in parts]
    found = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=split))
    assert of_line(found, "drug").outcome is outcome
    assert found.attention is Attention.OPERATOR


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
        {
            "purpose": "review",
            "organization": "EVERGREEN HEALTH",
            "phone": "2155550100",
            "url": "example.org",
        },
        {
            "purpose": "additional_information",
            "organization": "REVIEW UNIT",
            "name": "INTAKE",
            "phone": "2155550199",
            "fax": "2155550198",
            "email": "r@example.org",
        },
    ]
