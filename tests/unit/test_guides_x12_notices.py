"""What comes under X216, of which little is known: it is warned of, and still not taken whatever it holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.x12_278.guides.faults import Report, Verdict
from adapters.x12_278.guides.grammar import Sure
from adapters.x12_278.tools import TOOLS
from gateway.contract.guides import GuideFiles
from gateway.contract.tools import Said
from tests.unit.guide_documents import Segments, interchange
from tests.unit.test_guides_x12 import INDEX
from tests.unit.x12_checker import checked, files, guides, response, rule_files

NOTICE = "005010X216"


def stamped(guide: str, purpose: str = "11", **over: list[list[str]]) -> str:
    body: Segments = response(**over)
    return interchange("HI", guide, [["ST", "278", "0001", guide], ["BHT", "0007", purpose, *body[1][3:]], *body[2:]])


def rules(report: Report) -> set[str]:
    return {fault.rule for fault in report.faults}


def verdict(report: Report) -> Verdict:
    return report.interchanges[0].groups[0].transactions[0].verdict


def test_how_sure_a_row_of_the_index_is_goes_with_the_choice() -> None:
    seen = set()
    for version in INDEX.iter("version"):
        for row in version.iter("map"):
            if row.get("vriic"):
                choice = guides().choose(version.get("icvn"), row.get("fic"), row.get("vriic"), "", row.get("tspc", ""))
                assert choice is not None
                assert choice.sure == row.get("sure", "agreed")
                seen.add(choice.sure)
    assert seen == {Sure.AGREED, Sure.INFERRED, Sure.UNVERIFIED}


@pytest.mark.parametrize(
    ("guide", "purpose", "found"),
    [
        ("005010X217", "11", Verdict.ACCEPTED),
        ("005010X215", "49", Verdict.ACCEPTED),
        ("005010X215", "11", Verdict.WARNED),
        (NOTICE, "11", Verdict.WARNED),
        (NOTICE, "08", Verdict.WARNED),
        (NOTICE, "53", Verdict.WARNED),
        (NOTICE, "14", Verdict.WARNED),
    ],
)
def test_a_transaction_whose_guide_was_only_concluded_is_warned_of_and_never_just_accepted(
    guide: str, purpose: str, found: Verdict
) -> None:
    said: list[Said] = []
    text = stamped(guide, purpose).encode()
    assert verdict(checked(text)) is found
    assert TOOLS.check([text], GuideFiles(files(), rule_files()), (), said.append)
    doubts = [each.data["doubt"] for each in said if "doubt" in each.data]
    assert len(doubts) == (found is Verdict.WARNED)
    assert all(each["sure"] in ("inferred", "unverified") and guide in each["guide"] for each in doubts)
    assert json.dumps([dict(each.data) for each in said])
    assert said[-1].data["transactions"][found] == 1


def test_a_doubt_of_ours_is_told_to_no_trading_partner() -> None:
    text = stamped(NOTICE, "14").encode()
    at = datetime(2026, 11, 22, tzinfo=UTC)
    numbers, shelf = range(1, 9), GuideFiles(files(), rule_files())
    written = TOOLS.acknowledge(lambda: [text], shelf, (), at, lambda count: numbers[:count], lambda _: None)
    assert b"IK5*A~" in written
    assert b"ST*824" not in written


@pytest.mark.parametrize("purpose", ["11", "14"])
@pytest.mark.parametrize(
    ("over", "at"),
    [
        ({"HCR_A1": [["HCR", "Q9"]]}, "2000E/HCR01"),
        ({"HCR_A3": [["HCR", "Q9"]]}, "2000F/HCR01"),
        ({"UM_HS": [["UM", "ZZ", "I", "1", "11:B"]]}, "2000E/UM01"),
        ({"UM_HS": [["UM", "HS", "Q", "1", "11:B"]]}, "2000E/UM02"),
    ],
)
def test_codes_that_no_278_knows_are_refused_under_x216_too(over: dict[str, Any], at: str, purpose: str) -> None:
    refused = {fault.at for fault in checked(stamped(NOTICE, purpose, **over)).faults if fault.refuses}
    assert refused == {at}


@pytest.mark.parametrize("purpose", ["11", "14"])
@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ({"NM1_X3": [["NM1", "ZZ", "2", "SAMPLE PLAN"]]}, "role_of_who_tells"),
        ({"NM1_1P": [["NM1", "ZZ", "2", "SAMPLE CLINIC"]]}, "role_of_who_is_told"),
        ({"MSG_SYNTHETIC": [["NM1", "ZZ", "2", "SAMPLE CLINIC"]]}, "role_of_party_of_the_event"),
        ({"NM1_SJ": [["NM1", "ZZ", "2", "SAMPLE CLINIC"]]}, "role_of_party_of_the_service"),
    ],
)
def test_a_role_that_no_278_knows_is_warned_of(over: dict[str, Any], rule: str, purpose: str) -> None:
    found = [fault for fault in checked(stamped(NOTICE, purpose, **over)).faults if fault.rule == rule]
    assert [fault.refuses for fault in found] == [False]
    assert rule not in rules(checked(stamped(NOTICE, purpose)))


def test_the_decision_of_a_review_is_warned_of_where_it_is_stamped_as_a_notice() -> None:
    decided = {"event_decided_under_the_notice", "service_decided_under_the_notice"}
    assert decided <= rules(checked(stamped(NOTICE)))
    assert not decided & rules(checked(stamped(NOTICE, "14")))
    ours = {"TRN_2": [["TRN", "1", "TRACE0001", "1999999999"]]}
    assert not decided & rules(checked(stamped(NOTICE, "11", **ours)))
    received = {"HCR_A1": [["HCR", "NA"]], "HCR_A3": [["HCR", "CT"]]}
    assert not decided & rules(checked(stamped(NOTICE, "11", **received)))
