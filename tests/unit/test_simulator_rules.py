"""The simulated payers' business rules: what is refused with an AAA before anybody reviews it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.simulator_messages import Caller, Segments, calling, find, request_278


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


THREE = (("J9271", "200"), ("96413", "1"), ("J1745", "51"))
BOTH = pytest.mark.parametrize("receiver", ["EVERGREEN", "BLUESTEM"])


def spoilt(receiver: str, rule: str) -> Segments:
    """A request that breaks one business rule."""
    segments = request_278("SIMAPPROVE01", receiver=receiver)
    match rule:
        case "UMO of another payer":
            find(segments, "NM1")[9] = "SOMEBODYELSE"
        case "UMO under another qualifier":
            find(segments, "NM1")[8] = "46"
        case "requester without an NPI":
            find(segments, "NM1", 2)[8:10] = ["24", "123456789"]
        case "no birth date":
            segments.remove(find(segments, "DMG"))
        case "born after the request":
            find(segments, "DMG")[2] = "20260401"
        case "no first name":
            find(segments, "NM1", 3)[4] = ""
        case "no diagnosis":
            segments.remove(find(segments, "HI"))
        case "a diagnosis with its point":
            find(segments, "HI")[1] = "ABK:C34.11"
        case "a code of no list":
            find(segments, "SV1")[1] = "HC:INFLIX"
        case "a short NDC":
            find(segments, "SV1")[1] = "N4:0002143380"
        case "an admission without its day":
            find(segments, "UM")[1] = "AR"
        case "a quantity below nothing":
            find(segments, "SV1")[4] = "-200"
        case "a quantity of nothing":
            find(segments, "SV1")[4] = "0.0"
        case "a delivery below nothing":
            segments.insert(segments.index(find(segments, "SV1")) + 1, ["HSD", "VS", "-6"])
        case "an event's delivery below nothing":
            segments.insert(segments.index(find(segments, "HI")) + 1, ["HSD", "VS", "-6"])
        case "a pointer at no diagnosis":
            find(segments, "SV1")[7] = "1:3"
        case "a pointer at nothing":
            find(segments, "SV1")[7] = "0"
        case "a service that ends first":
            find(segments, "DTP")[3] = "20260910-20260310"
        case "a service without a date":
            segments.remove(find(segments, "DTP"))
        case "a service level without a service":
            segments.remove(find(segments, "SV1"))
        case "no service":
            del segments[segments.index(find(segments, "HL", 5)) :]
            find(segments, "HL", 4)[4] = "0"
        case "four services":
            segments = request_278("SIMAPPROVE01", receiver=receiver, lines=(*THREE, ("J0129", "1")))
        case "no rendering provider":
            segments.remove(find(segments, "NM1", 4))
        case "a renewal of nothing":
            find(segments, "UM")[2] = "R"
        case "a revision of nothing on file":
            find(segments, "UM")[2] = "S"
        case "a cancel of nothing on file":
            find(segments, "UM")[2] = "3"
    return segments


RULES = {
    "UMO of another payer": ("79", "N"),
    "UMO under another qualifier": ("79", "N"),
    "requester without an NPI": ("43", "C"),
    "no birth date": ("58", "C"),
    "born after the request": ("58", "C"),
    "no first name": ("65", "C"),
    "no diagnosis": ("AF", "C"),
    "a diagnosis with its point": ("AF", "C"),
    "a code of no list": ("AG", "C"),
    "a short NDC": ("AG", "C"),
    "an admission without its day": ("AM", "C"),
    "a quantity below nothing": ("33", "C"),
    "a quantity of nothing": ("33", "C"),
    "a delivery below nothing": ("33", "C"),
    "an event's delivery below nothing": ("33", "C"),
    "a pointer at no diagnosis": ("33", "C"),
    "a pointer at nothing": ("33", "C"),
    "a service that ends first": ("57", "C"),
    "a service without a date": ("57", "C"),
    "a service level without a service": ("15", "C"),
    "no service": ("15", "C"),
    "a renewal of nothing": ("T5", "C"),
    "a revision of nothing on file": ("AA", "N"),
    "a cancel of nothing on file": ("AA", "N"),
}
OF_BLUESTEM = {"four services": ("33", "C"), "no rendering provider": ("15", "C")}


@BOTH
@pytest.mark.parametrize("rule", [*RULES, *OF_BLUESTEM])
async def test_each_business_rule_has_its_aaa(caller: Caller, rule: str, receiver: str) -> None:
    answer = await caller.send(spoilt(receiver, rule))
    if rule in OF_BLUESTEM and receiver == "EVERGREEN":
        assert answer.first("HCR")[1] == "A1"
        return
    code, follow_up = (RULES | OF_BLUESTEM)[rule]
    assert answer.first("AAA")[3:] == [code, follow_up]
    assert await caller.filed() == []


@BOTH
async def test_an_admission_with_its_day_is_reviewed(caller: Caller, receiver: str) -> None:
    segments = spoilt(receiver, "an admission without its day")
    segments.insert(segments.index(find(segments, "UM")) + 1, ["DTP", "435", "D8", "20260310"])
    assert (await caller.send(segments)).first("HCR")[1] == "A1"


async def test_a_cancel_of_an_admission_needs_no_day(caller: Caller) -> None:
    segments = spoilt("EVERGREEN", "an admission without its day")
    find(segments, "UM")[2] = "3"
    assert (await caller.send(segments)).first("AAA")[3] == "AA"


async def test_a_faulty_service_is_named_and_the_event_says_not_considered(caller: Caller) -> None:
    segments = request_278(lines=THREE)
    find(segments, "SV1", 2)[1] = "HC:INFLIX"
    answer = await caller.send(segments)
    assert answer.first("HCR")[1:] == ["A3", "", "25"]
    assert answer.first("MSG")[1]
    names = [segment[0] for segment in answer.segments]
    services = [place for place, segment in enumerate(answer.segments) if segment[3:4] == ["SS"]]
    assert services[1] < names.index("AAA") < services[2]
