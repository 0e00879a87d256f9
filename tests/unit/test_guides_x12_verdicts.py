"""The guides of the 999 and the 824, and TA1: what they hold, and what pyx12 takes and refuses with them."""

from __future__ import annotations

import pytest

from adapters.x12_278.guides.faults import Verdict
from adapters.x12_278.guides.grammar import Sure
from tests.cases_material import shelf
from tests.unit.guide_documents import Segments, interchange, verdict_824, verdict_999
from tests.unit.guide_opinion import codes, faults, load, outline
from tests.unit.x12_checker import checked

GROUP = "999_005010X231A1.xml"
APPLICATIONS = ["005010X186", "005010X186A1", "006020X257"]
AT_ODDS = {
    "ack_999_without_leading_zeros": "AK202",
    "ack_ta1_counted_as_a_group": "IEA count",
}
"""Cases whose point is what the payer got wrong, and the word of pyx12 for it."""
HEARD = [
    (slot.name, slot.case.document(heard))
    for slot in shelf()
    if slot.case and slot.channel == "x12_278"
    for heard in slot.case.received
    if isinstance(heard, bytes) and (b"ST*999*" in heard or b"TA1*" in heard)
]


def group(body: Segments) -> list[str]:
    return faults(interchange("FA", "005010X231A1", body))


def application(body: Segments, guide: str = "005010X186A1") -> list[str]:
    return faults(interchange("AG", guide, body))


def test_the_999_nests_elements_in_segments_in_transactions() -> None:
    assert outline(GROUP) == [
        "HEADER AK1 R1",
        "2000 AK2 R1",
        *("2100 IK3 R1", "2100 CTX S10"),
        *("2110 IK4 R1", "2110 CTX S10"),
        "2000 IK5 R1",
        "HEADER AK9 R1",
    ]


def test_the_999_knows_every_code_for_a_fault() -> None:
    segments = {*map(str, range(1, 9)), "I4", "I6", "I7", "I8", "I9"}
    elements = {*map(str, range(1, 14)), "I6", "I9", "I10", "I11", "I12", "I13"}
    assert codes(GROUP, "HEADER/2000/2100/IK3/4") == segments
    assert codes(GROUP, "HEADER/2000/2100/2110/IK4/3") == elements
    assert codes(GROUP, "HEADER/2000/IK5/1") == set("AEMRWX")
    assert codes(GROUP, "HEADER/AK9/1") == set("AEMPRWX")
    assert codes(GROUP, "HEADER/2000/IK5/2") >= {"5", "13", "23", "27", "I5", "I6"}
    assert codes(GROUP, "HEADER/AK9/5") >= {"1", "6", "19", "26"}


def test_the_999_says_nothing_about_which_groups_there_are() -> None:
    assert codes(GROUP, "HEADER/AK1/1") == set()
    assert codes(GROUP, "HEADER/2000/AK2/1") == set()


@pytest.mark.parametrize(("case", "document"), HEARD, ids=[name for name, _ in HEARD])
def test_an_acknowledgment_of_a_case_is_judged_as_the_case_means_it(case: str, document: bytes) -> None:
    found = faults(document.decode("latin-1"))
    assert bool(found) == (case in AT_ODDS)
    assert AT_ODDS.get(case, "") in " ".join(found)


def test_there_are_cases_of_both_kinds_of_acknowledgment() -> None:
    heard = b"".join(document for _, document in HEARD)
    assert b"ST*999*" in heard
    assert b"TA1*" in heard


def test_a_999_that_says_everything_it_can_is_accepted() -> None:
    assert group(verdict_999()) == []


def test_a_999_may_come_stamped_with_the_guide_before_its_errata() -> None:
    body = verdict_999()
    body[0][3] = "005010X231"
    assert faults(interchange("FA", "005010X231", body)) == []


@pytest.mark.parametrize(
    ("row", "place", "value", "word"),
    [
        (2, 2, "001", "AK202"),
        (3, 1, "Z", "IK5*Z"),
        (5, 4, "9", "IK304"),
        (8, 3, "I5", "IK403"),
        (12, 1, "Z", "AK9*Z"),
        (12, 4, "none", "AK904"),
    ],
)
def test_a_999_with_one_wrong_value_is_refused(row: int, place: int, value: str, word: str) -> None:
    body = verdict_999()
    body[row][place] = value
    assert word in " ".join(group(body))


@pytest.mark.parametrize("row", [1, 11, 12])
def test_a_999_without_a_segment_it_needs_is_refused(row: int) -> None:
    body = verdict_999()
    assert group(body[:row] + body[row + 1 :])


def test_a_ta1_stands_in_front_of_a_group_or_alone() -> None:
    whole = interchange("FA", "005010X231A1", verdict_999()).split("~\n")
    ta1 = "TA1*000000042*261124*1004*A*000"
    assert faults("~\n".join([whole[0], ta1, *whole[1:]])) == []
    assert faults("~\n".join([whole[0], ta1, "IEA*0*000000043", ""])) == []


def test_a_ta1_knows_its_verdicts_and_notes() -> None:
    ta1 = load(GROUP).getnodebypath("/ISA_LOOP/TA1")
    assert ta1.children[3].valid_codes == ["A", "E", "R"]
    assert ta1.children[4].valid_codes == [f"{note:03d}" for note in range(32)]


def test_pyx12_misses_what_a_loop_lacks_when_it_begins_again_at_once() -> None:
    body = verdict_999()
    assert group([*body[:3], *body[4:]]) == []


@pytest.mark.parametrize("guide", APPLICATIONS)
def test_an_824_is_accepted_under_each_of_its_numbers(guide: str) -> None:
    assert application(verdict_824(guide), guide) == []


def test_both_824_guides_are_one_structure() -> None:
    assert outline("824_005010X186.xml") == outline("824_006020X257.xml")


@pytest.mark.parametrize("version", ["00501", "00602"])
def test_an_824_on_documents_is_warned_of_for_nothing_of_its_guide_is_known(version: str) -> None:
    body = verdict_824("006020X257")
    report = checked(interchange("AG", "006020X257", body, version=version))
    ((transaction,),) = [group.transactions for each in report.interchanges for group in each.groups]
    assert (transaction.sure, transaction.verdict) == (Sure.UNVERIFIED, Verdict.WARNED)
    assert report.ok


def test_an_824_may_say_no_more_than_its_verdict() -> None:
    body = verdict_824("005010X186A1")
    assert application([body[0], body[1], body[-1]]) == []


@pytest.mark.parametrize(
    ("row", "place", "value", "word"),
    [
        (1, 3, "20261399", "BGN03"),
        (5, 3, "", "OTI03"),
        (5, 8, "", "OTI"),
        (7, 1, "", "TED01"),
        (2, 1, "QQ", "N1*QQ"),
    ],
)
def test_an_824_with_one_wrong_value_is_refused(row: int, place: int, value: str, word: str) -> None:
    body = verdict_824("005010X186A1")
    body[row][place] = value
    assert word in " ".join(application(body))
