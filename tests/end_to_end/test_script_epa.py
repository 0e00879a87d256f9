"""A drug of the pharmacy benefit, asked of a PBM: questions and answers over hours, in a second each."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Pharmacy, member
from tests.running.customer import Customer
from tests.running.pbm import ALDER, BIRCH, MAPLE, compose_oral, reply, reply_to_all, until_asked


@pytest.mark.parametrize("payer", [BIRCH, ALDER, MAPLE])
async def test_questions_are_answered_and_the_drug_is_approved(
    pharmacy: Pharmacy, patron: Customer, payer: str
) -> None:
    name = member("RXAPPROVE")
    case_id = await patron.submit(compose_oral(name, payer=payer))
    asked = await until_asked(patron, case_id)
    assert (await patron.case(case_id))["attention"]["who"] == "provider"
    assert (await reply(patron, case_id, asked)).status == 202
    case = await patron.until(case_id, "approved")
    filing = await pharmacy.pbms.filing(name)
    assert case["lines"][0]["authorization_number"] == filing["authorization"]
    assert (filing["count"], filing["alike"], len(filing["answers"]), filing["refused"]) == (1, 1, 1, 0)
