"""What the simulated payers answer: their business rules, and every published member id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conformance.simulators.members import WORDS
from tests.unit.simulator_messages import Answer, Caller, answer_275, calling, find, inquiry_278, request_278

THREE = (("J9271", "200"), ("96413", "1"), ("J1745", "51"))
BOTH = pytest.mark.parametrize("receiver", ["EVERGREEN", "BLUESTEM"])


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


def actions(answer: Answer) -> list[str]:
    """HCR01 of the event and of each service, in order."""
    return [segment[1] for segment in answer.all("HCR")]


async def ask_later(caller: Caller, member: str, seconds: float, receiver: str = "EVERGREEN") -> Answer:
    await caller.sim("clock", advance_seconds=seconds)
    return await caller.send(inquiry_278(member, receiver=receiver))


@BOTH
async def test_an_approval_has_a_number_dates_and_the_echoed_traces(caller: Caller, receiver: str) -> None:
    answer = await caller.send(request_278("SIMAPPROVE01", receiver=receiver, lines=THREE))
    assert answer.first("ST")[1:] == ["278", "0001", "005010X217"]
    assert answer.first("BHT")[2:4] == ["11", "REFTRACE0001"]
    assert answer.first("BHT")[6] == "18"
    assert answer.first("GS")[8] == "005010X217"
    assert actions(answer) == ["A1"] * 4
    assert answer.first("HCR")[2].endswith("A0000001")
    echoed = [segment[2] for segment in answer.all("TRN") if segment[1] == "2"]
    assert echoed == ["TRACE0001", "TRACE0001-1", "TRACE0001-2", "TRACE0001-3"]
    own = [segment[3] for segment in answer.all("TRN") if segment[1] == "1"]
    assert len(own) == 4
    assert "9123456789" not in own
    periods = {segment[3] for segment in answer.all("DTP") if segment[1] in ("007", "036")}
    assert periods == ({"20260310-20260910"} if receiver == "EVERGREEN" else {"20260310", "20260910"})


async def test_the_two_payers_have_habits_of_their_own(caller: Caller) -> None:
    one = await caller.send(request_278("SIMAPPROVE01"))
    other = await caller.send(request_278("SIMAPPROVE01", receiver="BLUESTEM"))
    assert [answer.first("TRN")[1] for answer in (one, other)] == ["2", "1"]
    assert [len(answer.payload.splitlines()) for answer in (one, other)] == [1, len(other.segments)]
    asked = [await caller.send(inquiry_278(receiver=name)) for name in ("EVERGREEN", "BLUESTEM")]
    assert [answer.first("BHT")[2] for answer in asked] == ["49", "11"]
    assert [answer.first("BHT")[6] for answer in asked] == ["RD", "18"]
    assert {answer.first("ST")[3] for answer in asked} == {"005010X215"}
    missing = [await caller.send(inquiry_278("SIMDENY09", receiver=name)) for name in ("EVERGREEN", "BLUESTEM")]
    assert [answer.first("AAA")[3:] for answer in missing] == [["NC", "N"]] * 2


@BOTH
async def test_denials_carry_their_code_and_our_words(caller: Caller, receiver: str) -> None:
    step = await caller.send(request_278("SIMDENY01", receiver=receiver))
    assert step.first("HCR")[1:] == ["A3", "", "14"]
    assert "Step therapy" in step.first("MSG")[1]
    need = await caller.send(request_278("SIMNECESSITY01", receiver=receiver))
    assert need.first("HCR")[3] == "0F"


@BOTH
async def test_a_pended_review_is_decided_when_its_virtual_time_comes(caller: Caller, receiver: str) -> None:
    pended = await caller.send(request_278("SIMPEND01", receiver=receiver))
    assert pended.first("HCR")[1] == "A4"
    assert pended.first("BHT")[6] == "19"
    assert actions(await ask_later(caller, "SIMPEND01", 30, receiver)) == ["A4", "A4"]
    decided = await ask_later(caller, "SIMPEND01", 31, receiver)
    assert actions(decided) == ["A1", "A1"]
    assert decided.first("HCR")[2].endswith("A0000001")


async def test_a_pended_review_can_end_in_a_denial(caller: Caller) -> None:
    assert actions(await caller.send(request_278("SIMPENDDENY01"))) == ["A4", "A4"]
    assert actions(await ask_later(caller, "SIMPENDDENY01", 61)) == ["A3", "A3"]


@BOTH
async def test_documents_asked_for_bring_the_decision_once_all_have_come(caller: Caller, receiver: str) -> None:
    asked = await caller.send(request_278("SIMDOCS01", receiver=receiver, lines=THREE))
    assert asked.first("HCR")[1] == "A4"
    assert asked.first("HCR")[3] == "0U"
    controls = [segment[6] for segment in asked.all("PWK")]
    assert len(set(controls)) == 2
    assert all("LOI" in element for element in asked.first("HI")[1:])
    assert [segment[1] for segment in asked.all("NM1")].count("X3") == 2, "where the documents go"
    assert asked.first("PER")[3] == "FX"
    levels = [segment[3] if segment[0] == "HL" else segment[0] for segment in asked.segments]
    assert (levels.index("PWK") > levels.index("SS")) == (receiver == "BLUESTEM")

    first = await caller.send(answer_275("SIMDOCS01", (controls[0], "SGVsbG8="), receiver=receiver))
    assert first.first("AK9")[1:] == ["A", "1", "1", "1"]
    assert first.first("AK2")[1:] == ["275", "0001", "006020X316"]
    half = await ask_later(caller, "SIMDOCS01", 1, receiver)
    assert half.first("HCR")[1] == "A4"
    assert [segment[6] for segment in half.all("PWK")] == controls[1:]

    await caller.send(answer_275("SIMDOCS01", (controls[1], "SGVsbG8="), receiver=receiver))
    decided = await ask_later(caller, "SIMDOCS01", 1, receiver)
    assert actions(decided) == ["A1"] * 4
    assert decided.all("PWK") == []


async def test_one_275_may_bring_every_document_at_once(caller: Caller) -> None:
    asked = await caller.send(request_278("SIMDOCS02"))
    controls = [segment[6] for segment in asked.all("PWK")]
    both = answer_275("SIMDOCS02", *((control, "SGVsbG8=") for control in controls))
    assert (await caller.send(both)).first("AK9")[1] == "A"
    assert actions(await ask_later(caller, "SIMDOCS02", 1)) == ["A1", "A1"]


async def test_a_document_announced_with_the_request_may_come_unasked(caller: Caller) -> None:
    segments = request_278("SIMAPPROVE01")
    segments.insert(segments.index(find(segments, "HI")) + 1, ["PWK", "09", "EL", "", "", "AC", "OURS1"])
    await caller.send(segments)
    unasked = answer_275("SIMAPPROVE01", ("OURS1", "SGVsbG8="))
    find(unasked, "BGN")[1] = "02"
    find(unasked, "TRN")[1] = "1"
    assert (await caller.send(unasked)).first("AK9")[1] == "A"


async def test_partial_mixed_and_modified_reviews_say_it_by_line(caller: Caller) -> None:
    partial = await caller.send(request_278("SIMPARTIAL01", lines=THREE))
    assert actions(partial) == ["A2", "A1", "A3", "A6"]
    assert [segment[4] for segment in partial.all("SV1")] == ["200", "1", "26"]
    mixed = await caller.send(request_278("SIMMIXED01", lines=THREE))
    assert actions(mixed) == ["A1", "A1", "A3", "A1"]
    modified = await caller.send(request_278("SIMMODIFY01"))
    assert actions(modified) == ["A6", "A6"]
    assert modified.first("SV1")[4] == "100"


async def test_the_rarer_actions_come_as_published(caller: Caller) -> None:
    call = await caller.send(request_278("SIMCALL01"))
    assert call.first("HCR")[1] == "CT"
    assert call.first("PER")[3:] == ["TE", "8005550101"]
    none = await caller.send(request_278("SIMNOTREQUIRED01"))
    assert none.first("HCR")[1:] == ["NA", "", "0H"]
    assert (await caller.send(request_278("SIMCANCELLED01"))).first("HCR")[1] == "C"
    assert (await caller.send(request_278("SIMDUPLICATE01"))).first("HCR")[1:] == ["A3", "", "0Q"]
    assert (await caller.send(request_278("SIMUNMAPPED01"))).first("HCR")[1] == "Z9"
    assert (await caller.send(request_278("SIMREASON01"))).first("HCR")[3] == "ZZ9"


@pytest.mark.parametrize(
    ("member", "aaa", "last"),
    [
        ("SIMNOTFOUND01", ["N", "", "75", "C"], "22"),
        ("W123456789", ["N", "", "75", "C"], "22"),
        ("SIMNOSUCHWORD01", ["N", "", "75", "C"], "22"),
        ("SIMINELIGIBLE01", ["N", "", "95", "N"], "22"),
        ("SIMBIRTHDATE01", ["N", "", "71", "C"], "22"),
        ("SIMPROVIDER01", ["N", "", "51", "C"], "21"),
        ("SIMDATES01", ["N", "", "57", "C"], "SS"),
        ("SIMDOWN01", ["Y", "", "42", "P"], "20"),
    ],
)
async def test_refused_before_review_means_an_aaa_in_its_loop_and_nothing_after(
    caller: Caller, member: str, aaa: list[str], last: str
) -> None:
    answer = await caller.send(request_278(member))
    assert answer.first("AAA")[1:] == aaa
    levels = answer.all("HL")
    assert (levels[-1][3], levels[-1][4]) == (last, "0")
    assert answer.first("BHT")[3] == "REFTRACE0001"
    assert await caller.filed() == []


async def test_busy_once_means_the_next_request_is_taken(caller: Caller) -> None:
    assert (await caller.send(request_278("SIMBUSY01"))).first("AAA")[3:] == ["42", "P"]
    assert actions(await caller.send(request_278("SIMBUSY01"))) == ["A1", "A1"]
    assert len(await caller.filed()) == 1


async def test_do_not_resubmit_means_it_is_on_file_and_is_found_later(caller: Caller) -> None:
    assert (await caller.send(request_278("SIMWAIT01"))).first("AAA")[3:] == ["42", "Y"]
    assert [filing["count"] for filing in await caller.filed()] == [1]
    assert actions(await ask_later(caller, "SIMWAIT01", 1)) == ["A4", "A4"]
    assert actions(await ask_later(caller, "SIMWAIT01", 60)) == ["A1", "A1"]


async def test_approvals_can_change_when_asked_about_later(caller: Caller) -> None:
    without = await caller.send(request_278("SIMNONUMBER01"))
    assert without.first("HCR") == ["HCR", "A1"]
    assert (await ask_later(caller, "SIMNONUMBER01", 61)).first("HCR")[2].endswith("A0000001")
    for member, then in (("SIMRESCIND01", "A3"), ("SIMCORRECT01", "A6"), ("SIMCONTRADICT01", "A4")):
        await caller.sim("reset")
        assert actions(await caller.send(request_278(member))) == ["A1", "A1"]
        assert actions(await ask_later(caller, member, 61)) == [then, then]


@pytest.mark.parametrize("by", ["trace", "authorization number", "review number"])
async def test_a_cancel_finds_its_filing_and_closes_it(caller: Caller, by: str) -> None:
    approved = await caller.send(request_278("SIMAPPROVE01"))
    numbers = {"authorization number": ["REF", "BB", approved.first("HCR")[2]], "review number": approved.first("REF")}
    trace = "TRACE0001" if by == "trace" else "TRACE0002"
    references = [numbers[by]] if by in numbers else []
    cancel = request_278("SIMAPPROVE01", certification="3", trace=trace, references=references, lines=())
    find(cancel, "HL", 4)[4] = "0"
    answer = await caller.send(cancel)
    assert actions(answer) == ["C", "C"]
    assert [(filing["count"], filing["outcome"]) for filing in await caller.filed()] == [(1, "C")]
    assert actions(await ask_later(caller, "SIMAPPROVE01", 1)) == ["C", "C"]


async def test_a_cancel_can_be_refused_and_the_approval_stands(caller: Caller) -> None:
    await caller.send(request_278("SIMKEEP01"))
    answer = await caller.send(request_278("SIMKEEP01", certification="3"))
    assert answer.first("AAA")[3:] == ["33", "N"]
    assert answer.first("MSG")[1]
    assert actions(await ask_later(caller, "SIMKEEP01", 1)) == ["A1", "A1"]


@pytest.mark.parametrize("certification", ["R", "4", "1", "2", "N"])
async def test_a_renewal_extension_or_appeal_that_names_its_number_is_filed(caller: Caller, certification: str) -> None:
    references = [["REF", "BB", "OLDAUTH1"]]
    answer = await caller.send(request_278(certification=certification, references=references))
    assert actions(answer) == ["A1", "A1"]
    assert (await caller.filed())[0]["certification"] == certification


async def test_an_inquiry_goes_by_member_and_services(caller: Caller) -> None:
    await caller.send(request_278("SIMAPPROVE01", lines=THREE))
    by_member = inquiry_278("SIMAPPROVE01", trace="")
    assert actions(await caller.send(by_member)) == ["A1"] * 4
    for code, found in (("J1745", "A1"), ("J0129", "")):
        asked = request_278("SIMAPPROVE01", trace="", lines=((code, "1"),))
        asked[0][3], asked[1][2] = "005010X215", "28"
        asked[:] = [segment for segment in asked if segment[0] != "TRN"]
        assert "".join(actions(await caller.send(asked))[:1]) == found


@BOTH
async def test_a_trace_looks_nothing_up_and_those_of_the_filing_found_are_given_back(
    caller: Caller, receiver: str
) -> None:
    await caller.send(request_278("SIMAPPROVE01", trace="FILED1", receiver=receiver))
    answer = await caller.send(inquiry_278("SIMAPPROVE01", trace="ASKING1", receiver=receiver))
    assert answer.faults == ""
    assert actions(answer) == ["A1", "A1"]
    given = [segment[2] for segment in answer.all("TRN") if segment[1] == "2"]
    assert given == ["ASKING1", "FILED1", "FILED1-1"]


async def test_an_inquiry_that_finds_nothing_is_given_its_own_trace_back_and_no_other(caller: Caller) -> None:
    answer = await caller.send(inquiry_278("SIMAPPROVE01", trace="ASKING1"))
    assert answer.first("AAA")[3] == "NC"
    assert [segment[2] for segment in answer.all("TRN")] == ["ASKING1"]


@pytest.mark.parametrize(
    ("dates", "found"),
    [("20260901-20261001", "A1"), ("20260101-20260310", "A1"), ("20260911-20261001", ""), ("20250310-20250910", "")],
)
async def test_an_inquiry_finds_what_shares_a_day_with_its_dates(caller: Caller, dates: str, found: str) -> None:
    await caller.send(request_278("SIMAPPROVE01"))
    asked = inquiry_278("SIMAPPROVE01")
    asked.insert(asked.index(find(asked, "HI")), ["DTP", "AAH", "RD8", dates])
    answer = await caller.send(asked)
    assert answer.faults == ""
    assert "".join(actions(answer)[:1]) == found


async def test_an_inquiry_of_another_requester_finds_nothing(caller: Caller) -> None:
    await caller.send(request_278("SIMAPPROVE01"))
    asked = inquiry_278("SIMAPPROVE01")
    find(asked, "NM1", 2)[9] = "1245319599"
    assert actions(await caller.send(asked)) == []


async def test_an_inquiry_with_a_number_of_the_payers_finds_that_filing_and_no_other(caller: Caller) -> None:
    first = await caller.send(request_278("SIMAPPROVE01", trace="FIRST"))
    await caller.send(request_278("SIMAPPROVE01", trace="SECOND"))
    await caller.send(request_278("SIMAPPROVE02", trace="OTHERS"))
    number = first.first("HCR")[2]

    async def given(member: str, number: str) -> set[str]:
        asked = inquiry_278(member, trace="ASKING")
        asked.insert(asked.index(find(asked, "HI")), ["REF", "BB", number])
        return {segment[2] for segment in (await caller.send(asked)).all("TRN") if segment[1] == "2"}

    assert await given("SIMAPPROVE01", number) == {"ASKING", "FIRST", "FIRST-1"}
    assert await given("SIMAPPROVE01", "UNKNOWN") == await given("SIMAPPROVE02", number) == {"ASKING"}


async def test_an_inquiry_for_nobody_is_told_so(caller: Caller) -> None:
    answer = await caller.send(inquiry_278("SIMNOTFOUND01"))
    assert answer.first("AAA")[3:] == ["75", "C"]


async def test_one_payers_filings_are_not_the_others(caller: Caller) -> None:
    await caller.send(request_278("SIMAPPROVE01"))
    answer = await caller.send(inquiry_278("SIMAPPROVE01", receiver="BLUESTEM"))
    assert answer.first("AAA")[3] == "NC"


def test_the_readme_lists_every_member_id() -> None:
    text = (Path(__file__).parents[2] / "conformance/simulators/README.md").read_text()
    assert [word for word in WORDS if f"`SIM{word}`" not in text] == []
