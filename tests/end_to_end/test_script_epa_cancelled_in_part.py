"""A case of two payers is cancelled while one of them, a PBM, has not said yet under which number it has its part."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.conftest import Pharmacy, member
from tests.end_to_end.test_script_epa import until, until_called
from tests.running.customer import Customer
from tests.running.pbm import BIRCH, compose_oral
from tests.running.requests import compose


def _of_both(medical: str, pharmacy: str) -> dict[str, Any]:
    """A drug that is infused and one that is taken, of a patient whom payer and PBM know by different numbers."""
    request, plan = compose_oral(pharmacy), compose(medical)
    own = request["coverages"][0]
    request["coverages"] = [plan["coverages"][0] | {"pharmacy": own["pharmacy"]}, own]
    request["lines"] = [plan["lines"][0] | {"id": "1"}, request["lines"][0] | {"id": "2"}]
    return request


async def test_who_could_not_be_told_is_named_and_stays_so_until_it_is_told(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXLATE")
    case_id = await patron.submit(_of_both(member("PEND"), name))
    await pharmacy.pbms.until_filing(name, lambda filing: filing["count"])
    await until(patron, case_id, lambda case: case["submissions"][0]["status"] in ("pended", "approved"))
    taken = await patron.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "another regimen"})
    assert taken.status == 202, taken.body
    [untold] = taken.json()["untold"]
    assert (untold["payer"], "first answer" in untold["fix"]) == (BIRCH, True)
    await until(patron, case_id, lambda case: case["submissions"][0]["status"] == "cancelled")
    # A timer of the gateway's own, and then the payer, say other things of it.
    await until_called(patron, case_id, "in the time its profile allows; the case is cancelled")
    await pharmacy.pbms.advance(3600)
    case = await until(patron, case_id, lambda case: case["status"] == "needs_information")
    assert f"the case is cancelled, and {BIRCH} could not be told: cancel it again" in case["attention"]["why"]
    again = await patron.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "another regimen"})
    assert (again.status, again.json()["untold"]) == (202, [])
    case = await patron.until(case_id, "cancelled")
    assert case["attention"] == {"who": "none", "why": None}
    assert len((await pharmacy.pbms.filing(name))["cancels"]) == 1
