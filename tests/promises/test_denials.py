"""Why payers say no, in their own words: rows 10, 20, 21 and 33 of what was promised."""

from __future__ import annotations

from typing import Any

import pytest

from tests.denials.corpus import MEASURED, measure
from tests.end_to_end.conftest import member
from tests.running.customer import Customer
from tests.running.pbm import compose_oral, reply_to_all
from tests.unit.api_house import House


async def classify(house: House, **answer: Any) -> dict[str, Any]:
    response = await house.call("POST", "/v1/reasons", answer)
    assert response.status == 200, await response.text()
    shown: dict[str, Any] = await response.json()
    return shown


@pytest.mark.parametrize(
    "text",
    [
        "We cannot approve infusion in the hospital outpatient department. A freestanding center is preferred.",
        "SITE OF CARE NOT MET. REDIRECT TO HOME INFUSION.",
    ],
)
async def test_row_1_10_a_denied_site_suggests_another_site(house: House, text: str) -> None:
    shown = await classify(house, text=text)
    assert shown["verdict"] == "adverse"
    [reason] = [each for each in shown["reasons"] if each["word"] == "site_of_service"]
    assert (reason["scope"], reason["next_action"], reason["source"]) == ("site", "change_site", "text_rule")
    assert text[reason["span"]["start"] : reason["span"]["end"]].strip()


async def test_row_1_10_a_code_for_the_site_says_the_same_as_a_text(house: House) -> None:
    codes = [
        {"system": name, "code": code}
        for name, table in house.desk.library.tables.items()
        for code, entry in table.codes.items()
        if entry.means == "site_of_service"
    ]
    assert codes
    for code in codes:
        shown = await classify(house, codes=[code])
        [reason] = shown["reasons"]
        assert (reason["next_action"], reason["scope"]) == ("change_site", "site")


async def test_row_1_20_nine_of_ten_that_are_mapped_are_right(house: House) -> None:
    found = []
    for labelled in MEASURED:
        shown = await classify(house, text=labelled.text)
        found.append((labelled, shown["verdict"], [reason["word"] for reason in shown["reasons"]]))
    result = measure(found)
    assert result.crossed == (), "nothing adverse reads as an approval, nor the reverse"
    assert result.verdicts >= 0.9, result
    assert result.reasons >= 0.9, result
    assert result.recall >= 0.7, result


async def test_row_1_20_what_a_payer_wrote_of_a_denial_says_why_where_no_code_does(patron: Customer) -> None:
    case_id = await patron.submit(compose_oral(member("RXDENY")))
    await reply_to_all(patron, case_id)
    case = await patron.until(case_id, "denied")
    [reason] = case["lines"][0]["reasons"]
    assert reason["text"].startswith("A preferred drug was not tried first.")
    assert (reason["code"], reason["word"], reason["rule"]) == (None, "step_therapy_missing", "step_missing")
    assert (reason["scope"], reason["next_action"], reason["peer_to_peer"]) == ("product", "appeal", True)
    text = {"text": reason["text"]}
    classified = (await patron.call("POST", "/v1/reasons", text)).json()
    assert [each["rule"] for each in classified["reasons"]] == ["step_missing"]


async def test_row_1_21_a_coverage_determination_is_named_with_its_number(house: House) -> None:
    text = (
        "Denied. Per Local Coverage Determination L33394 and NCD 110.17 the service is not covered. See article A52370."
    )
    shown = await classify(house, text=text)
    assert shown["verdict"] == "adverse"
    assert [reason["word"] for reason in shown["reasons"]] == ["ncd_lcd_non_coverage"]
    assert (shown["facts"]["lcds"], shown["facts"]["ncds"]) == (["L33394", "A52370"], ["110.17"])
    other = await classify(house, text="Denied. The dose of 110.17 mg exceeds the quantity limit.")
    assert other["facts"]["ncds"] == []


async def test_row_1_33_only_clinical_reasons_offer_a_talk_of_peers(house: House) -> None:
    clinical = await classify(house, text="Denied: not medically necessary.")
    [reason] = clinical["reasons"]
    assert (reason["clinical"], reason["peer_to_peer"], reason["next_action"]) == (True, True, "peer_to_peer")
    for text in ("Denied: coverage terminated.", "Denied. Provider is out of network.", "Denied: untimely filing."):
        [reason] = (await classify(house, text=text))["reasons"]
        assert (reason["clinical"], reason["peer_to_peer"]) == (False, False), text


async def test_row_1_33_a_specific_code_stays_and_what_disagrees_is_not_decided(house: House) -> None:
    coded = [{"system": "x12_hcr03", "code": "9"}]
    shown = await classify(house, text="Denied. The facility is out of network.", codes=coded)
    assert [(each["word"], each["source"]) for each in shown["reasons"]] == [("out_of_network", "code")]
    torn = await classify(house, text="Your request has been approved.", codes=[{"system": "x12_hcr01", "code": "A3"}])
    assert (torn["verdict"], bool(torn["doubt"])) == ("unmapped", True)
    for code in ("A2", "A6"):
        known = await classify(house, codes=[{"system": "x12_hcr01", "code": code}])
        assert (known["verdict"], known["unmapped_codes"], bool(known["doubt"])) == ("unmapped", [], True), code
    review = [{"system": "x12_hcr01", "code": "A1"}, {"system": "x12_hcr03", "code": "0V"}]
    assert (await classify(house, codes=review))["verdict"] == "unmapped", "it is under review"
    strange = await classify(house, codes=[{"system": "nobody", "code": "1"}])
    assert (strange["verdict"], strange["unmapped_codes"]) == ("unmapped", [{"system": "nobody", "code": "1"}])
