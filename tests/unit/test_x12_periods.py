"""Dates in a 278 response: for which days a line is granted, whether these are all, and when that was said."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gateway.model.outcome import LineResult
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    destination,
    line,
    of_line,
    outcome_of,
    request,
    response,
    service,
    trn,
    words,
)

ASKED = {"start": "2026-03-01", "end": "2026-08-31"}
"""The days that every line of ``request`` is asked for."""


def drug_of(*event: str, dates: dict[str, str] | None = None, services: list[list[str]] | None = None) -> LineResult:
    """What became of a request of one line, certified in total."""
    of = request(lines=[line(id="drug", dates=dates or ASKED)])
    said = [[trn(1), "SV1*HC:J9271"]] if services is None else services
    return of_line(outcome_of(response(EVENT, "HCR*A1*AUTH1", *event, services=said), of=of), "drug")


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        (["DTP*007*RD8*20260315-20260831"], date(2026, 3, 15), date(2026, 8, 31)),
        (["DTP*007*RD8*20260301-20260830"], date(2026, 3, 1), date(2026, 8, 30)),
        (["DTP*007*D8*20260301", "DTP*036*D8*20260531"], date(2026, 3, 1), date(2026, 5, 31)),
        (["DTP*036*D8*20260531"], None, date(2026, 5, 31)),
        (["DTP*007*D8*20260302"], date(2026, 3, 2), None),
        (["DTP*AAH*RD8*20260301-20260531"], date(2026, 3, 1), date(2026, 5, 31)),
    ],
)
@pytest.mark.parametrize("services", [[], [[trn(1), "SV1*HC:J9271"]]])
def test_a_line_certified_in_total_for_fewer_days_is_modified(
    said: list[str], start: date | None, end: date | None, services: list[list[str]]
) -> None:
    drug = drug_of(*said, services=services)
    assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (start, end)
    assert drug.authorization_number == "AUTH1"


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        (["DTP*193*D8*20260301", "DTP*194*D8*20260531"], date(2026, 3, 1), date(2026, 5, 31)),
        (["DTP*194*D8*20260531"], None, date(2026, 5, 31)),
        (["DTP*193*D8*20260401"], date(2026, 4, 1), None),
        (["DTP*007*RD8*20260301-20260831", "DTP*194*D8*20260531"], date(2026, 3, 1), date(2026, 5, 31)),
        (["DTP*472*RD8*20260301-20260831", "DTP*194*D8*20260531"], date(2026, 3, 1), date(2026, 5, 31)),
    ],
)
def test_the_begin_and_the_end_of_a_period_bound_a_line(said: list[str], start: date | None, end: date | None) -> None:
    for event, services in ((said, []), ([], [[trn(1), *said, "SV1*HC:J9271"]])):
        drug = drug_of(*event, services=services)
        assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
        assert drug.period is not None
        assert (drug.period.start, drug.period.end) == (start, end)


def test_the_begin_and_the_end_of_the_period_asked_for_or_a_longer_one_call_nobody() -> None:
    for first, last in (("20260301", "20260831"), ("20260101", "20261231")):
        document = response(EVENT, "HCR*A1*AUTH1", f"DTP*193*D8*{first}", f"DTP*194*D8*{last}")
        outcome = outcome_of(document)
        assert set(words(outcome).values()) == {LineOutcome.CERTIFIED}
        assert outcome.attention is Attention.NONE
        assert outcome.period is not None


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["DTP*007*RD8*20260301-20260831"],
        ["DTP*007*RD8*20260215-20261231"],
        # A first day alone, or a last one, leaves the other open.
        ["DTP*007*D8*20260301"],
        ["DTP*036*D8*20260831"],
        ["DTP*472*D8*20260301"],
        # When somebody is admitted limits nothing.
        ["DTP*435*D8*20260310"],
    ],
)
def test_a_line_certified_for_the_days_asked_for_or_more_is_certified(said: list[str]) -> None:
    assert drug_of(*said).outcome is LineOutcome.CERTIFIED


def test_an_end_is_compared_only_where_one_was_asked_for() -> None:
    endless = {"start": "2026-03-01"}
    assert drug_of("DTP*007*RD8*20260301-20260531", dates=endless).outcome is LineOutcome.CERTIFIED
    assert drug_of("DTP*007*RD8*20260302-20260531", dates=endless).outcome is LineOutcome.CERTIFIED_MODIFIED


def test_the_dates_of_its_service_alone_make_a_line_modified_too() -> None:
    for qualifier in ("007", "472"):
        narrow = [trn(1), f"DTP*{qualifier}*RD8*20260301-20260531", "SV1*HC:J9271"]
        assert drug_of(services=[narrow]).outcome is LineOutcome.CERTIFIED_MODIFIED


def test_each_line_is_held_against_its_own_days() -> None:
    shorter = {"start": "2026-03-01", "end": "2026-05-31"}
    infusion = line("96413", "cpt", id="infusion", quantity={"value": 6}, dates=shorter)
    of = request(lines=[line(id="drug"), infusion])
    document = response(EVENT, "HCR*A1*A", "DTP*007*RD8*20260301-20260531", services=[service(DRUG), service(INFUSION)])
    found = words(outcome_of(document, of=of))
    assert found == {"drug": LineOutcome.CERTIFIED_MODIFIED, "infusion": LineOutcome.CERTIFIED}


@pytest.mark.parametrize(
    ("second", "outcome"),
    [("20260601-20260831", LineOutcome.CERTIFIED), ("20260601-20260731", LineOutcome.CERTIFIED_MODIFIED)],
)
def test_a_line_split_over_several_services_has_the_days_they_cover(second: str, outcome: LineOutcome) -> None:
    days = ("20260301-20260531", second)
    split = [[trn(1), "HCR*A1*A", f"DTP*007*RD8*{each}", "SV1*HC:J9271"] for each in days]
    assert of_line(outcome_of(response(EVENT, "HCR*A1*A", services=split)), "drug").outcome is outcome


@pytest.mark.parametrize("days", ["20250301-20250831", "20260901-20260930", "20260831-20260301"])
def test_a_grant_of_none_of_the_days_asked_for_is_told_and_a_person_looks(days: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", f"DTP*007*RD8*{days}"))
    assert set(words(outcome).values()) == {LineOutcome.CERTIFIED_MODIFIED}
    assert outcome.attention is Attention.OPERATOR
    assert "none of the days" in (outcome.attention_why or "")


def test_other_words_than_a_grant_have_no_days_to_compare() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A4", "DTP*007*RD8*20260301-20260302"))
    assert set(words(outcome).values()) == {LineOutcome.PENDING}


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


@pytest.mark.parametrize(
    "text",
    [
        "D8*20261345",
        "D8*2026",
        "D8*20260301-2026",
        "D8*TODAY",
        "D8",
        "RD8*20260301",
        # Half of a range is not the range.
        "RD8*20260301-20261332",
        "RD8*20260230-20260831",
    ],
)
@pytest.mark.parametrize("qualifier", ["007", "036", "472", "AAH", "193", "194"])
def test_dates_that_cannot_be_read_grant_nobody_knows_which_days_and_a_person_looks(text: str, qualifier: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", f"DTP*{qualifier}*{text}"))
    assert outcome.attention is Attention.OPERATOR
    assert "date" in (outcome.attention_why or "")
    assert set(words(outcome).values()) == {LineOutcome.UNKNOWN}
    assert outcome.period is None


def test_dates_of_one_part_of_a_line_that_cannot_be_read_leave_the_line_unknown() -> None:
    split = [[trn(1), "HCR*A1*A", f"DTP*007*{each}", "SV1*HC:J9271"] for each in ("D8*20260301", "D8*SOON")]
    assert of_line(outcome_of(response(EVENT, "HCR*A1*A", services=split)), "drug").outcome is LineOutcome.UNKNOWN


WHOLE, SPRING = "20260301-20260831", "20260301-20260531"


@pytest.mark.parametrize(
    ("event", "service"),
    [
        # Of the event's and the service's days, those that are in both count.
        ([f"DTP*007*RD8*{SPRING}"], [f"DTP*007*RD8*{WHOLE}"]),
        ([f"DTP*007*RD8*{WHOLE}"], [f"DTP*007*RD8*{SPRING}"]),
        ([f"DTP*007*RD8*{WHOLE}"], [f"DTP*472*RD8*{SPRING}"]),
        ([f"DTP*AAH*RD8*{SPRING}"], [f"DTP*472*RD8*{WHOLE}"]),
        # A service that says when it begins, and an event that says when it ends.
        (["DTP*036*D8*20260531"], ["DTP*007*D8*20260301"]),
        # Several of one kind.
        ([f"DTP*007*RD8*{WHOLE}", f"DTP*007*RD8*{SPRING}"], []),
        ([], [f"DTP*472*RD8*{WHOLE}", f"DTP*472*RD8*{SPRING}"]),
        ([], [f"DTP*472*RD8*{SPRING}", f"DTP*472*RD8*{WHOLE}"]),
        (["DTP*036*D8*20260831", "DTP*007*D8*20260301", "DTP*036*D8*20260531"], []),
        ([f"DTP*007*RD8*{SPRING}", "DTP*036*D8*20260831"], []),
        # An admission limits nothing, and hides nothing.
        (["DTP*435*D8*20260301", f"DTP*472*RD8*{SPRING}"], []),
    ],
)
def test_of_dates_that_differ_the_narrowest_count(event: list[str], service: list[str]) -> None:
    drug = drug_of(*event, services=[[trn(1), *service, "SV1*HC:J9271"]])
    assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert drug.period is not None
    assert drug.period.end == date(2026, 5, 31)
    assert drug.period.start in (date(2026, 3, 1), None)


def test_each_end_of_a_period_is_shown_where_it_was_read() -> None:
    document = response(EVENT, "HCR*A1", "DTP*036*D8*20260531", services=[[trn(1), "DTP*007*D8*20260401"]])
    sources = outcome_of(document).sources
    starts, ends = sources["/lines/0/period/start"], sources["/lines/0/period/end"]
    assert (starts.path, ends.path) == ("2000F/DTP03", "2000E/DTP03")
    assert (document[starts.start : starts.end], document[ends.start : ends.end]) == (b"20260401", b"20260531")


def test_of_several_first_days_the_latest_counts() -> None:
    for days in (("20260301", "20260401"), ("20260401", "20260301")):
        drug = drug_of(*(f"DTP*007*D8*{day}" for day in days))
        assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
        assert drug.period is not None
        assert drug.period.start == date(2026, 4, 1)


def test_several_dates_of_one_kind_call_a_person_unless_they_are_the_same() -> None:
    def attention(*service: str) -> Attention:
        said = [[trn(1), *(f"DTP*472*RD8*{each}" for each in service), "SV1*HC:J9271"]]
        return outcome_of(response(EVENT, "HCR*A1*AUTH1", services=said)).attention

    assert attention(WHOLE, SPRING) is Attention.OPERATOR
    assert attention(WHOLE, WHOLE) is Attention.NONE


def test_dates_asked_for_that_are_repeated_do_not_narrow_a_wider_certification() -> None:
    drug = drug_of("DTP*007*RD8*20260201-20261231", services=[[trn(1), f"DTP*472*RD8*{WHOLE}", "SV1*HC:J9271"]])
    assert drug.outcome is LineOutcome.CERTIFIED
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 2, 1), date(2026, 12, 31))


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


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("20261101*0059", datetime(2026, 11, 1, 4, 59, tzinfo=UTC)),
        ("20261101*0100", None),  # summer time ends: from one to two comes twice
        ("20261101*0159", None),
        ("20261101*0200", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        ("20260308*0159", datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        ("20260308*0230", None),  # summer time begins: there is no half past two
        ("20260308*0300", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
    ],
)
def test_a_time_that_the_payers_zone_has_twice_or_never_is_no_time(when: str, told: datetime | None) -> None:
    found = outcome_of(response(EVENT, "HCR*A1").replace(b"*20260301*1011*18", f"*{when}*18".encode()))
    assert (found.effective_at and found.effective_at.astimezone(UTC)) == told
    assert ("/effective_at" in found.sources) == (told is not None)


# A stay in hospital

STAY = {"admitted_on": "2026-03-04", "discharged_on": "2026-03-09"}
BED = line(
    "0120",
    "revenue",
    id="bed",
    quantity={"value": 5, "unit": "days"},
    dates={"start": "2026-03-04", "end": "2026-03-09"},
)
SURGERY = line("27447", "cpt", id="surgery", dates={"start": "2026-03-05"})


def stay(*dates: str) -> tuple[list[LineOutcome], Attention]:
    of = request(
        review="admission", care="inpatient", site={"place_of_service": "21"}, admission=STAY, lines=[BED, SURGERY]
    )
    outcome = outcome_of(response("UM*AR*I**21:B", "HCR*A1*AUTH9", *dates), of=of)
    return [words(outcome)["bed"], words(outcome)["surgery"]], outcome.attention


@pytest.mark.parametrize(
    "dates",
    [
        [],
        ["DTP*435*D8*20260304", "DTP*096*D8*20260309"],
        ["DTP*435*D8*20260305"],
        ["DTP*435*RD8*20260304-20260309"],
        ["DTP*435*D8*20260304", "DTP*096*D8*20260312"],
    ],
)
def test_a_stay_on_the_days_that_were_asked_for_is_certified(dates: list[str]) -> None:
    assert stay(*dates) == ([LineOutcome.CERTIFIED] * 2, Attention.NONE)


@pytest.mark.parametrize("day", ["20260310", "20270304", "20260303", "20250304"])
def test_a_stay_that_begins_on_other_days_is_another_and_a_person_looks(day: str) -> None:
    assert stay(f"DTP*435*D8*{day}") == ([LineOutcome.CERTIFIED_MODIFIED] * 2, Attention.OPERATOR)
    certified = ["DTP*007*RD8*20260304-20260309", f"DTP*435*D8*{day}"]
    assert stay(*certified) == ([LineOutcome.CERTIFIED_MODIFIED] * 2, Attention.OPERATOR)


@pytest.mark.parametrize("dates", [["DTP*435*RD8*20260304-20260306"], ["DTP*435*D8*20260304", "DTP*096*D8*20260306"]])
def test_a_shorter_stay_is_modified_and_what_is_given_in_it_is_not(dates: list[str]) -> None:
    assert stay(*dates) == ([LineOutcome.CERTIFIED_MODIFIED, LineOutcome.CERTIFIED], Attention.NONE)


def test_a_stay_whose_days_cannot_be_read_decides_nothing() -> None:
    assert stay("DTP*435*D8*20260231")[0] == [LineOutcome.UNKNOWN] * 2
    assert stay("DTP*096*D8*20260231")[0] == [LineOutcome.UNKNOWN] * 2
